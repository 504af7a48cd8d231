//! Operations as rows, and rows as operations. Words are those of the domain's own serialisation.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row, named_params};
use serde_json::{Value, json};

use super::Summary;
use super::values::{Raw, Sql, millis, moment, parsed, raw, text, value, word, written};
use crate::domain::operation::{RequestRecord, RequestState, ShareRecord};
use crate::domain::{
    Batch, ImageId, JobId, Marks, Member, MemberKind, Moment, Operation, OperationId, Outcome,
    ProjectId, Scope, Share, Step,
};

// ── what changed ─────────────────────────────────────────────────────────────────────────────────

/// The rows that a series of steps changes, each once.
#[derive(Default)]
pub(super) struct Changed {
    planned: bool,
    requests: BTreeSet<usize>,
    shares: BTreeSet<usize>,
}

impl Changed {
    /// Notes what a step changes, before or after it is folded in.
    pub(super) fn note(&mut self, operation: &Operation, step: &Step) {
        match step {
            Step::Settled { share, .. } => {
                let found = operation.shares.binary_search_by(|record| record.share.cmp(share));
                self.shares.extend(found.ok());
            }
            Step::Planned { .. } => self.planned = true,
            Step::Sending { request, .. }
            | Step::Accepted { request, .. }
            | Step::Rejected { request, .. }
            | Step::Polled { request, .. }
            | Step::PollFailed { request, .. }
            | Step::Overdue { request } => drop(self.requests.insert(*request)),
            Step::Read { .. } | Step::Verifying | Step::Finished { .. } => {}
        }
    }

    /// Writes them as they are in the operation now.
    pub(super) fn write(self, to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
        if self.planned {
            to.prepare_cached("DELETE FROM requests WHERE operation = ?1")?.execute([number])?;
            insert_requests(to, number, operation)?;
            tie_shares(to, number, operation)?;
        } else {
            update_requests(to, number, operation, &self.requests)?;
        }
        settle_shares(to, number, operation, &self.shares)?;
        if !self.shares.is_empty() {
            update_counts(to, number, operation)?;
        }
        update_stage(to, number, operation)
    }
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────

/// A whole operation. Gives its number.
pub(super) fn insert(to: &Connection, operation: &Operation, holder: &str) -> Sql<i64> {
    let Operation { id, kind, scope, started_at, .. } = operation;
    let mut insert = to.prepare_cached(
        "INSERT INTO operations (id, kind, cloud, region, api, project_id, project_name, user, endpoint,
             protected, read_only, tls_verified, started_at, stage, images_read, images_to_read, open, holder, shares)
         VALUES (:id, :kind, :cloud, :region, :api, :project_id, :project_name, :user, :endpoint,
             :protected, :read_only, :tls_verified, :started_at, '', 0, 0, 1, :holder, :shares)",
    )?;
    let number = insert.insert(named_params! {
        ":id": id.0,
        ":kind": written(kind)?,
        ":cloud": scope.cloud,
        ":region": scope.region,
        ":api": written(&scope.kind)?,
        ":project_id": scope.project_id.0.raw(),
        ":project_name": raw(scope.project_name.as_ref()),
        ":user": raw(scope.user.as_ref()),
        ":endpoint": scope.endpoint,
        ":protected": scope.protected,
        ":read_only": scope.read_only,
        ":tls_verified": scope.tls_verified,
        ":started_at": started_at.0,
        ":holder": holder,
        ":shares": operation.shares.len(),
    })?;
    insert_requests(to, number, operation)?;
    insert_shares(to, number, operation)?;
    update_counts(to, number, operation)?;
    update_stage(to, number, operation)?;
    Ok(number)
}

fn insert_requests(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut insert = to.prepare_cached(
        "INSERT INTO requests (operation, place, batch, state) VALUES (?1, ?2, ?3, '')",
    )?;
    for (place, request) in operation.requests.iter().enumerate() {
        insert.execute((number, place, written(&request.batch)?))?;
    }
    let all = (0..operation.requests.len()).collect();
    update_requests(to, number, operation, &all)
}

