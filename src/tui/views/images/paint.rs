//! The list of images.

use std::collections::HashMap;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};

use crate::tui::app::names::signed;
use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Focus};
use crate::tui::keys::Action;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::views::images::all_scopes::AllScopes;
use crate::tui::views::images::sort::Sort;
use domain::{Image, ImageIx, MemberList, MemberStatus};
use engine::SessionId;

/// Paints the visible rows: of one scope, or of all open ones.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let focused = app.focus == Focus::Images;
    let inner = table::pane(buffer, area, &title(app), focused, app.theme);
    let labels = if app.all_scopes.is_some() { app.short_labels() } else { HashMap::new() };
    let columns = columns(app, area.width, &labels);
    let table = Table::new(buffer, inner, &columns, app.theme);
    let (at_cursor, window, len) = placed(app);
    let range = app.range().filter(|_| focused);
    for (at, (workspace, ix)) in in_window(app, window.clone()).into_iter().enumerate() {
        let under = match window.start + at == at_cursor {
            false if table::is_in(range.as_ref(), window.start + at) => Under::Range,
            false => Under::Not,
            true if focused => Under::Cursor,
            true => Under::FadedCursor,
        };
        table.row(buffer, at, &row(app, workspace, ix, &labels, &table), under);
    }
    table::thumb(buffer, area, &window, len);
    if len == 0 {
        table.say(buffer, &nothing(app), app.theme.text());
    }
}

/// Cursor position, window and length of the list.
pub(crate) fn placed(app: &App) -> (usize, Range<usize>, usize) {
    let images = &app.workspace.images;
    match &app.all_scopes {
        Some(AllScopes { list, .. }) => (list.cursor.at, list.window(), list.rows.len()),
        None => (images.list.cursor.at, images.list.window(), images.list.rows.len()),
    }
}

fn in_window(app: &App, window: Range<usize>) -> Vec<(&Workspace, ImageIx)> {
    match &app.all_scopes {
        Some(all_scopes) => {
            let spots = all_scopes.list.rows[window].iter();
            spots.filter_map(|(session, ix)| Some((app.workspace_of(*session)?, *ix))).collect()
        }
        None => {
            app.workspace.images.list.rows[window].iter().map(|ix| (&app.workspace, *ix)).collect()
        }
    }
}

