//! The built program against a real Keystone and Glance, compared with what openstacksdk says of the same cloud; and
//! the embedded cloud against real clients ([`clients`]).
//!
//! `tests/live/run` installs them, starts them, fills them (`seed.py`) and runs these tests; all of them are ignored
//! otherwise, so that `cargo test` alone needs no network. They run side by side: one that changes something has a
//! project of its own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod clients;
mod embedded;
mod lab;
#[path = "../support/mod.rs"]
mod support;

use lab::{Images, Lab, Seen, audited, called, csv, pairs, without};
use serde_json::{Value, json};
use support::cloud::{Ran, ran};

/// The outcome of every share of a receipt, each once.
fn outcomes(ran: &Ran) -> Vec<Value> {
    let receipt = ran.json();
    let shares = receipt["shares"].as_array().unwrap();
    let mut outcomes: Vec<Value> = shares.iter().map(|share| share["outcome"].clone()).collect();
    outcomes.dedup();
    outcomes
}

/// One clear line, and nothing else.
#[track_caller]
fn one_line(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.err.lines().count(), &*ran.out), (1, ""), "{ran:#?}");
    assert!(ran.err.starts_with("error: cannot "), "{}", ran.err);
    for word in words {
        assert!(ran.err.contains(word), "no `{word}` in {}", ran.err);
    }
    assert!(!ran.err.contains("-pw"), "the password is in {}", ran.err);
}

// ── audit ────────────────────────────────────────────────────────────────────────────────────────

#[test]
#[ignore = "needs tests/live/run"]
fn an_audit_is_what_openstacksdk_says_of_every_own_image() {
    let lab = Lab::find();
    let said = lab.sdk("zoo", "near");
    assert!(said.len() > 7 * 3, "the list should have several pages");

    assert_eq!(lab.audit("zoo", &[]), said);

    assert_eq!(called(&said, "private").1.members, None);
    assert_eq!(called(&said, "made-private").1.members, None);
    assert_eq!(called(&said, "shared-with-nobody").1.members, Some([].into()));
    assert_eq!(called(&said, "odd-members").1.members.as_ref().unwrap().len(), 8);
    assert_eq!(called(&said, "hidden").1.members.as_ref().unwrap().len(), 2);
}

#[test]
#[ignore = "needs tests/live/run"]
fn received_images_are_what_openstacksdk_says_they_are() {
    let lab = Lab::find();
    let mut said = lab.sdk("zoo", "near");
    let received = lab.sdk_received("zoo", "near");
    assert_eq!(received.len(), 3);
    said.extend(received);

    assert_eq!(lab.audit("zoo", &["--received"]), said);
}

#[test]
#[ignore = "needs tests/live/run"]
fn names_that_would_act_on_a_terminal_are_neutralised_in_a_table_alone() {
    let lab = Lab::find();
    let said = lab.sdk("zoo", "near");
    let hostile = said.values().filter_map(|image| image.name.as_ref());
    let hostile = hostile.clone().find(|name| name.starts_with("Größe")).unwrap();

    let table = lab.run("zoo", &["audit"]).ended(0);

    assert!(hostile.contains('\u{202e}') && !table.out.contains('\u{202e}'));
    assert!(table.out.contains("Größe ☃ 東京 "), "{}", table.out);
}

#[test]
#[ignore = "needs tests/live/run"]
fn an_image_is_found_by_its_name_and_a_name_of_two_finds_both() {
    let lab = Lab::find();
    let said = lab.sdk("zoo", "near");

    for (name, count) in [("plain-03", 1), ("twin", 2), ("hidden", 1)] {
        let found = lab.audit("zoo", &["--image", name]);
        assert_eq!(found.len(), count, "{name}");
        assert!(found.iter().all(|(id, image)| said[id] == *image));
    }

    let args = ["revoke", "--image", "twin", "--project", lab.project("web"), "--yes"];
    one_line(
        &lab.run("zoo", &args).ended(1),
        &["2 images have this name", "give the id of one of them"],
    );
}

