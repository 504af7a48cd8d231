//! What a login service tells about projects: those one may log in to, and names. One request per call, reads alone.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::lenient::Lenient;
use super::list_stream::{Row as Entry, without_id};
use super::service::malformed;
use super::wire::lengths;
use super::{CloudError, Page, PageMark, Service};
use domain::{Project, ProjectId};

/// Those the user has a role in (Keystone docs: "Get available project scopes").
const OWN: &str = "/v3/auth/projects";
/// Those of the whole cloud, for who may see them; with an access key those of its account.
const ALL: &str = "/v3/projects";

/// The login service of a session, where it knows projects.
#[derive(Clone, Debug)]
pub struct Directory {
    service: Option<Service>,
    /// Where one's own projects are listed.
    own: &'static str,
    /// Where names are looked for, the best first.
    names: &'static [&'static str],
    bound: Option<&'static str>,
}

/// What a page is, when its list is left out of it.
#[derive(Deserialize)]
struct Frame {
    #[expect(
        dead_code,
        reason = "a list that is none is an error, and so is one that is there twice"
    )]
    projects: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    links: Value,
}

#[derive(Deserialize)]
struct Row {
    id: Lenient,
    #[serde(default)]
    name: Lenient,
    #[serde(default)]
    domain_id: Lenient,
    #[serde(default)]
    enabled: Lenient,
}

impl Directory {
    /// Keystone at a service.
    pub fn keystone(service: Service) -> Self {
        Self { service: Some(service), own: OWN, names: &[ALL, OWN], bound: None }
    }

    /// IAM at a service that is asked with signed requests. Only the call that the vendor's own SDK signs is used: a
    /// refused signature is dear, for five of them lock the key.
    pub fn signed(service: Service) -> Self {
        Self { service: Some(service), own: ALL, names: &[ALL], bound: None }
    }

    /// There is no login service that knows projects; `why` one cannot switch, as a sentence.
    pub fn none(why: &'static str) -> Self {
        Self { service: None, own: OWN, names: &[], bound: Some(why) }
    }

    /// The same, for a login that is good for its own project alone; `why`, as a sentence.
    #[must_use]
    pub fn bound(self, why: &'static str) -> Self {
        Self { bound: Some(why), ..self }
    }

    /// Why one cannot switch to another project, if one cannot.
    pub fn why_bound(&self) -> Option<&'static str> {
        self.bound
    }

    /// Where names are looked for, the best first. A cloud may refuse each of them.
    pub fn names(&self) -> impl Iterator<Item = PageMark> {
        self.names.iter().map(|path| PageMark((*path).to_owned()))
    }

    /// Where the projects begin that one may log in to.
    pub fn own(&self) -> PageMark {
        PageMark(self.own.to_owned())
    }

    /// A page of projects.
    pub async fn projects(&self, page: &PageMark) -> Result<Page<Project>, CloudError> {
        let service = self.service.as_ref().ok_or_else(|| {
            CloudError::NotSent("there is no login service that knows projects".into())
        })?;
        let (answer, listed) = service.get_list_as_it_is::<Project, Frame>(&page.0).await?;
        let next = listed.rest.links["next"].as_str().filter(|link| !link.is_empty());
        let next = next.map(|link| service.base().mark(&page.0, link)).transpose();
        let next = next.map_err(|trouble| malformed(&answer, &trouble))?;
        Ok(Page { items: listed.items, unreadable: listed.unreadable, next })
    }
}

impl Entry for Project {
    const LIST: &str = "projects";

    fn read(json: &str) -> Option<Self> {
        project(json)
    }

    fn id(&self) -> &str {
        self.id.0.raw()
    }

    fn wrong(json: &str) -> String {
        without_id(json, "id").unwrap_or_else(|| "is not a project".into())
    }

    fn kept(&self) -> usize {
        self.id().len() + self.name.raw().len() + lengths([&self.domain])
    }
}

/// A project that does not say so is enabled.
fn project(json: &str) -> Option<Project> {
    let row: Row = serde_json::from_str(json).ok()?;
    let id = row.id.owned()?;
    Some(Project {
        name: row.name.owned().unwrap_or_else(|| id.clone()),
        id: ProjectId(id),
        domain: row.domain_id.owned(),
        enabled: row.enabled.text().is_none() || row.enabled.is_true(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Base;
    use super::*;
    use crate::auth::StaticAuth;
    use crate::http::testing::{Reply, Server, json};
    use crate::http::{Client, Transport};

    fn directory(server: &Server) -> Directory {
        let http = Client::new(Transport::default()).unwrap();
        let base = Base::parse(&format!("{}/identity/v3", server.url)).unwrap();
        Directory::keystone(Service::new(http, Arc::new(StaticAuth::Token("t".into())), base))
    }

    #[tokio::test]
    async fn pages_are_followed_and_rows_are_read_leniently() {
        let server = Server::start(|request| {
            let page = if request.target.contains("page=2") {
                r#"{"projects":[{"id":"c","enabled":"False"},{"name":"no id"},7],"links":{"next":null}}"#
            } else {
                r#"{"projects":[{"id":"a","name":"web","domain_id":"default","enabled":true}],
                    "links":{"next":"/identity/v3/auth/projects?page=2"}}"#
            };
            json(200, page)
        })
        .await;
        let directory = directory(&server);

        let first = directory.projects(&directory.own()).await.unwrap();
        let second = directory.projects(first.next.as_ref().unwrap()).await.unwrap();

        assert_eq!((first.items[0].name.raw(), first.items[0].enabled), ("web", true));
        assert_eq!((second.items[0].name.raw(), second.items[0].enabled), ("c", false));
        let unreadable = second.unreadable.unwrap();
        assert_eq!((second.items.len(), unreadable.count, unreadable.position), (1, 2, 2));
        assert_eq!(unreadable.why, "has no `id` (its name is `no id`)");
        assert!(second.next.is_none());
    }

    #[tokio::test]
    async fn the_token_does_not_follow_a_link_to_another_host() {
        let server = Server::start(|_| -> Reply {
            json(200, r#"{"projects":[],"links":{"next":"https://elsewhere.example/v3/projects"}}"#)
        })
        .await;
        let directory = directory(&server);
        assert!(directory.projects(&directory.own()).await.is_err());
    }
}
