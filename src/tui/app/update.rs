//! Messages into the model, one file per kind of message or dialog. Never waits, never fails.

use crate::engine::Command;
use crate::tui::app::{App, Overlay};
use crate::tui::ui::layout;
use crate::tui::views::ViewId;
use crate::tui::{Effect, Msg, What};

/// Folds one message into the model and says what is to be done.
pub(crate) fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    app.now = msg.now;
    app.log.pass(app.now, matches!(app.overlay, Overlay::None));
    let place = |app: &App| (app.view, app.focus, app.workspace.by_member.focus);
    let before = place(app);
    let effects = match msg.what {
        What::Key(key) => crate::tui::app::input::on_key(app, key),
        What::Paste(text) => crate::tui::app::input::on_paste(app, &text),
        What::Mouse(event) => crate::tui::app::mouse::on_mouse(app, event),
        What::Resize(size) => {
            app.size = size;
            vec![]
        }
        What::Engine(event) => crate::tui::app::engine_events::on_event(app, event),
        What::EngineGone => crate::tui::app::engine_events::on_gone(app),
        What::Planned { ticket, plan } => {
            crate::tui::overlays::plan::act::on_planned(app, ticket, *plan)
        }
        What::Exported { ticket, outcome } => {
            crate::tui::overlays::export::act::on_exported(app, ticket, outcome);
            vec![]
        }
        What::Focus => vec![Effect::Reload { asked: false }],
        What::Reloaded { asked, reread } => {
            crate::tui::app::reload::on_reloaded(app, asked, *reread)
        }
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
    app.workspace.detour = None;
    app.overlay = Overlay::None;
    app.jobs.changed();
}

/// Keeps the window of an overlay inside its text.
impl App {
    pub(crate) fn settle_overlay(&mut self) {
        let area = layout::overlay(self);
        match &mut self.overlay {
            Overlay::Plan(dialog) => {
                let (height, width) = crate::tui::overlays::plan::paint::list_size(dialog, area);
                dialog.scroll = dialog.scroll.min(dialog.len(width).saturating_sub(height));
            }
            Overlay::Share(dialog) => {
                let height = usize::from(layout::share(area)[1].height.saturating_sub(1));
                dialog.cursor.fit(dialog.offers.len(), height);
            }
            Overlay::Picker(picker) => {
                let height = usize::from(layout::rows(area));
                picker.cursor.fit(picker.lines.len(), height);
            }
            Overlay::Palette(palette) => {
                let height = usize::from(layout::palette(area)[1].height);
                palette.cursor.fit(palette.fitting.len(), height);
            }
            Overlay::Help(_) | Overlay::Log { .. } | Overlay::Request { .. } => {
                let (lines, height) = crate::tui::overlays::pages::size(self);
                if let Some(scroll) = self.scroll() {
                    *scroll = (*scroll).min(lines.saturating_sub(height));
                }
            }
            Overlay::None
            | Overlay::Planning { .. }
            | Overlay::Export(_)
            | Overlay::Code(_)
            | Overlay::Close(_)
            | Overlay::Quit => {}
        }
    }

    /// The scroll position of the text that is read.
    pub(crate) fn scroll(&mut self) -> Option<&mut usize> {
        match &mut self.overlay {
            Overlay::Help(page) => Some(&mut page.scroll),
            Overlay::Log { scroll } | Overlay::Request { scroll, .. } => Some(scroll),
            Overlay::Plan(dialog) => Some(&mut dialog.scroll),
            _ => None,
        }
    }
}

/// Asks the engine.
pub(crate) fn ask(command: Command) -> Vec<Effect> {
    vec![Effect::Ask(command)]
}
