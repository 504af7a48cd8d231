//! The index of shares by member: which images each member can use.

use super::{Image, ImageIx, Inventory, MemberIx, MemberList, MemberStatus, Moment, Row};

/// One share of a member, in 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The image.
    pub image: ImageIx,
    row: u32,
}

/// The counts of one member's shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Images shared with it.
    pub images: u32,
    /// Shares that it accepted.
    pub accepted: u32,
    /// Shares that it has not answered. It has access to them.
    pub pending: u32,
    /// Shares that it rejected. It has access to them.
    pub rejected: u32,
    /// Shares with an unknown status.
    pub other: u32,
    /// When its newest share was created, where the cloud reports it.
    pub newest: Option<Moment>,
}

/// Every share of one revision of an inventory, grouped by member in flat columns. Built in two passes over the rows.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Offsets into `held` by [`MemberIx`], and the end.
    starts: Vec<u32>,
    held: Vec<Held>,
    totals: Vec<Total>,
    unknown: usize,
}

impl Reach {
    /// Indexes the images that match. Valid for this revision of the inventory only.
    pub fn of(inventory: &Inventory, wanted: impl Fn(&Image) -> bool) -> Self {
        let images: Vec<ImageIx> =
            inventory.images().filter(|(_, image)| wanted(image)).map(|(ix, _)| ix).collect();
        let mut totals = vec![Total::default(); inventory.members().count()];
        let mut unknown = 0;
        for ix in &images {
            let list = inventory.list(*ix);
            unknown += usize::from(matches!(list, MemberList::Unread | MemberList::Failed(_)));
            for row in inventory.rows(*ix) {
                totals[row.member.0 as usize].count(inventory.status(row), row);
            }
        }
        let (starts, held) = place(inventory, &images, &totals);
        Self { starts, held, totals, unknown }
    }

    /// The shares of a member, in the order the images were first seen; empty for a member that was added later.
    pub fn held(&self, member: MemberIx) -> &[Held] {
        let at = member.0 as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => &self.held[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// The counts of a member's shares.
    pub fn total(&self, member: MemberIx) -> Total {
        self.totals.get(member.0 as usize).copied().unwrap_or_default()
    }

    /// Number of images whose members are unknown: any member may have access to them.
    pub fn unknown(&self) -> usize {
        self.unknown
    }
}

/// The second pass: groups the shares by member.
fn place(inventory: &Inventory, images: &[ImageIx], totals: &[Total]) -> (Vec<u32>, Vec<Held>) {
    let mut starts = Vec::with_capacity(totals.len() + 1);
    starts.push(0);
    let mut end = 0;
    for total in totals {
        end += total.images;
        starts.push(end);
    }
    let mut next = starts.clone();
    let mut held = vec![Held { image: ImageIx(0), row: 0 }; end as usize];
    for image in images.iter().copied() {
        for (row, member) in (0..).zip(inventory.rows(image).iter().map(|row| row.member)) {
            let at = &mut next[member.0 as usize];
            held[*at as usize] = Held { image, row };
            *at += 1;
        }
    }
    (starts, held)
}

impl Held {
    /// The row of the share in the indexed inventory.
    pub fn row<'a>(&self, inventory: &'a Inventory) -> Option<&'a Row> {
        inventory.rows(self.image).get(self.row as usize)
    }
}

impl Total {
    fn count(&mut self, status: &MemberStatus, row: &Row) {
        self.images += 1;
        self.newest = self.newest.max(row.created_at());
        *match status {
            MemberStatus::Accepted => &mut self.accepted,
            MemberStatus::Pending => &mut self.pending,
            MemberStatus::Rejected => &mut self.rejected,
            MemberStatus::Other(_) => &mut self.other,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Member, Membership};

    fn membership(id: &str, status: MemberStatus, created: i64) -> Membership {
        Membership {
            member: Member::project(id),
            status,
            created_at: Some(Moment(created)),
            updated_at: None,
        }
    }

    fn three_images() -> Inventory {
        let mut inventory = Inventory::default();
        let images = ["a", "b", "c"].map(|id| inventory.put_image(Image::bare(id.into())));
        let (accepted, other) = (MemberStatus::Accepted, MemberStatus::Other("gone".into()));
        let first = vec![membership("p", accepted, 1), membership("q", other, 5)];
        inventory.put_members(images[0], first);
        inventory.put_members(images[1], vec![membership("p", MemberStatus::Pending, 9)]);
        inventory.put_list(images[2], MemberList::Failed("503".into()));
        inventory
    }

    fn reached(inventory: &Inventory, reach: &Reach, id: &str) -> Vec<String> {
        let member = inventory.find_member(&Member::project(id)).unwrap();
        let label = |held: &Held| {
            assert_eq!(held.row(inventory).unwrap().member, member);
            inventory.image(held.image).label()
        };
        reach.held(member).iter().map(label).collect()
    }

    #[test]
    fn every_share_is_found_from_its_member() {
        let inventory = three_images();
        let reach = Reach::of(&inventory, |_| true);

        assert_eq!(reached(&inventory, &reach, "p"), ["a", "b"]);
        assert_eq!(reached(&inventory, &reach, "q"), ["a"]);
        assert_eq!(reach.unknown(), 1);
        assert!(reach.held(MemberIx(7)).is_empty());
    }

    #[test]
    fn totals_count_by_status_and_know_the_newest() {
        let inventory = three_images();
        let reach = Reach::of(&inventory, |_| true);
        let p = reach.total(inventory.find_member(&Member::project("p")).unwrap());
        let q = reach.total(inventory.find_member(&Member::project("q")).unwrap());

        assert_eq!((p.images, p.accepted, p.pending, p.newest), (2, 1, 1, Some(Moment(9))));
        assert_eq!((q.images, q.other, q.newest), (1, 1, Some(Moment(5))));
    }

    #[test]
    fn images_that_are_not_wanted_are_not_reached_and_not_unknown() {
        let inventory = three_images();
        let reach = Reach::of(&inventory, |image| image.id.raw() == "b");

        assert_eq!(reached(&inventory, &reach, "p"), ["b"]);
        assert!(reached(&inventory, &reach, "q").is_empty());
        assert_eq!(reach.unknown(), 0);
    }
}
