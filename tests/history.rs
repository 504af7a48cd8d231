//! `sharelock history`: what was done is told from the journal, and held against the cloud when that is asked for.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use demo_cloud::{Action, Fault, JobScript, Options, Route};
use domain::Share;
use serde_json::{Value, json};
use support::cloud::{Cloud, Ran, ran};

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

fn csv(shares: &[Share]) -> String {
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    shares.iter().map(line).collect()
}

/// Revokes some shares; the id of the operation, and the shares.
fn revoked(cloud: &Cloud, name: &str, count: usize) -> (String, Vec<Share>) {
    let shares: Vec<Share> = cloud.truth().into_iter().step_by(3).take(count).collect();
    cloud.file("shares.csv", &csv(&shares));
    let args = ["revoke", "--from", "shares.csv", "--yes", "--format", "json"];
    let receipt = cloud.run(name, &args).json();
    (receipt["operation"].as_str().unwrap().to_owned(), shares)
}

/// Without --cloud: the journal alone, or where it was done.
fn history(cloud: &Cloud, args: &[&str]) -> Ran {
    ran(cloud.command(&["history"]).args(args).spawn().unwrap())
}

fn listed(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.json()["schema"], "sharelock/history/1");
    ran.json()["operations"].as_array().unwrap().clone()
}

