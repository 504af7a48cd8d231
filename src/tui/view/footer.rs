//! The last line: the filter while it is typed, else hints from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{cells, table};
use crate::tui::filter::Filter;
use crate::tui::keymap::{self, Action, Binding};
use crate::tui::model::{FilterLine, Model, Overlay, View};
use crate::tui::update;

/// Paints it; the answer is where text is being typed.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let line = model.filter_line().and_then(FilterLine::typing);
    let remark = model.remark.as_ref().filter(|_| !matches!(model.overlay, Overlay::None));
    if let Some((level, text)) = remark {
        let text = format!(" {} {text}", level.sign());
        table::pieces(buffer, area, &[(&text, model.theme.warn())]);
        return None;
    }
    let typed = line.filter(|_| keymap::context(model) == keymap::Context::Filter);
    let Some(input) = typed else {
        hints(model, Rect { x: area.x + 1, width: area.width - 2, ..area }, buffer);
        return None;
    };
    let theme = model.theme;
    table::pieces(buffer, area, &[(" / ", theme.accent()), (input.value(), theme.text())]);
    let used = 4 + u16::try_from(cells::width(input.value())).unwrap_or(u16::MAX - 4);
    let left = area.width.saturating_sub(used.saturating_add(2));
    let complaint = Filter::complaint(input.value()).filter(|_| model.view != View::History);
    if let Some(complaint) = complaint {
        let right =
            Rect { x: area.right() - left.min(area.width), width: left.min(area.width), ..area };
        let complaint = format!("⚠ {complaint}");
        let text = cells::cut(&complaint, usize::from(left));
        table::pieces(buffer, right, &[(&text, model.theme.warn())]);
    } else {
        hints(
            model,
            Rect { x: area.right() - left.min(area.width), width: left.min(area.width), ..area },
            buffer,
        );
    }
    let at = 3 + u16::try_from(input.visual_cursor()).unwrap_or(u16::MAX - 3);
    Some(Position::new(at.min(area.width - 1), area.y))
}

fn hints(model: &Model, area: Rect, buffer: &mut Buffer) {
    let context = keymap::context(model);
    // What would only say why it cannot be done is no hint.
    let works = |b: &Binding| update::obstacle(model, context, b.action).is_none();
    let here = |b: &&Binding| {
        b.contexts.contains(&context) && !b.hint.is_empty() && !b.keys.is_empty() && works(b)
    };
    // The way out and the way to all other keys are there however narrow the screen is.
    let (always, others): (Vec<&Binding>, Vec<&Binding>) = model
        .keys
        .iter()
        .filter(here)
        .partition(|b| matches!(b.action, Action::Quit | Action::Help));
    let mut end = area.right();
    for binding in always.iter().rev() {
        let (key, word) = words(binding);
        let width = u16::try_from(cells::width(&key) + cells::width(&word)).unwrap_or(0);
        let right = Rect { x: end.saturating_sub(width), width, ..area };
        table::pieces(buffer, right, &[(&key, model.theme.key()), (&word, model.theme.dim())]);
        end = right.x.saturating_sub(2);
    }
    let room = usize::from(end.saturating_sub(area.x));
    table::pieces(buffer, area, &borrowed(&fitting(model, &others, room)));
}

/// As many hints as fit in full.
fn fitting(model: &Model, bindings: &[&Binding], room: usize) -> Vec<(String, Style)> {
    let mut used = 0;
    let mut out = Vec::new();
    for binding in bindings {
        let (key, word) = words(binding);
        used += cells::width(&key) + cells::width(&word) + 2;
        if used > room {
            break;
        }
        out.push((key, model.theme.key()));
        out.push((word + "  ", model.theme.dim()));
    }
    out
}

fn words(binding: &Binding) -> (String, String) {
    let key = binding.keys.first().copied().map(keymap::written).unwrap_or_default();
    (key, format!(" {}", binding.hint))
}

fn borrowed(pieces: &[(String, Style)]) -> Vec<(&str, Style)> {
    pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect()
}
