//! Asynchronous jobs of the cloud, polled by ID until they end.

use serde::{Deserialize, Serialize};

use super::{Moment, Text};

/// The cloud's ID of a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub Text);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The status of a job, from the cloud's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Text", into = "Text")]
pub enum JobStatus {
    /// Waiting to run.
    Init,
    /// Running.
    Running,
    /// Ended. Proves nothing about the shares: they are verified.
    Success,
    /// Ended with an error code and a reason. Part of the work may be done.
    Fail,
    /// An unknown word: shown unchanged, and the job is polled further.
    Other(Text),
}

impl JobStatus {
    /// Whether the job has ended.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Fail)
    }
}

impl From<Text> for JobStatus {
    /// Ignores case; some pages of the IMS API reference say `failed` and `succeeded`.
    fn from(word: Text) -> Self {
        match word.raw().to_ascii_lowercase().as_str() {
            "init" => Self::Init,
            "running" => Self::Running,
            "success" | "succeeded" => Self::Success,
            "fail" | "failed" => Self::Fail,
            _ => Self::Other(word),
        }
    }
}

impl From<JobStatus> for Text {
    fn from(status: JobStatus) -> Self {
        match status {
            JobStatus::Init => "INIT".into(),
            JobStatus::Running => "RUNNING".into(),
            JobStatus::Success => "SUCCESS".into(),
            JobStatus::Fail => "FAIL".into(),
            JobStatus::Other(word) => word,
        }
    }
}

impl std::fmt::Display for JobStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Text::from(self.clone()).fmt(f)
    }
}

/// The cloud's response to a poll of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobReport {
    /// The status.
    pub status: JobStatus,
    /// `IMG.xxxx` of a failed job.
    pub error_code: Option<Text>,
    /// Why it failed.
    pub fail_reason: Option<Text>,
    /// When it began, by the cloud's clock.
    pub begin_time: Option<Moment>,
    /// When it ended.
    pub end_time: Option<Moment>,
    /// Fraction done, 0 to 1, where the cloud reports it.
    pub progress: Option<f32>,
    /// The response body, for the Operations view.
    pub raw: Text,
    /// The cloud's ID of the poll request.
    pub request_id: Option<Text>,
}
