//! `accept` and `reject`: answers to shares that were received.

use super::Login;
use super::change::{self, ChangeArgs, Choice};
use super::exit::{Exit, Stop};
use super::setup::Setup;
use domain::Text;

/// Arguments of `reject`, which `accept` has, too.
#[derive(Clone, Debug, clap::Args)]
pub struct AnswerArgs {
    /// Images that other projects share with yours, by ID or name
    #[arg(long, value_name = "ID|NAME", num_args = 1.., required = true)]
    pub image: Vec<String>,
    /// Confirmation, waiting and output.
    #[command(flatten)]
    pub args: ChangeArgs,
}

/// Arguments of `accept`.
#[derive(Clone, Debug, clap::Args)]
pub struct AcceptArgs {
    /// Images, confirmation and output.
    #[command(flatten)]
    pub answer: AnswerArgs,
    /// Vault for full-ECS images (IMS requires it for them, and for no others)
    #[arg(long, value_name = "ID")]
    pub vault: Option<String>,
}

/// Accepts and prints the receipt; 3 when a share has another status or it is not known.
pub async fn accept(setup: &Setup, login: Login, args: AcceptArgs) -> Result<Exit, Stop> {
    let AcceptArgs { answer: AnswerArgs { image, args }, vault } = args;
    let choice = Choice::Accept { images: image, vault: vault.map(Text::from) };
    answer(setup, login, args, choice).await
}

/// Rejects and prints the receipt; 3 when a share has another status or it is not known.
pub async fn reject(setup: &Setup, login: Login, args: AnswerArgs) -> Result<Exit, Stop> {
    answer(setup, login, args.args, Choice::Reject { images: args.image }).await
}

async fn answer(
    setup: &Setup,
    login: Login,
    args: ChangeArgs,
    choice: Choice,
) -> Result<Exit, Stop> {
    args.check_consent(false)?;
    change::run(setup, login, args, choice).await
}
