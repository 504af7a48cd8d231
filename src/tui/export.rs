//! What is written to a file or copied, with everything it needs: it is written away from the loop.

pub(crate) mod write;

use std::collections::HashMap;
use std::io;
use std::io::Write;

use crate::report::access;
use crate::report::access::{Order, Place, STATUS_IS_NOT_ACCESS};
use crate::report::history::History;
use crate::report::json;
use crate::report::operations::Shares;
use crate::report::sheet;
use crate::report::sheet::{Cell, Column, InTable, Sheet};
use domain::operation::Comparison;
use domain::{
    ImageIx, Inventory, Member, MemberIx, MemberStatus, Moment, Operation, OperationId, Scope,
    Share, Source, Text,
};

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
    Markdown,
    Json,
}

impl Format {
    /// What it is called.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON lines",
            Self::Markdown => "Markdown",
            Self::Json => "JSON",
        }
    }

    /// How its files end.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }
}

/// What is written.
#[derive(Debug)]
pub(crate) enum Export {
    Access(Access),
    Marks(Marked),
    Receipt(Box<Receipt>),
}

impl Export {
    /// Writes all of it.
    pub(crate) fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Access(access) => write_sheet(format, access, out),
            Self::Marks(marked) => write_sheet(format, marked, out),
            Self::Receipt(receipt) => receipt.write(format, out),
        }
    }

    /// All of it as text.
    pub(crate) fn text(&self, format: Format) -> String {
        let mut text = Vec::new();
        // Memory takes everything.
        drop(self.write(format, &mut text));
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn write_sheet(format: Format, sheet: &dyn Sheet, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Csv => sheet::write_csv(out, sheet),
        Format::JsonLines | Format::Json => sheet::write_jsonl(out, sheet),
        Format::Markdown => sheet::write_markdown(out, sheet),
    }
}

/// One scope that shares are exported from.
#[derive(Debug)]
pub(crate) struct Scoped {
    pub(crate) scope: Scope,
    pub(crate) inventory: Inventory,
    /// Why there may be more than is known.
    pub(crate) trouble: Option<String>,
    /// Images whose members are not known, and why.
    pub(crate) unknown: Vec<(ImageIx, String)>,
}

/// The shares in view.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) order: Order,
    pub(crate) scopes: Vec<Scoped>,
    /// The scope by its place, the image and the member, as they are sorted.
    pub(crate) shares: Vec<(usize, ImageIx, MemberIx)>,
    /// What members are called, by id.
    pub(crate) names: HashMap<String, (Text, Source)>,
    /// As many scopes need them.
    pub(crate) columns: Vec<Column>,
    /// Names show where they came from.
    pub(crate) signs: bool,
}

impl Access {
    fn name(&self, member: &Member) -> Cell {
        let (name, source) = self.names.get(member.id.raw())?;
        Some(access::name(name, *source, self.signs))
    }
}

impl Sheet for Access {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        for (at, ix, member) in &self.shares {
            let Scoped { scope, inventory, .. } = &self.scopes[*at];
            let Some(row) = inventory.row_of(*ix, *member) else { continue };
            let name = self.name(inventory.member(*member));
            each(&self.order.arranged(place(scope).share(inventory, *ix, row, name)))?;
        }
        for Scoped { scope, inventory, trouble, unknown } in &self.scopes {
            if let Some(why) = trouble {
                each(&self.order.arranged(place(scope).blank(Some(why.as_str().into()))))?;
            }
            for (ix, why) in unknown {
                let why = Some(why.as_str().into());
                each(&self.order.arranged(place(scope).image(inventory.image(*ix), why)))?;
            }
        }
        Ok(())
    }

    fn legend(&self) -> Vec<String> {
        let misleads = |(at, ix, member): &(usize, ImageIx, MemberIx)| {
            let inventory = &self.scopes[*at].inventory;
            let row = inventory.row_of(*ix, *member);
            row.is_some_and(|row| *inventory.status(row) != MemberStatus::Accepted)
        };
        let unknown: usize = self.scopes.iter().map(|it| it.unknown.len()).sum();
        let part = unknown > 0 || self.scopes.iter().any(|it| it.trouble.is_some());
        let status = self.shares.iter().any(misleads).then(|| STATUS_IS_NOT_ACCESS.to_owned());
        let part = part.then(|| "not complete: the last rows say what was not checked".to_owned());
        status.into_iter().chain(part).collect()
    }
}

fn place(scope: &Scope) -> Place<'_> {
    let Scope { cloud, region, project_id, .. } = scope;
    Place { cloud, region: region.as_deref(), project: Some(&project_id.0) }
}

/// Marked shares, by place: what `revoke --from` and `share --from` read.
#[derive(Debug)]
pub(crate) struct Marked(pub(crate) Vec<(Scope, Vec<Share>)>);

const MARKED: &[Column] = &[
    Column { key: "cloud", title: "CLOUD", table: InTable::Yes },
    Column { key: "region", title: "REGION", table: InTable::Unless("") },
    Column { key: "project_id", title: "PROJECT", table: InTable::Yes },
    Column { key: "image_id", title: "IMAGE ID", table: InTable::Yes },
    Column { key: "member_id", title: "MEMBER", table: InTable::Yes },
    Column { key: "member_type", title: "TYPE", table: InTable::Unless("project") },
];

impl Sheet for Marked {
    fn columns(&self) -> &[Column] {
        MARKED
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        for (scope, shares) in &self.0 {
            for Share { image, member } in shares {
                each(&[
                    Some(scope.cloud.as_str().into()),
                    scope.region.as_deref().map(Text::from),
                    Some(scope.project_id.0.clone()),
                    Some(image.0.clone()),
                    Some(member.id.clone()),
                    Some(member.kind.word().into()),
                ])?;
            }
        }
        Ok(())
    }
}

/// An operation, as `history ID` prints it.
#[derive(Debug)]
pub(crate) struct Receipt {
    pub(crate) operation: Operation,
    pub(crate) undone_by: Vec<OperationId>,
    /// When it was verified again, and what was found.
    pub(crate) again: Option<(Moment, Vec<Comparison>)>,
    /// What members are called, by id.
    pub(crate) names: HashMap<String, Text>,
}

impl Receipt {
    fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let named = |member: &Member| self.names.get(member.id.raw()).cloned();
        let undone_by = self.undone_by.clone();
        let shares = Shares::of_one(&self.operation, undone_by, &|_| true, &named);
        let shares = match &self.again {
            Some((at, later)) => shares.verified(*at, later.clone()),
            None => shares,
        };
        match format {
            Format::Json => json::write(out, &History::of(&shares)),
            format => write_sheet(format, &shares, out),
        }
    }
}
