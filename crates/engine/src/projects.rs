//! Projects that the user may switch to, and names of projects. Nothing waits for names, and what cannot be had is only
//! logged.

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::journal_writer::JournalHandle;
use super::paging::Paging;
use super::{Login, now};
use cloud::clients::{CloudError, Directory, Page, PageMark};
use domain::{Failure, Project, ProjectId, ProjectName, Source, Text};

/// Names that are remembered in one go, so that an operation's own writing comes between.
const TOGETHER: usize = 1000;

type Named = (ProjectId, Text);

/// The projects that the user may switch to.
#[derive(Clone, Debug, Default)]
pub struct Projects {
    /// By name.
    pub projects: Vec<Project>,
    /// Why some are missing.
    pub incomplete: Option<Failure>,
}

/// The projects of the login, or why it cannot switch.
pub(super) async fn list(login: &Login, directory: &Directory) -> Result<Projects, Failure> {
    if let Some(why) = directory.why_bound() {
        return Err(Failure::new("switch to another project", why));
    }
    let projects = all(login, directory, directory.own()).await;
    let (mut projects, incomplete) =
        projects.map_err(|error| error.failure("list the projects"))?;
    projects.sort_by_key(|project| (project.name.clone(), project.id.clone()));
    Ok(Projects { projects, incomplete })
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
        match page.next.map(|next| paging.check_next(&next).map(|()| next)) {
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
        login.limiter.observe(sent, &page);
    }
    page
}

/// What a look-up of names brings. It never fails: names that cannot be had are missing. The end of the stream says that no
/// more come.
#[derive(Clone, Debug)]
pub enum NamesEvent {
    /// Names of projects. Aliases of the settings are not among them.
    Names(Vec<ProjectName>),
    /// Why some are missing.
    Notice(Failure),
}

/// Sends the names that were seen earlier, then those that the cloud reports now, and remembers these.
pub(super) async fn names(
    login: Login,
    directory: Directory,
    journal: Option<JournalHandle>,
    events: mpsc::Sender<NamesEvent>,
) {
    let send = async |names: Vec<Named>, source: Source| {
        let with_source = |(id, name)| ProjectName { id, name, source };
        let names = names.into_iter().map(with_source).collect();
        let _ = events.send(NamesEvent::Names(names)).await;
    };
    let cloud = login.scope.cloud.clone();
    if let Some(journal) = &journal {
        let of = cloud.clone();
        let known = journal.query("read names", move |journal| journal.names(Some(&of))).await;
        match known {
            Ok(names) if names.is_empty() => {}
            Ok(names) => send(names, Source::LastSeen).await,
            Err(failure) => tracing::info!(%failure, "no names"),
        }
    }
    let (names, notice) = look_up(&login, &directory).await;
    if let Some(notice) = notice {
        let _ = events.send(NamesEvent::Notice(notice)).await;
    }
    send(names.clone(), Source::Keystone).await;
    // Before the stream ends: who waits for that may end the program then.
    if let Some(journal) = journal {
        remember(&journal, &cloud, &names).await;
    }
}

async fn remember(journal: &JournalHandle, cloud: &str, names: &[Named]) {
    for some in names.chunks(TOGETHER) {
        let (cloud, some, at) = (cloud.to_owned(), some.to_vec(), now());
        let keep = journal
            .query("remember names", move |journal| journal.remember_names(&cloud, &some, at))
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
