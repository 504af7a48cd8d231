//! `revoke`: revokes shares.

use super::Login;
use super::change::{self, ChangeArgs, SelectionArgs};
use super::exit::{Exit, Stop};
use super::setup::Setup;
use domain::OperationKind;

/// Arguments of `revoke`.
#[derive(Clone, Debug, clap::Args)]
pub struct RevokeArgs {
    /// The shares to revoke; of images and projects, every pair that exists.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Confirmation, waiting and output.
    #[command(flatten)]
    pub args: ChangeArgs,
}

/// Revokes and prints the receipt; 3 when a share is still there or not known.
pub async fn run(setup: &Setup, login: Login, args: RevokeArgs) -> Result<Exit, Stop> {
    args.args.check_consent(args.selection.takes_stdin())?;
    let choice = args.selection.choice(OperationKind::Revoke)?;
    change::run(setup, login, args.args, choice).await
}
