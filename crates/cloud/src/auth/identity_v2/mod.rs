//! Identity v2.0 as Rackspace has it: an API key or a password for a token, which comes in the body (Rackspace docs:
//! Cloud Identity API v2.0, "Authenticate").

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::login_url::{Version, identity_url};
use super::token_cache::{Grant, TokenCache};
use super::{Auth, AuthError, Blame, Generation, Session, exchange};
use crate::http::header::HeaderValue;
use crate::http::{Answer, Client, Request, Url};
use domain::Text;

mod response;
#[cfg(test)]
mod tests;

/// Who logs in, and to which account. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name of the user.
    pub username: String,
    /// API key or password.
    pub secret: AccountSecret,
    /// The account number (the tenant's id and name alike); `None`: the user's own.
    pub number: Option<String>,
}

/// The secret of a user.
#[derive(Clone, Debug)]
pub enum AccountSecret {
    /// Rackspace's API key.
    ApiKey(SecretString),
    /// The password.
    Password(SecretString),
}

impl AccountSecret {
    fn secret(&self) -> &SecretString {
        match self {
            Self::ApiKey(secret) | Self::Password(secret) => secret,
        }
    }

    /// The word for it in errors.
    fn word(&self) -> &'static str {
        match self {
            Self::ApiKey(_) => "API key",
            Self::Password(_) => "password",
        }
    }
}

impl Account {
    /// The body of `POST /v2.0/tokens`. It holds the secret.
    fn body(&self) -> Value {
        let secret = self.secret.secret().expose_secret();
        let mut auth = match self.secret {
            AccountSecret::ApiKey(_) => {
                json!({"RAX-KSKEY:apiKeyCredentials": {"username": self.username, "apiKey": secret}})
            }
            AccountSecret::Password(_) => {
                json!({"passwordCredentials": {"username": self.username, "password": secret}})
            }
        };
        if let Some(number) = &self.number {
            auth["tenantId"] = number.as_str().into();
        }
        json!({ "auth": auth })
    }
}

/// A login to an identity service v2.0. Nothing is sent before the first token is needed, and all requests share one
/// token.
pub struct IdentityV2 {
    http: Client,
    url: Url,
    account: Account,
    tokens: TokenCache,
}

impl std::fmt::Debug for IdentityV2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityV2").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Auth for IdentityV2 {
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

impl IdentityV2 {
    /// A login that has not happened yet. `auth_url` is taken with or without `/v2.0` and `/tokens`.
    pub fn new(http: Client, auth_url: &str, account: Account) -> Result<Self, AuthError> {
        let url = identity_url(auth_url, Version::Two, "/tokens")?;
        Ok(Self { http, url, account, tokens: TokenCache::new() })
    }

    /// The session, logging in if that has not happened yet.
    pub async fn session(&self) -> Result<Arc<Session>, AuthError> {
        self.tokens.get(self.log_in()).await.map(|(grant, _)| grant.session)
    }

    async fn log_in(&self) -> Result<Grant, AuthError> {
        let request = exchange::post(&self.url, &self.account.body());
        self.granted(&self.http.log_in(request).await?)
    }

    fn granted(&self, answer: &Answer) -> Result<Grant, AuthError> {
        if !answer.status.is_success() {
            return Err(self.refused(answer));
        }
        let read = response::read(answer).ok_or_else(|| self.not_identity(answer))??;
        let own = read.session.project_id.0.raw();
        if self.account.number.as_deref().is_some_and(|asked| asked != own) {
            let why =
                format!("the login is for account {}, not for the configured one", Text::from(own));
            let hint = "correct or remove `project_id`";
            return Err(AuthError::new(Blame::Configuration, why, hint));
        }
        let mut token =
            HeaderValue::from_str(&read.token).map_err(|_| self.not_identity(answer))?;
        token.set_sensitive(true);
        let session = Arc::new(read.session);
        Ok(Grant { token, session, lifetime: read.lifetime, renewable: true })
    }

    fn refused(&self, answer: &Answer) -> AuthError {
        if response::sends_elsewhere(answer) {
            return self.not_identity(answer);
        }
        let Some(message) = exchange::message(answer, response::message(&answer.body)) else {
            return self.not_identity(answer);
        };
        let message = exchange::harmless(&message, [self.account.secret.secret()]);
        let error = match answer.status.as_u16() {
            401 if response::asks_for_more(answer, message.raw()) => AuthError::new(
                Blame::Account,
                "the login was refused: this user needs a second factor (MFA), which Rackspace accepts on its web page only",
                "log in with an API key (`auth_type: rackspace_apikey`), or as a user without a second factor",
            ),
            401 => AuthError::new(
                Blame::Secret,
                format!(
                    "the login was refused (401): wrong username or {}, or the account belongs to another user",
                    self.account.secret.word()
                ),
                "check `username`, `api_key` or `password`, and `project_id` (the account number) under `auth:`",
            ),
            403 => AuthError::new(
                Blame::Account,
                format!(
                    "the login was refused (403): the user is disabled, or must set up multi-factor authentication first: {message}"
                ),
                "ask the administrator of the account",
            ),
            _ => return AuthError::unexpected(answer, &message),
        };
        error.in_answer(answer)
    }

    fn not_identity(&self, answer: &Answer) -> AuthError {
        if let Some(error) = answer.front_error() {
            return error.into();
        }
        let (url, what) = (&self.url, exchange::received(answer));
        AuthError::new(
            Blame::Configuration,
            format!("{url} is not an identity service v2.0: it answered with {what}"),
            "set `auth_url` to the login service, such as https://identity.api.rackspacecloud.com/v2.0",
        )
    }
}
