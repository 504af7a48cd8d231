//! What a program left behind, and what `sharelock jobs` makes of it; and going on where nothing can be written.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use std::io::Read;
use std::process::Child;
use std::time::Duration;

use demo_cloud::{Action, Fault, JobScript, Options, Route};
use domain::Share;
use serde_json::{Value, json};
use support::cloud::{Cloud, Ran, ran};

const JOBS: [&str; 3] = ["jobs", "--format", "json"];
const REVOKE: [&str; 4] = ["revoke", "--from", "shares.csv", "--yes"];

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// Some shares, written to `shares.csv`.
fn some(cloud: &Cloud, count: usize) -> Vec<Share> {
    let shares: Vec<Share> = cloud.truth().into_iter().step_by(3).take(count).collect();
    write(cloud, &shares);
    shares
}

fn write(cloud: &Cloud, shares: &[Share]) {
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("shares.csv", &shares.iter().map(line).collect::<String>());
}

fn are_gone(cloud: &Cloud, shares: &[Share]) -> bool {
    let left = cloud.truth();
    !shares.iter().any(|share| left.contains(share))
}

/// Revokes and does not wait; the id of the operation.
fn leave_behind(cloud: &Cloud, name: &str) -> String {
    let args: Vec<&str> =
        REVOKE.iter().chain(&["--no-wait", "--format", "json"]).copied().collect();
    let receipt = cloud.run(name, &args).ended(3).json();
    receipt["operation"].as_str().unwrap().to_owned()
}

fn started(cloud: &Cloud, name: &str) -> Child {
    cloud.command(&["--cloud", name]).args(REVOKE).spawn().unwrap()
}

fn until_said(child: &mut Child, word: &str) {
    let (mut said, mut byte) = (Vec::new(), [0]);
    let stderr = child.stderr.as_mut().unwrap();
    while !String::from_utf8_lossy(&said).contains(word) {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "it never said {word}");
        said.push(byte[0]);
    }
}

fn jobs(ran: &Ran) -> Vec<Value> {
    let list = ran.json();
    assert_eq!(list["schema"], "sharelock/jobs/1");
    list["jobs"].as_array().unwrap().clone()
}

/// Where the journal would be there is a file, so that nobody, not even root, can write one.
fn spoil_the_data_dir(cloud: &Cloud) {
    std::fs::create_dir_all(cloud.home.path().join(".local/share")).unwrap();
    cloud.file(".local/share/sharelock", "in the way");
}

#[test]
fn what_was_not_waited_for_comes_to_its_truth_and_nothing_is_sent_again() {
    let cloud = small();
    let shares = some(&cloud, 5);
    let operation = leave_behind(&cloud, "demo-ims");
    let sent = cloud.deletes();

    let told = ran(cloud.command(&JOBS).spawn().unwrap()).ended(0);

    assert!(are_gone(&cloud, &shares));
    assert_eq!(cloud.deletes(), sent);
    let jobs = jobs(&told);
    assert_eq!(jobs.len(), sent, "one row a job");
    let about: u64 = jobs.iter().map(|job| job["shares"].as_u64().unwrap()).sum();
    assert_eq!(about, 5);
    for job in jobs {
        let id = job["id"].as_str().unwrap();
        assert!(!id.is_empty() && !id.starts_with("local"), "{job}");
        let expected = json!({
            "operation": operation, "id": id, "stage": "finished", "status": "SUCCESS",
            "error_code": null, "fail_reason": null, "shares": job["shares"],
        });
        assert_eq!(job, expected);
    }
    let end = format!("operation {operation} on demo-ims · eu-de · ");
    assert!(told.err.contains(&end) && told.err.contains(": 5 revoked"), "{}", told.err);
}

