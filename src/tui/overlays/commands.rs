//! The command palette.

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
use crate::tui::overlays::commands::state::Palette;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;

impl Overlay for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 110, 24)
    }

    fn settle(&mut self, _app: &App, area: Rect) {
        let [_, list, _] = state::parts(area);
        self.cursor.fit(self.fitting.len(), usize::from(list.height));
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

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        describe::describe(app, self)
    }
}
