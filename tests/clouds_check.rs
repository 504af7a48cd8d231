//! `sharelock clouds --check`, the built program: what works, what does not, and why.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::TcpListener;

use demo_cloud::identity::credential_id;
use demo_cloud::{Action, CREDENTIAL_SECRET, Fault, Options, PASSWORD, Route, user_named};
use serde_json::Value;

mod support;

use support::cloud::{Cloud, Ran};

const WRONG: &str = "correct-horse-battery-staple";

fn small() -> Cloud {
    Cloud::start(Options { images: 5, members: 3, ..Options::default() })
}

/// A port nobody listens on.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Entries that cannot work, after those of the embedded cloud. `silent` accepts and never answers.
fn broken(cloud: &Cloud, silent: &TcpListener) -> String {
    let demo = cloud.demo.url();
    let entry = |name: &str, url: &str, password: &str, more: &str| {
        format!(
            "  {name}: {{auth: {{auth_url: \"{url}/v3\", username: alice, password: {password}, user_domain_name: \
             Default, project_name: image-factory, project_domain_name: Default}}{more}}}\n"
        )
    };
    let silent = format!("http://{}", silent.local_addr().unwrap());
    [
        entry("dead", &format!("http://127.0.0.1:{}", closed_port()), PASSWORD, ""),
        entry("nowhere", "http://keystone.nowhere.invalid:5000", PASSWORD, ""),
        entry("wrong", demo, WRONG, ""),
        entry("silent", &silent, PASSWORD, ", api_timeout: 0.5"),
        entry("elsewhere", demo, PASSWORD, ", region_name: nosuch"),
        entry("no-images", demo, PASSWORD, &format!(", image_endpoint_override: \"{silent}\", api_timeout: 0.5, image_sharing_api: glance")),
        "  half: {auth: {username: alice}}\n".to_owned(),
        format!(
            "  reader: {{auth_type: v3applicationcredential, auth: {{auth_url: {demo}/v3, application_credential_id: \
             {}, application_credential_secret: {CREDENTIAL_SECRET}}}, region_name: RegionOne}}\n",
            credential_id()
        ),
    ]
    .concat()
}

fn checked(ran: &Ran) -> impl Fn(&str) -> Value + use<> {
    let list = ran.json();
    move |name| {
        let all = list["clouds"].as_array().unwrap();
        all.iter().find(|cloud| cloud["name"] == name).unwrap()["check"].clone()
    }
}

