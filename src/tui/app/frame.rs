//! Paints a frame: header, view, footer, and the dialog or the messages over them. Reads, never writes.

use crate::tui::ui::footer;
use crate::tui::ui::header;
use crate::tui::ui::text;
use crate::tui::ui::toasts;
use crate::tui::views::jobs;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect, Size};

use crate::tui::app::App;
use crate::tui::ui::layout;
use crate::tui::ui::layout::SMALLEST;

/// One frame. The cursor of the terminal is where text is typed, and nowhere else; the answer is where that is.
pub(crate) fn view(app: &App, frame: &mut Frame) -> Option<Position> {
    let typing = paint(app, frame.area(), frame.buffer_mut());
    if let Some(typing) = typing {
        frame.set_cursor_position(typing);
    }
    typing
}

fn paint(app: &App, whole: Rect, buffer: &mut Buffer) -> Option<Position> {
    let same = whole.as_size() == app.size;
    let Some(areas) = layout::areas(app).filter(|_| same) else {
        too_small(app, whole, buffer);
        return None;
    };
    header::paint(app, areas.header, areas.tabs, buffer);
    app.shown_view().paint(app, areas.main, buffer);
    if !areas.jobs.is_empty() {
        jobs::pane::paint(app, areas.jobs, buffer);
    }
    let typing = footer::paint(app, areas.footer, buffer);
    if let Some(dialog) = &app.overlay {
        return dialog.paint(app, dialog.area(whole), buffer);
    }
    toasts::paint(app, &areas, buffer);
    typing
}

fn too_small(app: &App, whole: Rect, buffer: &mut Buffer) {
    let Size { width, height } = SMALLEST;
    let text = format!(
        "sharelock needs {width} columns and {height} rows; this terminal has {} by {}. Make it larger, or q to quit.",
        whole.width, whole.height
    );
    let lines = text::wrap(&text, usize::from(whole.width));
    for (line, y) in lines.iter().zip(whole.top()..whole.bottom()) {
        let row = Rect { y, height: 1, ..whole };
        text::put(buffer, row, line, app.theme.text(), Alignment::Left);
    }
}
