//! Keystone v3: password, one-time password, token and application credential (Identity API v3; also Huawei's and OTC's IAM).

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::login_url::{Version, document_url, identity_url};
use super::passcode::{self, Passcode};
use super::token_cache::{Grant, TokenCache};
use super::{
    Auth, AuthError, Blame, Credentials, Generation, Method, NameOrId, Qualified, Session,
    discovery, exchange, token,
};
use crate::http::header::{ACCEPT, HeaderValue};
use crate::http::{self, Answer, Client, HttpError, Request, Url};
use domain::Text;

/// A login to Keystone. Nothing is sent before the first token is needed, and all requests share one token.
pub struct Keystone {
    http: Client,
    /// Version 3 of the service at the configured address.
    configured: Url,
    /// The configured address, where Keystone publishes its version document.
    document: Url,
    /// Version 3 of the service, by its version document.
    root: OnceCell<Url>,
    credentials: Credentials,
    passcode: Passcode,
    tokens: TokenCache,
}

impl std::fmt::Debug for Keystone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keystone").field("url", &self.configured.as_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Auth for Keystone {
    async fn authorize(&self, request: &mut Request) -> Result<Generation, AuthError> {
        let (grant, generation) = self.tokens.get(self.log_in()).await?;
        request.headers_mut().insert("x-auth-token", grant.token);
        Ok(generation)
    }

    async fn renew(&self, refused: Generation, _: &Answer) -> Result<(), AuthError> {
        self.tokens.forget(refused).await;
        Ok(())
    }
}

impl Keystone {
    /// A login that has not happened yet. `auth_url` is taken with or without a version.
    pub fn new(http: Client, auth_url: &str, credentials: Credentials) -> Result<Self, AuthError> {
        let configured = identity_url(auth_url, Version::Three, "")?;
        let document = document_url(auth_url)?;
        let passcode = Passcode::new(credentials.method.passcode().cloned());
        let (tokens, root) = (TokenCache::new(), OnceCell::new());
        Ok(Self { http, configured, document, root, credentials, passcode, tokens })
    }

    /// Version 3 of the service: as configured until its version document was read, which the first login does.
    pub fn root(&self) -> &Url {
        self.root.get().unwrap_or(&self.configured)
    }

    /// The call that gives tokens. The version document may put version 3 elsewhere on the same host, and is followed
    /// as keystoneauth does; without a usable one the configured address is used.
    async fn tokens_url(&self) -> Result<Url, HttpError> {
        let root = self.root.get_or_try_init(|| self.discover()).await?;
        let mut url = root.clone();
        url.set_path(&format!("{}/auth/tokens", root.path().trim_end_matches('/')));
        Ok(url)
    }

