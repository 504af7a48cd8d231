//! One request of an operation in full: state, IDs, its stages, and the cloud's own answer about its job.

use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::overlays::pages::Text;
use crate::tui::ui;
use crate::tui::ui::text::Line;
use crate::tui::views::jobs::state::word;
use domain::operation::{RequestRecord, RequestState};
use domain::{ApiRequest, Moment, Operation, text};

/// Column where the values of facts begin.
const FACTS: usize = 14;

/// One request of an operation, by positions.
#[derive(Debug)]
pub(crate) struct RequestPage {
    pub(crate) operation: usize,
    pub(crate) request: usize,
}

impl Text for RequestPage {
    fn title(&self, app: &App) -> String {
        let id = app.jobs.operations.get(self.operation).map(|o| o.id.to_string());
        format!("Operation {} ─ request {}", id.unwrap_or_default(), self.request + 1)
    }

    fn lines(&self, app: &App, width: usize) -> Vec<Line> {
        let Some(operation) = app.jobs.operations.get(self.operation) else { return Vec::new() };
        let Some(record) = operation.requests.get(self.request) else { return Vec::new() };
        let mut page = Page { app, width, lines: Vec::new() };
        page.facts(operation, record);
        page.timeline(operation, self.request, record);
        page.answer(record);
        page.lines
    }
}

struct Page<'a> {
    app: &'a App,
    width: usize,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn fact(&mut self, name: &str, value: Option<String>, style: Style) {
        let Some(value) = value else { return };
        if self.app.plain_mode.is_on() {
            return self.lines.push((format!("{name}: {}", text::clean(&value)), style));
        }
        let wrapped = ui::text::wrap(&text::clean(&value), self.width.saturating_sub(FACTS));
        for (at, line) in wrapped.into_iter().enumerate() {
            self.lines.push((format!("{:<FACTS$}{line}", if at == 0 { name } else { "" }), style));
        }
    }

    fn heading(&mut self, text: &str) {
        self.lines.push((String::new(), self.app.theme.text()));
        self.lines.push((text.to_owned(), self.app.theme.title()));
    }

    fn facts(&mut self, operation: &Operation, request: &RequestRecord) {
        let theme = self.app.theme;
        let report = request.report.as_ref();
        let told = |at: Option<Moment>| at.map(|at| format!("{at}, by the cloud's clock"));
        self.fact("state", Some(word(request)), theme.title());
        self.fact("error", error(&request.state), theme.bad());
        let code = report.and_then(|r| Some(r.error_code.as_ref()?.to_string()));
        self.fact("error code", code, theme.bad());
        let reason = report.and_then(|r| Some(r.fail_reason.as_ref()?.to_string()));
        self.fact("reason", reason, theme.bad());
        self.fact("poll error", request.poll_error.as_ref().map(ToString::to_string), theme.warn());
        self.fact("job", request.job.as_ref().map(ToString::to_string), theme.text());
        self.fact("request id", request.request_id.as_ref().map(ToString::to_string), theme.text());
        let poll = report.and_then(|r| Some(r.request_id.as_ref()?.to_string()));
        self.fact("poll id", poll, theme.text());
        self.fact("job began", told(report.and_then(|r| r.begin_time)), theme.text());
        self.fact("job ended", told(report.and_then(|r| r.end_time)), theme.text());
        let sent = ApiRequest::of(operation.scope.kind, operation.kind, &request.batch);
        let sent = sent.map(|r| format!("{} {} {}", r.method, r.path, r.body.unwrap_or_default()));
        self.fact("request", sent, theme.text());
    }

    /// A line per stage: local time, time since the confirmation, and the event.
    fn timeline(&mut self, operation: &Operation, at: usize, request: &RequestRecord) {
        let timeline = self.app.jobs.timelines.get(&operation.id).cloned().unwrap_or_default();
        self.heading("Timeline");
        for (when, what) in timeline.stages(operation, at, request) {
            let after = after(when.0 - operation.started_at.0);
            let line = format!("{}  {after:>8}  {what}", clock(self.app, when));
            self.lines.push((line, self.app.theme.text()));
        }
    }

    /// JSON pretty-printed, anything else unchanged; sanitized line by line.
    fn answer(&mut self, request: &RequestRecord) {
        let Some(report) = &request.report else { return };
        self.heading("Raw answer about the job");
        let raw = report.raw.raw();
        let pretty = serde_json::from_str::<serde_json::Value>(raw).ok();
        let pretty = pretty.and_then(|value| serde_json::to_string_pretty(&value).ok());
        for line in pretty.as_deref().unwrap_or(raw).lines() {
            let wrapped = ui::text::wrap(&text::clean(line), self.width);
            self.lines.extend(wrapped.into_iter().map(|line| (line, self.app.theme.text())));
        }
    }
}

/// The error of a request that was not accepted.
pub(crate) fn error(state: &RequestState) -> Option<String> {
    match state {
        RequestState::Refused { error } => Some(format!("refused: {error}")),
        RequestState::Lost { error } => {
            Some(format!("the answer was lost, it is not sent again: {error}"))
        }
        RequestState::Stopped => Some("not sent: stopped by you".into()),
        RequestState::Needless => Some("the cloud says there was nothing to do".into()),
        _ => None,
    }
}

fn clock(app: &App, moment: Moment) -> String {
    match jiff::Timestamp::from_millisecond(moment.0) {
        Ok(time) => time.to_zoned(app.zone.clone()).strftime("%H:%M:%S").to_string(),
        Err(_) => "--:--:--".into(),
    }
}

/// The time since the beginning, as text.
fn after(millis: i64) -> String {
    match millis / 1000 {
        0 => String::new(),
        s if s < 120 => format!("+{s} s"),
        s if s < 7200 => format!("+{} min", s / 60),
        s => format!("+{} h", s / 3600),
    }
}
