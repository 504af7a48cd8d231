//! The list of members, with the counts of their images.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::app::names::signed;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::views::members::state::{MembersFocus, Sort};
use domain::{Member, MemberIx, MemberKind, Total};

/// From this width on, each status has a column of its own.
const STATUSES: u16 = 100;
/// From this width on, there is room for marks and dates.
const BOTH: u16 = 76;

/// Paints the visible rows.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let member_table = &app.workspace.member_table;
    let focused = member_table.focus == MembersFocus::Members;
    let inner = table::pane(buffer, area, &title(app), focused, app.theme);
    let parts = parts(app, area.width);
    let columns: Vec<Column> = parts.iter().map(|part| part.column(app)).collect();
    let table = Table::new(buffer, inner, &columns, app.theme);
    let window = member_table.list.window();
    let range = app.range().filter(|_| focused);
    for (at, ix) in member_table.list.rows[window.clone()].iter().enumerate() {
        let under = match window.start + at == member_table.list.cursor.at {
            false if table::is_in(range.as_ref(), window.start + at) => Under::Range,
            false => Under::Not,
            true if focused => Under::Cursor,
            true => Under::FadedCursor,
        };
        let row: Vec<Cell> = parts.iter().map(|part| part.cell(app, *ix)).collect();
        table.row(buffer, at, &row, under);
    }
    table::thumb(buffer, area, &window, member_table.list.rows.len());
    if member_table.list.rows.is_empty() {
        let (text, style) = nothing(app);
        table.say(buffer, &text, style);
    }
    let doubtful = |ix: &MemberIx| is_doubtful(member_table.reach.total(*ix));
    if member_table.list.rows[window].iter().any(doubtful) {
        note(app, area, buffer);
    }
}

/// The name of a member, or else its ID.
pub(crate) fn label(app: &App, ix: MemberIx) -> String {
    let member = app.workspace.inventory.member(ix);
    app.names.of(member).map_or_else(|| member.id.to_string(), signed)
}

/// The warning about images whose members are unknown; `None` if all are known.
pub(crate) fn unknown(app: &App) -> Option<String> {
    match app.workspace.member_table.reach.unknown() {
        0 => None,
        images => Some(format!("members of {} unknown", text::counted(images, "image"))),
    }
}

