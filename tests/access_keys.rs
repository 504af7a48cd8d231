//! The built program with an access key (AK/SK): every request signed, none sent again after a 401, no secret shown.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use demo_cloud::{KEYS, Options, Recorded, key_of};
use domain::{Moment, Share};
use support::cloud::{Cloud, Ran, ran};

const CLOUD: &str = "demo-ims-aksk";

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// A cloud whose `clouds.yaml` has a word replaced by another.
fn with(from: &str, to: &str) -> Cloud {
    let cloud = small();
    let yaml = cloud.demo.clouds_yaml();
    assert!(yaml.contains(from));
    cloud.file("clouds.yaml", &yaml.replace(from, to));
    cloud
}

fn secret() -> &'static str {
    key_of("alice").unwrap().secret
}

fn csv(shares: &[Share]) -> String {
    let mut text = String::from("image_id,member_id\n");
    for share in shares {
        writeln!(text, "{},{}", share.image.raw(), share.member.id.raw()).unwrap();
    }
    text
}

/// Every request was signed and none brought a token.
#[track_caller]
fn all_signed(requests: &[Recorded]) {
    assert!(requests.len() > 1, "{requests:#?}");
    for request in requests {
        assert!(request.signed && !request.token, "{request:?}");
        assert_ne!(request.status, Some(401), "{request:?}");
    }
}

