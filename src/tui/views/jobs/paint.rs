//! The Jobs view: operations, the requests of one, and the outcome of every share.

use crate::tui::ui::header;
use crate::tui::views::jobs::panes;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::app::names::signed;
use crate::tui::keys::Action;
use crate::tui::overlays::request;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::views::jobs;
use crate::tui::views::jobs::state::{JobFocus, word};
use domain::operation::{RequestRecord, RequestState, ShareRecord, Stage};
use domain::{Operation, OperationKind, Outcome};

/// Paints the panes of the view.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let panes = panes(area, app.jobs.operations.len());
    operations(app, panes.operations, buffer);
    requests(app, panes.requests, buffer);
    detail(app, panes.detail, buffer);
    shares(app, panes.shares, buffer);
}

fn under(cursor: &Cursor<usize>, row: usize, focused: bool) -> Under {
    match (row == cursor.at, focused) {
        (false, _) => Under::Not,
        (true, true) => Under::Cursor,
        (true, false) => Under::FadedCursor,
    }
}

fn operations(app: &App, area: Rect, buffer: &mut Buffer) {
    let jobs = &app.jobs;
    let focused = jobs.focus == JobFocus::Operations;
    let title = format!("Operations ─ {}", jobs.operations.len());
    let inner = table::pane(buffer, area, &title, focused, app.theme);
    let columns = jobs::pane::columns(area.width, true);
    let table = Table::new(buffer, inner, &columns, app.theme);
    let window = jobs.cursor.window(jobs.listed.len());
    for (at, operation) in jobs.listed[window.clone()].iter().enumerate() {
        let row = jobs::pane::row(app, &jobs.operations[*operation], area.width);
        table.row(buffer, at, &row, under(&jobs.cursor, window.start + at, focused));
    }
    table::thumb(buffer, area, &window, jobs.listed.len());
    if jobs.operations.is_empty() {
        table.say(buffer, &nothing(app), app.theme.dim());
    }
}

/// The text shown instead of an empty list.
fn nothing(app: &App) -> String {
    if app.scope().is_none() {
        return NOT_OPEN.into();
    }
    let key = app.keys.spoken(Action::Revoke);
    format!("Nothing was revoked in this session. Mark shares in view 1 and press {key}.")
}

/// Shown in this view before a cloud is open: resuming an operation needs a login.
pub(crate) const NOT_OPEN: &str = "No operations in this session. What earlier runs did is in view 5; \
     what they left unfinished is brought to its end as soon as its cloud is open.";

fn requests(app: &App, area: Rect, buffer: &mut Buffer) {
    let jobs = &app.jobs;
    let focused = jobs.focus == JobFocus::Requests;
    let operation = jobs.current();
    let id = operation.map(|o| format!(" of {}", o.id)).unwrap_or_default();
    let inner = table::pane(buffer, area, &format!("Requests{id}"), focused, app.theme);
    let columns = [
        Column::right("#", 4),
        Column::left("state", Constraint::Length(12)),
        Column::right("shares", 7),
        Column::left("job or request id", Constraint::Fill(1)),
        Column::right("age", 4),
    ];
    let table = Table::new(buffer, inner, &columns, app.theme);
    let Some(operation) = operation else { return };
    let window = jobs.request.window(jobs.requests.len());
    for (at, row) in jobs.requests[window.clone()].iter().enumerate() {
        let cells = match row.checked_sub(1).and_then(|n| operation.requests.get(n)) {
            Some(request) => request_row(app, *row, request),
            None => all_row(app, operation),
        };
        table.row(buffer, at, &cells, under(&jobs.request, window.start + at, focused));
    }
    table::thumb(buffer, area, &window, jobs.requests.len());
}

fn all_row(app: &App, operation: &Operation) -> Vec<Cell> {
    let (title, dim) = (app.theme.title(), app.theme.dim());
    vec![
        ("all".into(), title),
        (stage(operation).into(), title),
        (text::count(operation.shares.len()), title),
        (text::counted(operation.requests.len(), "request"), dim),
        (operation.started_at.age(app.now), dim),
    ]
}

/// The state of an operation, in one word.
pub(crate) fn stage(operation: &Operation) -> &'static str {
    match operation.stage {
        Stage::Checking => "checking",
        Stage::Sending => "sending",
        Stage::Following => "following",
        Stage::Verifying => "verifying",
        Stage::Finished => "finished",
    }
}

fn request_row(app: &App, number: usize, request: &RequestRecord) -> Vec<Cell> {
    let theme = app.theme;
    let id = request.job.as_ref().map(ToString::to_string);
    let id = id.or_else(|| request.request_id.as_ref().map(ToString::to_string));
    let age = request.sent_at.map(|sent| sent.age(app.now)).unwrap_or_default();
    vec![
        (number.to_string(), theme.dim()),
        state(app, request),
        (text::count(request.batch.share_count()), theme.text()),
        (id.unwrap_or_default(), theme.text()),
        (age, theme.dim()),
    ]
}

fn state(app: &App, request: &RequestRecord) -> Cell {
    let theme = app.theme;
    let (sign, style) = match &request.state {
        RequestState::Planned => ("·", theme.dim()),
        RequestState::Sending | RequestState::Following => (app.spinner(), theme.text()),
        RequestState::Done => ("✓", theme.good()),
        RequestState::Failed | RequestState::Refused { .. } => ("✗", theme.bad()),
        _ => ("⚠", theme.warn()),
    };
    (format!("{sign} {}", word(request)), style)
}

