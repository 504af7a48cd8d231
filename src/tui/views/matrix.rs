//! View 3: a matrix of images and members.

pub(crate) mod act;
pub(crate) mod cluster;
pub(crate) mod content;
pub(crate) mod describe;
pub(crate) mod layout;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{plan, share};
use crate::tui::speech::description::Description;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::links::Place;
use crate::tui::views::matrix::layout::{CELL, MatrixAreas};
use crate::tui::views::{Spot, View};
use domain::{ImageId, Scope};

/// The Matrix view.
pub(crate) struct MatrixView;

fn areas(app: &App, main: Rect) -> MatrixAreas {
    layout::matrix(main, app.workspace.matrix.facts.widest)
}

impl View for MatrixView {
    fn context(&self, _app: &App) -> Context {
        Context::Matrix
    }

    fn unavailable(&self, app: &App, _here: Context, action: Action) -> Option<String> {
        match action {
            Action::Revoke if app.workspace.marks.is_empty() => Some(app.nothing_marked()),
            Action::Share if app.workspace.matrix.under().is_none() => {
                Some("No cell here: it takes an image and a member.".into())
            }
            _ => None,
        }
    }

    fn act(&self, app: &mut App, _here: Context, action: Action) -> Vec<Effect> {
        match action {
            Action::Revoke => plan::act::open(app),
            Action::Share => share::act::open_cell(app),
            action => act::act(app, action),
        }
    }

    fn step(&self, app: &mut App, action: Action) {
        act::step(app, action);
    }

    fn settle(&self, app: &mut App, main: Rect) {
        app.settle_matrix(main);
    }

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        paint::paint(app, main, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        Description {
            place: vec![describe::PLACE.into()],
            list: Some(describe::list(app)),
            under: describe::under(app),
            nothing: paint::nothing(app),
            listing: (describe::choice(app), describe::listing(app)),
            found: describe::how_many(app),
            ..Description::default()
        }
    }

    fn filter<'a>(&self, app: &'a App) -> Option<&'a FilterLine> {
        Some(&app.workspace.matrix.filter)
    }

    fn filter_mut<'a>(&self, app: &'a mut App) -> Option<&'a mut FilterLine> {
        Some(&mut app.workspace.matrix.filter)
    }

    fn cursor_row(&self, app: &App, main: Rect) -> Option<Rect> {
        let cursor = &app.workspace.matrix.row;
        let row = u16::try_from(cursor.at.saturating_sub(cursor.top)).unwrap_or(u16::MAX);
        let y = areas(app, main).names.y.saturating_add(row);
        Some(Rect { y, height: 1, ..main })
    }

    fn spot(&self, app: &App, main: Rect, at: Position) -> Option<Spot> {
        let areas = areas(app, main);
        let (row, column) = match areas.cell_at(at.x, at.y) {
            Some((row, column)) => (Some(row), Some(column)),
            None if main.contains(at) => (areas.row_at(at.x, at.y), areas.column_at(at.x, at.y)),
            None => return None,
        };
        Some(Spot { pane: 0, row, column })
    }

    fn click(&self, app: &mut App, spot: Spot) {
        act::choose(app, spot.row, spot.column);
    }

    fn is_selected(&self, app: &App, spot: Spot) -> bool {
        let matrix = &app.workspace.matrix;
        spot.row.is_some_and(|row| matrix.row.is_on_row(row))
            && spot.column.is_some_and(|column| matrix.column.is_on_row(column))
    }

    fn wheel(&self, app: &mut App, _spot: Spot, action: Action) {
        act::step(app, action);
    }

    /// Dragging over cells makes a rectangle that also applies to keys.
    fn drag(&self, app: &mut App, main: Rect, to: Position) {
        let cells = areas(app, main).cells;
        let it = &app.workspace.matrix;
        let row = along(&it.row, (cells.top(), cells.bottom()), 1, to.y);
        let column = along(&it.column, (cells.left(), cells.right()), CELL, to.x);
        if (row, column) != (it.row.at, it.column.at) {
            app.clicked = None;
        }
        act::stretch(app, row, column);
    }

    fn linked_image<'a>(&self, app: &'a App) -> Option<(&'a Scope, ImageId)> {
        let matrix = &app.workspace.matrix;
        let ix = matrix.row.current(&matrix.rows)?;
        Some((app.scope()?, app.workspace.inventory.image(ix).id.clone()))
    }

    /// The image under the cursor, in the lines below the cells.
    fn links<'a>(&self, app: &'a App, main: Rect) -> Vec<Place<'a>> {
        let matrix = &app.workspace.matrix;
        let link = matrix.row.current(&matrix.rows).zip(app.scope()).map(|(ix, scope)| {
            let image = app.workspace.inventory.image(ix);
            let area = areas(app, main).detail;
            // After the word "image".
            let line = Rect { x: area.x + 9, y: area.y + 1, width: area.width - 10, height: 1 };
            Place { line, text: image.label(), scope, image: &image.id }
        });
        link.into_iter().collect()
    }
}

/// The row or column at a screen position; outside of the window, the next one in that direction.
fn along<K>(cursor: &Cursor<K>, (from, to): (u16, u16), size: u16, at: u16) -> usize {
    match at {
        at if at < from => cursor.at.saturating_sub(1),
        at if at >= to => cursor.at + 1,
        at => cursor.top + usize::from((at - from) / size),
    }
}
