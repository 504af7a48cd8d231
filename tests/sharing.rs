//! Shares that are made, answered and taken back, by the built program: what the cloud says afterwards is what the
//! receipt said.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use std::collections::BTreeSet;

use demo_cloud::{Action, Fault, JobScript, Options, Route, VAULT};
use domain::{ImageId, Member, MemberStatus, OperationId, Share};
use engine::journal::Journal;
use serde_json::{Value, json};
use support::cloud::{Cloud, Ran};

const KINDS: [&str; 2] = ["demo-ims", "demo-glance"];
/// A project that does not exist.
const NOBODY: &str = "00c0ffee00c0ffee00c0ffee00c0ffee";

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// The first images of the project that can have members, by id.
fn images(cloud: &Cloud, count: usize) -> Vec<String> {
    let images: BTreeSet<ImageId> = cloud.truth().into_iter().map(|share| share.image).collect();
    images.into_iter().take(count).map(|id| id.raw().to_owned()).collect()
}

/// The id of a project that nothing is shared with.
fn stranger(cloud: &Cloud) -> String {
    cloud.demo.world().add_project("stranger").0.raw().to_owned()
}

fn outcomes(ran: &Ran) -> Vec<(String, String)> {
    let receipt = ran.json();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let shares = receipt["shares"].as_array().unwrap();
    shares.iter().map(|share| (word(&share["member"]), word(&share["outcome"]))).collect()
}

fn with<'a>(args: &[&'a str], images: &'a [String]) -> Vec<&'a str> {
    let mut all = args.to_vec();
    all.push("--image");
    all.extend(images.iter().map(String::as_str));
    all
}

fn changes(cloud: &Cloud) -> usize {
    let login = |path: &str| path.starts_with("/v3/auth");
    let requests = cloud.demo.requests();
    requests.iter().filter(|request| request.method != "GET" && !login(&request.path)).count()
}

fn status_of(cloud: &Cloud, name: &str) -> String {
    let world = cloud.demo.world();
    let own = world.project("image-factory").unwrap();
    let image = world.images().find(|it| it.image.name.as_ref().unwrap().raw() == name).unwrap();
    let row = world.members(&image.image.id).iter().find(|row| row.member.id == own.0).unwrap();
    row.status.to_string()
}

// ── share ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_pair_that_is_none_yet_is_shared_and_nothing_else_changes() {
    for kind in KINDS {
        let cloud = small();
        let stranger = stranger(&cloud);
        let images = images(&cloud, 3);
        let already = cloud.truth().first().unwrap().clone();
        let before = cloud.truth();
        let args = with(
            &[
                "share",
                "--yes",
                "--format",
                "json",
                "--project",
                &stranger,
                already.member.id.raw(),
            ],
            &images,
        );

        let ran = cloud.run(kind, &args).ended(0);

        let receipt = ran.json();
        assert_eq!(receipt["kind"], "share");
        assert_eq!(receipt["complete"], true);
        let outcomes = outcomes(&ran);
        assert_eq!(outcomes.len(), 6);
        let strangers = outcomes.iter().filter(|(member, _)| *member == stranger);
        assert!(strangers.clone().all(|(_, outcome)| outcome == "shared"), "{outcomes:?}");
        assert_eq!(strangers.count(), 3);
        let was = (already.member.id.raw().to_owned(), "was-shared".to_owned());
        assert!(outcomes.contains(&was), "{outcomes:?}");
        let new: BTreeSet<Share> = cloud.truth().difference(&before).cloned().collect();
        let asked = |share: &Share| {
            images.contains(&share.image.raw().to_owned())
                && [stranger.as_str(), already.member.id.raw()].contains(&share.member.id.raw())
        };
        assert!(new.iter().all(asked), "{kind}");
        assert!(before.is_subset(&cloud.truth()), "nothing was taken away");
    }
}

