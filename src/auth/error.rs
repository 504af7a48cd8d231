//! Why a login failed, in words that say what to look at.

use std::time::Duration;

use super::KeyTrouble;
use crate::domain::{Failure, Text};
use crate::http::HttpError;

/// Why there is no proof of identity. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// `auth_url` is no address one could log in at.
    #[error("`auth_url` {0}")]
    BadUrl(String),
    /// 401. Keystone does not say which of several things is wrong (seen, Keystone 30).
    #[error(
        "the login was refused: the password or secret is wrong, the user is unknown or disabled, the project \
         is unknown, or the user is no member of it; Keystone does not tell which"
    )]
    Refused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 whose words say more: the password has expired, or the user is locked.
    #[error("the login was refused: {message}")]
    UserStopped {
        /// Its words.
        message: Text,
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 of an identity service v2.0.
    #[error(
        "the login was refused: the username or the {secret} is wrong, or the account is another's"
    )]
    AccountRefused {
        /// What was sent: API key or password.
        secret: &'static str,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// 401 that asks for a second factor, which this login has none of.
    #[error(
        "the login was refused: this user has to prove itself with a second factor as well (MFA)"
    )]
    SecondFactor {
        /// The login service's id of the request.
        request_id: Option<Text>,
    },
    /// The password was accepted, and a one-time code is asked for as well.
    #[error("this user has to give a one-time code (TOTP) as well")]
    CodeWanted,
    /// The login has ended, and its code was used for it.
    #[error(
        "the login has ended, and its one-time code was good for that login alone: it is not sent again"
    )]
    CodeUsed,
    /// The password was accepted and the code was not.
    #[error("the one-time code was refused: it is wrong, has expired or was used before")]
    CodeRefused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 to password, if any, and code in one request: which of them, nobody tells.
    #[error(
        "the login was refused: the one-time code, or else the password, the user or the project is wrong; the \
         cloud does not tell which"
    )]
    CodeOrElseRefused {
        /// The login service's id of the request.
        request_id: Option<Text>,
    },
    /// Other ways to prove oneself are asked for than there are here.
    #[error("this user has to prove itself by {methods} as well, which is not supported")]
    OtherFactor {
        /// The methods.
        methods: Text,
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 of a service that is configured to need no login.
    #[error("the service asks for a login, and `auth_type: none` has none")]
    LoginWanted {
        /// The service's id of the request.
        request_id: Option<Text>,
    },
    /// 401 of a service without a login service.
    #[error("the service refused the {secret}")]
    ServiceRefused {
        /// What was sent.
        secret: &'static str,
        /// The service's id of the request.
        request_id: Option<Text>,
    },
    /// 403 of an identity service v2.0.
    #[error(
        "the login was refused: the user is disabled, or has to set up multi-factor authentication first: {message}"
    )]
    UserBarred {
        /// Its words.
        message: Text,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// The login is good for another account than the one asked for.
    #[error("the login is for account {number}, not for the one asked for")]
    OtherAccount {
        /// The account it is for.
        number: Text,
    },
    /// The answer is not that of an identity service v2.0.
    #[error("{url} does not answer as an identity service v2.0 does: {what}")]
    NotIdentityV2 {
        /// What was asked.
        url: String,
        /// What came back.
        what: String,
    },
    /// 404 to an application credential: unknown, deleted or expired.
    #[error("there is no such application credential: its id or name is wrong, or it was deleted")]
    NoSuchCredential {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The token of a token login is not valid (any more).
    #[error(
        "the token is not valid: it has expired or was revoked, and a token cannot renew itself"
    )]
    TokenEnded {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The token is for another project than the one asked for, and may not be exchanged.
    #[error(
        "the token belongs to another project, and may not be exchanged for one of the project asked for"
    )]
    OtherProject,
    /// An application credential is for its own project, whatever the configuration names beside it.
    #[error(
        "the application credential belongs to project {own}, and the configuration names another one"
    )]
    CredentialOfOtherProject {
        /// The credential's project: its name, else its ID.
        own: Text,
    },
    /// 403: a login that holds may not be exchanged for one of another project (`allow_rescope_scoped_token = false`).
    #[error("Keystone does not exchange a login for one of another project here: {message}")]
    NotExchanged {
        /// Its words.
        message: Text,
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 to such an exchange: the login holds, so it is the project.
    #[error(
        "the login is good, but not for this project: it is unknown or disabled, or the user is no member of it; \
         Keystone does not tell which"
    )]
    ProjectRefused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The login is good for no project.
    #[error("the login is not scoped to a project ({0}), and images belong to projects")]
    NoProject(&'static str),
    /// The answer is not Keystone's.
    #[error("{url} does not answer as Keystone does: {what}")]
    NotKeystone {
        /// What was asked.
        url: String,
        /// What came back.
        what: String,
    },
    /// Another status.
    #[error("the login service answered {status}: {message}")]
    Answered {
        /// HTTP status.
        status: u16,
        /// Its words.
        message: Text,
        /// How long it asks to wait.
        pause: Option<Duration>,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// 401 to a signed request. It is not sent again, for wrong signatures lock the key.
    #[error("{trouble}")]
    KeyRefused {
        /// What is wrong.
        trouble: KeyTrouble,
        /// The cloud's id of the request.
        request_id: Option<Text>,
    },
    /// A key or token holds what no header can hold.
    #[error("{0} holds characters that cannot be sent")]
    BadKey(&'static str),
    /// The key is good, and has no project of this name.
    #[error("there is no project called `{name}` for this access key")]
    NoSuchProject {
        /// The name that was looked for: the region's, unless configured.
        name: Text,
    },
    /// The name says too little.
    #[error("several projects are called `{name}`: {ids}")]
    SeveralProjects {
        /// The name that was looked for.
        name: Text,
        /// Their ids, in one line.
        ids: Text,
    },
    /// 403 to the search for the project or to the catalog.
    #[error("the login service does not let this access key look up its project: {message}")]
    NotAllowed {
        /// Its words.
        message: Text,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// No answer. A login changes nothing, so it makes no difference whether it arrived.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl AuthError {
    /// Whether a one-time code is all that is missing, or the one given may not have been good.
    pub fn asks_code(&self) -> bool {
        matches!(self, Self::CodeWanted | Self::CodeRefused { .. } | Self::CodeOrElseRefused { .. })
    }

    /// Whether the login service, or what stands before it, was too busy to look at the login; and how long it asks to
    /// wait, if it says so.
    pub fn asks_to_wait(&self) -> Option<Option<Duration>> {
        match self {
            Self::Answered { status: 413 | 429 | 502..=504, pause, .. } => Some(*pause),
            _ => None,
        }
    }

    /// Worth trying again later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Http(error) => {
                matches!(error, HttpError::Unreachable(_) | HttpError::Lost(_))
            }
            Self::Answered { status, .. } => *status >= 500 || [408, 413, 429].contains(status),
            _ => false,
        }
    }

    /// The login service's id of the request.
    pub fn request_id(&self) -> Option<&Text> {
        match self {
            Self::Refused { request_id }
            | Self::UserStopped { request_id, .. }
            | Self::AccountRefused { request_id, .. }
            | Self::SecondFactor { request_id }
            | Self::CodeRefused { request_id }
            | Self::CodeOrElseRefused { request_id }
            | Self::OtherFactor { request_id, .. }
            | Self::LoginWanted { request_id }
            | Self::ServiceRefused { request_id, .. }
            | Self::UserBarred { request_id, .. }
            | Self::NoSuchCredential { request_id }
            | Self::TokenEnded { request_id }
            | Self::NotExchanged { request_id, .. }
            | Self::ProjectRefused { request_id }
            | Self::KeyRefused { request_id, .. }
            | Self::NotAllowed { request_id, .. }
            | Self::Answered { request_id, .. } => request_id.as_ref(),
            _ => None,
        }
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::BadUrl(_) | Self::NotKeystone { .. } => {
                Some("set `auth_url` to Keystone's address, such as https://host:5000/v3")
            }
            Self::Refused { .. } => Some(
                "check user, password, project and their domains under `auth:` in clouds.yaml and secure.yaml",
            ),
            Self::UserStopped { .. } => Some(
                "change the password, or ask who administers the cloud; trying on may lock the user for longer",
            ),
            Self::AccountRefused { .. } => Some(
                "check `username`, `api_key` or `password`, and `project_id` (the account number) under `auth:`",
            ),
            Self::SecondFactor { .. } => Some(
                "log in with an API key (`auth_type: rackspace_apikey`), or as a user without a second factor",
            ),
            Self::CodeWanted => Some("give it with `--otp CODE`"),
            Self::CodeUsed => Some("start again, with a new code"),
            Self::CodeRefused { .. } => {
                Some("wait for the next code; if it is refused too, check this machine's clock")
            }
            Self::CodeOrElseRefused { .. } => {
                Some("wait for the next code; then check user, password and project under `auth:`")
            }
            Self::OtherFactor { .. } => Some(
                "set `auth_type: v3multifactor` with `auth_methods: [v3password, v3totp]`, or use an application \
                 credential",
            ),
            Self::LoginWanted { .. } => {
                Some("set `auth_type` and what belongs to it under `auth:`")
            }
            Self::ServiceRefused { .. } => {
                Some("check `username` and `password`, or `token`, under `auth:`")
            }
            Self::UserBarred { .. } => Some("ask who administers the account"),
            Self::OtherAccount { .. } => Some("correct `project_id`, or leave it out"),
            Self::NotIdentityV2 { .. } => Some(
                "set `auth_url` to the login service, such as https://identity.api.rackspacecloud.com/v2.0",
            ),
            Self::NoSuchCredential { .. } => Some(
                "check `application_credential_id`, or the name together with the user it belongs to",
            ),
            Self::TokenEnded { .. } => Some("get a new token and set `token` or `OS_TOKEN`"),
            Self::NotExchanged { .. } => Some("log in to that project with a new code"),
            Self::ProjectRefused { .. } => Some(
                "check the project and its domain; on the screen `p` in the list of clouds shows those one may use",
            ),
            Self::CredentialOfOtherProject { .. } => Some(
                "remove `project_name` and `project_id` from the entry, or use a credential of that project",
            ),
            Self::OtherProject => Some("leave out the project, or use a token of that project"),
            Self::KeyRefused { trouble, .. } => Some(trouble.remedy()),
            Self::BadKey(_) => Some("copy it again, without line breaks"),
            Self::NoSuchProject { .. } => Some(
                "set `project_id`, or `project_name` if the project is not called as its region is",
            ),
            Self::SeveralProjects { .. } => Some("set `project_id` to one of them"),
            Self::NotAllowed { .. } => {
                Some("set `project_id`, and `image_endpoint_override` if it is not enough")
            }
            Self::NoProject(_) => Some("set `project_name` or `project_id` under `auth:`"),
            Self::Answered { status: 400, .. } => Some(
                "check the `auth:` section: names need a domain (`user_domain_name`, `project_domain_name`)",
            ),
            Self::Answered { status: 403 | 404, .. } => Some(
                "check `auth_url`, and ask who administers the cloud whether this user may log in so",
            ),
            Self::Answered { status: 408 | 413 | 429 | 500.., .. } => Some("try again in a while"),
            Self::Http(error) => error.remedy(),
            _ => None,
        }
    }

    /// For the user: what was being done, why it failed and what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        Failure {
            remedy: self.remedy().map(Into::into),
            request_id: self.request_id().cloned(),
            ..Failure::new(what, self.to_string())
        }
    }
}
