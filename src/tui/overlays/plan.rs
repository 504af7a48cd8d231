//! The plan dialog: shows the requests to be sent and asks for confirmation.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod planning;
pub(crate) mod risk;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;

impl Overlay for PlanDialog {
    fn context(&self) -> Context {
        Context::Plan
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 120, u16::MAX)
    }

    fn settle(&mut self, _app: &App, area: Rect) {
        let (height, width) = self.list_size(area);
        self.scroll = self.scroll.min(self.len(width).saturating_sub(height));
    }

    fn unavailable(&self, _app: &App, action: Action) -> Option<String> {
        (action == Action::Enter && self.scope.read_only).then(|| self.check().err()).flatten()
    }

    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        act::act(self, app, action)
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        Some(paint::paint(app, self, area, buffer))
    }

    fn input(&mut self) -> Option<&mut Input> {
        Some(if self.naming { &mut self.cloud } else { &mut self.count })
    }

    fn edited(&mut self) {
        self.complaint = None;
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        describe::describe(app, self)
    }
}
