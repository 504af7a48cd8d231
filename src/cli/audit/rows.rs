//! What an audit found as rows: one for each share, and one for each image whose members are not known.

use std::collections::BTreeSet;
use std::io;

use super::report::{Found, Report, Scope};
use crate::cli::output::Format;
use crate::cli::sheet::{Cell, Column, InTable, Sheet};
use crate::domain::{ImageIx, Member, MemberStatus, Moment, Row, Source, Text};

/// What the rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// Image, then member.
    Image,
    /// Member, then image: what can this project reach?
    Member,
}

impl<'a> Report<'a> {
    /// The same as rows: one for each share, and one for each image whose members are not known.
    pub(super) fn sheet(&'a self, order: Order) -> AuditSheet<'a> {
        let columns = match order {
            Order::Image => BY_IMAGE,
            Order::Member => BY_MEMBER,
        };
        let mut columns = columns.to_vec();
        if self.several {
            columns[0].table = InTable::Yes;
            columns[1].table = InTable::Unless("");
        }
        AuditSheet { report: self, order, columns, signs: false }
    }
}

impl AuditSheet<'_> {
    /// The same for people, where this is a format they read: names show where they came from.
    pub(super) fn for_people(self, format: Format) -> Self {
        Self { signs: matches!(format, Format::Table | Format::Markdown), ..self }
    }
}

/// The rows of a report.
pub(super) struct AuditSheet<'a> {
    report: &'a Report<'a>,
    order: Order,
    columns: Vec<Column>,
    /// Names are shown with where they came from.
    signs: bool,
}

const fn column(key: &'static str, title: &'static str, table: InTable) -> Column {
    Column { key, title, table }
}

const BY_IMAGE: &[Column] = &[
    column("cloud", "CLOUD", InTable::No),
    column("region", "REGION", InTable::No),
    column("project_id", "PROJECT", InTable::No),
    column("image_name", "IMAGE", InTable::Yes),
    column("image_id", "IMAGE ID", InTable::Yes),
    column("owner", "OWNER", InTable::No),
    column("visibility", "VISIBILITY", InTable::No),
    column("member_id", "MEMBER", InTable::Yes),
    column("member_type", "TYPE", InTable::Unless("project")),
    column("member_name", "NAME", InTable::Unless("")),
    column("status", "STATUS", InTable::Yes),
    column("created_at", "SINCE", InTable::Yes),
    column("updated_at", "UPDATED", InTable::No),
    column("error", "NOT CHECKED", InTable::Unless("")),
];

const BY_MEMBER: &[Column] = &[
    column("cloud", "CLOUD", InTable::No),
    column("region", "REGION", InTable::No),
    column("project_id", "PROJECT", InTable::No),
    column("member_id", "MEMBER", InTable::Yes),
    column("member_type", "TYPE", InTable::Unless("project")),
    column("member_name", "NAME", InTable::Unless("")),
    column("image_name", "IMAGE", InTable::Yes),
    column("image_id", "IMAGE ID", InTable::Yes),
    column("owner", "OWNER", InTable::No),
    column("visibility", "VISIBILITY", InTable::No),
    column("status", "STATUS", InTable::Yes),
    column("created_at", "SINCE", InTable::Yes),
    column("updated_at", "UPDATED", InTable::No),
    column("error", "NOT CHECKED", InTable::Unless("")),
];

const STATUS_IS_NOT_ACCESS: &str =
    "pending and rejected members can use the image all the same: status is not access";

const DORMANT: &str = "not `shared`, so no members are listed; members from a time when it was are kept by the cloud, and \
                       have access again once it is `shared` again";

/// A share with the place it is in.
type Share<'f> = (&'f Scope<'f>, &'f Found<'f>, ImageIx, &'f Row);

impl Sheet for AuditSheet<'_> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        for (scope, found, ix, row) in self.in_order() {
            each(&self.share(scope, found, ix, row))?;
        }
        for scope in &self.report.scopes {
            if let Some(error) = &scope.error {
                each(&self.arranged(blank(scope, Some(error.as_str().into()))))?;
            }
            for (found, (ix, why)) in
                scope.found.iter().flat_map(|f| f.unknown().map(move |u| (f, u)))
            {
                each(&self.arranged(image(scope, found, ix, Some(why.into()))))?;
            }
        }
        Ok(())
    }

    fn legend(&self) -> Vec<String> {
        let found = || self.report.scopes.iter().filter_map(|scope| scope.found.as_ref());
        let misleads = |found: &Found<'_>| {
            let accepted = |row| *found.reading.inventory.status(row) == MemberStatus::Accepted;
            !found.shares().all(|(_, row)| accepted(row))
        };
        let status = found().any(misleads).then(|| STATUS_IS_NOT_ACCESS.to_owned());
        let images = || found().flat_map(|found| found.images.iter().map(move |ix| (found, *ix)));
        let open = images().filter(|(found, ix)| found.is_open(*ix)).count();
        let dormant = images().filter(|(found, ix)| found.may_have_dormant_members(*ix)).count();
        let open = some(open, "public or community, so every project can use it");
        let dormant = some(dormant, DORMANT);
        status.into_iter().chain(open).chain(dormant).chain(self.sources()).collect()
    }
}

