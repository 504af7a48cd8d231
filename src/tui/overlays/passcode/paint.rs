//! The dialog that asks for a one-time code or a password.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect};

use crate::tui::app::App;
use crate::tui::app::log::capital;
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::ui::dialog::field;
use crate::tui::ui::layout;
use crate::tui::ui::table;
use crate::tui::ui::text;

/// Paints it; the answer is where text is being typed. The code itself is never shown.
pub(crate) fn paint(app: &App, dialog: &CodeDialog, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    table::dialog(buffer, area, &format!("Log in to {}", dialog.place), theme);
    let inner = layout::inner(area);
    let inner = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
    let why = text::wrap(&dialog.why, usize::from(inner.width));
    table::lines(buffer, Rect { height: 3, ..inner }, &why, theme.text());
    let (said, style) = if dialog.complaint.is_empty() {
        ("Enter logs in with it, Esc does not. It is stored nowhere.", theme.dim())
    } else {
        (dialog.complaint.as_str(), theme.bad())
    };
    let last = Rect { y: inner.bottom() - 1, height: 1, ..inner };
    text::put(buffer, last, said, style, Alignment::Left);
    let line = Rect { y: inner.y + 4, height: 1, ..inner };
    field(app, line, &format!("{}:", capital(dialog.word())), &dialog.masked(), buffer)
}
