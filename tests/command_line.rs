//! The built program from a shell's point of view: what it prints, what it says, how it ends, and what it did.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use demo_cloud::identity::credential_id;
use demo_cloud::{Action, CREDENTIAL_SECRET, Fault, JobScript, Options, Route};
use domain::text::is_hostile;
use domain::{ImageId, Member, Share};
use serde_json::{Value, json};
use support::cloud::{Cloud, Ran, ran};

const KINDS: [&str; 2] = ["demo-ims", "demo-glance"];

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// The shares of an audit.
fn shares(audit: &Value) -> BTreeSet<Share> {
    let images = audit["scopes"][0]["images"].as_array().unwrap();
    let of = |image: &Value| {
        let id = ImageId::from(image["id"].as_str().unwrap());
        let members = image["members"].as_array().unwrap().clone();
        let share = move |member: Value| Share {
            image: id.clone(),
            member: serde_json::from_value(json!({"type": member["type"], "id": member["id"]}))
                .unwrap(),
        };
        members.into_iter().map(share)
    };
    images.iter().flat_map(of).collect()
}

fn csv(shares: &[Share]) -> String {
    let mut text = String::from("image_id,member_id,member_type\n");
    for share in shares {
        let member = &share.member;
        writeln!(text, "{},{},{}", share.image.raw(), member.id.raw(), member.kind.word()).unwrap();
    }
    text
}

fn some(cloud: &Cloud, n: usize) -> Vec<Share> {
    cloud.truth().into_iter().step_by(3).take(n).collect()
}

fn outcomes(ran: &Ran) -> Vec<String> {
    let receipt = ran.json();
    let shares = receipt["shares"].as_array().unwrap();
    shares.iter().map(|share| share["outcome"].as_str().unwrap().to_owned()).collect()
}

// ── audit ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_audit_is_the_truth_on_every_kind_of_cloud() {
    let cloud = Cloud::start(Options::quick());
    for kind in KINDS {
        let audit = cloud.run(kind, &["audit", "--format", "json"]).ended(0).json();

        assert_eq!(audit["schema"], "sharelock/audit/1");
        assert_eq!(audit["complete"], true);
        assert_eq!(audit["scopes"][0]["cloud"], kind);
        assert_eq!(shares(&audit), cloud.truth(), "{kind}");
    }
}

#[test]
fn members_that_could_not_be_read_are_unknown_and_end_with_3() {
    let cloud = small();
    let image = cloud.truth().first().unwrap().image.raw().to_owned();
    let route = Route::get(&format!("{image}/members"));
    cloud.demo.faults().add(Fault::always(route, Action::json(403, &json!("not yours"))));

    let ran = cloud.run("demo-ims", &["audit", "--format", "json"]).ended(3);
    let audit = ran.json();
    assert_eq!(audit["complete"], false);
    let images = audit["scopes"][0]["images"].as_array().unwrap();
    let broken = images.iter().find(|found| found["id"] == *image).unwrap();
    assert_eq!((&broken["members_read"], &broken["members"]), (&json!(false), &json!([])));
    assert!(broken["error"].as_str().unwrap().starts_with("cannot "), "{broken}");
    assert!(ran.err.contains("not checked: ") && ran.err.contains("not complete"), "{}", ran.err);

    let table = cloud.run("demo-ims", &["audit"]).ended(3);
    let row = table.out.lines().find(|line| line.contains(&image)).unwrap();
    assert!(row.contains("cannot "), "{row}");
}

#[test]
fn a_list_that_cannot_be_read_ends_with_3_and_says_so_in_its_scope() {
    let cloud = small();
    cloud.demo.faults().add(Fault::always(Route::images(), Action::json(403, &json!("no"))));

    let audit = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(3).json();
    assert_eq!(audit["complete"], false);
    assert!(audit["scopes"][0]["error"].as_str().unwrap().starts_with("cannot list"), "{audit}");
}

#[test]
fn a_login_that_fails_ends_with_1_and_one_line_that_helps() {
    let cloud = small();
    let action = Action::json(401, &json!({"error": {"code": 401, "message": "who?"}}));
    cloud.demo.faults().add(Fault::always(Route::login(), action));

    let ran = cloud.run("demo-ims", &["audit", "--format", "json"]).ended(1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.starts_with("error: cannot log in"), "{}", ran.err);
    assert_eq!(ran.json()["complete"], false);
    assert!(ran.json()["scopes"][0]["error"].is_string());
}

