//! Rows as operations.

use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::{Value, json};

use super::values::{Raw, Sql, invalid, moment, parsed, text, value, word};
use domain::operation::{RequestRecord, ShareRecord};
use domain::{
    Batch, ImageId, JobId, Marks, Member, MemberKind, Moment, Operation, OperationId,
    OperationKind, Outcome, ProjectId, Scope, Seen, Share,
};

/// Number and holder of an operation.
pub(super) fn find(from: &Connection, id: &OperationId) -> Sql<Option<(i64, Option<String>)>> {
    let mut find = from.prepare_cached("SELECT number, holder FROM operations WHERE id = ?1")?;
    find.query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// The ids that are, begin or end so, oldest first, `limit` at most.
pub(super) fn find_ids(from: &Connection, part: &str, limit: usize) -> Sql<Vec<OperationId>> {
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
    let shares = shares(from, number, operation.kind)?;
    Ok(operation.with_records(requests(from, number)?, shares))
}

fn operation(row: &Row<'_>) -> Sql<Operation> {
    let id = OperationId(row.get("id")?);
    let (kind, scope, started_at) =
        (word(row, "kind")?, scope(row)?, Moment(row.get("started_at")?));
    let operation = Operation::new(id, kind, scope, &Marks::default(), started_at);
    let mut operation = operation.undoing(undoes(row)?);
    operation.ended_at = moment(row, "ended_at")?;
    operation.stage = word(row, "stage")?;
    operation.reading = (row.get("images_read")?, row.get("images_to_read")?);
    Ok(operation)
}

pub(super) fn scope(row: &Row<'_>) -> Sql<Scope> {
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
        encrypted: true,
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

pub(super) fn undoes(row: &Row<'_>) -> Sql<Option<OperationId>> {
    Ok(row.get::<_, Option<String>>("undoes")?.map(OperationId))
}

fn shares(from: &Connection, number: i64, kind: OperationKind) -> Sql<Vec<ShareRecord>> {
    let mut select =
        from.prepare_cached("SELECT * FROM shares WHERE operation = ?1 ORDER BY place")?;
    select.query_map([number], |row| share(row, kind))?.collect()
}

fn share(row: &Row<'_>, operation: OperationKind) -> Sql<ShareRecord> {
    let kind = word::<MemberKind>(row, "kind")?;
    let member = Member { kind, id: row.get::<_, Raw>("member")?.0 };
    let image = ImageId(row.get::<_, Raw>("image")?.0);
    let seen = |column| row.get::<_, Option<String>>(column)?.map(|it| seen(&it)).transpose();
    let outcome: Option<String> = row.get("outcome")?;
    Ok(ShareRecord {
        share: Share { image, member },
        request: row.get("request")?,
        before: seen("before")?,
        after: seen("after")?,
        outcome: outcome.map(|word| outcome_of(&word, operation)).transpose()?,
        error: text(row, "error")?,
    })
}

/// A bare word, or JSON.
fn seen(text: &str) -> Sql<Seen> {
    if text.starts_with('{') { parsed(text) } else { value(Value::String(text.to_owned())) }
}

fn outcome_of(word: &str, kind: OperationKind) -> Sql<Outcome> {
    Outcome::from_word(word, kind)
        .ok_or_else(|| invalid(serde::de::Error::custom(format!("no outcome `{word}`"))))
}

/// Number and holder of every operation that has not come to its end, oldest first.
pub(super) fn open(from: &Connection) -> Sql<Vec<(i64, Option<String>)>> {
    let mut select = from
        .prepare_cached("SELECT number, holder FROM operations WHERE open = 1 ORDER BY number")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The ID of an operation, or its number where the ID is damaged as well.
pub(super) fn id_of(from: &Connection, number: i64) -> OperationId {
    let id = from
        .prepare_cached("SELECT id FROM operations WHERE number = ?1")
        .and_then(|mut select| select.query_row([number], |row| row.get(0)));
    OperationId(id.unwrap_or_else(|_| format!("#{number}")))
}

/// ID and holder of every operation that has not come to its end, oldest first.
pub(super) fn open_ids(from: &Connection) -> Sql<Vec<(OperationId, Option<String>)>> {
    let mut select =
        from.prepare_cached("SELECT id, holder FROM operations WHERE open = 1 ORDER BY number")?;
    select.query_map([], |row| Ok((OperationId(row.get(0)?), row.get(1)?)))?.collect()
}

/// So many operations before one are looked at for rivals, besides those that are open.
const RECENT: i64 = 1000;

/// Operations of the same kind and place that name shares of this one and were not over when it began.
pub(super) fn concurrent_operations(
    from: &Connection,
    id: &OperationId,
) -> Sql<Vec<(OperationId, usize)>> {
    let mut select = from.prepare_cached(
        "SELECT other.id, count(*)
         FROM operations AS own
         CROSS JOIN operations AS other ON other.number IN (
             SELECT number FROM operations WHERE open = 1
             UNION SELECT number FROM operations WHERE number > own.number - ?2)
         CROSS JOIN shares AS theirs ON theirs.operation = other.number AND theirs.request IS NOT NULL
         CROSS JOIN shares AS ours ON ours.operation = own.number AND ours.image = theirs.image
             AND ours.member = theirs.member AND ours.kind = theirs.kind AND ours.request IS NOT NULL
         WHERE own.id = ?1 AND other.number != own.number AND other.kind = own.kind
             AND other.project_id = own.project_id AND other.endpoint = own.endpoint
             AND (other.open = 1 OR other.ended_at >= own.started_at)
         GROUP BY other.number ORDER BY other.number",
    )?;
    select.query_map((&id.0, RECENT), |row| Ok((OperationId(row.get(0)?), row.get(1)?)))?.collect()
}