fn some(count: usize, what: &str) -> Option<String> {
    let images = if count == 1 { "image: " } else { "images: " };
    (count > 0).then(|| format!("{count} {images}{what}"))
}

impl<'a> AuditSheet<'a> {
    fn in_order(&self) -> Vec<Share<'a>> {
        let of = |scope: &'a Scope<'a>| {
            let of =
                move |found| Found::shares(found).map(move |(ix, row)| (scope, found, ix, row));
            Scope::found(scope).into_iter().flat_map(of)
        };
        let mut shares: Vec<Share<'a>> = self.report.scopes.iter().flat_map(of).collect();
        if self.order == Order::Member {
            let member = |share: &Share<'a>| {
                let (_, found, _, row) = *share;
                found.reading.inventory.member(row.member)
            };
            shares.sort_by(|a, b| member(a).cmp(member(b)));
        }
        shares
    }

    fn share(&self, scope: &Scope<'_>, found: &Found<'_>, ix: ImageIx, row: &Row) -> Vec<Cell> {
        let inventory = &found.reading.inventory;
        let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string().into());
        let member = inventory.member(row.member);
        let mut cells = image(scope, found, ix, None);
        cells[MEMBER] = Some(member.id.clone());
        cells[MEMBER + 1] = Some(member.kind.word().into());
        cells[MEMBER + 2] = self.name(found, member);
        cells[STATUS] = Some(inventory.status(row).clone().into());
        cells[STATUS + 1] = time(row.created_at());
        cells[STATUS + 2] = time(row.updated_at());
        self.arranged(cells)
    }

    fn name(&self, found: &Found<'_>, member: &Member) -> Cell {
        let (name, source) = found.names.with_source(member)?;
        let sign = if self.signs { source.sign() } else { "" };
        Some(format!("{sign}{}", name.raw()).into())
    }

    /// Where the names that are shown came from, unless all are the user's own.
    fn sources(&self) -> Option<String> {
        let found = self.report.scopes.iter().filter_map(|scope| scope.found.as_ref());
        let source = |found: &'a Found<'a>| {
            let member = |row: &Row| found.reading.inventory.member(row.member);
            found.shares().filter_map(move |(_, row)| found.names.with_source(member(row)))
        };
        let sources: BTreeSet<Source> = found.flat_map(source).map(|(_, source)| source).collect();
        let told = |source: &Source| match source {
            Source::Alias => None,
            Source::Keystone => Some("the cloud's name"),
            Source::LastSeen => Some("the cloud's name when it was last seen"),
        };
        let told = sources
            .iter()
            .filter_map(|source| Some(format!("{} {}", source.sign(), told(source)?)));
        let told: Vec<String> = told.collect();
        (self.signs && !told.is_empty()).then(|| format!("names: {}", told.join(", ")))
    }

    /// From the order of [`BY_IMAGE`] to the one that was asked for.
    fn arranged(&self, mut cells: Vec<Cell>) -> Vec<Cell> {
        if self.order == Order::Member {
            cells[IMAGE..STATUS].rotate_left(MEMBER - IMAGE);
        }
        cells
    }
}

/// Where the columns of image, member and status begin in [`BY_IMAGE`].
const IMAGE: usize = 3;
const MEMBER: usize = 7;
const STATUS: usize = 10;

/// A row that tells nothing but where, and what could not be checked there.
fn blank(scope: &Scope<'_>, error: Cell) -> Vec<Cell> {
    let mut cells = vec![None; BY_IMAGE.len()];
    cells[0] = Some(scope.place.cloud.as_str().into());
    cells[1] = scope.place.region.as_deref().map(Text::from);
    cells[2].clone_from(&scope.place.project);
    cells[BY_IMAGE.len() - 1] = error;
    cells
}

fn image(scope: &Scope<'_>, found: &Found<'_>, ix: ImageIx, error: Cell) -> Vec<Cell> {
    let image = found.reading.inventory.image(ix);
    let mut cells = blank(scope, error);
    cells[IMAGE].clone_from(&image.name);
    cells[IMAGE + 1] = Some(image.id.0.clone());
    cells[IMAGE + 2] = image.owner.as_ref().map(|owner| owner.0.clone());
    cells[IMAGE + 3] = Some(image.visibility.clone().into());
    cells
}
