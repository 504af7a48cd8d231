//! Shares an image with members, or images with a member.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::share::state::ShareDialog;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;

impl Overlay for ShareDialog {
    fn context(&self) -> Context {
        Context::Share
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 90, 18)
    }

    fn settle(&mut self, _app: &App, area: Rect) {
        let [_, offers, _] = state::parts(area);
        self.cursor.fit(self.offers.len(), usize::from(offers.height.saturating_sub(1)));
    }

    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        act::act(self, app, action)
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        Some(paint::paint(app, self, area, buffer))
    }

    fn input(&mut self) -> Option<&mut Input> {
        Some(&mut self.input)
    }

    fn edited(&mut self) {
        self.changed();
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn describe<'a>(&'a self, _app: &'a App) -> Description<'a> {
        describe::describe(self)
    }
}
