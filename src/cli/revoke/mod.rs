//! `revoke`: takes shares away, by the same engine and the same plan as the screen.

use std::path::PathBuf;
use std::time::Duration;

use super::Login;
use super::exit::{Exit, Stop};
use super::output::{self, Output, OutputArgs};
use super::session::Session;
use super::setup::Setup;
use crate::domain::operation::Stage;
use crate::domain::{Confirmed, Failure, Operation, Plan, Scope, Step};
use crate::engine::{Command, Event, Following};

mod choose;
pub mod pairs;
mod plan;
mod progress;
mod receipt;

use choose::{Choice, Chosen};
use plan::PlanView;
use progress::Progress;
use receipt::Receipt;

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
    let engine = setup.engine(Following { limit, ..Following::default() });
    let mut session = Session::open(engine, login.cloud, login.region).await?;
    if !args.dry_run {
        check_writable(&session.scope)?;
    }
    let look = args.dry_run || !args.yes;
    let chosen = choose::choose(&mut session, &setup.names(), choice, look).await?;
    tell(&mut session, &chosen);
    let exit = if args.dry_run {
        show_plan(&session, &chosen, output)?
    } else if chosen.marks.is_empty() {
        let nothing = Receipt::of_nothing();
        output.write(&nothing, &nothing)?;
        session.narrator.say(nothing.summary());
        if chosen.unknown.is_empty() { Exit::Done } else { Exit::Incomplete }
    } else {
        let plan = confirm(&mut session, &chosen, args.yes).await?;
        revoke(&mut session, plan, args.no_wait, output).await?
    };
    session.close().await;
    Ok(exit)
}

fn check_writable(scope: &Scope) -> Result<(), Failure> {
    if !scope.read_only {
        return Ok(());
    }
    Err(Failure::new(format!("revoke shares on {}", scope.cloud), "it is read-only here")
        .with_remedy("start without --read-only, or unset `read_only` in config.toml"))
}

/// Lines of one kind that are printed one by one; more are counted.
const NAMED: usize = 20;

fn tell(session: &mut Session, chosen: &Chosen) {
    for line in chosen.unknown.iter().take(NAMED) {
        session.narrator.say(format_args!("not checked: {line}"));
    }
    if chosen.unknown.len() > NAMED {
        session.narrator.say(format_args!("not checked: {} more", chosen.unknown.len() - NAMED));
    }
    if !chosen.absent.is_empty() {
        let (absent, named) = (chosen.absent.len(), chosen.marks.len());
        session.narrator.say(format_args!("{absent} of the {named} pairs are not shared now"));
    }
}

fn show_plan(session: &Session, chosen: &Chosen, output: Output) -> Result<Exit, Stop> {
    let plan = Plan::cover(chosen.to_send(), session.limits);
    let view = PlanView::new(&plan, &session.scope)?;
    output.write(&view, &view)?;
    Ok(if chosen.unknown.is_empty() { Exit::Done } else { Exit::Incomplete })
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────

async fn confirm(session: &mut Session, chosen: &Chosen, yes: bool) -> Result<Confirmed, Stop> {
    let plan = Plan::cover(chosen.marks.clone(), session.limits);
    let answer = if yes { plan.shares().to_string() } else { ask(session, chosen, &plan).await? };
    plan.confirm(&answer).map_err(|_| declined())
}

fn declined() -> Stop {
    Failure::new("revoke", "it was not confirmed; nothing was sent").into()
}

/// Shows what would happen, and gives the answer back.
async fn ask(session: &mut Session, chosen: &Chosen, plan: &Plan) -> Result<String, Stop> {
    let scope = session.scope.clone();
    let now = Plan::cover(chosen.to_send(), session.limits);
    for share in now.marks().iter().take(NAMED) {
        output::say(format_args!("  {}  {}", share.image, share.member.id));
    }
    if now.shares() > NAMED {
        output::say(format_args!("  and {} more; --dry-run lists them all", now.shares() - NAMED));
    }
    output::say(format_args!("on {}: {}", place(&scope), PlanView::new(&now, &scope)?.summary()));
    let question = format!("Type {} to revoke them:", plan.shares());
    let answer = answer(session, question).await?;
    if scope.protected {
        let question = format!("Type the cloud's name, {}, too:", scope.cloud);
        if self::answer(session, question).await? != scope.cloud {
            return Err(declined());
        }
    }
    Ok(answer)
}

fn place(scope: &Scope) -> String {
    let project = scope.project_name.as_ref().unwrap_or(&scope.project_id.0).to_string();
    let parts = [Some(scope.cloud.clone()), scope.region.clone(), Some(project)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

async fn answer(session: &mut Session, question: String) -> Result<String, Stop> {
    let line = tokio::task::spawn_blocking(move || output::ask(question));
    let line = tokio::select! {
        line = line => line,
        () = session.interrupts.next() => return Err(Stop::Interrupted),
    };
    match line {
        Ok(Ok(Some(line))) => Ok(line),
        Ok(Ok(None)) => Err(declined()),
        Ok(Err(error)) => Err(Failure::new("read the answer", error.to_string()).into()),
        Err(error) => Err(Failure::new("ask", error.to_string()).into()),
    }
}

// ── revoking ─────────────────────────────────────────────────────────────────────────────────────

async fn revoke(
    session: &mut Session,
    plan: Confirmed,
    no_wait: bool,
    output: Output,
) -> Result<Exit, Stop> {
    session.ask(|session| Command::Revoke { session, plan });
    let mut operation = started(session).await?;
    follow(session, &mut operation, no_wait).await?;
    let receipt = Receipt::of(&operation);
    session.narrator.say(receipt.summary());
    output.write(&receipt, &receipt)?;
    Ok(if receipt.is_complete() { Exit::Done } else { Exit::Incomplete })
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
