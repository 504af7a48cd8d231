//! The command line: what was typed, what it means, one file per command.

use std::path::PathBuf;

pub mod answer;
pub mod audit;
pub mod change;
pub mod clouds;
mod code;
pub mod demo_cloud;
pub mod exit;
pub mod generate;
pub mod history;
pub mod jobs;
pub mod log;
pub mod names;
pub mod output;
mod progress;
pub mod reading;
pub mod revoke;
pub mod screen;
pub mod select;
pub mod session;
pub mod setup;
pub mod share;
pub mod undo;

pub use exit::{Exit, Stop};

use secrecy::SecretString;

use crate::engine::Target;
use crate::report::{json, receipt, sheet};
use setup::Setup;

/// Who are the images of a cloud shared with? Take shares back, exactly, and see that they are gone.
///
/// Without a command the screen opens.
#[derive(Clone, Debug, clap::Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// What was typed before the command.
    #[command(flatten)]
    pub global: Global,
    /// The command; none opens the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Which cloud.
    #[command(flatten)]
    pub login: Login,
    /// Settings, instead of the file in the config directory.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Change nothing: every request that would is refused.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Write nothing down about what is changed. If the program is cut short, nobody knows what became of it.
    #[arg(long, global = true)]
    pub no_journal: bool,
    /// Write a log to this file: every request and what became of it, never what is in it. `SHARELOCK_LOG` says how much:
    /// error, warn, info, debug (as without it) or trace.
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// The screen as lines of text that follow one another: for screen readers, and for terminals that can do little.
    #[arg(long, global = true)]
    pub plain: bool,
    /// Whether to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: clap::ColorChoice,
    /// The embedded cloud.
    #[command(flatten)]
    pub demo: DemoArgs,
}

/// Which cloud, as typed.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Login {
    /// A cloud of clouds.yaml; else `OS_CLOUD`, plain `OS_*`, or the only one there is.
    #[arg(long, global = true, value_name = "NAME")]
    pub cloud: Option<String>,
    /// One of its regions.
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// The one-time code (TOTP) of a login that asks for one; without it you are asked on the terminal. While the
    /// program runs others on this machine can see what was typed here.
    #[arg(long, global = true, value_name = "CODE")]
    pub otp: Option<SecretString>,
}

impl Login {
    /// Where to log in.
    pub fn target(self) -> Target {
        let Self { cloud, region, otp } = self;
        Target { cloud, region, project: None, one_time_code: otp }
    }
}

/// The embedded cloud.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Embedded cloud")]
pub struct DemoArgs {
    /// Use the embedded cloud: no account needed, nothing real is touched.
    #[arg(long, global = true)]
    pub demo: bool,
    /// How many images it has.
    #[arg(long, global = true, value_name = "N")]
    pub images: Option<usize>,
    /// How many members.
    #[arg(long, global = true, value_name = "N")]
    pub members: Option<usize>,
    /// What its names and shares are drawn from: the same number, the same cloud.
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}

/// What to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Who has access to what.
    Audit(audit::AuditArgs),
    /// Take shares away.
    Revoke(revoke::RevokeArgs),
    /// Give members access to images.
    Share(share::ShareArgs),
    /// Accept images that others share with the project: they show up in its list.
    Accept(answer::AcceptArgs),
    /// Reject images that others share with the project: they are hidden from its list.
    Reject(answer::AnswerArgs),
    /// Take back what an operation did, as an operation of its own.
    Undo(undo::UndoArgs),
    /// Bring what was left behind to its end, and tell how its jobs stand. Sends nothing.
    Jobs(jobs::JobsArgs),
    /// What was done, with receipts; and whether it is still so. Changes nothing.
    History(history::HistoryArgs),
    /// Every configured cloud, and the files in use; with `--check`, what works.
    Clouds(clouds::CloudsArgs),
    /// The embedded cloud as a server of its own; prints a clouds.yaml for it.
    DemoCloud(demo_cloud::DemoCloudArgs),
    /// Completions for a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// The manual page.
    Man,
}

/// Does what was typed.
pub async fn run(cli: Cli) -> Result<Exit, Stop> {
    let Cli { global, command } = cli;
    match command {
        Some(Command::Completions { shell }) => return Ok(generate::completions(shell)?),
        Some(Command::Man) => return Ok(generate::man()?),
        Some(Command::DemoCloud(args)) => return Ok(demo_cloud::run(&args, &global.demo).await?),
        _ => {}
    }
    let setup = Setup::new(&global)?;
    match command {
        Some(Command::Audit(args)) => audit::run(&setup, global.login, args).await,
        Some(Command::Revoke(args)) => revoke::run(&setup, global.login, args).await,
        Some(Command::Share(args)) => share::run(&setup, global.login, args).await,
        Some(Command::Accept(args)) => answer::accept(&setup, global.login, args).await,
        Some(Command::Reject(args)) => answer::reject(&setup, global.login, args).await,
        Some(Command::Undo(args)) => undo::run(&setup, global.login, args).await,
        Some(Command::Jobs(args)) => jobs::run(&setup, global.login, args).await,
        Some(Command::History(args)) => history::run(&setup, global.login, args).await,
        Some(Command::Clouds(args)) => clouds::run(&setup, global.login, &args).await,
        _ => screen::run(&setup, &global).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    fn parse(line: &str) -> Result<Cli, String> {
        Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        for line in ["sharelock --cloud a --demo audit", "sharelock audit --cloud a --demo"] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.global.login.cloud.as_deref(), Some("a"));
            assert!(cli.global.demo.demo);
        }
    }

    #[test]
    fn several_images_follow_one_flag() {
        let cli = parse("sharelock revoke --image a b --project x y --yes").unwrap();
        let Some(Command::Revoke(args)) = cli.command else { panic!("{cli:?}") };
        assert_eq!((args.selection.image.len(), args.selection.project.len()), (2, 2));
    }

    #[test]
    fn revoke_takes_pairs_or_a_list_and_never_half_of_a_choice() {
        for line in [
            "sharelock revoke --yes",
            "sharelock revoke --image a",
            "sharelock revoke --project x",
            "sharelock revoke --from f --image a --project x",
            "sharelock revoke --from f --project x",
            "sharelock revoke --from f --dry-run --yes",
        ] {
            parse(line).unwrap_err();
        }
        parse("sharelock revoke --from - --yes").unwrap();
    }
}