#[test]
fn a_dry_run_of_sharing_prints_each_request_and_sends_none() {
    for (kind, method) in [("demo-ims", "POST"), ("demo-glance", "POST")] {
        let cloud = small();
        let stranger = stranger(&cloud);
        let images = images(&cloud, 2);
        let args =
            with(&["share", "--dry-run", "--format", "json", "--project", &stranger], &images);

        let plan = cloud.run(kind, &args).ended(0).json();

        assert_eq!((&plan["schema"], &plan["shares"]), (&json!("sharelock/plan/1"), &json!(2)));
        let requests = plan["requests"].as_array().unwrap();
        assert!(requests.iter().all(|request| request["method"] == method));
        assert_eq!(requests.len(), if kind == "demo-ims" { 1 } else { 2 });
        assert_eq!(changes(&cloud), 0);
    }
}

#[test]
fn a_member_that_nobody_can_be_is_refused_before_anything_is_sent() {
    let cloud = small();
    let stranger = stranger(&cloud);
    let own = cloud.demo.world().project("image-factory").unwrap();
    let images = images(&cloud, 1);
    for (kind, member, why) in [
        ("demo-ims", own.0.raw(), "own project"),
        ("demo-glance", own.0.raw(), "own project"),
        ("demo-ims", "team-web", "32 hexadecimal"),
        ("demo-glance", "a/b", "cannot be removed again"),
    ] {
        let args = with(&["share", "--yes", "--project", &stranger, member], &images);
        let ran = cloud.run(kind, &args).ended(1);
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    assert_eq!(changes(&cloud), 0);
}

#[test]
fn a_member_that_is_hardly_a_project_is_told_and_can_be_shared_with_on_glance() {
    let cloud = small();
    let images = images(&cloud, 1);
    let args = with(&["share", "--yes", "--project", "team-web"], &images);
    let ran = cloud.run("demo-glance", &args).ended(0);
    assert!(ran.err.contains("look twice: team-web does not look like"), "{}", ran.err);
}

#[test]
fn an_image_that_cannot_be_shared_is_not_sent_and_the_others_are() {
    let cloud = small();
    let stranger = stranger(&cloud);
    let images = images(&cloud, 2);
    let private = ImageId::from(images[0].as_str());
    cloud.demo.world().edit_image(&private, |stored| {
        stored.image.visibility = domain::Visibility::Private;
    });
    let args = with(&["share", "--yes", "--format", "json", "--project", &stranger], &images);

    let ran = cloud.run("demo-glance", &args).ended(3);

    let words: Vec<String> = outcomes(&ran).into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["not-shared", "shared"]);
    assert!(ran.out.contains("set its visibility to `shared` first"), "{}", ran.out);
    assert_eq!(changes(&cloud), 1);
}

#[test]
fn a_quota_that_is_reached_is_told_in_the_clouds_words_and_with_its_request_id() {
    let full = |kind| match kind {
        "demo-ims" => "exceeds the quota",
        _ => "limit exceeded",
    };
    for kind in KINDS {
        let cloud = Cloud::start(Options { member_quota: 0, ..Options::plain(12, 9) });
        let stranger = stranger(&cloud);
        let images = images(&cloud, 1);
        let args = with(&["share", "--yes", "--format", "json", "--project", &stranger], &images);
        let ran = cloud.run(kind, &args).ended(3);
        let error = ran.json()["shares"][0]["error"].as_str().unwrap().to_owned();
        assert!(error.contains(full(kind)) && error.contains("(request "), "{error}");
        assert_eq!(outcomes(&ran)[0].1, "not-shared");
        let warned = ran.err.contains("and the cloud's quota is 0; the cloud may refuse");
        assert_eq!(warned, kind == "demo-ims", "{}", ran.err);
    }
}

