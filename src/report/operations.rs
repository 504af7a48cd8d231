//! Receipts, one row for every share; and what stands above them when one is attached to a ticket.

use std::cell::RefCell;
use std::io;

use super::receipt::Receipt;
use super::sheet::{Cell, Column, Head, InTable, Sheet};
use domain::operation::{Change, Comparison, RequestRecord, RequestState, ShareRecord};
use domain::{ApiRequest, Member, Moment, Operation, OperationId, Seen, Text};

/// What a member is called.
pub type Named<'a> = &'a dyn Fn(&Member) -> Option<Text>;

/// Which shares are wanted.
pub type Wanted<'a> = &'a dyn Fn(&ShareRecord) -> bool;

/// Operations, and which of their shares are wanted.
pub struct Shares<'a> {
    /// Each of them.
    pub receipts: Vec<Told<'a>>,
    names: Named<'a>,
    /// The requests of the only operation, where one alone is told.
    requests: Option<Requests<'a>>,
    columns: Vec<Column>,
}

/// One operation and what is told of it.
pub struct Told<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The operations that take it back.
    pub undone_by: Vec<OperationId>,
    /// When it was verified again, and what was found for every share.
    pub again: Option<(Moment, Vec<Comparison>)>,
    /// Places of the shares that are wanted.
    wanted: Vec<usize>,
}

impl Told<'_> {
    /// The wanted shares, and what became of each since.
    pub fn shares(&self) -> impl Iterator<Item = (&ShareRecord, Option<&Comparison>)> {
        let later = |at| self.again.as_ref().and_then(|(_, later)| later.get(at));
        self.wanted.iter().map(move |&at| (&self.operation.shares[at], later(at)))
    }
}

impl<'a> Shares<'a> {
    /// One.
    pub fn of_one(
        operation: &'a Operation,
        undone_by: Vec<OperationId>,
        wanted: Wanted<'_>,
        names: Named<'a>,
    ) -> Self {
        Self {
            receipts: vec![told(operation, undone_by, wanted)],
            names,
            requests: Some(Requests(operation)),
            columns: columns(false),
        }
    }

    /// The same with what was found when it was verified again.
    #[must_use]
    pub fn verified(mut self, at: Moment, shares: Vec<Comparison>) -> Self {
        if let [told] = &mut self.receipts[..] {
            told.again = Some((at, shares));
            self.columns = columns(true);
        }
        self
    }
}

/// An operation and the operations that undo it.
pub type Undone = (Operation, Vec<OperationId>);

/// Receipts of any number of operations, newest first: each is written before the next is read.
pub struct Stream<'a, S> {
    source: RefCell<S>,
    wanted: Wanted<'a>,
    names: Named<'a>,
    columns: Vec<Column>,
}

impl<'a, S: FnMut() -> Option<Undone>> Stream<'a, S> {
    /// Of a source of operations, which is read once.
    pub fn of(source: S, wanted: Wanted<'a>, names: Named<'a>) -> Self {
        Self { source: RefCell::new(source), wanted, names, columns: columns(false) }
    }

    /// Hands out one after the other.
    pub fn each<E>(&self, mut take: impl FnMut(&Told<'_>) -> Result<(), E>) -> Result<(), E> {
        loop {
            let Some((operation, undone_by)) = (self.source.borrow_mut())() else { return Ok(()) };
            take(&told(&operation, undone_by, self.wanted))?;
        }
    }
}

impl<S: FnMut() -> Option<Undone>> Sheet for Stream<'_, S> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.each(|told| {
            let mut shares = told.shares();
            shares.try_for_each(|(record, later)| each(&told.cells(self.names, record, later)))
        })
    }
}

fn told<'a>(operation: &'a Operation, undone_by: Vec<OperationId>, wanted: Wanted<'_>) -> Told<'a> {
    let shares = operation.shares.iter().enumerate();
    let wanted = shares.filter(|(_, share)| wanted(share)).map(|(at, _)| at).collect();
    Told { operation, undone_by, again: None, wanted }
}

