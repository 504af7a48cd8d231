//! A job's answer, from either of the two job calls.

use serde_json::Value;

use super::CloudError;
use super::service::{json, malformed};
use crate::http::Answer;
use domain::{JobReport, JobStatus, Moment, Text};

/// Longest answer kept for the Jobs view, in characters.
const LONGEST_RAW: usize = 64 << 10;

/// Reads it. A status is what it must have: without one, nothing is known about the job.
pub(super) fn report(answer: &Answer) -> Result<JobReport, CloudError> {
    let body: Value = json(answer)?;
    let status = text(&body, "status")
        .ok_or_else(|| malformed(answer, "it does not say where the job stands"))?;
    let raw = String::from_utf8_lossy(&answer.body);
    Ok(JobReport {
        status: JobStatus::from(status),
        error_code: trouble(&body, &["error_code", "addition_error_code"]),
        fail_reason: trouble(&body, &["fail_reason", "addition_error_msg", "error"]),
        begin_time: moment(&body, "begin_time"),
        end_time: moment(&body, "end_time"),
        progress: progress(&body),
        raw: raw.chars().take(LONGEST_RAW).collect::<String>().into(),
        request_id: answer.request_id.clone(),
    })
}

/// The first of these that is said: of the job itself, of its entities, of its parts.
fn trouble(body: &Value, keys: &[&str]) -> Option<Text> {
    let entities = body.get("entities");
    let parts = entities
        .and_then(|entities| entities.get("sub_jobs_result")?.as_array())
        .into_iter()
        .flatten();
    std::iter::once(body)
        .chain(entities)
        .chain(parts)
        .find_map(|level| keys.iter().find_map(|key| text(level, key)))
}

fn text(level: &Value, key: &str) -> Option<Text> {
    match level.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn moment(body: &Value, key: &str) -> Option<Moment> {
    Moment::parse(text(body, key)?.raw())
}

/// `process_percent` is a fraction (0.4), whatever its name says; a real percentage is taken as one too.
fn progress(body: &Value) -> Option<f32> {
    let said = text(body.get("entities")?, "process_percent")?.raw().parse::<f32>().ok()?;
    let fraction = if said > 1.0 { said / 100.0 } else { said };
    fraction.is_finite().then(|| fraction.clamp(0.0, 1.0))
}