#[test]
fn a_job_that_says_success_while_nothing_was_shared_does_not_deceive() {
    let cloud = small();
    let stranger = stranger(&cloud);
    cloud.demo.world().script_every_job(Some(JobScript::leaves_all()));
    let images = images(&cloud, 1);
    let args = with(&["share", "--yes", "--format", "json", "--project", &stranger], &images);
    let ran = cloud.run("demo-ims", &args).ended(3);
    assert_eq!(outcomes(&ran), [(stranger.clone(), "not-shared".to_owned())]);
}

#[test]
fn the_answer_to_sharing_that_is_lost_is_judged_by_the_members_and_nothing_is_sent_twice() {
    for (kind, path) in [("demo-ims", "/v1/cloudimages/members"), ("demo-glance", "/members")] {
        let cloud = small();
        let stranger = stranger(&cloud);
        let images = images(&cloud, 1);
        cloud.demo.faults().add(Fault::always(Route::post(path), Action::DropAfter));
        let args = with(&["share", "--yes", "--format", "json", "--project", &stranger], &images);

        let ran = cloud.run(kind, &args).ended(0);

        assert_eq!(outcomes(&ran), [(stranger, "shared".to_owned())], "{kind}");
        assert_eq!(changes(&cloud), 1, "{kind}");
    }
}

// ── accept, reject ───────────────────────────────────────────────────────────────────────────────

#[test]
fn a_received_image_is_accepted_and_rejected_and_what_is_so_already_is_not_sent() {
    for kind in KINDS {
        let cloud = small();
        let accept = |images: &[&str]| {
            let mut args = vec!["accept", "--yes", "--format", "json", "--image"];
            args.extend(images);
            cloud.run(kind, &args).ended(0)
        };

        let ran = accept(&["web-frontend-canary", "web-legacy-php", "web-frontend-base"]);

        assert_eq!(ran.json()["kind"], "accept");
        let mut words: Vec<String> = outcomes(&ran).into_iter().map(|(_, word)| word).collect();
        words.sort();
        assert_eq!(words, ["accepted", "accepted", "was-accepted"]);
        for name in ["web-frontend-canary", "web-legacy-php", "web-frontend-base"] {
            assert_eq!(status_of(&cloud, name), "accepted", "{kind} {name}");
        }
        let sent = changes(&cloud);
        assert_eq!(sent, if kind == "demo-ims" { 1 } else { 2 });

        let args = ["reject", "--yes", "--format", "json", "--image", "web-frontend-base"];
        let ran = cloud.run(kind, &args).ended(0);
        assert_eq!(outcomes(&ran)[0].1, "rejected");
        assert_eq!(status_of(&cloud, "web-frontend-base"), "rejected");
        assert_eq!(changes(&cloud), sent + 1);
    }
}

/// A full-ECS image that `team-web` shares with the project.
fn full_ecs(cloud: &Cloud) -> String {
    let mut world = cloud.demo.world();
    let canary = world.images().find(|it| it.image.name == Some("web-frontend-canary".into()));
    let id = canary.unwrap().image.id.clone();
    world.edit_image(&id, |it| it.image.whole = true);
    id.raw().to_owned()
}

#[test]
fn a_full_ecs_image_is_accepted_into_a_vault_and_the_journal_knows_which() {
    let cloud = small();
    let image = full_ecs(&cloud);
    let accept = |more: &[&str]| {
        let args = ["accept", "--format", "json", "--image", &image, "--vault", VAULT];
        cloud.run("demo-ims", &[&args, more].concat()).ended(0)
    };

    let plan = accept(&["--dry-run"]).json();
    assert_eq!(plan["requests"][0]["vault"], VAULT);
    assert_eq!(changes(&cloud), 0);

    let ran = accept(&["--yes"]);
    assert_eq!(outcomes(&ran)[0].1, "accepted");
    assert_eq!(status_of(&cloud, "web-frontend-canary"), "accepted");
    let requests = cloud.demo.requests();
    let sent = requests.iter().find(|request| request.method == "PUT").unwrap();
    assert_eq!(sent.body.as_ref().unwrap()["vault_id"], VAULT);
    let path = cloud.home.path().join(".local/share/sharelock/sharelock.db");
    let journal = Journal::open(&path).unwrap();
    let id = OperationId(ran.json()["operation"].as_str().unwrap().to_owned());
    let written = journal.load(&id).unwrap().unwrap();
    assert_eq!(written.requests[0].batch.vault, Some(VAULT.into()));
}

