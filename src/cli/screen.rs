//! No command: the screen.

use std::time::Duration;

use super::Global;
use super::exit::{self, Exit, Stop};
use super::interrupts::Interrupts;
use super::output;
use super::setup::Setup;
use crate::tui::{self, Left, Plain, Surroundings};
use domain::{Failure, OperationId};
use engine::{PollTimes, adapter};

/// How long responses to requests already sent are awaited after the screen is closed.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the screen and returns when the user has left it.
pub async fn run(setup: &Setup, global: &Global) -> Result<Exit, Stop> {
    if !output::can_show_a_screen() {
        let why = "the screen needs a terminal; use a command instead, such as `sharelock audit`";
        return Err(Stop::Usage(why.into()));
    }
    setup.warn_of_no_journal();
    let mut engine = adapter::drive(setup.engine(PollTimes::default()));
    let commands = engine.commands();
    let around = surroundings(setup, global.color);
    let options = tui::Options {
        cloud: setup.preference.cloud.clone(),
        region: setup.preference.region.clone(),
        settings: setup.screen.clone().with_aliases(setup.aliases()),
        reload: Some(setup.reload()),
        around,
        welcome: setup.is_first_time(),
        plain: plain(setup, global, around),
    };
    let left = tui::run(commands, &mut engine.events, options).await;
    if left.as_ref().is_ok_and(|left| !left.unfinished.is_empty()) {
        output::say(
            "waiting for responses to requests already sent, up to 5 s (press Ctrl-C to quit now)",
        );
    }
    Interrupts::listen()?.end_program();
    engine.shut_down(SHUTDOWN_TIMEOUT).await;
    match left {
        Ok(left) => Ok(exit_status(setup, &left)),
        Err(error) => Err(Failure::new("show the screen", format!("{error:#}")).into()),
    }
}

/// Lists unfinished operations and how to resume them. Those of the demo end with its cloud.
fn exit_status(setup: &Setup, left: &Left) -> Exit {
    let unfinished: &[OperationId] = if setup.is_demo() { &[] } else { &left.unfinished };
    for id in unfinished {
        output::say(if setup.forgets() {
            format!("operation {id} is unfinished, and the journal is off, so it cannot be resumed")
        } else {
            format!(
                "operation {id} is unfinished; run `sharelock jobs {id}` to resume it (sends no changes)"
            )
        });
    }
    match left.shutdown {
        Some(shutdown) => {
            output::say(exit::how(shutdown));
            shutdown.into()
        }
        None if unfinished.is_empty() => Exit::Done,
        None => Exit::Incomplete,
    }
}

/// Plain mode is on where the user wants it, or where the terminal can do nothing else.
fn plain(setup: &Setup, global: &Global, around: Surroundings) -> Plain {
    match global.plain || setup.screen.wants_plain() {
        true => Plain::Wanted,
        false if around.is_dumb() => Plain::Dumb,
        false => Plain::No,
    }
}

/// `NO_COLOR` (any text but an empty one) takes all colours away, unless they are asked for.
fn surroundings(setup: &Setup, choice: clap::ColorChoice) -> Surroundings {
    let colour = match choice {
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Auto => setup.env.var("NO_COLOR").is_none_or(str::is_empty),
    };
    Surroundings::of(colour, |name| setup.env.var(name))
}
