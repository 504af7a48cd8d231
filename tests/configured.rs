//! The built program with configurations as people have them: which project it works in, and what it says when
//! something is missing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use sharelock::demo::{Options, PASSWORD};
use support::cloud::{Cloud, Ran, ran};

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
