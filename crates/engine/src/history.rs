//! Pages of the journal, saved filters, and verifying an operation again. Only reads are sent, and only saved filters are
//! changed in the journal.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::journal_writer::JournalHandle;
use super::{Login, Reading, members, now, outcome};
use crate::journal::{Filter, Journal, JournalError, SavedFilter, Summary};
use cloud::clients::ImageCloud;
use domain::operation::{Comparison, ShareRecord};
use domain::{Failure, ImageId, Moment, Operation, OperationId, ProjectName, Source, Text};

const NO_JOURNAL: &str = "the journal is off (--no-journal)";

/// A page of the history.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Newest first; fewer than requested at the end.
    pub operations: Vec<Summary>,
    /// Why some operations of the page cannot be read.
    pub unreadable: Vec<Failure>,
}

pub(super) async fn page(
    filter: Filter,
    before: Option<OperationId>,
    limit: usize,
    journal: Option<&JournalHandle>,
) -> Result<Page, Failure> {
    let what = "read the history";
    let journal = journal.ok_or_else(|| Failure::new(what, NO_JOURNAL))?;
    let read = move |journal: &mut Journal| journal.list(&filter, before.as_ref(), limit);
    let (operations, unreadable) = journal.query(what, read).await?;
    let failure =
        |(id, error): (OperationId, JournalError)| error.failure(format!("read operation {id}"));
    Ok(Page { operations, unreadable: unreadable.into_iter().map(failure).collect() })
}

/// Names of projects as they were last seen.
pub(super) async fn names(
    cloud: Option<String>,
    journal: Option<&JournalHandle>,
) -> Result<Vec<ProjectName>, Failure> {
    let Some(journal) = journal else { return Ok(Vec::new()) };
    let names = journal.query("read names", move |journal| journal.names(cloud.as_deref())).await?;
    let seen = |(id, name)| ProjectName { id, name, source: Source::LastSeen };
    Ok(names.into_iter().map(seen).collect())
}

/// The saved filters; none without a journal.
pub(super) async fn filters(journal: Option<&JournalHandle>) -> Result<Vec<SavedFilter>, Failure> {
    let Some(journal) = journal else { return Ok(Vec::new()) };
    journal.query("read the saved filters", |journal| journal.filters()).await
}

/// Saves a filter or deletes it, and gives those that are saved then.
pub(super) async fn save_filter(
    name: String,
    words: Option<String>,
    journal: Option<&JournalHandle>,
) -> Result<Vec<SavedFilter>, Failure> {
    let what = "save the filter";
    let journal = journal.ok_or_else(|| Failure::new(what, NO_JOURNAL))?;
    let save = move |journal: &mut Journal| {
        journal.save_filter(&name, words.as_deref())?;
        journal.filters()
    };
    journal.query(what, save).await
}

/// How a verification goes.
#[derive(Clone, Debug)]
pub enum VerifyEvent {
    /// How far the reading of the operation's images is.
    Progress {
        /// Images read.
        read: usize,
        /// Images to read.
        of: usize,
    },
    /// It is complete. The last event.
    Verified {
        /// When the reading ended.
        at: Moment,
        /// What became of the shares since, in their order.
        shares: Vec<Comparison>,
    },
    /// It panicked, which is a bug. The last event.
    Failed(Failure),
}

/// Reads the members of every image of an operation, and compares them with its receipt.
pub(super) async fn verify(
    login: Login,
    operation: Box<Operation>,
    events: mpsc::Sender<VerifyEvent>,
) {
    let mut images: Vec<ImageId> =
        operation.shares.iter().map(|record| record.share.image.clone()).collect();
    images.dedup();
    let (mut readings, of) = (HashMap::with_capacity(images.len()), images.len());
    let read = |image: ImageId| {
        let login = &login;
        async move {
            let reading = members::read(login, &image).await;
            (image, reading)
        }
    };
    let mut answers =
        futures_util::stream::iter(images).map(read).buffer_unordered(login.limiter.max());
    while let Some((image, reading)) = answers.next().await {
        readings.insert(image, reading);
        let done = readings.len();
        if done.is_multiple_of(8) {
            let _ = events.send(VerifyEvent::Progress { read: done, of }).await;
        }
    }
    let shares = compare(&operation, &*login.cloud, &readings);
    let _ = events.send(VerifyEvent::Verified { at: now(), shares }).await;
}

fn compare(
    operation: &Operation,
    cloud: &dyn ImageCloud,
    readings: &HashMap<ImageId, Reading>,
) -> Vec<Comparison> {
    let later = |record: &ShareRecord| {
        let share = &record.share;
        let seen = match readings.get(&share.image) {
            None => Err(Text::from("it was not read")),
            Some(reading) => outcome::state_now(
                &outcome::conclusive(cloud, reading, &share.member),
                &share.member,
            ),
        };
        Comparison::of(operation.kind, record, seen)
    };
    operation.shares.iter().map(later).collect()
}