fn update_requests(
    to: &Connection,
    number: i64,
    operation: &Operation,
    places: &BTreeSet<usize>,
) -> Sql<()> {
    let mut update = to.prepare_cached(
        "UPDATE requests SET state = :state, error = :error, job = :job, report = :report,
             poll_error = :poll_error, request_id = :request_id, sent_at = :sent_at, ended_at = :ended_at
         WHERE operation = :operation AND place = :place",
    )?;
    for &place in places {
        let Some(request) = operation.requests.get(place) else { continue };
        let (state, error) = state_written(&request.state)?;
        update.execute(named_params! {
            ":operation": number,
            ":place": place,
            ":state": state,
            ":error": error,
            ":job": request.job.as_ref().map(|job| job.0.raw()),
            ":report": request.report.as_ref().map(written).transpose()?,
            ":poll_error": raw(request.poll_error.as_ref()),
            ":request_id": raw(request.request_id.as_ref()),
            ":sent_at": millis(request.sent_at),
            ":ended_at": millis(request.ended_at),
        })?;
    }
    Ok(())
}

fn insert_shares(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut insert = to.prepare_cached(
        "INSERT INTO shares (operation, place, image, kind, member, request, outcome, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (place, record) in operation.shares.iter().enumerate() {
        let Share { image, member } = &record.share;
        insert.execute((
            number,
            place,
            image.raw(),
            member.kind.word(),
            member.id.raw(),
            record.request,
            record.outcome.map(Outcome::word),
            raw(record.error.as_ref()),
        ))?;
    }
    Ok(())
}

fn tie_shares(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut update =
        to.prepare_cached("UPDATE shares SET request = ?3 WHERE operation = ?1 AND place = ?2")?;
    for (place, record) in operation.shares.iter().enumerate() {
        if record.request.is_some() {
            update.execute((number, place, record.request))?;
        }
    }
    Ok(())
}

fn settle_shares(
    to: &Connection,
    number: i64,
    operation: &Operation,
    places: &BTreeSet<usize>,
) -> Sql<()> {
    let mut update = to.prepare_cached(
        "UPDATE shares SET outcome = ?3, error = ?4 WHERE operation = ?1 AND place = ?2",
    )?;
    for &place in places {
        let record = &operation.shares[place];
        let outcome = record.outcome.map(Outcome::word);
        update.execute((number, place, outcome, raw(record.error.as_ref())))?;
    }
    Ok(())
}

fn update_counts(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut update = to.prepare_cached(
        "UPDATE operations SET revoked = ?2, still_shared = ?3, was_not_shared = ?4, unknown = ?5 WHERE number = ?1",
    )?;
    update.execute((
        number,
        operation.count(Outcome::Revoked),
        operation.count(Outcome::StillShared),
        operation.count(Outcome::WasNotShared),
        operation.count(Outcome::Unknown),
    ))?;
    Ok(())
}

fn update_stage(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut update = to.prepare_cached(
        "UPDATE operations SET stage = ?2, ended_at = ?3, images_read = ?4, images_to_read = ?5, open = ?6
         WHERE number = ?1",
    )?;
    let (read, to_read) = operation.reading;
    let ended_at = millis(operation.ended_at);
    let stage = written(&operation.stage)?;
    update.execute((number, stage, ended_at, read, to_read, operation.is_open()))?;
    Ok(())
}

