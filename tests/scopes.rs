//! `sharelock audit` in many places at once, the built program: every cloud, every region, each with its own end.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use demo_cloud::{Options, PASSWORD};
use domain::{Member, MemberStatus, Visibility};
use serde_json::Value;

mod support;

use support::cloud::{Cloud, Ran, ran};

fn small() -> Cloud {
    Cloud::start(Options { account_images: 4, ..Options::plain(6, 4) })
}

fn run(cloud: &Cloud, args: &[&str]) -> Ran {
    ran(cloud.command(args).spawn().unwrap())
}

/// An entry of clouds.yaml.
fn entry(
    name: &str,
    url: &str,
    (user, password, project): (&str, &str, &str),
    more: &str,
) -> String {
    format!(
        "  {name}: {{auth: {{auth_url: \"{url}/v3\", username: {user}, password: {password}, user_domain_name: Default, \
         project_name: {project}, project_domain_name: Default}}{more}}}\n"
    )
}

const ALICE: (&str, &str, &str) = ("alice", PASSWORD, "image-factory");
const CAROL: (&str, &str, &str) = ("carol", PASSWORD, "image-factory");
const WRONG: (&str, &str, &str) = ("alice", "wrong", "image-factory");
const GLANCE: &str = ", region_name: RegionOne, image_sharing_api: glance";

fn clouds(cloud: &Cloud, entries: &[String]) {
    cloud.file("clouds.yaml", &format!("clouds:\n{}", entries.concat()));
}

/// Cloud and region of each scope.
fn places(audit: &Value) -> Vec<String> {
    let place = |scope: &Value| {
        let text = |key: &str| scope[key].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("cloud"), text("region"))
    };
    audit["scopes"].as_array().unwrap().iter().map(place).collect()
}

fn scope<'a>(audit: &'a Value, cloud: &str) -> &'a Value {
    audit["scopes"].as_array().unwrap().iter().find(|scope| scope["cloud"] == cloud).unwrap()
}

fn images(scope: &Value) -> usize {
    scope["images"].as_array().unwrap().len()
}

fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

// ── where ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_cloud_is_a_scope_in_the_order_of_the_file_whatever_its_kind() {
    let cloud = small();
    let audit = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(0).json();

    assert_eq!(
        places(&audit),
        [
            "demo-ims eu-de",
            "demo-ims-web eu-de",
            "demo-glance RegionOne",
            "demo-glance-web RegionOne",
            "demo-ims-aksk eu-de",
            "demo-rackspace IAD"
        ]
    );
    assert_eq!(audit["complete"], true);
    for name in ["demo-ims", "demo-glance"] {
        let members = |image: &Value| image["members"].as_array().unwrap().len();
        let images = scope(&audit, name)["images"].as_array().unwrap();
        assert_eq!(images.iter().map(members).sum::<usize>(), cloud.truth().len(), "{name}");
    }
}

#[test]
fn every_region_of_the_entry_is_a_scope_and_with_every_cloud_everything_is() {
    let cloud = small();
    let both = entry("both", cloud.demo.url(), ALICE, ", regions: [RegionOne, eu-de]");
    clouds(&cloud, &[both, entry("one", cloud.demo.url(), CAROL, GLANCE)]);
    let audit = |args: &[&str]| {
        let args = [&["audit", "--format", "json"], args].concat();
        places(&run(&cloud, &args).ended(0).json())
    };

    assert_eq!(audit(&["--all-clouds"]), ["both RegionOne", "one RegionOne"]);
    assert_eq!(audit(&["--all-regions", "--cloud", "both"]), ["both RegionOne", "both eu-de"]);
    let everything = audit(&["--all-regions", "--all-clouds"]);
    assert_eq!(everything, ["both RegionOne", "both eu-de", "one RegionOne"]);
}

#[test]
fn the_regions_of_an_entry_that_names_none_are_those_of_its_catalog() {
    let cloud = small();
    clouds(&cloud, &[entry("any", cloud.demo.url(), ALICE, "")]);

    let audit = run(&cloud, &["audit", "--all-regions", "--format", "json"]).ended(0).json();

    assert_eq!(places(&audit), ["any eu-de", "any RegionOne"]);
    assert!(audit["scopes"].as_array().unwrap().iter().all(|scope| images(scope) == 6));
}

#[test]
fn regions_that_an_entry_leaves_out_are_told() {
    let cloud = small();
    clouds(&cloud, &[entry("half", cloud.demo.url(), ALICE, GLANCE)]);

    let ran = run(&cloud, &["audit", "--all-regions", "--format", "json"]).ended(0);

    assert_eq!(places(&ran.json()), ["half RegionOne"]);
    assert!(ran.err.contains("1 more regions (eu-de)"), "{}", ran.err);
}

