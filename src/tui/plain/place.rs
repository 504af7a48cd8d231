//! Where one is: the topmost thing decides, as for the keys.

use super::{by_member, dialogs, history, images, jobs, matrix, members, words};
use crate::tui::keymap::{self, Context};
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::jobs::JobFocus;
use crate::tui::model::{Model, Overlay};
use crate::tui::view::cells::counted;
use crate::tui::view::{pages, waiting};

/// From so many shares on a plan takes long enough to be told of.
const LONG: usize = 1000;

/// A place, and what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Another one is another place.
    pub(super) key: String,
    pub(super) lines: Vec<String>,
    /// What is said by who comes from another pane of the same view.
    pub(super) short: String,
    /// The view it belongs to, and what is shown there.
    view: Option<String>,
    /// It lies over a view, which is where one was before.
    pub(super) over: bool,
}

/// Where one is.
pub(super) fn place(model: &Model) -> Place {
    let over = !matches!(model.overlay, Overlay::None);
    let (key, lines) = if over { overlay(model) } else { view(model) };
    let short = match keymap::place(model) {
        Context::Images => "Images.",
        Context::ByMember => "Members.",
        Context::Jobs if model.jobs.focus == JobFocus::Operations => "Operations.",
        Context::History if model.history.focus == HistoryFocus::Operations => "Operations.",
        _ => "",
    };
    let waiting = keymap::place(model) == Context::Waiting;
    let shown = (
        model.view,
        model.workspace.session,
        model.workspace.received.shown,
        model.together.is_some(),
    );
    let view = (!over && !waiting).then(|| format!("{shown:?}"));
    Place { key, lines, short: short.into(), view, over }
}

impl Place {
    /// Whether it is the main list of a view of which another pane was said before.
    pub(super) fn is_beside(&self, before: &Self) -> bool {
        !self.short.is_empty() && self.view.is_some() && self.view == before.view
    }
}

fn view(model: &Model) -> (String, Vec<String>) {
    let context = keymap::place(model);
    let (detail, line) = match context {
        Context::Waiting => {
            let said = waiting::paragraphs(model);
            let lines: Vec<String> =
                said.iter().map(|(text, _)| words::unsigned(model, text)).collect();
            return (lines.join(" "), lines);
        }
        Context::Members => {
            (model.workspace.members.of.map(|ix| format!("{ix:?}")), members::place(model))
        }
        Context::ByMember => (None, by_member::PLACE.into()),
        Context::Reached => {
            let of = model.workspace.by_member.reached.of;
            (of.map(|ix| format!("{ix:?}")), by_member::place_of_reached(model))
        }
        Context::Matrix => (None, matrix::PLACE.into()),
        Context::Jobs => {
            let of = model.jobs.current().map(|operation| operation.id.to_string());
            (Some(format!("{:?} {of:?}", model.jobs.focus)), jobs::place(model))
        }
        Context::History if model.history.focus == HistoryFocus::Receipt => {
            (Some("receipt".into()), history::place_of_receipt(model))
        }
        Context::History => (None, history::PLACE.into()),
        _ => (Some(model.together.is_some().to_string()), images::place(model)),
    };
    (
        format!("{:?} {context:?} {}", model.workspace.session, detail.unwrap_or_default()),
        vec![line],
    )
}

fn overlay(model: &Model) -> (String, Vec<String>) {
    match &model.overlay {
        Overlay::None => Default::default(),
        Overlay::Help(_) => ("help".into(), vec!["Help: the keys. Esc closes it.".into()]),
        Overlay::Log { .. } | Overlay::Request { .. } => {
            let title = pages::title(model).replace(" ─ ", ", ");
            (title.clone(), vec![format!("{title}. Esc closes it.")])
        }
        Overlay::Planning { ticket, shares, .. } => {
            // A plan of a few shares is there before one could hear of it.
            let long = (*shares > LONG).then(|| format!("Planning {}.", counted(*shares, "share")));
            (format!("planning {ticket}"), long.into_iter().collect())
        }
        Overlay::Plan(dialog) => ("plan".into(), dialogs::plan(dialog)),
        Overlay::Share(dialog) => ("share".into(), dialogs::share(dialog)),
        Overlay::Export(dialog) => ("export".into(), dialogs::export(dialog)),
        Overlay::Picker(dialog) => {
            // What was asked for came, or could not be listed.
            let of = dialog.of.as_ref().map(|of| (of.session, dialog.lines.len()));
            (format!("picker {of:?}"), dialogs::picker(dialog))
        }
        Overlay::Palette(dialog) => ("palette".into(), dialogs::palette(dialog)),
        Overlay::Code(dialog) => ("code".into(), dialogs::code(dialog)),
        Overlay::Close(session) => ("close".into(), dialogs::close(model, *session)),
        Overlay::Quit => ("quit".into(), dialogs::quit(model)),
    }
}
