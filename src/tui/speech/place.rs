//! Where one is: the topmost thing decides, as for the keys.

use crate::tui::app::{App, Overlay};
use crate::tui::keys;
use crate::tui::keys::Context;
use crate::tui::overlays;
use crate::tui::overlays::pages;
use crate::tui::speech::words;
use crate::tui::ui::text::counted;
use crate::tui::views::connecting;
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::images::describe_members;
use crate::tui::views::jobs::state::JobFocus;
use crate::tui::views::{history, images, jobs, matrix, members};

/// From so many shares on a plan takes long enough to be told of.
const LONG: usize = 1000;

/// A place, and what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Another one is another place.
    pub(crate) key: String,
    pub(crate) lines: Vec<String>,
    /// What is said by who comes from another pane of the same view.
    pub(crate) short: String,
    /// The view it belongs to, and what is shown there.
    view: Option<String>,
    /// It lies over a view, which is where one was before.
    pub(crate) over: bool,
}

/// Where one is.
pub(crate) fn place(app: &App) -> Place {
    let over = !matches!(app.overlay, Overlay::None);
    let (key, lines) = if over { overlay(app) } else { view(app) };
    let short = match keys::place(app) {
        Context::Images => "Images.",
        Context::ByMember => "Members.",
        Context::Jobs if app.jobs.focus == JobFocus::Operations => "Operations.",
        Context::History if app.history.focus == HistoryFocus::Operations => "Operations.",
        _ => "",
    };
    let waiting = keys::place(app) == Context::Waiting;
    let shown =
        (app.view, app.workspace.session, app.workspace.received.shown, app.together.is_some());
    let view = (!over && !waiting).then(|| format!("{shown:?}"));
    Place { key, lines, short: short.into(), view, over }
}

impl Place {
    /// Whether it is the main list of a view of which another pane was said before.
    pub(crate) fn is_beside(&self, before: &Self) -> bool {
        !self.short.is_empty() && self.view.is_some() && self.view == before.view
    }
}

fn view(app: &App) -> (String, Vec<String>) {
    let context = keys::place(app);
    let (detail, line) = match context {
        Context::Waiting => {
            let said = connecting::paragraphs(app);
            let lines: Vec<String> =
                said.iter().map(|(text, _)| words::unsigned(app, text)).collect();
            return (lines.join(" "), lines);
        }
        Context::Members => {
            (app.workspace.members.of.map(|ix| format!("{ix:?}")), describe_members::place(app))
        }
        Context::ByMember => (None, members::describe::PLACE.into()),
        Context::Reached => {
            let of = app.workspace.by_member.reached.of;
            (of.map(|ix| format!("{ix:?}")), members::describe::place_of_reached(app))
        }
        Context::Matrix => (None, matrix::describe::PLACE.into()),
        Context::Jobs => {
            let of = app.jobs.current().map(|operation| operation.id.to_string());
            (Some(format!("{:?} {of:?}", app.jobs.focus)), jobs::describe::place(app))
        }
        Context::History if app.history.focus == HistoryFocus::Receipt => {
            (Some("receipt".into()), history::describe::place_of_receipt(app))
        }
        Context::History => (None, history::describe::PLACE.into()),
        _ => (Some(app.together.is_some().to_string()), images::describe::place(app)),
    };
    (format!("{:?} {context:?} {}", app.workspace.session, detail.unwrap_or_default()), vec![line])
}

fn overlay(app: &App) -> (String, Vec<String>) {
    match &app.overlay {
        Overlay::None => Default::default(),
        Overlay::Help(_) => ("help".into(), vec!["Help: the keys. Esc closes it.".into()]),
        Overlay::Log { .. } | Overlay::Request { .. } => {
            let title = pages::title(app).replace(" ─ ", ", ");
            (title.clone(), vec![format!("{title}. Esc closes it.")])
        }
        Overlay::Planning { ticket, shares, .. } => {
            // A plan of a few shares is there before one could hear of it.
            let long = (*shares > LONG).then(|| format!("Planning {}.", counted(*shares, "share")));
            (format!("planning {ticket}"), long.into_iter().collect())
        }
        Overlay::Plan(dialog) => ("plan".into(), overlays::describe::plan(dialog)),
        Overlay::Share(dialog) => ("share".into(), overlays::describe::share(dialog)),
        Overlay::Export(dialog) => ("export".into(), overlays::describe::export(dialog)),
        Overlay::Picker(dialog) => {
            // What was asked for came, or could not be listed.
            let of = dialog.of.as_ref().map(|of| (of.session, dialog.lines.len()));
            (format!("picker {of:?}"), overlays::describe::picker(dialog))
        }
        Overlay::Palette(dialog) => ("palette".into(), overlays::describe::palette(dialog)),
        Overlay::Code(dialog) => ("code".into(), overlays::describe::code(dialog)),
        Overlay::Close(session) => ("close".into(), overlays::describe::close(app, *session)),
        Overlay::Quit => ("quit".into(), overlays::describe::quit(app)),
    }
}
