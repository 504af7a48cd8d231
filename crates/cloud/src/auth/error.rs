//! Why a login failed, and what to look at.

use std::time::Duration;

use crate::http::{Answer, HttpError};
use domain::{Failure, Text};

/// Why there is nothing to authenticate a request with. `Display` is the reason. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct AuthError {
    /// What callers decide by.
    pub blame: Blame,
    /// The reason, in one sentence that is safe to print.
    pub why: String,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// The request ID of the login service.
    pub request_id: Option<Text>,
}

/// What a failed login is blamed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// An address, a project or another setting. No secret was refused.
    Configuration,
    /// The secret or the user name: another one may be accepted.
    Secret,
    /// The one-time password: it is missing, or it was refused.
    Passcode,
    /// The one-time password or the secret; the cloud does not say which.
    PasscodeOrSecret,
    /// The user, token, credential or access key: expired, locked, unknown, or good for less than a login.
    Account,
    /// The project: the same login works for another one.
    Project,
    /// A session that a one-time password opened: it has expired, or it cannot be used for another project.
    Session,
    /// The login service, which answered with an unexpected status.
    Service {
        /// The HTTP status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The network. A login changes nothing, so it makes no difference whether it arrived.
    Network {
        /// Worth trying again later.
        transient: bool,
    },
}

impl AuthError {
    /// A reason and a hint.
    pub fn new(blame: Blame, why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { blame, why: why.into(), hint: Some(hint.into()), request_id: None }
    }

    /// `auth_url` is not the address of a login service; `why` is the rest of that sentence.
    pub fn bad_url(why: impl std::fmt::Display) -> Self {
        Self::new(Blame::Configuration, format!("`auth_url` {why}"), KEYSTONE)
    }

    /// The response is not one of Keystone; `what` was received instead.
    pub(super) fn not_keystone(url: &str, what: &str) -> Self {
        let why = format!("{url} is not Keystone: it answered with {what}");
        Self::new(Blame::Configuration, why, KEYSTONE)
    }

    /// A setting holds characters that a header cannot hold.
    pub(super) fn not_sendable(setting: &str) -> Self {
        let why = format!("{setting} contains characters that cannot be sent");
        Self::new(Blame::Configuration, why, "copy it again, without line breaks")
    }

    /// The login is not for a project.
    pub(super) fn no_project(why: &str) -> Self {
        let why = format!("the login is not scoped to a project: {why}");
        Self::new(Blame::Configuration, why, "set `project_name` or `project_id` under `auth:`")
    }

    /// The login needs a one-time password and has none.
    pub(super) fn passcode_missing() -> Self {
        let why = "this user also needs a one-time password (TOTP)";
        Self::new(Blame::Passcode, why, "pass it with `--otp CODE`")
    }

    /// The session has expired, and its one-time password is used.
    pub(super) fn passcode_used() -> Self {
        let why = "the session expired, and a one-time password cannot be used twice";
        Self::new(Blame::Session, why, "log in again with a new one")
    }

    /// A status that says nothing about the login itself.
    pub(super) fn unexpected(answer: &Answer, message: &Text) -> Self {
        let status = answer.status.as_u16();
        let hint = match status {
            400 => Some(
                "check the `auth:` section: names need a domain (`user_domain_name`, `project_domain_name`)",
            ),
            403 | 404 => Some(
                "check `auth_url`, and ask the cloud's administrator whether this user may log in this way",
            ),
            408 | 413 | 429 | 500.. => Some("try again later"),
            _ => None,
        };
        Self {
            blame: Blame::Service { status, retry_after: answer.pause() },
            why: format!("the login service answered {status}: {message}"),
            hint: hint.map(str::to_owned),
            request_id: answer.request_id.clone(),
        }
    }

    /// The same, with the request ID of the response.
    #[must_use]
    pub(super) fn in_answer(self, answer: &Answer) -> Self {
        Self { request_id: answer.request_id.clone(), ..self }
    }

    /// Whether a new one-time password may be all it takes.
    pub fn asks_code(&self) -> bool {
        matches!(self.blame, Blame::Passcode | Blame::PasscodeOrSecret)
    }

    /// Whether the secret may be wrong.
    pub fn refuses_secret(&self) -> bool {
        matches!(self.blame, Blame::Secret | Blame::PasscodeOrSecret)
    }

    /// Whether the login was refused, so that repeating it can only lock the user out.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self.blame, Blame::Configuration | Blame::Service { .. } | Blame::Network { .. })
    }

    /// Whether the login service, or a proxy before it, was too busy to look at the login; and how long it asks to
    /// wait, if it says so.
    pub fn asks_to_wait(&self) -> Option<Option<Duration>> {
        match self.blame {
            Blame::Service { status: 413 | 429 | 502..=504, retry_after } => Some(retry_after),
            _ => None,
        }
    }

    /// Worth trying again later.
    pub fn is_transient(&self) -> bool {
        match self.blame {
            Blame::Network { transient } => transient,
            Blame::Service { status, .. } => status >= 500 || [408, 413, 429].contains(&status),
            _ => false,
        }
    }

    /// For the user: what was being done, why it failed and what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        Failure {
            hint: self.hint.clone(),
            request_id: self.request_id.clone(),
            ..Failure::new(what, &*self.why)
        }
    }
}

const KEYSTONE: &str = "set `auth_url` to Keystone's address, such as https://host:5000/v3";

impl From<HttpError> for AuthError {
    fn from(error: HttpError) -> Self {
        let transient = matches!(error, HttpError::Unreachable(_) | HttpError::Lost(_));
        Self {
            blame: Blame::Network { transient },
            why: error.to_string(),
            hint: error.hint().map(str::to_owned),
            request_id: None,
        }
    }
}
