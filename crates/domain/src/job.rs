//! Jobs of the cloud: asynchronous work with an id, asked about until it ends.

use serde::{Deserialize, Serialize};

use super::{Moment, Text};

/// The cloud's id of a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub Text);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a job stands, by the cloud's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Text", into = "Text")]
pub enum JobStatus {
    /// Waiting to run.
    Init,
    /// Running.
    Running,
    /// Over. Proves nothing about the shares: they are read again.
    Success,
    /// Over, with an error code and a reason. Part of the work may have been done.
    Fail,
    /// A word this program does not know: shown as it is, and followed on.
    Other(Text),
}

impl JobStatus {
    /// Whether the job will not change any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Fail)
    }
}

impl From<Text> for JobStatus {
    /// Without regard to case; `failed` and `succeeded` stand on some pages of the IMS API reference.
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

/// What the cloud answered when asked about a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobReport {
    /// Where it stands.
    pub status: JobStatus,
    /// `IMG.xxxx` of a failed job.
    pub error_code: Option<Text>,
    /// Why it failed.
    pub fail_reason: Option<Text>,
    /// When it began, by the cloud's clock.
    pub begin_time: Option<Moment>,
    /// When it ended.
    pub end_time: Option<Moment>,
    /// Fraction done, 0 to 1, where the cloud tells.
    pub progress: Option<f32>,
    /// The answer itself, for the Jobs view.
    pub raw: Text,
    /// The cloud's id of the request that asked.
    pub request_id: Option<Text>,
}
