//! What an audit found as rows: one for each share, and one for each image whose members are not known.

use std::io;

use super::report::{Found, Report, Scope};
use crate::cli::sheet::{Cell, Column, InTable, Sheet};
use crate::domain::{ImageIx, MemberStatus, Moment, Row, Text};

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
        AuditSheet { report: self, order }
    }
}

/// The rows of a report.
pub(super) struct AuditSheet<'a> {
    report: &'a Report<'a>,
    order: Order,
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

impl Sheet for AuditSheet<'_> {
    fn columns(&self) -> &[Column] {
        match self.order {
            Order::Image => BY_IMAGE,
            Order::Member => BY_MEMBER,
        }
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        for scope in &self.report.scopes {
            let Some(found) = &scope.found else { continue };
            for (ix, row) in self.in_order(found) {
                each(&self.cells(scope, found, ix, Some(row)))?;
            }
            for (ix, _) in found.unknown() {
                each(&self.cells(scope, found, ix, None))?;
            }
        }
        Ok(())
    }

    fn legend(&self) -> Vec<String> {
        let found = self.report.scopes.iter().filter_map(|scope| scope.found.as_ref());
        let accepted = |(found, row): (&Found<'_>, &Row)| {
            *found.reading.inventory.status(row) == MemberStatus::Accepted
        };
        let mut shares = found.flat_map(|found| found.shares().map(move |(_, row)| (found, row)));
        if shares.all(accepted) { vec![] } else { vec![STATUS_IS_NOT_ACCESS.into()] }
    }
}

impl AuditSheet<'_> {
    fn in_order<'f>(&self, found: &'f Found<'f>) -> Vec<(ImageIx, &'f Row)> {
        let mut shares: Vec<_> = found.shares().collect();
        if self.order == Order::Member {
            let member = |row: &Row| found.reading.inventory.member(row.member);
            shares.sort_by(|(_, a), (_, b)| member(a).cmp(member(b)));
        }
        shares
    }

    fn cells(
        &self,
        scope: &Scope<'_>,
        found: &Found<'_>,
        ix: ImageIx,
        row: Option<&Row>,
    ) -> Vec<Cell> {
        let inventory = &found.reading.inventory;
        let image = inventory.image(ix);
        let text = |text: &str| Some(Text::from(text));
        let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string().into());
        let member = row.map(|row| inventory.member(row.member));
        let mut cells = vec![
            text(&scope.place.cloud),
            scope.place.region.as_deref().and_then(text),
            scope.place.project.clone(),
            image.name.clone(),
            Some(image.id.0.clone()),
            image.owner.as_ref().map(|owner| owner.0.clone()),
            Some(image.visibility.clone().into()),
            member.map(|member| member.id.clone()),
            member.and_then(|member| text(member.kind.word())),
            member.and_then(|member| self.report.names.of(member).cloned()),
            row.map(|row| inventory.status(row).clone().into()),
            row.and_then(|row| time(row.created_at())),
            row.and_then(|row| time(row.updated_at())),
            if row.is_none() { found.reading.unknown(ix).map(Text::from) } else { None },
        ];
        if self.order == Order::Member {
            cells[3..10].rotate_left(4);
        }
        cells
    }
}
