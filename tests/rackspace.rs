//! The built program on Rackspace: an account that logs in with an API key, and a Glance that calls everything private.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use demo_cloud::{ACCOUNT, Action, Fault, Options, RECEIVER, Route, user_named};
use domain::{Member, MemberStatus, ProjectId, Share};
use serde_json::Value;
use support::cloud::{Cloud, Ran};

const CLOUD: &str = "demo-rackspace";

fn small() -> Cloud {
    Cloud::start(Options { account_images: 24, odd: true, ..Options::plain(0, 0) })
}

/// Every share of the account's images, by the cloud's own records.
fn truth(cloud: &Cloud) -> BTreeSet<Share> {
    let owner = ProjectId(ACCOUNT.into());
    let world = cloud.demo.world();
    let own = world.images().filter(|stored| stored.image.is_owned_by(&owner));
    let shares = own.flat_map(|stored| {
        let of = |member| Share { image: stored.image.id.clone(), member };
        stored.listed().iter().map(|row| of(row.member.clone())).collect::<Vec<_>>()
    });
    shares.collect()
}

fn images(audit: &Value) -> &Vec<Value> {
    audit["scopes"][0]["images"].as_array().unwrap()
}

fn found(audit: &Value) -> BTreeSet<Share> {
    let pairs = images(audit).iter().flat_map(|image| {
        let id = image["id"].as_str().unwrap();
        let members = image["members"].as_array().unwrap().iter();
        members.map(move |member| Share {
            image: id.into(),
            member: Member::project(member["id"].as_str().unwrap()),
        })
    });
    pairs.collect()
}

fn csv(shares: &[Share]) -> String {
    let mut text = String::from("image_id,member_id\n");
    for share in shares {
        writeln!(text, "{},{}", share.image.raw(), share.member.id.raw()).unwrap();
    }
    text
}

fn outcomes(ran: &Ran) -> Vec<String> {
    let receipt = ran.json();
    let shares = receipt["shares"].as_array().unwrap();
    shares.iter().map(|share| share["outcome"].as_str().unwrap().to_owned()).collect()
}