#[test]
fn one_cloud_or_region_and_all_of_them_exclude_each_other() {
    let cloud = small();
    for args in [
        &["audit", "--all-clouds", "--cloud", "demo-ims"][..],
        &["--cloud", "demo-ims", "audit", "--all-clouds"],
        &["audit", "--all-clouds", "--region", "eu-de"],
        &["--cloud", "demo-ims", "--region", "eu-de", "audit", "--all-regions"],
    ] {
        let ran = run(&cloud, args).ended(2);
        assert!(ran.err.contains("exclude each other"), "{}", ran.err);
    }
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn the_embedded_clouds_can_all_be_audited() {
    let cloud = small();
    let args = ["audit", "--demo", "--images", "5", "--all-clouds", "--format", "json"];
    assert_eq!(places(&run(&cloud, &args).ended(0).json()).len(), 6);
}

// ── the same place twice ─────────────────────────────────────────────────────────────────────────

#[test]
fn a_place_with_two_names_is_read_once_under_the_first_and_told() {
    let cloud = small();
    let twins = ["b", "a", "c"].map(|name| entry(name, cloud.demo.url(), ALICE, GLANCE));
    clouds(&cloud, &twins);

    let ran = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(0);

    assert_eq!(places(&ran.json()), ["b RegionOne"]);
    assert_eq!(ran.err.matches("under another name").count(), 2, "{}", ran.err);
    let requests = cloud.demo.requests();
    let members = requests.iter().filter(|request| request.path.contains("/members")).count();
    assert_eq!(members, 6);
}

#[test]
fn a_place_seen_by_two_users_is_read_by_both() {
    let cloud = small();
    let entries = [("a", ALICE), ("c", CAROL)]
        .map(|(name, user)| entry(name, cloud.demo.url(), user, GLANCE));
    clouds(&cloud, &entries);

    let audit = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(0).json();
    assert_eq!(places(&audit), ["a RegionOne", "c RegionOne"]);
}

// ── clouds that do not work ──────────────────────────────────────────────────────────────────────

#[test]
fn a_cloud_one_cannot_log_in_to_is_a_scope_with_an_error_and_hides_no_other() {
    let cloud = small();
    let bad = entry("bad", cloud.demo.url(), WRONG, GLANCE);
    let half = "  half: {auth: {username: alice}}\n".to_owned();
    clouds(&cloud, &[bad, half, entry("good", cloud.demo.url(), ALICE, GLANCE)]);

    let ran = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(3);
    let audit = ran.json();
    assert_eq!(places(&audit), ["bad RegionOne", "half -", "good RegionOne"]);
    assert_eq!(audit["complete"], false);
    for name in ["bad", "half"] {
        assert!(scope(&audit, name)["error"].is_string(), "{audit}");
        assert_eq!(images(scope(&audit, name)), 0);
        assert!(ran.err.contains(&format!("not checked: {name}")), "{}", ran.err);
    }
    assert_eq!((images(scope(&audit, "good")), &scope(&audit, "good")["error"]), (6, &Value::Null));

    for format in ["table", "csv", "jsonl", "markdown"] {
        let out = run(&cloud, &["audit", "--all-clouds", "--format", format]).ended(3).out;
        let row = |name: &str| out.lines().find(|line| line.contains(name)).unwrap().to_owned();
        assert!(row("bad").contains("cannot log in"), "{format}: {out}");
        assert!(out.contains("RegionOne"), "{format}: {out}");
    }
}

#[test]
fn when_no_cloud_can_be_logged_in_to_it_ends_with_1_and_the_document_says_why() {
    let cloud = small();
    let bad = |name| entry(name, cloud.demo.url(), WRONG, GLANCE);
    clouds(&cloud, &[bad("one"), bad("two")]);

    let ran = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(1);
    assert_eq!(places(&ran.json()), ["one RegionOne", "two RegionOne"]);
    assert!(
        ran.err.lines().last().unwrap().starts_with("error: cannot audit: all 2 logins failed")
    );
    assert_eq!(run(&cloud, &["audit", "--all-clouds"]).ended(1).out, "");
}

#[test]
fn a_wrong_password_is_not_tried_in_region_after_region() {
    let cloud = small();
    clouds(&cloud, &[entry("bad", cloud.demo.url(), WRONG, ", regions: [a, b, c, d, e, f, g]")]);

    let audit = run(&cloud, &["audit", "--all-regions", "--format", "json"]).ended(1).json();

    assert_eq!(cloud.demo.logins(), 3);
    assert_eq!(places(&audit).len(), 7);
    assert!(audit["scopes"][6]["error"].as_str().unwrap().contains("lock the user out"), "{audit}");
}

#[test]
fn a_cloud_that_never_answers_costs_its_own_deadline_and_no_row_of_another() {
    let (cloud, (_listener, url)) = (small(), silent());
    let dead = entry("dead", &url, ALICE, ", region_name: RegionOne, api_timeout: 1");
    clouds(&cloud, &[dead, entry("good", cloud.demo.url(), ALICE, GLANCE)]);

    let begun = Instant::now();
    let ran = run(&cloud, &["audit", "--all-clouds", "--format", "json"]).ended(3);

    assert_eq!(images(scope(&ran.json(), "good")), 6);
    assert!(scope(&ran.json(), "dead")["error"].as_str().unwrap().contains("dead"));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn more_dead_clouds_than_are_read_at_once_do_not_keep_the_last_one_waiting() {
    let (cloud, (_listener, url)) = (small(), silent());
    let dead = |n: usize| entry(&format!("dead-{n}"), &url, ALICE, ", api_timeout: 600");
    let mute = format!("{GLANCE}, image_endpoint_override: \"{url}\", api_timeout: 600");
    let mut entries: Vec<String> = (0..20).map(dead).collect();
    entries.push(entry("mute", cloud.demo.url(), ALICE, &mute));
    entries.push(entry("good", cloud.demo.url(), ALICE, GLANCE));
    clouds(&cloud, &entries);

    let mut child = cloud.command(&["audit", "--all-clouds"]).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);

    // Long before the deadline of the others.
    assert!(said.next().unwrap().starts_with("good · RegionOne"));
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
}

// ── filters ──────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_image_that_is_in_one_scope_is_found_and_one_that_is_in_none_is_an_error() {
    let cloud = small();
    let share = cloud.truth().into_iter().next().unwrap();
    let name = cloud.demo.world().image(&share.image).unwrap().image.name.clone().unwrap();
    let owner = entry("own", cloud.demo.url(), ALICE, GLANCE);
    let other = entry("web", cloud.demo.url(), ("bob", PASSWORD, "team-web"), GLANCE);
    clouds(&cloud, &[other, owner]);
    let audit =
        |image: &str| run(&cloud, &["audit", "--all-clouds", "--format", "json", "--image", image]);

    let found = audit(name.raw()).ended(0).json();
    assert_eq!((images(scope(&found, "own")), images(scope(&found, "web"))), (1, 0));
    let members = scope(&found, "own")["images"][0]["members"].as_array().unwrap();
    assert!(members.iter().any(|member| member["id"] == share.member.id.raw()), "{members:?}");
    let none = audit("nosuch").ended(1);
    assert!(none.err.contains("cannot find the image `nosuch`: no image"), "{}", none.err);
}

