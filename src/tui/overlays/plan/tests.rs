//! The plan dialog: nothing leaves it but a plan that was read and confirmed by its number.

use crate::tui::app::App;
use crate::tui::app::update::update;
use crate::tui::fixture;
use crate::tui::fixture::{
    DATA, WEB, commands, engine, image, loaded, loaded_in, marked, membership, plan, press,
    press_revoke, running, scope, screen,
};
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::{Effect, What};
use domain::{MemberStatus, Scope};
use engine::{Command, Event, Reading};

fn dialog(app: &App) -> &PlanDialog {
    match app.dialog::<PlanDialog>() {
        Some(dialog) => dialog,
        other => panic!("no plan dialog but {other:?}"),
    }
}

fn with_three_marks(scope: Scope) -> App {
    let mut app = loaded_in(scope, 120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    app
}

#[test]
fn the_typed_number_of_shares_confirms_exactly_the_marks() {
    let mut app = with_three_marks(scope());
    press_revoke(&mut app);
    let effects = press(&mut app, "3<enter>");

    let [Command::CarryOut { session, plan }] = commands(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*session, plan.plan().marks()), (app.workspace.session, &app.workspace.marks));
    assert!(app.overlay.is_none());
    assert_eq!(marked(&app).len(), 3, "marks go when their shares are seen to be gone");
}

#[test]
fn a_wrong_answer_sends_nothing_and_says_what_is_expected() {
    let mut app = with_three_marks(scope());
    press_revoke(&mut app);
    for answer in ["<enter>", "2<enter>", "y<enter>", "03<enter>"] {
        let effects = press(&mut app, answer);
        assert!(commands(&effects).is_empty(), "{answer}");
        assert!(screen(&app).contains("Type 3, the number of shares, to confirm."));
    }
}

#[test]
fn the_requests_can_be_copied_for_a_shell_and_the_dialog_stays() {
    let mut app = with_three_marks(scope());
    press_revoke(&mut app);
    let effects = press(&mut app, "<ctrl-y>");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert!(text.starts_with("curl -X DELETE -H \"X-Auth-Token: $OS_TOKEN\""), "{text}");
    assert_eq!(dialog(&app).count.value(), "");
}

#[test]
fn escape_leaves_everything_as_it_was() {
    let mut app = with_three_marks(scope());
    let before = (screen(&app), marked(&app));
    press_revoke(&mut app);
    press(&mut app, "3<tab><down><esc>");
    assert_eq!((screen(&app), marked(&app)), before);
}

#[test]
fn a_protected_cloud_wants_its_name_too() {
    let mut app = with_three_marks(Scope { protected: true, ..scope() });
    press_revoke(&mut app);
    assert!(commands(&press(&mut app, "3<enter>")).is_empty());
    assert!(commands(&press(&mut app, "otc<enter>")).is_empty());
    assert!(screen(&app).contains("otc-prod is protected: type its name too."));
    assert_eq!(commands(&press(&mut app, "otc-prod<enter>")).len(), 1);
}

#[test]
fn a_read_only_cloud_shows_the_plan_and_refuses_it() {
    let mut app = with_three_marks(Scope { read_only: true, ..scope() });
    press_revoke(&mut app);
    assert!(screen(&app).contains("read-only: this plan cannot be carried out"));
    assert!(commands(&press(&mut app, "3<enter>")).is_empty());
}

#[test]
fn the_dialog_says_what_will_break() {
    let mut app = with_three_marks(scope());
    press(&mut app, "/<ctrl-u>image:img-02<enter><space>/<ctrl-u>windows<enter>");
    let session = app.workspace.session;
    let failure = domain::Failure::new("read", "no answer");
    let reading = Reading::Failed(failure);
    engine(&mut app, Event::Members { session, image: "img-02".into(), reading });
    press_revoke(&mut app);

    assert_eq!(
        dialog(&app).warnings,
        [
            "5 shares are not in view: the filter hides them.",
            "1 share is accepted: the image may be in use.",
            "ubuntu-22.04-golden loses its last member.",
            "2 shares are on images whose members are not known right now; they are read before anything is sent.",
        ]
    );
}

#[test]
fn the_dialog_says_when_a_share_is_already_being_revoked() {
    let mut app = running(120, 30);
    press_revoke(&mut app);
    assert!(
        dialog(&app)
            .warnings
            .iter()
            .any(|w| w == "3 shares are part of an operation that still runs.")
    );
}

#[test]
fn every_share_and_every_request_can_be_read() {
    let mut app = loaded(80, 24);
    let session = app.workspace.session;
    let members = (0..300)
        .map(|n| membership(&format!("project-{n:03}"), MemberStatus::Accepted, 1))
        .collect();
    let reading = Reading::Members(members);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    press(&mut app, "/ubuntu-22<enter><space>");
    press_revoke(&mut app);
    for keys in ["", "<tab>", "<tab>"] {
        press(&mut app, keys);
        let mut seen = String::new();
        for _ in 0..100 {
            seen += &screen(&app);
            press(&mut app, "<pgdn>");
        }
        let seen: String = seen.chars().filter(|c| !"┃█ \"\n".contains(*c)).collect();
        for n in 0..300 {
            assert!(seen.contains(&format!("project-{n:03}")), "project-{n:03}");
        }
    }
}

