//! `revoke`: takes shares away, by the same engine and the same plan as the screen.

use std::path::PathBuf;
use std::time::Duration;

use super::Login;
use super::exit::{Exit, Stop};
use super::output::{self, Output, OutputArgs};
use super::progress::Progress;
use super::receipt::Receipt;
use super::session::Session;
use super::setup::Setup;
use crate::domain::operation::Stage;
use crate::domain::{Confirmed, Failure, Operation, Plan, Scope, Step};
use crate::engine::{Command, Event, Following};

mod choose;
mod confirm;
pub mod pairs;
mod plan;

use choose::{Choice, Chosen};
use plan::PlanView;

/// What was typed.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["image", "from"]))]
pub struct RevokeArgs {
    /// Images, by id or name. With --project: every existing pair of them.
    #[arg(long, value_name = "ID|NAME", num_args = 1.., requires = "project")]
    pub image: Vec<String>,
    /// Members, by id or alias.
    #[arg(
        long,
        value_name = "ID|NAME",
        num_args = 1..,
        requires = "image",
        conflicts_with = "from"
    )]
    pub project: Vec<String>,
    /// Pairs from a file, or `-` for stdin: CSV with or without a header line, or JSON lines, of
    /// `image_id,member_id[,member_type]`.
    #[arg(long, value_name = "FILE|-")]
    pub from: Option<PathBuf>,
    /// Print the plan and each request, and send nothing.
    #[arg(long, conflicts_with_all = ["yes", "no_wait"])]
    pub dry_run: bool,
    /// Go without asking; needed when nobody can be asked.
    #[arg(long)]
    pub yes: bool,
    /// End when everything is sent. Nothing is verified then, so the status is 3.
    #[arg(long)]
    pub no_wait: bool,
    /// How long to follow a job before the members are read again and the receipt is made.
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    pub timeout: u64,
    /// How and where the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl RevokeArgs {
    /// Nothing that changes the cloud is done without an answer: somebody must be there to give it.
    fn check_consent(&self) -> Result<(), Stop> {
        let stdin_is_taken = self.from.as_ref().is_some_and(|path| path.as_os_str() == "-");
        if self.yes || self.dry_run || (output::can_ask() && !stdin_is_taken) {
            return Ok(());
        }
        let why = if stdin_is_taken { "stdin holds the list" } else { "there is no terminal" };
        Err(Stop::Usage(format!(
            "nobody can be asked to confirm, because {why}; \
             look at the plan with --dry-run, then go with --yes"
        )))
    }
}

/// Chooses, plans, asks, revokes, and prints the receipt; 3 when a share is still there or not known.
pub async fn run(setup: &Setup, login: Login, args: RevokeArgs) -> Result<Exit, Stop> {
    args.check_consent()?;
    let choice = Choice::of(&args)?;
    let output = Output::open(&args.output)?;
    let limit = Duration::from_secs(args.timeout);
    let engine = setup.engine_for_one(Following { limit, ..Following::default() }).await?;
    let mut session = Session::open(engine, login.cloud, login.region).await?;
    if !args.dry_run {
        check_writable(&session.scope)?;
        setup.warn_of_no_journal();
    }
    let look = args.dry_run || !args.yes;
    let chosen = choose::choose(&mut session, &setup.names(), choice, look).await?;
    tell(&chosen);
    if args.dry_run {
        return show_plan(session, &chosen, output).await;
    }
    let receipt = if chosen.marks.is_empty() {
        Receipt::of_nothing(chosen.unknown.is_empty())
    } else {
        let plan = confirm::confirm(&mut session, &chosen, args.yes).await?;
        Receipt::of(&revoke(&mut session, plan, args.no_wait).await?)
    };
    session.close().await;
    output::say(receipt.summary());
    output.write(&receipt, &receipt)?;
    Ok(if receipt.is_complete() { Exit::Done } else { Exit::Incomplete })
}

fn check_writable(scope: &Scope) -> Result<(), Failure> {
    if !scope.read_only {
        return Ok(());
    }
    Err(Failure::new(format!("revoke shares on {}", scope.cloud), "it is read-only here")
        .with_remedy("start without --read-only, or unset `read_only` in config.toml"))
}

fn tell(chosen: &Chosen) {
    output::say_some("not checked: ", &chosen.unknown);
    if !chosen.absent.is_empty() {
        let (absent, named) = (chosen.absent.len(), chosen.marks.len());
        output::say(format_args!("{absent} of the {named} pairs are not shared now"));
    }
}

async fn show_plan(session: Session, chosen: &Chosen, output: Output) -> Result<Exit, Stop> {
    let (scope, limits) = (session.scope.clone(), session.limits);
    session.close().await;
    let plan = Plan::cover(chosen.to_send(), limits);
    let view = PlanView::new(&plan, &scope, &chosen.names)?;
    output.write(&view, &view)?;
    Ok(if chosen.unknown.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// Hands the plan to the engine and gives back what became of it.
async fn revoke(session: &mut Session, plan: Confirmed, no_wait: bool) -> Result<Operation, Stop> {
    session.ask(|session| Command::Revoke { session, plan });
    let mut operation = started(session).await?;
    follow(session, &mut operation, no_wait).await?;
    Ok(operation)
}

async fn started(session: &mut Session) -> Result<Operation, Stop> {
    loop {
        match session.next().await? {
            Event::Started(operation) => return Ok(*operation),
            Event::NotStarted { failure, .. } => return Err(failure.into()),
            _ => {}
        }
    }
}

/// Follows the operation to its receipt. The first wish to stop sends nothing more, the second ends at once.
async fn follow(
    session: &mut Session,
    operation: &mut Operation,
    no_wait: bool,
) -> Result<(), Stop> {
    let mut progress = Progress::default();
    let mut stopping = false;
    loop {
        match session.next().await {
            Ok(Event::Step { operation: id, step }) if id == operation.id => {
                let over = matches!(step, Step::Finished { .. });
                operation.apply(step.clone());
                progress.tell(&mut session.narrator, operation, &step);
                if over || (no_wait && is_sent(operation.stage)) {
                    session.narrator.end_progress();
                    return Ok(());
                }
            }
            Ok(_) => {}
            Err(Stop::Interrupted) if !stopping => {
                stopping = true;
                let id = operation.id.clone();
                session.ask(|_| Command::StopSending(id));
                session.narrator.say(
                    "stopping: nothing more is sent, what was sent is followed; again to end at once",
                );
            }
            Err(stop) => return Err(stop),
        }
    }
}

fn is_sent(stage: Stage) -> bool {
    !matches!(stage, Stage::Checking | Stage::Sending)
}
