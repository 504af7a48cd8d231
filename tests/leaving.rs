//! Leaving the screen while an operation is not at its end.

mod support;

use std::time::Duration;

use demo_cloud::{Action, Fault, JobScript, Options, Route};
use support::cloud::Cloud;
use support::{BIN, Screen};

/// The program in view of its cloud, with one image's shares about to be revoked.
fn revoking(cloud: &Cloud) -> Screen {
    let screen = Screen::run(BIN, &["--cloud", "demo-ims"], (120, 36), cloud.home.path());
    screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
    let mut screen = screen;
    screen.type_keys("3 R");
    screen.until_text("Type 1 to revoke");
    screen.type_keys("1\r");
    screen
}

#[test]
fn quitting_before_the_end_names_the_operation_and_how_to_resume_it() {
    let cloud = Cloud::start(Options::plain(12, 9));
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    let mut screen = revoking(&cloud);
    screen.until_text("RUNNING");
    screen.type_keys("q");
    screen.until_text("y quits");
    screen.type_keys("y");

    assert_eq!(screen.exit_code(), 3);
    assert!(!screen.alternate());
    let said = screen.contents();
    assert!(said.contains("is unfinished; run `sharelock jobs "), "{said}");
}

#[test]
fn ctrl_c_ends_the_wait_for_responses_at_once() {
    let cloud = Cloud::start(Options::plain(12, 9));
    cloud
        .demo
        .faults()
        .add(Fault::always(Route::batch_delete(), Action::Delay(Duration::from_mins(1))));
    let mut screen = revoking(&cloud);
    screen.until("the request", |_| cloud.deletes() > 0);
    screen.type_keys("q");
    screen.until_text("y quits");
    screen.type_keys("y");
    screen.until_text("waiting for responses to requests already sent");
    screen.type_keys("\u{3}");

    assert_eq!(screen.exit_code(), 130);
}
