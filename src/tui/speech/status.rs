//! What is so wherever one is: the scope, how far it was read, the marks, the operations.

use crate::tui::app::workspace::{Login, Workspace};
use crate::tui::app::{App, Phase};
use crate::tui::keys::Action;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::jobs;
use crate::tui::views::jobs::state::{Summary, word};
use domain::operation::{RequestState, Stage};
use domain::{Marks, Operation};

use crate::tui::speech::words;

/// Something that is said when its key is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) key: String,
    pub(crate) text: String,
}

/// From so many images on, quarters of the reading are said.
const MANY: usize = 200;

/// Where one is logged in, and what to be careful about there.
pub(crate) fn scope(app: &App) -> String {
    let Some(scope) = app.scope() else { return String::new() };
    let all = [
        (!scope.encrypted, "the connection is not encrypted (http://)"),
        (!scope.tls_verified, "TLS verification is off"),
        (scope.read_only, "it is read-only"),
        (scope.protected, "it is protected, its name must be typed to change anything"),
    ];
    let careful: Vec<&str> =
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, why)| why).collect();
    let careful = match &*careful {
        [] => String::new(),
        careful => format!(" Warning: {}.", careful.join("; ")),
    };
    format!("Logged in to {}.{careful}", words::place(scope))
}

/// How far the reading is, in steps that are few.
pub(crate) fn reading(app: &App) -> Announcement {
    let workspace = &app.workspace;
    if !matches!(workspace.phase, Phase::Open(_)) {
        return Announcement::default();
    }
    let (key, text) = match (&workspace.reading, workspace.read_at) {
        _ if workspace.login == Login::Renewing => ("renewing".into(), "Logging in again.".into()),
        _ if workspace.needs_login() => {
            let again = app.keys.spoken(Action::Refresh);
            ("ended".into(), format!("The session ended: {again} logs in again."))
        }
        (Some(progress), _) if progress.of >= MANY && progress.read * 4 >= progress.of => {
            let quarter = progress.read * 4 / progress.of;
            let (read, of) = (count(progress.read), counted(progress.of, "image"));
            let text = format!("The members of {read} of {of} are read.");
            (format!("part {}", quarter.min(3)), text)
        }
        (Some(_), _) => ("begun".into(), "Reading the images and who they are shared with.".into()),
        (None, Some(at)) => (format!("read {}", at.0), read(app, workspace)),
        (None, None) => Default::default(),
    };
    Announcement { key: format!("{:?} {key}", workspace.session), text }
}

fn read(app: &App, workspace: &Workspace) -> String {
    let (images, shares) = workspace.images.received;
    let mut text = format!(
        "Read: {}, {}, {}.",
        counted(workspace.inventory.image_count() - images, "image"),
        counted(workspace.inventory.share_count() - shares, "share"),
        counted(workspace.inventory.member_count(), "member"),
    );
    if workspace.received.read {
        text = format!("{text} {} received.", counted(images, "image"));
    }
    if workspace.incomplete {
        text += " Warning: the list of images is incomplete, there may be more.";
    }
    if !workspace.unreadable.is_empty() {
        let images = counted(workspace.unreadable.len(), "image");
        let log = app.keys.spoken(Action::Log);
        text = format!(
            "{text} Warning: the members of {images} could not be read, who has access is not known; {log} has the reasons."
        );
    }
    text
}

/// How much is marked in what is listed; empty where nothing is.
pub(crate) fn marks(app: &App) -> String {
    let marks = || app.listed_workspaces().into_iter().map(|workspace| &workspace.marks);
    let (shares, images): (usize, usize) =
        (marks().map(Marks::len).sum(), marks().map(|it| it.images().len()).sum());
    match shares {
        0 => String::new(),
        shares => format!("In all {} marked on {}.", count(shares), counted(images, "image")),
    }
}

/// The operations that are on their way, the newest last. The end of one is said by its receipt.
pub(crate) fn operations(app: &App) -> Vec<Announcement> {
    let open = app.jobs.open();
    open.map(|operation| Announcement {
        key: progress_key(operation),
        text: operation_line(operation),
    })
    .collect()
}

/// Where it stands: stage, the cloud's words that are not "done", and the quarter that is behind.
fn progress_key(operation: &Operation) -> String {
    let mut words: Vec<String> =
        operation.requests.iter().filter(|it| tells(&it.state)).map(word).collect();
    words.sort();
    words.dedup();
    let quarter = Summary::of(operation).part.filter(|_| operation.shares.len() >= MANY);
    let quarter = quarter.map(|part| format!("{:.0}", (part * 4.0).floor()));
    let stage = match operation.stage {
        Stage::Sending | Stage::Following => "on its way",
        _ => jobs::paint::stage(operation),
    };
    format!("{} {stage} {words:?} {quarter:?}", operation.id)
}

/// Whether a request has something to tell beside that it comes and goes.
fn tells(state: &RequestState) -> bool {
    use RequestState::{Done, Needless, Planned, Sending};
    !matches!(state, Planned | Sending | Done | Needless)
}

fn operation_line(operation: &Operation) -> String {
    let Summary { words, counts, .. } = Summary::of(operation);
    let what = format!("{} {}", operation.kind, counted(operation.shares.len(), "share"));
    let requests = match operation.requests.len() {
        0 => String::new(),
        number => format!(" in {}", counted(number, "request")),
    };
    format!("Operation {}, {what}{requests}: {words}, {counts}.", operation.id)
}
