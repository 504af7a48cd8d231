//! What of the screen leads to a page of the cloud's console: names and ids of images where they are told in full. The terminal
//! is told when the frame is on the screen; the frame itself knows nothing of it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::domain::{ImageId, Scope};
use crate::tui::app::{App, Overlay, Phase, View};
use crate::tui::ui::layout;
use crate::tui::ui::layout::Areas;
use crate::tui::ui::text;
use crate::tui::views::images::members_pane;

/// Cells that lead somewhere.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) cells: Vec<(Position, Cell)>,
}

/// The links of a frame. Under a dialog there are none.
pub(crate) fn links(app: &App, buffer: &Buffer) -> Vec<Link> {
    let open = matches!(app.overlay, Overlay::None);
    let Some(areas) = layout::areas(app).filter(|_| open) else { return Vec::new() };
    let logged_in = matches!(app.workspace.phase, Phase::Open(_));
    let places = match app.view {
        View::Images if logged_in => title(app, &areas).into_iter().collect(),
        View::Matrix if logged_in => detail(app, &areas).into_iter().collect(),
        View::History => receipt(app, &areas),
        _ => Vec::new(),
    };
    places.into_iter().filter_map(|place| place.link(app, buffer)).collect()
}

/// A text that should stand in a line, and the image it is about.
struct Place<'a> {
    line: Rect,
    text: String,
    scope: &'a Scope,
    image: &'a ImageId,
}

impl Place<'_> {
    /// The text may be cut, or lie under something: then it leads nowhere.
    fn link(&self, app: &App, buffer: &Buffer) -> Option<Link> {
        let to = app.consoles.address(self.scope, self.image)?;
        Some(Link { to, cells: found(buffer, self.line, &self.text)? })
    }
}

/// Where a text stands in a line, first from the left.
fn found(buffer: &Buffer, line: Rect, text: &str) -> Option<Vec<(Position, Cell)>> {
    let mut x = line.left();
    let mut all: Vec<(Position, &Cell)> = Vec::new();
    while x < line.right() {
        let cell = buffer.cell((x, line.y))?;
        all.push((Position::new(x, line.y), cell));
        // What lies under the right half of a wide character is not shown.
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

/// The image in the title of its members.
fn title<'a>(app: &'a App, areas: &Areas) -> Option<Place<'a>> {
    let pane = areas.members;
    let (ix, text) = members_pane::titled(app, pane.width)?;
    let line = Rect { x: pane.x + 2, width: pane.width - 4, height: 1, ..pane };
    let image = &app.workspace.inventory.image(ix).id;
    Some(Place { line, text, scope: app.scope()?, image })
}

/// The image under the cursor of the matrix.
fn detail<'a>(app: &'a App, areas: &Areas) -> Option<Place<'a>> {
    let matrix = &app.workspace.matrix;
    let image = app.workspace.inventory.image(matrix.row.current(&matrix.rows)?);
    let area = crate::tui::views::matrix::layout::matrix(areas.main, matrix.facts.widest).detail;
    // After the word "image".
    let line = Rect { x: area.x + 9, y: area.y + 1, width: area.width - 10, height: 1 };
    Some(Place { line, text: image.label(), scope: app.scope()?, image: &image.id })
}

/// Every image of the receipt whose id stands in a line of its own.
fn receipt<'a>(app: &'a App, areas: &Areas) -> Vec<Place<'a>> {
    let Some(operation) = app.remembered() else { return Vec::new() };
    let [_, pane] = layout::history(areas.main, app.history.visible.len());
    let inner = layout::inner(pane);
    let lines = app.history.lines.iter().skip(app.history.scroll);
    let place = |(y, (line, _)): (u16, &(String, _))| {
        let text = line.trim();
        let mut shares = operation.shares.iter();
        let image = &shares.find(|record| record.share.image.to_string() == text)?.share.image;
        let line = Rect { y, height: 1, ..inner };
        Some(Place { line, text: text.to_owned(), scope: &operation.scope, image })
    };
    (inner.top()..inner.bottom()).zip(lines).filter_map(place).collect()
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
