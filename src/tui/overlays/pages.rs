//! Texts to read over the views, a window at a time: help, log, one request in full.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::app::input::scrolled;
use crate::tui::keys::Action;
use crate::tui::overlays::Overlay;
use crate::tui::speech::description::Page;
use crate::tui::ui::{layout, table};

/// A line of a text.
pub(crate) type Line = (String, Style);

/// Paints the text of a dialog from a line on.
pub(crate) fn paint(
    app: &App,
    dialog: &impl Overlay,
    title: &str,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = table::dialog(buffer, area, title, app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = dialog.text(app, width(app, inner.width));
    let end = (scroll + usize::from(inner.height)).min(lines.len());
    let window = scroll.min(end)..end;
    for ((line, style), y) in lines[window.clone()].iter().zip(inner.top()..) {
        buffer.set_stringn(inner.x, y, line, usize::from(inner.width), *style);
    }
    table::thumb(buffer, area, &window, lines.len());
}

/// Lines of the text, and how many are in its window.
fn size(app: &App, dialog: &impl Overlay, area: Rect) -> (usize, usize) {
    let inner = layout::inner(area);
    let lines = dialog.text(app, width(app, inner.width.saturating_sub(2)));
    (lines.len(), usize::from(inner.height))
}

/// The first line in the window, at most so far that the window is full.
pub(crate) fn settled(app: &App, dialog: &impl Overlay, scroll: usize, area: Rect) -> usize {
    let (lines, height) = size(app, dialog, area);
    scroll.min(lines.saturating_sub(height))
}

/// The first line in the window after an action; the end of the text is found when it is settled.
pub(crate) fn turned(app: &App, scroll: usize, action: Action) -> usize {
    scrolled(scroll, action, usize::from(app.size.height / 2))
}

/// The part of the text that plain mode reads.
pub(crate) fn page(app: &App, dialog: &impl Overlay, key: String, top: usize) -> Page {
    let (len, height) = size(app, dialog, dialog.area(app.screen()));
    Page { key, top, end: (top + height).min(len), len }
}

/// Lines that are read one after the other are not broken.
pub(crate) fn width(app: &App, columns: u16) -> usize {
    if app.plain_mode.is_on() { usize::MAX / 4 } else { usize::from(columns) }
}