#[test]
#[ignore = "needs tests/live/run"]
fn an_administrator_audits_the_own_project_alone() {
    let lab = Lab::find();

    let found = lab.audit("admin", &[]);

    assert_eq!(found, lab.sdk("admin", "near"));
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
#[ignore = "needs tests/live/run"]
fn an_administrator_has_not_received_what_others_share_with_others() {
    let lab = Lab::find();
    assert!(lab.sdk_received("admin", "near").len() > 10, "Glance lists them as received");

    let found = lab.audit("admin", &["--received"]);

    assert_eq!(found, lab.sdk("admin", "near"));
}

#[test]
#[ignore = "needs tests/live/run"]
fn every_region_of_a_cloud_is_what_openstacksdk_says_of_it() {
    let lab = Lab::find();
    let args = ["audit", "--all-regions", "--format", "json"];

    let audit = lab.run("zoo", &args).ended(0).json();

    assert_eq!(audit["complete"], true);
    let scopes = audit["scopes"].as_array().unwrap();
    for (scope, region) in scopes.iter().zip(["near", "far"]) {
        assert_eq!(scope["region"], region);
        let mut ids: Vec<&str> =
            scope["images"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, lab.sdk("zoo", region).keys().collect::<Vec<_>>());
    }
    assert_eq!(scopes.len(), 2);
}

// ── log in ───────────────────────────────────────────────────────────────────────────────────────

#[test]
#[ignore = "needs tests/live/run"]
fn every_login_to_a_project_sees_the_same() {
    let lab = Lab::find();
    let said = lab.sdk("zoo", "near");

    for cloud in ["zoo-credential-id", "zoo-credential-name", "zoo-reader", "zoo-unverified"] {
        assert_eq!(lab.audit(cloud, &[]), said, "{cloud}");
    }
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_login_that_is_refused_is_one_line_that_tells_why() {
    let lab = Lab::find();
    for cloud in ["zoo-wrong-password", "zoo-wrong-project"] {
        one_line(&lab.run(cloud, &["audit"]).ended(1), &["the login was refused", "clouds.yaml"]);
    }
    one_line(&lab.run("zoo-ended-token", &["audit"]).ended(1), &["it has expired or was revoked"]);
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_certificate_of_an_unknown_ca_is_refused_and_the_own_ca_is_trusted() {
    let lab = Lab::find();

    let ran = lab.run("zoo-untrusted", &["audit"]).ended(1);
    one_line(&ran, &["signed by a CA that is not trusted here", "set `cacert` in clouds.yaml"]);

    let ran = lab.run("zoo-unverified", &["audit", "--format", "json"]).ended(0);
    assert!(ran.err.contains("TLS verification is off"), "{}", ran.err);
    assert_eq!(audited(&ran), lab.audit("zoo", &[]));
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_token_that_ends_soon_is_replaced_before_it_ends() {
    let lab = Lab::find();
    let said = lab.sdk_as_admin("brief", "far");
    let before = lab.logins("brief");

    let (found, log) = lab.slow_audit("brief", "far").end();

    assert_eq!(found, said);
    assert_eq!(found.len(), 30);
    assert!(lab.logins("brief") >= before + 2, "it never renewed its login:\n{log}");
    assert!(!log.contains("status=401"), "{log}");
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_token_that_is_taken_away_in_the_middle_of_an_audit_is_replaced() {
    let lab = Lab::find();
    let said = lab.sdk("renewed", "far");
    let end_token = lab.end_token("renewed");
    let before = lab.logins("renewed");

    let mut audit = lab.slow_audit("renewed", "far");
    audit.until_members(5);
    end_token();
    let (found, log) = audit.end();

    assert_eq!(found, said);
    assert_eq!(lab.logins("renewed"), before + 2, "{log}");
    assert_eq!(log.matches("status=401").count(), 1, "{log}");
}

// ── regions ──────────────────────────────────────────────────────────────────────────────────────

#[test]
#[ignore = "needs tests/live/run"]
fn a_region_is_audited_and_changed_without_the_other() {
    let lab = Lab::find();
    let near = lab.sdk("far", "near");
    let said = lab.sdk("far", "far");
    assert_eq!((near.len(), said.len()), (0, 9));

    assert_eq!(lab.audit("far", &["--region", "near"]), near);
    assert_eq!(lab.audit("far", &["--region", "far"]), said);

    let some = &pairs(&said)[..3];
    let args = ["--region", "far", "revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = lab.run_with_input("far", &args, &csv(some)).ended(0);
    assert_eq!(outcomes(&ran), ["revoked"]);
    assert_eq!(lab.sdk("far", "far"), without(said, some));

    let ran = lab.run("far", &["--region", "nowhere", "audit"]).ended(2);
    assert!(ran.err.contains("near, far"), "{}", ran.err);
}

// ── revoke ───────────────────────────────────────────────────────────────────────────────────────

#[test]
#[ignore = "needs tests/live/run"]
fn exactly_the_marked_shares_are_gone_after_a_revoke() {
    let lab = Lab::find();
    let before = lab.sdk("marks", "near");
    let seed = fastrand::u64(..);
    let marks = fastrand::Rng::with_seed(seed).choose_multiple(pairs(&before), 25);

    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = lab.run_with_input("marks", &args, &csv(&marks)).ended(0);

    assert_eq!(ran.json()["shares"].as_array().unwrap().len(), 25);
    assert_eq!(outcomes(&ran), ["revoked"]);
    let after = lab.sdk("marks", "near");
    assert_eq!(after, without(before, &marks), "marks were drawn with the seed {seed}");
    assert_eq!(lab.audit("marks", &[]), after);

    let again = lab.run_with_input("marks", &args, &csv(&marks)).ended(0);
    assert_eq!(outcomes(&again), ["was-not-shared"]);
    assert_eq!(lab.sdk("marks", "near"), after);
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_share_is_chosen_by_the_image_name_and_the_alias_of_a_project() {
    let lab = Lab::find();
    let before = lab.sdk("gone", "near");
    let (image, member) = pairs(&before).remove(0);
    let name = before[&image].name.clone().unwrap();
    lab.settings(&format!("[projects]\n{member} = \"the-team\"\n"));

    let args = ["revoke", "--image", &name, "--project", "the-team", "--yes", "--format", "json"];
    let ran = lab.run("gone", &args).ended(0);

    assert_eq!(outcomes(&ran), ["revoked"]);
    assert_eq!(lab.sdk("gone", "near"), without(before, &[(image, member)]));
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_reader_revokes_nothing_and_is_told_so() {
    let lab = Lab::find();
    let before = lab.sdk("zoo", "near");
    let (image, _) = called(&before, "plain-00");
    let mark = [(image.to_owned(), lab.project("edge").to_owned())];

    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = lab.run_with_input("zoo-reader", &args, &csv(&mark)).ended(3);

    assert_eq!(outcomes(&ran), ["still-shared"]);
    let error = ran.json()["shares"][0]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("not authorized") && error.contains("`member`"), "{error}");
    assert_eq!(lab.sdk("zoo", "near"), before);
}

#[test]
#[ignore = "needs tests/live/run"]
fn a_member_whose_id_no_request_can_name_stays_and_is_told() {
    let lab = Lab::find();
    let before = lab.sdk("zoo", "near");
    let (image, _) = called(&before, "odd-members");

    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = lab.run_with_input("zoo", &args, &format!("{image},a/b\n")).ended(3);

    assert_eq!(outcomes(&ran), ["still-shared"]);
    assert_eq!(lab.sdk("zoo", "near"), before);
}

#[test]
#[ignore = "needs tests/live/run"]
fn an_administrator_revokes_the_marked_shares_of_another_owner() {
    let lab = Lab::find();
    let before = lab.sdk("admins", "near");
    let marks = &pairs(&before)[..4];

    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let ran = lab.run_with_input("admin", &args, &csv(marks)).ended(0);

    assert_eq!(outcomes(&ran), [json!("revoked")]);
    assert_eq!(lab.sdk("admins", "near"), without(before, marks));
}

// ── share, answer, undo ──────────────────────────────────────────────────────────────────────────

/// Members and statuses, without the times: what is shared again is younger.
fn statuses(images: &Images) -> Vec<(String, String, String)> {
    let of = |(id, image): (&String, &Seen)| {
        let members = image.members.iter().flatten();
        let row = |(member, (status, ..)): (&String, &(String, String, String))| {
            (id.clone(), member.clone(), status.clone())
        };
        members.map(row).collect::<Vec<_>>()
    };
    images.iter().flat_map(of).collect()
}

#[test]
#[ignore = "needs tests/live/run"]
fn what_is_shared_is_there_is_answered_and_is_taken_back_by_an_undo() {
    let lab = Lab::find();
    let before = lab.sdk("giver", "near");
    let taker = lab.project("taker");
    let images: Vec<&str> = before.keys().map(String::as_str).collect();
    let status = |member: &str, image: &str| {
        let images = lab.sdk("giver", "near");
        images[image].members.as_ref().unwrap()[member].0.clone()
    };

    let args = [&["share", "--yes", "--format", "json", "--project", taker, "--image"], &*images];
    let shared = lab.run("giver", &args.concat()).ended(0);

    assert_eq!(outcomes(&shared), ["shared"]);
    let mut expected = statuses(&before);
    expected
        .extend(images.iter().map(|id| ((*id).to_owned(), taker.to_owned(), "pending".to_owned())));
    expected.sort();
    assert_eq!(statuses(&lab.sdk("giver", "near")), expected);
    let again = lab.run("giver", &args.concat()).ended(0);
    assert_eq!(outcomes(&again), ["was-shared"]);

    for (command, image, word) in [("accept", 0, "accepted"), ("reject", 1, "rejected")] {
        let args = [command, "--yes", "--format", "json", "--image", images[image]];
        let answered = lab.run("taker", &args).ended(0);
        assert_eq!(outcomes(&answered), [word]);
        assert_eq!(status(taker, images[image]), word);
    }
    assert_eq!(lab.sdk_received("taker", "near").len(), 3);

    let operation = shared.json()["operation"].as_str().unwrap().to_owned();
    let undone = lab.run("giver", &["undo", &operation, "--yes", "--format", "json"]).ended(0);
    assert_eq!(outcomes(&undone), ["revoked"]);
    assert_eq!(lab.sdk("giver", "near"), before);
}

#[test]
#[ignore = "needs tests/live/run"]
fn an_undo_shares_again_what_was_revoked_and_everybody_is_pending() {
    let lab = Lab::find();
    let before = lab.sdk("undone", "near");
    let marks = &pairs(&before)[..5];
    let args = ["revoke", "--from", "-", "--yes", "--format", "json"];
    let revoked = lab.run_with_input("undone", &args, &csv(marks)).ended(0);
    let operation = revoked.json()["operation"].as_str().unwrap().to_owned();

    let ran = lab.run("undone", &["undo", &operation, "--yes", "--format", "json"]).ended(0);

    assert_eq!(
        (ran.json()["shares"].as_array().unwrap().len(), outcomes(&ran)),
        (5, vec![json!("shared")])
    );
    let mut expected = statuses(&before);
    for (image, member, status) in &mut expected {
        if marks.contains(&(image.clone(), member.clone())) {
            "pending".clone_into(status);
        }
    }
    assert_eq!(statuses(&lab.sdk("undone", "near")), expected);
}

// ── one-time codes ───────────────────────────────────────────────────────────────────────────────

#[test]
#[ignore = "needs tests/live/run"]
fn one_code_opens_every_region_and_project_of_its_user_at_keystone() {
    let lab = Lab::find();
    lab.take_clouds("coder.yaml");
    let code = String::from_utf8(lab.python("totp.py", &[]).output().unwrap().stdout).unwrap();
    let all = ["audit", "--all-clouds", "--all-regions", "--format", "json"];

    let without = ran(lab.program(&all).spawn().unwrap()).ended(1);
    assert!(without.err.contains("needs a one-time password"), "{}", without.err);
    let args = [&all[..], &["--otp", code.trim()]].concat();
    let audit = ran(lab.program(&args).spawn().unwrap()).ended(0).json();

    assert_eq!(lab.logins("coder"), 2, "one by the code, and one made of it for the other project");
    let scopes = audit["scopes"].as_array().unwrap();
    let place = |scope: &Value| {
        format!("{} {}", scope["cloud"].as_str().unwrap(), scope["region"].as_str().unwrap())
    };
    let places: Vec<String> = scopes.iter().map(place).collect();
    assert_eq!(places, ["coder near", "coder far", "web near", "web far"]);
    let project = |at: usize| scopes[at]["project_id"].as_str().unwrap();
    assert_eq!((project(0), project(3)), (lab.project("coder"), lab.project("web")));
}
