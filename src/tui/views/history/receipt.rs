//! The receipt of an operation as lines: who, where, when; the requests; every share before and after.

use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::app::names::signed;
use crate::tui::overlays::request;
use crate::tui::ui;
use crate::tui::views::history::state::Again;
use crate::tui::views::jobs::pane::health_style;
use crate::tui::views::jobs::state::{Summary, receipt, word};
use domain::operation::{Change, Comparison, RequestRecord, RequestState, ShareRecord};
use domain::{Member, Moment, Operation, Outcome, Seen, Text, text};

type Line = (String, Style);

/// The lines for the operation under the cursor of the History view.
pub(crate) fn lines(app: &App, width: usize) -> Vec<Line> {
    let Some(entry) = app.history.current() else { return Vec::new() };
    let mut page = Page { app, width, lines: Vec::new() };
    match (app.remembered(), &entry.lost) {
        (Some(operation), _) => page.receipt(operation, &entry.summary.undone_by),
        (None, Some(why)) => page.say(why, app.theme.bad()),
        (None, None) => page.say("It is being read.", app.theme.dim()),
    }
    page.lines
}

/// A page being written.
struct Page<'a> {
    app: &'a App,
    width: usize,
    lines: Vec<Line>,
}

/// Column where the values of facts begin.
const FACTS: usize = 10;

