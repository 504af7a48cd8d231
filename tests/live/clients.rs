//! The embedded cloud is good enough for real clients: OpenStack's SDK and command line, and Huawei Cloud's own SDK
//! with an access key. Before and after a change, made by them or by the program, they see what an audit sees.

use demo_cloud::VAULT;
use serde_json::json;

use crate::embedded::{Embedded, Members, Statuses, shared, statuses};
use crate::{csv, outcomes};

/// Shares that nobody else's test changes: some of the first images that have members.
fn some(statuses: &Statuses, count: usize) -> Vec<(String, String)> {
    let pairs = statuses.iter().flat_map(|(image, members)| {
        members.keys().take(2).map(move |member| (image.clone(), member.clone()))
    });
    pairs.take(count).collect()
}

fn without(mut statuses: Statuses, pairs: &[(String, String)]) -> Statuses {
    for (image, member) in pairs {
        statuses.get_mut(image).unwrap().remove(member).unwrap();
    }
    statuses
}

fn revoke(cloud: &Embedded, name: &str, pairs: &[(String, String)]) {
    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = cloud.lab.run_with_input(name, &args, &csv(pairs)).ended(0);
    assert_eq!(outcomes(&ran), ["revoked"]);
}

#[test]
#[ignore = "needs tests/live/run"]
fn openstacksdk_sees_what_an_audit_of_the_embedded_glance_sees_before_and_after_a_revoke() {
    let cloud = Embedded::start();
    let before = cloud.lab.sdk("demo-glance", "RegionOne");
    assert!(before.len() > 50, "the list should have several pages");
    assert_eq!(cloud.lab.audit("demo-glance", &[]), before);

    let gone = some(&statuses(&before), 9);
    revoke(&cloud, "demo-glance", &gone);

    let after = cloud.lab.sdk("demo-glance", "RegionOne");
    assert_eq!(statuses(&after), without(statuses(&before), &gone));
    assert_eq!(cloud.lab.audit("demo-glance", &[]), after);
    // The same images by the other service.
    assert_eq!(
        shared(statuses(&cloud.lab.sdk("demo-ims", "eu-de"))),
        shared(cloud.audit("demo-ims"))
    );
}

#[test]
#[ignore = "needs tests/live/run"]
fn the_openstack_client_works_with_the_embedded_glance() {
    lists_adds_accepts_and_removes("demo-glance", "demo-glance-web");
}

#[test]
#[ignore = "needs tests/live/run"]
fn the_openstack_client_works_with_the_embedded_ims() {
    lists_adds_accepts_and_removes("demo-ims", "demo-ims-web");
}

fn lists_adds_accepts_and_removes(own: &str, received: &str) {
    let cloud = Embedded::start();
    let before = cloud.audit(own);
    let taker = project_of(&cloud, received);
    let owned = cloud.openstack(
        own,
        &[
            &["token", "issue", "-f", "json"],
            &["project", "list", "-f", "json"],
            &["image", "list", "-f", "json"],
        ],
    );
    assert_eq!(owned[1].column("Name"), ["image-factory"]);
    assert_eq!(owned[1].column("ID"), [owned[0].text("project_id")]);
    let listed = owned[2].column("ID");
    let free = |(id, members): &(&String, &Members)| {
        listed.contains(id) && !members.is_empty() && !members.contains_key(&taker)
    };
    let (image, members) = before.iter().find(free).unwrap();

    let added = cloud.openstack(
        own,
        &[
            &["image", "member", "list", image, "-f", "json"],
            &["image", "add", "project", image, &taker, "-f", "json"],
        ],
    );
    let mut known = added[0].column("Member ID");
    known.sort();
    assert_eq!(known, members.keys().cloned().collect::<Vec<_>>());
    assert_eq!(
        (added[1].text("member_id"), added[1].text("status")),
        (taker.clone(), "pending".into())
    );
    assert_eq!(cloud.audit(own)[image][&taker], "pending");

    let pending = ["image", "list", "--shared", "--member-status", "pending", "-f", "json"];
    let answered = cloud.openstack(received, &[&pending, &["image", "set", "--accept", image]]);
    assert!(answered[0].column("ID").contains(image));
    answered[1].done();
    assert_eq!(cloud.audit(own)[image][&taker], "accepted");

    let remove = ["image", "remove", "project", image, &taker];
    cloud.openstack(own, &[&remove])[0].done();
    assert_eq!(cloud.audit(own), before);
}

