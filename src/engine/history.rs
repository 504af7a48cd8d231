//! What was done: pages of the journal, saved filters, and operations that are verified again. Nothing is sent but reads, and
//! nothing in the journal is changed but the saved filters.

use std::collections::HashMap;

use futures_util::StreamExt;

use super::operate::Context;
use super::{Event, Login, Reading, SessionId, members, now, verify};
use crate::cloud::ImageCloud;
use crate::domain::operation::Later;
use crate::domain::{Failure, ImageId, Operation, OperationId, ProjectName, Source, Text};
use crate::journal::{Filter, Journal, Summary};

/// Tells a page.
pub(super) async fn list(
    ticket: u32,
    filter: Filter,
    before: Option<OperationId>,
    limit: usize,
    context: Context,
) {
    let page = page(filter, before, limit, &context).await;
    let _ = context.events.send(Event::History { ticket, page }).await;
}

async fn page(
    filter: Filter,
    before: Option<OperationId>,
    limit: usize,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    let what = "read the history";
    let Some(writing) = &context.writing else {
        return Err(Failure::new(what, "nothing is written down, by your wish: --no-journal"));
    };
    let read = move |journal: &mut Journal| journal.readable(&filter, before.as_ref(), limit);
    let (operations, unreadable) = writing.ask(what, read).await?;
    for (id, error) in unreadable {
        let failure = error.failure(format!("read operation {id}"));
        let _ = context.events.send(Event::Notice(failure)).await;
    }
    Ok(operations)
}

/// Tells names of projects as they were seen.
pub(super) async fn names(cloud: Option<String>, context: Context) {
    let names = match &context.writing {
        Some(writing) => {
            writing.ask("read names", move |journal| journal.names(cloud.as_deref())).await
        }
        None => Ok(Vec::new()),
    };
    let seen = |(id, name)| ProjectName { id, name, source: Source::LastSeen };
    let names = names.map(|names| names.into_iter().map(seen).collect());
    let _ = context.events.send(Event::Remembered(names)).await;
}

/// Tells the filters that are kept.
pub(super) async fn filters(context: Context) {
    // Without a journal there are none, and nothing went wrong.
    let filters = match &context.writing {
        Some(writing) => writing.ask("read the saved filters", |journal| journal.filters()).await,
        None => Ok(Vec::new()),
    };
    let _ = context.events.send(Event::Filters(filters)).await;
}

/// Keeps a filter or forgets it, and tells those that are kept then.
pub(super) async fn keep_filter(name: String, words: Option<String>, context: Context) {
    let what = "keep the filter";
    let kept = match &context.writing {
        Some(writing) => {
            let keep = move |journal: &mut Journal| {
                journal.keep_filter(&name, words.as_deref())?;
                journal.filters()
            };
            writing.ask(what, keep).await
        }
        None => Err(Failure::new(what, "nothing is written down, by your wish: --no-journal")),
    };
    let _ = context.events.send(Event::Filters(kept)).await;
}

/// Reads the members of every image of an operation, and tells what is different from its receipt.
pub(super) async fn verify(
    session: SessionId,
    login: Login,
    operation: Box<Operation>,
    context: Context,
) {
    let mut images: Vec<ImageId> =
        operation.shares.iter().map(|record| record.share.image.clone()).collect();
    images.dedup();
    let id = operation.id.clone();
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
            let event = Event::Verifying { session, operation: id.clone(), read: done, of };
            let _ = context.events.send(event).await;
        }
    }
    let shares = compare(&operation, &*login.cloud, &readings);
    let event = Event::Verified { session, operation: id, at: now(), shares };
    let _ = context.events.send(event).await;
}

fn compare(
    operation: &Operation,
    cloud: &dyn ImageCloud,
    readings: &HashMap<ImageId, Reading>,
) -> Vec<Later> {
    let later = |record: &crate::domain::operation::ShareRecord| {
        let share = &record.share;
        let seen = match readings.get(&share.image) {
            None => Err(Text::from("it was not read")),
            Some(reading) => {
                verify::now(&verify::telling(cloud, reading, &share.member), &share.member)
            }
        };
        Later::of(operation.kind, record, seen)
    };
    operation.shares.iter().map(later).collect()
}
