//! `jobs`: resumes unfinished operations and lists their jobs. Nothing is ever sent.

use std::time::Duration;

use super::Login;
use super::change::unprinted;
use super::exit::{Exit, Stop};
use super::interrupts;
use super::output::{self, Output, OutputArgs};
use super::setup::Setup;
use crate::report::jobs::JobList;
use engine::PollTimes;

mod resume;

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
    fn poll_times(&self) -> PollTimes {
        let limit = Duration::from_secs(self.timeout);
        PollTimes { limit, watching: Duration::from_secs(10), ..PollTimes::default() }
    }
}

/// Resumes what is unfinished, follows it, and lists its jobs; 3 when something is still there, not known, or not for
/// this program to follow.
pub async fn run(setup: &Setup, login: Login, args: JobsArgs) -> Result<Exit, Stop> {
    setup.require_journal("jobs")?;
    let output = Output::open(&args.output)?;
    let engine = setup.engine_for(&login, args.poll_times()).await?;
    let (resumed, unreadable) = interrupts::run(engine, async |engine| {
        Resume::new(engine, login, args.watch).run(args.operation).await
    })
    .await?;
    if resumed.is_empty() && unreadable == 0 {
        output::say("nothing is unfinished");
    }
    let jobs = JobList::of(resumed.iter().map(|it| (&it.operation, it.note())));
    let written = output.write(&jobs, &jobs);
    written.map_err(|failure| match &resumed[..] {
        [.., newest] => unprinted(failure, &newest.operation.id, false),
        [] => failure,
    })?;
    let done = unreadable == 0 && resumed.iter().all(Resumed::is_done);
    Ok(if done { Exit::Done } else { Exit::Incomplete })
}
