//! Applies messages to the app. Never waits, never fails.

use crate::tui::app::App;
use crate::tui::app::engine_events;
use crate::tui::app::input;
use crate::tui::app::mouse;
use crate::tui::app::reload;
use crate::tui::overlays::export;
use crate::tui::overlays::plan;
use crate::tui::views::ViewId;
use crate::tui::{Effect, Msg, What};
use engine::Command;

/// Applies one message, and returns what the loop is to do.
pub(crate) fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    app.now = msg.now;
    app.log.pass(app.now, app.overlay.is_none());
    let place = |app: &App| (app.view, app.focus, app.workspace.member_table.focus);
    let before = place(app);
    let effects = match msg.what {
        What::Key(key) => input::on_key(app, key),
        What::Paste(text) => input::on_paste(app, &text),
        What::Mouse(event) => mouse::on_mouse(app, event),
        What::Resize(size) => {
            app.size = size;
            vec![]
        }
        What::Engine(event) => engine_events::on_event(app, event),
        What::EngineGone => engine_events::on_gone(app),
        What::Planned { ticket, plan } => plan::act::on_planned(app, ticket, *plan),
        What::Exported { ticket, outcome } => {
            export::act::on_exported(app, ticket, outcome);
            vec![]
        }
        What::Focus => vec![Effect::Reload { asked: false }],
        What::Reloaded { asked, reread } => reload::on_reloaded(app, asked, *reread),
        What::Tick => vec![],
    };
    if place(app) != before {
        app.end_range();
    }
    effects
}

/// To another view.
pub(crate) fn show(app: &mut App, view: ViewId) {
    app.view = view;
    app.log.end_hint();
    app.workspace.jump = None;
    app.overlay = None;
    app.jobs.changed();
}

/// Asks the engine.
pub(crate) fn ask(command: Command) -> Vec<Effect> {
    vec![Effect::Ask(command)]
}