#[test]
fn a_plan_that_comes_after_its_dialog_was_closed_is_dropped() {
    let mut app = with_three_marks(scope());
    let effects = press(&mut app, "R");
    assert!(screen(&app).contains("Planning 3 shares"));
    press(&mut app, "<esc>");
    plan(&mut app, effects);
    assert!(app.overlay.is_none());
}

#[test]
fn nothing_marked_opens_nothing() {
    let mut app = loaded(120, 30);
    assert!(press(&mut app, "R").iter().all(|effect| !matches!(effect, Effect::Plan { .. })));
    assert!(screen(&app).contains("Nothing is marked"));
}

#[test]
fn pasting_into_the_answer_types_and_does_not_confirm() {
    let mut app = with_three_marks(scope());
    press_revoke(&mut app);
    let now = app.now;
    let effects = update(&mut app, crate::tui::Msg { now, what: What::Paste("3\r\n".into()) });
    assert!(effects.is_empty());
    assert_eq!(dialog(&app).count.value(), "3");
}

#[test]
fn errors_wait_until_a_dialog_is_closed() {
    let mut app = with_three_marks(scope());
    press_revoke(&mut app);
    engine(&mut app, Event::Notice(domain::Failure::new("do this", "it burns")));
    fixture::wait(&mut app, 600);
    assert!(!screen(&app).contains("it burns"));
    assert_eq!(app.next_tick(), None);

    press(&mut app, "<esc>");
    assert!(screen(&app).contains("it burns"));
}

#[test]
fn the_shares_are_listed_with_name_and_status() {
    let mut app = loaded(140, 40);
    press(&mut app, "/ubuntu-22<enter><space>");
    press_revoke(&mut app);
    let screen = screen(&app);
    for text in [
        WEB,
        DATA,
        "team-web",
        "pending",
        "1 image",
        "3 members",
        "1 request (known to be minimal)",
    ] {
        assert!(screen.contains(text), "{text}");
    }
}

/// Making the plan is done elsewhere; opening its dialog must not hold up a key either.
#[test]
fn the_dialog_of_a_huge_plan_opens_in_a_moment() {
    let mut app = fixture::opened_in(scope(), 140, 40);
    let (session, now) = (app.workspace.session, app.now);
    let images: Vec<_> =
        (0..2000).map(|n| fixture::image(&format!("i{n:04}"), &format!("name-{n}"), 1)).collect();
    let ids: Vec<_> = images.iter().map(|image| image.id.clone()).collect();
    engine(&mut app, Event::Images { session, images });
    for image in ids {
        let members = (0..25).map(|n| membership(&format!("p{n}"), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let what = What::Engine(Event::Members { session, image, reading });
        update(&mut app, crate::tui::Msg { now, what });
    }
    let effects = press(&mut app, "aR");
    assert!(matches!(effects[..], [.., Effect::Plan { .. }]));
    let Some(Effect::Plan { ticket, kind, marks, limits, .. }) = effects.into_iter().next_back()
    else {
        return;
    };
    let plan = Box::new(domain::Plan::cover(kind, marks, limits));
    let began = std::time::Instant::now();
    update(&mut app, crate::tui::Msg { now, what: What::Planned { ticket, plan } });
    app.settle();
    screen(&app);
    let took = began.elapsed();
    assert!(took.as_secs() < 5, "{took:?}");
}

/// Two images of one name, each with a share, and one with a name of its own.
fn with_twins(width: u16) -> App {
    let mut app = loaded(width, 30);
    let session = app.workspace.session;
    let twins = ["0b5beed3-3a2b-4836", "0b5beed3-3a77-aaaa"].map(|id| image(id, "twin", 3));
    let ids = twins.clone().map(|image| image.id);
    engine(&mut app, Event::Images { session, images: twins.to_vec() });
    for image in ids {
        let members = vec![membership(WEB, MemberStatus::Accepted, 1)];
        engine(&mut app, Event::Members { session, image, reading: Reading::Members(members) });
    }
    app
}

#[test]
fn images_of_one_name_can_be_told_apart_wherever_they_are_listed() {
    for width in [80, 100, 140] {
        let mut app = with_twins(width);
        press(&mut app, "/twin<enter>");
        let listed = screen(&app);
        assert!(listed.contains("0b5beed3-3a2 "), "the first in the list\n{listed}");
        assert!(listed.contains("0b5beed3-3a7 "), "the second in the list\n{listed}");
        assert!(listed.contains("twin · 0b5beed3-3a2 ─ 1 member"), "the title\n{listed}");
        press(&mut app, "a");
        press_revoke(&mut app);
        let planned = screen(&app);
        let rows = |id: &str| planned.lines().filter(|line| line.contains(id)).count();
        assert_eq!(rows("twin · 0b5beed3-3a2 and 1 more"), 1, "the warning\n{planned}");
        assert!(rows("0b5beed3-3a2") >= 2 && rows("0b5beed3-3a7") >= 1, "the shares\n{planned}");
    }
}

#[test]
fn an_image_with_a_name_of_its_own_is_called_by_it_alone() {
    let mut app = with_twins(100);
    press(&mut app, "/ubuntu-22<enter>");
    assert!(!screen(&app).contains("ubuntu-22.04-golden ·"), "{}", screen(&app));
}
