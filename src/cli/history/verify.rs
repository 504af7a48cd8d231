//! `--verify`: the members are read again, and held against the receipt.

use super::filter::HistoryFilter;
use super::{elsewhere, undone_by};
use crate::cli::Login;
use crate::cli::exit::{Exit, Stop};
use crate::cli::output::{self, Output};
use crate::cli::session::{self, Session};
use crate::cli::setup::Setup;
use crate::domain::operation::{Later, ShareRecord};
use crate::domain::{Member, Moment, Operation};
use crate::engine::{Command, Event, Following};
use crate::report::history::History;
use crate::report::operations::{Shares, summary};

/// Logs in where it was done, unless another cloud was typed; 3 when a share is not as the receipt says, or that is
/// not known.
pub(super) async fn run(
    setup: &Setup,
    login: Login,
    id: String,
    wish: &HistoryFilter,
    output: Output,
) -> Result<Exit, Stop> {
    let mut engine = match login.cloud {
        Some(_) => setup.engine_for_one(Following::default()).await?,
        None => setup.engine(Following::default()),
    };
    let operation = session::recall(&mut engine, id).await?;
    wish.check(&operation)?;
    let undone_by = undone_by(&mut engine, &operation.id).await?;
    let there = &operation.scope;
    // A region of another cloud means nothing.
    let same = login.cloud.as_ref().is_none_or(|cloud| *cloud == there.cloud);
    let region = login.region.or_else(|| there.region.clone().filter(|_| same));
    let cloud = login.cloud.or_else(|| Some(there.cloud.clone()));
    let mut session =
        Session::open(engine, Login { cloud, region, otp: login.otp }.target()).await?;
    if !session.scope.is_same_place(&operation.scope) {
        return Err(elsewhere(&operation, &session.scope).into());
    }
    let (at, later) = verify(&mut session, &operation).await?;
    session.close().await;
    let same = later.iter().all(Later::is_as_it_was);
    let place = operation.scope.label();
    output::say(format_args!("operation {} on {place}: {}", operation.id, summary(&later)));
    let names = setup.names();
    let called = |member: &Member| names.of(member).cloned();
    let wanted = |record: &ShareRecord| wish.is_for(record);
    let shares = Shares::of_one(&operation, undone_by, &wanted, &called).verified(at, later);
    output.write(&History::of(&shares), &shares)?;
    Ok(if same { Exit::Done } else { Exit::Incomplete })
}

async fn verify(
    session: &mut Session,
    operation: &Operation,
) -> Result<(Moment, Vec<Later>), Stop> {
    let operation = Box::new(operation.clone());
    session.ask(|session| Command::Verify { session, operation });
    loop {
        match session.next().await? {
            Event::Verified { at, shares, .. } => {
                session.narrator.end_progress();
                return Ok((at, shares));
            }
            Event::Verifying { read, of, .. } => {
                session.narrator.progress(|| format!("reading members: {read} of {of} images"));
            }
            _ => {}
        }
    }
}
