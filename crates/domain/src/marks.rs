//! The shares that the user marked, by ID, so marks survive a refresh, a filter, sorting and a change of view.

use std::collections::{BTreeMap, BTreeSet};

use super::{ImageId, Member, Share};

/// The marked shares. Ordered, so that everything built from them is deterministic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    by_image: BTreeMap<ImageId, BTreeSet<Member>>,
    len: usize,
}

impl Marks {
    /// Marks a share; false if it was marked already.
    pub fn insert(&mut self, share: Share) -> bool {
        let new = self.by_image.entry(share.image).or_default().insert(share.member);
        self.len += usize::from(new);
        new
    }

    /// Removes a mark; false if there was none.
    pub fn remove(&mut self, share: &Share) -> bool {
        let Some(members) = self.by_image.get_mut(&share.image) else { return false };
        let was = members.remove(&share.member);
        self.len -= usize::from(was);
        if members.is_empty() {
            self.by_image.remove(&share.image);
        }
        was
    }

    /// Marks a share, or removes its mark.
    pub fn toggle(&mut self, share: Share) {
        if !self.remove(&share) {
            self.insert(share);
        }
    }

    /// Removes all marks.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a share is marked.
    pub fn contains(&self, image: &ImageId, member: &Member) -> bool {
        self.by_image.get(image).is_some_and(|members| members.contains(member))
    }

    /// The marked members of an image, in order.
    pub fn of_image(&self, image: &ImageId) -> impl Iterator<Item = &Member> {
        self.by_image.get(image).into_iter().flatten()
    }

    /// The number of marked shares of an image.
    pub fn count_of(&self, image: &ImageId) -> usize {
        self.by_image.get(image).map_or(0, BTreeSet::len)
    }

    /// The images with a mark, in order.
    pub fn images(&self) -> impl ExactSizeIterator<Item = &ImageId> {
        self.by_image.keys()
    }

    /// The number of marked shares.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every marked share, ordered by image, then member.
    pub fn iter(&self) -> impl Iterator<Item = Share> {
        self.by_image.iter().flat_map(|(image, members)| {
            members.iter().map(|member| Share { image: image.clone(), member: member.clone() })
        })
    }
}

impl FromIterator<Share> for Marks {
    fn from_iter<I: IntoIterator<Item = Share>>(shares: I) -> Self {
        let mut marks = Self::default();
        for share in shares {
            marks.insert(share);
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(image: &str, member: &str) -> Share {
        Share { image: image.into(), member: Member::project(member) }
    }

    #[test]
    fn the_count_follows_every_change() {
        let mut marks: Marks =
            [share("a", "x"), share("a", "y"), share("a", "x")].into_iter().collect();
        assert_eq!(marks.len(), 2);

        marks.toggle(share("a", "x"));
        assert_eq!((marks.len(), marks.count_of(&"a".into())), (1, 1));
        assert!(!marks.remove(&share("b", "y")));

        marks.toggle(share("a", "y"));
        assert!(marks.is_empty());
        assert_eq!(marks.images().len(), 0);
    }

    #[test]
    fn members_of_different_type_with_one_id_are_two_marks() {
        let account = Member { kind: super::super::MemberKind::Domain, id: "x".into() };
        let marks: Marks =
            [share("a", "x"), Share { image: "a".into(), member: account }].into_iter().collect();
        assert_eq!(marks.len(), 2);
    }
}