fn title(app: &App) -> String {
    let images = &app.workspace.images;
    let workspaces = app.listed_workspaces();
    let sum = |count: fn(&Workspace) -> usize| {
        workspaces.iter().map(|workspace| count(workspace)).sum::<usize>()
    };
    let (_, _, listed) = placed(app);
    let (all, undecided) =
        (sum(|workspace| workspace.images.all), sum(|workspace| workspace.images.undecided));
    let unreadable = sum(|workspace| workspace.unreadable.len());
    let name = if app.workspace.received.shown { "Received images" } else { "Images" };
    let parts = [
        Some(name.to_owned()),
        app.all_scopes.is_some().then(|| text::counted(workspaces.len(), "scope")),
        images.is_filtered().then(|| format!("{} of {}", text::count(listed), text::count(all))),
        workspaces
            .iter()
            .any(|workspace| workspace.incomplete)
            .then(|| "⚠ list incomplete".to_owned()),
        (unreadable > 0 && undecided == 0)
            .then(|| format!("! {} unreadable", text::count(unreadable))),
        (undecided > 0).then(|| format!("{} with members unknown", text::count(undecided))),
        (images.others > 0).then(|| format!("{} of others left out", text::count(images.others))),
        images.only_marked.then(|| "only marked".to_owned()),
        images.filter.label(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ─ ")
}

fn columns(app: &App, width: u16, labels: &HashMap<SessionId, String>) -> Vec<Column> {
    let heading = |sort: Sort| {
        let images = &app.workspace.images;
        // Names and ages sort ascending first, counts descending.
        let rising = matches!(sort, Sort::Name | Sort::Age) != images.reversed;
        let arrow = match images.sort == sort {
            false => "",
            true if rising => "▲",
            true => "▼",
        };
        format!("{}{arrow}", sort.word())
    };
    let scopes = labels.values().map(|label| text::width(label)).max().unwrap_or(0);
    let scopes = u16::try_from(scopes).unwrap_or(22).clamp(6, 22);
    let width = if labels.is_empty() { width } else { width.saturating_sub(scopes) };
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left(&heading(Sort::Name), Constraint::Fill(1)),
    ];
    if let Some(all_scopes) = &app.all_scopes {
        let title = if all_scopes.by_scope { "scope▲" } else { "scope" };
        columns.push(Column::left(title, Constraint::Length(scopes)));
    }
    if app.workspace.received.shown {
        columns.push(Column::left("answer", Constraint::Length(10)));
        columns.push(Column::left("from", Constraint::Length(14)));
    } else {
        columns.push(Column::right(&heading(Sort::Members), 8));
        columns.push(Column::right(&heading(Sort::Marked), 7));
    }
    columns.push(Column::right(&heading(Sort::Age), 4));
    let more = [("visibility", 10, 70), ("status", 11, 86), ("id", 9, 96), ("os", 8, 110)];
    columns.extend(
        more.iter()
            .filter(|(_, _, from)| width >= *from)
            .map(|(title, own, _)| Column::left(title, Constraint::Length(*own))),
    );
    columns
}

fn row(
    app: &App,
    workspace: &Workspace,
    ix: ImageIx,
    labels: &HashMap<SessionId, String>,
    table: &Table<'_>,
) -> Vec<Cell> {
    let (theme, image) = (app.theme, workspace.inventory.image(ix));
    let [sign, first, second] =
        if workspace.received.shown { received(app, ix) } else { own(app, workspace, ix) };
    let age = image.created_at.map(|created| created.age(app.now)).unwrap_or_default();
    let mut cells = vec![sign, (workspace.label_within(ix, table.width(1)), theme.text())];
    if let Some(label) = labels.get(&workspace.session) {
        cells.push((label.clone(), theme.dim()));
    }
    cells.extend([first, second, (age, theme.dim())]);
    cells.extend(more(image).into_iter().map(|text| (text, theme.dim())));
    cells
}

/// Sign, answer and owner of a received image.
fn received(app: &App, ix: ImageIx) -> [Cell; 3] {
    let (theme, image) = (app.theme, app.workspace.inventory.image(ix));
    let sign = if app.workspace.received.chosen.contains(&image.id) { "●" } else { " " };
    let answer = match app.own_status(ix) {
        Some(MemberStatus::Pending) => ("pending".to_owned(), theme.warn()),
        Some(status) => (status.to_string(), theme.text()),
        None if matches!(app.workspace.inventory.list(ix), MemberList::Read(_)) => {
            ("?".to_owned(), theme.warn())
        }
        None => members(app, &app.workspace, ix),
    };
    let owner = image.owner.as_ref().map(|owner| {
        let name = app.names.get(owner.0.raw());
        name.map_or_else(|| owner.to_string(), signed)
    });
    [(sign.to_owned(), theme.mark()), answer, (owner.unwrap_or_default(), theme.dim())]
}

/// Sign, members and marks of an own image.
fn own(app: &App, workspace: &Workspace, ix: ImageIx) -> [Cell; 3] {
    let (theme, image) = (app.theme, workspace.inventory.image(ix));
    let marked = workspace.marks.count_of(&image.id);
    let all = workspace.inventory.rows(ix).len();
    let sign = match marked {
        0 => " ",
        some if some >= all => "●",
        _ => "◐",
    };
    let marks = if marked == 0 { String::new() } else { text::count(marked) };
    [(sign.to_owned(), theme.mark()), members(app, workspace, ix), (marks, theme.mark())]
}

fn more(image: &Image) -> [String; 4] {
    let text = |text: Option<&domain::Text>| text.map(ToString::to_string).unwrap_or_default();
    [
        image.visibility.to_string(),
        text(image.status.as_ref()),
        image.id.to_string(),
        text(image.os.as_ref()),
    ]
}

/// Number of members, or why it is unknown. `12/24` if the filter excludes some.
fn members(app: &App, workspace: &Workspace, ix: ImageIx) -> Cell {
    let theme = app.theme;
    match workspace.inventory.list(ix) {
        MemberList::Unread if workspace.reading.is_some() => ("⟳ ?".into(), theme.dim()),
        MemberList::Unread => ("?".into(), theme.warn()),
        MemberList::DoNotApply => ("–".into(), theme.dim()),
        MemberList::Failed(_) => ("!".into(), theme.bad()),
        MemberList::Read(rows) if workspace.images.shares.is_open() => {
            (text::count(rows.len()), if rows.is_empty() { theme.dim() } else { theme.text() })
        }
        MemberList::Read(rows) => {
            let shares = &workspace.images.shares;
            let passing =
                rows.iter().filter(|row| shares.passes(&workspace.inventory, row)).count();
            (format!("{passing}/{}", rows.len()), theme.text())
        }
    }
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(app: &App) -> String {
    let key = |action| app.keys.spoken(action);
    if app.workspace.images.is_filtered() && app.workspace.images.all > 0 {
        return format!("No image passes the filter. {} takes it away.", key(Action::Back));
    }
    let again = key(Action::Refresh);
    match app.workspace.reading {
        Some(_) => format!("{} Reading the images…", app.spinner()),
        None if app.workspace.received.shown => {
            let own = key(Action::ShowReceived);
            format!(
                "Nobody shares an image with this project. {own} lists its own; {again} reads again."
            )
        }
        None => format!("This project owns no images here. {again} reads again."),
    }
}
