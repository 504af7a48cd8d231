//! `sharelock/history/1`: operations with every request and share.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::receipt::{self, Job};
use super::table::{Cell, Column, Head, Section, Show, Table, column};
use super::{tally, text, time};
use domain::operation::{Change, Comparison, RequestRecord, RequestState, ShareRecord, Stage};
use domain::{
    ApiRequest, CloudKind, JobStatus, Member, MemberKind, MemberStatus, Moment, OperationId,
    OperationKind, Outcome, Seen, Text,
};

/// An operation, and what is known about it besides.
pub struct Context<'a> {
    /// The operations that undo it, oldest first.
    pub undone_by: Vec<OperationId>,
    /// When it was verified again, and the result for every share.
    pub verified: Option<(Moment, Vec<Comparison>)>,
    /// The shares to report.
    pub filter: Box<dyn Fn(&ShareRecord) -> bool + 'a>,
    /// Names of members.
    pub name: Box<dyn Fn(&Member) -> Cell + 'a>,
}

/// An operation, as JSON and as the source of the rows.
#[derive(Serialize)]
pub struct Operation {
    id: OperationId,
    kind: OperationKind,
    cloud: String,
    region: Option<String>,
    project_id: Text,
    user: Option<Text>,
    started_at: Moment,
    ended_at: Option<Moment>,
    stage: Stage,
    jobs: Vec<Job>,
    shares: Vec<Share>,
    api: CloudKind,
    endpoint: String,
    project_name: Option<Text>,
    undoes: Option<OperationId>,
    undone_by: Vec<OperationId>,
    requests: Vec<RequestRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Moment>,
    #[serde(skip)]
    tls_verified: bool,
    #[serde(skip)]
    outcome: String,
    #[serde(skip)]
    legend: Vec<String>,
}

#[derive(Serialize)]
struct Share {
    image: Text,
    member: Text,
    #[serde(rename = "type")]
    kind: MemberKind,
    outcome: Option<&'static str>,
    error: Option<Text>,
    /// Index into `requests`, from 0.
    request: Option<usize>,
    before: Option<State>,
    after: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    later: Option<Later>,
    #[serde(skip)]
    name: Option<Text>,
}

/// The state of a share in a reading.
#[derive(Default, Serialize)]
struct State {
    listed: bool,
    status: Option<MemberStatus>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

/// What changed since the receipt.
#[derive(Serialize)]
struct Later {
    change: &'static str,
    now: Option<State>,
    remark: Option<Text>,
    #[serde(skip)]
    description: String,
}

/// A request as it was sent and answered.
#[derive(Serialize)]
pub struct RequestRow {
    method: Option<&'static str>,
    path: Option<String>,
    shares: usize,
    state: &'static str,
    error: Option<Text>,
    job: Option<Text>,
    status: Option<JobStatus>,
    request_id: Option<Text>,
    sent_at: Option<Moment>,
    ended_at: Option<Moment>,
    /// From 1.
    #[serde(skip)]
    number: usize,
}

impl Operation {
    /// As far as the operation has come.
    pub fn of(operation: &domain::Operation, context: Context<'_>) -> Self {
        let Context { undone_by, verified, filter, name } = context;
        let scope = &operation.scope;
        let share = |(at, record): (usize, &ShareRecord)| {
            let later = verified.as_ref().and_then(|(time, later)| Some((*time, later.get(at)?)));
            Share::of(record, operation.kind, later, name(&record.share.member))
        };
        let filtered = operation.shares.iter().enumerate().filter(|(_, record)| filter(record));
        let shares: Vec<Share> = filtered.map(share).collect();
        let (listed, all) = (shares.len(), operation.shares.len());
        let partial = (listed < all).then(|| format!("{listed} of {all} shares are listed"));
        let again =
            verified.as_ref().map(|(at, later)| format!("verified again {at}: {}", changes(later)));
        Self {
            id: operation.id.clone(),
            kind: operation.kind,
            cloud: scope.cloud.clone(),
            region: scope.region.clone(),
            project_id: scope.project_id.0.clone(),
            user: scope.user.clone(),
            started_at: operation.started_at,
            ended_at: operation.ended_at,
            stage: operation.stage,
            jobs: receipt::jobs(operation),
            shares,
            api: scope.kind,
            endpoint: scope.endpoint.clone(),
            project_name: scope.project_name.clone(),
            undoes: operation.undoes.clone(),
            undone_by,
            requests: (1..)
                .zip(&operation.requests)
                .map(|it| RequestRow::of(operation, it))
                .collect(),
            verified_at: verified.map(|(at, _)| at),
            tls_verified: scope.tls_verified,
            outcome: outcomes(operation),
            legend: partial.into_iter().chain(again).collect(),
        }
    }