#[test]
fn images_are_chosen_by_id_in_any_case_and_by_name() {
    let cloud = small();
    let share = cloud.truth().into_iter().next().unwrap();
    let name = cloud.demo.world().image(&share.image).unwrap().image.name.clone().unwrap();
    let upper = share.image.raw().to_uppercase();
    for typed in [&*upper, name.raw()] {
        let args = ["audit", "--format", "json", "--image", typed];
        let audit = cloud.run("demo-glance", &args).ended(0).json();
        let images = audit["scopes"][0]["images"].as_array().unwrap();
        assert_eq!(images.len(), 1);
        assert_eq!(images[0]["id"], share.image.raw());
        assert!(!images[0]["members"].as_array().unwrap().is_empty());
    }

    let ran = cloud.run("demo-glance", &["audit", "--image", "nope", "--format", "json"]).ended(1);
    assert!(ran.err.contains("cannot find the image `nope`"), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn naming_an_image_reads_the_members_of_no_other() {
    let cloud = small();
    let image = cloud.truth().first().unwrap().image.raw().to_owned();
    cloud.run("demo-ims", &["audit", "--image", &image]).ended(0);

    let requests = cloud.demo.requests();
    let readings: Vec<_> = requests.iter().filter(|r| r.path.contains("/members")).collect();
    assert_eq!(readings.len(), 1, "{readings:#?}");
}

#[test]
fn members_are_chosen_by_id_and_by_alias_and_shares_by_status() {
    let cloud = small();
    let member = cloud.truth().first().unwrap().member.id.raw().to_owned();
    cloud.file("config.toml", &format!("[projects]\n{member} = \"team\"\n"));
    let wanted: BTreeSet<Share> =
        cloud.truth().into_iter().filter(|share| share.member.id.raw() == member).collect();
    for typed in [&*member, "team"] {
        let args = ["audit", "--config", "config.toml", "--format", "json", "--project", typed];
        let audit = cloud.run("demo-ims", &args).ended(0).json();
        assert_eq!(shares(&audit), wanted);
        assert!(audit.to_string().contains("\"name\":\"team\""));
    }

    let args = ["audit", "--status", "pending", "--format", "csv"];
    let csv = cloud.run("demo-ims", &args).ended(0).out;
    assert!(csv.lines().skip(1).all(|line| line.contains(",pending,")), "{csv}");
}

#[test]
fn received_images_are_listed_when_asked_for() {
    let cloud = small();
    let count = |args: &[&str]| {
        let audit = cloud.run("demo-glance-web", args).ended(0).json();
        audit["scopes"][0]["images"].as_array().unwrap().len()
    };
    let own = count(&["audit", "--format", "json"]);
    assert!(count(&["audit", "--format", "json", "--received"]) > own);
}

#[test]
fn the_table_says_that_status_is_not_access() {
    let table = Cloud::start(Options::quick()).run("demo-ims", &["audit"]).ended(0).out;
    assert!(table.starts_with("IMAGE"), "{table}");
    assert!(table.contains("status is not access"), "{table}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let cloud = Cloud::start(Options::quick());
    let mut child = cloud.command(&["--cloud", "demo-ims", "audit"]).spawn().unwrap();
    drop(child.stdout.take());

    let ran = ran(child).ended(0);
    assert!(!ran.err.contains("error"), "{}", ran.err);
}

#[test]
fn a_result_goes_to_a_file_and_one_that_cannot_be_written_is_told_before_anything_is_asked() {
    let cloud = small();
    cloud.file("out.json", "something long that was there before and is longer than nothing");
    let args = ["audit", "--format", "json", "--output", "out.json"];
    assert_eq!(cloud.run("demo-ims", &args).ended(0).out, "");
    let text = std::fs::read_to_string(cloud.home.path().join("out.json")).unwrap();
    assert!(text.starts_with("{\"schema\":\"sharelock/audit/1\"") && text.ends_with("}\n"));
    serde_json::from_str::<Value>(&text).unwrap();

    cloud.demo.forget_requests();
    let ran = cloud.run("demo-ims", &["audit", "--output", "no/such/folder"]).ended(1);
    assert!(ran.err.starts_with("error: cannot write no/such/folder: "), "{}", ran.err);
    assert_eq!(cloud.demo.requests().len(), 0);
}

// ── names that bite, and secrets ─────────────────────────────────────────────────────────────────

const NASTY: &str =
    "=cmd\u{1b}]0;owned\u{7}\u{1b}[2J\r\n\u{9b}31m\u{202e}\u{200b}\u{feff}\u{7f}|end";

#[test]
fn nothing_of_a_hostile_name_reaches_the_terminal_and_json_loses_nothing() {
    let cloud = Cloud::start(Options::plain(3, 3));
    let image = cloud.truth().first().unwrap().image.clone();
    cloud.demo.world().edit_image(&image, |stored| stored.image.name = Some(NASTY.into()));

    for kind in KINDS {
        for format in ["table", "csv", "json", "jsonl", "markdown"] {
            let ran = cloud.run(kind, &["audit", "--format", format]).ended(0);
            let hostile = |c: char| is_hostile(c) && c != '\n';
            assert!(!ran.out.contains(hostile), "{format}: {:?}", ran.out);
            assert!(!ran.err.contains(hostile), "{format}: {:?}", ran.err);
            assert!(ran.out.contains("|end") || ran.out.contains("\\|end"), "{format}");
            if format == "csv" {
                assert!(!ran.out.contains(",=cmd") && ran.out.contains("'=cmd"), "{}", ran.out);
            }
            if format == "json" {
                let images = ran.json()["scopes"][0]["images"].clone();
                let names = images.as_array().unwrap().iter().map(|image| image["name"].as_str());
                assert_eq!(names.flatten().filter(|name| *name == NASTY).count(), 1);
            }
        }
        let ran = cloud.run(kind, &["audit", "--image", NASTY, "nope\u{1b}[2J"]).ended(1);
        assert!(!ran.err.contains(|c| is_hostile(c) && c != '\n'), "{:?}", ran.err);
    }
}

/// One cloud one can log in to, by application credential, and one with a wrong password.
fn clouds_with_secrets(url: &str) -> String {
    let id = credential_id();
    let end = "region_name: RegionOne, image_sharing_api: glance";
    format!(
        "clouds:\n  good: {{auth_type: v3applicationcredential, auth: {{auth_url: {url}/v3, \
         application_credential_id: {id}, application_credential_secret: {CREDENTIAL_SECRET}}}, {end}}}\n  \
         bad: {{auth: {{auth_url: {url}/v3, username: alice, password: {WRONG_PASSWORD}, user_domain_name: \
         Default, project_name: image-factory, project_domain_name: Default}}, {end}}}\n"
    )
}

const WRONG_PASSWORD: &str = "correct-horse-battery-staple";

#[test]
fn a_log_file_has_a_line_for_every_request_without_more_being_said() {
    let cloud = small();
    cloud.run("demo-ims", &["audit", "--log-file", "log"]).ended(0);
    let log = std::fs::read_to_string(cloud.home.path().join("log")).unwrap();
    let asked = cloud.demo.requests();
    for request in &asked {
        let path = request.path.split('?').next().unwrap();
        assert!(log.contains(&format!("path=\"{path}\"")), "{path} in {log}");
    }
    assert!(log.lines().count() >= asked.len(), "{} requests: {log}", asked.len());
}

#[test]
fn no_secret_is_in_anything_that_is_written() {
    let cloud = small();
    cloud.file("clouds.yaml", &clouds_with_secrets(cloud.demo.url()));
    cloud.file("marks.csv", &csv(&some(&cloud, 2)));
    let commands = ["audit", "revoke --from marks.csv --yes --format json", "clouds --format json"];
    let mut written = String::new();
    for name in ["good", "bad", "good"] {
        for command in commands {
            let args: Vec<&str> = command.split(' ').chain(["--log-file", "log"]).collect();
            let mut program = cloud.command(&args);
            let ran =
                ran(program.env("OS_CLOUD", name).env("SHARELOCK_LOG", "trace").spawn().unwrap());
            written.extend([ran.out, ran.err]);
        }
        let refused = Action::json(403, &json!({"error_msg": "no", "error_code": "IMG.0027"}));
        cloud.demo.faults().add(Fault::always(Route::members(), refused));
    }
    written += &std::fs::read_to_string(cloud.home.path().join("log")).unwrap();

    for expected in ["sharelock/receipt/1", "cannot log in to cloud bad", "/v3/auth/tokens"] {
        assert!(written.contains(expected), "{written}");
    }
    // Every token of the embedded cloud begins so.
    for secret in [CREDENTIAL_SECRET, WRONG_PASSWORD, "gAAAAAB"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn what_a_list_of_projects_alone_cannot_show_is_unknown_and_the_audit_says_what_is_not_in_it() {
    let cloud = small();
    cloud.demo.world().options.ims.v1_members = false;
    let audit = cloud.run("demo-ims", &["audit"]).ended(0);
    assert!(audit.err.contains("lists only projects as members"), "{}", audit.err);

    let image = cloud.truth().first().unwrap().image.clone();
    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let line = format!("{},some-account,domain\n", image.raw());
    let receipt = cloud.run_with_input("demo-ims", &args, &line).ended(3).json();
    assert_eq!(receipt["shares"][0]["outcome"], "unknown", "{receipt}");
    assert_eq!(cloud.deletes(), 0);
}

// ── revoke ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_dry_run_prints_the_plan_and_sends_nothing() {
    let cloud = small();
    let marks = some(&cloud, 6);
    cloud.file("marks.csv", &csv(&marks));
    let args = ["revoke", "--from", "marks.csv", "--dry-run", "--format", "json"];

    let plan = cloud.run("demo-ims", &args).ended(0).json();
    assert_eq!(plan["schema"], "sharelock/plan/1");
    assert_eq!(plan["shares"], 6);
    let mut named = BTreeSet::new();
    for request in plan["requests"].as_array().unwrap() {
        assert_eq!(request["method"], "DELETE");
        assert_eq!(request["path"], "/v1/cloudimages/members");
        for image in request["images"].as_array().unwrap() {
            for member in request["members"].as_array().unwrap() {
                let image = ImageId::from(image.as_str().unwrap());
                let member: Member = serde_json::from_value(member.clone()).unwrap();
                assert!(named.insert(Share { image, member }), "a share in two requests");
            }
        }
    }
    assert_eq!(named, marks.into_iter().collect());
    assert_eq!(cloud.deletes(), 0);

    let plan = cloud.run("demo-glance", &args).ended(0).json();
    assert_eq!(plan["requests"].as_array().unwrap().len(), 6);
    let table = cloud.run("demo-glance", &args[..4]).ended(0).out;
    assert!(table.contains("curl -X DELETE") && table.contains("$OS_TOKEN"), "{table}");
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn a_dry_run_leaves_out_and_tells_what_is_not_shared() {
    let cloud = small();
    let mut marks = some(&cloud, 2);
    marks[1].member = Member::project("nobody");
    cloud.file("marks.csv", &csv(&marks));

    let args = ["revoke", "--from", "marks.csv", "--dry-run", "--format", "json"];
    let ran = cloud.run("demo-ims", &args).ended(0);
    assert_eq!(ran.json()["shares"], 1);
    assert!(ran.err.contains("1 of the 2 pairs are not shared now"), "{}", ran.err);
}

#[test]
fn revoking_a_list_changes_exactly_what_it_names() {
    for kind in KINDS {
        let cloud = small();
        let (before, marks) = (cloud.truth(), some(&cloud, 8));
        cloud.file("marks.csv", &csv(&marks));

        let args = ["revoke", "--from", "marks.csv", "--yes", "--format", "json"];
        let ran = cloud.run(kind, &args).ended(0);
        let receipt = ran.json();
        assert_eq!(receipt["schema"], "sharelock/receipt/1");
        assert_eq!(receipt["complete"], true);
        assert!(receipt["jobs"].as_array().unwrap().iter().all(|job| job["status"] == "SUCCESS"));
        assert_eq!(outcomes(&ran), vec!["revoked"; marks.len()]);
        let marked: BTreeSet<Share> = marks.into_iter().collect();
        assert_eq!(cloud.truth(), &before - &marked, "{kind}");
        assert!(ran.err.contains("verifying"), "{}", ran.err);
    }
}

#[test]
fn json_lines_of_an_audit_can_be_revoked_from_stdin() {
    let cloud = small();
    let lines = cloud.run("demo-ims", &["audit", "--format", "jsonl"]).ended(0).out;
    let args = ["revoke", "--from", "-", "--yes", "--format", "csv"];

    let receipt = cloud.run_with_input("demo-ims", &args, &lines).ended(0).out;
    assert_eq!(
        receipt.lines().filter(|line| line.contains(",revoked,")).count(),
        lines.lines().count()
    );
    assert_eq!(cloud.truth(), BTreeSet::new());
}

#[test]
fn an_audit_of_one_scope_changes_nothing_in_another() {
    let cloud = small();
    let before = cloud.truth();
    for format in ["csv", "jsonl"] {
        let list = cloud.run("demo-ims", &["audit", "--format", format]).ended(0).out;
        cloud.demo.forget_requests();
        for command in ["revoke", "share"] {
            for go in ["--yes", "--dry-run"] {
                let ran = cloud.run_with_input("demo-glance", &[command, "--from", "-", go], &list);
                let ran = ran.ended(1);
                assert!(ran.err.contains("the list is about project"), "{}", ran.err);
                assert!(ran.err.contains("RegionOne"), "{}", ran.err);
            }
        }
        let requests = cloud.demo.requests();
        let asked = requests.iter().filter(|request| request.path.contains("images"));
        assert_eq!(asked.count(), 0, "refused before anything is read");
    }
    assert_eq!(cloud.truth(), before);
}

/// Has the form of a project ID, and no image is shared with it.
const UNUSED: &str = "00000000000000000000000000000000";

#[test]
fn a_mistyped_member_is_an_error_with_the_nearest_name_and_changes_nothing() {
    let cloud = small();
    let before = cloud.truth();
    let share = before.first().unwrap();
    let (image, member) = (share.image.0.raw(), share.member.id.raw());
    cloud.file("config.toml", &format!("[projects]\n{member} = \"ci-runners-dev\"\n"));
    let config = ["--config", "config.toml"];
    let revoke = ["revoke", "--yes", "--image", image, "--project", member];
    for args in [&["audit", "--project"][..], &revoke, &["audit", "--all-clouds", "--project"]] {
        let args = [&config[..], args, &["ci-runner-dev"]].concat();
        let ran = if args.contains(&"--all-clouds") {
            ran(cloud.command(&args).spawn().unwrap())
        } else {
            cloud.run("demo-ims", &args)
        };
        let ran = ran.ended(1);
        assert!(ran.out.is_empty(), "{}", ran.out);
        assert!(ran.err.contains("cannot find the member `ci-runner-dev`"), "{}", ran.err);
        assert!(ran.err.contains("did you mean `ci-runners-dev`?"), "{}", ran.err);
    }
    assert_eq!(cloud.truth(), before);

    // A project that has no share is an answer, by ID as well as by an alias.
    cloud.file("config.toml", &format!("[projects]\n{UNUSED} = \"retired\"\n"));
    for typed in [UNUSED, "retired"] {
        let args = ["--config", "config.toml", "audit", "--project", typed];
        assert!(cloud.run("demo-ims", &args).ended(0).err.contains("0 shares"));
    }
}

#[test]
fn every_existing_pair_of_images_and_projects_is_revoked_and_no_other() {
    let cloud = small();
    let before = cloud.truth();
    let share = before.first().unwrap();
    let name = cloud.demo.world().image(&share.image).unwrap().image.name.clone().unwrap();
    let args =
        ["revoke", "--image", name.raw(), "--project", share.member.id.raw(), UNUSED, "--yes"];

    let ran = cloud.run("demo-ims", &args).ended(0);
    assert!(ran.out.contains("revoked"), "{}", ran.out);
    let gone: Vec<Share> = before.difference(&cloud.truth()).cloned().collect();
    assert_eq!(gone, std::slice::from_ref(share));
}

#[test]
fn choosing_no_existing_pair_is_done_at_once() {
    let cloud = small();
    let image = cloud.truth().first().unwrap().image.raw().to_owned();
    let args = ["revoke", "--image", &image, "--project", UNUSED, "--yes", "--format", "json"];

    let ran = cloud.run("demo-ims", &args).ended(0);
    assert_eq!((&ran.json()["complete"], &ran.json()["shares"]), (&json!(true), &json!([])));
    assert!(ran.err.contains("nothing to revoke"), "{}", ran.err);
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn a_share_that_was_none_is_reported_as_such() {
    for kind in KINDS {
        let cloud = small();
        let mut marks = some(&cloud, 2);
        marks[0].member = Member::project("nobody");
        cloud.file("marks.csv", &csv(&marks));

        let args = ["revoke", "--from", "marks.csv", "--yes", "--format", "json"];
        let ran = cloud.run(kind, &args).ended(0);
        let mut outcomes = outcomes(&ran);
        outcomes.sort();
        assert_eq!(outcomes, ["revoked", "was-not-shared"], "{kind}");
    }
}

#[test]
fn a_job_that_fails_ends_with_3_and_tells_why() {
    let cloud = small();
    cloud.demo.world().script_every_job(Some(JobScript::fails("IMG.0113", "no luck today")));
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));

    let ran = cloud
        .run("demo-ims", &["revoke", "--from", "marks.csv", "--yes", "--format", "json"])
        .ended(3);
    let receipt = ran.json();
    assert_eq!(receipt["complete"], false);
    assert_eq!(receipt["jobs"][0]["status"], "FAIL");
    assert_eq!(receipt["jobs"][0]["error_code"], "IMG.0113");
    assert_eq!(receipt["jobs"][0]["fail_reason"], "no luck today");
    assert_eq!(outcomes(&ran), ["still-shared"]);
}

#[test]
fn a_job_that_says_success_while_the_share_stays_does_not_deceive() {
    let cloud = small();
    cloud.demo.world().script_every_job(Some(JobScript::leaves_all()));
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));

    let ran = cloud
        .run("demo-ims", &["revoke", "--from", "marks.csv", "--yes", "--format", "json"])
        .ended(3);
    assert_eq!(ran.json()["jobs"][0]["status"], "SUCCESS");
    assert_eq!(outcomes(&ran), ["still-shared"]);
}

#[test]
fn a_job_that_never_ends_is_not_waited_for_longer_than_asked() {
    let cloud = small();
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));

    let args = ["revoke", "--from", "marks.csv", "--yes", "--timeout", "1", "--format", "json"];
    let ran = cloud.run("demo-ims", &args).ended(3);
    assert_eq!(ran.json()["jobs"][0]["status"], "RUNNING");
    assert_eq!(outcomes(&ran), ["unknown"], "the job may still revoke it");
}

