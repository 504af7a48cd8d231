//! The list of clouds, regions and projects, and logging in.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod picker;
pub(crate) mod state;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::layout;

impl Overlay for Picker {
    fn context(&self) -> Context {
        Context::Picker
    }

    fn area(&self, whole: Rect) -> Rect {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_add(5);
        centered(whole, 96, rows.max(6))
    }

    fn settle(&mut self, _app: &App, area: Rect) {
        self.cursor.fit(self.lines.len(), usize::from(layout::rows(area)));
    }

    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        picker::act(self, app, action)
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        paint::paint(app, self, area, buffer);
        None
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn row_at(&self, area: Rect, at: Position) -> Option<usize> {
        let rows = area.y + 2..area.bottom().saturating_sub(1);
        let row = self.cursor.top + usize::from(at.y.saturating_sub(rows.start));
        (area.contains(at) && rows.contains(&at.y) && row < self.lines.len()).then_some(row)
    }

    fn row(&self) -> Option<usize> {
        Some(self.cursor.at)
    }

    fn go(&mut self, row: usize) {
        self.go_to_line(row);
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        describe::describe(app, self)
    }
}
