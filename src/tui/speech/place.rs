//! Where one is: the topmost thing decides, as for the keys.

use crate::tui::app::{App, Overlay};
use crate::tui::keys;
use crate::tui::keys::Context;
use crate::tui::overlays;
use crate::tui::overlays::pages;
use crate::tui::speech::description::Description;
use crate::tui::ui::text::counted;

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
    let (key, lines, short) = if over {
        let (key, lines) = overlay(app);
        (key, lines, "")
    } else {
        view(app)
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

fn view(app: &App) -> (String, Vec<String>, &'static str) {
    let (view, session) = (app.shown_view(), app.workspace.session);
    let Description { key, place, short, .. } = view.describe(app);
    match view.context(app) {
        Context::Waiting => (key, place, short),
        context => (format!("{session:?} {context:?} {key}"), place, short),
    }
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
