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
        "the login was refused (401): wrong password, unknown or disabled user, or no access to the project; Keystone \
         does not say which"
    )]
    Refused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 to an application credential.
    #[error(
        "the login was refused (401): the secret of the application credential is wrong, or its user or project is \
         disabled"
    )]
    CredentialRefused {
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
        "the login was refused (401): wrong username or {secret}, or the account belongs to another user"
    )]
    AccountRefused {
        /// What was sent: API key or password.
        secret: &'static str,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// 401 that asks for a second factor, which this login has none of.
    #[error(
        "the login was refused: this user needs a second factor (MFA), which Rackspace accepts on its web page only"
    )]
    SecondFactor {
        /// The login service's id of the request.
        request_id: Option<Text>,
    },
    /// The password was accepted, and a one-time code is asked for as well.
    #[error("this user also needs a one-time password (TOTP)")]
    CodeWanted,
    /// The login has ended, and its code was used for it.
    #[error("the session expired, and a one-time password cannot be used twice")]
    CodeUsed,
    /// The password was accepted and the code was not.
    #[error("the one-time password was refused: it is wrong, expired or already used")]
    CodeRefused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 to one request with a code and maybe a password; the answer does not say which was wrong.
    #[error(
        "the login was refused (401): the one-time password, the password, the user or the project is wrong; the \
         cloud does not say which"
    )]
    CodeOrElseRefused {
        /// The login service's id of the request.
        request_id: Option<Text>,
    },
    /// The user needs authentication methods that are not supported.
    #[error("this user also needs {methods}, which sharelock does not support")]
    OtherFactor {
        /// The methods.
        methods: Text,
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 of a service that is configured to need no login.
    #[error("the service requires a login, and `auth_type` is `none`")]
    LoginWanted {
        /// The service's id of the request.
        request_id: Option<Text>,
    },
    /// 401 of a service without a login service.
    #[error("the service refused the {secret} (401)")]
    ServiceRefused {
        /// What was sent.
        secret: &'static str,
        /// The service's id of the request.
        request_id: Option<Text>,
    },
    /// 403 of an identity service v2.0.
    #[error(
        "the login was refused (403): the user is disabled, or must set up multi-factor authentication first: {message}"
    )]
    UserBarred {
        /// Its words.
        message: Text,
        /// Its id of the request.
        request_id: Option<Text>,
    },
    /// The login is for another account than the configured one.
    #[error("the login is for account {number}, not for the configured one")]
    OtherAccount {
        /// The account it is for.
        number: Text,
    },
    /// The answer is not that of an identity service v2.0.
    #[error("{url} is not an identity service v2.0: it answered with {what}")]
    NotIdentityV2 {
        /// What was asked.
        url: String,
        /// What came back.
        what: String,
    },
    /// 404 to an application credential: unknown, deleted or expired.
    #[error(
        "the application credential does not exist (404): its ID or name is wrong, or it was deleted or expired"
    )]
    NoSuchCredential {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The token of a token login is not valid (any more).
    #[error("the token is not valid: it has expired or was revoked")]
    TokenEnded {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The token is for another project than the one asked for, and may not be exchanged.
    #[error(
        "the token is for another project, and Keystone does not exchange it for the configured one"
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
    #[error("Keystone does not allow switching projects with this login: {message}")]
    NotExchanged {
        /// Its words.
        message: Text,
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// 401 to such an exchange: the login holds, so it is the project.
    #[error(
        "the login works, but not for this project (401): it is unknown or disabled, or the user has no role in it; \
         Keystone does not say which"
    )]
    ProjectRefused {
        /// Keystone's id of the request.
        request_id: Option<Text>,
    },
    /// The login is good for no project.
    #[error("the login is not scoped to a project: {0}")]
    NoProject(&'static str),
    /// The answer is not Keystone's.
    #[error("{url} is not Keystone: it answered with {what}")]
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
    #[error("{0} contains characters that cannot be sent")]
    BadKey(&'static str),
    /// The key is good, and has no project of this name.
    #[error("this access key has no project named `{name}`")]
    NoSuchProject {
        /// The name that was looked for: the region's, unless configured.
        name: Text,
    },
    /// The name says too little.
    #[error("several projects are named `{name}`: {ids}")]
    SeveralProjects {
        /// The name that was looked for.
        name: Text,
        /// Their ids, in one line.
        ids: Text,
    },
    /// 403 to the search for the project or to the catalog.
    #[error("this access key may not look up its project (403): {message}")]
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

    /// Whether the secret that was sent may be a wrong one.
    pub fn refuses_secret(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::AccountRefused { .. }
                | Self::ServiceRefused { .. }
                | Self::CodeOrElseRefused { .. }
        )
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
            | Self::CredentialRefused { request_id }
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
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::BadUrl(_) | Self::NotKeystone { .. } => {
                Some("set `auth_url` to Keystone's address, such as https://host:5000/v3")
            }
            Self::Refused { .. } => Some(
                "check user, password, project and their domains under `auth:` in clouds.yaml and secure.yaml",
            ),
            Self::CredentialRefused { .. } => Some(
                "check `application_credential_secret`; an expired or compromised credential is replaced with `openstack \
                 application credential create`",
            ),
            Self::UserStopped { .. } => Some(
                "change an expired password with `openstack user password set`; for a locked user ask the cloud's \
                 administrator, and do not retry: more attempts may extend the lock",
            ),
            Self::AccountRefused { .. } => Some(
                "check `username`, `api_key` or `password`, and `project_id` (the account number) under `auth:`",
            ),
            Self::SecondFactor { .. } => Some(
                "log in with an API key (`auth_type: rackspace_apikey`), or as a user without a second factor",
            ),
            Self::CodeWanted => Some("pass it with `--otp CODE`"),
            Self::CodeUsed => Some("log in again with a new one"),
            Self::CodeRefused { .. } => Some(
                "wait for the next one; if that is refused too, check the clock of the device that makes it",
            ),
            Self::CodeOrElseRefused { .. } => {
                Some("try the next one; then check user, password and project under `auth:`")
            }
            Self::OtherFactor { .. } => Some(
                "set `auth_type: v3multifactor` with `auth_methods: [v3password, v3totp]`, or use an application \
                 credential",
            ),
            Self::LoginWanted { .. } => {
                Some("set `auth_type` (such as `password`) and its keys under `auth:`")
            }
            Self::ServiceRefused { secret, .. } if secret.contains("token") => {
                Some("check `token` under `auth:`")
            }
            Self::ServiceRefused { .. } => Some("check `username` and `password` under `auth:`"),
            Self::UserBarred { .. } => Some("ask the administrator of the account"),
            Self::OtherAccount { .. } => Some("correct or remove `project_id`"),
            Self::NotIdentityV2 { .. } => Some(
                "set `auth_url` to the login service, such as https://identity.api.rackspacecloud.com/v2.0",
            ),
            Self::NoSuchCredential { .. } => Some(
                "check `application_credential_id`, or the name together with the user it belongs to",
            ),
            Self::TokenEnded { .. } => {
                Some("get a new one with `openstack token issue` and set `token` or OS_TOKEN")
            }
            Self::NotExchanged { .. } => {
                Some("log in to that project with a new one-time password")
            }
            Self::ProjectRefused { .. } => Some(
                "check the project and its domain; `p` in the list of clouds shows the projects of this user",
            ),
            Self::CredentialOfOtherProject { .. } => Some(
                "remove `project_name` and `project_id` from the entry, or use a credential of that project",
            ),
            Self::OtherProject => {
                Some("remove the project from the entry, or use a token for that project")
            }
            Self::KeyRefused { trouble, .. } => Some(trouble.hint()),
            Self::BadKey(_) => Some("copy it again, without line breaks"),
            Self::NoSuchProject { .. } => Some(
                "set `project_id` or `project_name`; without them the project is named like the region",
            ),
            Self::SeveralProjects { .. } => Some("set `project_id` to one of them"),
            Self::NotAllowed { .. } => {
                Some("set `project_id`, and `image_endpoint_override` if that is not enough")
            }
            Self::NoProject(_) => Some("set `project_name` or `project_id` under `auth:`"),
            Self::Answered { status: 400, .. } => Some(
                "check the `auth:` section: names need a domain (`user_domain_name`, `project_domain_name`)",
            ),
            Self::Answered { status: 403 | 404, .. } => Some(
                "check `auth_url`, and ask the cloud's administrator whether this user may log in this way",
            ),
            Self::Answered { status: 408 | 413 | 429 | 500.., .. } => Some("try again later"),
            Self::Http(error) => error.hint(),
            _ => None,
        }
    }

    /// For the user: what was being done, why it failed and what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        Failure {
            hint: self.hint().map(Into::into),
            request_id: self.request_id().cloned(),
            ..Failure::new(what, self.to_string())
        }
    }
}
