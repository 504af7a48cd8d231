//! Where one is: the topmost thing decides, as for the keys.

use crate::tui::app::App;
use crate::tui::keys;
use crate::tui::keys::Context;
use crate::tui::speech::description::Description;

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
pub(crate) fn place(app: &App, described: &Description<'_>) -> Place {
    let over = app.overlay.is_some();
    let (key, lines, short) = (described.key.clone(), described.place.clone(), described.short);
    let waiting = keys::place(app) == Context::Waiting;
    let shown =
        (app.view, app.workspace.session, app.workspace.received.shown, app.all_scopes.is_some());
    let view = (!over && !waiting).then(|| format!("{shown:?}"));
    Place { key, lines, short: short.into(), view, over }
}

impl Place {
    /// Whether it is the main list of a view of which another pane was said before.
    pub(crate) fn is_beside(&self, before: &Self) -> bool {
        !self.short.is_empty() && self.view.is_some() && self.view == before.view
    }
}
