//! No command: the screen.

use std::time::Duration;

use super::Global;
use super::exit::{Exit, Stop};
use super::output;
use super::setup::Setup;
use crate::domain::Failure;
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
    engine.shut_down(PATIENCE).await;
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(Failure::new("show the screen", format!("{error:#}")).into()),
    }
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