#[test]
fn without_waiting_nothing_is_known_and_the_status_says_so() {
    let cloud = small();
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));

    let args = ["revoke", "--from", "marks.csv", "--yes", "--no-wait", "--format", "json"];
    let ran = cloud.run("demo-ims", &args).ended(3);
    assert_eq!(outcomes(&ran), ["unknown"]);
    assert!(ran.json()["jobs"][0]["id"].is_string());
    assert_eq!(cloud.deletes(), 1);
}

#[test]
fn nothing_is_asked_of_the_cloud_when_nobody_can_confirm() {
    let cloud = small();
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));
    for args in [vec!["revoke", "--from", "marks.csv"], vec!["revoke", "--from", "-"]] {
        let ran = cloud.run_with_input("demo-ims", &args, "a,b\n").ended(2);
        assert!(ran.err.contains("--dry-run") && ran.err.contains("--yes"), "{}", ran.err);
    }
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn every_mistake_of_keys_and_colours_is_told_with_its_line_before_anything_is_opened() {
    let cloud = small();
    let settings = "[clouds.demo-ims]\naccent = \"rde\"\n[keys]\nrevok = \"X\"\nmark = \"R\"\n[theme]\nname = \"drak\"\n";
    cloud.file("config.toml", settings);

    let ran = cloud.run("demo-ims", &["audit", "--config", "config.toml"]).ended(1);

    let told: Vec<&str> = ran.err.lines().collect();
    assert_eq!(told.len(), 4, "{}", ran.err);
    for (line, what) in [
        ("config.toml:2: ", "unknown colour `rde` (did you mean `red`?)"),
        ("config.toml:4: ", "unknown action `revok` (did you mean `revoke`?)"),
        ("config.toml:5: ", "`R` is already the key of `revoke` in the list of images"),
        ("config.toml:7: ", "unknown theme `drak` (did you mean `dark`?)"),
    ] {
        assert!(told.iter().any(|told| told.contains(line) && told.contains(what)), "{}", ran.err);
    }
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn read_only_means_that_nothing_is_sent() {
    let cloud = small();
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));
    cloud.file("config.toml", "[clouds.demo-ims]\nread_only = true\n");
    let revoke = ["revoke", "--from", "marks.csv", "--yes"];
    for extra in [vec!["--read-only"], vec!["--config", "config.toml"]] {
        let args: Vec<&str> = revoke.iter().chain(&extra).copied().collect();
        let ran = cloud.run("demo-ims", &args).ended(1);
        assert!(ran.err.contains("read-only"), "{}", ran.err);
    }
    cloud.run("demo-ims", &["--read-only", "revoke", "--from", "marks.csv", "--dry-run"]).ended(0);
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn a_list_with_one_bad_line_changes_nothing_and_names_the_line() {
    let cloud = small();
    let text = csv(&some(&cloud, 2)) + "only-an-image\n";
    cloud.file("marks.csv", &text);

    let ran = cloud.run("demo-ims", &["revoke", "--from", "marks.csv", "--yes"]).ended(1);
    assert!(
        ran.err.starts_with("error: cannot read marks.csv: line 4: no member_id; "),
        "{}",
        ran.err
    );
    assert_eq!(cloud.demo.requests().len(), 0);
}

