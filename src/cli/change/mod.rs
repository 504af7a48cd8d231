//! What `revoke`, `share`, `accept`, `reject` and `undo` have in common: resolve, plan, confirm, carry out, and print the
//! receipt.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;

use super::Login;
use super::exit::{self, Exit, Stop};
use super::interrupts::{Interrupts, close};
use super::output::{self, Narrator, Output, OutputArgs};
use super::progress::Progress;
use super::receipt::Receipt;
use super::session::{Session, ended};
use super::setup::Setup;
use crate::signals::Shutdown;
use domain::operation::{RequestRecord, RequestState, Stage};
use domain::{Confirmed, Failure, Operation, OperationId, OperationKind, Scope};
use engine::{Engine, OperationEvent, PollTimes, Running};

mod confirm;
mod members;
pub mod pairs;
mod plan;
mod resolve;
mod resolved;
mod selection_args;

pub use resolve::Choice;
pub use selection_args::SelectionArgs;

use plan::PlanView;
use resolved::Resolved;

/// Arguments that every change has.
#[derive(Clone, Debug, clap::Args)]
pub struct ChangeArgs {
    /// Print the plan with every request, and send nothing
    #[arg(long, conflicts_with_all = ["yes", "no_wait"])]
    pub dry_run: bool,
    /// Skip the confirmation prompt (required when stdin is not a terminal)
    #[arg(long)]
    pub yes: bool,
    /// Exit when everything is sent, without verifying it (exit status 3)
    #[arg(long)]
    pub no_wait: bool,
    /// How long to follow a job before sharelock reads the members and prints the receipt
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    pub timeout: u64,
    /// Format and file of the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl ChangeArgs {
    /// Nothing is changed without a confirmation: either `--yes`, or a terminal to prompt on.
    pub fn check_consent(&self, stdin_is_taken: bool) -> Result<(), Stop> {
        if self.yes || self.dry_run || (output::can_ask() && !stdin_is_taken) {
            return Ok(());
        }
        let why = if stdin_is_taken { "stdin is the list" } else { "stdin is not a terminal" };
        Err(Stop::Usage(format!(
            "cannot ask for confirmation: {why}; review the plan with --dry-run, then pass --yes"
        )))
    }

    /// How long jobs are followed.
    pub fn poll_times(&self) -> PollTimes {
        PollTimes { limit: Duration::from_secs(self.timeout), ..PollTimes::default() }
    }

    /// Whether pairs of a list must be looked up before the engine does: the plan is shown.
    fn looks(&self) -> bool {
        self.dry_run || !self.yes
    }
}

/// Carries a choice out; 3 when a share is not as it should be, or that is not known.
pub async fn run(
    setup: &Setup,
    login: Login,
    args: ChangeArgs,
    choice: Choice,
) -> Result<Exit, Stop> {
    let output = Output::open(&args.output)?;
    let engine = setup.engine_for_one(args.poll_times()).await?;
    run_on((engine, Interrupts::listen()?), setup, login, args, choice, output).await
}

/// The same with an engine that runs already.
pub async fn run_on(
    (engine, mut interrupts): (Engine, Interrupts),
    setup: &Setup,
    login: Login,
    args: ChangeArgs,
    choice: Choice,
    output: Output,
) -> Result<Exit, Stop> {
    let kind = choice.kind();
    let prepare = async {
        let mut session = Session::open(&engine, login.target()).await?;
        if !args.dry_run {
            check_writable(kind, session.scope())?;
            setup.warn_of_no_journal();
        }
        let resolved = resolve::resolve(&mut session, &setup.names(), choice, args.looks()).await?;
        resolved.report();
        let plan = if args.dry_run || resolved.marks.is_empty() {
            None
        } else {
            Some(confirm::confirm(&session, &resolved, args.yes).await?)
        };
        Ok((session, resolved, plan))
    };
    let (mut session, resolved, plan) = interrupts.race(prepare).await?;
    if args.dry_run {
        close(engine, interrupts).await;
        return show_plan(&session, &resolved, output).await;
    }
    let carried_out = match plan {
        Some(plan) => Some(carry_out(&mut session, &mut interrupts, plan, &args, setup).await),
        None => None,
    };
    let (receipt, unsent, stopped, id) = match carried_out {
        None => (Receipt::of_nothing(kind, resolved.unknown.is_empty()), 0, None, None),
        Some(Ok((operation, stopped))) => {
            (Receipt::of(&operation), unsent(&operation), stopped, Some(operation.id))
        }
        Some(Err(stop @ Stop::Interrupted(Shutdown::HangUp))) => {
            close(engine, interrupts).await;
            return Err(stop);
        }
        Some(Err(stop)) => return Err(stop),
    };
    close(engine, interrupts).await;
    output::say(format_args!("{}: {}", session.scope().label(), receipt.summary()));
    output.write(&receipt, &receipt).map_err(|failure| match &id {
        Some(id) => unprinted(failure, id, setup.forgets()),
        None => failure,
    })?;
    if let (Some(shutdown), 1..) = (stopped, unsent) {
        let how = exit::how(shutdown);
        output::say(format!("{how}: {unsent} of the shares were not sent"));
        return Ok(shutdown.into());
    }
    Ok(if receipt.is_complete() { Exit::Done } else { Exit::Incomplete })
}

