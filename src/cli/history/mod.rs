//! `history`: past operations and their receipts.

use tokio::sync::mpsc;

use super::Login;
use super::exit::{Exit, Stop};
use super::interrupts;
use super::names::Names;
use super::output::{self, Format, Output, OutputArgs};
use super::setup::Setup;
use crate::report::history::{self, Context, Receipt, Stream};
use domain::operation::{Comparison, ShareRecord};
use domain::{Failure, Member, Moment, Operation, OperationId};
use engine::{Engine, Filter, PollTimes, Summary};

mod filter;
mod list;
mod verify;

use filter::HistoryFilter;
use list::Operations;

/// Arguments of `history`.
#[derive(Clone, Debug, clap::Args)]
pub struct HistoryArgs {
    /// Show the receipt of this operation; the start or end of its ID is enough
    #[arg(value_name = "ID")]
    pub operation: Option<String>,
    /// Read the members again and show what differs from the receipt; changes nothing
    #[arg(long, requires = "operation")]
    pub verify: bool,
    /// Only shares of this image; repeatable
    #[arg(long, value_name = "ID")]
    pub image: Vec<String>,
    /// Only shares with this member, by ID, alias, or project name; repeatable
    #[arg(long, value_name = "ID|NAME")]
    pub member: Vec<String>,
    /// Only operations of this kind: revoke, share, accept, reject
    #[arg(long, value_name = "KIND", conflicts_with = "operation")]
    pub kind: Option<String>,
    /// Only shares with this outcome, in the words of a receipt: revoked, still-shared, unknown, …
    #[arg(long, value_name = "WORD")]
    pub outcome: Option<String>,
    /// Only operations since this date, time, or age (12h, 7d, 4w)
    #[arg(long, value_name = "WHEN", conflicts_with = "operation")]
    pub since: Option<String>,
    /// Show at most this many operations, newest first
    #[arg(
        long,
        value_name = "N",
        default_value = "50",
        value_parser = clap::value_parser!(u32).range(1..),
        conflicts_with = "operation"
    )]
    pub limit: u32,
    /// Format and file of the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Lists operations, or prints the receipt of one. With --verify 3 when something is not as the receipt says, or could
/// not be read.
pub async fn run(setup: &Setup, login: Login, args: HistoryArgs) -> Result<Exit, Stop> {
    setup.require_journal("history")?;
    let output = Output::open(&args.output)?;
    let names = names(setup, &login, &args).await?;
    let filter = HistoryFilter::new(&args, &names, engine::now())?;
    match args.operation.clone() {
        None => list(setup, login, &args, filter, output).await,
        Some(id) if args.verify => verify::run(setup, login, id, &filter, output).await,
        Some(id) => {
            let engine = setup.engine(PollTimes::default());
            let (operation, undone_by) = interrupts::run(engine, async |engine| {
                let operation = find_operation(engine, id, &filter).await?;
                let undone_by = undone_by(engine, &operation.id).await?;
                Ok((operation, undone_by))
            })
            .await?;
            let names = setup.names();
            let context = context(undone_by, None, &filter, &names);
            let receipt = Receipt::of(&operation, context);
            output.write(&receipt, &receipt)?;
            Ok(Exit::Done)
        }
    }
}

/// The user's aliases, and what the journal remembers where a member is to be found by it.
async fn names(setup: &Setup, login: &Login, args: &HistoryArgs) -> Result<Names, Stop> {
    let mut names = setup.names();
    if !args.member.is_empty() {
        let engine = setup.engine(PollTimes::default());
        let known = async |engine: &Engine| Ok(engine.known_names(login.cloud.clone()).await?);
        names.learn(interrupts::run(engine, known).await?);
    }
    Ok(names)
}

fn context<'a>(
    undone_by: Vec<OperationId>,
    verified: Option<(Moment, Vec<Comparison>)>,
    filter: &'a HistoryFilter,
    names: &'a Names,
) -> Context<'a> {
    let name = |member: &Member| names.of(member).cloned();
    let filter = |record: &ShareRecord| filter.matches(record);
    Context { undone_by, verified, filter: Box::new(filter), name: Box::new(name) }
}

