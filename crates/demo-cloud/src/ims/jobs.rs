//! The two calls that tell about a job.

use serde_json::{Value, json};

use domain::Moment;

use super::super::answer::{Answer, ims_error};
use super::super::glance::{Answered, Caller};
use super::super::jobs::{Job, Work};
use super::super::options::TimeFormat;
use super::super::world::World;

/// Which of the two calls asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// `GET /v1/{project_id}/jobs/{job_id}`
    A,
    /// `GET /v1/cloudimages/job/{job_id}`
    B,
}

pub(super) fn show(world: &World, caller: &Caller, id: &str, asked_by: AskedBy) -> Answered {
    let job = world.job(id).filter(|job| job.project == caller.project);
    let Some(job) = job else {
        return Err(ims_error(400, "IMG.0023", &format!("Failed to query the job {id}.")));
    };
    let time = |at| write_time(world.options.ims.times, at);
    let error = job.error.as_ref().filter(|_| job.is_over());
    let entities = match asked_by {
        AskedBy::A => json!({"results": results(job)}),
        AskedBy::B => json!({"process_percent": progress(job, world.now()), "current_task": ""}),
    };
    let body = json!({
        "status": job.status(world.now()),
        "entities": entities,
        "job_id": job.id,
        "job_type": job.work.job_type(),
        "begin_time": time(job.begun),
        "end_time": if job.is_over() { time(job.due) } else { String::new() },
        "error_code": error.map(|(code, _)| code),
        "fail_reason": error.map(|(_, reason)| reason),
    });
    Ok(Answer::ok(&body))
}

/// Nothing per image for a removal, as published: the client has to read the members again.
fn results(job: &Job) -> Value {
    if !job.is_over() || job.work == Work::Remove {
        return json!([]);
    }
    let mut images: Vec<&str> = job.pairs.iter().map(|pair| pair.image.raw()).collect();
    images.dedup();
    let status = if job.error.is_some() { "fail" } else { "success" };
    images.iter().map(|image| json!({"image_id": image, "status": status})).collect()
}

/// A fraction, in steps of a tenth; the whole is an integer.
fn progress(job: &Job, now: Moment) -> Value {
    let length = (job.due.0 - job.begun.0).max(1);
    let tenths = ((now.0 - job.begun.0) * 10 / length).clamp(0, 9);
    match i32::try_from(tenths) {
        _ if job.is_over() => json!(1),
        Ok(tenths) => json!(f64::from(tenths) / 10.0),
        Err(_) => json!(0),
    }
}

fn write_time(format: TimeFormat, at: Moment) -> String {
    let format = match format {
        TimeFormat::Iso => "%Y-%m-%dT%H:%M:%S.%3fZ",
        TimeFormat::Old => "%d-%b-%Y %H:%M:%S:%3f",
    };
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => at.strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}
