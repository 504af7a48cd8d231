//! A cloud made by hand, and models that have seen it, for the tests of the screen.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use crate::tui::app::App;
use crate::tui::app::frame::view;
use crate::tui::app::update::update;
use crate::tui::overlays::clouds::act::start;
use crate::tui::overlays::clouds::state::Target;
use crate::tui::{Effect, Msg, Settings, Surroundings, What};
use domain::{
    CloudKind, Image, ImageId, JobReport, JobStatus, Limits, Member, MemberKind, MemberStatus,
    Membership, Moment, Operation, OperationId, OperationKind, Outcome, Plan, ProjectId, Scope,
    Seen, Share, Step, Text, Visibility,
};
use engine::{CloudChoice, Command, Event, Reading, ReadingId};

/// The reading that begins when a scope is opened.
pub(crate) const FIRST_READING: ReadingId = ReadingId(1);

/// 2026-11-22T10:04:31Z, the moment of every test.
pub(crate) const NOW: Moment = Moment(1_795_341_871_000);
const DAY: i64 = 86_400_000;

pub(crate) fn ago(days: i64) -> Moment {
    Moment(NOW.0 - days * DAY)
}

pub(crate) fn scope() -> Scope {
    Scope {
        cloud: "otc-prod".into(),
        region: Some("eu-de".into()),
        kind: CloudKind::Ims,
        project_id: ProjectId("0a1b2c3d4e5f60718293a4b5c6d7e8f9".into()),
        project_name: Some("image-factory".into()),
        user: Some("alice".into()),
        endpoint: "https://ims.eu-de.otc.t-systems.com".into(),
        protected: false,
        read_only: false,
        tls_verified: true,
        encrypted: true,
    }
}

pub(crate) fn image(id: &str, name: &str, days: i64) -> Image {
    Image {
        name: Some(name.into()),
        owner: Some(scope().project_id),
        status: Some("active".into()),
        visibility: Visibility::Shared,
        created_at: Some(ago(days)),
        os: Some("Ubuntu".into()),
        ..Image::bare(id.into())
    }
}

pub(crate) fn membership(id: &str, status: MemberStatus, days: i64) -> Membership {
    Membership {
        member: Member::project(id),
        status,
        created_at: Some(ago(days)),
        updated_at: Some(ago(days)),
    }
}

pub(crate) const WEB: &str = "9c61004714024f95a52bfb8d3fd0bb5c";
pub(crate) const DATA: &str = "edc89b490d7d4392b898d5bbbf30a163";
pub(crate) const LAB: &str = "1f0e9d8c7b6a59483726150493827160";

/// Images of every kind a cloud has: shared, empty, public, unread, failed, somebody else's, without a name,
/// and with a name that is an attack.
pub(crate) fn images() -> Vec<Image> {
    let public = Image { visibility: Visibility::Public, ..image("img-04", "debian-12", 30) };
    let foreign =
        Image { owner: Some(ProjectId("other".into())), ..image("img-05", "from-afar", 4) };
    let nameless = Image { name: None, ..image("img-06-0f2e4d6c8b", "", 800) };
    vec![
        image("img-01", "ubuntu-22.04-golden", 3),
        image("img-02", "ubuntu-24.04-golden", 9),
        image("img-03", "windows-2022-sql", 120),
        public,
        foreign,
        nameless,
        image("img-07", "evil\u{1b}[31m\u{202e}gpj\u{200b}", 1),
        image("img-08", "镜像-数据库-生产环境-二〇二六", 40),
        image("img-09", "unreadable", 50),
        image("img-10", "unread", 60),
    ]
}

/// Who the images are shared with.
pub(crate) fn readings() -> Vec<(ImageId, Reading)> {
    use MemberStatus::{Accepted, Pending, Rejected};
    let account = Membership {
        member: Member { kind: MemberKind::Domain, id: "domain-77".into() },
        ..membership("", Accepted, 10)
    };
    let members = |members: Vec<Membership>| Reading::Members(members);
    let failure = domain::Failure {
        request_id: Some("req-5f3e".into()),
        ..domain::Failure::new("read the members of image img-09", "the cloud answered 500")
    };
    vec![
        (
            "img-01".into(),
            members(vec![
                membership(WEB, Accepted, 700),
                membership(DATA, Pending, 3),
                membership(LAB, Rejected, 20),
            ]),
        ),
        (
            "img-02".into(),
            members(vec![membership(WEB, Accepted, 9), membership(DATA, Accepted, 8)]),
        ),
        ("img-03".into(), members(vec![])),
        ("img-04".into(), Reading::DoNotApply),
        ("img-05".into(), members(vec![membership(WEB, Accepted, 2)])),
        ("img-06-0f2e4d6c8b".into(), members(vec![account, membership(WEB, Pending, 400)])),
        ("img-07".into(), members(vec![membership("e\u{1b}]0;x\u{7}vil", Accepted, 1)])),
        ("img-08".into(), members(vec![membership(DATA, Accepted, 40)])),
        ("img-09".into(), Reading::Failed(failure)),
    ]
}

