//! Why a request failed, in the terms a caller decides by.

use std::time::Duration;

use super::hints;
use crate::auth::AuthError;
use crate::http::{Cause, HttpError};
use domain::{Failure, Text};

/// What the cloud said when it said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// The cloud's own code: `IMG.0113`, `APIGW.0308`, …
    pub code: Option<Text>,
    /// Its words, without markup.
    pub message: Text,
    /// Its id of the request.
    pub request_id: Option<Text>,
}

impl ApiError {
    /// Its words, with the cloud's own code where they do not hold it.
    pub fn said(&self) -> String {
        match &self.code {
            Some(code) if !self.message.raw().contains(code.raw()) => {
                format!("{} ({code})", self.message)
            }
            _ => self.message.to_string(),
        }
    }
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// 401, after one renewal of the login.
    #[error("the cloud refused the login: {}", .0.said())]
    Unauthorized(ApiError),
    /// 403.
    #[error("not allowed: {}", .0.said())]
    Forbidden(ApiError),
    /// 403 to a list of images.
    #[error("not allowed to list images: {}", .0.said())]
    ListForbidden(ApiError),
    /// 404: the image, the job or the path.
    #[error("not found: {}", .0.said())]
    NotFound(ApiError),
    /// Nothing to do: a single delete of a member that is none, or a single addition of one that is one already.
    #[error("nothing to do: {}", .0.message)]
    Needless(ApiError),
    /// 403 to a member list: the image is private, public or community and has no listable members.
    #[error("members do not apply: {}", .0.message)]
    MembersDoNotApply(ApiError),
    /// The image a page should begin after is gone: the list must be read from its start.
    #[error("the list changed while it was read: {}", .0.message)]
    StaleMark(ApiError),
    /// 429, or a 413 or 503 that asks to come back later.
    #[error("too many requests: {}", .refusal.said())]
    Throttled {
        /// What was said.
        refusal: ApiError,
        /// When to come back.
        retry_after: Option<Duration>,
    },
    /// Any other status that is no success.
    #[error("the cloud answered {}: {}", .0.status, .0.said())]
    Answered(ApiError),
    /// A success whose body is invalid.
    #[error("the cloud's response is invalid: {message}")]
    Malformed {
        /// What is wrong with it.
        message: String,
        /// The cloud's id of the request.
        request_id: Option<Text>,
    },
    /// An answer with a good status that is longer than any of the service's own. Not asked for again.
    #[error("the cloud's response is too long: {0}")]
    TooLong(String),
    /// No answer: the request may or may not have been carried out.
    #[error("no answer from the cloud: {0}")]
    Lost(Cause),
    /// There is no proof of identity to send with the request, and it did not leave; or the one there is was refused
    /// and cannot be renewed.
    #[error("cannot log in: {0}")]
    Login(#[from] AuthError),
    /// The request did not leave: no connection could be made.
    #[error("cannot reach the cloud: {0}")]
    Unreachable(Cause),
    /// The request did not leave: the TLS handshake failed.
    #[error("cannot reach the cloud: {0}")]
    Untrusted(Cause),
    /// The request did not leave, for a reason on this side: read-only, or one request cannot name it.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request did not leave: the cloud answers nothing, and is tried by one request at a time.
    #[error("no response from the cloud for a minute; backing off")]
    Unresponsive,
    /// The request did not leave, because it was to be stopped.
    #[error("not sent: stopped")]
    Stopped,
    /// The response was 401 or "too many requests", and the request did not leave again, because it was to be stopped.
    #[error("not sent again: stopped")]
    StoppedAfterRefusal,
}

impl CloudError {
    /// Worth asking again, and harmless for a read.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Malformed { .. }
            | Self::Lost(_)
            | Self::Unreachable(_) => true,
            Self::Login(error) => error.is_transient(),
            Self::Answered(refusal) => refusal.status >= 500 || refusal.status == 408,
            _ => false,
        }
    }

    /// The request did not leave this machine, so the cloud cannot have acted on it.
    pub fn never_left(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Untrusted(_) | Self::NotSent(_) | Self::Stopped)
    }

    /// The same error of a request that was refused before, and has left in any case.
    #[must_use]
    pub fn after_refusal(self) -> Self {
        if matches!(self, Self::Stopped) { Self::StoppedAfterRefusal } else { self }
    }

    /// Nothing was carried out: the cloud said no, or never heard of it. After anything else, something may
    /// have been. A 5xx is no refusal: a gateway may say it after the service behind it acted.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Malformed { .. } | Self::TooLong(_) => false,
            Self::Throttled { refusal, .. } | Self::Answered(refusal) => {
                refusal.status < 500 && refusal.status != 408
            }
            _ => true,
        }
    }

    /// What the cloud said, where it said something.
    pub fn refusal(&self) -> Option<&ApiError> {
        match self {
            Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::ListForbidden(refusal)
            | Self::NotFound(refusal)
            | Self::Needless(refusal)
            | Self::MembersDoNotApply(refusal)
            | Self::StaleMark(refusal)
            | Self::Throttled { refusal, .. }
            | Self::Answered(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The cloud's id of the request.
    pub fn request_id(&self) -> Option<Text> {
        match self {
            Self::Malformed { request_id, .. } => request_id.clone(),
            Self::Login(error) => error.request_id.clone(),
            _ => self.refusal().and_then(|refusal| refusal.request_id.clone()),
        }
    }

    /// For the user: what was being done, and what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        Failure {
            hint: hints::of(self),
            request_id: self.request_id(),
            ..Failure::new(what, self.to_string())
        }
    }
}

impl From<HttpError> for CloudError {
    fn from(error: HttpError) -> Self {
        let text = error.to_string();
        match error {
            HttpError::ReadOnly(_) | HttpError::Settings(_) => Self::NotSent(text),
            HttpError::Unreachable(cause) => Self::Unreachable(cause),
            HttpError::Tls(cause) => Self::Untrusted(cause),
            HttpError::Lost(cause) => Self::Lost(cause),
            HttpError::TooLong { limit } => Self::TooLong(format!("more than {} MiB", limit >> 20)),
            HttpError::Redirected { status, .. } => Self::Answered(ApiError {
                status: status.as_u16(),
                code: None,
                message: text.into(),
                request_id: None,
            }),
        }
    }
}
