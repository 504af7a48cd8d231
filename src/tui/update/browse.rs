//! Moving, filtering and sorting in the Images view.

use super::listening::say_copied;
use super::{ask, availability, by_member};
use crate::domain::ImageId;
use crate::engine::Command;
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::browse::Sort;
use crate::tui::model::cursor::Cursor;
use crate::tui::model::{Focus, Level, Model, Overlay, Together, View};

/// What a key does in one of the two panes.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => model.workspace.images.filter.open(),
        Action::Sort => sort(model),
        Action::Reverse => {
            model.workspace.images.reversed = !model.workspace.images.reversed;
            model.workspace.images.changed();
        }
        Action::OnlyMarked => only_marked(model, !model.workspace.images.only_marked),
        Action::NextPane | Action::PreviousPane => {
            model.focus = if model.focus == Focus::Images { Focus::Members } else { Focus::Images };
        }
        Action::Enter if model.focus == Focus::Members => by_member::open(model),
        Action::Enter | Action::Right => model.focus = Focus::Members,
        Action::Left => model.focus = Focus::Images,
        Action::Back => back(model),
        Action::Copy => return copy(model),
        action => step(model, action),
    }
    vec![]
}

/// Moves the cursor of the pane with the focus.
pub(super) fn step(model: &mut Model, action: Action) {
    model.settle();
    match model.focus {
        Focus::Images if let Some(together) = &mut model.together => {
            let at = stepped(&together.cursor, action, together.visible.len());
            together.go(at);
        }
        Focus::Images => {
            let images = &mut model.workspace.images;
            let at = stepped(&images.cursor, action, images.visible.len());
            images.cursor.go(at, &images.visible);
        }
        Focus::Members => {
            let at = stepped(
                &model.workspace.members.cursor,
                action,
                model.workspace.members.visible.len(),
            );
            model.go_to_member(at);
        }
    }
}

/// The row after an action.
pub(super) fn stepped<K: Copy + PartialEq>(
    cursor: &Cursor<K>,
    action: Action,
    len: usize,
) -> usize {
    let page = cursor.height.saturating_sub(1).max(1);
    let at = match action {
        Action::Up => cursor.at.saturating_sub(1),
        Action::Down => cursor.at + 1,
        Action::PageUp => cursor.at.saturating_sub(page),
        Action::PageDown => cursor.at + page,
        Action::Top => 0,
        Action::Bottom => len,
        _ => cursor.at,
    };
    at.min(len.saturating_sub(1))
}

/// By the next column; with several scopes in the list, by scope in the end.
fn sort(model: &mut Model) {
    let images = &mut model.workspace.images;
    if let Some(together) = &mut model.together {
        let by_scope = images.sort == Sort::Age && !together.by_scope;
        together.sort_by_scope(by_scope);
    }
    images.sort = images.sort.next(model.workspace.received.shown);
    images.reversed = false;
    images.changed();
}

/// Lists the images of all open scopes, or of the one of the row under the cursor again.
pub(super) fn toggle_together(model: &mut Model) -> Vec<Effect> {
    model.overlay = Overlay::None;
    if model.together.take().is_some() {
        return vec![];
    }
    let others = model.background.iter().filter(|workspace| workspace.is_alive()).count();
    if others == 0 {
        let key = model.keys.spoken(Action::Clouds);
        let text = format!("Only one scope is open: {key} opens more, and keeps this one.");
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    for workspace in std::iter::once(&mut model.workspace).chain(&mut model.background) {
        workspace.received.shown = false;
        workspace.images.changed();
    }
    model.view = View::Images;
    let mut together = Together::default();
    together.start_at(&model.workspace);
    model.together = Some(together);
    vec![]
}

fn only_marked(model: &mut Model, on: bool) {
    let workspaces = if model.together.is_some() { &*model.background } else { &[] };
    let nothing = model.workspace.marks.is_empty()
        && workspaces.iter().all(|workspace| workspace.marks.is_empty());
    if on && nothing {
        let text = availability::nothing_marked(model);
        model.log.say(model.now, Level::Warning, text);
        return;
    }
    model.workspace.images.only_marked = on;
    model.workspace.images.changed();
}

/// One step back: to the view one came from, out of the members, out of the filter, out of only-marked.
fn back(model: &mut Model) {
    if by_member::come_back(model) {
        return;
    }
    if model.focus == Focus::Members {
        model.focus = Focus::Images;
    } else if !model.workspace.images.filter.line().is_empty() {
        model.workspace.images.filter.set("");
    } else if model.workspace.images.only_marked {
        only_marked(model, false);
    } else {
        model.together = None;
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let id = match model.focus {
        Focus::Members => {
            model.row().map(|(_, row)| model.workspace.inventory.member(row.member).id.clone())
        }
        Focus::Images => model.image().map(|ix| model.workspace.inventory.image(ix).id.0.clone()),
    };
    let Some(id) = id else {
        model.log.say(model.now, Level::Warning, "There is nothing here to copy.");
        return vec![];
    };
    say_copied(model, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Reads the members of the image again.
pub(super) fn reread(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let Some(ix) = model.image() else { return vec![] };
    let image: ImageId = model.workspace.inventory.image(ix).id.clone();
    let label = model.workspace.inventory.image(ix).label();
    model.log.say(model.now, Level::Info, format!("Reading the members of {label} again."));
    ask(Command::Reread { session: model.workspace.session, images: vec![image] })
}
