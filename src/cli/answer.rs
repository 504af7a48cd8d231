//! `accept` and `reject`: answers to shares that were received.

use super::Login;
use super::change::{self, Choice, Going};
use super::exit::{Exit, Stop};
use super::setup::Setup;
use crate::domain::OperationKind;

/// What was typed.
#[derive(Clone, Debug, clap::Args)]
pub struct AnswerArgs {
    /// Images of others that are shared with the project, by id or name.
    #[arg(long, value_name = "ID|NAME", num_args = 1.., required = true)]
    pub image: Vec<String>,
    /// How to go about it.
    #[command(flatten)]
    pub going: Going,
}

/// Answers and prints the receipt; 3 when a share has another status or it is not known.
pub async fn run(
    setup: &Setup,
    login: Login,
    kind: OperationKind,
    args: AnswerArgs,
) -> Result<Exit, Stop> {
    args.going.check_consent(false)?;
    let choice = Choice::Received { kind, images: args.image };
    change::run(setup, login, args.going, choice).await
}