/// The app of the first frame.
pub(crate) fn starting(width: u16, height: u16) -> App {
    let names = HashMap::from([
        (WEB.to_owned(), "team-web".to_owned()),
        (DATA.to_owned(), "team-data".to_owned()),
    ]);
    let size = Size { width, height };
    let settings = Settings::default().with_aliases(names);
    let mut app = App::new(NOW, size, settings, Surroundings::default(), TimeZone::UTC);
    start(&mut app, Target::default());
    app
}

/// An event of the engine, now.
pub(crate) fn engine(app: &mut App, event: Event) -> Vec<Effect> {
    let effects = update(app, Msg { now: app.now, what: What::Engine(event) });
    drop(app.settle_and_request());
    effects
}

/// The same, with what the next frame asks for.
pub(crate) fn engine_and_frame(app: &mut App, event: Event) -> Vec<Effect> {
    let mut effects = update(app, Msg { now: app.now, what: What::Engine(event) });
    effects.extend(app.settle_and_request());
    effects
}

pub(crate) fn choice(name: &str, regions: &[&str]) -> CloudChoice {
    CloudChoice {
        name: name.into(),
        regions: regions.iter().map(|region| (*region).to_owned()).collect(),
        about: "password · iam.eu-de.otc.t-systems.com".into(),
    }
}

/// After the list of clouds, with nothing to open by itself.
pub(crate) fn choosing(width: u16, height: u16) -> App {
    let mut app = starting(width, height);
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut app, Event::Clouds { choices, default: None });
    app
}

/// Logged in; nothing was read yet.
pub(crate) fn opened_in(scope: Scope, width: u16, height: u16) -> App {
    let mut app = starting(width, height);
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut app, Event::Clouds { choices, default: Some("otc-prod".into()) });
    let session = app.workspace.session;
    engine(&mut app, Event::Opened { session, scope, limits: Limits::BATCH });
    app
}

/// Everything was read, as far as it could be.
pub(crate) fn loaded_in(scope: Scope, width: u16, height: u16) -> App {
    let mut app = opened_in(scope, width, height);
    read_all(&mut app);
    app
}

/// Everything was read, in the usual place.
pub(crate) fn loaded(width: u16, height: u16) -> App {
    loaded_in(scope(), width, height)
}

/// The answers to a reading of everything.
pub(crate) fn read_all(app: &mut App) {
    let session = app.workspace.session;
    engine(app, Event::Images { session, images: images() });
    let present = Some(images().into_iter().map(|image| image.id).collect());
    engine(app, Event::Listed { session, reading: FIRST_READING, present, failures: vec![] });
    for (image, reading) in readings() {
        engine(app, Event::Members { session, image, reading });
    }
    engine(app, Event::ReadEnded { session, reading: FIRST_READING });
}

/// Types like a user: characters, and `<enter>`, `<esc>`, `<tab>`, `<up>`, `<down>`, `<ctrl-c>` and the like.
pub(crate) fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let (key, len) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((name, _)) => (named(name), name.len() + 2),
            None => (KeyEvent::from(KeyCode::Char(c)), c.len_utf8()),
        };
        rest = &rest[len..];
        effects.extend(update(app, Msg { now: app.now, what: What::Key(key) }));
        effects.extend(app.settle_and_request());
    }
    effects
}

fn named(name: &str) -> KeyEvent {
    if let Some(c) = name.strip_prefix("ctrl-") {
        return KeyEvent::new(KeyCode::Char(c.chars().next().unwrap()), KeyModifiers::CONTROL);
    }
    KeyEvent::from(match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "pgdn" => KeyCode::PageDown,
        "space" => KeyCode::Char(' '),
        "back" => KeyCode::Backspace,
        other => panic!("no key {other}"),
    })
}

/// Time passes.
pub(crate) fn wait(app: &mut App, seconds: i64) {
    let now = Moment(app.now.0 + seconds * 1000);
    update(app, Msg { now, what: What::Tick });
}

/// Does what the loop would do for a plan.
pub(crate) fn plan(app: &mut App, effects: Vec<Effect>) -> Vec<Effect> {
    let mut others = Vec::new();
    for effect in effects {
        match effect {
            Effect::Plan { ticket, kind, undoes, marks, limits } => {
                let plan = Box::new(Plan::cover(kind, marks, limits).undoing(undoes));
                let what = What::Planned { ticket, plan };
                others.extend(update(app, Msg { now: app.now, what }));
            }
            other => others.push(other),
        }
    }
    drop(app.settle_and_request());
    others
}

/// Opens the plan dialog.
pub(crate) fn press_revoke(app: &mut App) {
    let effects = press(app, "R");
    plan(app, effects);
}

