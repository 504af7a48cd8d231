//! A question answered by a key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::{table, text};

/// Paints it, with what its answers do.
pub(crate) fn paint(
    app: &App,
    title: &str,
    mut text: Vec<String>,
    (context, does): (Context, &str),
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = table::dialog(buffer, area, title, app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let key = |action| {
        let mut rows = app.keys.iter().filter(|row| row.contexts.contains(&context));
        let row = rows.find(|row| row.action == action && !row.keys.is_empty());
        row.and_then(|row| row.keys.first())
            .copied()
            .map(keys::written::written)
            .unwrap_or_default()
    };
    text.push(format!("{} {does} · {} stays", key(Action::Enter), key(Action::Back)));
    let width = usize::from(inner.width);
    let lines: Vec<String> = text.iter().flat_map(|text| text::wrap(text, width)).collect();
    table::lines(buffer, inner, &lines, app.theme.text());
}
