//! Projects one may switch to, and names of projects. Names are nice to know: they hold nothing up, and what cannot be
//! had is only logged.

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::journal_writer::JournalHandle;
use super::operate::Context;
use super::paging::Paging;
use super::{Event, Login, SessionId, now};
use crate::cloud::{CloudError, Directory, Page, PageMark};
use crate::domain::{Failure, Project, ProjectId, ProjectName, Source, Text};

/// Names that are remembered in one go, so that an operation's own writing comes between.
const TOGETHER: usize = 1000;

type Named = (ProjectId, Text);

/// Answers with the projects that one may switch to, by name.
pub(super) async fn list(
    session: SessionId,
    login: Login,
    directory: Directory,
    events: mpsc::Sender<Event>,
) {
    let (projects, incomplete) = match own(&login, &directory).await {
        Ok((projects, incomplete)) => (Ok(projects), incomplete),
        Err(failure) => (Err(failure), None),
    };
    if let Some(failure) = incomplete {
        let _ = events.send(Event::Notice(failure)).await;
    }
    let _ = events.send(Event::Projects { session, projects }).await;
}

async fn own(
    login: &Login,
    directory: &Directory,
) -> Result<(Vec<Project>, Option<Failure>), Failure> {
    const WHAT: &str = "switch to another project";
    if let Some(why) = directory.why_bound() {
        return Err(Failure::new(WHAT, why));
    }
    let projects = all(login, directory, directory.own()).await;
    let (mut projects, incomplete) =
        projects.map_err(|error| error.failure("list the projects"))?;
    let key = |project: &Project| (project.name.clone(), project.id.clone());
    projects.sort_by_key(key);
    Ok((projects, incomplete))
}

/// Every page of a list, and why it is not whole, if it is not.
async fn all(
    login: &Login,
    directory: &Directory,
    first: PageMark,
) -> Result<(Vec<Project>, Option<Failure>), CloudError> {
    let (mut projects, mut mark, mut paging) = (Vec::new(), first, Paging::default());
    let incomplete = loop {
        let page = self::page(login, directory, &mark).await?;
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

/// One page, with a permit of the scope. Of what comes of it only "too many requests" says something about the image
/// service.
async fn page(
    login: &Login,
    directory: &Directory,
    mark: &PageMark,
) -> Result<Page<Project>, CloudError> {
    let _permit = login.limiter.acquire().await;
    let sent = Instant::now();
    let page = directory.projects(mark).await;
    if matches!(page, Err(CloudError::Throttled { .. })) {
        login.limiter.learn(sent, &page);
    }
    page
}

/// Tells the names that were seen earlier, then those that the cloud tells now, and remembers these.
pub(super) async fn names(
    session: SessionId,
    login: Login,
    directory: Directory,
    context: Context,
) {
    let Context { events, writing, .. } = context;
    let scope = &login.scope;
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
    let (names, notice) = look_up(&login, &directory).await;
    if let Some(notice) = notice {
        let _ = events.send(Event::Notice(notice)).await;
    }
    tell(names.clone(), Source::Keystone, false).await;
    if let Some(writing) = writing {
        remember(&writing, &cloud, &names).await;
    }
    // Last, so that who waits for the end may end the program then.
    tell(Vec::new(), Source::Keystone, true).await;
}

async fn remember(writing: &JournalHandle, cloud: &str, names: &[Named]) {
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
async fn look_up(login: &Login, directory: &Directory) -> (Vec<Named>, Option<Failure>) {
    let scope = &login.scope;
    let mut missing = None;
    let own = scope.project_name.clone().filter(|_| scope.project_id.is_known());
    let mut names: Vec<Named> =
        own.map(|name| (scope.project_id.clone(), name)).into_iter().collect();
    for first in directory.names() {
        match all(login, directory, first).await {
            Ok((projects, incomplete)) => {
                missing = incomplete;
                let id = &scope.project_id;
                let others = projects.into_iter().filter(|project| project.id != *id);
                names.extend(others.map(|project| (project.id, project.name)));
                break;
            }
            // 403 is usual: only administrators see all projects.
            Err(error) => tracing::debug!(%error, "no names from this list"),
        }
    }
    names.retain(|(id, name)| id.0 != *name);
    (names, missing)
}
