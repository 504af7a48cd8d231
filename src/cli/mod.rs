//! The command line: what was typed, what it means, one file per command.

use std::path::PathBuf;

pub mod answer;
pub mod audit;
pub mod change;
pub mod clouds;
#[cfg(feature = "demo")]
mod demo;
#[cfg(not(feature = "demo"))]
#[path = "no_demo.rs"]
mod demo;
pub mod demo_cloud;
mod examples;
pub mod exit;
pub mod generate;
pub mod history;
mod interrupts;
pub mod jobs;
pub mod log;
pub mod names;
pub mod output;
mod passcode;
mod progress;
mod prompt;
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

use crate::report::{json, receipt};
use domain::Scope;
use engine::Target;
use setup::Setup;

/// See who your cloud images are shared with, and revoke shares: exactly, and verified
///
/// Without a command, sharelock opens the screen.
#[derive(Clone, Debug, clap::Parser)]
#[command(version, max_term_width = 100, after_long_help = examples::MAIN)]
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
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Which cloud.
    #[command(flatten)]
    pub login: Login,
    /// Read settings from this file instead of config.toml in the config directory
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read-only: refuse every request that would change anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Run without the journal: an interrupted operation cannot be resumed or verified later
    #[arg(long, global = true)]
    pub no_journal: bool,
    /// Log every request to this file, without headers and bodies
    ///
    /// `SHARELOCK_LOG` sets the level: error, warn, info, debug (default) or trace.
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Use the screen in plain mode: lines of text for screen readers and simple terminals
    #[arg(long, global = true)]
    pub plain: bool,
    /// When to use colors
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: clap::ColorChoice,
    /// The embedded cloud.
    #[command(flatten)]
    pub demo: DemoArgs,
}

/// The cloud to log in to, as typed.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Login {
    /// Cloud from clouds.yaml (default: `OS_CLOUD`, then plain `OS_*`, then the only configured cloud)
    #[arg(long, global = true, value_name = "NAME")]
    pub cloud: Option<String>,
    /// Region of the cloud
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// One-time password (TOTP) for the login; without it, sharelock asks on the terminal
    ///
    /// While sharelock runs, other users of this machine can see it in the process list.
    #[arg(long, global = true, value_name = "CODE")]
    pub otp: Option<SecretString>,
}

impl Login {
    /// The same, on the cloud and in the region of an operation unless others were typed. A region of another cloud means
    /// nothing.
    fn at(self, there: &Scope) -> Self {
        let Self { cloud, region, otp } = self;
        let same = cloud.as_ref().is_none_or(|cloud| *cloud == there.cloud);
        let region = region.or_else(|| there.region.clone().filter(|_| same));
        Self { cloud: cloud.or_else(|| Some(there.cloud.clone())), region, otp }
    }

    /// Where to log in.
    pub fn target(self) -> Target {
        let Self { cloud, region, otp } = self;
        Target { cloud, region, passcode: otp, ..Target::default() }
    }
}

/// The embedded cloud.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Embedded cloud")]
pub struct DemoArgs {
    /// Use the embedded cloud: needs no account and touches nothing real
    #[arg(long, global = true)]
    pub demo: bool,
    /// Number of images
    #[arg(long, global = true, value_name = "N")]
    pub images: Option<usize>,
    /// Number of members
    #[arg(long, global = true, value_name = "N")]
    pub members: Option<usize>,
    /// Random seed; the same seed gives the same cloud
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}

/// The commands.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Show who has access to which image
    #[command(after_long_help = examples::AUDIT)]
    Audit(audit::AuditArgs),
    /// Revoke shares, and verify that they are gone
    #[command(after_long_help = examples::REVOKE)]
    Revoke(revoke::RevokeArgs),
    /// Share images with members
    #[command(after_long_help = examples::SHARE)]
    Share(share::ShareArgs),
    /// Accept images that other projects share with yours, so that they appear in its list
    #[command(after_long_help = examples::ACCEPT)]
    Accept(answer::AcceptArgs),
    /// Reject images that other projects share with yours, so that its list hides them
    #[command(after_long_help = examples::REJECT)]
    Reject(answer::AnswerArgs),
    /// Undo what an operation changed, as a new operation
    #[command(after_long_help = examples::UNDO)]
    Undo(undo::UndoArgs),
    /// Resume unfinished operations and show their jobs; never sends a change
    #[command(after_long_help = examples::JOBS)]
    Jobs(jobs::JobsArgs),
    /// Show past operations and their receipts; `--verify` checks them against the cloud
    #[command(after_long_help = examples::HISTORY)]
    History(history::HistoryArgs),
    /// Show the configured clouds and the files in use; `--check` logs in and diagnoses
    #[command(after_long_help = examples::CLOUDS)]
    Clouds(clouds::CloudsArgs),
    /// Run the embedded cloud as a server, and print a clouds.yaml for it
    #[command(after_long_help = examples::DEMO_CLOUD)]
    DemoCloud(demo_cloud::DemoCloudArgs),
    /// Generate completions for a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// The shell to generate completions for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Runs the command.
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

    #[test]
    fn every_command_and_option_has_a_summary_and_every_command_an_example() {
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = command.get_name();
            let summaries = command
                .get_arguments()
                .filter(|argument| !argument.is_hide_set())
                .map(|argument| (argument.get_id().as_str(), argument.get_help()))
                .chain([(name, command.get_about())]);
            for (part, summary) in summaries {
                let summary = summary.map(ToString::to_string).unwrap_or_default();
                let is_short = !summary.contains('\n') && summary.chars().count() <= 100;
                assert!(!summary.is_empty() && is_short, "{name} {part}: {summary}");
                assert!(!summary.ends_with('.'), "{name} {part}: {summary}");
            }
            let examples = command.get_after_long_help().map(ToString::to_string);
            let call = format!("$ sharelock {name}");
            assert!(name == "man" || examples.is_some_and(|text| text.contains(&call)), "{name}");
        }
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
