//! What an audit found as rows: one for each share, and one for each image whose members are not known.

use std::collections::BTreeSet;
use std::io;

use super::report::{Found, Place, Report, Scope};
use crate::cli::output::Format;
use crate::cli::sheet::{Cell, Column, Sheet};
pub use crate::report::access::Order;
use crate::report::access::{self, STATUS_IS_NOT_ACCESS};
use domain::{ImageIx, MemberStatus, Row, Source};

impl<'a> Report<'a> {
    /// The same as rows: one for each share, and one for each image whose members are not known.
    pub(super) fn sheet(&'a self, order: Order) -> AuditSheet<'a> {
        let columns = access::columns(order, self.several);
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
                each(&self.order.arranged(place(scope).blank(Some(error.as_str().into()))))?;
            }
            for (found, (ix, why)) in
                scope.found.iter().flat_map(|f| f.unknown().map(move |u| (f, u)))
            {
                let image = found.reading.inventory.image(ix);
                each(&self.order.arranged(place(scope).image(image, Some(why.into()))))?;
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
        let named = found.names.with_source(inventory.member(row.member));
        let name = named.map(|(name, source)| access::name(name, source, self.signs));
        self.order.arranged(place(scope).share(inventory, ix, row, name))
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
}

fn place<'a>(scope: &'a Scope<'_>) -> access::Place<'a> {
    let Place { cloud, region, project, .. } = &scope.place;
    access::Place { cloud, region: region.as_deref(), project: project.as_ref() }
}
