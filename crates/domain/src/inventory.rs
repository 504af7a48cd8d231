//! The images of one scope and the members that they are shared with.
//!
//! Built for 100,000 images and 1,000,000 shares: members are interned, a share is a row of 24 bytes, and views are lists
//! of indices.

use std::collections::HashMap;
use std::hash::Hash;

use super::{
    Image, ImageId, Member, MemberStatus, Membership, Moment, ProjectId, Scope, Share, Text,
};

/// Position of an image in an [`Inventory`]. Stable as long as the inventory lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageIx(pub u32);

/// Position of a member in an [`Inventory`]. Stable as long as the inventory lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberIx(pub u32);

/// One share: indices and times, in 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The member.
    pub member: MemberIx,
    status: u32,
    created: i64,
    updated: i64,
}

const NO_TIME: i64 = i64::MIN;

/// The members of an image. A failed reading is [`MemberList::Failed`], never an empty list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MemberList {
    /// Not read yet.
    #[default]
    Unread,
    /// Members do not apply to this image (on Glance a private, public or community image).
    DoNotApply,
    /// The rows, sorted by member.
    Read(Box<[Row]>),
    /// Could not be read, so the members are unknown. Says why.
    Failed(Text),
}

/// Images and shares of one scope.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    images: Vec<Image>,
    lists: Vec<MemberList>,
    present: Vec<bool>,
    by_id: HashMap<ImageId, ImageIx>,
    members: Interner<Member>,
    statuses: Interner<MemberStatus>,
    holders: Vec<u32>,
    shares: usize,
    gone: usize,
    revision: u64,
}

impl Inventory {
    /// Adds an image or updates it. Its member list is unchanged.
    pub fn put_image(&mut self, image: Image) -> ImageIx {
        self.revision += 1;
        if let Some(&ix) = self.by_id.get(&image.id) {
            self.gone -= usize::from(!std::mem::replace(&mut self.present[at(ix)], true));
            self.images[at(ix)] = image;
            return ix;
        }
        let ix = ImageIx(index(self.images.len()));
        self.by_id.insert(image.id.clone(), ix);
        self.images.push(image);
        self.lists.push(MemberList::Unread);
        self.present.push(true);
        ix
    }

    /// Removes an image that the cloud no longer lists, with its shares. Its index stays reserved.
    pub fn remove_image(&mut self, ix: ImageIx) {
        self.revision += 1;
        if std::mem::replace(&mut self.present[at(ix)], false) {
            self.gone += 1;
            self.replace_list(ix, MemberList::Unread);
        }
    }

    /// Sets the members of an image.
    pub fn put_members(&mut self, ix: ImageIx, memberships: Vec<Membership>) {
        let mut rows: Vec<Row> = memberships.into_iter().map(|m| self.row(m)).collect();
        rows.sort_by(|a, b| self.member(a.member).cmp(self.member(b.member)));
        rows.dedup_by_key(|row| row.member);
        self.replace_list(ix, MemberList::Read(rows.into()));
    }

    /// Sets the member list of an image that could not be read or has none.
    pub fn put_list(&mut self, ix: ImageIx, list: MemberList) {
        self.replace_list(ix, list);
    }

    fn row(&mut self, membership: Membership) -> Row {
        let member = MemberIx(self.members.intern(membership.member));
        self.holders.resize(self.members.items.len(), 0);
        let time = |moment: Option<Moment>| moment.map_or(NO_TIME, |moment| moment.0);
        Row {
            member,
            status: self.statuses.intern(membership.status),
            created: time(membership.created_at),
            updated: time(membership.updated_at),
        }
    }

    fn replace_list(&mut self, ix: ImageIx, list: MemberList) {
        self.revision += 1;
        if let MemberList::Read(rows) = &list {
            self.shares += rows.len();
            rows.iter().for_each(|row| self.holders[row.member.0 as usize] += 1);
        }
        if let MemberList::Read(rows) = std::mem::replace(&mut self.lists[at(ix)], list) {
            self.shares -= rows.len();
            rows.iter().for_each(|row| self.holders[row.member.0 as usize] -= 1);
        }
    }

    /// Changes with every modification; rebuild whatever was computed at another revision.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The images that the cloud lists, in the order they were first seen.
    pub fn images(&self) -> impl Iterator<Item = (ImageIx, &Image)> {
        let present = |(ix, _): &(usize, &Image)| self.present[*ix];
        self.images
            .iter()
            .enumerate()
            .filter(present)
            .map(|(ix, image)| (ImageIx(index(ix)), image))
    }

    /// The image at an index.
    pub fn image(&self, ix: ImageIx) -> &Image {
        &self.images[at(ix)]
    }

    /// Whether the cloud still lists the image.
    pub fn is_present(&self, ix: ImageIx) -> bool {
        self.present[at(ix)]
    }

    /// The index of an image.
    pub fn find(&self, id: &ImageId) -> Option<ImageIx> {
        self.by_id.get(id).copied().filter(|ix| self.is_present(*ix))
    }

