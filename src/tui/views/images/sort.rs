//! Sort columns of the list of images.

use std::cmp::Ordering;

use domain::{ImageIx, Inventory, Marks, MemberList};

/// A column to sort images by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Name,
    Members,
    Marked,
    Age,
}

impl Sort {
    /// Columns to sort received images by: only one of their members is visible, and they have no marks.
    pub(crate) fn of_received() -> [Self; 2] {
        [Self::Name, Self::Age]
    }

    /// The columns to sort the list of images by.
    pub(crate) fn all(received: bool) -> &'static [Self] {
        if received {
            &[Self::Name, Self::Age]
        } else {
            &[Self::Name, Self::Members, Self::Marked, Self::Age]
        }
    }

    /// The next one, wrapping around.
    pub(crate) fn next(self, received: bool) -> Self {
        match self {
            Self::Name if received => Self::Age,
            Self::Name => Self::Members,
            Self::Members => Self::Marked,
            Self::Marked => Self::Age,
            Self::Age => Self::Name,
        }
    }

    /// The name of its column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Members => "members",
            Self::Marked => "marked",
            Self::Age => "age",
        }
    }
}

pub(crate) fn turned(order: Ordering, direction: i64) -> Ordering {
    if direction < 0 { order.reverse() } else { order }
}

/// The sort key of a column: most members, most marked and youngest first. Unknown comes last.
pub(crate) fn weight(by: Sort, ix: ImageIx, inventory: &Inventory, marks: &Marks) -> i64 {
    let count = |n: usize| -i64::try_from(n).unwrap_or(i64::MAX);
    let image = inventory.image(ix);
    match (by, inventory.list(ix)) {
        (Sort::Name, _) => 0,
        (Sort::Members, MemberList::Read(rows)) => count(rows.len()),
        (Sort::Members, _) => 1,
        (Sort::Marked, _) => count(marks.count_of(&image.id)),
        (Sort::Age, _) => image.created_at.map_or(1, |created| -created.0),
    }
}