#[test]
fn a_full_ecs_image_without_a_vault_and_a_vault_without_one_are_refused_before_anything_is_sent() {
    let cloud = small();
    let image = full_ecs(&cloud);
    for (kind, args, words) in [
        ("demo-ims", vec![&*image], "`sharelock accept --image ID --vault ID`"),
        ("demo-ims", vec![&*image, "web-legacy-php"], "a full-ECS image is accepted into a vault"),
        ("demo-ims", vec!["web-legacy-php", "--vault", VAULT], "not a full-ECS image"),
        ("demo-glance", vec!["web-legacy-php", "--vault", VAULT], "this cloud has no vaults"),
    ] {
        let args = [&["accept", "--yes", "--image"], &*args].concat();
        let ran = cloud.run(kind, &args).ended(1);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    assert_eq!(changes(&cloud), 0);
    let elsewhere = ["accept", "--yes", "--image", &image, "--vault", "no-such-vault"];
    let ran = cloud.run("demo-ims", &elsewhere).ended(3);
    assert!(ran.out.contains("vault does not exist") && ran.out.contains("--vault"), "{}", ran.out);
    cloud.run("demo-ims", &["reject", "--yes", "--image", &image]).ended(0);
}

#[test]
fn an_own_image_cannot_be_accepted_and_one_that_is_not_there_is_an_error() {
    let cloud = small();
    let own = images(&cloud, 1).remove(0);
    for image in [own.as_str(), "no-such-image"] {
        let ran = cloud.run("demo-glance", &["accept", "--yes", "--image", image]).ended(1);
        assert!(ran.err.contains("cannot find the image"), "{}", ran.err);
    }
    assert_eq!(changes(&cloud), 0);
}

// ── undo ─────────────────────────────────────────────────────────────────────────────────────────

fn revoke(cloud: &Cloud, kind: &str, shares: &[Share]) -> String {
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("shares.csv", &shares.iter().map(line).collect::<String>());
    let args = ["revoke", "--from", "shares.csv", "--yes", "--format", "json"];
    let receipt = cloud.run(kind, &args).json();
    receipt["operation"].as_str().unwrap().to_owned()
}

fn undo(cloud: &Cloud, operation: &str, status: i32) -> Ran {
    let mut command = cloud.command(&["undo", operation, "--yes", "--format", "json"]);
    support::cloud::ran(command.spawn().unwrap()).ended(status)
}

#[test]
fn an_undo_shares_again_exactly_what_was_revoked_and_an_undo_of_that_revokes_it() {
    for kind in KINDS {
        let cloud = small();
        let before = cloud.truth();
        let mut shares: Vec<Share> = before.iter().step_by(4).take(4).cloned().collect();
        let never = Share { image: shares[0].image.clone(), member: Member::project(NOBODY) };
        shares.push(never.clone());
        let revoked = revoke(&cloud, kind, &shares);
        assert!(!cloud.truth().contains(&shares[1]));

        let ran = undo(&cloud, &revoked, 0);

        assert_eq!(ran.json()["kind"], "share");
        assert_eq!(outcomes(&ran).len(), 4, "what was no share is not made one");
        assert!(outcomes(&ran).iter().all(|(_, word)| word == "shared"), "{:?}", outcomes(&ran));
        assert!(ran.err.contains("come back as pending"), "{}", ran.err);
        assert_eq!(cloud.truth(), before, "{kind}");
        let world = cloud.demo.world();
        let row = world.members(&shares[1].image).iter().find(|row| row.member == shares[1].member);
        assert_eq!(row.unwrap().status, MemberStatus::Pending);
        drop(world);

        let undone = ran.json()["operation"].as_str().unwrap().to_owned();
        let ran = undo(&cloud, &undone, 0);
        assert_eq!(ran.json()["kind"], "revoke");
        let left: BTreeSet<Share> =
            before.iter().filter(|it| !shares.contains(it)).cloned().collect();
        assert_eq!(cloud.truth(), left);
    }
}

#[test]
fn an_undo_leaves_out_what_somebody_shared_again_and_says_what_cannot_come_back() {
    for kind in KINDS {
        let cloud = small();
        let shares: Vec<Share> = {
            let mut seen = BTreeSet::new();
            cloud.truth().into_iter().filter(|it| seen.insert(it.image.clone())).take(3).collect()
        };
        let revoked = revoke(&cloud, kind, &shares);
        cloud.demo.world().share(
            &shares[0].image,
            shares[0].member.clone(),
            MemberStatus::Accepted,
        );
        cloud.demo.world().remove_image(&shares[1].image);
        cloud.demo.forget_requests();

        let ran = undo(&cloud, &revoked, 3);

        let words: Vec<String> = outcomes(&ran).into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["was-shared", "not-shared", "shared"], "{kind}");
        assert!(ran.out.contains("is not found"), "{}", ran.out);
        assert_eq!(changes(&cloud), 1);
        assert!(cloud.truth().contains(&shares[2]));
    }
}

