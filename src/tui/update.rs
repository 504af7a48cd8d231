//! Messages into the model, one file per kind of message or dialog. Never waits, never fails.

mod availability;
mod browse;
mod by_member;
mod clouds;
mod engine;
mod export;
mod filter_line;
mod history;
mod jobs;
mod keys;
mod link;
mod listening;
mod marks;
mod matrix;
mod mouse;
mod palette;
mod plan;
mod range;
mod settings;
mod sharing;

use super::layout;
use super::model::{Model, Overlay, View};
use super::view;
use super::{Effect, Msg, What};
use crate::engine::Command;

pub(crate) use availability::obstacle;
pub(crate) use clouds::start;

/// Folds one message into the model and says what is to be done.
pub(crate) fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    model.now = msg.now;
    model.log.pass(model.now, matches!(model.overlay, Overlay::None));
    let place = |model: &Model| (model.view, model.focus, model.workspace.by_member.focus);
    let before = place(model);
    let effects = match msg.what {
        What::Key(key) => keys::on_key(model, key),
        What::Paste(text) => keys::on_paste(model, &text),
        What::Mouse(event) => mouse::on_mouse(model, event),
        What::Resize(size) => {
            model.size = size;
            vec![]
        }
        What::Engine(event) => engine::on_event(model, event),
        What::EngineGone => engine::on_gone(model),
        What::Planned { ticket, plan } => plan::on_planned(model, ticket, *plan),
        What::Exported { ticket, outcome } => {
            export::on_exported(model, ticket, outcome);
            vec![]
        }
        What::Focus => vec![Effect::Reload { asked: false }],
        What::Reloaded { asked, reread } => settings::on_reloaded(model, asked, *reread),
        What::Tick => vec![],
    };
    if place(model) != before {
        model.end_range();
    }
    effects
}

/// To another view.
fn show(model: &mut Model, view: View) {
    model.view = view;
    model.log.end_hint();
    model.workspace.detour = None;
    model.overlay = Overlay::None;
    model.jobs.changed();
}

/// Keeps the window of an overlay inside its text.
impl Model {
    pub(super) fn settle_overlay(&mut self) {
        let area = layout::overlay(self);
        match &mut self.overlay {
            Overlay::Plan(dialog) => {
                let (height, width) = view::plan_list_size(dialog, area);
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
                let (lines, height) = view::pages::size(self);
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
    fn scroll(&mut self) -> Option<&mut usize> {
        match &mut self.overlay {
            Overlay::Help(page) => Some(&mut page.scroll),
            Overlay::Log { scroll } | Overlay::Request { scroll, .. } => Some(scroll),
            Overlay::Plan(dialog) => Some(&mut dialog.scroll),
            _ => None,
        }
    }
}

/// Asks the engine.
fn ask(command: Command) -> Vec<Effect> {
    vec![Effect::Ask(command)]
}