fn project_of(cloud: &Embedded, name: &str) -> String {
    cloud.openstack(name, &[&["token", "issue", "-f", "json"]])[0].text("project_id")
}

#[test]
#[ignore = "needs tests/live/run"]
fn huawei_s_sdk_sees_what_an_audit_sees_before_and_after_a_revoke() {
    let cloud = Embedded::start();
    let before = shared(cloud.audit("demo-ims"));
    assert!(before.len() > 20, "the list should have several pages");
    assert_eq!(shared(cloud.huawei_sees()), before);

    let gone = some(&before, 12);
    revoke(&cloud, "demo-ims-aksk", &gone);

    let after = shared(without(before, &gone));
    assert_eq!(shared(cloud.huawei_sees()), after);
    assert_eq!(shared(cloud.audit("demo-ims-aksk")), after);
}

#[test]
#[ignore = "needs tests/live/run"]
fn what_huawei_s_sdk_changes_in_batches_an_audit_sees() {
    let cloud = Embedded::start();
    let taker = project_of(&cloud, "demo-ims-web");
    let before = cloud.audit("demo-ims");
    let free = |(_, members): &(&String, &Members)| {
        members.len() > 1 && members.len() < 8 && !members.contains_key(&taker)
    };
    let images: Vec<&String> = before.iter().filter(free).map(|(id, _)| id).take(2).collect();
    let both = format!("{},{}", images[0], images[1]);
    let done = |kind: &str| json!([kind, "SUCCESS", "SUCCESS", true]);

    assert_eq!(cloud.huawei("alice", &["add", &both, &taker]), done("imsAddImageMembersJob"));
    let pending = cloud.huawei("bob", &["received", "pending"]);
    for (image, answer) in [(images[0], "accept"), (images[1], "reject")] {
        assert!(pending.as_array().unwrap().contains(&json!(image)));
        let answered = cloud.huawei("bob", &[answer, image, &taker]);
        assert_eq!(answered, done("imsUpdateImageMembersJob"));
    }
    let now = cloud.audit("demo-ims");
    assert_eq!((&*now[images[0]][&taker], &*now[images[1]][&taker]), ("accepted", "rejected"));
    assert_eq!(shared(cloud.huawei_sees()), shared(now));

    assert_eq!(cloud.huawei("alice", &["remove", &both, &taker]), done("imsDelImageMembersJob"));
    assert_eq!(cloud.audit("demo-ims"), before);
    let refused = cloud.huawei("alice", &["add", images[0], &"0".repeat(32)]);
    assert_eq!(refused, json!({"status": 400, "code": "IMG.0108"}));
}

#[test]
#[ignore = "needs tests/live/run"]
fn huawei_s_sdk_accepts_a_full_ecs_image_into_a_vault_alone_and_so_do_we() {
    let cloud = Embedded::start();
    let taker = project_of(&cloud, "demo-ims-web");
    let whole = cloud.huawei("alice", &["whole"]);
    let image = whole[0].as_str().unwrap();
    assert_eq!(whole.as_array().unwrap().len(), 1, "{whole}");
    if !cloud.audit("demo-ims")[image].contains_key(&taker) {
        cloud.huawei("alice", &["add", image, &taker]);
    }
    let status = || cloud.audit("demo-ims")[image][&taker].clone();
    let done = json!(["imsUpdateImageMembersJob", "SUCCESS", "SUCCESS", true]);

    let nowhere = cloud.huawei("bob", &["accept", image, &taker]);
    assert_eq!(nowhere, json!({"status": 400, "code": "IMG.0184"}));
    assert_eq!(cloud.huawei("bob", &["accept", image, &taker, VAULT]), done);
    assert_eq!(status(), "accepted");
    assert_eq!(cloud.huawei("bob", &["reject", image, &taker]), done);
    assert_eq!(status(), "rejected");

    let args = ["accept", "--yes", "--format", "json", "--image", image, "--vault", VAULT];
    let ran = cloud.lab.run("demo-ims-web", &args).ended(0);
    assert_eq!(outcomes(&ran), ["accepted"]);
    assert_eq!(cloud.huawei_sees()[image][&taker], "accepted");
}
