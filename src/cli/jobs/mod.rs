//! `jobs`: resumes unfinished operations and lists their jobs. Nothing is ever sent.

use std::time::Duration;

use super::Login;
use super::change::unprinted;
use super::exit::{Exit, Stop};
use super::interrupts;
use super::output::{self, Output, OutputArgs};
use super::setup::Setup;
use crate::engine::Following;

mod list;
mod resume;

use list::List;
use resume::{Resume, Resumed};

/// Arguments of `jobs`.
#[derive(Clone, Debug, clap::Args)]
pub struct JobsArgs {
    /// One operation; the start or end of its ID is enough
    #[arg(value_name = "ID")]
    pub operation: Option<String>,
    /// Wait until every job has ended, also slow ones and those that another program follows
    #[arg(long)]
    pub watch: bool,
    /// How long to follow a job before sharelock reads the members
    ///
    /// An operation whose job is still running then stays unfinished, and the next start resumes it.
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    pub timeout: u64,
    /// Format and file of the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl JobsArgs {
    fn following(&self) -> Following {
        let limit = Duration::from_secs(self.timeout);
        Following { limit, watching: Duration::from_secs(10), ..Following::default() }
    }
}

/// Resumes what is unfinished, follows it, and lists its jobs; 3 when something is still there, not known, or not for
/// this program to follow.
pub async fn run(setup: &Setup, login: Login, args: JobsArgs) -> Result<Exit, Stop> {
    if setup.forgets() {
        let why = "jobs needs the journal; drop --no-journal";
        return Err(Stop::Usage(why.into()));
    }
    let output = Output::open(&args.output)?;
    let following = args.following();
    let engine = match login.cloud {
        Some(_) => setup.engine_for_one(following).await?,
        None => setup.engine(following),
    };
    let (resumed, unreadable) = interrupts::run(engine, async |engine| {
        Resume::new(engine, login, args.watch).run(args.operation).await
    })
    .await?;
    if resumed.is_empty() && unreadable == 0 {
        output::say("nothing is unfinished");
    }
    let list = List::of(&resumed);
    let written = output.write(&list, &list);
    written.map_err(|failure| match &resumed[..] {
        [.., last] => unprinted(failure, &last.operation.id, false),
        [] => failure,
    })?;
    let done = unreadable == 0 && resumed.iter().all(Resumed::is_done);
    Ok(if done { Exit::Done } else { Exit::Incomplete })
}
