//! `history`: what was done, with receipts; and whether it is still so.

use tokio::sync::mpsc;

use super::Login;
use super::exit::{Exit, Stop};
use super::names::Names;
use super::output::{self, Format, Output, OutputArgs};
use super::session::{self, Interrupts};
use super::setup::Setup;
use crate::domain::operation::ShareRecord;
use crate::domain::{Failure, Member, Operation, OperationId};
use crate::engine::{Command, Event, Filter, Following, Handle, Summary};
use crate::report::history::History;
use crate::report::operations::{Shares, Stream, Undone};

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
    if setup.forgets() {
        let why = "history needs the journal; drop --no-journal";
        return Err(Stop::Usage(why.into()));
    }
    let output = Output::open(&args.output)?;
    let wish =
        HistoryFilter::new(&args, &names(setup, &login, &args).await?, crate::engine::now())?;
    match args.operation.clone() {
        None => list(setup, login, &args, wish, output).await,
        Some(id) if args.verify => verify::run(setup, login, id, &wish, output).await,
        Some(id) => {
            let mut engine = setup.engine(Following::default());
            let operation = session::recall(&mut engine, id).await?;
            wish.check(&operation)?;
            let undone_by = undone_by(&mut engine, &operation.id).await?;
            session::close(engine, Interrupts::listen()?).await;
            let names = setup.names();
            let called = |member: &Member| names.of(member).cloned();
            let wanted = |record: &ShareRecord| wish.is_for(record);
            let shares = Shares::of_one(&operation, undone_by, &wanted, &called);
            output.write(&History::of(&shares), &shares)?;
            Ok(Exit::Done)
        }
    }
}

/// The user's aliases, and what the journal remembers where a member is to be found by it.
async fn names(setup: &Setup, login: &Login, args: &HistoryArgs) -> Result<Names, Stop> {
    let mut names = setup.names();
    if args.member.is_empty() {
        return Ok(names);
    }
    let (mut engine, mut interrupts) = (setup.engine(Following::default()), Interrupts::listen()?);
    engine.ask(Command::Remember(login.cloud.clone()));
    loop {
        if let Event::Remembered(seen) = session::next(&mut engine, &mut interrupts).await? {
            names.learn(seen?);
            session::close(engine, interrupts).await;
            return Ok(names);
        }
    }
}

async fn list(
    setup: &Setup,
    login: Login,
    args: &HistoryArgs,
    wish: HistoryFilter,
    output: Output,
) -> Result<Exit, Stop> {
    let engine = setup.engine(Following::default());
    let filter = Filter { cloud: login.cloud, region: login.region, ..wish.filter.clone() };
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut pages = Pages::new(engine, filter)?;
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
            let called = |member: &Member| names.of(member).cloned();
            let wanted = |record: &ShareRecord| wish.is_for(record);
            let stream = Stream::of(|| read.blocking_recv(), &wanted, &called);
            output.write(&stream, &stream)
        });
        let read = pages.send(limit, operations).await;
        let written = written.await;
        read?;
        written.map_err(|error| Failure::new("write the result", error.to_string()))??;
    }
    let Pages { engine, interrupts, unreadable, more, .. } = pages;
    session::close(engine, interrupts).await;
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

/// The history, page by page.
struct Pages {
    engine: Handle,
    interrupts: Interrupts,
    filter: Filter,
    /// The last one that was listed.
    last: Option<OperationId>,
    unreadable: Vec<Failure>,
    more: bool,
}

impl Pages {
    fn new(engine: Handle, filter: Filter) -> Result<Self, Failure> {
        let interrupts = Interrupts::listen()?;
        Ok(Self { engine, interrupts, filter, last: None, unreadable: Vec::new(), more: false })
    }

    /// The next so many; fewer at the end.
    async fn next(&mut self, limit: usize) -> Result<Vec<Summary>, Stop> {
        let (filter, before) = (self.filter.clone(), self.last.clone());
        self.engine.ask(Command::ListHistory { ticket: 0, filter, before, limit });
        loop {
            match session::next(&mut self.engine, &mut self.interrupts).await? {
                Event::History { page, .. } => {
                    let page = page?;
                    self.last = page.last().map(|summary| summary.id.clone()).or(self.last.take());
                    return Ok(page);
                }
                Event::Notice(unreadable) => self.unreadable.push(unreadable),
                _ => {}
            }
        }
    }

    /// Reads up to `limit` operations with their shares and sends each on. One that cannot be read is skipped and noted.
    async fn send(&mut self, limit: usize, to: mpsc::Sender<Undone>) -> Result<(), Stop> {
        let mut left = limit;
        loop {
            let asked = PAGE.min(left.saturating_add(1));
            let page = self.next(asked).await?;
            let end = page.len() < asked;
            for Summary { id, undone_by, .. } in page {
                if left == 0 {
                    self.more = true;
                    return Ok(());
                }
                left -= 1;
                self.engine.ask(Command::Recall(id.0.clone()));
                match self.recalled().await? {
                    Ok(operation) => {
                        if to.send((*operation, undone_by)).await.is_err() {
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

    async fn recalled(&mut self) -> Result<Result<Box<Operation>, Failure>, Stop> {
        loop {
            if let Event::Recalled(recalled) =
                session::next(&mut self.engine, &mut self.interrupts).await?
            {
                return Ok(recalled);
            }
        }
    }
}

/// The operations that take one back.
async fn undone_by(engine: &mut Handle, id: &OperationId) -> Result<Vec<OperationId>, Stop> {
    let filter = Filter { undoes: Some(id.clone()), ..Filter::default() };
    let mut page = page(engine, filter, usize::MAX).await?;
    page.reverse();
    Ok(page.into_iter().map(|summary| summary.id).collect())
}

async fn page(engine: &mut Handle, filter: Filter, limit: usize) -> Result<Vec<Summary>, Stop> {
    let mut interrupts = Interrupts::listen()?;
    engine.ask(Command::ListHistory { ticket: 0, filter, before: None, limit });
    loop {
        if let Event::History { page, .. } = session::next(engine, &mut interrupts).await? {
            return Ok(page?);
        }
    }
}

fn elsewhere(operation: &Operation, found: &crate::domain::Scope) -> Failure {
    let scope = &operation.scope;
    let place = |scope: &crate::domain::Scope| {
        let region = scope.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
        format!("{}{region}, project {}", scope.cloud, scope.project_id)
    };
    let why = format!("it was done on {}, and this login is on {}", place(scope), place(found));
    Failure::new(format!("verify operation {}", operation.id), why)
        .with_hint("choose the cloud of that project with --cloud and --region")
}