impl Page<'_> {
    fn say(&mut self, text: &str, style: Style) {
        let lines = ui::text::wrap(&text::clean(text), self.width);
        self.lines.extend(lines.into_iter().map(|line| (line, style)));
    }

    /// Continues the line before, indented by two columns.
    fn below(&mut self, text: &str, style: Style) {
        let lines = ui::text::wrap(&text::clean(text), self.width.saturating_sub(2));
        self.lines.extend(lines.into_iter().map(|line| (format!("  {line}"), style)));
    }

    fn fact(&mut self, name: &str, value: &str, style: Style) {
        if self.app.plain_mode.is_on() {
            let colon = if name.is_empty() { "" } else { ": " };
            return self.say(&format!("{name}{colon}{value}"), style);
        }
        let wrapped = ui::text::wrap(&text::clean(value), self.width.saturating_sub(FACTS));
        for (at, line) in wrapped.into_iter().enumerate() {
            self.lines.push((format!("{:<FACTS$}{line}", if at == 0 { name } else { "" }), style));
        }
    }

    fn heading(&mut self, name: &str, count: usize) {
        let theme = self.app.theme;
        let dash = if self.app.plain_mode.is_on() { ":" } else { " ─" };
        let text = format!("{name}{dash} {}", ui::text::count(count));
        self.lines.push((String::new(), theme.text()));
        self.lines.push((text, theme.title()));
    }

    fn receipt(&mut self, operation: &Operation, undone_by: &[domain::OperationId]) {
        let (theme, scope) = (self.app.theme, &operation.scope);
        let user = scope.user.as_ref().map_or_else(|| "unnamed".into(), ToString::to_string);
        let dot = if self.app.plain_mode.is_on() { ", " } else { " · " };
        let region = scope.region.as_ref().map(|it| format!("{dot}{it}")).unwrap_or_default();
        let ended = operation.ended_at.map_or_else(|| "not yet".into(), |at| at.to_string());
        let style = health_style(self.app, Summary::of(operation).health);
        self.fact("outcome", &receipt(operation), style);
        self.again(operation);
        self.fact("confirmed", &operation.started_at.to_string(), theme.text());
        self.fact("ended", &ended, theme.text());
        self.fact("by", &user, theme.text());
        let mut project = "project";
        if let Some(name) = &scope.project_name {
            self.fact(std::mem::take(&mut project), &name.to_string(), theme.text());
        }
        self.fact(project, &scope.project_id.to_string(), theme.text());
        self.fact("on", &format!("{}{region}{dot}{}", scope.cloud, scope.kind), theme.text());
        self.fact("endpoint", &scope.endpoint, theme.dim());
        if !scope.tls_verified {
            self.fact("careful", "TLS verification was off", theme.warn());
        }
        if let Some(id) = &operation.undoes {
            self.fact("undoes", &id.to_string(), theme.text());
        }
        for id in undone_by {
            self.fact("undone by", &id.to_string(), theme.text());
        }
        self.shares(operation);
        self.requests(operation);
    }

    fn again(&mut self, operation: &Operation) {
        let Some(Again { at, shares }) = self.app.history.again.get(&operation.id) else {
            return;
        };
        let count = |change| shares.iter().filter(|later| later.change == change).count();
        let told = Change::ALL.map(|change| (count(change), change.word())).into_iter();
        let told: Vec<String> = told
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let (theme, same) = (self.app.theme, shares.iter().all(Comparison::is_unchanged));
        let text = format!("at {}: {}", self.app.clock(*at), told.join(", "));
        self.fact("verified", &text, if same { theme.good() } else { theme.warn() });
    }

    /// Once verified again, shares that differ from the receipt come first.
    fn shares(&mut self, operation: &Operation) {
        self.heading("Shares", operation.shares.len());
        let again = self.app.history.again.get(&operation.id);
        let later = |at: usize| again.and_then(|again| Some((again.shares.get(at)?, again.at)));
        let shares = || operation.shares.iter().enumerate().map(|(at, it)| (it, later(at)));
        let other = |(_, later): &(&ShareRecord, Option<(&Comparison, Moment)>)| {
            later.is_some_and(|(later, _)| !later.is_unchanged())
        };
        let ordered = shares().filter(other).chain(shares().filter(|it| !other(it)));
        for (record, later) in ordered {
            self.share(operation, record, later);
        }
    }

    fn share(
        &mut self,
        operation: &Operation,
        record: &ShareRecord,
        later: Option<(&Comparison, Moment)>,
    ) {
        let (app, theme) = (self.app, self.app.theme);
        let style = match record.outcome {
            None | Some(Outcome::Needless) => theme.dim(),
            Some(Outcome::Done) => theme.good(),
            Some(Outcome::Failed) => theme.bad(),
            Some(Outcome::Unknown) => theme.warn(),
        };
        let sign = record.outcome.map_or("·", sign);
        let word = record.outcome.map_or("open", |outcome| outcome.word(operation.kind));
        let share = &record.share;
        let label = app
            .workspace
            .inventory
            .find(&share.image)
            .map(|ix| app.workspace.inventory.image(ix).label());
        let label = label.unwrap_or_else(|| share.image.to_string());
        let line = if app.plain_mode.is_on() {
            format!("{word}: {label}")
        } else {
            format!("{sign} {word}  {label}")
        };
        let cut = ui::text::width(&line) > self.width;
        self.lines.push((ui::text::cut(&line, self.width).into_owned(), style));
        self.member(&share.member);
        if cut || label != share.image.to_string() {
            self.below(&share.image.to_string(), theme.dim());
        }
        let (before, after) = (seen(record.before.as_ref()), seen(record.after.as_ref()));
        let arrow = if app.plain_mode.is_on() { ", then" } else { " →" };
        self.below(&format!("{before}{arrow} {after}"), theme.dim());
        if let Some(error) = &record.error {
            self.below(&error.to_string(), style);
        }
        if let Some((later, at)) = later {
            let style = if later.is_unchanged() { theme.good() } else { theme.warn() };
            self.below(&format!("now: {}", later.describe(operation.kind, record, at)), style);
        }
    }

    /// Name and ID, on one line if they fit: an ID is never wrapped to make room for a name.
    fn member(&mut self, member: &Member) {
        let (name, style) = (self.app.names.of(member), self.app.theme.text());
        let name = name.map(signed);
        let both = name.as_ref().map(|name| format!("{name} {}", member.id));
        match (both, name) {
            (Some(both), Some(name)) if ui::text::width(&both) + 2 > self.width => {
                self.below(&name, style);
                self.below(&member.id.to_string(), style);
            }
            (Some(both), _) => self.below(&both, style),
            (None, _) => self.below(&member.id.to_string(), style),
        }
    }

    fn requests(&mut self, operation: &Operation) {
        self.heading("Requests", operation.requests.len());
        for (at, request) in operation.requests.iter().enumerate() {
            self.request(at, request);
        }
    }

    fn request(&mut self, at: usize, request: &RequestRecord) {
        let theme = self.app.theme;
        let shares = ui::text::counted(request.batch.share_count(), "share");
        let style = match &request.state {
            RequestState::Done => theme.good(),
            RequestState::Failed | RequestState::Refused { .. } => theme.bad(),
            RequestState::Lost { .. } | RequestState::Watched => theme.warn(),
            _ => theme.text(),
        };
        self.say(&format!("{}  {}, {shares}", at + 1, word(request)), style);
        let time = |moment: Option<Moment>| moment.map(|at| at.to_string());
        let id = |name: &str, id: Option<&Text>| id.map(|id| format!("{name} {id}"));
        let report = request.report.as_ref();
        let said = report.and_then(|it| it.fail_reason.as_ref().or(it.error_code.as_ref()));
        let facts = [
            id("job", request.job.as_ref().map(|job| &job.0)),
            id("request id", request.request_id.as_ref()),
            time(request.sent_at).map(|at| format!("sent {at}")),
            time(request.ended_at).map(|at| format!("ended {at}")),
        ];
        facts.into_iter().flatten().for_each(|fact| self.below(&fact, theme.dim()));
        let trouble = request::error(&request.state).or_else(|| said.map(ToString::to_string));
        if let Some(trouble) = trouble {
            self.below(&trouble, theme.bad());
        }
    }
}

/// The sign of an outcome.
pub(crate) fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "✓",
        Outcome::Needless => "–",
        Outcome::Failed => "✗",
        Outcome::Unknown => "?",
    }
}

fn seen(seen: Option<&Seen>) -> String {
    match seen {
        None => "not read".into(),
        Some(Seen::Absent) => "absent".into(),
        Some(Seen::Listed { status, created_at: Some(since), .. }) => {
            let day = since.to_string().chars().take(10).collect::<String>();
            format!("{status} since {day}")
        }
        Some(Seen::Listed { status, .. }) => status.to_string(),
    }
}
