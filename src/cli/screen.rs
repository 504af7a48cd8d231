//! No command: the screen.

use std::time::Duration;

use super::Global;
use super::exit::{Exit, Stop};
use super::output;
use super::setup::Setup;
use crate::domain::Failure;
use crate::engine::Following;
use crate::tui::{self, Palette, Theme};

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
    let options = tui::Options {
        cloud: setup.preference.cloud.clone(),
        region: setup.preference.region.clone(),
        aliases: setup.aliases().into_iter().collect(),
        theme: theme(setup, global.color),
    };
    let ended = tui::run(commands, &mut engine.events, options).await;
    engine.shut_down(PATIENCE).await;
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(Failure::new("show the screen", format!("{error:#}")).into()),
    }
}

fn theme(setup: &Setup, color: clap::ColorChoice) -> Theme {
    let variable = |name| setup.env.var(name);
    match color {
        clap::ColorChoice::Never => Theme::new(Palette::Plain),
        clap::ColorChoice::Always => Theme::from_environment(None, variable("COLORFGBG")),
        clap::ColorChoice::Auto => {
            Theme::from_environment(variable("NO_COLOR"), variable("COLORFGBG"))
        }
    }
}