    /// The member list of an image.
    pub fn list(&self, ix: ImageIx) -> &MemberList {
        &self.lists[at(ix)]
    }

    /// The rows of an image. Also empty where the members are unknown: check [`Inventory::list`].
    pub fn rows(&self, ix: ImageIx) -> &[Row] {
        match self.list(ix) {
            MemberList::Read(rows) => rows,
            _ => &[],
        }
    }

    /// The row of a member, if the image is known to be shared with it.
    pub fn row_of(&self, image: ImageIx, member: MemberIx) -> Option<&Row> {
        let (rows, wanted) = (self.rows(image), self.member(member));
        let found = rows.binary_search_by(|row| self.member(row.member).cmp(wanted)).ok()?;
        rows.get(found)
    }

    /// The index of a member that any image was ever shared with.
    pub fn find_member(&self, member: &Member) -> Option<MemberIx> {
        self.members.numbers.get(member).copied().map(MemberIx)
    }

    /// The member at an index.
    pub fn member(&self, ix: MemberIx) -> &Member {
        &self.members.items[ix.0 as usize]
    }

    /// Every member ever seen, also those without a share now.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (MemberIx, &Member)> {
        self.members.items.iter().enumerate().map(|(ix, member)| (MemberIx(index(ix)), member))
    }

    /// The number of images shared with a member.
    pub fn reach(&self, ix: MemberIx) -> usize {
        self.holders[ix.0 as usize] as usize
    }

    /// The status of a row.
    pub fn status(&self, row: &Row) -> &MemberStatus {
        &self.statuses.items[row.status as usize]
    }

    /// Every status ever seen, by [`Row::status_at`].
    pub fn statuses(&self) -> &[MemberStatus] {
        &self.statuses.items
    }

    /// The membership that a row stands for.
    pub fn membership(&self, row: &Row) -> Membership {
        Membership {
            member: self.member(row.member).clone(),
            status: self.status(row).clone(),
            created_at: row.created_at(),
            updated_at: row.updated_at(),
        }
    }

    /// The share that a row of an image stands for.
    pub fn share(&self, image: ImageIx, row: &Row) -> Share {
        Share { image: self.image(image).id.clone(), member: self.member(row.member).clone() }
    }

    /// Whether an image is neither owned by the project nor shared with it. Glance lists every project's shared images to an
    /// administrator, whatever member status the query filters by (seen on Glance 33); only the members show it. False while
    /// the members or the project are unknown, and on other clouds, where the membership may be the account's.
    pub fn is_of_others(&self, ix: ImageIx, scope: &Scope) -> bool {
        let MemberList::Read(rows) = self.list(ix) else { return false };
        let is_us = |row: &Row| scope.project_id.is(&ProjectId(self.member(row.member).id.clone()));
        scope.kind.lists_images_of_others()
            && scope.project_id.is_known()
            && !self.image(ix).is_owned_by(&scope.project_id)
            && !rows.iter().any(is_us)
    }

    /// The number of images that the cloud lists.
    pub fn image_count(&self) -> usize {
        self.images.len() - self.gone
    }

    /// The number of known shares.
    pub fn share_count(&self) -> usize {
        self.shares
    }

    /// The number of members with at least one share.
    pub fn member_count(&self) -> usize {
        self.holders.iter().filter(|&&images| images > 0).count()
    }
}

impl Row {
    /// Index of its status in [`Inventory::statuses`].
    pub fn status_at(&self) -> usize {
        self.status as usize
    }

    /// When the share was created.
    pub fn created_at(&self) -> Option<Moment> {
        (self.created != NO_TIME).then_some(Moment(self.created))
    }

    /// When its status last changed.
    pub fn updated_at(&self) -> Option<Moment> {
        (self.updated != NO_TIME).then_some(Moment(self.updated))
    }
}

fn at(ix: ImageIx) -> usize {
    ix.0 as usize
}

fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Numbers distinct values from 0.
#[derive(Clone, Debug)]
struct Interner<T> {
    items: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { items: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn intern(&mut self, item: T) -> u32 {
        if let Some(&number) = self.numbers.get(&item) {
            return number;
        }
        let number = index(self.items.len());
        self.items.push(item.clone());
        self.numbers.insert(item, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CloudKind;

    fn membership(id: &str) -> Membership {
        Membership {
            member: Member::project(id),
            status: MemberStatus::Pending,
            created_at: Some(Moment(1000)),
            updated_at: None,
        }
    }

    fn scope(kind: CloudKind) -> Scope {
        Scope {
            cloud: "c".into(),
            region: None,
            kind,
            project_id: ProjectId("own".into()),
            project_name: None,
            user: Some("u".into()),
            endpoint: "http://images".into(),
            protected: false,
            read_only: false,
            tls_verified: true,
            encrypted: true,
        }
    }

    #[test]
    fn an_image_is_of_others_only_when_its_members_are_known_and_we_are_none_of_them() {
        let (mut inventory, a, b) = two_images();
        let glance = scope(CloudKind::Glance);
        let unread = inventory.put_image(Image::bare("c".into()));
        inventory.put_members(b, vec![membership("OWN"), membership("x")]);

        assert!(inventory.is_of_others(a, &glance));
        assert!(!inventory.is_of_others(b, &glance) && !inventory.is_of_others(unread, &glance));
        let unknown = Scope { project_id: ProjectId("".into()), ..glance.clone() };
        assert!(!inventory.is_of_others(a, &unknown));
        // There one may be a member by one's account.
        assert!(!inventory.is_of_others(a, &scope(CloudKind::Ims)));
        inventory
            .put_image(Image { owner: Some(ProjectId("own".into())), ..Image::bare("a".into()) });
        assert!(!inventory.is_of_others(a, &glance));
    }

    #[test]
    fn two_logins_see_the_same_only_at_one_service_as_one_user_of_one_project() {
        let here = scope(CloudKind::Glance);
        let same = Scope { cloud: "d".into(), region: Some("r".into()), ..here.clone() };
        assert!(here.sees_same_images(&same));
        let unknown = Scope { user: None, ..here.clone() };
        for other in [
            Scope { user: Some("v".into()), ..here.clone() },
            Scope { endpoint: "http://others".into(), ..here.clone() },
            Scope { project_id: ProjectId("p".into()), ..here.clone() },
        ] {
            assert!(!here.sees_same_images(&other));
        }
        assert!(!unknown.sees_same_images(&unknown.clone()));
    }

    fn two_images() -> (Inventory, ImageIx, ImageIx) {
        let mut inventory = Inventory::default();
        let a = inventory.put_image(Image::bare("a".into()));
        let b = inventory.put_image(Image::bare("b".into()));
        inventory.put_members(a, vec![membership("y"), membership("x")]);
        inventory.put_members(b, vec![membership("x")]);
        (inventory, a, b)
    }

    #[test]
    fn counts_follow_every_reading() {
        let (mut inventory, a, b) = two_images();
        assert_eq!((inventory.share_count(), inventory.member_count()), (3, 2));

        inventory.put_members(a, vec![membership("x")]);
        assert_eq!((inventory.share_count(), inventory.member_count()), (2, 1));

        inventory.put_list(b, MemberList::Failed("503".into()));
        assert_eq!((inventory.share_count(), inventory.member_count()), (1, 1));

        inventory.remove_image(a);
        assert_eq!((inventory.share_count(), inventory.image_count()), (0, 1));
        assert_eq!(inventory.find(&"a".into()), None);
    }

    #[test]
    fn an_image_seen_again_keeps_its_index_and_members() {
        let (mut inventory, a, _) = two_images();
        let renamed = Image { name: Some("new".into()), ..Image::bare("a".into()) };

        assert_eq!(inventory.put_image(renamed), a);
        assert_eq!(inventory.rows(a).len(), 2);
        assert_eq!(inventory.image(a).label(), "new");
    }

    #[test]
    fn an_image_that_comes_back_counts_once() {
        let (mut inventory, a, _) = two_images();
        inventory.remove_image(a);
        inventory.remove_image(a);
        inventory.put_image(Image::bare("a".into()));

        assert_eq!(inventory.image_count(), 2);
        assert_eq!(inventory.list(a), &MemberList::Unread);
    }

    #[test]
    fn every_change_has_a_revision_of_its_own() {
        let (mut inventory, a, b) = two_images();
        let mut seen = vec![inventory.revision()];
        inventory.put_members(a, vec![membership("x")]);
        seen.push(inventory.revision());
        inventory.put_list(b, MemberList::Failed("503".into()));
        seen.push(inventory.revision());
        inventory.put_image(Image::bare("a".into()));
        seen.push(inventory.revision());
        inventory.remove_image(a);
        seen.push(inventory.revision());

        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    }

    #[test]
    fn the_row_of_a_member_is_found_and_that_of_another_is_not() {
        let (inventory, a, b) = two_images();
        let y = inventory.find_member(&Member::project("y")).unwrap();

        assert_eq!(inventory.row_of(a, y).map(|row| row.member), Some(y));
        assert_eq!(inventory.row_of(b, y), None);
        assert_eq!(inventory.find_member(&Member::project("z")), None);
    }

    #[test]
    fn rows_come_in_the_order_of_member_ids_and_once_each() {
        let (mut inventory, a, _) = two_images();
        inventory.put_members(a, vec![membership("z"), membership("x"), membership("z")]);

        let ids: Vec<_> =
            inventory.rows(a).iter().map(|r| inventory.member(r.member).id.raw()).collect();
        assert_eq!(ids, ["x", "z"]);
    }

    #[test]
    fn a_row_gives_back_what_was_put_in() {
        let (inventory, a, _) = two_images();
        assert_eq!(inventory.membership(&inventory.rows(a)[0]), membership("x"));
        assert_eq!(size_of::<Row>(), 24);
    }
}