    /// Who, where, when, and the outcome.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let user = self.user.as_ref().map_or_else(|| "an unnamed user".into(), Text::to_string);
        let project = match &self.project_name {
            Some(name) => format!("{name} ({})", self.project_id),
            None => self.project_id.to_string(),
        };
        let region = self.region.iter().map(|region| format!(", region {region}"));
        let place = format!("{}{}", self.cloud, region.collect::<String>());
        let ended = self
            .ended_at
            .map_or_else(|| format!("not yet: {}", self.stage.word()), |at| at.to_string());
        let mut facts = vec![
            ("by", format!("{user}, project {project}")),
            ("on", format!("{place}, {} at {}", self.api, self.endpoint)),
            ("confirmed", self.started_at.to_string()),
            ("ended", ended),
            ("outcome", self.outcome.clone()),
        ];
        if !self.tls_verified {
            facts.push(("careful", "TLS verification was off".into()));
        }
        facts.extend(self.undoes.iter().map(|id| ("undoes", id.to_string())));
        facts.extend(self.undone_by.iter().map(|id| ("undone by", id.to_string())));
        facts
    }
}

impl Share {
    fn of(
        record: &ShareRecord,
        kind: OperationKind,
        later: Option<(Moment, &Comparison)>,
        name: Option<Text>,
    ) -> Self {
        Self {
            image: record.share.image.0.clone(),
            member: record.share.member.id.clone(),
            kind: record.share.member.kind,
            outcome: record.outcome.map(|outcome| outcome.word(kind)),
            error: record.error.clone(),
            request: record.request,
            before: record.before.clone().map(State::from),
            after: record.after.clone().map(State::from),
            later: later.map(|(at, later)| Later {
                change: later.change.word(),
                now: later.now.clone().map(State::from),
                remark: later.remark.clone(),
                description: later.describe(kind, record, at),
            }),
            name,
        }
    }
}

impl From<Seen> for State {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Absent => Self::default(),
            Seen::Listed { status, created_at, updated_at } => {
                Self { listed: true, status: Some(status), created_at, updated_at }
            }
        }
    }
}

impl State {
    fn status(state: Option<&Self>) -> Cell {
        Some(state?.status.clone().map_or_else(|| "absent".into(), Text::from))
    }

    fn since(state: Option<&Self>) -> Cell {
        time(state?.created_at)
    }
}

impl RequestRow {
    fn of(operation: &domain::Operation, (number, request): (usize, &RequestRecord)) -> Self {
        let sent = ApiRequest::of(operation.scope.kind, operation.kind, &request.batch);
        let (method, path) = sent.map(|sent| (sent.method, sent.path)).unzip();
        Self {
            method,
            path,
            shares: request.batch.share_count(),
            state: state_word(&request.state),
            error: trouble(request),
            job: request.job.as_ref().map(|job| job.0.clone()),
            status: request.report.as_ref().map(|report| report.status.clone()),
            request_id: request.request_id.clone(),
            sent_at: request.sent_at,
            ended_at: request.ended_at,
            number,
        }
    }
}

