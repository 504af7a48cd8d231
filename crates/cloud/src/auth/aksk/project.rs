//! The scope of an access key: its project, found by name at IAM, and the catalog where the address of the image
//! service is not known otherwise.

use serde_json::Value;

use super::super::keystone::message;
use super::super::login_url::{Version, identity_url};
use super::super::{CatalogEntry, NameOrId, Session, exchange, token};
use super::{Aksk, Auth, AuthError, Blame, value};
use crate::http::header::{ACCEPT, HeaderValue};
use crate::http::{Answer, Method, Request, Url};
use domain::text::clean;
use domain::{ProjectId, Text};

/// What is known of the scope of a key before a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyScope {
    /// IAM's address, with or without a version.
    pub auth_url: String,
    /// The project. Without one it is named like the region.
    pub project: NameOrId,
    /// The region.
    pub region: Option<String>,
    /// Whether to ask for the catalog.
    pub catalog: bool,
}

struct Project {
    id: String,
    name: String,
}

impl Project {
    /// `None` for a row that is no project; it must not hide the others.
    fn read(row: &Value) -> Option<Self> {
        Some(Self { id: token::text(row, "id")?, name: token::text(row, "name")? })
    }
}

impl Aksk {
    /// Finds out what is not known about the scope, with at most two requests; none when the project's id is known
    /// and no catalog is asked for. From then on every request names the project.
    pub async fn session(&self, scope: &KeyScope) -> Result<Session, AuthError> {
        let (id, name) = self.project(scope).await?;
        // Set before: the same project, for a scope does not change.
        let _ = self.project.set(value(&id, "`project_id`")?);
        let catalog = if scope.catalog { self.catalog(scope).await? } else { Vec::new() };
        Ok(Session {
            project_id: ProjectId(id.into()),
            project_name: name.map(Text::from),
            user: None,
            roles: Vec::new(),
            expires_at: None,
            catalog,
        })
    }

    async fn project(&self, scope: &KeyScope) -> Result<(String, Option<String>), AuthError> {
        if let Some(id) = &scope.project.id {
            return Ok((id.trim().to_owned(), scope.project.name.clone()));
        }
        let name = scope.project.name.as_deref().or(scope.region.as_deref()).unwrap_or_default();
        let mut url = identity_url(&scope.auth_url, Version::Three, "/projects")?;
        url.query_pairs_mut().append_pair("name", name);
        let answer = self.ask(url.clone()).await?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let Some(projects) = body.get("projects").and_then(Value::as_array) else {
            return Err(nonsense(&url, "no list of projects"));
        };
        // A service that passes over the filter lists all of them.
        let projects = projects.iter().filter_map(Project::read);
        let mut found: Vec<Project> = projects.filter(|p| p.name == name).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok((one.id, Some(one.name))),
            (None, _) => Err(AuthError::new(
                Blame::Configuration,
                format!("this access key has no project named `{}`", clean(name)),
                "set `project_id` or `project_name`; without them the project is named like the region",
            )),
            (Some(last), false) => {
                let ids: Vec<String> = found.into_iter().chain([last]).map(|p| p.id).collect();
                let (name, ids) = (clean(name), ids.join(", "));
                Err(AuthError::new(
                    Blame::Configuration,
                    format!("several projects are named `{name}`: {}", clean(&ids)),
                    "set `project_id` to one of them",
                ))
            }
        }
    }

    /// `GET /v3/auth/catalog` (Huawei docs: IAM, "Querying the Service Catalog").
    async fn catalog(&self, scope: &KeyScope) -> Result<Vec<CatalogEntry>, AuthError> {
        let url = identity_url(&scope.auth_url, Version::Three, "/auth/catalog")?;
        let answer = self.ask(url.clone()).await?;
        token::catalog(&answer.body).ok_or_else(|| nonsense(&url, "no catalog"))
    }

    async fn ask(&self, url: Url) -> Result<Answer, AuthError> {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let proof = self.authorize(&mut request).await?;
        let proofs = crate::http::Redaction::of(&request);
        let mut answer = self.http.send(request).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        proofs.redact(&mut answer);
        if answer.status.as_u16() == 401 {
            self.renew(proof, &answer).await?;
        }
        Err(refused(&url, &answer))
    }
}

fn refused(url: &Url, answer: &Answer) -> AuthError {
    let status = answer.status.as_u16();
    let message = exchange::message(answer, message(&answer.body))
        .or_else(|| (status == 403).then(|| "no reason given".to_owned()));
    let Some(message) = message else { return nonsense(url, &format!("status {status}")) };
    let message = Text::from(message.chars().take(300).collect::<String>());
    if status != 403 {
        return AuthError::unexpected(answer, &message);
    }
    let why = format!("this access key may not look up its project (403): {message}");
    let hint = "set `project_id`, and `image_endpoint_override` if that is not enough";
    AuthError::new(Blame::Account, why, hint).in_answer(answer)
}

fn nonsense(url: &Url, what: &str) -> AuthError {
    let mut url = url.clone();
    url.set_query(None);
    AuthError::not_keystone(url.as_str(), what)
}
