//! What Keystone answers to a login, read leniently.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{AuthError, CatalogEntry, Endpoint, Session};
use crate::domain::{Moment, ProjectId, Text};

/// A login's answer: what it says about itself, and how long it lasts.
pub(super) struct Told {
    pub(super) session: Session,
    /// How long the token is valid from now on, where the answer says.
    pub(super) lifetime: Option<Duration>,
}

#[derive(Deserialize)]
struct Body {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: Option<String>,
    issued_at: Option<String>,
    project: Option<Named>,
    user: Option<Named>,
    domain: Option<Value>,
    system: Option<Value>,
    #[serde(default)]
    roles: Value,
    #[serde(default)]
    catalog: Vec<Value>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

/// Reads the body. `None`: it is no token at all.
pub(super) fn read(body: &[u8]) -> Option<Result<Told, AuthError>> {
    let token = serde_json::from_slice::<Body>(body).ok()?.token;
    Some(token.told())
}

impl Token {
    fn told(self) -> Result<Told, AuthError> {
        let lifetime = self.lifetime();
        let Some(project) = self.project.as_ref().filter(|project| project.id.is_some()) else {
            return Err(AuthError::NoProject(self.scope()));
        };
        let session = Session {
            project_id: ProjectId(project.id.as_deref().unwrap_or_default().into()),
            project_name: project.name.as_deref().map(Text::from),
            user: self.user.and_then(|user| user.name.or(user.id)).map(Text::from),
            roles: roles(&self.roles),
            expires_at: self.expires_at.as_deref().and_then(Moment::parse),
            catalog: self.catalog.iter().filter_map(service).collect(),
        };
        Ok(Told { session, lifetime })
    }

    fn scope(&self) -> &'static str {
        match (&self.system, &self.domain) {
            (Some(_), _) => "it is for the whole system",
            (None, Some(_)) => "it is for a domain",
            (None, None) => "it has no scope",
        }
    }

    /// By the cloud's clock at both ends, so that this machine's clock does not matter. An exchanged token has a
    /// new `issued_at` and its old end.
    fn lifetime(&self) -> Option<Duration> {
        let end = Moment::parse(self.expires_at.as_deref()?)?;
        let begin = Moment::parse(self.issued_at.as_deref()?)?;
        u64::try_from(end.0 - begin.0).ok().map(Duration::from_millis)
    }
}

/// The catalog, where it comes by itself (`GET /v3/auth/catalog`). `None`: it is none.
pub(super) fn catalog(body: &[u8]) -> Option<Vec<CatalogEntry>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("catalog")?.as_array()?.iter().filter_map(service).collect())
}

fn service(entry: &Value) -> Option<CatalogEntry> {
    let endpoints = entry.get("endpoints")?.as_array()?;
    Some(CatalogEntry {
        kind: text(entry, "type")?,
        name: text(entry, "name").unwrap_or_default(),
        endpoints: endpoints.iter().filter_map(endpoint).collect(),
    })
}

fn endpoint(entry: &Value) -> Option<Endpoint> {
    Some(Endpoint {
        interface: text(entry, "interface")?,
        region: text(entry, "region_id").or_else(|| text(entry, "region")),
        url: text(entry, "url")?,
    })
}

pub(super) fn roles(list: &Value) -> Vec<Text> {
    let names = list.as_array().into_iter().flatten().filter_map(|role| text(role, "name"));
    names.map(Text::from).collect()
}

fn text(entry: &Value, key: &str) -> Option<String> {
    entry.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
