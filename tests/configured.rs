//! The built program with configurations as people have them: which project it works in, and what it says when
//! something is missing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use demo_cloud::{Options, PASSWORD, Recorded};
use support::cloud::{Cloud, Ran, ran};
use support::{BIN, Screen};

/// A cloud file with one entry of a user who is a member of two projects.
fn carol(more: &str) -> Cloud {
    let cloud = Cloud::start(Options::plain(12, 9));
    let text = format!(
        "clouds:\n  one:\n    image_sharing_api: glance\n    region_name: RegionOne\n    auth: {{auth_url: \"{}/v3\", \
         username: carol, project_name: image-factory, user_domain_name: Default, \
         project_domain_name: Default{more}}}\n",
        cloud.demo.url()
    );
    cloud.file("clouds.yaml", &text);
    cloud
}

fn with_password() -> Cloud {
    carol(&format!(", password: {PASSWORD}"))
}

fn run(cloud: &Cloud, args: &[&str], vars: &[(&str, &str)]) -> Ran {
    ran(cloud.command(args).envs(vars.iter().copied()).spawn().unwrap())
}

#[test]
fn a_project_of_the_variables_is_the_project_of_the_named_cloud_and_every_summary_names_it() {
    let cloud = with_password();
    let share = cloud.truth().first().unwrap().clone();
    let audit = run(&cloud, &["audit"], &[]).ended(0);
    assert!(audit.err.contains("one · RegionOne · image-factory: "), "{audit:?}");
    for named in [vec![("OS_CLOUD", "one")], vec![]] {
        let vars: Vec<_> = named.into_iter().chain([("OS_PROJECT_NAME", "team-web")]).collect();
        let audit = run(&cloud, &["audit"], &vars).ended(0);
        assert!(audit.err.contains("one · RegionOne · team-web: "), "{audit:?}");
    }
    let (image, member) = (share.image.raw(), share.member.id.raw());
    let revoke = ["revoke", "--image", image, "--project", member, "--yes"];
    let revoke = run(&cloud, &revoke, &[]).ended(0);
    assert!(revoke.err.contains("one · RegionOne · image-factory: 1 revoked"), "{revoke:?}");
}

#[test]
fn a_login_of_the_variables_at_another_address_sends_nothing_to_a_named_cloud() {
    let cloud = with_password();
    let vars = [("OS_AUTH_URL", "http://127.0.0.1:9/v3"), ("OS_PASSWORD", "x")];
    let audit = run(&cloud, &["--cloud", "one", "audit"], &vars).ended(1);
    assert!(audit.err.contains("OS_AUTH_URL is http://127.0.0.1:9/v3"), "{audit:?}");
    assert!(cloud.demo.requests().is_empty());
}

/// The line of the configuration that a password command needs.
fn settings(command: &str) -> String {
    format!("[clouds.one]\npassword_command = {command}\n")
}

#[test]
fn without_a_password_and_a_terminal_one_sentence_names_the_three_places_for_it() {
    let cloud = carol("");
    let audit = run(&cloud, &["audit"], &[]).ended(1);
    for part in ["OS_PASSWORD", "secure.yaml", "password_command"] {
        assert!(audit.err.contains(part), "{audit:?}");
    }
    assert_eq!(audit.err.lines().count(), 1, "{audit:?}");
    assert!(cloud.demo.requests().is_empty());
    run(&cloud, &["audit"], &[("OS_PASSWORD", PASSWORD)]).ended(0);
}

#[test]
fn a_password_command_gives_the_password_and_its_output_is_never_shown() {
    let cloud = carol("");
    let log = ["--config", "config.toml", "--log-file", "log", "audit"];
    cloud.file("config.toml", &settings(&format!("[\"printf\", \"{PASSWORD}\\nMARKER\\n\"]")));
    let ran = run(&cloud, &log, &[("SHARELOCK_LOG", "trace")]).ended(0);
    let check = run(&cloud, &["--config", "config.toml", "clouds", "--check"], &[]).ended(0);
    assert!(check.out.contains("password from password_command"), "{check:?}");
    // The variable goes before it.
    let failing = "[\"sh\", \"-c\", \"echo MARKER; echo no key >&2; exit 2\"]";
    cloud.file("config.toml", &settings(failing));
    run(&cloud, &log, &[("OS_PASSWORD", PASSWORD)]).ended(0);
    let failed = run(&cloud, &log, &[]).ended(1);
    assert!(
        failed
            .err
            .contains("cannot get the password of cloud one: `sh` ended with status 2: no key"),
        "{failed:?}"
    );
    let log = std::fs::read_to_string(cloud.home.path().join("log")).unwrap();
    for text in [&*log, &ran.err, &ran.out, &failed.err, &check.out, &check.err] {
        assert!(!text.contains("MARKER"), "{text}");
    }
}

#[test]
fn on_a_terminal_the_password_is_asked_for_without_echo_and_once() {
    let cloud = carol("");
    for (typed, status) in [(PASSWORD, 0), ("wrong-one", 1)] {
        let before = logins(&cloud);
        let mut screen = Screen::run(BIN, &["audit"], WIDE, cloud.home.path());
        screen.until_text("Password for the login:");
        screen.type_keys(&format!("{typed}\n"));
        assert_eq!(screen.exit_code(), status, "{}", screen.contents());
        assert!(!String::from_utf8_lossy(&screen.raw()).contains(&format!(" {typed}")));
        assert_eq!(logins(&cloud) - before, 1, "a refused password is not sent again");
    }
}

#[test]
fn the_screen_asks_for_the_password_and_logs_in_with_it() {
    let cloud = carol("");
    let mut screen = Screen::run(BIN, &[], WIDE, cloud.home.path());
    screen.until_text("Password:");
    screen.type_keys(&format!("{PASSWORD}\r"));
    screen.until("the images", |screen| {
        let shown = screen.contents();
        shown.contains("12 images") && !shown.contains("Password:")
    });
    assert_eq!(logins(&cloud), 1);
}

/// How many logins arrived.
fn logins(cloud: &Cloud) -> usize {
    let is_login =
        |request: &&Recorded| request.method == "POST" && request.path.ends_with("/auth/tokens");
    cloud.demo.requests().iter().filter(is_login).count()
}

const WIDE: (u16, u16) = (160, 40);
