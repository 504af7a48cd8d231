//! Texts to read over the views, a window at a time: help, log, one request in full.

use std::any::Any;
use std::fmt::Debug;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::app::input::scrolled;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::{Description, Page};
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text::Line;
use crate::tui::ui::{layout, table};

/// A text that a dialog shows.
pub(crate) trait Text {
    /// The title of the dialog.
    fn title(&self, app: &App) -> String;

    /// Its lines, at most so wide.
    fn lines(&self, app: &App, width: usize) -> Vec<Line>;
}

/// A dialog that shows a text, scrolled to a line.
#[derive(Debug)]
pub(crate) struct Reader<T> {
    text: T,
    scroll: usize,
}

impl<T> Reader<T> {
    /// At the beginning of the text.
    pub(crate) fn new(text: T) -> Self {
        Self { text, scroll: 0 }
    }
}

impl<T: Text + Any + Debug + Send> Overlay for Reader<T> {
    fn context(&self) -> Context {
        Context::Reading
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 120, u16::MAX)
    }

    fn settle(&mut self, app: &App, area: Rect) {
        self.scroll = settled(app, &self.text, self.scroll, area);
    }

    fn act(mut self: Box<Self>, app: &mut App, action: Action) -> Acted {
        if action == Action::Back {
            return (None, vec![]);
        }
        self.scroll = turned(app, self.scroll, action);
        (Some(self), vec![])
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        paint(app, &self.text, self.scroll, area, buffer);
        None
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        let title = self.text.title(app);
        let key = title.replace(" ─ ", ", ");
        let place = vec![format!("{key}. Esc closes it.")];
        let described = described(app, &self.text, title, self.scroll, self.area(app.screen()));
        Description { key, place, ..described }
    }
}

/// Paints a text from a line on.
pub(crate) fn paint(app: &App, text: &impl Text, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let inner = table::dialog(buffer, area, &text.title(app), app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = text.lines(app, width(app, inner.width));
    let end = (scroll + usize::from(inner.height)).min(lines.len());
    let window = scroll.min(end)..end;
    for ((line, style), y) in lines[window.clone()].iter().zip(inner.top()..) {
        buffer.set_stringn(inner.x, y, line, usize::from(inner.width), *style);
    }
    table::thumb(buffer, area, &window, lines.len());
}

/// The lines of a text, and how many are in its window.
fn lines(app: &App, text: &impl Text, area: Rect) -> (Vec<Line>, usize) {
    let inner = layout::inner(area);
    let lines = text.lines(app, width(app, inner.width.saturating_sub(2)));
    (lines, usize::from(inner.height))
}

/// The first line in the window, at most so far that the window is full.
pub(crate) fn settled(app: &App, text: &impl Text, scroll: usize, area: Rect) -> usize {
    let (lines, height) = lines(app, text, area);
    scroll.min(lines.len().saturating_sub(height))
}

/// The first line in the window after an action; the end of the text is found when it is settled.
pub(crate) fn turned(app: &App, scroll: usize, action: Action) -> usize {
    scrolled(scroll, action, usize::from(app.size.height / 2))
}

/// The text for plain mode, with the part of it that is in the window.
pub(crate) fn described(
    app: &App,
    text: &impl Text,
    key: String,
    top: usize,
    area: Rect,
) -> Description<'static> {
    let (lines, height) = lines(app, text, area);
    let page = Page { key, top, end: (top + height).min(lines.len()), len: lines.len() };
    Description { page: Some(page), text: lines.into(), ..Description::default() }
}

/// Lines that are read one after the other are not broken.
pub(crate) fn width(app: &App, columns: u16) -> usize {
    if app.plain_mode.is_on() { usize::MAX / 4 } else { usize::from(columns) }
}
