//! `undo`: undoes what an operation really did.

use super::Login;
use super::change::{self, ChangeArgs, Choice};
use super::exit::{Exit, Stop};
use super::interrupts::Interrupts;
use super::output::Output;
use super::setup::Setup;
use domain::{Failure, Marks, Operation, OperationKind};

/// Arguments of `undo`.
#[derive(Clone, Debug, clap::Args)]
pub struct UndoArgs {
    /// The operation; the start or end of its ID is enough
    #[arg(value_name = "ID")]
    pub operation: String,
    /// Confirmation, waiting and output.
    #[command(flatten)]
    pub args: ChangeArgs,
}

/// Undoes an operation, as an operation of its own, and prints its receipt. Where it was done is where it is undone,
/// unless another cloud was typed.
pub async fn run(setup: &Setup, login: Login, args: UndoArgs) -> Result<Exit, Stop> {
    setup.require_journal("undo")?;
    args.args.check_consent(false)?;
    let output = Output::open(&args.args.output)?;
    let engine = setup.engine_for(&login, args.args.poll_times()).await?;
    let mut interrupts = Interrupts::listen()?;
    let find = async { Ok(engine.find_operation(args.operation).await?) };
    let undone = interrupts.race(find).await?;
    let (kind, marks) = inverse(&undone)?;
    let login = login.at(&undone.scope);
    let choice = Choice::Undo { kind, marks, undone: Box::new(undone) };
    change::run_on((engine, interrupts), setup, login, args.args, choice, output).await
}

/// What takes it back, and the shares it is about.
fn inverse(undone: &Operation) -> Result<(OperationKind, Marks), Failure> {
    let what = format!("undo operation {}", undone.id);
    if undone.kind.inverse().is_none() {
        return Err(Failure::new(what, "an answer to a share cannot be taken back")
            .with_hint("give the other one: `sharelock accept` or `sharelock reject`"));
    }
    undone.inverse().ok_or_else(|| {
        let done = undone.kind.word();
        Failure::new(what, format!("it did not {done} anything, as far as is known"))
            .with_hint("`sharelock history` shows what became of each share")
    })
}
