//! Projects named on the command line where something is changed, the built program: a wrong revoke cuts somebody off.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use demo_cloud::{Action, Fault, Options, PASSWORD, Route};
use domain::{ProjectId, Share};
use serde_json::{Value, json};

mod support;

use support::cloud::Cloud;

/// A cloud where `carol` is told of `team-web`, which images are shared with, and nobody has aliases.
fn cloud() -> Cloud {
    let cloud = Cloud::start(Options::plain(8, 4));
    let entry = |name: &str, region: &str, api: &str| {
        format!(
            "  {name}: {{auth: {{auth_url: \"{}/v3\", username: carol, password: {PASSWORD}, user_domain_name: Default, \
             project_domain_name: Default, project_name: image-factory}}, region_name: {region}, \
             image_sharing_api: {api}}}\n",
            cloud.demo.url()
        )
    };
    let both = [entry("one", "RegionOne", "glance"), entry("ims", "eu-de", "ims")];
    cloud.file("clouds.yaml", &format!("clouds:\n{}", both.concat()));
    cloud
}

fn web(cloud: &Cloud) -> ProjectId {
    cloud.demo.world().project("team-web").unwrap()
}

/// A share of `team-web`.
fn share(cloud: &Cloud) -> Share {
    let web = web(cloud);
    cloud.truth().into_iter().find(|share| share.member.id == web.0).unwrap()
}

/// What the lists of projects answer from now on.
fn tell(cloud: &Cloud, status: u16, body: &Value) {
    for path in ["/v3/projects", "/v3/auth/projects"] {
        cloud.demo.faults().add(Fault::always(Route::get(path), Action::json(status, body)));
    }
}

fn revoke<'a>(image: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["revoke", "--image", image][..], more].concat()
}

#[test]
fn a_share_is_revoked_by_the_name_that_the_cloud_tells_and_the_plan_shows_id_and_name() {
    for name in ["one", "ims"] {
        let cloud = cloud();
        let (share, before) = (share(&cloud), cloud.truth());
        let image = share.image.raw();
        let dry = |format| {
            let args = ["--project", "team-web", "--dry-run", "--format", format];
            cloud.run(name, &revoke(image, &args)).ended(0)
        };
        let member = &dry("json").json()["requests"][0]["members"][0];
        let (id, table) = (share.member.id.raw(), dry("table").out);
        assert_eq!((&member["id"], &member["name"]), (&json!(id), &json!("team-web")));
        assert!(table.contains("NAME") && table.contains(id), "{table}");
        assert!(table.contains("team-web"), "{table}");

        cloud.run(name, &revoke(image, &["--project", "team-web", "--yes"])).ended(0);
        let gone: Vec<Share> = before.difference(&cloud.truth()).cloned().collect();
        assert_eq!(gone, std::slice::from_ref(&share), "{name}");

        let args = ["history", "--member", "team-web", "--format", "json"];
        let history = cloud.run(name, &args).ended(0).json();
        let found = &history["operations"][0]["shares"][0]["member"];
        assert_eq!(found, id, "reading may go by a name that was seen: {history}");
    }
}

#[test]
fn what_is_typed_by_id_is_shown_with_its_name_too() {
    let cloud = cloud();
    let share = share(&cloud);
    let args = ["--project", share.member.id.raw(), "--dry-run", "--format", "csv"];
    let csv = cloud.run("one", &revoke(share.image.raw(), &args)).ended(0).out;
    assert!(csv.lines().nth(1).unwrap().ends_with(",team-web"), "{csv}");
}

#[test]
fn a_name_that_is_only_remembered_changes_nothing_and_its_id_does() {
    let cloud = cloud();
    let (share, before) = (share(&cloud), cloud.truth());
    cloud.run("one", &["audit"]).ended(0);
    tell(&cloud, 403, &json!({"error": {"code": 403, "message": "no"}}));
    let run = |args: &[&str], status| {
        let image = ["--image", share.image.raw(), "--yes", "--project"];
        cloud.run("one", &[&args[..1], &image, &args[1..]].concat()).ended(status)
    };
    for command in ["revoke", "share"] {
        let ran = run(&[command, "team-web"], 1);
        assert!(ran.err.contains("had this name when last seen"), "{}", ran.err);
        assert!(ran.err.contains(share.member.id.raw()), "{}", ran.err);
    }
    assert_eq!(cloud.truth(), before);
    run(&["revoke", share.member.id.raw()], 0);
    assert_eq!(cloud.truth().len(), before.len() - 1);
}

#[test]
fn a_name_that_several_projects_have_is_refused_with_their_ids() {
    let cloud = cloud();
    let (share, before) = (share(&cloud), cloud.truth());
    let (one, other) = (web(&cloud), "f".repeat(32));
    let project = |id: &str| json!({"id": id, "name": "team-web", "domain_id": id});
    tell(&cloud, 200, &json!({"projects": [project(one.0.raw()), project(&other)]}));

    for command in ["revoke", "share"] {
        let args = [command, "--image", share.image.raw(), "--project", "team-web", "--yes"];
        let ran = cloud.run("one", &args).ended(1);
        assert!(ran.err.contains(one.0.raw()) && ran.err.contains(&other), "{}", ran.err);
        assert!(ran.err.contains("give the id of one of them"), "{}", ran.err);
    }
    assert_eq!(cloud.truth(), before);
}

#[test]
fn an_alias_goes_before_the_clouds_name_and_needs_no_look_up() {
    let cloud = cloud();
    let share = share(&cloud);
    let other = "e".repeat(32);
    cloud.file("config.toml", &format!("[projects]\n{other} = \"team-web\"\n"));
    let args = ["--project", "team-web", "--yes", "--format", "json", "--config", "config.toml"];
    let receipt = cloud.run("one", &revoke(share.image.raw(), &args)).ended(0).json();
    assert_eq!(receipt["shares"], json!([]), "the alias is of a project that is no member");
    assert!(cloud.truth().contains(&share));
    assert!(!cloud.demo.requests().iter().any(|request| request.path.contains("projects")));
}

#[test]
fn an_unknown_name_is_an_error_and_revokes_nothing() {
    let cloud = cloud();
    let share = share(&cloud);
    let ran = cloud.run("one", &revoke(share.image.raw(), &["--project", "team-wep", "--yes"]));
    let ran = ran.ended(1);
    assert!(ran.err.contains("cannot find the member `team-wep`"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `team-web`?"), "{}", ran.err);
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn an_image_is_shared_with_the_project_that_the_cloud_calls_so() {
    for name in ["one", "ims"] {
        let cloud = cloud();
        let (share, before) = (share(&cloud), cloud.truth());
        let id = share.member.id.raw();
        cloud.run(name, &revoke(share.image.raw(), &["--project", id, "--yes"])).ended(0);
        let args = ["share", "--image", share.image.raw(), "--project", "team-web", "--yes"];
        let ran = cloud.run(name, &args).ended(0);
        assert!(!ran.err.contains("look twice"), "{}", ran.err);
        assert_eq!(cloud.truth(), before, "{name}");
    }
}