/// The word of a state, as in the journal.
fn state_word(state: &RequestState) -> &'static str {
    match state {
        RequestState::Planned => "planned",
        RequestState::Sending => "sending",
        RequestState::Following => "following",
        RequestState::Watched => "watched",
        RequestState::Done => "done",
        RequestState::Failed => "failed",
        RequestState::Refused { .. } => "refused",
        RequestState::Needless => "needless",
        RequestState::Lost { .. } => "lost",
        RequestState::Stopped => "stopped",
    }
}

/// Why a request failed: the cloud's words, or the error on the way.
fn trouble(request: &RequestRecord) -> Option<Text> {
    match &request.state {
        RequestState::Refused { error } | RequestState::Lost { error } => Some(error.clone()),
        _ => {
            let report = request.report.as_ref()?;
            let words = [&report.error_code, &report.fail_reason].into_iter().flatten();
            let words: Vec<&str> = words.map(Text::raw).collect();
            (!words.is_empty()).then(|| words.join(": ").into())
        }
    }
}

/// How many shares changed since the receipt, and how.
pub fn changes(later: &[Comparison]) -> String {
    let count = |change| later.iter().filter(|it| it.change == change).count();
    tally(Change::ALL.map(|change| (count(change), change.word())))
}

/// The outcomes of an operation; a share without one yet is open, not unknown.
fn outcomes(operation: &domain::Operation) -> String {
    let open = operation.shares.iter().filter(|share| share.outcome.is_none()).count();
    let count = |outcome: Outcome| (operation.count(outcome), outcome.word(operation.kind));
    tally(Outcome::ALL.map(count).into_iter().chain([(open, "open")]))
}

fn document<S: Serializer>(operations: impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct History<O> {
        schema: &'static str,
        operations: O,
    }
    History { schema: "sharelock/history/1", operations }.serialize(serializer)
}

/// One operation: its receipt, with its requests.
pub struct Receipt(Rc<Operation>);

impl Receipt {
    /// As far as the operation has come.
    pub fn of(operation: &domain::Operation, context: Context<'_>) -> Self {
        Self(Rc::new(Operation::of(operation, context)))
    }
}

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        document([&*self.0], serializer)
    }
}

/// Any number of operations, newest first: each is written before the next one is read, once.
pub struct Stream<F>(RefCell<F>);

impl<F: FnMut() -> Option<Operation>> Stream<F> {
    /// Calls `next` until it returns `None`.
    pub fn of(next: F) -> Self {
        Self(RefCell::new(next))
    }

    fn operations(&self) -> impl Iterator<Item = Operation> {
        std::iter::from_fn(|| (self.0.borrow_mut())())
    }
}

impl<F: FnMut() -> Option<Operation>> Serialize for Stream<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        document(super::Each(|| self.operations()), serializer)
    }
}

/// A share of an operation.
pub struct Row {
    operation: Rc<Operation>,
    index: usize,
}

impl Row {
    fn share(&self) -> &Share {
        &self.operation.shares[self.index]
    }

    fn later(&self) -> Option<&Later> {
        self.share().later.as_ref()
    }

    fn now(&self) -> Option<&State> {
        self.later()?.now.as_ref()
    }
}

type Each<'a> = &'a mut dyn FnMut(&Row) -> io::Result<()>;

fn rows(operation: &Rc<Operation>, each: Each<'_>) -> io::Result<()> {
    let mut rows = 0..operation.shares.len();
    rows.try_for_each(|index| each(&Row { operation: operation.clone(), index }))
}