/// The word of a state and the error that comes with some.
fn state_written(state: &RequestState) -> Sql<(String, Option<&str>)> {
    let error = match state {
        RequestState::Refused { error } | RequestState::Lost { error } => Some(error.raw()),
        _ => None,
    };
    let tagged = serde_json::to_value(state)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let word = tagged["state"].as_str().unwrap_or_default().to_owned();
    Ok((word, error))
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────

/// Number and holder of an operation.
pub(super) fn find(from: &Connection, id: &OperationId) -> Sql<Option<(i64, Option<String>)>> {
    let mut find = from.prepare_cached("SELECT number, holder FROM operations WHERE id = ?1")?;
    find.query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// The ids that are, begin or end so, oldest first, `limit` at most.
pub(super) fn like(from: &Connection, part: &str, limit: usize) -> Sql<Vec<OperationId>> {
    let mut select = from.prepare_cached(
        "SELECT id FROM operations
         WHERE substr(id, 1, length(?1)) = ?1 OR substr(id, -length(?1)) = ?1
         ORDER BY id = ?1 DESC, number LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.query_map((part, limit), |row| row.get(0).map(OperationId))?.collect()
}

pub(super) fn load(from: &Connection, number: i64) -> Sql<Operation> {
    let mut select = from.prepare_cached("SELECT * FROM operations WHERE number = ?1")?;
    let operation = select.query_row([number], operation)?;
    Ok(operation.with_records(requests(from, number)?, shares(from, number)?))
}

fn operation(row: &Row<'_>) -> Sql<Operation> {
    let id = OperationId(row.get("id")?);
    let (kind, scope, started_at) =
        (word(row, "kind")?, scope(row)?, Moment(row.get("started_at")?));
    let mut operation = Operation::new(id, kind, scope, &Marks::default(), started_at);
    operation.ended_at = moment(row, "ended_at")?;
    operation.stage = word(row, "stage")?;
    operation.reading = (row.get("images_read")?, row.get("images_to_read")?);
    Ok(operation)
}

fn scope(row: &Row<'_>) -> Sql<Scope> {
    Ok(Scope {
        cloud: row.get("cloud")?,
        region: row.get("region")?,
        kind: word(row, "api")?,
        project_id: ProjectId(row.get::<_, Raw>("project_id")?.0),
        project_name: text(row, "project_name")?,
        user: text(row, "user")?,
        endpoint: row.get("endpoint")?,
        protected: row.get("protected")?,
        read_only: row.get("read_only")?,
        tls_verified: row.get("tls_verified")?,
    })
}

fn requests(from: &Connection, number: i64) -> Sql<Vec<RequestRecord>> {
    let mut select =
        from.prepare_cached("SELECT * FROM requests WHERE operation = ?1 ORDER BY place")?;
    select.query_map([number], request)?.collect()
}

fn request(row: &Row<'_>) -> Sql<RequestRecord> {
    let batch: String = row.get("batch")?;
    let batch: Batch = parsed(&batch)?;
    let (state, error): (String, Option<String>) = (row.get("state")?, row.get("error")?);
    let report: Option<String> = row.get("report")?;
    Ok(RequestRecord {
        batch,
        state: value(json!({ "state": state, "error": error }))?,
        job: text(row, "job")?.map(JobId),
        report: report.as_deref().map(parsed).transpose()?,
        poll_error: text(row, "poll_error")?,
        request_id: text(row, "request_id")?,
        sent_at: moment(row, "sent_at")?,
        ended_at: moment(row, "ended_at")?,
    })
}

fn shares(from: &Connection, number: i64) -> Sql<Vec<ShareRecord>> {
    let mut select = from.prepare_cached(
        "SELECT image, kind, member, request, outcome, error FROM shares WHERE operation = ?1 ORDER BY place",
    )?;
    select.query_map([number], share)?.collect()
}

fn share(row: &Row<'_>) -> Sql<ShareRecord> {
    let kind = word::<MemberKind>(row, "kind")?;
    let member = Member { kind, id: row.get::<_, Raw>("member")?.0 };
    let image = ImageId(row.get::<_, Raw>("image")?.0);
    let outcome: Option<String> = row.get("outcome")?;
    Ok(ShareRecord {
        share: Share { image, member },
        request: row.get("request")?,
        outcome: outcome.map(|word| value(Value::String(word))).transpose()?,
        error: text(row, "error")?,
    })
}

/// The newest operations before the operation `before`, of one cloud or all.
pub(super) fn list(
    from: &Connection,
    cloud: Option<&str>,
    before: Option<&OperationId>,
    limit: usize,
) -> Sql<Vec<Summary>> {
    let mut select = from.prepare_cached(
        "SELECT * FROM operations
         WHERE number < coalesce((SELECT number FROM operations WHERE id = ?1), 9223372036854775807)
           AND (?2 IS NULL OR cloud = ?2)
         ORDER BY number DESC LIMIT ?3",
    )?;
    let before = before.map(|id| id.0.as_str());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.query_map((before, cloud, limit), summary)?.collect()
}

fn summary(row: &Row<'_>) -> Sql<Summary> {
    Ok(Summary {
        id: OperationId(row.get("id")?),
        kind: word(row, "kind")?,
        scope: scope(row)?,
        started_at: Moment(row.get("started_at")?),
        ended_at: moment(row, "ended_at")?,
        stage: word(row, "stage")?,
        open: row.get("open")?,
        shares: row.get("shares")?,
        revoked: row.get("revoked")?,
        still_shared: row.get("still_shared")?,
        was_not_shared: row.get("was_not_shared")?,
        unknown: row.get("unknown")?,
    })
}

/// Number and holder of every operation that has not come to its end, oldest first.
pub(super) fn open(from: &Connection) -> Sql<Vec<(i64, Option<String>)>> {
    let mut select = from
        .prepare_cached("SELECT number, holder FROM operations WHERE open = 1 ORDER BY number")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn set_holder(to: &Connection, number: i64, holder: Option<&str>) -> Sql<()> {
    let mut update = to.prepare_cached("UPDATE operations SET holder = ?2 WHERE number = ?1")?;
    update.execute((number, holder)).map(drop)
}
