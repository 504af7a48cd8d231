//! Toasts: short-lived messages, never over a dialog and never over the row under the cursor. If there is room, all
//! are shown in full in boxes in the lower right corner, otherwise the newest above the footer. The log has them all.

#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::keys::Action;
use crate::tui::ui::layout::Areas;
use crate::tui::ui::{table, text};

const WIDEST: u16 = 64;

/// Paints the toasts.
pub(crate) fn paint(app: &App, areas: &Areas, buffer: &mut Buffer) {
    let boxes = boxes(app, areas.main);
    let row = app.shown_view().cursor_row(app, areas.main);
    let hides_the_row = |frame: &Rect| row.is_some_and(|row| row.intersects(*frame));
    let roomy = areas.main.width >= 100 && areas.main.height >= 24;
    // In the other views that corner shows content: cells, shares, receipts.
    let free = app.view.view().has_free_corner();
    if roomy && free && !boxes.iter().any(|(frame, ..)| hides_the_row(frame)) {
        for (frame, level, lines) in &boxes {
            boxed(app, *frame, *level, lines, buffer);
        }
    } else {
        in_lines(app, areas, row, buffer);
    }
}

type Boxed = (Rect, Level, Vec<String>);

/// From the bottom up, newest lowest, as many as fit.
fn boxes(app: &App, area: Rect) -> Vec<Boxed> {
    let width = WIDEST.min(area.width - 4);
    let (mut bottom, mut boxes) = (area.bottom(), Vec::new());
    for (level, text) in newest_first(app) {
        let lines = text::wrap(&format!("{} {text}", level.sign()), usize::from(width - 4));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        if height > bottom.saturating_sub(area.y) {
            break;
        }
        bottom -= height;
        boxes.push((Rect { x: area.right() - width - 1, y: bottom, width, height }, level, lines));
    }
    boxes
}

fn boxed(app: &App, frame: Rect, level: Level, lines: &[String], buffer: &mut Buffer) {
    let inner = table::dialog(buffer, frame, "", app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
    table::lines(buffer, inner, lines, style(app, level));
}

/// The newest, over the lower border of the view and at most two rows above it. The log has what does not fit.
fn in_lines(app: &App, areas: &Areas, row: Option<Rect>, buffer: &mut Buffer) {
    let all = newest_first(app);
    let Some((level, text)) = all.first() else { return };
    let main = areas.main;
    let width = usize::from(main.width - 4);
    let lines = text::wrap(&format!("{} {text}", level.sign()), width);
    let free = (0..3u16).take_while(|up| row.is_none_or(|row| row.y != main.bottom() - 1 - up));
    // In the other views the last rows show content: cell, share, receipt.
    let lists = app.view.view().has_free_corner();
    let most = if lists { free.count().max(1) } else { 1 };
    let log = app.keys.spoken(Action::Log);
    let (mut lines, more) = (lines, all.len() - 1);
    let rest = match (lines.len() > most, more) {
        (true, _) => format!(" {log} reads on"),
        (false, 0) => String::new(),
        (false, more) => format!(" +{more} in {log}"),
    };
    let goes_on = if lines.len() > most { " …" } else { "" };
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        let text = format!("{last}{goes_on}");
        *last = format!("{}{rest}", text::cut(&text, width - text::width(&rest)));
    }
    let height = u16::try_from(lines.len()).unwrap_or(1);
    let place = Rect { y: main.bottom() - height, height, ..main };
    Clear.render(place, buffer);
    let inside = Rect { x: place.x + 2, width: place.width - 4, ..place };
    table::lines(buffer, inside, &lines, style(app, *level));
    for y in place.top()..place.bottom() {
        for x in [place.x, place.right() - 1] {
            buffer.set_stringn(x, y, "┃", 1, style(app, *level));
        }
    }
}

fn newest_first(app: &App) -> Vec<(Level, &str)> {
    let mut all: Vec<(Level, &str)> = app.log.toasts().collect();
    all.reverse();
    all
}

fn style(app: &App, level: Level) -> Style {
    match level {
        Level::Info => app.theme.text(),
        Level::Done => app.theme.good(),
        Level::Warning => app.theme.warn(),
        Level::Error => app.theme.bad(),
    }
}