fn columns() -> Vec<Column<Row>> {
    use Show::{Always, Never, Unless};
    vec![
        column("operation", "OPERATION", Never, |row| text(&*row.operation.id.0)),
        column("kind", "KIND", Never, |row| text(row.operation.kind.word())),
        column("cloud", "CLOUD", Never, |row| text(&*row.operation.cloud)),
        column("region", "REGION", Never, |row| text(row.operation.region.as_deref())),
        column("project_id", "PROJECT", Never, |row| Some(row.operation.project_id.clone())),
        column("user", "USER", Never, |row| row.operation.user.clone()),
        column("started_at", "STARTED", Never, |row| time(Some(row.operation.started_at))),
        column("ended_at", "ENDED", Never, |row| time(row.operation.ended_at)),
        column("image_id", "IMAGE ID", Always, |row| Some(row.share().image.clone())),
        column("member_id", "MEMBER", Always, |row| Some(row.share().member.clone())),
        column("member_type", "TYPE", Unless("project"), |row| text(row.share().kind.word())),
        column("member_name", "NAME", Unless(""), |row| row.share().name.clone()),
        column("request", "REQUEST", Always, |row| {
            row.share().request.map(|index| (index + 1).to_string().into())
        }),
        column("before", "BEFORE", Always, |row| State::status(row.share().before.as_ref())),
        column("before_since", "SINCE", Unless(""), |row| {
            State::since(row.share().before.as_ref())
        }),
        column("after", "AFTER", Always, |row| State::status(row.share().after.as_ref())),
        column("outcome", "OUTCOME", Always, |row| text(row.share().outcome)),
        column("error", "WHY", Unless(""), |row| row.share().error.clone()),
    ]
}

fn later_columns() -> Vec<Column<Row>> {
    use Show::{Always, Never, Unless};
    vec![
        column("change", "CHANGE", Never, |row| text(row.later()?.change)),
        column("now", "NOW", Always, |row| State::status(row.now())),
        column("now_since", "SINCE", Unless(""), |row| State::since(row.now())),
        column("later", "SINCE THE RECEIPT", Always, |row| text(&*row.later()?.description)),
    ]
}

impl<F: FnMut() -> Option<Operation>> Table for Stream<F> {
    type Row = Row;

    fn columns(&self) -> Vec<Column<Row>> {
        columns()
    }

    fn rows(&self, each: Each<'_>) -> io::Result<()> {
        self.operations().try_for_each(|operation| rows(&Rc::new(operation), each))
    }
}

impl Table for Receipt {
    type Row = Row;

    fn columns(&self) -> Vec<Column<Row>> {
        let mut columns = columns();
        if self.0.verified_at.is_some() {
            columns.extend(later_columns());
        }
        columns
    }

    fn rows(&self, each: Each<'_>) -> io::Result<()> {
        rows(&self.0, each)
    }

    fn head(&self) -> Option<Head<'_>> {
        let requests = &self.0.requests;
        let sections: Vec<(&str, &dyn Section)> =
            if requests.is_empty() { vec![] } else { vec![("Requests", requests)] };
        let title = format!("Operation {}: {}", self.0.id, self.0.kind);
        Some(Head { title, facts: self.0.facts(), sections, below: "Shares" })
    }

    fn legend(&self) -> Vec<String> {
        self.0.legend.clone()
    }
}

impl Table for Vec<RequestRow> {
    type Row = RequestRow;

    fn columns(&self) -> Vec<Column<RequestRow>> {
        use Show::{Always, Unless};
        vec![
            column("request", "REQUEST", Always, |it| Some(it.number.to_string().into())),
            column("what", "WHAT", Always, |it| {
                Some(format!("{} {}", it.method?, it.path.as_ref()?).into())
            }),
            column("shares", "SHARES", Always, |it| Some(it.shares.to_string().into())),
            column("state", "STATE", Always, |it| text(it.state)),
            column("job", "JOB", Unless(""), |it| it.job.clone()),
            column("status", "STATUS", Unless(""), |it| it.status.clone().map(Text::from)),
            column("request_id", "REQUEST ID", Unless(""), |it| it.request_id.clone()),
            column("sent_at", "SENT", Unless(""), |it| time(it.sent_at)),
            column("ended_at", "ENDED", Unless(""), |it| time(it.ended_at)),
            column("error", "WHY", Unless(""), |it| it.error.clone()),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&RequestRow) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(each)
    }
}