fn columns(again: bool) -> Vec<Column> {
    use InTable::{No, Unless, Yes};
    let column = |(key, title, table)| Column { key, title, table };
    let mut columns = vec![
        ("operation", "OPERATION", No),
        ("kind", "KIND", No),
        ("cloud", "CLOUD", No),
        ("region", "REGION", No),
        ("project_id", "PROJECT", No),
        ("user", "USER", No),
        ("started_at", "STARTED", No),
        ("ended_at", "ENDED", No),
        ("image_id", "IMAGE ID", Yes),
        ("member_id", "MEMBER", Yes),
        ("member_type", "TYPE", Unless("project")),
        ("member_name", "NAME", Unless("")),
        ("request", "REQUEST", Yes),
        ("before", "BEFORE", Yes),
        ("before_since", "SINCE", Unless("")),
        ("after", "AFTER", Yes),
        ("outcome", "OUTCOME", Yes),
        ("error", "WHY", Unless("")),
    ];
    if again {
        columns.extend([
            ("change", "CHANGE", No),
            ("now", "NOW", Yes),
            ("now_since", "SINCE", Unless("")),
            ("later", "SINCE THE RECEIPT", Yes),
        ]);
    }
    columns.into_iter().map(column).collect()
}

fn time(moment: Option<Moment>) -> Cell {
    moment.map(|moment| moment.to_string().into())
}

fn since(seen: Option<&Seen>) -> Cell {
    match seen {
        Some(Seen::Listed { created_at, .. }) => time(*created_at),
        _ => None,
    }
}

fn status(seen: Option<&Seen>) -> Cell {
    seen.map(|seen| match seen.status() {
        Some(status) => status.clone().into(),
        None => "absent".into(),
    })
}

impl Told<'_> {
    fn cells(
        &self,
        names: Named<'_>,
        record: &ShareRecord,
        later: Option<&Comparison>,
    ) -> Vec<Cell> {
        let operation = self.operation;
        let (scope, share) = (&operation.scope, &record.share);
        let word = |word: &str| Some(Text::from(word));
        let mut cells = vec![
            word(&operation.id.0),
            word(operation.kind.word()),
            word(&scope.cloud),
            scope.region.as_deref().and_then(word),
            Some(scope.project_id.0.clone()),
            scope.user.clone(),
            time(Some(operation.started_at)),
            time(operation.ended_at),
            Some(share.image.0.clone()),
            Some(share.member.id.clone()),
            word(share.member.kind.word()),
            names(&share.member),
            record.request.map(|at| (at + 1).to_string().into()),
            status(record.before.as_ref()),
            since(record.before.as_ref()),
            status(record.after.as_ref()),
            record.outcome.and_then(|outcome| word(outcome.word(operation.kind))),
            record.error.clone(),
        ];
        if let (Some(later), Some((at, _))) = (later, &self.again) {
            cells.extend([
                word(later.change.word()),
                status(later.now.as_ref()),
                since(later.now.as_ref()),
                Some(later.describe(operation.kind, record, *at).into()),
            ]);
        }
        cells
    }
}

impl Sheet for Shares<'_> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        for told in &self.receipts {
            for (record, later) in told.shares() {
                each(&told.cells(self.names, record, later))?;
            }
        }
        Ok(())
    }

    fn head(&self) -> Option<Head<'_>> {
        let (requests, [told]) = (self.requests.as_ref()?, &self.receipts[..]) else { return None };
        let operation = told.operation;
        let sheets: Vec<(&str, &dyn Sheet)> =
            if operation.requests.is_empty() { vec![] } else { vec![("Requests", requests)] };
        Some(Head {
            title: format!("Operation {}: {}", operation.id, operation.kind),
            facts: facts(told),
            sheets,
            below: "Shares",
        })
    }

    fn legend(&self) -> Vec<String> {
        let (Some(_), [told]) = (&self.requests, &self.receipts[..]) else { return vec![] };
        let (shown, all) = (told.wanted.len(), told.operation.shares.len());
        let left_out = (shown < all).then(|| format!("{shown} of {all} shares are listed"));
        let again = told
            .again
            .as_ref()
            .map(|(at, later)| format!("verified again {at}: {}", summary(later)));
        left_out.into_iter().chain(again).collect()
    }
}