    async fn discover(&self) -> Result<Url, HttpError> {
        let mut request = Request::new(http::Method::GET, self.document.clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let found = match self.http.send(request).await {
            Ok(answer) if answer.status.is_success() || answer.status.as_u16() == 300 => {
                let versions = discovery::versions(&answer.body).unwrap_or_default();
                discovery::address(&versions, 3, &self.document)
            }
            // The login itself reports what is wrong with the response.
            Ok(_) | Err(HttpError::Redirected { .. } | HttpError::TooLong { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(found.unwrap_or_else(|| self.configured.clone()))
    }

    /// The session, logging in if that has not happened yet.
    pub async fn session(&self) -> Result<Arc<Session>, AuthError> {
        self.tokens.get(self.log_in()).await.map(|(grant, _)| grant.session)
    }

    /// The session, if there is a valid one; sends nothing.
    pub async fn holds(&self) -> Option<Arc<Session>> {
        self.tokens.valid().await.map(|grant| grant.session)
    }

    /// Whether a one-time password was sent, so that this login cannot be repeated.
    pub fn used_a_code(&self) -> bool {
        self.passcode.sent().is_some()
    }

    /// A login to another project of the same user, with the token of this one. `None` when this one has expired.
    pub async fn beside(&self, http: Client, project: Qualified) -> Option<Self> {
        let grant = self.tokens.valid().await?;
        let token = grant.token.to_str().ok()?.into();
        let credentials = Credentials { method: Method::Session(token), project };
        let (configured, document) = (self.configured.clone(), self.document.clone());
        let (root, passcode, tokens) = (self.root.clone(), Passcode::new(None), TokenCache::new());
        Some(Self { http, configured, document, root, credentials, passcode, tokens })
    }

    async fn log_in(&self) -> Result<Grant, AuthError> {
        let token = match &self.credentials.method {
            Method::Token(token) => token,
            Method::Password { .. } => return self.log_in_with_password().await,
            Method::Totp { .. } | Method::Session(_) => {
                return self.granted(&self.post().await?, None);
            }
            Method::ApplicationCredential { .. } => {
                return self.granted_for(&self.credentials.project, &self.post().await?);
            }
        };
        // A token is exchanged for one of the configured project. Where that is not allowed (403: tokens made from
        // application credentials), or no project is configured, it is used as it is.
        if self.credentials.scope().is_some() {
            let answer = self.post().await?;
            if answer.status.as_u16() != 403 {
                return self.granted(&answer, None);
            }
        }
        let mut own =
            HeaderValue::from_str(token.expose_secret().trim()).map_err(|_| token_ended())?;
        own.set_sensitive(true);
        let grant = self.granted(&self.validate(&own).await?, Some(own))?;
        self.check_project(&grant)?;
        Ok(grant)
    }

    async fn post(&self) -> Result<Answer, AuthError> {
        let passcode = match self.credentials.method {
            Method::Totp { .. } => Some(self.passcode.take()?),
            _ => None,
        };
        let body = self.credentials.body(passcode.as_ref());
        Ok(self.http.log_in(exchange::post(&self.tokens_url().await?, &body)).await?)
    }

    /// A password. Where it is not enough, the response holds a receipt for it, which is sent with the one-time password.
    async fn log_in_with_password(&self) -> Result<Grant, AuthError> {
        let first = self.post().await?;
        let Some(receipt) = passcode::receipt(&first) else { return self.granted(&first, None) };
        if !receipt.by_passcode {
            return Err(receipt.not_supported().in_answer(&first));
        }
        let passcode = self.passcode.take()?;
        let body =
            self.credentials.second_body(&passcode).ok_or_else(AuthError::passcode_missing)?;
        let mut request = exchange::post(&self.tokens_url().await?, &body);
        request.headers_mut().insert(passcode::RECEIPT, receipt.header);
        let second = self.http.log_in(request).await?;
        self.granted(&second, None).map_err(|error| match error.blame {
            Blame::Secret => AuthError::new(
                Blame::Passcode,
                "the one-time password was refused: it is wrong, expired or already used",
                "wait for the next one; if that is refused too, check the clock of the device that makes it",
            )
            .in_answer(&second),
            _ => error,
        })
    }

    /// `GET /v3/auth/tokens`: what a token is good for.
    async fn validate(&self, own: &HeaderValue) -> Result<Answer, AuthError> {
        let mut request = Request::new(http::Method::GET, self.tokens_url().await?);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        request.headers_mut().insert("x-auth-token", own.clone());
        request.headers_mut().insert("x-subject-token", own.clone());
        Ok(self.http.log_in(request).await?)
    }

    fn granted(&self, answer: &Answer, own: Option<HeaderValue>) -> Result<Grant, AuthError> {
        if !answer.status.is_success() {
            return Err(self.refused(answer));
        }
        let read = token::read(&answer.body).ok_or_else(|| self.not_keystone(answer))??;
        let mut token = match own {
            Some(own) => own,
            None => answer
                .headers
                .get("x-subject-token")
                .filter(|token| !token.is_empty())
                .cloned()
                .ok_or_else(|| self.not_keystone(answer))?,
        };
        token.set_sensitive(true);
        let is_token = matches!(self.credentials.method, Method::Token(_) | Method::Session(_));
        let renewable = !is_token && self.passcode.sent().is_none();
        Ok(Grant { token, session: Arc::new(read.session), lifetime: read.lifetime, renewable })
    }

    /// The token of an application credential, which is for the credential's own project.
    fn granted_for(&self, project: &Qualified, answer: &Answer) -> Result<Grant, AuthError> {
        let Qualified { own: project, domain } = project;
        let grant = self.granted(answer, None)?;
        let own_domain = token::project_domain(&answer.body);
        let session = &grant.session;
        let same_domain = domain.is_empty() || own_domain.is_none_or(|own| own.is(domain));
        if project.is_empty() || is_project(session, project) && same_domain {
            return Ok(grant);
        }
        let own = session.project_name.clone().unwrap_or_else(|| session.project_id.0.clone());
        Err(AuthError::new(
            Blame::Configuration,
            format!(
                "the application credential belongs to project {own}, and the configuration names another one"
            ),
            "remove `project_name` and `project_id` from the entry, or use a credential of that project",
        ))
    }

    fn refused(&self, answer: &Answer) -> AuthError {
        if let Some(receipt) = passcode::receipt(answer) {
            return receipt.not_supported().in_answer(answer);
        }
        let Some(message) = exchange::message(answer, message(&answer.body)) else {
            return self.not_keystone(answer);
        };
        let passcode = self.passcode.sent();
        let secrets = self.credentials.method.secret().into_iter().chain(&passcode);
        let message = exchange::harmless(&message, secrets);
        let error = match (answer.status.as_u16(), &self.credentials.method) {
            (401, Method::Session(_)) => AuthError::new(
                Blame::Project,
                "the login works, but not for this project (401): it is unknown or disabled, or the user has no role in \
                 it; Keystone does not say which",
                "check the project and its domain; `p` in the list of clouds shows the projects of this user",
            ),
            (403, Method::Session(_)) => AuthError::new(
                Blame::Session,
                format!("Keystone does not allow switching projects with this login: {message}"),
                "log in to that project with a new one-time password",
            ),
            (404, Method::Session(_)) => return AuthError::passcode_used(),
            (401 | 404, Method::Token(_)) => token_ended(),
            (401, _) if says_more(message.raw()) => AuthError::new(
                Blame::Account,
                format!("the login was refused: {message}"),
                "change an expired password with `openstack user password set`; for a locked user ask the cloud's \
                 administrator, and do not retry: more attempts may extend the lock",
            ),
            (401, Method::Totp { .. }) => AuthError::new(
                Blame::PasscodeOrSecret,
                "the login was refused (401): the one-time password, the password, the user or the project is wrong; the \
                 cloud does not say which",
                "try the next one; then check user, password and project under `auth:`",
            ),
            (401, Method::ApplicationCredential { .. }) => AuthError::new(
                Blame::Account,
                "the login was refused (401): the secret of the application credential is wrong, or its user or project \
                 is disabled",
                "check `application_credential_secret`; an expired or compromised credential is replaced with `openstack \
                 application credential create`",
            ),
            // Keystone does not say which of several things is wrong (seen, Keystone 30).
            (401, Method::Password { .. }) => AuthError::new(
                Blame::Secret,
                "the login was refused (401): wrong password, unknown or disabled user, or no access to the project; \
                 Keystone does not say which",
                "check user, password, project and their domains under `auth:` in clouds.yaml and secure.yaml",
            ),
            (404, Method::ApplicationCredential { .. }) => AuthError::new(
                Blame::Account,
                "the application credential does not exist (404): its ID or name is wrong, or it was deleted or expired",
                "check `application_credential_id`, or the name together with the user it belongs to",
            ),
            _ => return AuthError::unexpected(answer, &message),
        };
        error.in_answer(answer)
    }

    fn check_project(&self, grant: &Grant) -> Result<(), AuthError> {
        let Some(wanted) = self.credentials.scope() else { return Ok(()) };
        if is_project(&grant.session, &wanted.own) {
            return Ok(());
        }
        Err(AuthError::new(
            Blame::Configuration,
            "the token is for another project, and Keystone does not exchange it for the configured one",
            "remove the project from the entry, or use a token for that project",
        ))
    }

    fn not_keystone(&self, answer: &Answer) -> AuthError {
        if let Some(error) = answer.front_error() {
            return error.into();
        }
        let url = format!("{}/auth/tokens", self.root().as_str().trim_end_matches('/'));
        AuthError::not_keystone(&url, &exchange::received(answer))
    }
}

fn token_ended() -> AuthError {
    AuthError::new(
        Blame::Account,
        "the token is not valid: it has expired or was revoked",
        "get a new one with `openstack token issue` and set `token` or OS_TOKEN",
    )
}

fn is_project(session: &Session, wanted: &NameOrId) -> bool {
    match (&wanted.id, &wanted.name) {
        (Some(id), _) => session.project_id.0.raw() == id,
        (None, wanted) => wanted.as_deref() == session.project_name.as_ref().map(Text::raw),
    }
}

/// Keystone says more only where that does not help an attacker: "The password is expired and needs to be changed for
/// user: …", "The account is locked for user: …" (its source, `exception.py`).
fn says_more(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["password is expired", "account is locked", "account is temporarily disabled"]
        .iter()
        .any(|words| message.contains(words))
}

/// The message of an error in Keystone's form, or in that of Huawei's IAM (`error_msg`).
pub(super) fn message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Keystone {
        error: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        message: String,
    }
    #[derive(Deserialize)]
    struct Iam {
        error_msg: String,
    }
    let keystone = serde_json::from_slice::<Keystone>(body).map(|body| body.error.message);
    keystone.or_else(|_| serde_json::from_slice::<Iam>(body).map(|body| body.error_msg)).ok()
}
