//! Operations as rows. Words are those of the domain's own serialisation.

use std::collections::BTreeSet;

use rusqlite::{Connection, named_params};

use super::values::{Sql, millis, raw, written};
use domain::operation::RequestState;
use domain::{Operation, Outcome, Share, Step};

/// The rows that a series of steps changes, each once.
#[derive(Default)]
pub(super) struct Changed {
    found: bool,
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
            Step::Found { .. } => self.found = true,
            Step::Planned { .. } => self.planned = true,
            Step::Sending { request, .. }
            | Step::Accepted { request, .. }
            | Step::Rejected { request, .. }
            | Step::Unsent { request, .. }
            | Step::Polled { request, .. }
            | Step::PollFailed { request, .. }
            | Step::Overdue { request } => drop(self.requests.insert(*request)),
            Step::Read { .. }
            | Step::Waiting { .. }
            | Step::Verifying
            | Step::Provisional
            | Step::Finished { .. } => {}
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
        if self.found {
            write_before(to, number, operation)?;
        }
        settle_shares(to, number, operation, &self.shares)?;
        if !self.shares.is_empty() {
            update_counts(to, number, operation)?;
        }
        update_stage(to, number, operation)
    }
}

/// A whole operation. Gives its number.
pub(super) fn insert(to: &Connection, operation: &Operation, holder: &str) -> Sql<i64> {
    let Operation { id, kind, undoes, scope, started_at, .. } = operation;
    let mut insert = to.prepare_cached(
        "INSERT INTO operations (id, kind, undoes, cloud, region, api, project_id, project_name, user, endpoint,
             protected, read_only, tls_verified, started_at, stage, images_read, images_to_read, open, holder, shares)
         VALUES (:id, :kind, :undoes, :cloud, :region, :api, :project_id, :project_name, :user, :endpoint,
             :protected, :read_only, :tls_verified, :started_at, '', 0, 0, 1, :holder, :shares)",
    )?;
    let number = insert.insert(named_params! {
        ":id": id.0,
        ":kind": written(kind)?,
        ":undoes": undoes.as_ref().map(|id| id.0.as_str()),
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
        "INSERT INTO shares (operation, place, image, kind, member, request, before, after, outcome, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
            record.before.as_ref().map(written).transpose()?,
            record.after.as_ref().map(written).transpose()?,
            record.outcome.map(|outcome| outcome.word(operation.kind)),
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

fn write_before(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut update =
        to.prepare_cached("UPDATE shares SET before = ?3 WHERE operation = ?1 AND place = ?2")?;
    for (place, record) in operation.shares.iter().enumerate() {
        update.execute((number, place, record.before.as_ref().map(written).transpose()?))?;
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
        "UPDATE shares SET after = ?3, outcome = ?4, error = ?5 WHERE operation = ?1 AND place = ?2",
    )?;
    for &place in places {
        let record = &operation.shares[place];
        let after = record.after.as_ref().map(written).transpose()?;
        let outcome = record.outcome.map(|outcome| outcome.word(operation.kind));
        update.execute((number, place, after, outcome, raw(record.error.as_ref())))?;
    }
    Ok(())
}

fn update_counts(to: &Connection, number: i64, operation: &Operation) -> Sql<()> {
    let mut update = to.prepare_cached(
        "UPDATE operations SET done = ?2, failed = ?3, needless = ?4, unknown = ?5 WHERE number = ?1",
    )?;
    update.execute((
        number,
        operation.count(Outcome::Done),
        operation.count(Outcome::Failed),
        operation.count(Outcome::Needless),
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

/// Who follows an operation.
pub(super) fn set_holder(to: &Connection, number: i64, holder: Option<&str>) -> Sql<()> {
    let mut update = to.prepare_cached("UPDATE operations SET holder = ?2 WHERE number = ?1")?;
    update.execute((number, holder)).map(drop)
}