// ── interruption ─────────────────────────────────────────────────────────────────────────────────

fn interrupt(child: &Child) {
    signal(child, "-INT");
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Waits until the cloud has seen a request that begins so.
#[track_caller]
fn until_asked(cloud: &Cloud, method: &str, path: &str) {
    let deadline = Instant::now() + support::TIMEOUT;
    let seen = || cloud.demo.requests().iter().any(|r| r.method == method && r.path.contains(path));
    while !seen() {
        assert!(Instant::now() < deadline, "the cloud never saw {method} {path}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_audit_that_is_interrupted_ends_with_130() {
    let cloud = small();
    let slow = Action::Delay(Duration::from_mins(1));
    cloud.demo.faults().add(Fault::always(Route::images(), slow));
    let child = cloud.command(&["--cloud", "demo-ims", "audit"]).spawn().unwrap();
    until_asked(&cloud, "POST", "/v3/auth/tokens");
    // The signal may come before the program listens to it: then it ends by the signal itself.
    until_asked(&cloud, "GET", "images");
    interrupt(&child);

    ran(child).ended(130);
}

#[test]
fn the_first_interrupt_stops_sending_and_the_receipt_is_true() {
    let cloud = small();
    // Jobs on one image follow one another, so some of these are still to be sent.
    let before = cloud.truth();
    cloud.demo.world().options.job_delay = Duration::from_secs(3)..Duration::from_secs(3);
    let on = |share: &Share| before.iter().filter(|other| other.image == share.image).count();
    let image = &before.iter().max_by_key(|share| on(share)).unwrap().image;
    let all: Vec<Share> = before.iter().filter(|share| share.image == *image).cloned().collect();
    cloud.file("marks.csv", &csv(&all));
    cloud.file("config.toml", "[clouds.demo-ims]\nbatch_members = 1\n");
    let args = "--cloud demo-ims --config config.toml revoke --from marks.csv --yes --format json";
    let child = cloud.command(&args.split(' ').collect::<Vec<_>>()).spawn().unwrap();
    until_asked(&cloud, "DELETE", "/v1/cloudimages/members");
    interrupt(&child);

    let ran = ran(child).ended(130);
    let outcomes = outcomes(&ran);
    assert!(ran.err.contains("interrupted: "), "{ran:#?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "revoked").count(), 1, "{ran:#?}");
    assert!(outcomes.iter().skip(1).all(|outcome| outcome == "still-shared"), "{ran:#?}");
    assert_eq!(cloud.deletes(), 1);
    assert_eq!(before.len() - cloud.truth().len(), 1);
}

#[test]
fn no_request_leaves_after_a_signal_that_waited_for_a_pause_of_the_cloud() {
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let cloud = small();
        cloud.file("marks.csv", &csv(&some(&cloud, 6)));
        cloud.file("config.toml", "[clouds.demo-glance]\nconcurrency = 2\n");
        let route = || Route::delete("/v2/images");
        let headers = vec![("retry-after", "3".to_owned())];
        let pause = Action::Answer { status: 429, headers, body: "{}".into() };
        // The first change is answered long after the cloud has asked for a pause, so the third waits for its end.
        cloud.demo.faults().add(Fault::nth(1, route(), Action::Delay(Duration::from_secs(1))));
        cloud.demo.faults().add(Fault::nth(2, route(), pause));
        let args = "--cloud demo-glance --config config.toml revoke --from marks.csv --yes";
        let child = cloud.command(&args.split(' ').collect::<Vec<_>>()).spawn().unwrap();
        let deadline = Instant::now() + support::TIMEOUT;
        let answered = |r: &demo_cloud::Recorded| r.method == "DELETE" && r.status == Some(204);
        while !cloud.demo.requests().iter().any(answered) {
            assert!(Instant::now() < deadline, "the first change was never answered");
            std::thread::sleep(Duration::from_millis(5));
        }
        signal(&child, name);

        let ran = ran(child).ended(status);

        assert_eq!(cloud.deletes(), 2, "{name}: {ran:#?}");
        assert!(ran.err.contains(": 5 of the shares were not sent"), "{name}: {ran:#?}");
    }
}

#[test]
fn the_second_interrupt_ends_at_once() {
    let cloud = small();
    cloud.file("marks.csv", &csv(&some(&cloud, 1)));
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    let args = ["--cloud", "demo-ims", "revoke", "--from", "marks.csv", "--yes"];
    let mut child = cloud.command(&args).spawn().unwrap();
    until_asked(&cloud, "DELETE", "/v1/cloudimages/members");
    interrupt(&child);
    until_said(&mut child, "stopping");
    interrupt(&child);

    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut rest = String::new();
    child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(rest.contains("run `sharelock jobs "), "{rest}");
}

/// Reads what the program says until it says this.
fn until_said(child: &mut Child, word: &str) {
    let (mut said, mut byte) = (Vec::new(), [0]);
    let stderr = child.stderr.as_mut().unwrap();
    while !String::from_utf8_lossy(&said).contains(word) {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "it never said {word}");
        said.push(byte[0]);
    }
}

// ── the rest ─────────────────────────────────────────────────────────────────────────────────────

#[test]
fn wrong_arguments_end_with_2() {
    let cloud = small();
    for args in [
        &["share"][..],
        &["revoke"],
        &["audit", "--format", "xml"],
        &["audit", "--status", "acepted"],
        &["history", "--verify"],
        &["--images", "x"],
    ] {
        let ran = cloud.run("demo-ims", args).ended(2);
        assert!(ran.err.contains("--help"), "{}", ran.err);
    }
    let ran = cloud.run("demo-ims", &[]).ended(2);
    assert!(ran.err.contains("terminal"), "{}", ran.err);
}

#[test]
fn a_cloud_or_region_that_does_not_exist_ends_with_2_and_names_those_that_do() {
    let cloud = small();
    let ran = cloud.run("nope", &["audit"]).ended(2);
    assert!(ran.err.contains("no cloud `nope`") && ran.err.contains("demo-ims"), "{}", ran.err);
    let ran = cloud.run("demo-ims", &["--region", "mars", "audit"]).ended(2);
    assert!(ran.err.contains("`mars`") && ran.err.contains("eu-de"), "{}", ran.err);
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn several_clouds_and_no_choice_is_an_error_that_lists_them() {
    let cloud = small();
    let ran = ran(cloud.command(&["audit"]).spawn().unwrap()).ended(1);
    assert!(ran.err.contains("--cloud NAME") && ran.err.contains("demo-glance-web"), "{}", ran.err);
}

#[test]
fn clouds_are_listed_without_asking_any() {
    let cloud = small();
    let list = cloud.run("demo-ims", &["clouds", "--format", "json"]).ended(0).json();

    assert_eq!(list["schema"], "sharelock/clouds/1");
    let kinds: Vec<_> = list["clouds"].as_array().unwrap().iter().map(|c| &c["kind"]).collect();
    assert_eq!(kinds, ["ims", "ims", "glance", "glance", "ims", "rackspace"]);
    assert!(list["paths"]["clouds"][0].as_str().unwrap().ends_with("/clouds.yaml"));
    assert!(cloud.run("demo-ims", &["clouds"]).ended(0).out.contains("clouds.yaml"));
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn the_demo_needs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Command::new(support::BIN);
    program.env_clear().current_dir(home.path());
    let output =
        program.args("audit --demo --images 5 --seed 3 --format json".split(' ')).output().unwrap();

    let audit: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(audit["scopes"][0]["images"].as_array().unwrap().len(), 5);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "it left something behind");
}

#[test]
fn the_embedded_cloud_serves_others_until_it_is_interrupted() {
    let cloud = small();
    let mut server = cloud.command(&["demo-cloud", "--images", "4"]).spawn().unwrap();
    until_said(&mut server, "listening on http://127.0.0.1:");
    let (mut yaml, mut chunk) = (Vec::new(), [0; 4096]);
    let last = b"image_sharing_api: rackspace\n";
    while !yaml.windows(last.len()).any(|part| part == last) {
        let read = server.stdout.as_mut().unwrap().read(&mut chunk).unwrap();
        assert_ne!(read, 0, "another entry is the last one");
        yaml.extend_from_slice(&chunk[..read]);
    }
    cloud.file("clouds.yaml", std::str::from_utf8(&yaml).unwrap());

    let audit = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(0).json();
    assert_eq!(audit["scopes"][0]["images"].as_array().unwrap().len(), 4);
    interrupt(&server);
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

#[test]
fn completions_and_the_manual_are_printed() {
    let cloud = small();
    assert!(cloud.run("demo-ims", &["completions", "bash"]).ended(0).out.contains("sharelock"));
    assert!(cloud.run("demo-ims", &["man"]).ended(0).out.contains(".TH"));
    assert!(cloud.run("demo-ims", &["--version"]).ended(0).out.starts_with("sharelock "));
}
