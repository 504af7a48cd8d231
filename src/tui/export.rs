//! What is written to a file or copied, with everything it needs: it is written away from the loop.

pub(crate) mod write;

use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;

use crate::report::access::{self, Names, Order, ScopeName};
use crate::report::history;
use crate::report::json;
use crate::report::table::{self, Column, Show, Table, column};
use crate::report::text;
use domain::operation::Comparison;
use domain::{
    ImageIx, Inventory, Member, MemberIx, Moment, Operation, OperationId, Scope, Share, Source,
    Text,
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
    /// The name shown on the screen.
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
            Self::Access(access) => access.write(format, out),
            Self::Marks(marked) => write_table(format, marked, out),
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

fn write_table(format: Format, table: &impl Table, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Csv => table::write_csv(out, table),
        Format::JsonLines | Format::Json => table::write_jsonl(out, table),
        Format::Markdown => table::write_markdown(out, table),
    }
}

/// A scope with shares in view.
#[derive(Debug)]
pub(crate) struct ScopeInView {
    pub(crate) scope: Scope,
    pub(crate) inventory: Inventory,
    /// Why the list of images is incomplete.
    pub(crate) error: Option<String>,
    /// Images whose members are not known, and why.
    pub(crate) unknown: Vec<(ImageIx, String)>,
}

/// The shares in view.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) order: Order,
    pub(crate) scopes: Vec<ScopeInView>,
    /// Index of the scope, image and member, in the order of the view.
    pub(crate) shares: Vec<(usize, ImageIx, MemberIx)>,
    /// Names of members, by ID.
    pub(crate) names: HashMap<String, (Text, Source)>,
}

impl Access {
    fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let names: Names<'_> = Box::new(|member| self.names.get(member.id.raw()).cloned());
        let share = |&(at, ix, member): &(usize, ImageIx, MemberIx)| {
            Some((at, ix, self.scopes.get(at)?.inventory.row_of(ix, member)?))
        };
        let access = access::Access {
            order: self.order,
            several: self.scopes.len() > 1,
            signs: format == Format::Markdown,
            scopes: self.scopes.iter().map(|scope| scope.report(&names)).collect(),
            shares: self.shares.iter().filter_map(share).collect(),
            legend: Vec::new(),
        };
        write_table(format, &access, out)
    }
}

impl ScopeInView {
    fn report<'a>(&'a self, names: &'a Names<'a>) -> access::Scope<'a> {
        access::Scope {
            name: Rc::new(ScopeName::of(&self.scope)),
            read: Some((&self.inventory, names)),
            error: self.error.clone(),
            unknown: self.unknown.clone(),
        }
    }
}

/// Marked shares with their scopes: the input of `revoke --from` and `share --from`.
#[derive(Debug)]
pub(crate) struct Marked(pub(crate) Vec<(Arc<Scope>, Share)>);

impl Table for Marked {
    type Row = (Arc<Scope>, Share);

    fn columns(&self) -> Vec<Column<Self::Row>> {
        use Show::{Always, Unless};
        vec![
            column("cloud", "CLOUD", Always, |(scope, _)| text(&*scope.cloud)),
            column("region", "REGION", Unless(""), |(scope, _)| text(scope.region.as_deref())),
            column("project_id", "PROJECT", Always, |(scope, _)| Some(scope.project_id.0.clone())),
            column("image_id", "IMAGE ID", Always, |(_, share)| Some(share.image.0.clone())),
            column("member_id", "MEMBER", Always, |(_, share)| Some(share.member.id.clone())),
            column("member_type", "TYPE", Unless("project"), |(_, share)| {
                text(share.member.kind.word())
            }),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&Self::Row) -> io::Result<()>) -> io::Result<()> {
        self.0.iter().try_for_each(each)
    }
}

/// An operation, as `history ID` prints it.
#[derive(Debug)]
pub(crate) struct Receipt {
    pub(crate) operation: Operation,
    pub(crate) undone_by: Vec<OperationId>,
    /// When it was verified again, and the result for every share.
    pub(crate) verified: Option<(Moment, Vec<Comparison>)>,
    /// Names of members, by ID.
    pub(crate) names: HashMap<String, Text>,
}

impl Receipt {
    fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let name = |member: &Member| self.names.get(member.id.raw()).cloned();
        let context = history::Context {
            undone_by: self.undone_by.clone(),
            verified: self.verified.clone(),
            filter: Box::new(|_| true),
            name: Box::new(name),
        };
        let receipt = history::Receipt::of(&self.operation, context);
        match format {
            Format::Json => json::write(out, &receipt),
            format => write_table(format, &receipt, out),
        }
    }
}
