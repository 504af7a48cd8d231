//! Links on the screen to the cloud's console: names and IDs of images where they are shown in full. They are written
//! to the terminal after the frame, which does not contain them.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::ui::layout;
use crate::tui::ui::text;
use domain::{ImageId, Scope};

/// Linked cells, and their address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) cells: Vec<(Position, Cell)>,
}

/// The links of a frame; none while a dialog is open.
pub(crate) fn links(app: &App, buffer: &Buffer) -> Vec<Link> {
    let open = app.overlay.is_none();
    let Some(areas) = layout::areas(app).filter(|_| open) else { return Vec::new() };
    let places = app.shown_view().links(app, areas.main);
    places.into_iter().filter_map(|place| place.link(app, buffer)).collect()
}

/// A text in a line, and the image it names.
pub(crate) struct Place<'a> {
    pub(crate) line: Rect,
    pub(crate) text: String,
    pub(crate) scope: &'a Scope,
    pub(crate) image: &'a ImageId,
}

impl Place<'_> {
    /// `None` if the text is truncated or covered.
    fn link(&self, app: &App, buffer: &Buffer) -> Option<Link> {
        let to = app.consoles.address(self.scope, self.image)?;
        Some(Link { to, cells: found(buffer, self.line, &self.text)? })
    }
}

/// The cells of the first occurrence of a text in a line.
fn found(buffer: &Buffer, line: Rect, text: &str) -> Option<Vec<(Position, Cell)>> {
    let mut x = line.left();
    let mut all: Vec<(Position, &Cell)> = Vec::new();
    while x < line.right() {
        let cell = buffer.cell((x, line.y))?;
        all.push((Position::new(x, line.y), cell));
        // The cell under the right half of a wide character is not shown.
        x += u16::try_from(text::width(cell.symbol())).unwrap_or(1).max(1);
    }
    let spelled = |from: usize| {
        let mut rest = text;
        for (at, (_, cell)) in all.iter().enumerate().skip(from) {
            rest = rest.strip_prefix(cell.symbol())?;
            if rest.is_empty() {
                return Some(from..at + 1);
            }
        }
        None
    };
    let range = (0..all.len()).filter(|_| !text.is_empty()).find_map(spelled)?;
    Some(all[range].iter().map(|(at, cell)| (*at, (*cell).clone())).collect())
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_text_is_found_as_it_is_shown_and_only_whole() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(1, 0, "a 镜像-a x", Style::new());
        let line = buffer.area;
        let at = |text: &str| {
            let cells = found(&buffer, line, text)?;
            Some((cells.first()?.0.x, cells.last()?.0.x))
        };
        assert_eq!(at("镜像-a"), Some((3, 8)));
        assert_eq!(at("a x"), Some((8, 10)));
        assert_eq!((at("镜像-b"), at("")), (None, None));
    }
}
