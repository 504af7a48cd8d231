//! The last line: the filter while it is typed, or hints from the key table.

use crate::tui::app::availability;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::keys;
use crate::tui::keys::{Action, Binding};
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::{table, text};

/// Paints it and returns the position of the text cursor.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let line = app.filter_line().and_then(FilterLine::typing);
    let remark = app.remark.as_ref().filter(|_| app.overlay.is_some());
    if let Some((level, text)) = remark {
        let text = format!(" {} {text}", level.sign());
        table::pieces(buffer, area, &[(&text, app.theme.warn())]);
        return None;
    }
    let typed = line.filter(|_| keys::context(app) == keys::Context::Filter);
    let Some(input) = typed else {
        hints(app, Rect { x: area.x + 1, width: area.width - 2, ..area }, buffer);
        return None;
    };
    let theme = app.theme;
    table::pieces(buffer, area, &[(" / ", theme.accent()), (input.value(), theme.text())]);
    let used = 4 + u16::try_from(text::width(input.value())).unwrap_or(u16::MAX - 4);
    let left = area.width.saturating_sub(used.saturating_add(2));
    let complaint = app.shown_view().filter_complaint(input.value());
    if let Some(complaint) = complaint {
        let right =
            Rect { x: area.right() - left.min(area.width), width: left.min(area.width), ..area };
        let complaint = format!("⚠ {complaint}");
        let text = text::cut(&complaint, usize::from(left));
        table::pieces(buffer, right, &[(&text, app.theme.warn())]);
    } else {
        hints(
            app,
            Rect { x: area.right() - left.min(area.width), width: left.min(area.width), ..area },
            buffer,
        );
    }
    let at = 3 + u16::try_from(input.visual_cursor()).unwrap_or(u16::MAX - 3);
    Some(Position::new(at.min(area.width - 1), area.y))
}

fn hints(app: &App, area: Rect, buffer: &mut Buffer) {
    let context = keys::context(app);
    // Unavailable actions are not shown as hints.
    let works = |b: &Binding| availability::obstacle(app, context, b.action).is_none();
    let here = |b: &&Binding| {
        b.contexts.contains(&context) && !b.hint.is_empty() && !b.keys.is_empty() && works(b)
    };
    // The hints for leaving and for help are shown however narrow the screen is.
    let (always, others): (Vec<&Binding>, Vec<&Binding>) =
        app.keys.iter().filter(here).partition(|b| matches!(b.action, Action::Quit | Action::Help));
    let mut end = area.right();
    for binding in always.iter().rev() {
        let (key, word) = words(binding);
        let width = u16::try_from(text::width(&key) + text::width(&word)).unwrap_or(0);
        let right = Rect { x: end.saturating_sub(width), width, ..area };
        table::pieces(buffer, right, &[(&key, app.theme.key()), (&word, app.theme.dim())]);
        end = right.x.saturating_sub(2);
    }
    let room = usize::from(end.saturating_sub(area.x));
    table::pieces(buffer, area, &borrowed(&fitting(app, &others, room)));
}

/// As many hints as fit in full.
fn fitting(app: &App, bindings: &[&Binding], room: usize) -> Vec<(String, Style)> {
    let mut used = 0;
    let mut out = Vec::new();
    for binding in bindings {
        let (key, word) = words(binding);
        used += text::width(&key) + text::width(&word) + 2;
        if used > room {
            break;
        }
        out.push((key, app.theme.key()));
        out.push((word + "  ", app.theme.dim()));
    }
    out
}

fn words(binding: &Binding) -> (String, String) {
    let key = binding.keys.first().copied().map(keys::written::written).unwrap_or_default();
    (key, format!(" {}", binding.hint))
}

fn borrowed(pieces: &[(String, Style)]) -> Vec<(&str, Style)> {
    pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect()
}
