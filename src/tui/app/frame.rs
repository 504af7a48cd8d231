//! Paints the model. Reads, never writes; one file per pane and dialog.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect, Size};

use crate::tui::app::{App, Overlay};
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
    crate::tui::ui::header::paint(app, areas.header, areas.tabs, buffer);
    app.shown_view().paint(app, areas.main, buffer);
    if !areas.jobs.is_empty() {
        crate::tui::views::jobs::pane::paint(app, areas.jobs, buffer);
    }
    let typing = crate::tui::ui::footer::paint(app, areas.footer, buffer);
    match app.overlay {
        Overlay::None => crate::tui::ui::toasts::paint(app, &areas, buffer),
        _ => return overlay(app, buffer),
    }
    typing
}

fn overlay(app: &App, buffer: &mut Buffer) -> Option<Position> {
    let area = layout::overlay(app);
    match &app.overlay {
        Overlay::None => {}
        Overlay::Planning { kind, shares, .. } => {
            crate::tui::overlays::plan::paint::planning(app, *kind, *shares, area, buffer);
        }
        Overlay::Plan(dialog) => {
            return Some(crate::tui::overlays::plan::paint::paint(app, dialog, area, buffer));
        }
        Overlay::Share(dialog) => {
            return Some(crate::tui::overlays::share::paint::paint(app, dialog, area, buffer));
        }
        Overlay::Export(dialog) => {
            return Some(crate::tui::overlays::export::paint::paint(app, dialog, area, buffer));
        }
        Overlay::Picker(picker) => {
            crate::tui::overlays::clouds::paint::paint(app, picker, area, buffer)
        }
        Overlay::Code(dialog) => {
            return Some(crate::tui::overlays::passcode::paint::paint(app, dialog, area, buffer));
        }
        Overlay::Close(session) => crate::tui::overlays::pages::close(app, *session, area, buffer),
        Overlay::Quit => crate::tui::overlays::pages::quit(app, area, buffer),
        Overlay::Palette(palette) => {
            return Some(crate::tui::overlays::commands::paint::paint(app, palette, area, buffer));
        }
        Overlay::Help(page) => {
            crate::tui::overlays::pages::paint(app, page.scroll, area, buffer);
            return crate::tui::overlays::help::paint::cursor(page, area);
        }
        Overlay::Log { scroll } | Overlay::Request { scroll, .. } => {
            crate::tui::overlays::pages::paint(app, *scroll, area, buffer);
        }
    }
    None
}

fn too_small(app: &App, whole: Rect, buffer: &mut Buffer) {
    let Size { width, height } = SMALLEST;
    let text = format!(
        "sharelock needs {width} columns and {height} rows; this terminal has {} by {}. Make it larger, or q to quit.",
        whole.width, whole.height
    );
    let lines = crate::tui::ui::text::wrap(&text, usize::from(whole.width));
    for (line, y) in lines.iter().zip(whole.top()..whole.bottom()) {
        let row = Rect { y, height: 1, ..whole };
        crate::tui::ui::text::put(buffer, row, line, app.theme.text(), Alignment::Left);
    }
}
