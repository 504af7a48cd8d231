//! `audit`: who has access to what.

use jiff::Timestamp;

use super::exit::{Exit, Stop};
use super::names::Names;
use super::output::{Format, Output, OutputArgs};
use super::reading::Reading;
use super::session::Session;
use super::{Login, select};
use crate::domain::{ImageIx, Moment, Text};
use crate::engine::{Handle, Wanted};

mod document;
mod report;
mod rows;

use report::{Place, Report, Scope, Wish};
pub use rows::Order;

/// What was typed.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// Only these images, by id or name; a name means every image that has it.
    #[arg(long, value_name = "ID|NAME", num_args = 1..)]
    pub image: Vec<String>,
    /// Only these members, by id or alias.
    #[arg(long, value_name = "ID|NAME", num_args = 1..)]
    pub project: Vec<String>,
    /// Only shares with one of these statuses: pending, accepted, rejected.
    #[arg(long, value_name = "STATUS", num_args = 1..)]
    pub status: Vec<String>,
    /// Images of others that are shared with the project, too.
    #[arg(long)]
    pub received: bool,
    /// What the rows of a table are ordered by.
    #[arg(long, value_name = "ORDER", default_value = "image")]
    pub by: Order,
    /// How and where the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads, and prints what was found; 3 when something could not be checked.
pub async fn run(
    engine: Handle,
    names: &Names,
    login: Login,
    args: AuditArgs,
) -> Result<Exit, Stop> {
    let output = Output::open(&args.output)?;
    let place = Place::asked(&login);
    let mut session = match Session::open(engine, login.cloud, login.region).await {
        Err(Stop::Failed(failure)) if args.output.format == Format::Json => {
            let scopes = vec![Scope::closed(place, &failure)];
            let report = Report { taken_at: now(), scopes, names };
            output.write(&report, &report.sheet(Order::Image))?;
            return Err(failure.into());
        }
        session => session?,
    };
    let (reading, images) = read(&mut session, &args).await?;
    let wish = Wish::new(&reading, names, &args.project, &args.status);
    let scope = Scope::read(Place::of(&session.scope), &reading, images, wish);
    let report = Report { taken_at: now(), scopes: vec![scope], names };
    output.write(&report, &report.sheet(args.by))?;
    let exit = tell(&mut session, &report);
    session.close().await;
    Ok(exit)
}

async fn read(session: &mut Session, args: &AuditArgs) -> Result<(Reading, Vec<ImageIx>), Stop> {
    if args.image.is_empty() {
        let reading = session.read(Wanted::All { received: args.received }).await?;
        let images = select::in_order(&reading.inventory);
        return Ok((reading, images));
    }
    let wanted = if args.received { Wanted::All { received: true } } else { Wanted::ImagesOnly };
    let mut reading = session.read(wanted).await?;
    let named = select::named(&reading, &args.image)?;
    for several in named.iter().filter(|named| named.images.len() > 1) {
        let count = several.images.len();
        session.narrator.say(format_args!("{count} images are called `{}`", several.typed));
    }
    let chosen: Vec<ImageIx> = named.into_iter().flat_map(|named| named.images).collect();
    session.read_members(&mut reading, &chosen).await?;
    let mut images = select::in_order(&reading.inventory);
    images.retain(|ix| chosen.contains(ix));
    Ok((reading, images))
}

fn now() -> Moment {
    Moment(Timestamp::now().as_millisecond())
}

/// Images that are named one by one when they could not be checked; more are counted.
const NAMED: usize = 20;

/// Says in one line what was found, and in one each what was not checked.
fn tell(session: &mut Session, report: &Report<'_>) -> Exit {
    let narrator = &mut session.narrator;
    let troubles: Vec<Text> = report.scopes.iter().flat_map(Scope::troubles).collect();
    for trouble in troubles.iter().take(NAMED) {
        narrator.say(format_args!("not checked: {trouble}"));
    }
    if troubles.len() > NAMED {
        narrator.say(format_args!("not checked: {} more", troubles.len() - NAMED));
    }
    for scope in &report.scopes {
        narrator.say(scope.summary());
    }
    if troubles.is_empty() { Exit::Done } else { Exit::Incomplete }
}
