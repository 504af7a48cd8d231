//! `share`: gives members access to images.

use super::Login;
use super::change::{self, ChangeArgs, SelectionArgs};
use super::exit::{Exit, Stop};
use super::setup::Setup;
use domain::OperationKind;

/// Arguments of `share`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShareArgs {
    /// The shares to make; of images and projects, every pair that does not exist yet.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Confirmation, waiting and output.
    #[command(flatten)]
    pub args: ChangeArgs,
}

/// Shares and prints the receipt; 3 when a share is not there or not known.
pub async fn run(setup: &Setup, login: Login, args: ShareArgs) -> Result<Exit, Stop> {
    args.args.check_consent(args.selection.takes_stdin())?;
    let choice = args.selection.choice(OperationKind::Share)?;
    change::run(setup, login, args.args, choice).await
}
