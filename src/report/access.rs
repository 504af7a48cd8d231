//! Who has access to what, as rows: one for each share, and one for each image whose members are not known. An audit and
//! what the screen exports have the same columns.

use super::sheet::{Cell, Column, InTable};
use domain::{Image, ImageIx, Inventory, Moment, Row, Source, Text};

/// Order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// Image, then member
    Image,
    /// Member, then image: what can this project use?
    Member,
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

/// What everybody who reads a status has to know.
pub const STATUS_IS_NOT_ACCESS: &str =
    "pending and rejected members can use the image all the same: status is not access";

/// The columns; with several places, those that tell them apart are shown in a table too.
pub fn columns(order: Order, several: bool) -> Vec<Column> {
    let columns = match order {
        Order::Image => BY_IMAGE,
        Order::Member => BY_MEMBER,
    };
    let mut columns = columns.to_vec();
    if several {
        columns[0].table = InTable::Yes;
        columns[1].table = InTable::Unless("");
    }
    columns
}

impl Order {
    /// The cells of a row, which are made in the order of images, in this order.
    pub fn arranged(self, mut cells: Vec<Cell>) -> Vec<Cell> {
        if self == Self::Member {
            cells[IMAGE..STATUS].rotate_left(MEMBER - IMAGE);
        }
        cells
    }
}

/// Where the columns of image, member and status begin in [`BY_IMAGE`].
const IMAGE: usize = 3;
const MEMBER: usize = 7;
const STATUS: usize = 10;

/// Where a row is about.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The cloud, by its name in the configuration.
    pub cloud: &'a str,
    /// Its region.
    pub region: Option<&'a str>,
    /// The id of the project one is logged in to.
    pub project: Option<&'a Text>,
}

impl Place<'_> {
    /// A row that tells nothing but where, and what could not be checked there.
    pub fn blank(&self, error: Cell) -> Vec<Cell> {
        let mut cells = vec![None; BY_IMAGE.len()];
        cells[0] = Some(self.cloud.into());
        cells[1] = self.region.map(Text::from);
        cells[2] = self.project.cloned();
        cells[BY_IMAGE.len() - 1] = error;
        cells
    }

    /// A row of an image whose members are not known, and why.
    pub fn image(&self, image: &Image, error: Cell) -> Vec<Cell> {
        let mut cells = self.blank(error);
        cells[IMAGE].clone_from(&image.name);
        cells[IMAGE + 1] = Some(image.id.0.clone());
        cells[IMAGE + 2] = image.owner.as_ref().map(|owner| owner.0.clone());
        cells[IMAGE + 3] = Some(image.visibility.clone().into());
        cells
    }

    /// A row of a share.
    pub fn share(&self, inventory: &Inventory, ix: ImageIx, row: &Row, name: Cell) -> Vec<Cell> {
        let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string().into());
        let member = inventory.member(row.member);
        let mut cells = self.image(inventory.image(ix), None);
        cells[MEMBER] = Some(member.id.clone());
        cells[MEMBER + 1] = Some(member.kind.word().into());
        cells[MEMBER + 2] = name;
        cells[STATUS] = Some(inventory.status(row).clone().into());
        cells[STATUS + 1] = time(row.created_at());
        cells[STATUS + 2] = time(row.updated_at());
        cells
    }
}

/// A name; for people with the sign of where it came from.
pub fn name(name: &Text, source: Source, signs: bool) -> Text {
    let sign = if signs { source.sign() } else { "" };
    format!("{sign}{}", name.raw()).into()
}
