//! The responses of an identity service v2.0, read leniently.

use std::time::Duration;

use serde_json::Value;

use super::super::token::{roles, text};
use super::super::{AuthError, CatalogEntry, Endpoint, Session};
use crate::http::{Answer, header};
use domain::{Moment, ProjectId, Text};

/// The response to a login.
pub(super) struct TokenResponse {
    pub(super) token: String,
    pub(super) session: Session,
    /// How long the token is valid from now on, where the response says.
    pub(super) lifetime: Option<Duration>,
}

/// Reads the body. `None`: it is no token at all.
pub(super) fn read(answer: &Answer) -> Option<Result<TokenResponse, AuthError>> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let access = body.get("access")?;
    let (token, user) = (access.get("token")?, access.get("user").unwrap_or(&Value::Null));
    let id = token.get("id")?.as_str()?.to_owned();
    let tenant = token.get("tenant").unwrap_or(&Value::Null);
    let Some(account) = text(tenant, "id") else {
        return Some(Err(AuthError::no_project("it is for no account")));
    };
    let ends = token.get("expires").and_then(Value::as_str).and_then(Moment::parse);
    let catalog = access.get("serviceCatalog").and_then(Value::as_array);
    let session = Session {
        project_id: ProjectId(account.into()),
        project_name: text(tenant, "name").map(Text::from),
        user: text(user, "name").or_else(|| text(user, "id")).map(Text::from),
        roles: roles(user.get("roles").unwrap_or(&Value::Null)),
        expires_at: ends,
        catalog: catalog.into_iter().flatten().filter_map(service).collect(),
    };
    let lifetime = ends.zip(date(answer)).and_then(|(end, now)| u64::try_from(end.0 - now.0).ok());
    let lifetime = lifetime.map(Duration::from_millis);
    Some(Ok(TokenResponse { token: id, session, lifetime }))
}

/// The service's own clock: the body does not say when the token begins. Without it the token is used until it is
/// refused.
fn date(answer: &Answer) -> Option<Moment> {
    let date = answer.headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(Moment(date.timestamp().as_millisecond()))
}

/// An endpoint of version 2.0 has an address for each interface.
fn service(entry: &Value) -> Option<CatalogEntry> {
    let endpoints = entry.get("endpoints")?.as_array()?;
    let of = |endpoint: &Value| {
        let region = text(endpoint, "region");
        let one = |(key, interface): (&str, &str)| {
            let url = text(endpoint, key)?;
            Some(Endpoint { interface: interface.to_owned(), region: region.clone(), url })
        };
        [("publicURL", "public"), ("internalURL", "internal"), ("adminURL", "admin")]
            .into_iter()
            .filter_map(one)
            .collect::<Vec<_>>()
    };
    Some(CatalogEntry {
        kind: text(entry, "type")?,
        name: text(entry, "name").unwrap_or_default(),
        endpoints: endpoints.iter().flat_map(of).collect(),
    })
}

/// The message of an error: `{"unauthorized": {"code": 401, "message": …}}`, whatever it is called.
pub(super) fn message(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let levels = body.as_object()?.values().chain([&body]);
    levels.into_iter().find_map(|level| text(level, "message"))
}

/// A 401 of a service that needs a token and names the login service (`WWW-Authenticate: Keystone uri="…"`): it is not a
/// login service itself.
pub(super) fn sends_elsewhere(answer: &Answer) -> bool {
    let challenges = answer.headers.get_all(header::WWW_AUTHENTICATE);
    challenges.iter().any(|challenge| challenge.as_bytes().starts_with(b"Keystone uri="))
}

/// A 401 to a correct password whose user has a second factor (`WWW-Authenticate: OS-MF sessionId='…'`).
pub(super) fn asks_for_more(answer: &Answer, message: &str) -> bool {
    let challenges = answer.headers.get_all(header::WWW_AUTHENTICATE);
    let asked = challenges.iter().any(|challenge| challenge.as_bytes().starts_with(b"OS-MF"));
    asked || message.to_ascii_lowercase().contains("additional authentication credentials")
}