/// Revokes nine shares, and kills the program when no answer is to be expected any more.
fn revoke_and_kill(cloud: &Cloud, name: &str, on: Fault, asked: fn(&Cloud) -> bool) -> Vec<Share> {
    let shares = some(cloud, 9);
    cloud.demo.faults().add(on);
    let mut child = started(cloud, name);
    while !asked(cloud) {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    cloud.demo.faults().clear();
    shares
}

const FOREVER: Action = Action::Delay(Duration::from_hours(1));

#[test]
fn the_job_of_a_killed_program_is_followed_on() {
    let cloud = small();
    let asked = |cloud: &Cloud| cloud.demo.requests().iter().any(|r| r.path.contains("/job"));
    let on = Fault::always(Route::jobs(), FOREVER);
    let shares = revoke_and_kill(&cloud, "demo-ims", on, asked);
    let sent = cloud.deletes();

    let told = cloud.run("demo-ims", &JOBS);

    assert_eq!(cloud.deletes(), sent, "nothing is sent");
    let left = cloud.truth();
    let gone = shares.iter().filter(|share| !left.contains(share)).count();
    assert!(told.err.contains(&format!("{gone} revoked")), "{told:#?}");
    assert_eq!(told.status, Some(if gone == 9 { 0 } else { 3 }), "{told:#?}");
    assert!(jobs(&told).iter().all(|job| job["stage"] == "finished"), "{told:#?}");
    assert_eq!(jobs(&cloud.run("demo-ims", &JOBS).ended(0)), [] as [Value; 0]);
}

#[test]
fn single_deletes_of_a_killed_program_are_told_as_one_job_and_as_they_are() {
    let cloud = small();
    let asked = |cloud: &Cloud| cloud.deletes() == 9;
    let on = Fault::nth(3, Route::delete("/members/"), FOREVER);
    let shares = revoke_and_kill(&cloud, "demo-glance", on, asked);

    let told = cloud.run("demo-glance", &JOBS).ended(3);

    assert_eq!(cloud.deletes(), 9, "nothing is sent again");
    let left = cloud.truth();
    let still = shares.iter().filter(|share| left.contains(share)).count();
    assert!(still > 0 && told.err.contains(&format!("{still} still-shared")), "{told:#?}");
    let jobs = jobs(&told);
    assert_eq!((jobs.len(), &jobs[0]["shares"]), (1, &json!(9)));
    assert!(jobs[0]["id"].as_str().unwrap().starts_with("local-"));
    go_on_as_told(&cloud, "demo-glance", &told);
    assert!(are_gone(&cloud, &shares));
}

/// Does what the program says can be done about what is left.
fn go_on_as_told(cloud: &Cloud, name: &str, told: &Ran) {
    let hint = told.err.lines().find(|line| line.starts_with("to plan what is left again: "));
    let (list, plan) = hint.unwrap().split_once(" | ").unwrap();
    let args = |command: &str| -> Vec<String> {
        let (_, args) = command.split_once("sharelock ").unwrap();
        args.split(' ').map(str::to_owned).collect()
    };
    let (list, mut plan) = (args(list), args(plan));
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    let left = ran(cloud.command(&list).spawn().unwrap()).ended(0).out;
    assert_eq!(plan.pop().as_deref(), Some("--dry-run"));
    plan.push("--yes".into());
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    cloud.run_with_input(name, &plan, &left).ended(0);
}

#[test]
fn nothing_to_do_is_an_empty_list_and_one_line() {
    let cloud = small();
    let told = ran(cloud.command(&JOBS).spawn().unwrap()).ended(0);

    assert_eq!(told.out, "{\"schema\":\"sharelock/jobs/1\",\"jobs\":[]}\n");
    assert_eq!(told.err, "nothing is unfinished\n");
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn one_operation_is_named_by_the_beginning_or_the_end_of_its_id() {
    let cloud = small();
    let shares = some(&cloud, 2);
    let first = leave_behind(&cloud, "demo-ims");
    let others = cloud.truth().into_iter().filter(|share| !shares.contains(share));
    write(&cloud, &others.take(2).collect::<Vec<_>>());
    let second = leave_behind(&cloud, "demo-ims");

    let end = &second[second.len() - 4..];
    let told = ran(cloud.command(&JOBS).arg(end).spawn().unwrap());
    assert!(!told.out.contains(&first) && told.out.contains(&second), "{told:#?}");

    let told = ran(cloud.command(&JOBS).spawn().unwrap()).ended(0);
    assert!(told.out.contains(&first) && !told.out.contains(&second), "{told:#?}");

    // Both have ended, and are told from the journal alone.
    cloud.demo.forget_requests();
    let told = ran(cloud.command(&JOBS).arg(&first).spawn().unwrap()).ended(0);
    assert_eq!(jobs(&told)[0]["stage"], "finished");
    assert_eq!(cloud.demo.requests().len(), 0);

    let none = ran(cloud.command(&JOBS).arg("nope").spawn().unwrap()).ended(1);
    let said = "error: cannot find the operation `nope`: there is none in the journal\n";
    assert_eq!((&*none.err, &*none.out), (said, ""));
    let both = ran(cloud.command(&JOBS).arg(&first[..2]).spawn().unwrap()).ended(1);
    assert!(both.err.contains(&first) && both.err.contains(&second), "{}", both.err);
}

#[test]
fn only_the_named_cloud_is_logged_in_to() {
    let cloud = small();
    some(&cloud, 2);
    leave_behind(&cloud, "demo-ims");
    cloud.demo.forget_requests();

    let told = cloud.run("demo-glance", &JOBS).ended(0);
    assert_eq!(jobs(&told), [] as [Value; 0]);
    assert_eq!(cloud.demo.requests().len(), 0);
}

#[test]
fn what_cannot_be_taken_up_is_listed_with_the_reason_and_ends_with_3() {
    let cloud = small();
    some(&cloud, 2);
    let operation = leave_behind(&cloud, "demo-ims");
    let action = Action::json(401, &json!({"error": {"code": 401, "message": "who?"}}));
    cloud.demo.faults().add(Fault::always(Route::login(), action));

    let told = ran(cloud.command(&["jobs"]).spawn().unwrap()).ended(3);
    let said = format!("operation {operation} is not resumed: cannot log in");
    assert!(told.err.contains(&said), "{}", told.err);
    assert!(told.out.contains("following") && told.out.contains("cannot log in"), "{}", told.out);
}

#[test]
fn what_another_living_program_follows_is_told_and_left_alone() {
    let cloud = small();
    let shares = some(&cloud, 3);
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    let mut other = started(&cloud, "demo-ims");
    until_said(&mut other, ": job ");
    let id = other.id();

    let told = ran(cloud.command(&["jobs"]).spawn().unwrap()).ended(3);

    assert!(told.out.contains(&format!("followed by process {id}")), "{}", told.out);
    assert!(told.err.contains(&format!("followed by process {id}")), "{}", told.err);
    assert!(other.try_wait().unwrap().is_none());
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(!are_gone(&cloud, &shares));
}

#[test]
fn a_job_that_still_runs_after_the_timeout_leaves_the_operation_unfinished_and_its_shares_unknown()
{
    let delay = Duration::from_hours(1)..Duration::from_hours(2);
    let cloud = Cloud::start(Options { job_delay: delay, ..Options::plain(12, 9) });
    let shares = some(&cloud, 1);
    let mut other = started(&cloud, "demo-ims");
    until_said(&mut other, ": job ");
    other.kill().unwrap();
    other.wait().unwrap();
    cloud.demo.world().advance(Duration::from_mins(45));

    let told = ran(cloud.command(&["jobs", "--timeout", "1"]).spawn().unwrap()).ended(3);

    assert!(told.out.contains("following") && told.out.contains("RUNNING"), "{told:#?}");
    assert!(told.err.contains("1 unknown"), "{told:#?}");
    assert!(told.err.contains("is unfinished because a job is still running"), "{told:#?}");
    assert!(!told.err.contains("to plan what is left"), "{told:#?}");
    assert!(!are_gone(&cloud, &shares));

    let history = ran(cloud.command(&["history", "--format", "json"]).spawn().unwrap()).ended(0);
    let operation = history.json()["operations"][0].clone();
    assert_eq!((&operation["stage"], &operation["ended_at"]), (&json!("following"), &json!(null)));
    assert_eq!(operation["shares"][0]["outcome"], "unknown");

    // The cloud's job ends, and the next start finds out.
    let sent = cloud.deletes();
    cloud.demo.world().advance(Duration::from_hours(3));
    let told = ran(cloud.command(&["jobs", "--timeout", "1"]).spawn().unwrap()).ended(0);
    assert!(told.out.contains("finished") && told.out.contains("SUCCESS"), "{told:#?}");
    assert!(told.err.contains("1 revoked") && are_gone(&cloud, &shares), "{told:#?}");
    assert_eq!(cloud.deletes(), sent);
}

#[test]
fn watching_waits_for_another_program_and_takes_up_what_it_leaves() {
    let delay = Duration::from_millis(1500)..Duration::from_millis(1600);
    let cloud = Cloud::start(Options { job_delay: delay, ..Options::plain(12, 9) });
    for killed in [true, false] {
        let shares = some(&cloud, 1);
        let mut other = started(&cloud, "demo-ims");
        until_said(&mut other, ": job ");
        let mut watcher = cloud.command(&JOBS).arg("--watch").spawn().unwrap();
        until_said(&mut watcher, "followed by process");
        if killed {
            other.kill().unwrap();
        }
        other.wait().unwrap();

        let told = ran(watcher).ended(0);
        assert!(are_gone(&cloud, &shares));
        assert_eq!(jobs(&told)[0]["status"], "SUCCESS", "{told:#?}");
        assert!(told.err.contains(": 1 revoked"), "{told:#?}");
    }
}

#[test]
fn where_no_journal_can_be_written_nothing_is_sent_unless_the_user_says_so() {
    let cloud = small();
    let shares = some(&cloud, 4);
    spoil_the_data_dir(&cloud);

    let refused = cloud.run("demo-ims", &REVOKE).ended(1);
    assert!(refused.err.contains("error: cannot write the journal"), "{}", refused.err);
    assert!(refused.err.contains("--no-journal"), "{}", refused.err);
    assert_eq!(cloud.deletes(), 0);

    let args: Vec<&str> = REVOKE.iter().chain(&["--no-journal"]).copied().collect();
    let gone = cloud.run("demo-ims", &args).ended(0);
    assert!(gone.err.contains("WARNING: the journal is off (--no-journal)"), "{}", gone.err);
    assert!(are_gone(&cloud, &shares));
}

/// Runs a command of the program in a shell line that has `$BIN`.
fn in_shell(cloud: &Cloud, line: &str) -> Ran {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", line]).env_clear().envs(support::surroundings(cloud.home.path()));
    shell
        .env("BIN", support::BIN)
        .current_dir(cloud.home.path())
        .stdin(std::process::Stdio::null());
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    ran(shell.spawn().unwrap())
}

#[test]
fn a_journal_that_cannot_grow_ends_with_3_and_the_reason_and_is_not_called_an_interruption() {
    let mut told = 0;
    // No file may be longer than so many blocks of 512 bytes.
    for blocks in (100..400).step_by(12) {
        let cloud = small();
        let shares = some(&cloud, 20);
        let line = "trap '' XFSZ; ulimit -f BLOCKS; \
                    exec \"$BIN\" --cloud demo-glance revoke --from shares.csv --yes --format json";
        let ran = in_shell(&cloud, &line.replace("BLOCKS", &blocks.to_string()));
        assert!(matches!(ran.status, Some(0 | 1 | 3)), "{ran:#?}");
        assert!(!ran.err.contains("interrupted"), "{ran:#?}");
        let left = cloud.truth();
        let left = shares.iter().filter(|share| left.contains(share)).count();
        if ran.status == Some(3) && left > 0 {
            assert!(ran.err.contains(&format!("{left} still-shared")), "{ran:#?}");
            assert!(ran.out.contains("not sent: cannot write the journal"), "{ran:#?}");
            told += 1;
        }
    }
    assert!(told > 0, "the limit was never met while requests were leaving");
}

#[test]
fn a_receipt_that_cannot_be_printed_is_said_to_be_in_the_journal() {
    let cloud = small();
    let shares = some(&cloud, 2);
    let line = "exec \"$BIN\" --cloud demo-ims revoke --from shares.csv --yes >/dev/full";
    let told = in_shell(&cloud, line).ended(1);

    assert!(are_gone(&cloud, &shares));
    let error = told.err.lines().last().unwrap();
    assert!(error.starts_with("error: cannot write the result: "), "{told:#?}");
    let (_, id) = error.split_once("run `sharelock history ").unwrap();
    let id = id.split('`').next().unwrap();
    let receipt = ran(cloud.command(&["history", id]).spawn().unwrap()).ended(0);
    assert!(receipt.out.contains("revoked"), "{receipt:#?}");

    let line = format!("exec \"$BIN\" --cloud demo-ims undo {id} --yes >/dev/full");
    let told = in_shell(&cloud, &line).ended(1);
    assert!(told.err.contains("ran all the same; run `sharelock history "), "{told:#?}");
}

#[test]
fn a_damaged_journal_is_no_reason_to_go_on_without_one() {
    let cloud = small();
    some(&cloud, 1);
    std::fs::create_dir_all(cloud.home.path().join(".local/share/sharelock")).unwrap();
    cloud.file(".local/share/sharelock/sharelock.db", &"no database ".repeat(99));

    let refused = cloud.run("demo-ims", &REVOKE).ended(1);
    assert!(refused.err.contains("move the file away"), "{}", refused.err);
    assert!(!refused.err.contains("--no-journal"), "{}", refused.err);
    assert_eq!(cloud.deletes(), 0);
    let told = cloud.run("demo-ims", &JOBS).ended(1);
    assert!(told.err.starts_with("error: cannot read the unfinished"), "{}", told.err);
}

#[test]
fn without_the_journal_there_are_no_jobs_to_ask_for() {
    let told = small().run("demo-ims", &["jobs", "--no-journal"]).ended(2);
    assert!(told.err.contains("--no-journal"), "{}", told.err);
}