async fn list(
    setup: &Setup,
    login: Login,
    args: &HistoryArgs,
    shares: HistoryFilter,
    output: Output,
) -> Result<Exit, Stop> {
    let filter = Filter { cloud: login.cloud, region: login.region, ..shares.filter.clone() };
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let engine = setup.engine(PollTimes::default());
    let (more, unreadable) = interrupts::run(engine, async |engine| {
        let mut pages = Pages { engine, filter, last: None, unreadable: Vec::new(), more: false };
        if matches!(args.output.format, Format::Table | Format::Markdown) {
            // One more, to know whether there is more.
            let mut page = pages.next(limit.saturating_add(1)).await?;
            pages.more = page.len() > limit;
            page.truncate(limit);
            output.write(&(), &Operations(page))?;
        } else {
            let (operations, mut read) = mpsc::channel(READ_AHEAD);
            let names = setup.names();
            let written = tokio::task::spawn_blocking(move || {
                let stream = Stream::of(|| {
                    let (operation, undone_by) = read.blocking_recv()?;
                    let context = context(undone_by, None, &shares, &names);
                    Some(history::Operation::of(&operation, context))
                });
                output.write(&stream, &stream)
            });
            let read = pages.send(limit, operations).await;
            let written = written.await;
            read?;
            written.map_err(|error| Failure::new("write the result", error.to_string()))??;
        }
        Ok((pages.more, pages.unreadable))
    })
    .await?;
    if more {
        output::say(format_args!("there are more than the newest {limit}: --limit shows them"));
    }
    output::say_some("", &unreadable);
    Ok(if unreadable.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// Operations read from the journal while earlier ones are written.
const READ_AHEAD: usize = 16;
/// Operations listed at once.
const PAGE: usize = 256;

/// An operation and the operations that undo it.
type Sent = (Operation, Vec<OperationId>);

/// The history, page by page.
struct Pages<'a> {
    engine: &'a Engine,
    filter: Filter,
    /// The last one that was listed.
    last: Option<OperationId>,
    unreadable: Vec<Failure>,
    more: bool,
}

impl Pages<'_> {
    /// The next so many; fewer at the end.
    async fn next(&mut self, limit: usize) -> Result<Vec<Summary>, Failure> {
        let page = self.engine.history(self.filter.clone(), self.last.clone(), limit).await?;
        self.last = page.operations.last().map(|summary| summary.id.clone()).or(self.last.take());
        self.unreadable.extend(page.unreadable);
        Ok(page.operations)
    }

    /// Reads up to `limit` operations with their shares and sends each on. One that cannot be read is skipped and noted.
    async fn send(&mut self, limit: usize, to: mpsc::Sender<Sent>) -> Result<(), Failure> {
        let mut left = limit;
        loop {
            let wanted = PAGE.min(left.saturating_add(1));
            let page = self.next(wanted).await?;
            let end = page.len() < wanted;
            for Summary { id, undone_by, .. } in page {
                if left == 0 {
                    self.more = true;
                    return Ok(());
                }
                left -= 1;
                match self.engine.find_operation(id.0.clone()).await {
                    Ok(operation) => {
                        if to.send((operation, undone_by)).await.is_err() {
                            // The writer has ended, and says why itself.
                            return Ok(());
                        }
                    }
                    Err(failure) => {
                        let what = format!("read operation {id}");
                        self.unreadable.push(Failure { what, ..failure });
                    }
                }
            }
            if end {
                return Ok(());
            }
        }
    }
}

/// The operation of an ID, where shares of it may have the outcome that was typed.
async fn find_operation(
    engine: &Engine,
    id: String,
    filter: &HistoryFilter,
) -> Result<Operation, Stop> {
    let operation = engine.find_operation(id).await?;
    filter.check(&operation)?;
    Ok(operation)
}

/// The operations that undo one.
async fn undone_by(engine: &Engine, id: &OperationId) -> Result<Vec<OperationId>, Failure> {
    let filter = Filter { undoes: Some(id.clone()), ..Filter::default() };
    let page = engine.history(filter, None, usize::MAX).await?;
    Ok(page.operations.into_iter().rev().map(|summary| summary.id).collect())
}

fn wrong_scope(operation: &Operation, found: &domain::Scope) -> Failure {
    let label = |scope: &domain::Scope| {
        let region = scope.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
        format!("{}{region}, project {}", scope.cloud, scope.project_id)
    };
    let (then, now) = (label(&operation.scope), label(found));
    let why = format!("it was done on {then}, and this login is on {now}");
    Failure::new(format!("verify operation {}", operation.id), why)
        .with_hint("choose the cloud of that project with --cloud and --region")
}
