//! Sharing an image with more members, and answering images that others share.

use super::{browse, clouds, plan};
use crate::domain::{ImageId, ImageIx, MemberKind, OperationKind, sharing};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::browse::Sort;
use crate::tui::model::sharing::About;
use crate::tui::model::{Level, Model, Overlay, ShareDialog};

/// Nobody means to share more than this by one rectangle.
const CELLS: usize = 10_000;

/// Asks with whom the image under the cursor is to be shared.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let Some(ix) = model.image() else { return vec![] };
    ask(ShareDialog::new(model, ix), model)
}

/// Asks with whom the image under the cursor of the Members view is to be shared.
pub(super) fn open_reached(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let Some(ix) = model.reached() else { return vec![] };
    ask(ShareDialog::new(model, ix), model)
}

/// Asks which images are to be shared with the member under the cursor of the Members view.
pub(super) fn open_member(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let Some(ix) = model.member() else { return vec![] };
    ask(ShareDialog::with_member(model, ix), model)
}

fn ask(dialog: ShareDialog, model: &mut Model) -> Vec<Effect> {
    model.overlay = Overlay::Share(Box::new(dialog));
    vec![]
}

/// Where a row and a column of the matrix meet: the image with this member. With a rectangle every empty cell of it, as
/// a plan.
pub(super) fn open_cell(model: &mut Model) -> Vec<Effect> {
    model.settle();
    if let Some((rows, columns)) = model.workspace.matrix.rectangle() {
        if rows.clone().count() * columns.clone().count() > CELLS {
            let text = "That rectangle is too large to share all of it: make it smaller.";
            model.log.say(model.now, Level::Warning, text);
            return vec![];
        }
        let marks = model.empty_cells(rows, &columns);
        if marks.is_empty() {
            let text = "There is no empty cell in the rectangle.";
            model.log.say(model.now, Level::Warning, text);
            return vec![];
        }
        return plan::ask_for(model, OperationKind::Share, None, marks);
    }
    let Some((ix, member)) = model.workspace.matrix.under() else { return vec![] };
    let (image, to) = (model.workspace.inventory.image(ix).label(), model.member_label(member));
    if model.workspace.inventory.row_of(ix, member).is_some() {
        let text = format!("{image} is shared with {to} already.");
        model.log.say(model.now, Level::Info, text);
        return vec![];
    }
    let share = model.share_of(ix, member);
    match share.member.kind {
        MemberKind::Project => {
            let typed = format!("{} ", share.member.id.raw());
            ask(ShareDialog::new(model, ix).typed(&typed), model)
        }
        // Only projects can be typed there.
        _ => plan::ask_for(model, OperationKind::Share, None, [share].into_iter().collect()),
    }
}

/// What a key does in the dialog. What is not put back is closed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Share(mut dialog) = std::mem::take(&mut model.overlay) else { return vec![] };
    match action {
        Action::Back => return vec![],
        Action::Enter => match dialog.marks(model) {
            Ok(marks) => return plan::ask_for(model, OperationKind::Share, None, marks),
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
            let at = browse::stepped(&dialog.cursor, action, rows.len());
            dialog.cursor.go(at, &rows);
        }
    }
    model.overlay = Overlay::Share(dialog);
    vec![]
}

// ── received images ──────────────────────────────────────────────────────────────────────────────

/// Lists the images that were received instead of the project's own, and back. They are read the first time.
pub(super) fn toggle_received(model: &mut Model) -> Vec<Effect> {
    // What was received is listed for one scope at a time: that of the row under the cursor.
    model.together = None;
    let received = &mut model.workspace.received;
    received.shown = !received.shown;
    let reads = received.shown && !std::mem::replace(&mut received.read, true);
    if received.shown && !Sort::of_received().contains(&model.workspace.images.sort) {
        model.workspace.images.sort = Sort::default();
    }
    model.workspace.images.changed();
    if reads { clouds::read(model) } else { vec![] }
}

/// What a key does in the list of received images; `None` where it is like everywhere.
pub(super) fn act_on_received(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    model.settle();
    match action {
        Action::Mark => {
            let under = model.image();
            choose(model, under);
        }
        Action::MarkAll => {
            let ids = model
                .workspace
                .images
                .visible
                .iter()
                .map(|ix| model.workspace.inventory.image(*ix).id.clone());
            model.workspace.received.chosen = ids.collect();
        }
        Action::ClearMarks => model.workspace.received.chosen.clear(),
        Action::Accept => return Some(answer(model, OperationKind::Accept)),
        Action::Reject => return Some(answer(model, OperationKind::Reject)),
        _ => return None,
    }
    Some(vec![])
}

fn choose(model: &mut Model, under: Option<ImageIx>) {
    let Some(ix) = under else { return };
    let id = model.workspace.inventory.image(ix).id.clone();
    if !model.workspace.received.chosen.remove(&id) {
        model.workspace.received.chosen.insert(id);
    }
    browse::step(model, Action::Down);
}

/// Plans the answer to what is chosen, else to the image under the cursor.
fn answer(model: &mut Model, kind: OperationKind) -> Vec<Effect> {
    let under = model.image().map(|ix| model.workspace.inventory.image(ix).id.clone());
    let chosen: Vec<ImageId> = match model.workspace.received.chosen.len() {
        0 => under.into_iter().collect(),
        _ => model.workspace.received.chosen.iter().cloned().collect(),
    };
    if chosen.is_empty() {
        let text = format!("There is no image to {kind}.");
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    let chosen = if kind == OperationKind::Accept { without_vaults(model, chosen) } else { chosen };
    if chosen.is_empty() {
        return vec![];
    }
    let marks = model.own_shares(chosen);
    plan::ask_for(model, kind, None, marks)
}

/// Leaves out what can only be accepted into a vault, and says so: one such image makes the cloud refuse all of a request.
fn without_vaults(model: &mut Model, chosen: Vec<ImageId>) -> Vec<ImageId> {
    let Some(cloud) = model.scope().map(|scope| scope.kind) else { return chosen };
    let inventory = &model.workspace.inventory;
    let obstacle = |id: &ImageId| {
        let image = inventory.image(inventory.find(id)?);
        Some(format!("{}: {}", image.label(), sharing::vault_obstacle(cloud, image, None)?))
    };
    let (kept, left_out): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|id| obstacle(id).is_none());
    let said = left_out.first().and_then(obstacle);
    let more = left_out.len().saturating_sub(1);
    if let Some(said) = said {
        let more = if more > 0 { format!(" ({more} more are too)") } else { String::new() };
        let text = format!("{said}{more}; {}.", sharing::vault_remedy(None));
        model.log.say(model.now, Level::Warning, text);
    }
    kept
}

/// Something received was answered as it was wanted.
pub(super) fn answered(model: &mut Model, image: &ImageId) {
    model.workspace.received.chosen.remove(image);
}