/// How many shares are how, by the words.
pub fn summary(later: &[Comparison]) -> String {
    let count = |change| later.iter().filter(|it| it.change == change).count();
    let told = Change::ALL.map(|change| (count(change), change.word())).into_iter();
    let told: Vec<String> = told
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    told.join(", ")
}

/// Who, where, when, and how it ended.
fn facts(told: &Told<'_>) -> Vec<(&'static str, String)> {
    let operation = told.operation;
    let scope = &operation.scope;
    let region =
        scope.region.as_ref().map(|region| format!(", region {region}")).unwrap_or_default();
    let ended = operation
        .ended_at
        .map_or_else(|| format!("not yet: {}", operation.stage.word()), |at| at.to_string());
    let mut facts = vec![
        ("by", who(operation)),
        ("on", format!("{}{region}, {} at {}", scope.cloud, scope.kind, scope.endpoint)),
        ("confirmed", operation.started_at.to_string()),
        ("ended", ended),
        ("outcome", Receipt::so_far(operation)),
    ];
    if !scope.tls_verified {
        facts.push(("careful", "TLS verification was off".into()));
    }
    facts.extend(operation.undoes.iter().map(|id| ("undoes", id.to_string())));
    facts.extend(told.undone_by.iter().map(|id| ("undone by", id.to_string())));
    facts
}

/// Who did it: the user and the project, as far as the login told them.
fn who(operation: &Operation) -> String {
    let scope = &operation.scope;
    let user = scope.user.as_ref().map_or_else(|| "an unnamed user".into(), ToString::to_string);
    match &scope.project_name {
        Some(name) => format!("{user}, project {name} ({})", scope.project_id),
        None => format!("{user}, project {}", scope.project_id),
    }
}

/// The requests of an operation, as they were sent and answered.
struct Requests<'a>(&'a Operation);

const REQUESTS: &[Column] = &[
    Column { key: "request", title: "REQUEST", table: InTable::Yes },
    Column { key: "what", title: "WHAT", table: InTable::Yes },
    Column { key: "shares", title: "SHARES", table: InTable::Yes },
    Column { key: "state", title: "STATE", table: InTable::Yes },
    Column { key: "job", title: "JOB", table: InTable::Unless("") },
    Column { key: "status", title: "STATUS", table: InTable::Unless("") },
    Column { key: "request_id", title: "REQUEST ID", table: InTable::Unless("") },
    Column { key: "sent_at", title: "SENT", table: InTable::Unless("") },
    Column { key: "ended_at", title: "ENDED", table: InTable::Unless("") },
    Column { key: "error", title: "WHY", table: InTable::Unless("") },
];

impl Sheet for Requests<'_> {
    fn columns(&self) -> &[Column] {
        REQUESTS
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        let Self(operation) = self;
        operation.requests.iter().enumerate().try_for_each(|(at, request)| {
            let sent = ApiRequest::of(operation.scope.kind, operation.kind, &request.batch);
            each(&[
                Some((at + 1).to_string().into()),
                sent.map(|sent| format!("{} {}", sent.method, sent.path).into()),
                Some(request.batch.share_count().to_string().into()),
                Some(state_word(&request.state).into()),
                request.job.as_ref().map(|job| job.0.clone()),
                request.report.as_ref().map(|report| report.status.clone().into()),
                request.request_id.clone(),
                time(request.sent_at),
                time(request.ended_at),
                trouble(request),
            ])
        })
    }
}

/// The word of a state, as in the journal.
pub fn state_word(state: &RequestState) -> &'static str {
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

/// What went wrong with a request, by the cloud or on the way.
pub fn trouble(request: &RequestRecord) -> Cell {
    match &request.state {
        RequestState::Refused { error } | RequestState::Lost { error } => Some(error.clone()),
        _ => {
            let report = request.report.as_ref()?;
            let said = [&report.error_code, &report.fail_reason].into_iter().flatten();
            let said: Vec<&str> = said.map(Text::raw).collect();
            (!said.is_empty()).then(|| said.join(": ").into())
        }
    }
}
