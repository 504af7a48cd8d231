//! Projects one may switch to, and names of projects. Names are nice to know: they hold nothing up, and what cannot be
//! had is only logged.

use tokio::sync::mpsc;

use super::messages::{Event, SessionId};
use super::now;
use super::operate::Circumstances;
use super::paging::Paging;
use super::writing::Writing;
use crate::cloud::{CloudError, Directory, PageMark};
use crate::domain::{Failure, Project, ProjectId, ProjectName, Scope, Source, Text};

/// Names that are remembered in one go, so that an operation's own writing comes between.
const TOGETHER: usize = 1000;

type Named = (ProjectId, Text);

/// Answers with the projects that one may switch to, by name.
pub(super) async fn list(session: SessionId, directory: Directory, events: mpsc::Sender<Event>) {
    let (projects, incomplete) = match own(&directory).await {
        Ok((projects, incomplete)) => (Ok(projects), incomplete),
        Err(failure) => (Err(failure), None),
    };
    if let Some(failure) = incomplete {
        let _ = events.send(Event::Notice(failure)).await;
    }
    let _ = events.send(Event::Projects { session, projects }).await;
}

async fn own(directory: &Directory) -> Result<(Vec<Project>, Option<Failure>), Failure> {
    const WHAT: &str = "switch to another project";
    if let Some(why) = directory.why_bound() {
        return Err(Failure::new(WHAT, why));
    }
    let projects = all(directory, directory.own()).await;
    let (mut projects, incomplete) =
        projects.map_err(|error| error.failure("list the projects"))?;
    let key = |project: &Project| (project.name.clone(), project.id.clone());
    projects.sort_by_key(key);
    Ok((projects, incomplete))
}

/// Every page of a list, and why it is not whole, if it is not.
async fn all(
    directory: &Directory,
    first: PageMark,
) -> Result<(Vec<Project>, Option<Failure>), CloudError> {
    let (mut projects, mut mark, mut paging) = (Vec::new(), first, Paging::default());
    let incomplete = loop {
        let page = directory.projects(&mark).await?;
        paging.page(page.items.iter().map(|project| &project.id), page.unreadable);
        projects.extend(page.items);
        match page.next.map(|next| paging.leads_on(&next).map(|()| next)) {
            Some(Ok(next)) => mark = next,
            Some(Err(why)) => break Some(why),
            None => break paging.unreadable(),
        }
    };
    Ok((projects, incomplete.map(|why| Failure::new("list all projects", why))))
}

/// Tells the names that were seen earlier, then those that the cloud tells now, and remembers these.
pub(super) async fn names(
    session: SessionId,
    scope: Scope,
    directory: Directory,
    circumstances: Circumstances,
) {
    let Circumstances { events, writing, .. } = circumstances;
    let tell = async |names: Vec<Named>, source: Source, complete: bool| {
        let with_source = |(id, name)| ProjectName { id, name, source };
        let names = names.into_iter().map(with_source).collect();
        let _ = events.send(Event::Names { session, names, complete }).await;
    };
    let cloud = scope.cloud.clone();
    if let Some(writing) = &writing {
        let of = cloud.clone();
        let known = writing.ask("read names", move |journal| journal.names(Some(&of))).await;
        match known {
            Ok(names) if names.is_empty() => {}
            Ok(names) => tell(names, Source::LastSeen, false).await,
            Err(failure) => tracing::info!(%failure, "no names"),
        }
    }
    let names = look_up(&directory, &scope).await;
    tell(names.clone(), Source::Keystone, false).await;
    if let Some(writing) = writing {
        remember(&writing, &cloud, &names).await;
    }
    // Last, so that who waits for the end may end the program then.
    tell(Vec::new(), Source::Keystone, true).await;
}

async fn remember(writing: &Writing, cloud: &str, names: &[Named]) {
    for some in names.chunks(TOGETHER) {
        let (cloud, some, at) = (cloud.to_owned(), some.to_vec(), now());
        let keep = writing
            .ask("remember names", move |journal| journal.remember_names(&cloud, &some, at))
            .await;
        if let Err(failure) = keep {
            tracing::info!(%failure, "names are forgotten");
            return;
        }
    }
}

/// From the best list that may be read. The project one is logged in to is known in any case.
async fn look_up(directory: &Directory, scope: &Scope) -> Vec<Named> {
    let own = scope.project_name.clone().filter(|_| scope.project_id.is_known());
    let mut names: Vec<Named> =
        own.map(|name| (scope.project_id.clone(), name)).into_iter().collect();
    for first in directory.names() {
        match all(directory, first).await {
            Ok((projects, _)) => {
                let id = &scope.project_id;
                let others = projects.into_iter().filter(|project| project.id != *id);
                names.extend(others.map(|project| (project.id, project.name)));
                break;
            }
            // 403 is usual: only administrators see all projects.
            Err(error) => tracing::debug!(%error, "names are not told"),
        }
    }
    names.retain(|(id, name)| id.0 != *name);
    names
}