/// One line, and exit status 1.
#[track_caller]
fn failed(ran: Ran) -> String {
    let ran = ran.ended(1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    ran.err
}

#[test]
fn an_audit_with_an_access_key_is_the_truth_and_every_request_is_signed() {
    let cloud = small();
    let audit = cloud.run(CLOUD, &["audit", "--format", "json"]).ended(0).json();

    assert_eq!(audit["complete"], true);
    let project = cloud.demo.world().project("image-factory").unwrap();
    assert_eq!(audit["scopes"][0]["project_id"], project.0.raw());
    let members = |image: &serde_json::Value| image["members"].as_array().unwrap().len();
    let found: usize = audit["scopes"][0]["images"].as_array().unwrap().iter().map(members).sum();
    assert_eq!(found, cloud.truth().len());
    all_signed(&cloud.demo.requests());
}

#[test]
fn a_revoke_with_an_access_key_takes_away_exactly_what_was_marked() {
    let cloud = small();
    let before = cloud.truth();
    let marks: Vec<Share> = before.iter().step_by(3).take(7).cloned().collect();
    cloud.file("marks.csv", &csv(&marks));

    let args = ["revoke", "--from", "marks.csv", "--yes", "--format", "json"];
    let receipt = cloud.run(CLOUD, &args).ended(0).json();

    let outcomes = receipt["shares"].as_array().unwrap();
    assert!(outcomes.len() == 7 && outcomes.iter().all(|share| share["outcome"] == "revoked"));
    let left: BTreeSet<Share> = before.into_iter().filter(|share| !marks.contains(share)).collect();
    assert_eq!(cloud.truth(), left);
    all_signed(&cloud.demo.requests());
}

#[test]
fn a_wrong_secret_is_one_signed_request_one_sentence_and_status_1() {
    let project = |cloud: &Cloud| cloud.demo.world().project("image-factory").unwrap().0;
    for by_id in [false, true] {
        let cloud = with(secret(), "a-wrong-secret-that-must-not-be-shown");
        if by_id {
            // Nothing has to be looked up then, and the image service is the first to be asked.
            let yaml =
                cloud.demo.clouds_yaml().replace(secret(), "a-wrong-secret-that-must-not-be-shown");
            let more = format!("project_id: {}\n      ak:", project(&cloud).raw());
            let url = cloud.demo.url();
            let endpoint = format!("    image_endpoint_override: {url}/ims\n    auth_type: aksk\n");
            let yaml = yaml.replace("ak:", &more).replace("    auth_type: aksk\n", &endpoint);
            cloud.file("clouds.yaml", &yaml);
        }
        let err = failed(cloud.run(CLOUD, &["audit", "--received"]));

        let requests = cloud.demo.requests();
        assert!(requests.len() == 1 && requests[0].signed, "{requests:#?}");
        assert_eq!(requests[0].path.starts_with("/ims/"), by_id);
        assert!(
            err.starts_with("error: cannot log in to cloud demo-ims-aksk: the cloud refused"),
            "{err}"
        );
        assert!(err.contains("(`sk`) is wrong; check `ak` and `sk`"), "{err}");
        assert!(err.contains(&requests[0].request_id), "{err}");
        assert!(!err.contains("must-not-be-shown") && !err.contains("canonicalRequest"), "{err}");
    }
}

#[test]
fn a_key_that_is_locked_out_says_for_how_long() {
    let cloud = with(secret(), "wrong");
    for _ in 0..5 {
        failed(cloud.run(CLOUD, &["audit"]));
    }
    cloud.file("clouds.yaml", &cloud.demo.clouds_yaml());

    let err = failed(cloud.run(CLOUD, &["audit"]));
    assert!(err.contains("locked the access key for 5 minutes"), "{err}");
    assert_eq!(cloud.demo.requests().len(), 6);
}

#[test]
fn a_clock_that_is_off_is_told_with_the_difference() {
    let then = Moment(jiff::Timestamp::now().as_millisecond() - 7_230_000);
    let cloud = Cloud::start(Options { now: Some(then), ..Options::plain(2, 2) });

    let err = failed(cloud.run(CLOUD, &["audit"]));

    assert!(err.contains("this machine's clock is 2 h 0 min ahead of the cloud's"), "{err}");
    assert!(err.contains("enable NTP on this machine"), "{err}");
}

#[test]
fn keys_and_tokens_are_in_no_output_and_in_no_log() {
    let cloud = small();
    let temporary = KEYS.iter().find(|key| key.security_token.is_some()).unwrap();
    let entry = cloud.demo.key_entry("temporary", temporary);
    let broken = entry.replace("temporary:", "broken:").replace(temporary.secret, "wr0ng+secret");
    cloud.file("clouds.yaml", &format!("clouds:\n{entry}{broken}"));
    let mut shown = String::new();
    for (name, status) in [("temporary", 0), ("broken", 1)] {
        let args = ["--cloud", name, "--log-file", "log", "audit", "--format", "json"];
        let mut command = cloud.command(&args);
        let ran = ran(command.env("SHARELOCK_LOG", "trace").spawn().unwrap()).ended(status);
        write!(shown, "{}{}", ran.out, ran.err).unwrap();
    }
    let listed = cloud.run("temporary", &["clouds"]).ended(0);
    shown.push_str(&listed.out);
    shown.push_str(&std::fs::read_to_string(cloud.home.path().join("log")).unwrap());

    assert!(shown.contains("AK/SK · 127.0.0.1") && shown.contains("/ims/v2/"), "{shown}");
    let token = temporary.security_token.unwrap();
    for secret in [temporary.secret, temporary.access, token, "wr0ng+secret", "Signature="] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[test]
fn variables_of_terraform_and_of_the_sdk_and_the_sdk_s_file_log_in() {
    let cloud = small();
    std::fs::remove_file(cloud.home.path().join("clouds.yaml")).unwrap();
    let (key, url) = (key_of("alice").unwrap(), cloud.demo.url());
    let iam = format!("{url}/v3");
    let file = format!("[basic]\nak = {}\nsk = {}\niam_endpoint = {iam}\n", key.access, key.secret);
    let no_file = cloud.home.path().join(".huaweicloud/credentials");

    let terraform = [
        ("HW_ACCESS_KEY", key.access),
        ("HW_SECRET_KEY", key.secret),
        ("HW_REGION_NAME", "eu-de"),
        ("HW_AUTH_URL", &iam),
    ];
    let sdk = [
        ("HUAWEICLOUD_SDK_AK", key.access),
        ("HUAWEICLOUD_SDK_SK", key.secret),
        ("HUAWEICLOUD_SDK_REGION_ID", "eu-de"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &iam),
    ];
    let openstack = [
        ("OS_ACCESS_KEY", key.access),
        ("OS_SECRET_KEY", key.secret),
        ("OS_REGION_NAME", "eu-de"),
        ("OS_AUTH_URL", &iam),
    ];
    let of_file = [("HUAWEICLOUD_SDK_REGION_ID", "eu-de")];
    for (name, vars) in [
        ("hw", &terraform[..]),
        ("huaweicloud", &sdk[..]),
        ("envvars", &openstack[..]),
        ("huaweicloud", &of_file[..]),
    ] {
        if vars.len() == 1 {
            std::fs::create_dir_all(no_file.parent().unwrap()).unwrap();
            std::fs::write(&no_file, &file).unwrap();
        }
        cloud.demo.forget_requests();
        let mut command = cloud.command(&["audit", "--format", "json"]);
        let audit = ran(command.envs(vars.iter().copied()).spawn().unwrap()).ended(0).json();
        assert_eq!(audit["scopes"][0]["cloud"], name);
        assert_eq!(audit["complete"], true);
        all_signed(&cloud.demo.requests());
    }
}