#[test]
fn what_cannot_be_undone_is_told_and_nothing_is_sent() {
    let cloud = small();
    let never =
        Share { image: ImageId::from(&*images(&cloud, 1)[0]), member: Member::project(NOBODY) };
    let nothing = revoke(&cloud, "demo-glance", &[never]);
    let ran = undo(&cloud, &nothing, 1);
    assert!(ran.err.contains("did not revoke anything"), "{}", ran.err);

    let args = ["accept", "--yes", "--format", "json", "--image", "web-frontend-canary"];
    let accepted = cloud.run("demo-glance", &args).ended(0).json();
    let sent = changes(&cloud);
    let ran = undo(&cloud, accepted["operation"].as_str().unwrap(), 1);
    assert!(ran.err.contains("cannot be taken back"), "{}", ran.err);
    undo(&cloud, "nosuch", 1);

    let shares: Vec<Share> = cloud.truth().into_iter().take(1).collect();
    let revoked = revoke(&cloud, "demo-glance", &shares);
    let sent = sent + 1;
    let mut elsewhere = cloud.command(&["--cloud", "demo-ims", "undo", &revoked, "--yes"]);
    let ran = support::cloud::ran(elsewhere.spawn().unwrap()).ended(1);
    assert!(ran.err.contains("this login is another"), "{}", ran.err);
    assert_eq!(changes(&cloud), sent);
}

#[test]
fn an_undo_can_be_looked_at_first_and_needs_somebody_to_confirm_it() {
    let cloud = small();
    let shares: Vec<Share> = cloud.truth().into_iter().take(3).collect();
    let revoked = revoke(&cloud, "demo-ims", &shares);
    let sent = changes(&cloud);
    let mut look = cloud.command(&["undo", &revoked, "--dry-run"]);
    let ran = support::cloud::ran(look.spawn().unwrap()).ended(0);
    assert!(ran.out.contains("curl -X POST"), "{}", ran.out);

    let mut unasked = cloud.command(&["undo", &revoked]);
    let ran = support::cloud::ran(unasked.spawn().unwrap()).ended(2);
    assert!(ran.err.contains("cannot ask for confirmation"), "{}", ran.err);
    let mut read_only = cloud.command(&["--read-only", "undo", &revoked, "--yes"]);
    support::cloud::ran(read_only.spawn().unwrap()).ended(1);
    assert_eq!(changes(&cloud), sent);
}
