//! Toasts: whole sentences for a moment, in the lower right corner of the panes, never over a dialog.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{cells, table};
use crate::tui::model::{Level, Model};

const WIDEST: u16 = 64;

/// Paints them from the bottom up, newest lowest.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let width = WIDEST.min(area.width - 4);
    let mut bottom = area.bottom();
    let newest_first: Vec<(Level, &str)> = model.log.toasts().collect();
    for (level, text) in newest_first.into_iter().rev() {
        let lines = cells::wrap(&format!("{} {text}", level.sign()), usize::from(width - 4));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        if height > bottom.saturating_sub(area.y) {
            return;
        }
        bottom -= height;
        let frame = Rect { x: area.right() - width - 1, y: bottom, width, height };
        let inner = table::dialog(buffer, frame, "", model.theme);
        let inner = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
        table::lines(buffer, inner, &lines, style(model, level));
    }
}

fn style(model: &Model, level: Level) -> Style {
    match level {
        Level::Info => model.theme.text(),
        Level::Done => model.theme.good(),
        Level::Warning => model.theme.warn(),
        Level::Error => model.theme.bad(),
    }
}
