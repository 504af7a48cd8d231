//! `--verify`: reads the members again and compares them with the receipt.

use super::filter::HistoryFilter;
use super::{context, find_operation, undone_by, wrong_scope};
use crate::cli::Login;
use crate::cli::exit::{Exit, Stop};
use crate::cli::interrupts;
use crate::cli::output::{self, Output};
use crate::cli::session::Session;
use crate::cli::setup::Setup;
use crate::report::history::{Receipt, changes};
use domain::operation::Comparison;
use engine::PollTimes;

/// Logs in to the scope of the operation, unless another cloud was typed; 3 when a share changed since the receipt, or
/// is unknown.
pub(super) async fn run(
    setup: &Setup,
    login: Login,
    id: String,
    filter: &HistoryFilter,
    output: Output,
) -> Result<Exit, Stop> {
    let engine = setup.engine_for(&login, PollTimes::default()).await?;
    let verify = async |engine: &_| {
        let operation = find_operation(engine, id, filter).await?;
        let undone_by = undone_by(engine, &operation.id).await?;
        let login = login.at(&operation.scope);
        let mut session = Session::open(engine, login.target()).await?;
        if !session.scope().is_same_scope(&operation.scope) {
            return Err(wrong_scope(&operation, session.scope()).into());
        }
        let (at, later) = session.verify(&operation).await?;
        Ok((operation, undone_by, at, later))
    };
    let (operation, undone_by, at, later) = interrupts::run(engine, verify).await?;
    let unchanged = later.iter().all(Comparison::is_unchanged);
    let label = operation.scope.label();
    output::say(format_args!("operation {} on {label}: {}", operation.id, changes(&later)));
    let names = setup.names();
    let context = context(undone_by, Some((at, later)), filter, &names);
    let receipt = Receipt::of(&operation, context);
    output.write(&receipt, &receipt)?;
    Ok(if unchanged { Exit::Done } else { Exit::Incomplete })
}
