//! `sharelock clouds --check`, the built program: what works, what does not, and why.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::TcpListener;

use serde_json::Value;
use sharelock::demo::identity::credential_id;
use sharelock::demo::{CREDENTIAL_SECRET, Options, PASSWORD};

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
        ("nowhere", "no connection to keystone.nowhere.invalid"),
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
