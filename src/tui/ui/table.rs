//! Frames, headings and rows. Cells are placed by column, not padded, so a name of any width shifts nothing.

use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use crate::tui::theme::Theme;
use crate::tui::ui::text;

/// A column: heading, width, alignment.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) width: Constraint,
    pub(crate) alignment: Alignment,
}

impl Column {
    /// A left-aligned column, for text.
    pub(crate) fn left(title: &str, width: Constraint) -> Self {
        Self { title: title.to_owned(), width, alignment: Alignment::Left }
    }

    /// A right-aligned column, for numbers.
    pub(crate) fn right(title: &str, width: u16) -> Self {
        Self {
            title: title.to_owned(),
            width: Constraint::Length(width),
            alignment: Alignment::Right,
        }
    }
}

/// Text and style of a cell.
pub(crate) type Cell = (String, Style);

/// How a row is highlighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    Not,
    /// In the range to be marked, which ends at the cursor.
    Range,
    Cursor,
    FadedCursor,
}

/// Whether a row is in the range; false without one.
pub(crate) fn is_in(range: Option<&RangeInclusive<usize>>, row: usize) -> bool {
    range.is_some_and(|range| range.contains(&row))
}

/// Columns laid out in a pane, ready for rows.
pub(crate) struct Table<'a> {
    columns: &'a [Column],
    areas: Vec<Rect>,
    inner: Rect,
    theme: Theme,
}

impl<'a> Table<'a> {
    /// Lays out the columns inside a frame and writes their headings.
    pub(crate) fn new(
        buffer: &mut Buffer,
        inner: Rect,
        columns: &'a [Column],
        theme: Theme,
    ) -> Self {
        // One column is reserved for the cursor sign.
        let body =
            Rect { x: inner.x + 2, width: inner.width.saturating_sub(3), height: 1, ..inner };
        let layout = Layout::horizontal(columns.iter().map(|column| column.width)).spacing(1);
        let areas = layout.split(body).to_vec();
        for (column, area) in columns.iter().zip(&areas) {
            text::put(buffer, *area, &column.title, theme.dim(), column.alignment);
        }
        Self { columns, areas, inner, theme }
    }

    /// Width of a column, in cells.
    pub(crate) fn width(&self, column: usize) -> usize {
        self.areas.get(column).map_or(0, |area| usize::from(area.width))
    }

    /// Writes a row; `at` counts from the top of the window.
    pub(crate) fn row(&self, buffer: &mut Buffer, at: usize, row: &[Cell], under: Under) {
        let y = self.inner.y + 1 + u16::try_from(at).unwrap_or(u16::MAX - self.inner.y - 1);
        if y >= self.inner.bottom() {
            return;
        }
        for ((column, area), (text, style)) in self.columns.iter().zip(&self.areas).zip(row) {
            text::put(buffer, Rect { y, ..*area }, text, *style, column.alignment);
        }
        let line = Rect { y, height: 1, ..self.inner };
        match under {
            Under::Not => {}
            Under::Range => {
                buffer.set_style(line, self.theme.cursor());
                buffer.set_stringn(line.x, y, "│", 1, Style::new());
            }
            Under::Cursor => {
                buffer.set_style(line, self.theme.cursor());
                buffer.set_stringn(line.x, y, "▌", 1, Style::new());
            }
            Under::FadedCursor => {
                buffer.set_style(line, self.theme.faded_cursor());
                buffer.set_stringn(line.x, y, "▌", 1, Style::new());
            }
        }
    }

    /// Writes a sentence in place of the rows.
    pub(crate) fn say(&self, buffer: &mut Buffer, text: &str, style: Style) {
        let below = Rect {
            x: self.inner.x + 1,
            y: self.inner.y + 1,
            width: self.inner.width.saturating_sub(2),
            height: self.inner.height.saturating_sub(1),
        };
        lines(buffer, below, &text::wrap(text, usize::from(below.width)), style);
    }
}

/// A frame with a title and, when the list is longer than the window, a scroll thumb.
pub(crate) fn pane(
    buffer: &mut Buffer,
    area: Rect,
    title: &str,
    focused: bool,
    theme: Theme,
) -> Rect {
    let border = if focused { theme.accent() } else { theme.border() };
    let heading = if focused { theme.accent() } else { theme.title() };
    let room = usize::from(area.width.saturating_sub(4));
    let mut block = Block::bordered()
        .border_type(if focused { BorderType::Thick } else { BorderType::Plain })
        .border_style(border);
    if !title.is_empty() {
        let title = format!(" {} ", text::cut(title, room.saturating_sub(2)));
        block = block.title(Line::styled(title, heading));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// A frame on top of everything else.
pub(crate) fn dialog(buffer: &mut Buffer, area: Rect, title: &str, theme: Theme) -> Rect {
    // A wide character cut by the edge of the dialog would shift the frame.
    let around = Rect { x: area.x.saturating_sub(1), width: area.width + 1, ..area };
    for position in around.positions().filter(|p| p.x < area.x) {
        if text::width(buffer[position].symbol()) > 1 {
            buffer[position].set_symbol(" ");
        }
    }
    Clear.render(area, buffer);
    pane(buffer, area, title, true, theme)
}

/// The scroll thumb on the right border of a pane.
pub(crate) fn thumb(buffer: &mut Buffer, area: Rect, window: &std::ops::Range<usize>, len: usize) {
    let track = usize::from(area.height.saturating_sub(2));
    if len <= window.len() || track == 0 {
        return;
    }
    let size = (window.len() * track / len).clamp(1, track);
    let top = window.start * (track - size) / (len - window.len()).max(1);
    for at in top..(top + size).min(track) {
        let y = area.y + 1 + u16::try_from(at).unwrap_or(0);
        buffer[(area.right() - 1, y)].set_symbol("█");
    }
}

/// Lines in one style, as many as fit.
pub(crate) fn lines(buffer: &mut Buffer, area: Rect, lines: &[String], style: Style) {
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_stringn(area.x, y, line, usize::from(area.width), style);
    }
}

/// The styled pieces of one line, one after the other.
pub(crate) fn pieces(buffer: &mut Buffer, area: Rect, pieces: &[(&str, Style)]) {
    let mut x = area.x;
    for (text, style) in pieces {
        let room = usize::from(area.right().saturating_sub(x));
        let text = text::cut(text, room);
        (x, _) = buffer.set_stringn(x, area.y, &text, room, *style);
    }
}
