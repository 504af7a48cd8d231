//! Sharing an image with more members, and answering images that others share.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::keys::Action;
use crate::tui::overlays::share::state::About;
use crate::tui::overlays::share::state::ShareDialog;
use crate::tui::overlays::{Acted, clouds, plan};
use crate::tui::ui::list::stepped;
use crate::tui::views::images;
use crate::tui::views::images::sort::Sort;
use domain::{ImageId, ImageIx, MemberKind, OperationKind, sharing};

/// Maximum number of cells in a rectangle; a larger one is a mistake.
const CELLS: usize = 10_000;

/// Opens the dialog that shares the image under the cursor.
pub(crate) fn open(app: &mut App) -> Vec<Effect> {
    app.settle();
    let Some(ix) = app.image() else { return vec![] };
    ask(ShareDialog::new(app, ix), app)
}

/// Opens the dialog that shares the image under the cursor of the Members view.
pub(crate) fn open_reached(app: &mut App) -> Vec<Effect> {
    app.settle();
    let Some(ix) = app.reached() else { return vec![] };
    ask(ShareDialog::new(app, ix), app)
}

/// Opens the dialog that shares images with the member under the cursor of the Members view.
pub(crate) fn open_member(app: &mut App) -> Vec<Effect> {
    app.settle();
    let Some(ix) = app.member() else { return vec![] };
    ask(ShareDialog::with_member(app, ix), app)
}

fn ask(dialog: ShareDialog, app: &mut App) -> Vec<Effect> {
    app.open(dialog);
    vec![]
}

/// Shares the image with the member where row and column of the matrix meet; with a rectangle, plans every empty
/// cell of it.
pub(crate) fn open_cell(app: &mut App) -> Vec<Effect> {
    app.settle();
    if let Some((rows, columns)) = app.workspace.matrix.rectangle() {
        if rows.clone().count() * columns.clone().count() > CELLS {
            let text = "That rectangle is too large to share all of it: make it smaller.";
            app.log.say(app.now, Level::Warning, text);
            return vec![];
        }
        let marks = app.empty_cells(rows, &columns);
        if marks.is_empty() {
            let text = "There is no empty cell in the rectangle.";
            app.log.say(app.now, Level::Warning, text);
            return vec![];
        }
        return plan::act::ask_for(app, OperationKind::Share, None, marks);
    }
    let Some((ix, member)) = app.workspace.matrix.under() else { return vec![] };
    let (image, to) = (app.workspace.inventory.image(ix).label(), app.member_label(member));
    if app.workspace.inventory.row_of(ix, member).is_some() {
        let text = format!("{image} is shared with {to} already.");
        app.log.say(app.now, Level::Info, text);
        return vec![];
    }
    let share = app.share_of(ix, member);
    match share.member.kind {
        MemberKind::Project => {
            let typed = format!("{} ", share.member.id.raw());
            ask(ShareDialog::new(app, ix).typed(&typed), app)
        }
        // Other members than projects cannot be typed in the dialog.
        _ => plan::act::ask_for(app, OperationKind::Share, None, [share].into_iter().collect()),
    }
}

/// Handles a key in the dialog.
pub(crate) fn act(mut dialog: Box<ShareDialog>, app: &mut App, action: Action) -> Acted {
    match action {
        Action::Back => return (None, vec![]),
        Action::Enter => match dialog.marks(app) {
            Ok(marks) => {
                return (None, plan::act::ask_for(app, OperationKind::Share, None, marks));
            }
            Err(complaint) => dialog.complaint = Some(complaint),
        },
        Action::NextPane if dialog.offers.is_empty() => {
            dialog.complaint = Some(match dialog.about {
                About::Image(_) => "No known project fits: type its whole id.".into(),
                About::Member(_) => "No image fits that is not shared already.".into(),
            });
        }
        Action::NextPane => dialog.take_offer(),
        action => {
            let rows: Vec<usize> = (0..dialog.offers.len()).collect();
            let at = stepped(&dialog.cursor, action, rows.len());
            dialog.cursor.go(at, &rows);
        }
    }
    (Some(dialog), vec![])
}

// ── received images ──────────────────────────────────────────────────────────────────────────────

/// Switches between received images and the project's own. Received images are read on first use.
pub(crate) fn toggle_received(app: &mut App) -> Vec<Effect> {
    // Received images are listed for one scope at a time: that of the row under the cursor.
    app.all_scopes = None;
    let received = &mut app.workspace.received;
    received.shown = !received.shown;
    let reads = received.shown && !std::mem::replace(&mut received.read, true);
    if received.shown && !Sort::of_received().contains(&app.workspace.images.sort) {
        app.workspace.images.sort = Sort::default();
    }
    app.workspace.images.changed();
    if reads { clouds::act::read(app) } else { vec![] }
}

/// Handles a key in the list of received images; `None` if the key works as in any list.
pub(crate) fn act_on_received(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    app.settle();
    match action {
        Action::Mark => {
            let under = app.image();
            choose(app, under);
        }
        Action::MarkAll => {
            let ids = app
                .workspace
                .images
                .list
                .rows
                .iter()
                .map(|ix| app.workspace.inventory.image(*ix).id.clone());
            app.workspace.received.chosen = ids.collect();
        }
        Action::ClearMarks => app.workspace.received.chosen.clear(),
        Action::Accept => return Some(answer(app, OperationKind::Accept)),
        Action::Reject => return Some(answer(app, OperationKind::Reject)),
        _ => return None,
    }
    Some(vec![])
}

fn choose(app: &mut App, under: Option<ImageIx>) {
    let Some(ix) = under else { return };
    let id = app.workspace.inventory.image(ix).id.clone();
    if !app.workspace.received.chosen.remove(&id) {
        app.workspace.received.chosen.insert(id);
    }
    images::act::step(app, Action::Down);
}

/// Plans the answer to the selected images, or else to the image under the cursor.
fn answer(app: &mut App, kind: OperationKind) -> Vec<Effect> {
    let under = app.image().map(|ix| app.workspace.inventory.image(ix).id.clone());
    let chosen: Vec<ImageId> = match app.workspace.received.chosen.len() {
        0 => under.into_iter().collect(),
        _ => app.workspace.received.chosen.iter().cloned().collect(),
    };
    if chosen.is_empty() {
        let text = format!("There is no image to {kind}.");
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    let chosen = if kind == OperationKind::Accept { without_vaults(app, chosen) } else { chosen };
    if chosen.is_empty() {
        return vec![];
    }
    let marks = app.own_shares(chosen);
    plan::act::ask_for(app, kind, None, marks)
}

/// Drops images that only a vault can accept, and reports them: one makes the cloud refuse the whole request.
fn without_vaults(app: &mut App, chosen: Vec<ImageId>) -> Vec<ImageId> {
    let Some(cloud) = app.scope().map(|scope| scope.kind) else { return chosen };
    let inventory = &app.workspace.inventory;
    let obstacle = |id: &ImageId| {
        let image = inventory.image(inventory.find(id)?);
        Some(format!("{}: {}", image.label(), sharing::why_vault_does_not_fit(cloud, image, None)?))
    };
    let (kept, left_out): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|id| obstacle(id).is_none());
    let said = left_out.first().and_then(obstacle);
    let more = left_out.len().saturating_sub(1);
    if let Some(said) = said {
        let more = if more > 0 { format!(" ({more} more are too)") } else { String::new() };
        let text = format!("{said}{more}; {}.", sharing::vault_hint(None));
        app.log.say(app.now, Level::Warning, text);
    }
    kept
}