/// One line, and exit status 1.
#[track_caller]
fn failed(ran: Ran) -> String {
    let ran = ran.ended(1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    ran.err
}

#[test]
fn an_audit_is_the_truth_although_every_shared_image_reads_private() {
    let cloud = small();
    let audit = cloud.run(CLOUD, &["audit", "--format", "json"]).ended(0).json();

    let scope = &audit["scopes"][0];
    assert_eq!(audit["complete"], true);
    assert_eq!((&scope["project_id"], &scope["region"]), (&ACCOUNT.into(), &"IAD".into()));
    assert_eq!(found(&audit), truth(&cloud));
    assert!(truth(&cloud).len() > 20);
    for image in images(&audit) {
        let public = image["visibility"] == "public";
        assert!(public || image["visibility"] == "private", "{image}");
        assert_eq!(image["members_read"], !public, "{image}");
        assert_eq!(image["error"], Value::Null);
    }
    assert_eq!(images(&audit).iter().filter(|image| image["visibility"] == "public").count(), 1);
    assert_eq!(cloud.demo.logins(), 1);

    let args = ["--region", "ORD", "audit", "--received", "--format", "json"];
    let more = cloud.run(CLOUD, &args).ended(0).json();
    assert_eq!(images(&more).len(), images(&audit).len() + 3);
}

#[test]
fn a_revoke_takes_away_exactly_what_was_marked_one_request_each() {
    let cloud = small();
    let before = truth(&cloud);
    let marks: Vec<Share> = before.iter().step_by(3).take(9).cloned().collect();
    cloud.file("marks.csv", &csv(&marks));

    let args = ["revoke", "--from", "marks.csv", "--yes", "--format", "json"];
    let ran = cloud.run(CLOUD, &args).ended(0);

    assert_eq!(outcomes(&ran), ["revoked"; 9]);
    let left: BTreeSet<Share> = before.into_iter().filter(|share| !marks.contains(share)).collect();
    assert_eq!(truth(&cloud), left);
    assert_eq!(cloud.deletes(), 9);
}

#[test]
fn a_share_is_made_accepted_and_undone() {
    let cloud = small();
    let rob = cloud.demo.account_entry("rob", user_named("rob").unwrap());
    cloud.file("clouds.yaml", &format!("{}{rob}", cloud.demo.clouds_yaml()));
    let before = truth(&cloud);
    let member = Member::project(RECEIVER);
    let free = |share: &&Share| {
        !before.contains(&Share { image: share.image.clone(), member: member.clone() })
    };
    let image = before.iter().find(free).unwrap().image.clone();
    let status = || {
        let world = cloud.demo.world();
        let row = world.members(&image).iter().find(|row| row.member == member);
        row.map(|row| row.status.clone())
    };

    let args =
        ["share", "--yes", "--format", "json", "--image", image.raw(), "--project", RECEIVER];
    let ran = cloud.run(CLOUD, &args).ended(0);
    assert_eq!(outcomes(&ran), ["shared"]);
    assert_eq!(status(), Some(MemberStatus::Pending));

    let accept = ["accept", "--yes", "--format", "json", "--image", image.raw()];
    assert_eq!(outcomes(&cloud.run("rob", &accept).ended(0)), ["accepted"]);
    assert_eq!(status(), Some(MemberStatus::Accepted));

    let id = ran.json()["operation"].as_str().unwrap().to_owned();
    let undo = cloud.run(CLOUD, &["undo", &id, "--yes", "--format", "json"]).ended(0);
    assert_eq!(outcomes(&undo), ["revoked"]);
    assert_eq!(truth(&cloud), before);
}

#[test]
fn a_member_that_is_no_account_number_is_refused_before_anything_is_sent() {
    let cloud = small();
    let image = truth(&cloud).first().unwrap().image.clone();
    for (member, why) in [("team-web-prod", "digits only"), (ACCOUNT, "own project")] {
        let args = ["share", "--yes", "--image", image.raw(), "--project", member];
        let ran = cloud.run(CLOUD, &args).ended(1);
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    let changed = |method: &str, path: &str| method != "GET" && !path.starts_with("/v2.0/tokens");
    let requests = cloud.demo.requests();
    assert!(!requests.iter().any(|request| changed(&request.method, &request.path)));
}

#[test]
fn a_rate_limit_is_waited_out_and_every_share_is_revoked_once() {
    let cloud = small();
    let before = truth(&cloud);
    let marks: Vec<Share> = before.iter().take(4).cloned().collect();
    cloud.file("marks.csv", &csv(&marks));
    let over = || Action::over_limit(("retryAfter", "1"));
    cloud.demo.faults().add(Fault::next(2, Route::members(), over()));
    cloud.demo.faults().add(Fault::next(3, Route::delete("/rackspace/v2/"), over()));

    let args = ["revoke", "--from", "marks.csv", "--yes", "--format", "json"];
    let ran = cloud.run(CLOUD, &args).ended(0);

    assert_eq!(outcomes(&ran), ["revoked"; 4]);
    let requests = cloud.demo.requests();
    let done = requests.iter().filter(|r| r.method == "DELETE" && r.status == Some(204));
    assert_eq!((done.count(), cloud.deletes()), (4, 7));
    assert_eq!(truth(&cloud), before.into_iter().filter(|s| !marks.contains(s)).collect());
}

#[test]
fn a_token_that_ends_in_the_middle_is_renewed_once() {
    let cloud = small();
    let nobody = serde_json::json!({"message": "no", "code": "401 Unauthorized"});
    let fault = Fault::nth(5, Route::members(), Action::json(401, &nobody));
    cloud.demo.faults().add(fault);

    let audit = cloud.run(CLOUD, &["audit", "--format", "json"]).ended(0).json();

    assert_eq!(found(&audit), truth(&cloud));
    assert_eq!(cloud.demo.logins(), 2);
}

#[test]
fn a_wrong_key_is_one_login_one_sentence_and_status_1() {
    let cloud = small();
    let key = user_named("ramona").unwrap().api_key;
    cloud.file("clouds.yaml", &cloud.demo.clouds_yaml().replace(key, "a-wrong-key"));

    let err = failed(cloud.run(CLOUD, &["audit", "--received"]));

    assert!(err.starts_with("error: cannot log in to cloud demo-rackspace: the login was refused"));
    assert!(err.contains("wrong username or API key"), "{err}");
    assert!(err.contains("check `username`, `api_key`"), "{err}");
    assert!(!err.contains("a-wrong-key"), "{err}");
    assert_eq!(cloud.demo.requests().len(), 1);
}

#[test]
fn a_disabled_user_and_one_with_a_second_factor_are_told_so() {
    let cloud = small();
    let entry = |user: &str| {
        let entry = cloud.demo.account_entry(user, user_named(user).unwrap());
        let key = format!("api_key: {}", user_named(user).unwrap().api_key);
        entry.replace("rackspace_apikey", "rackspace_password").replace(&key, "password: demo")
    };
    cloud.file(
        "clouds.yaml",
        &format!("clouds:\n{}{}{}", entry("dora"), entry("mia"), entry("rob")),
    );

    let err = failed(cloud.run("dora", &["audit"]));
    assert!(err.contains("User 'dora' is disabled"), "{err}");
    let err = failed(cloud.run("mia", &["audit"]));
    assert!(err.contains("second factor") && err.contains("rackspace_apikey"), "{err}");
    cloud.run("rob", &["audit"]).ended(0);
}

#[test]
fn a_region_that_is_not_in_the_catalog_is_an_error_that_names_those_that_are() {
    let cloud = small();
    let ran = cloud.run(CLOUD, &["--region", "SYD", "audit"]).ended(2);
    assert!(ran.err.contains("choose one of IAD, ORD"), "{}", ran.err);

    // The profile of openstacksdk knows six regions; an account may have fewer.
    let yaml =
        cloud.demo.clouds_yaml().replace("    regions: [IAD, ORD]\n", "    profile: rackspace\n");
    cloud.file("clouds.yaml", &yaml);
    let err = failed(cloud.run(CLOUD, &["--region", "SYD", "audit"]));
    assert!(err.contains("not in region `SYD`; it is in IAD, ORD"), "{err}");
    assert!(err.contains("use `--region`"), "{err}");
    cloud.run(CLOUD, &["--region", "ORD", "audit"]).ended(0);
}

#[test]
fn the_account_number_may_be_said_and_must_then_be_right() {
    let cloud = small();
    let yaml = |number: &str| {
        let more = format!("      project_id: {number}\n      api_key:");
        cloud.demo.clouds_yaml().replace("      api_key:", &more)
    };
    cloud.file("clouds.yaml", &yaml(ACCOUNT));
    cloud.run(CLOUD, &["audit"]).ended(0);
    cloud.file("clouds.yaml", &yaml(RECEIVER));
    let err = failed(cloud.run(CLOUD, &["audit"]));
    assert!(
        err.contains("the account belongs to another user") && err.contains("`project_id`"),
        "{err}"
    );
}

#[test]
fn the_key_and_the_token_are_in_no_output_and_in_no_log() {
    let cloud = small();
    let args = ["--cloud", CLOUD, "--log-file", "log", "audit", "--format", "json"];
    let mut command = cloud.command(&args);
    let ran = support::cloud::ran(command.env("SHARELOCK_LOG", "trace").spawn().unwrap()).ended(0);
    let listed = cloud.run(CLOUD, &["clouds"]).ended(0);
    let log = std::fs::read_to_string(cloud.home.path().join("log")).unwrap();

    let shown = format!("{}{}{}{}{log}", ran.out, ran.err, listed.out, listed.err);
    assert!(shown.contains("rackspace_apikey · 127.0.0.1") && shown.contains("/v2.0/tokens"));
    for secret in [user_named("ramona").unwrap().api_key, "gAAAAAB"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