/// The result of an operation could not be written: says that it ran and where its receipt is.
pub fn unprinted(failure: Failure, id: &OperationId, forgets: bool) -> Failure {
    let receipt = if forgets {
        "its receipt is lost because the journal is off (--no-journal)".to_owned()
    } else {
        format!("run `sharelock history {id}` for its receipt")
    };
    failure.with_hint(format!("operation {id} ran all the same; {receipt}"))
}

/// Shares whose request was held back because the user said stop.
fn unsent(operation: &Operation) -> usize {
    let stopped = |request: &&RequestRecord| request.state == RequestState::Stopped;
    operation.requests.iter().filter(stopped).map(|request| request.batch.shares().count()).sum()
}

fn check_writable(kind: OperationKind, scope: &Scope) -> Result<(), Failure> {
    if !scope.read_only {
        return Ok(());
    }
    Err(Failure::new(format!("{kind} shares on {}", scope.cloud), "it is read-only here")
        .with_hint("start without --read-only, or unset `read_only` in config.toml"))
}

async fn show_plan(session: &Session, resolved: &Resolved, output: Output) -> Result<Exit, Stop> {
    let plan = resolved.plan(resolved.to_send(), session.limits()).await?;
    let view = PlanView::new(&plan, session.scope(), resolved)?;
    output.write(&view, &view)?;
    Ok(if resolved.unknown.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// Carries the plan out and gives back what became of it, and the signal that stopped it on the way.
async fn carry_out(
    session: &mut Session,
    interrupts: &mut Interrupts,
    plan: Confirmed,
    args: &ChangeArgs,
    setup: &Setup,
) -> Result<(Operation, Option<Shutdown>), Stop> {
    let (mut running, mut stopped) = begin(session, interrupts, plan).await?;
    let narrator = &mut session.narrator;
    let mut operation = running.operation.clone();
    if stopped.is_some() {
        stop_sending(&running, &operation, narrator);
    }
    let followed =
        follow(&mut running, &mut operation, (interrupts, &mut stopped), narrator, args.no_wait)
            .await;
    let id = &operation.id;
    if operation.is_open() && !setup.forgets() && !matches!(followed, Err(Stop::Failed(_))) {
        let why = if operation.awaits_jobs() { " because a job is still running" } else { "" };
        narrator.say(format_args!(
            "operation {id} is unfinished{why}; run `sharelock jobs {id}` to resume it (sends no changes)"
        ));
    }
    followed.map(|()| (operation, stopped))
}

/// Waits for the operation to begin; a signal meanwhile stops it as soon as it has.
async fn begin(
    session: &Session,
    interrupts: &mut Interrupts,
    plan: Confirmed,
) -> Result<(Running, Option<Shutdown>), Stop> {
    let mut stopped = None;
    let mut begins = pin!(session.carry_out(plan));
    loop {
        tokio::select! {
            running = &mut begins => return Ok((running?, stopped)),
            shutdown = interrupts.next() => stopped = Some(first(shutdown, stopped)?),
        }
    }
}

/// Follows the operation to its receipt. The first signal to shut down sends nothing more, the second ends at once, and
/// so does the end of the terminal: there is no one left to follow it for.
async fn follow(
    running: &mut Running,
    operation: &mut Operation,
    (interrupts, stopped): (&mut Interrupts, &mut Option<Shutdown>),
    narrator: &mut Narrator,
    no_wait: bool,
) -> Result<(), Stop> {
    let (mut progress, mut wait_ended) = (Progress::default(), false);
    loop {
        let event = tokio::select! {
            event = running.next() => event.ok_or_else(ended)?,
            shutdown = interrupts.next() => {
                // While it waits for a late effect, a stop ends that wait, even the second one.
                let ends_wait = operation.waiting.is_some() && !wait_ended;
                wait_ended |= ends_wait;
                let before = stopped.filter(|_| !ends_wait);
                *stopped = Some(first(shutdown, before)?);
                stop_sending(running, operation, narrator);
                continue;
            }
        };
        match event {
            OperationEvent::Step(step) => {
                let over = step.makes_receipt();
                operation.apply(step.clone());
                progress.show(narrator, operation, &step);
                if over || (no_wait && is_sent(operation.stage)) {
                    narrator.end_progress();
                    return Ok(());
                }
            }
            OperationEvent::Notice(failure) | OperationEvent::NotRecorded(failure) => {
                narrator.say(failure);
            }
            OperationEvent::Failed(failure) => return Err(failure.into()),
        }
    }
}

/// The signal, if it is the first one and leaves time to follow what was sent.
fn first(shutdown: Shutdown, before: Option<Shutdown>) -> Result<Shutdown, Stop> {
    match before {
        None if shutdown != Shutdown::HangUp => Ok(shutdown),
        _ => Err(Stop::Interrupted(shutdown)),
    }
}

fn stop_sending(running: &Running, operation: &Operation, narrator: &mut Narrator) {
    running.stop_handle().stop_sending();
    narrator.say(if operation.waiting.is_some() {
        "no longer waiting; the outcome is what was last read"
    } else {
        "stopping: nothing more is sent; waiting for what was sent (press Ctrl-C again to quit now)"
    });
}

fn is_sent(stage: Stage) -> bool {
    !matches!(stage, Stage::Checking | Stage::Sending)
}
