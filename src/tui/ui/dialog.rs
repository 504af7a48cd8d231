//! Shared by dialogs: their position and their text input.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::ui::{table, text};

/// Centred, within the screen: two rows and columns of the view below stay visible.
pub(crate) fn centered(whole: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(whole.width.saturating_sub(4));
    let height = height.min(whole.height.saturating_sub(4));
    Rect::new((whole.width - width) / 2, (whole.height - height) / 2, width, height)
}

/// A line with a prompt and its input; returns the position of the text cursor.
pub(crate) fn field(
    app: &App,
    line: Rect,
    prompt: &str,
    input: &Input,
    buffer: &mut Buffer,
) -> Position {
    let used = u16::try_from(text::width(prompt) + 1).unwrap_or(line.width).min(line.width);
    let room = usize::from(line.width - used).max(2);
    let scroll = input.visual_scroll(room);
    let shown: String = input.value().chars().skip(scroll).collect();
    table::pieces(
        buffer,
        line,
        &[(prompt, app.theme.title()), (" ", app.theme.text()), (&shown, app.theme.accent())],
    );
    let cursor = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    Position::new((line.x + used + cursor).min(line.right() - 1), line.y)
}
