//! `sharelock/history/1`. Written while it is walked through.

use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use super::operations::{Shares, Stream, Told, Undone, state_word, trouble};
use super::receipt::{self, JobJson};
use domain::operation::{Comparison, RequestRecord, ShareRecord, Stage};
use domain::{
    ApiRequest, CloudKind, MemberKind, MemberStatus, Moment, Operation, OperationId, OperationKind,
    Seen, Text,
};

const SCHEMA: &str = "sharelock/history/1";

/// The document.
#[derive(Serialize)]
pub struct History<'a> {
    schema: &'static str,
    operations: Vec<OperationJson<'a>>,
}

#[derive(Serialize)]
struct OperationJson<'a> {
    id: &'a OperationId,
    kind: OperationKind,
    cloud: &'a str,
    region: Option<&'a str>,
    project_id: &'a Text,
    user: Option<&'a Text>,
    started_at: Moment,
    ended_at: Option<Moment>,
    stage: Stage,
    jobs: Vec<JobJson>,
    shares: Vec<ShareJson<'a>>,
    api: CloudKind,
    endpoint: &'a str,
    project_name: Option<&'a Text>,
    undoes: Option<&'a OperationId>,
    undone_by: &'a [OperationId],
    requests: Vec<RequestJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Moment>,
}

#[derive(Serialize)]
struct ShareJson<'a> {
    image: &'a Text,
    member: &'a Text,
    #[serde(rename = "type")]
    kind: MemberKind,
    outcome: Option<&'static str>,
    error: Option<&'a Text>,
    /// Counted from 0, into `requests`.
    request: Option<usize>,
    before: Option<SeenJson<'a>>,
    after: Option<SeenJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    later: Option<LaterJson<'a>>,
}

#[derive(Serialize)]
struct SeenJson<'a> {
    listed: bool,
    status: Option<&'a MemberStatus>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

#[derive(Serialize)]
struct LaterJson<'a> {
    change: &'static str,
    now: Option<SeenJson<'a>>,
    remark: Option<&'a Text>,
}

#[derive(Serialize)]
struct RequestJson<'a> {
    method: Option<&'static str>,
    path: Option<String>,
    shares: usize,
    state: &'static str,
    error: Option<Text>,
    job: Option<&'a Text>,
    status: Option<&'a domain::JobStatus>,
    request_id: Option<&'a Text>,
    sent_at: Option<Moment>,
    ended_at: Option<Moment>,
}

impl<'a> History<'a> {
    /// Of the operations of a sheet, and the shares that are wanted.
    pub fn of(shares: &'a Shares<'a>) -> Self {
        let operations = shares.receipts.iter().map(operation_json).collect();
        Self { schema: SCHEMA, operations }
    }
}

impl<S: FnMut() -> Option<Undone>> Serialize for Stream<'_, S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let mut document = serializer.serialize_struct("History", 2)?;
        document.serialize_field("schema", SCHEMA)?;
        document.serialize_field("operations", &Operations(self))?;
        document.end()
    }
}

struct Operations<'a, 'b, S>(&'a Stream<'b, S>);

impl<S: FnMut() -> Option<Undone>> Serialize for Operations<'_, '_, S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let mut operations = serializer.serialize_seq(None)?;
        self.0.each(|told| operations.serialize_element(&operation_json(told)))?;
        operations.end()
    }
}

fn operation_json<'a>(told: &'a Told<'a>) -> OperationJson<'a> {
    let operation = told.operation;
    let scope = &operation.scope;
    OperationJson {
        id: &operation.id,
        kind: operation.kind,
        cloud: &scope.cloud,
        region: scope.region.as_deref(),
        project_id: &scope.project_id.0,
        user: scope.user.as_ref(),
        started_at: operation.started_at,
        ended_at: operation.ended_at,
        stage: operation.stage,
        jobs: receipt::jobs(operation),
        shares: told.shares().map(|(record, later)| share_json(operation, record, later)).collect(),
        api: scope.kind,
        endpoint: &scope.endpoint,
        project_name: scope.project_name.as_ref(),
        undoes: operation.undoes.as_ref(),
        undone_by: &told.undone_by,
        requests: operation.requests.iter().map(|it| request_json(operation, it)).collect(),
        verified_at: told.again.as_ref().map(|(at, _)| *at),
    }
}

fn share_json<'a>(
    operation: &Operation,
    record: &'a ShareRecord,
    later: Option<&'a Comparison>,
) -> ShareJson<'a> {
    ShareJson {
        image: &record.share.image.0,
        member: &record.share.member.id,
        kind: record.share.member.kind,
        outcome: record.outcome.map(|outcome| outcome.word(operation.kind)),
        error: record.error.as_ref(),
        request: record.request,
        before: record.before.as_ref().map(seen_json),
        after: record.after.as_ref().map(seen_json),
        later: later.map(|Comparison { change, now, remark }| LaterJson {
            change: change.word(),
            now: now.as_ref().map(seen_json),
            remark: remark.as_ref(),
        }),
    }
}

fn seen_json(seen: &Seen) -> SeenJson<'_> {
    match seen {
        Seen::Absent => {
            SeenJson { listed: false, status: None, created_at: None, updated_at: None }
        }
        Seen::Listed { status, created_at, updated_at } => SeenJson {
            listed: true,
            status: Some(status),
            created_at: *created_at,
            updated_at: *updated_at,
        },
    }
}

fn request_json<'a>(operation: &Operation, request: &'a RequestRecord) -> RequestJson<'a> {
    let sent = ApiRequest::of(operation.scope.kind, operation.kind, &request.batch);
    let (method, path) = sent.map(|sent| (sent.method, sent.path)).unzip();
    RequestJson {
        method,
        path,
        shares: request.batch.share_count(),
        state: state_word(&request.state),
        error: trouble(request),
        job: request.job.as_ref().map(|job| &job.0),
        status: request.report.as_ref().map(|report| &report.status),
        request_id: request.request_id.as_ref(),
        sent_at: request.sent_at,
        ended_at: request.ended_at,
    }
}