/// Details of the selected request, in two lines.
fn detail(app: &App, area: Rect, buffer: &mut Buffer) {
    let inner = table::pane(buffer, area, "", false, app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let Some((text, style)) = told(app) else { return };
    let mut lines = text::wrap(&text, usize::from(inner.width));
    let shown = usize::from(inner.height);
    if let (true, Some(last)) = (lines.len() > shown, lines.get_mut(shown.saturating_sub(1))) {
        *last = text::cut(&format!("{last} …"), usize::from(inner.width)).into_owned();
    }
    table::lines(buffer, inner, &lines, style);
}

/// The details of the row under the cursor.
pub(crate) fn told(app: &App) -> Option<(String, Style)> {
    let operation = app.jobs.current()?;
    let chosen = app.jobs.current_request().and_then(|at| operation.requests.get(at));
    Some(match (share_error(app, operation), chosen) {
        (Some(error), _) => (error, app.theme.bad()),
        (None, Some(request)) => about(app, request),
        (None, None) => overview(app, operation),
    })
}

/// The error of the share under the cursor, while its pane has the focus.
fn share_error(app: &App, operation: &Operation) -> Option<String> {
    let jobs = &app.jobs;
    let at = jobs.shares.get(jobs.share.at).filter(|_| jobs.focus == JobFocus::Shares)?;
    Some(operation.shares.get(*at)?.error.as_ref()?.to_string())
}

fn about(app: &App, request: &RequestRecord) -> (String, Style) {
    let theme = app.theme;
    if let Some(error) = request::error(&request.state) {
        return (format!("{error} (Enter: details)"), theme.bad());
    }
    let report = request.report.as_ref();
    let failed = report.and_then(|r| r.fail_reason.as_ref());
    let code = report.and_then(|r| r.error_code.as_ref());
    if failed.is_some() || code.is_some() {
        let part = |text: Option<&domain::Text>| text.map(ToString::to_string);
        let parts: Vec<String> = [part(code), part(failed)].into_iter().flatten().collect();
        return (format!("{} (Enter: details)", parts.join(": ")), theme.bad());
    }
    if let Some(error) = &request.poll_error {
        return (
            format!("the last question about the job failed, it is asked again: {error}"),
            theme.warn(),
        );
    }
    ("Enter shows the request, its ids and the raw answer.".into(), theme.dim())
}

fn overview(app: &App, operation: &Operation) -> (String, Style) {
    let place = header::name(&operation.scope);
    let left_out = operation.shares.iter().filter(|share| share.request.is_none()).count();
    let planned = !operation.requests.is_empty() || operation.is_finished();
    let left_out = match left_out {
        0 => String::new(),
        _ if !planned => String::new(),
        n => format!(" · {} in no request", text::counted(n, "share")),
    };
    (format!("{place} · started {}{left_out}", operation.started_at), app.theme.dim())
}

fn shares(app: &App, area: Rect, buffer: &mut Buffer) {
    let jobs = &app.jobs;
    let focused = jobs.focus == JobFocus::Shares;
    let whose =
        jobs.current_request().map_or(String::new(), |at| format!(" of request {}", at + 1));
    let title = format!("Shares{whose} ─ {}", text::count(jobs.shares.len()));
    let inner = table::pane(buffer, area, &title, focused, app.theme);
    let columns = [
        Column::left("outcome", Constraint::Length(16)),
        Column::left("image", Constraint::Fill(1)),
        Column::left("member", Constraint::Fill(1)),
    ];
    let table = Table::new(buffer, inner, &columns, app.theme);
    let Some(operation) = jobs.current() else { return };
    let window = jobs.share.window(jobs.shares.len());
    for (at, share) in jobs.shares[window.clone()].iter().enumerate() {
        let row = share_row(app, operation.kind, &operation.shares[*share], table.width(1));
        table.row(buffer, at, &row, under(&jobs.share, window.start + at, focused));
    }
    table::thumb(buffer, area, &window, jobs.shares.len());
}

fn share_row(app: &App, kind: OperationKind, record: &ShareRecord, room: usize) -> Vec<Cell> {
    let theme = app.theme;
    let word = |sign, outcome: Outcome| format!("{sign} {}", outcome.word(kind));
    let (text, style) = match record.outcome {
        None => ("· open".to_owned(), theme.dim()),
        Some(it @ Outcome::Done) => (word("✓", it), theme.good()),
        Some(it @ Outcome::Needless) => (word("–", it), theme.dim()),
        Some(it @ Outcome::Failed) => (word("✗", it), theme.bad()),
        Some(it @ Outcome::Unknown) => (word("?", it), theme.warn()),
    };
    let share = &record.share;
    let ix = app.workspace.inventory.find(&share.image);
    let image =
        ix.map_or_else(|| share.image.to_string(), |ix| app.workspace.label_within(ix, room));
    let name = app.names.of(&share.member).map(|name| format!("{} ", signed(name)));
    let member = format!("{}{}", name.unwrap_or_default(), share.member.id);
    vec![(text, style), (image, theme.text()), (member, theme.text())]
}