// ── what is no member ────────────────────────────────────────────────────────────────────────────

#[test]
fn an_administrator_receives_what_is_shared_with_the_own_project_and_nothing_else() {
    let cloud = small();
    let admin = ("admin", PASSWORD, "admin");
    clouds(&cloud, &[entry("admin", cloud.demo.url(), admin, GLANCE)]);
    let audit = || run(&cloud, &["audit", "--received", "--format", "json"]).ended(0);

    let nothing = audit();
    assert_eq!(images(&nothing.json()["scopes"][0]), 0);
    assert!(nothing.err.contains("images that an administrator sees belong to other projects"));

    let image = cloud.truth().into_iter().next().unwrap().image;
    let project = cloud.demo.world().project("admin").unwrap();
    cloud.demo.world().share(&image, Member::project(project.0.clone()), MemberStatus::Pending);
    let received = audit().json();
    let listed = received["scopes"][0]["images"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &image.raw().into()));
}

#[test]
fn dormant_members_are_told_of_and_never_called_none() {
    let cloud = small();
    let image = cloud.truth().into_iter().next().unwrap().image;
    let to = |visibility| {
        cloud.demo.world().edit_image(&image, |stored| stored.image.visibility = visibility);
    };
    for visibility in [Visibility::Private, Visibility::Community, Visibility::Public] {
        let open = visibility != Visibility::Private;
        to(visibility);
        let audit = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(0).json();
        let images = audit["scopes"][0]["images"].as_array().unwrap();
        let found = images.iter().find(|found| found["id"] == image.raw()).unwrap();
        assert_eq!((&found["members_read"], &found["error"]), (&false.into(), &Value::Null));

        let table = cloud.run("demo-glance", &["audit"]).ended(0).out;
        assert!(table.contains("1 image: not `shared`, so no members are listed"), "{table}");
        assert_eq!(table.contains("1 image: public or community"), open, "{table}");
    }
}