fn ids(ran: &Ran) -> Vec<String> {
    listed(ran).iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_document_holds_everything_that_was_asked_and_what_became_of_it() {
    let cloud = small();
    let (id, shares) = revoked(&cloud, "demo-ims", 3);
    let asked = cloud.demo.requests().len();

    let ran = history(&cloud, &["--format", "json"]).ended(0);
    assert_eq!(cloud.demo.requests().len(), asked, "history asks no cloud");
    let operation = &listed(&ran)[0];
    let expected = [
        "id",
        "kind",
        "cloud",
        "region",
        "project_id",
        "user",
        "started_at",
        "ended_at",
        "stage",
        "jobs",
        "shares",
    ];
    assert_eq!(keys(operation)[..expected.len()], expected);
    assert_eq!(operation["id"], id);
    assert_eq!((&operation["kind"], &operation["stage"]), (&json!("revoke"), &json!("finished")));
    assert_eq!(operation["cloud"], "demo-ims");
    assert!(operation["user"].is_string() && operation["ended_at"].is_string(), "{operation}");
    assert_eq!(operation["jobs"][0]["status"], "SUCCESS");
    assert_eq!(keys(&operation["jobs"][0]), ["id", "status", "error_code", "fail_reason"]);
    assert_eq!(operation["requests"][0]["method"], "DELETE");
    assert!(operation["requests"][0]["request_id"].is_string(), "{operation}");

    let found = operation["shares"].as_array().unwrap();
    assert_eq!(found.len(), shares.len());
    assert_eq!(keys(&found[0])[..5], ["image", "member", "type", "outcome", "error"]);
    assert_eq!(found[0]["image"], shares[0].image.raw());
    assert_eq!(found[0]["outcome"], "revoked");
    assert_eq!(found[0]["before"]["listed"], true);
    assert!(found[0]["before"]["created_at"].is_string(), "{}", found[0]);
    assert_eq!(found[0]["after"]["listed"], false);
    assert_eq!(found[0].get("later"), None);
}

#[test]
fn an_operation_that_is_open_has_no_outcomes_yet() {
    let cloud = small();
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    let shares: Vec<Share> = cloud.truth().into_iter().take(1).collect();
    cloud.file("shares.csv", &csv(&shares));
    cloud.run("demo-ims", &["revoke", "--from", "shares.csv", "--yes", "--no-wait"]).ended(3);

    let ran = history(&cloud, &["--format", "json"]).ended(0);
    let operation = &listed(&ran)[0];
    assert_eq!((&operation["stage"], &operation["ended_at"]), (&json!("following"), &Value::Null));
    assert_eq!(operation["shares"][0]["outcome"], Value::Null);
    let table = history(&cloud, &[]).ended(0).out;
    assert!(table.lines().nth(1).unwrap().contains("following"), "{table}");
}

#[test]
fn the_list_has_a_line_for_each_operation_newest_first_and_says_what_was_undone() {
    let cloud = small();
    let (first, _) = revoked(&cloud, "demo-ims", 2);
    let (second, _) = revoked(&cloud, "demo-glance", 1);
    let undo = cloud.run("demo-ims", &["undo", &first, "--yes", "--format", "json"]).ended(0);
    let undo = undo.json()["operation"].as_str().unwrap().to_owned();

    let table = history(&cloud, &[]).ended(0).out;
    let lines: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(
        lines[0].starts_with(&undo) && lines[0].contains(&format!("undoes {first}")),
        "{table}"
    );
    assert!(lines[1].starts_with(&second) && lines[1].contains("demo-glance"), "{table}");
    assert!(lines[2].contains("2 revoked") && lines[2].contains(&format!("undone by {undo}")));

    let one = history(&cloud, &[&first[4..], "--format", "json"]).ended(0);
    assert_eq!(listed(&one)[0]["undone_by"], json!([undo]));
    assert_eq!(listed(&history(&cloud, &[&undo, "--format", "json"]))[0]["undoes"], first);
}

#[test]
fn filters_and_the_limit_choose_and_what_is_left_out_is_said() {
    let cloud = small();
    let (first, shares) = revoked(&cloud, "demo-ims", 2);
    let (second, _) = revoked(&cloud, "demo-glance", 1);
    let image = shares[0].image.raw();
    let of = |args: &[&str]| {
        let args: Vec<&str> = args.iter().chain(&["--format", "json"]).copied().collect();
        ids(&history(&cloud, &args).ended(0))
    };

    assert_eq!(of(&[]), [&*second, &first]);
    assert_eq!(of(&["--cloud", "demo-ims"]), [&*first]);
    assert_eq!(of(&["--image", image]), [&*first]);
    assert_eq!(of(&["--member", shares[1].member.id.raw(), "--cloud", "demo-ims"]), [&*first]);
    assert_eq!(of(&["--kind", "revoke", "--outcome", "revoked"]).len(), 2);
    assert!(of(&["--kind", "share"]).is_empty());
    assert!(of(&["--outcome", "still-shared"]).is_empty());
    assert!(of(&["--since", "0s"]).is_empty());
    let ran = history(&cloud, &["--limit", "1"]).ended(0);
    assert_eq!(ran.out.lines().count(), 2);
    assert!(ran.err.contains("--limit"), "{}", ran.err);
}

#[test]
fn the_receipt_says_who_where_when_and_what_to_a_person() {
    let cloud = small();
    let (id, shares) = revoked(&cloud, "demo-ims", 2);
    let document = listed(&history(&cloud, &[&id, "--format", "json"]).ended(0)).remove(0);

    for format in ["table", "markdown"] {
        let receipt = history(&cloud, &[&id, "--format", format]).ended(0).out.replace('\\', "");
        for word in [
            &*id,
            document["user"].as_str().unwrap(),
            document["project_id"].as_str().unwrap(),
            document["endpoint"].as_str().unwrap(),
            document["started_at"].as_str().unwrap(),
            document["ended_at"].as_str().unwrap(),
            document["jobs"][0]["id"].as_str().unwrap(),
            document["requests"][0]["request_id"].as_str().unwrap(),
            document["requests"][0]["sent_at"].as_str().unwrap(),
            "DELETE /v1/cloudimages/members",
            "SUCCESS",
            "2 revoked",
            shares[0].image.raw(),
            shares[1].member.id.raw(),
            document["shares"][0]["before"]["created_at"].as_str().unwrap(),
            "absent",
        ] {
            assert!(receipt.contains(word), "no {word} in\n{receipt}");
        }
    }
    let markdown = history(&cloud, &[&id, "--format", "markdown"]).out;
    assert!(markdown.starts_with("## Operation"), "{markdown}");
}

#[test]
fn what_was_revoked_can_be_shared_again_from_the_rows() {
    for format in ["csv", "jsonl"] {
        let cloud = small();
        let before = cloud.truth();
        let (id, _) = revoked(&cloud, "demo-ims", 4);
        let rows = history(&cloud, &[&id, "--format", format]).ended(0).out;

        let args = ["share", "--from", "-", "--yes"];
        cloud.run_with_input("demo-ims", &args, &rows).ended(0);
        assert_eq!(cloud.truth(), before, "{format}");
    }
}

#[test]
fn what_is_still_shared_can_be_revoked_from_the_rows_and_nothing_else_is() {
    let cloud = small();
    cloud.demo.world().script_every_job(Some(JobScript::leaves_all()));
    let (id, shares) = revoked(&cloud, "demo-ims", 3);
    cloud.demo.world().script_every_job(None);
    let args = ["--outcome", "still-shared", "--member", shares[0].member.id.raw()];
    let args: Vec<&str> = [&*id].iter().chain(&args).chain(&["--format", "csv"]).copied().collect();
    let rows = history(&cloud, &args).ended(0).out;
    let wanted = shares.iter().filter(|share| share.member == shares[0].member).count();
    assert_eq!(rows.lines().count(), 1 + wanted);

    let before = cloud.truth();
    cloud.run_with_input("demo-ims", &["revoke", "--from", "-", "--yes"], &rows).ended(0);
    assert_eq!(before.difference(&cloud.truth()).count(), wanted);
    let args = [&*id, "--outcome", "revoked", "--format", "csv"];
    assert_eq!(history(&cloud, &args).ended(0).out.lines().count(), 1, "the header alone");
}

#[test]
fn verified_again_an_operation_is_as_it_was_until_somebody_shares_again() {
    for name in ["demo-ims", "demo-glance"] {
        let cloud = small();
        let (id, shares) = revoked(&cloud, name, 3);
        let written = history(&cloud, &[&id, "--format", "json"]).out;
        let sent = cloud.deletes();

        let same = history(&cloud, &[&id, "--verify", "--format", "json"]).ended(0);
        assert!(listed(&same)[0]["verified_at"].is_string());
        assert_eq!(listed(&same)[0]["shares"][0]["later"]["change"], "as-it-was");

        cloud.file("again.csv", &csv(&shares[..1]));
        cloud.run(name, &["share", "--from", "again.csv", "--yes"]).ended(0);
        let changed = history(&cloud, &[&id, "--verify", "--format", "json"]).ended(3);
        let found = &listed(&changed)[0]["shares"];
        assert_eq!(found[0]["later"]["change"], "shared-since", "{name}");
        assert_eq!(found[0]["later"]["now"]["status"], "pending");
        assert_eq!(found[1]["later"]["change"], "as-it-was");
        for format in ["table", "markdown"] {
            let told = history(&cloud, &[&id, "--verify", "--format", format]).ended(3).out;
            assert!(told.contains("revoked then, shared again since"), "{told}");
        }
        let rows = history(&cloud, &[&id, "--verify", "--format", "csv"]).ended(3).out;
        assert_eq!(rows.lines().filter(|row| row.contains(",shared-since,pending,")).count(), 1);

        assert_eq!(history(&cloud, &[&id, "--format", "json"]).out, written, "the journal is");
        assert_eq!(cloud.deletes(), sent);
    }
}

#[test]
fn what_cannot_be_read_again_is_unknown_and_never_as_it_was() {
    let cloud = small();
    let (id, shares) = revoked(&cloud, "demo-ims", 2);
    let route = Route::get(&format!("{}/members", shares[0].image.raw()));
    cloud.demo.faults().add(Fault::always(route, Action::json(403, &json!("not yours"))));

    let ran = history(&cloud, &[&id, "--verify", "--format", "json"]).ended(3);
    let later = &listed(&ran)[0]["shares"][0]["later"];
    assert_eq!((&later["change"], &later["now"]), (&json!("unknown"), &Value::Null));
    assert!(later["remark"].as_str().unwrap().starts_with("cannot read the members"), "{later}");
}

#[test]
fn an_operation_is_verified_only_where_it_was_done() {
    let cloud = small();
    let (id, _) = revoked(&cloud, "demo-ims", 1);
    let ran = history(&cloud, &[&id, "--verify", "--cloud", "demo-glance"]).ended(1);
    assert!(ran.err.contains("it was done on demo-ims"), "{}", ran.err);
}

#[test]
fn what_is_not_there_ends_with_1_and_what_makes_no_sense_with_2() {
    let cloud = small();
    assert!(history(&cloud, &[]).ended(0).out.contains("no operations found"));
    assert_eq!(listed(&history(&cloud, &["--format", "json"]).ended(0)), Vec::<Value>::new());
    let (id, _) = revoked(&cloud, "demo-ims", 1);
    let ran = history(&cloud, &["ffff-0000"]).ended(1);
    assert!(ran.err.contains("there is none in the journal"), "{}", ran.err);
    for args in [
        &["--outcome", "gone"][..],
        &["--verify"],
        &[&id, "--outcome", "not-shared"],
        &[&id, "--no-journal"],
        &["--since", "soon"],
    ] {
        history(&cloud, args).ended(2);
    }
}

#[test]
fn the_demo_alone_has_done_nothing() {
    let cloud = small();
    let ran = history(&cloud, &["--demo", "--format", "json"]).ended(0);
    assert_eq!(listed(&ran), Vec::<Value>::new());
}

/// Changes the journal of the cloud's home by hand.
fn spoil(cloud: &Cloud, change: &str) {
    let path = cloud.home.path().join(".local/share/sharelock/sharelock.db");
    rusqlite::Connection::open(path).unwrap().execute_batch(change).unwrap();
}

#[test]
fn one_damaged_operation_hides_no_other_in_any_format_and_ends_with_3() {
    let spoilt = [
        "UPDATE shares SET image = CAST(x'ff41' AS TEXT) WHERE operation = 2",
        "UPDATE requests SET batch = '{' WHERE operation = 2",
        "UPDATE operations SET kind = 'steal' WHERE number = 2",
        "UPDATE operations SET project_id = CAST(x'ff41' AS TEXT) WHERE number = 2",
    ];
    let cloud = small();
    let operations: Vec<String> =
        (1..=3).map(|count| revoked(&cloud, "demo-ims", count).0).collect();
    let path = cloud.home.path().join(".local/share/sharelock/sharelock.db");
    let good = std::fs::read(&path).unwrap();
    for change in spoilt {
        std::fs::write(&path, &good).unwrap();
        spoil(&cloud, change);
        let told = history(&cloud, &["--format", "json"]).ended(3);
        assert_eq!(ids(&told), [&*operations[2], &*operations[0]], "{change}");
        let line = told.err.lines().find(|line| line.contains(&operations[1])).unwrap();
        assert!(line.starts_with("cannot read operation "), "{line}");
        assert!(line.contains("is damaged") && line.contains("restore it from a backup"), "{line}");
        for format in ["csv", "jsonl"] {
            let told = history(&cloud, &["--format", format]).ended(3);
            let has = |id: &&String| told.out.contains(&***id);
            assert_eq!(operations.iter().filter(has).count(), 2, "{change} {told:#?}");
            assert!(told.err.contains(&operations[1]), "{change} {told:#?}");
        }
        // The table needs the operation's own row only.
        let told = history(&cloud, &[]);
        assert!(matches!(told.status, Some(0 | 3)), "{told:#?}");
        assert!(told.out.contains(&operations[0]) && told.out.contains(&operations[2]));
        assert!(told.out.contains(&operations[1]) || told.err.contains(&operations[1]));
    }
}

#[test]
fn one_damaged_operation_keeps_no_other_from_being_resumed() {
    let cloud = small();
    let begin = |count: usize| {
        let shares: Vec<Share> = cloud.truth().into_iter().step_by(3).take(count).collect();
        cloud.file("shares.csv", &csv(&shares));
        let args = ["revoke", "--from", "shares.csv", "--yes", "--no-wait", "--format", "json"];
        let receipt = cloud.run("demo-ims", &args).ended(3).json();
        receipt["operation"].as_str().unwrap().to_owned()
    };
    let (damaged, good) = (begin(1), begin(2));
    spoil(&cloud, "UPDATE requests SET batch = '{' WHERE operation = 1");
    let deletes = cloud.deletes();

    let resumed = ran(cloud.command(&["jobs", "--format", "json"]).spawn().unwrap()).ended(3);

    assert!(resumed.out.contains(&good) && !resumed.out.contains(&damaged), "{resumed:#?}");
    let line = resumed.err.lines().find(|line| line.contains(&damaged)).unwrap();
    assert!(line.starts_with("cannot read the unfinished operation "), "{line}");
    assert!(line.contains("is damaged"), "{line}");
    let receipt = history(&cloud, &[&good, "--format", "json"]);
    assert!(receipt.out.contains("\"revoked\""), "it was completed: {receipt:#?}");
    assert_eq!(cloud.deletes(), deletes, "nothing is sent");
}

#[test]
fn an_older_journal_with_other_tables_is_damaged_and_no_statement_is_shown() {
    let cloud = small();
    revoked(&cloud, "demo-ims", 1);
    for change in ["PRAGMA user_version = 1", "DROP TABLE requests; PRAGMA user_version = 2"] {
        spoil(&cloud, change);
        let told = history(&cloud, &["--format", "json"]).ended(1);
        assert!(told.err.contains("is damaged"), "{told:#?}");
        assert!(told.err.contains("move the file away"), "{told:#?}");
        for word in ["ALTER", "CREATE", "SELECT"] {
            assert!(!told.err.contains(word), "{told:#?}");
        }
    }
}

#[test]
fn a_history_of_thousands_of_operations_needs_no_more_memory_than_a_short_one() {
    let cloud = small();
    revoked(&cloud, "demo-ims", 1);
    spoil(
        &cloud,
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO operations SELECT i, 'copy-' || i, kind, cloud, region, api, project_id, project_name, user,
             endpoint, protected, read_only, tls_verified, started_at, ended_at, stage, images_read, images_to_read,
             open, holder, shares, done, failed, needless, unknown, undoes FROM n, operations WHERE number = 1;
         WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO shares SELECT i, k, image || k, kind, member, request, outcome, hex(zeroblob(400)), before, after
             FROM n, shares, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3) WHERE operation = 1;",
    );
    for format in ["json", "csv", "jsonl"] {
        let most = |limit: &str| {
            let child = cloud
                .command(&["history", "--format", format, "--limit", limit, "--output", "out"])
                .spawn()
                .unwrap();
            let path = format!("/proc/{}/status", child.id());
            let mut most = 0;
            while let Some(now) = peak(&path) {
                most = most.max(now);
            }
            ran(child).ended(0);
            most
        };
        let (short, long) = (most("20"), most("3000"));
        let written = std::fs::metadata(cloud.home.path().join("out")).unwrap().len() / 1024;
        assert!(written > 8_000, "{format}: {written} kB");
        assert!(long < short + 6_000, "{format}: {short} kB grew to {long} kB");
    }
}

/// The most memory a living process has had, in kB.
fn peak(path: &str) -> Option<u64> {
    let status = std::fs::read_to_string(path).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
