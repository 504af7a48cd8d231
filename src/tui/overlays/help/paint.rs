//! The help: the key table as text, the keys of the current view first.

use ratatui::layout::{Position, Rect};
use strum::IntoEnumIterator;

use crate::tui::app::App;
use crate::tui::keys;
use crate::tui::keys::{Binding, Context};
use crate::tui::overlays::help::state::HelpPage;
use crate::tui::ui::layout;
use crate::tui::ui::text;
use crate::tui::ui::text::Line;

/// Columns of the keys.
const KEYS: usize = 14;

/// The title, with the search text.
pub(crate) fn title(page: &HelpPage) -> String {
    match (page.typing, page.search.value()) {
        (false, "") => "Keys".into(),
        (_, words) => format!("Keys ─ /{words}"),
    }
}

/// Where the search is typed.
pub(crate) fn cursor(page: &HelpPage, area: Rect) -> Option<Position> {
    const BEFORE: usize = "┏ Keys ─ /".len() - 4;
    let at = u16::try_from(BEFORE + page.search.visual_cursor()).unwrap_or(u16::MAX);
    let x = area.x.saturating_add(at).min(layout::inner(area).right().saturating_sub(1));
    page.typing.then_some(Position::new(x, area.y))
}

/// Its lines: a chapter for every place, that of the user first; with a search only what has its words.
pub(crate) fn lines(app: &App, page: &HelpPage, width: usize) -> Vec<Line> {
    let theme = app.theme;
    let mut out = Vec::new();
    let others = Context::iter().filter(|context| *context != page.here);
    for context in std::iter::once(page.here).chain(others) {
        let lines = chapter(app, page, context, width);
        if lines.is_empty() {
            continue;
        }
        let here = match (context == page.here, app.plain_mode.is_on()) {
            (true, true) => ", where you are",
            (true, false) => " ─ where you are",
            (false, _) => "",
        };
        out.push((format!("{}{here}", context.heading()), theme.accent()));
        out.extend(lines.into_iter().map(|line| (line, theme.text())));
        out.push((String::new(), theme.text()));
    }
    if page.search.value().trim().is_empty() {
        let signs = if app.plain_mode.is_on() { "" } else { SIGNS };
        out.extend(text::wrap(signs, width).into_iter().map(|line| (line, theme.dim())));
    } else if out.is_empty() {
        let text = "No key and no sentence here has all of these words.";
        out.extend(text::wrap(text, width).into_iter().map(|line| (line, theme.dim())));
    }
    out
}

const SIGNS: &str = "Signs: ● marked, ◐ some marked · ? members not known yet, ! could not be read, – does not apply · \
                     ⚠ has access although not accepted · mouse: click and wheel; with Shift the terminal selects text";

fn chapter(app: &App, page: &HelpPage, context: Context, width: usize) -> Vec<String> {
    let here = app.keys.iter().filter(|row| row.contexts.contains(&context));
    let found = here.filter(|row| page.finds(&searched(row, context)));
    found.flat_map(|row| row_lines(app, row, width)).collect()
}

fn searched(row: &Binding, context: Context) -> String {
    let (word, help) = (row.action.word(), row.help);
    format!("{} {word} {help} {} {}", keys(row), context.heading(), row.hint)
}

fn keys(row: &Binding) -> String {
    if row.keys.is_empty() {
        return format!(":{}", row.action.word());
    }
    row.keys.iter().copied().map(keys::written::written).collect::<Vec<_>>().join(" ")
}

fn row_lines(app: &App, row: &Binding, width: usize) -> Vec<String> {
    if app.plain_mode.is_on() {
        let keys: Vec<String> = row.keys.iter().map(|key| app.keys.name(*key)).collect();
        let keys =
            if keys.is_empty() { format!(":{}", row.action.word()) } else { keys.join(" or ") };
        return vec![format!("{keys}: {}", row.help)];
    }
    let text = text::wrap(row.help, width.saturating_sub(KEYS + 2));
    let mut keys = Some(keys(row));
    let line = |line: String| {
        let keys = keys.take().unwrap_or_default();
        let gap = " ".repeat(KEYS.saturating_sub(text::width(&keys)).max(1));
        format!("  {keys}{gap}{line}")
    };
    text.into_iter().map(line).collect()
}
