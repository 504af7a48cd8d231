//! No command: the screen.

use std::time::Duration;

use super::Global;
use super::exit::{Exit, Stop};
use super::output;
use super::session::{self, Interrupts};
use super::setup::Setup;
use crate::domain::{Failure, OperationId};
use crate::engine::Following;
use crate::tui::{self, Plain, Surroundings};

/// How long an answer to a request that has left is awaited when the user quits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the screen and returns when the user has left it.
pub async fn run(setup: &Setup, global: &Global) -> Result<Exit, Stop> {
    if !output::can_show_a_screen() {
        let why = "the screen needs a terminal, and this is none; name a command, as in `audit`";
        return Err(Stop::Usage(why.into()));
    }
    setup.warn_of_no_journal();
    let mut engine = setup.engine(Following::default());
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
    let ended = tui::run(commands, &mut engine.events, options).await;
    let left = ended.as_deref().unwrap_or_default();
    if !left.is_empty() {
        output::say("waiting for answers to what was sent, 5 s at most; Ctrl-C ends at once");
    }
    session::close_within(PATIENCE, engine, Interrupts::listen()?).await;
    match ended {
        Ok(left) => Ok(tell_left(setup, &left)),
        Err(error) => Err(Failure::new("show the screen", format!("{error:#}")).into()),
    }
}

/// Says what brings operations to their end that were left behind. Those of the demo end with its cloud.
fn tell_left(setup: &Setup, left: &[OperationId]) -> Exit {
    if left.is_empty() || setup.is_demo() {
        return Exit::Done;
    }
    for id in left {
        output::say(if setup.forgets() {
            format!("operation {id} was not at its end, and nothing is written down about it")
        } else {
            format!(
                "operation {id} was not at its end: `sharelock jobs {id}` brings it there and sends nothing"
            )
        });
    }
    Exit::Incomplete
}

/// Where nobody wants lines of text, a terminal that can do nothing else gets them all the same.
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
