//! Access key and secret key: every request is signed as a whole, and nothing can be renewed.
//!
//! Its one rule: a signature that was refused is not tried again. Five wrong ones in a row lock the key for five
//! minutes (Huawei docs: error codes of API Gateway), so after a refusal nothing is sent for as long.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Auth, AuthError, Blame, Generation};
use crate::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use crate::http::{Answer, Client, Request, Url};
use domain::Moment;

mod project;
mod refused;
mod sign;
#[cfg(test)]
mod tests;

pub use project::KeyScope;
use sign::Unsigned;

/// After a refusal nothing is signed for so long: as long as the cloud's own lock.
const REFUSED_FOR: Duration = Duration::from_mins(5);

/// The clock that requests are signed with.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// A pair of keys, and the token that belongs to temporary ones. Its `Debug` shows no secret.
#[derive(Clone, Debug, Deserialize)]
pub struct AccessKey {
    /// The access key id (AK).
    #[serde(rename = "ak")]
    pub access: String,
    /// The secret key (SK).
    #[serde(rename = "sk")]
    pub secret: SecretString,
    /// `X-Security-Token`, for temporary keys.
    pub security_token: Option<SecretString>,
}

/// Signs requests with a key.
pub struct Aksk {
    http: Client,
    key: AccessKey,
    clock: Clock,
    /// What requests say about the project, once it is known.
    project: OnceLock<HeaderValue>,
    refused: Mutex<Option<(AuthError, Instant)>>,
}

impl std::fmt::Debug for Aksk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aksk").field("project", &self.project).finish_non_exhaustive()
    }
}

#[async_trait]
impl Auth for Aksk {
    async fn authorize(&self, request: &mut Request) -> Result<Generation, AuthError> {
        self.not_refused_lately()?;
        self.sign(request)?;
        Ok(Generation::default())
    }

    async fn renew(&self, _: Generation, answer: &Answer) -> Result<(), AuthError> {
        let error = refused::refused(answer, (self.clock)());
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((error.clone(), Instant::now()));
        Err(error)
    }
}

impl Aksk {
    /// A key that nothing was signed with so far.
    pub fn new(http: Client, key: AccessKey, clock: Clock) -> Self {
        Self { http, key, clock, project: OnceLock::new(), refused: Mutex::new(None) }
    }

    fn not_refused_lately(&self) -> Result<(), AuthError> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match &*refused {
            Some((error, at)) if at.elapsed() < REFUSED_FOR => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Adds the headers, puts the query into the form that is signed, and signs. What else is in the request is not
    /// signed: `User-Agent` and the like are changed on the way.
    fn sign(&self, request: &mut Request) -> Result<(), AuthError> {
        let date = date((self.clock)());
        let token = self.key.security_token.as_ref().map(ExposeSecret::expose_secret);
        let headers = request.headers_mut();
        // The vendor's SDK sends it with every request, with or without a body.
        headers.entry(CONTENT_TYPE).or_insert_with(|| HeaderValue::from_static("application/json"));
        headers.insert("x-sdk-date", value(&date, "the date")?);
        if let Some(project) = self.project.get() {
            headers.insert("x-project-id", project.clone());
        }
        if let Some(token) = token {
            headers.insert("x-security-token", secret(token, "`security_token`")?);
        }
        let (query, authorization) = self.signature(request);
        request.url_mut().set_query((!query.is_empty()).then_some(&query));
        request.headers_mut().insert(AUTHORIZATION, secret(&authorization, "`ak`")?);
        Ok(())
    }

    /// The canonical query, and the value of `Authorization`.
    fn signature(&self, request: &Request) -> (String, String) {
        let url = request.url();
        let mut unsigned = Unsigned {
            method: request.method().as_str(),
            path: url.path(),
            query: url.query_pairs().into_owned().collect(),
            headers: signed_headers(request.headers(), url),
            body: request.body().and_then(|body| body.as_bytes()),
        };
        let added = unsigned.says_unsigned_payload();
        unsigned.headers.extend(added.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let secret = self.key.secret.expose_secret().trim();
        let signed = unsigned.sign(self.key.access.trim(), secret.as_bytes());
        (signed.query, signed.authorization)
    }
}

/// Those that reach the cloud as they are, and `Host` as the HTTP library will write it.
fn signed_headers(headers: &HeaderMap, url: &Url) -> Vec<(String, String)> {
    let names = ["content-type", "x-project-id", "x-sdk-date", "x-security-token"];
    let given = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned())));
    given.chain([(HOST.as_str().to_owned(), host(url))]).collect()
}

/// With the port, where it is not the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `20260102T030405Z`
fn date(now: Moment) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn value(text: &str, what: &'static str) -> Result<HeaderValue, AuthError> {
    HeaderValue::from_str(text.trim()).map_err(|_| AuthError::not_sendable(what))
}

fn secret(text: &str, what: &'static str) -> Result<HeaderValue, AuthError> {
    let mut value = value(text, what)?;
    value.set_sensitive(true);
    Ok(value)
}