fn title(app: &App) -> String {
    let member_table = &app.workspace.member_table;
    let (listed, all) = (member_table.list.rows.len(), member_table.all);
    let count = match listed {
        listed if listed == all => text::count(all),
        _ => format!("{} of {}", text::count(listed), text::count(all)),
    };
    let parts = [
        Some(format!("Members ─ {count}")),
        app.workspace.incomplete.then(|| "⚠ image list incomplete".to_owned()),
        unknown(app),
        member_table.only_marked.then(|| "only marked".to_owned()),
        member_table.filter.label(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ─ ")
}

/// A column of the list.
#[derive(Clone, Copy)]
enum Part {
    Sign,
    /// The ID, in full or truncated to this width.
    Member(u16),
    /// The name, and the kind of member if it is not a project.
    Name(u16),
    Images,
    /// All statuses in one column.
    Statuses,
    Accepted,
    Pending,
    Rejected,
    Other,
    Marked,
    Since,
}

/// The columns that fit.
fn parts(app: &App, width: u16) -> Vec<Part> {
    let (sort, marks) = (app.workspace.member_table.sort, !app.workspace.marks.is_empty());
    // If only one of the two fits: signs also show who has marks, and the images pane since when each is shared.
    let marked = sort == Sort::Marked || (marks && sort != Sort::Newest);
    let mut parts = vec![Part::Sign, Part::Member(0), Part::Name(0), Part::Images];
    parts.extend(match width {
        STATUSES.. => &[Part::Accepted, Part::Pending, Part::Rejected, Part::Other][..],
        _ => &[Part::Statuses],
    });
    parts.extend(match marked {
        _ if width >= BOTH => &[Part::Marked, Part::Since][..],
        true => &[Part::Marked],
        false => &[Part::Since],
    });
    share_out(&mut parts, width);
    parts
}

/// Divides the width that the numbers leave between IDs and names.
fn share_out(parts: &mut [Part], width: u16) {
    let taken: u16 = parts.iter().map(|part| part.width() + 1).sum();
    // Frame, cursor and thumb.
    let (id, name) = text::id_and_name(width.saturating_sub(taken + 4));
    for part in parts {
        match part {
            Part::Member(width) => *width = id,
            Part::Name(width) => *width = name,
            _ => {}
        }
    }
}

impl Part {
    fn width(self) -> u16 {
        match self {
            Self::Sign => 1,
            Self::Member(width) | Self::Name(width) => width,
            Self::Images | Self::Pending | Self::Marked => 7,
            Self::Statuses => 12,
            Self::Accepted | Self::Rejected => 8,
            Self::Other => 5,
            Self::Since => 6,
        }
    }

    fn column(self, app: &App) -> Column {
        let left = |title: &str| Column::left(title, Constraint::Length(self.width()));
        let right = |title: &str| Column::right(title, self.width());
        match self {
            Self::Sign => left(""),
            Self::Member(_) => left(&heading(app, Sort::Id)),
            Self::Name(_) => left(&heading(app, Sort::Name)),
            Self::Images => right(&heading(app, Sort::Images)),
            Self::Statuses => left("statuses"),
            Self::Accepted => right("accepted"),
            Self::Pending => right("pending"),
            Self::Rejected => right("rejected"),
            Self::Other => right("other"),
            Self::Marked => right(&heading(app, Sort::Marked)),
            Self::Since => right(&heading(app, Sort::Newest)),
        }
    }

    fn cell(self, app: &App, ix: MemberIx) -> Cell {
        let (theme, member_table) = (app.theme, &app.workspace.member_table);
        let (member, total) = (app.workspace.inventory.member(ix), member_table.reach.total(ix));
        match self {
            Self::Sign => (sign(member_table.marked(ix), total).into(), theme.mark()),
            Self::Member(_) => (member.id.to_string(), theme.text()),
            Self::Name(_) => name(app, member),
            Self::Images => (images(total, member_table.passing(ix)), theme.text()),
            Self::Statuses if is_doubtful(total) => (signs(total), theme.warn()),
            Self::Statuses => (signs(total), theme.dim()),
            Self::Accepted => (counted(ACCEPTED, total.accepted), theme.text()),
            Self::Pending => (counted(PENDING, total.pending), theme.warn()),
            Self::Rejected => (counted(REJECTED, total.rejected), theme.warn()),
            Self::Other => (counted(OTHER, total.other), theme.warn()),
            Self::Marked => (some(member_table.marked(ix)), theme.mark()),
            Self::Since => {
                (total.newest.map(|at| at.age(app.now)).unwrap_or_default(), theme.dim())
            }
        }
    }
}

const ACCEPTED: &str = "✓";
const PENDING: &str = "◌";
const REJECTED: &str = "✗";
const OTHER: &str = "¿";

fn name(app: &App, member: &Member) -> Cell {
    let (theme, name) = (app.theme, app.names.of(member).map(signed));
    let kind = format!("({})", member.kind.word());
    match (member.kind, name) {
        (MemberKind::Project, Some(name)) => (name, theme.text()),
        (MemberKind::Project, None) => ("?".into(), theme.dim()),
        (_, Some(name)) => (format!("{kind} {name}"), theme.warn()),
        (_, None) => (kind, theme.warn()),
    }
}

/// The sign for how many of a member's images are marked.
fn sign(marked: usize, total: Total) -> &'static str {
    match marked {
        0 => " ",
        some if some >= total.images as usize => "●",
        _ => "◐",
    }
}

/// A count; empty for 0.
fn some(count: usize) -> String {
    if count == 0 { String::new() } else { text::count(count) }
}

/// A count with its sign; empty for 0.
fn counted(sign: &str, count: u32) -> String {
    if count == 0 { String::new() } else { format!("{sign} {}", text::count(count as usize)) }
}

fn heading(app: &App, sort: Sort) -> String {
    let member_table = &app.workspace.member_table;
    // Names and IDs sort ascending first, counts and dates descending.
    let rising = matches!(sort, Sort::Name | Sort::Id) != member_table.reversed;
    let arrow = match member_table.sort {
        by if by != sort => "",
        _ if rising => "▲",
        _ => "▼",
    };
    format!("{}{arrow}", sort.word())
}

/// `12/24` if the filter excludes some.
fn images(total: Total, passing: Option<u32>) -> String {
    match passing {
        Some(passing) => format!("{passing}/{}", total.images),
        None => text::count(total.images as usize),
    }
}

/// Whether a member may have access although its status suggests otherwise.
fn is_doubtful(total: Total) -> bool {
    total.accepted < total.images
}

/// Non-zero counts of each status, with their signs.
fn signs(total: Total) -> String {
    let counts = [
        (ACCEPTED, total.accepted),
        (PENDING, total.pending),
        (REJECTED, total.rejected),
        (OTHER, total.other),
    ];
    let there = counts.into_iter().filter(|(_, count)| *count > 0);
    there.map(|(sign, count)| format!("{sign}{}", short(count))).collect::<Vec<_>>().join(" ")
}

/// A count in at most four columns: from ten thousand on in thousands.
fn short(count: u32) -> String {
    if count < 10_000 { count.to_string() } else { format!("{}k", count / 1000) }
}

/// Promise 6: a status is not access.
fn note(app: &App, area: Rect, buffer: &mut Buffer) {
    let line = Rect {
        x: area.x + 2,
        y: area.bottom() - 1,
        width: area.width.saturating_sub(4),
        height: 1,
    };
    let text = " ⚠ ◌ pending and ✗ rejected have access too ";
    text::put(buffer, line, text, app.theme.warn(), Alignment::Left);
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(app: &App) -> (String, Style) {
    let theme = app.theme;
    if app.workspace.member_table.is_filtered() && app.workspace.member_table.all > 0 {
        return ("No member passes the filter. Esc clears it.".into(), theme.text());
    }
    if app.workspace.reading.is_some() {
        return (format!("{} Reading who the images are shared with…", app.spinner()), theme.dim());
    }
    match unknown(app) {
        Some(unknown) => {
            (format!("Nobody that is known, but the {unknown}: r reads again."), theme.warn())
        }
        None => ("Nobody: no image of this project is shared with anyone.".into(), theme.dim()),
    }
}
