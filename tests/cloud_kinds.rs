//! Clouds that differ from the usual ones, audited and changed by the built program.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use std::collections::BTreeSet;

use demo_cloud::{Action, Fault, Options, Route};
use domain::Share;
use serde_json::Value;
use support::cloud::{Cloud, Ran};

/// Every share in the JSON document of an audit, as image and member.
fn audited(ran: &Ran) -> BTreeSet<(String, String)> {
    let audit = ran.json();
    let images = audit["scopes"][0]["images"].as_array().unwrap().iter();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let of = |image: &Value| {
        let members = image["members"].as_array().unwrap().iter();
        members.map(|member| (id(image), id(member))).collect::<Vec<_>>()
    };
    images.flat_map(of).collect()
}

fn pair(share: &Share) -> (String, String) {
    (share.image.raw().to_owned(), share.member.id.raw().to_owned())
}

// ── Glance before API 2.5 ──────────────────────────────────────────────────────────────────────────

fn old_glance() -> Cloud {
    Cloud::start(Options { old_glance: true, ..Options::plain(12, 9) })
}

#[test]
fn before_api_2_5_the_members_of_private_images_are_audited() {
    let cloud = old_glance();

    let ran = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(0);

    assert_eq!(audited(&ran), cloud.truth().iter().map(pair).collect());
    assert_eq!(ran.json()["complete"], true);
    let looked_up =
        cloud.demo.requests().iter().filter(|it| it.path.ends_with("/versions")).count();
    assert_eq!(looked_up, 1);
}

#[test]
fn before_api_2_5_a_share_of_a_private_image_is_revoked_and_made_again() {
    let cloud = old_glance();
    let before = cloud.truth();
    let share = before.first().unwrap().clone();
    let pair = ["--image", share.image.raw(), "--project", share.member.id.raw()];

    let args = [&["revoke", "--yes"][..], &pair].concat();
    let ran = cloud.run("demo-glance", &args).ended(0);
    assert!(!ran.err.contains("private"), "{ran:?}");
    let left: Vec<Share> = before.difference(&cloud.truth()).cloned().collect();
    assert_eq!(left, std::slice::from_ref(&share));

    let args = [&["share", "--yes"][..], &pair].concat();
    let ran = cloud.run("demo-glance", &args).ended(0);
    assert!(!ran.err.contains("private"), "{ran:?}");
    assert_eq!(cloud.truth(), before);
}

#[test]
fn without_a_version_document_private_images_are_read_and_never_counted_as_unshared() {
    for status in [404, 503] {
        let cloud = old_glance();
        let absent = Action::json(status, &serde_json::json!({}));
        cloud.demo.faults().add(Fault::always(Route::get("/glance/versions"), absent));

        let ran = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(0);

        assert_eq!(audited(&ran), cloud.truth().iter().map(pair).collect(), "{status}");
    }
}

#[test]
fn a_current_glance_is_not_asked_for_the_members_of_private_images() {
    let cloud = Cloud::start(Options::quick());

    cloud.run("demo-glance", &["audit"]).ended(0);

    let refused = |path: &str| path.ends_with("/members");
    let requests = cloud.demo.requests();
    let asked = requests.iter().filter(|it| refused(&it.path) && it.status == Some(403));
    assert_eq!(asked.count(), 0);
}

#[test]
fn a_current_glance_without_a_version_document_refuses_private_images_and_the_audit_is_complete() {
    let cloud = Cloud::start(Options::quick());
    let absent = Action::json(404, &serde_json::json!({}));
    cloud.demo.faults().add(Fault::always(Route::get("/glance/versions"), absent));

    let ran = cloud.run("demo-glance", &["audit", "--format", "json"]).ended(0);

    assert_eq!(ran.json()["complete"], true);
    let refused = cloud.demo.requests().iter().filter(|it| it.status == Some(403)).count();
    assert!(refused > 0, "private images are asked for");
}

// ── Application credentials with access rules ──────────────────────────────────────────────────────

#[test]
fn member_lists_that_access_rules_do_not_cover_cost_one_renewal_for_600_images() {
    let cloud = Cloud::start(Options { odd: false, ..Options::plain(600, 9) });
    let refused = serde_json::json!({"error": {"code": 401, "title": "Unauthorized",
        "message": "The request you have made requires authentication."}});
    cloud.demo.faults().add(Fault::always(Route::get("/members"), Action::json(401, &refused)));

    let ran = cloud.run("demo-glance", &["audit"]).ended(3);

    assert!(cloud.demo.logins() <= 2, "{} logins", cloud.demo.logins());
    assert!(ran.err.contains("access rules"), "{}", ran.err);
    let asked = cloud.demo.requests().iter().filter(|it| it.path.ends_with("/members")).count();
    assert!(asked >= 600, "every image is still read once");
}

// ── Huawei Cloud ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_audit_by_the_rights_in_enterprise_projects_says_so_in_words_and_in_json() {
    let cloud = Cloud::start(Options::plain(12, 9));
    let refused = serde_json::json!({"error": {"message": "not allowed", "code": "IMG.0161"}});
    let plain = Route::get("/ims/v2/cloudimages");
    cloud.demo.faults().add(Fault::next(1, plain, Action::json(403, &refused)));

    let ran = cloud.run("demo-ims", &["audit", "--format", "json"]).ended(0);

    assert_eq!(audited(&ran).len(), cloud.truth().len());
    assert!(ran.err.contains("all_granted_eps"), "{}", ran.err);
    let notices = ran.json()["scopes"][0]["notices"].clone();
    assert!(notices[0].as_str().unwrap().contains("all_granted_eps"), "{notices}");
}

#[test]
fn an_audit_of_one_image_says_that_only_projects_are_listed_exactly_where_that_is_so() {
    for typed in [true, false] {
        let cloud = Cloud::start(Options::plain(3, 3));
        cloud.demo.world().options.ims.v1_members = typed;
        let image = cloud.truth().first().unwrap().image.raw().to_owned();

        let ran = cloud.run("demo-ims", &["audit", "--image", &image]).ended(0);

        assert_eq!(ran.err.contains("only projects as members"), !typed, "{}", ran.err);
    }
}

// ── Unreadable entries ─────────────────────────────────────────────────────────────────────────────

#[test]
fn an_unreadable_entry_of_a_list_is_named_once_with_its_position_and_what_is_wrong() {
    for (name, path) in [
        ("demo-glance", "/glance/v2/images$"),
        ("demo-ims", "/ims/v2/cloudimages$"),
        ("demo-rackspace", "/rackspace/v2/images$"),
    ] {
        let cloud = Cloud::start(Options { account_images: 12, ..Options::plain(12, 9) });
        let nameless = Action::Set("/images/1/id", Value::Null);
        cloud.demo.faults().add(Fault::always(Route::get(path), nameless));

        let ran = cloud.run(name, &["audit"]).ended(3);

        let told = ran.err.matches("entry 2 of page 1 has no `id` (its name is `").count();
        assert_eq!(told, 1, "{name}: {}", ran.err);
    }
}
