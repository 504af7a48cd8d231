//! The response of Keystone to a login, read leniently: IDs may be numbers, and everything but the project may be missing.

use std::time::Duration;

use serde_json::Value;

use super::{AuthError, CatalogEntry, Endpoint, NameOrId, Session};
use domain::{Moment, ProjectId, Text};

/// The session of a token, and how long it is valid.
pub(super) struct TokenInfo {
    pub(super) session: Session,
    /// How long the token is valid from now on, where the response says.
    pub(super) lifetime: Option<Duration>,
}

/// Reads the body. `None`: it is no token at all.
pub(super) fn read(body: &[u8]) -> Option<Result<TokenInfo, AuthError>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let token = body.get("token").filter(|token| token.is_object())?;
    Some(token_info(token))
}

/// The domain of the project a token is for, where the answer says.
pub(super) fn project_domain(body: &[u8]) -> Option<Domain> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let domain = body.get("token")?.get("project")?.get("domain")?;
    Some(Domain { id: text(domain, "id"), name: text(domain, "name") })
}

/// A domain, as an answer has it.
pub(super) struct Domain {
    id: Option<String>,
    name: Option<String>,
}

impl Domain {
    /// Whether it is the expected project; a part that the response leaves out is not compared.
    pub(super) fn is(&self, wanted: &NameOrId) -> bool {
        match (&wanted.id, &wanted.name) {
            (Some(id), _) => self.id.as_ref().is_none_or(|own| own == id),
            (None, Some(name)) => self.name.as_ref().is_none_or(|own| own == name),
            (None, None) => true,
        }
    }
}

fn token_info(token: &Value) -> Result<TokenInfo, AuthError> {
    let of = |name: &str, key: &str| text(token.get(name)?, key);
    let moment = |key: &str| Moment::parse(&text(token, key)?);
    let id = of("project", "id").ok_or_else(|| AuthError::no_project(scope(token)))?;
    let session = Session {
        project_id: ProjectId(id.into()),
        project_name: of("project", "name").map(Text::from),
        user: of("user", "name").or_else(|| of("user", "id")).map(Text::from),
        roles: token.get("roles").map(roles).unwrap_or_default(),
        expires_at: moment("expires_at"),
        catalog: token.get("catalog").map(services).unwrap_or_default(),
    };
    // By the cloud's clock at both ends, so that this machine's clock does not matter. An exchanged token has a new
    // `issued_at` and its old end.
    let lifetime = session.expires_at.zip(moment("issued_at"));
    let lifetime = lifetime.and_then(|(end, begin)| u64::try_from(end.0 - begin.0).ok());
    Ok(TokenInfo { session, lifetime: lifetime.map(Duration::from_millis) })
}

fn scope(token: &Value) -> &'static str {
    let has = |key| token.get(key).is_some_and(|value: &Value| !value.is_null());
    match (has("system"), has("domain")) {
        (true, _) => "it is for the whole system, and images belong to projects",
        (false, true) => "it is for a domain, and images belong to projects",
        (false, false) => "it has no scope",
    }
}

/// The catalog, where it comes by itself (`GET /v3/auth/catalog`). `None`: it is none.
pub(super) fn catalog(body: &[u8]) -> Option<Vec<CatalogEntry>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get("catalog").filter(|catalog| catalog.is_array()).map(services)
}

/// `null` is a catalog without services: Keystone sends it where the catalog is empty.
fn services(catalog: &Value) -> Vec<CatalogEntry> {
    catalog.as_array().into_iter().flatten().filter_map(service).collect()
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

pub(super) fn text(entry: &Value, key: &str) -> Option<String> {
    match entry.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_ids_and_an_empty_catalog_are_read_as_openstacksdk_does() {
        let body =
            br#"{"token":{"project":{"id":42,"name":7},"user":{"id":1,"name":null},"catalog":null,
            "roles":null,"expires_at":null,"issued_at":5}}"#;
        let session = read(body).unwrap().unwrap().session;

        assert_eq!(session.project_id, ProjectId("42".into()));
        assert_eq!(session.project_name, Some("7".into()));
        assert_eq!(session.user, Some("1".into()));
        assert!(session.catalog.is_empty() && session.roles.is_empty());
    }

    #[test]
    fn a_token_without_a_project_says_what_it_is_for() {
        for (body, words) in [
            (r#"{"token":{"system":{"all":true},"project":null}}"#, "the whole system"),
            (r#"{"token":{"domain":{"id":"d"},"system":null}}"#, "a domain"),
            (r#"{"token":{"project":{}}}"#, "no scope"),
        ] {
            let Some(Err(error)) = read(body.as_bytes()) else { panic!("{body}") };
            assert!(error.to_string().contains(words), "{error}");
        }
        for body in ["", "{}", r#"{"token":null}"#, r#"{"token":"x"}"#] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