/// The commands among effects.
pub(crate) fn commands(effects: &[Effect]) -> Vec<&Command> {
    let asks = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(command) => Some(command),
        _ => None,
    });
    asks.collect()
}

pub(crate) fn share(image: &str, member: &str) -> Share {
    Share { image: image.into(), member: Member::project(member) }
}

/// The marked shares, as `image member`.
pub(crate) fn marked(app: &App) -> Vec<String> {
    app.workspace.marks.iter().map(|share| format!("{} {}", share.image, share.member.id)).collect()
}

/// An operation over everything marked.
pub(crate) fn operation(app: &App, id: &str) -> Operation {
    let scope = app.scope().unwrap().clone();
    Operation::new(
        OperationId(id.into()),
        OperationKind::Revoke,
        scope,
        &app.workspace.marks,
        app.now,
    )
}

pub(crate) fn step(app: &mut App, id: &str, step: Step) -> Vec<Effect> {
    engine(app, Event::Step { operation: OperationId(id.into()), step })
}

pub(crate) fn report(status: &str, code: Option<&str>, reason: Option<&str>) -> JobReport {
    JobReport {
        status: JobStatus::from(Text::from(status)),
        error_code: code.map(Text::from),
        fail_reason: reason.map(Text::from),
        begin_time: Some(NOW),
        end_time: None,
        progress: None,
        raw: format!("{{\"status\":\"{status}\",\"job_id\":\"ff8080814dbd65d7\"}}").as_str().into(),
        request_id: Some("req-poll-1".into()),
    }
}

/// Marks two shares of two images and lets them be revoked up to the polling of the job.
pub(crate) fn running(width: u16, height: u16) -> App {
    let mut app = loaded(width, height);
    for share in [share("img-01", WEB), share("img-02", WEB), share("img-01", DATA)] {
        app.workspace.marks.insert(share);
    }
    app.workspace.marks_changed();
    let operation = operation(&app, "7f3a0c11-4d2e");
    engine(&mut app, Event::Started(Box::new(operation)));
    let plan = Plan::cover(OperationKind::Revoke, app.workspace.marks.clone(), Limits::BATCH);
    let id = "7f3a0c11-4d2e";
    let batches = plan.batches().to_vec();
    step(&mut app, id, Step::Planned { batches });
    step(&mut app, id, Step::Sending { request: 0, at: NOW });
    let job = Some(domain::JobId("ff8080814dbd65d7014dbe0d84db0013".into()));
    let request_id = Some(Text::from("req-send-1"));
    step(&mut app, id, Step::Accepted { request: 0, job, request_id, at: NOW });
    let report = report("RUNNING", None, None);
    step(&mut app, id, Step::Polled { request: 0, report, at: NOW });
    wait(&mut app, 21);
    drop(app.settle_and_request());
    app
}

/// The same, to a receipt of which one share is still there.
pub(crate) fn finished(width: u16, height: u16) -> App {
    let mut app = running(width, height);
    let id = "7f3a0c11-4d2e";
    let at = app.now;
    let failed = report("FAIL", Some("IMG.0113"), Some("deleting the tenant failed"));
    step(&mut app, id, Step::Polled { request: 0, report: failed, at });
    step(&mut app, id, Step::Sending { request: 1, at });
    let refused = domain::operation::RequestState::Refused { error: "not allowed: quota".into() };
    let request_id = Some(Text::from("req-send-2"));
    step(&mut app, id, Step::Rejected { request: 1, state: refused, request_id, at });
    step(&mut app, id, Step::Verifying);
    for (share, outcome) in [
        (share("img-01", WEB), Outcome::Done),
        (share("img-02", WEB), Outcome::Failed),
        (share("img-01", DATA), Outcome::Needless),
    ] {
        step(&mut app, id, Step::Settled { share, outcome, after: None, error: None });
    }
    step(&mut app, id, Step::Finished { at });
    drop(app.settle_and_request());
    app
}

/// An operation of another run, as the journal remembers it: one share revoked, one still there, one needless.
pub(crate) fn remembered(id: &str) -> Operation {
    let mut operation = finished(120, 40).jobs.operations.remove(0);
    operation.id = OperationId(id.into());
    for record in &mut operation.shares {
        let days = if record.share.image.raw() == "img-01" { 700 } else { 9 };
        let listed = || Seen::Listed {
            status: MemberStatus::Accepted,
            created_at: Some(ago(days)),
            updated_at: None,
        };
        record.before = Some(listed());
        record.after = match record.outcome {
            Some(Outcome::Failed) => Some(listed()),
            _ => Some(Seen::Absent),
        };
    }
    operation
}

/// What the screen shows, as a terminal would.
pub(crate) fn screen(app: &App) -> String {
    buffer(app).backend().to_string()
}

/// The terminal after one frame.
pub(crate) fn buffer(app: &App) -> Terminal<TestBackend> {
    let Size { width, height } = app.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| {
            view(app, frame);
        })
        .unwrap();
    terminal
}
