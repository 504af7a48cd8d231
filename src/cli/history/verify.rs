//! `--verify`: the members are read again and compared with the receipt.

use super::filter::HistoryFilter;
use super::{elsewhere, find_operation, undone_by};
use crate::cli::Login;
use crate::cli::exit::{Exit, Stop};
use crate::cli::interrupts;
use crate::cli::output::{self, Output};
use crate::cli::session::Session;
use crate::cli::setup::Setup;
use crate::report::history::History;
use crate::report::operations::{Shares, summary};
use domain::Member;
use domain::operation::{Comparison, ShareRecord};
use engine::PollTimes;

/// Logs in where it was done, unless another cloud was typed; 3 when a share is not as the receipt says, or that is
/// not known.
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
            return Err(elsewhere(&operation, session.scope()).into());
        }
        let (at, later) = session.verify(&operation).await?;
        Ok((operation, undone_by, at, later))
    };
    let (operation, undone_by, at, later) = interrupts::run(engine, verify).await?;
    let same = later.iter().all(Comparison::is_unchanged);
    let place = operation.scope.label();
    output::say(format_args!("operation {} on {place}: {}", operation.id, summary(&later)));
    let names = setup.names();
    let called = |member: &Member| names.of(member).cloned();
    let wanted = |record: &ShareRecord| filter.is_for(record);
    let shares = Shares::of_one(&operation, undone_by, &wanted, &called).verified(at, later);
    output.write(&History::of(&shares), &shares)?;
    Ok(if same { Exit::Done } else { Exit::Incomplete })
}