#[test]
fn every_cloud_is_told_with_what_works_or_why_not_and_what_to_do() {
    let (cloud, silent) = (small(), TcpListener::bind("127.0.0.1:0").unwrap());
    cloud.file("clouds.yaml", &(cloud.demo.clouds_yaml() + &broken(&cloud, &silent)));

    let run = |args: &[&str]| support::cloud::ran(cloud.command(args).spawn().unwrap()).ended(3);
    let ran = run(&["clouds", "--check", "--format", "json", "--log-file", "log"]);
    let check = checked(&ran);

    let good = check("demo-glance");
    assert_eq!(good["works"], true, "{good}");
    assert_eq!((&good["user"], &good["project_name"]), (&"alice".into(), &"image-factory".into()));
    assert_eq!(good["kind_told_by"], "entry");
    assert_eq!((&good["can_list"], &good["can_change"]), (&true.into(), &true.into()));
    assert_eq!(good["roles"][0], "member");
    assert_eq!(good["clock_skew_s"], 0);
    assert!(good["latency_ms"].as_u64().is_some_and(|ms| ms < 10_000));
    assert!(good["endpoint"].as_str().unwrap().starts_with("http://"));
    assert_eq!(good["tls_verified"], Value::Null, "nothing is encrypted");
    assert_eq!(check("demo-ims")["works"], true);
    assert_eq!(check("demo-ims")["can_change"], Value::Null, "its roles do not tell");
    assert_eq!(check("demo-ims-aksk")["works"], true);
    let reader = check("reader");
    assert_eq!(reader["kind_told_by"], "probe", "{reader}");

    for (name, why) in [
        ("dead", "refused"),
        ("nowhere", "cannot connect to keystone.nowhere.invalid"),
        ("wrong", "the login was refused"),
        ("silent", "did not complete its answer"),
        ("elsewhere", "not in region `nosuch`"),
        ("no-images", "did not complete its answer"),
        ("half", "auth_url"),
    ] {
        let check = check(name);
        assert_eq!(check["works"], false, "{name}");
        assert!(check["troubles"][0]["why"].as_str().unwrap().contains(why), "{name}: {check}");
        assert!(check["troubles"][0]["remedy"].is_string(), "{name}: {check}");
        assert!(ran.err.contains(&format!("{name}: cannot ")), "{}", ran.err);
    }
    assert_eq!(check("no-images")["user"], "alice", "what was reached is told");

    let table = run(&["clouds", "--check"]);
    assert!(table.out.contains("WORKS") && table.out.contains("did not complete"), "{table:#?}");
    let csv = run(&["clouds", "--check", "--format", "csv"]);
    assert!(csv.out.lines().next().unwrap().contains("latency_ms,clock_skew_s,can_list"));

    let log = std::fs::read_to_string(cloud.home.path().join("log")).unwrap();
    let written = [ran.out, ran.err, table.out, table.err, csv.out, csv.err, log].concat();
    for secret in [WRONG, CREDENTIAL_SECRET, "gAAAAAB"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn one_cloud_alone_is_checked_and_its_failure_ends_with_1() {
    let (cloud, silent) = (small(), TcpListener::bind("127.0.0.1:0").unwrap());
    cloud.file("clouds.yaml", &(cloud.demo.clouds_yaml() + &broken(&cloud, &silent)));

    let good = cloud.run("demo-glance", &["clouds", "--check", "--format", "json"]).ended(0).json();
    assert_eq!(good["clouds"].as_array().unwrap().len(), 1);
    assert!(
        cloud.run("wrong", &["clouds", "--check"]).ended(1).err.contains("check user, password")
    );
    assert!(cloud.run("nosuch", &["clouds", "--check"]).ended(2).err.contains("no cloud `nosuch`"));
    assert!(cloud.demo.requests().iter().all(|request| request.method != "DELETE"));
}

#[test]
fn without_check_the_list_keeps_its_shape_and_asks_nobody() {
    let cloud = small();
    let list = cloud.run("demo-ims", &["clouds", "--format", "json"]).ended(0).json();

    let first = list["clouds"][0].as_object().unwrap();
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    let expected =
        ["name", "default", "kind", "login", "regions", "read_only", "protected", "error", "check"];
    assert_eq!(keys, expected);
    assert_eq!(first["check"], Value::Null);
    assert!(cloud.demo.requests().is_empty());
}

#[test]
fn everything_that_is_only_read_is_said_to_be_so() {
    let cloud = small();
    let list = cloud.run("demo-glance", &["--read-only", "clouds", "--check", "--format", "json"]);
    let list = list.ended(0);

    assert_eq!(checked(&list)("demo-glance")["can_change"], false);
    assert!(list.err.contains("demo-glance: note: cannot change shares: it is set to read-only"));
}

// ── Rackspace ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn accounts_at_rackspace_are_told_with_what_works_or_why_not_and_what_to_do() {
    let cloud = Cloud::start(Options { account_images: 6, ..Options::plain(0, 0) });
    let demo = cloud.demo.url();
    let entry = |name: &str, auth: &str, more: &str| {
        format!(
            "  {name}: {{auth_type: rackspace_apikey, image_sharing_api: rackspace, auth: {{{auth}}}{more}}}\n"
        )
    };
    let auth = |name: &str| {
        let user = user_named(name).unwrap();
        format!("auth_url: \"{demo}/v2.0\", username: {name}, api_key: {}", user.api_key)
    };
    let ramona = auth("ramona");
    let iad = ", region_name: IAD";
    let by_password = entry(
        "second",
        &format!("auth_url: \"{demo}/v2.0\", username: mia, password: {PASSWORD}"),
        iad,
    )
    .replace("apikey", "password");
    cloud.file(
        "clouds.yaml",
        &[
            "clouds:\n",
            &entry("good", &ramona, iad),
            &entry("looks", &auth("olga"), iad),
            &entry("wrong", &ramona.replace("demo-key", WRONG), iad),
            &entry("barred", &auth("dora"), iad),
            &by_password,
            &entry("another", &format!("{ramona}, project_id: \"1\""), iad),
            &entry("elsewhere", &ramona, ", region_name: nosuch"),
            &entry("no-login", &ramona.replace("/v2.0", "/glance"), iad),
            &entry(
                "nowhere",
                &ramona.replace(demo, &format!("http://127.0.0.1:{}", closed_port())),
                iad,
            ),
            &entry("half", "username: ramona", iad),
        ]
        .concat(),
    );

    let run = |status| {
        let args = ["clouds", "--check", "--format", "json"];
        support::cloud::ran(cloud.command(&args).spawn().unwrap()).ended(status)
    };
    let ran = run(3);
    let check = checked(&ran);

    let good = check("good");
    assert_eq!((&good["works"], &good["can_list"]), (&true.into(), &true.into()), "{good}");
    assert_eq!((&good["user"], &good["project_id"]), (&"ramona".into(), &"929418".into()));
    assert_eq!((&good["region"], &good["can_change"]), (&"IAD".into(), &true.into()), "{good}");
    assert_eq!(good["clock_skew_s"], 0, "{good}");
    let looks = check("looks");
    assert_eq!((&looks["works"], &looks["can_change"]), (&true.into(), &false.into()), "{looks}");
    assert!(
        looks["remarks"][0]["remedy"].as_str().unwrap().contains("cloudImages:admin"),
        "{looks}"
    );
    for (name, why) in [
        ("wrong", "wrong username or API key"),
        ("barred", "the user is disabled"),
        ("second", "second factor"),
        ("another", "the account belongs to another user"),
        ("elsewhere", "not in region `nosuch`"),
        ("no-login", "is not an identity service v2.0"),
        ("nowhere", "cannot connect to 127.0.0.1"),
        ("half", "api_key"),
    ] {
        let check = check(name);
        assert_eq!(check["works"], false, "{name}");
        assert!(check["troubles"][0]["why"].as_str().unwrap().contains(why), "{name}: {check}");
        assert!(check["troubles"][0]["remedy"].is_string(), "{name}: {check}");
    }
    assert!(!format!("{ran:?}").contains("demo-key"), "{ran:?}");

    cloud
        .demo
        .faults()
        .add(Fault::always(Route::images(), Action::over_limit(("retryAfter", "9"))));
    let busy = checked(&run(3))("good");
    assert!(busy["troubles"][0]["why"].as_str().unwrap().contains("too many requests"), "{busy}");
    assert!(busy["troubles"][0]["remedy"].is_string(), "{busy}");
}
