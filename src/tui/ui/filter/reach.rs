//! The filter line of the Members view: words are about members, `image:` and `status:` choose among their shares.

use crate::tui::app::names::Names;
use crate::tui::ui::filter::{Field, Filter, Scratch, Term};
use domain::{ImageIx, Inventory, Member, MemberIx, Row, Text};

/// The result of a filter, for one state of the inventory: every member, image and status is checked once, so that
/// a share costs three look-ups.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReachFilter {
    /// By [`MemberIx`].
    members: Vec<bool>,
    /// By [`ImageIx`].
    images: Vec<bool>,
    /// By [`Row::status_at`].
    statuses: Vec<bool>,
    /// Whether the filter excludes some shares.
    asks_shares: bool,
}

impl ReachFilter {
    /// Checks every member, image and status once.
    pub(crate) fn new(
        filter: &Filter,
        inventory: &Inventory,
        names: &Names,
        scratch: &mut Scratch,
    ) -> Self {
        let mut member = |member: &Member| {
            let name = names.of(member).map(|name| name.name.raw()).unwrap_or_default();
            filter.terms.iter().all(|term| term.allows_member(member, name, scratch))
        };
        Self {
            members: inventory.members().map(|(_, it)| member(it)).collect(),
            images: images(filter, inventory),
            statuses: inventory.statuses().iter().map(|status| filter.status(status)).collect(),
            asks_shares: filter.terms.iter().any(Term::chooses_of_member),
        }
    }

    /// Whether some shares of a member may pass and others not.
    pub(crate) fn asks_shares(&self) -> bool {
        self.asks_shares
    }

    /// Whether a member passes; its shares are checked separately.
    pub(crate) fn member(&self, ix: MemberIx) -> bool {
        self.members.get(ix.0 as usize).copied().unwrap_or(true)
    }

    /// Whether a share of a member that passes is in view.
    pub(crate) fn share(&self, image: ImageIx, row: &Row) -> bool {
        let passes = |list: &[bool], at: usize| list.get(at).copied().unwrap_or(true);
        !self.asks_shares
            || (passes(&self.images, image.0 as usize) && passes(&self.statuses, row.status_at()))
    }
}

fn images(filter: &Filter, inventory: &Inventory) -> Vec<bool> {
    let terms: Vec<&Term> = filter.terms.iter().filter(|t| t.field == Field::Image).collect();
    let mut passing = Vec::new();
    if terms.is_empty() {
        return passing;
    }
    for (ImageIx(at), image) in inventory.images() {
        let name = image.name.as_ref().map(Text::raw).unwrap_or_default();
        let fits = |t: &&Term| (t.piece_of(name) || t.piece_of(image.id.raw())) != t.not;
        passing.resize(at as usize + 1, true);
        passing[at as usize] = terms.iter().all(fits);
    }
    passing
}

impl Term {
    /// Whether the term selects among the shares of a member.
    fn chooses_of_member(&self) -> bool {
        matches!(self.field, Field::Image | Field::Status)
    }

    fn allows_member(&self, member: &Member, name: &str, scratch: &mut Scratch) -> bool {
        let fits = match self.field {
            Field::Word => self.piece_of(member.id.raw()) || self.fits(name, scratch),
            Field::Member => self.piece_of(member.id.raw()) || self.piece_of(name),
            Field::Image | Field::Status => return true,
        };
        fits != self.not
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use domain::{Image, MemberStatus, Membership};

    /// The shares that pass, as `member image`.
    fn passing(line: &str) -> Vec<String> {
        let mut inventory = Inventory::default();
        let membership = |id: &str, status| Membership {
            member: Member::project(id),
            status,
            created_at: None,
            updated_at: None,
        };
        for (id, name) in [("i1", "Ubuntu"), ("i2", "debian")] {
            let image = Image { name: Some(name.into()), ..Image::bare(id.into()) };
            let ix = inventory.put_image(image);
            let members = vec![
                membership("p1", MemberStatus::Pending),
                membership("p2", MemberStatus::Accepted),
            ];
            inventory.put_members(ix, members);
        }
        let names = Names::of_aliases(HashMap::from([("p2".into(), "Team-Web".into())]));
        let filter =
            ReachFilter::new(&Filter::parse(line), &inventory, &names, &mut Scratch::default());
        let images = inventory.images().flat_map(|(ix, image)| {
            let rows = inventory.rows(ix).iter();
            let in_view = rows.filter(|row| filter.member(row.member) && filter.share(ix, row));
            in_view
                .map(|row| format!("{} {}", inventory.member(row.member).id, image.id))
                .collect::<Vec<_>>()
        });
        images.collect()
    }

    #[test]
    fn words_are_about_the_id_or_the_name_of_a_member() {
        assert_eq!(passing("tmwb"), ["p2 i1", "p2 i2"], "letters in order");
        assert_eq!(passing("P1"), ["p1 i1", "p1 i2"]);
        assert_eq!(passing("!web"), ["p1 i1", "p1 i2"]);
        assert_eq!(passing("member:team"), ["p2 i1", "p2 i2"]);
        assert!(passing("ubuntu").is_empty(), "a word is not about images here");
    }

    #[test]
    fn terms_about_images_and_statuses_choose_shares() {
        assert_eq!(passing("image:ubu"), ["p1 i1", "p2 i1"]);
        assert_eq!(passing("!image:i1 status:pend"), ["p1 i2"]);
        assert_eq!(passing("web image:deb"), ["p2 i2"]);
        assert_eq!(passing("image: status:").len(), 4, "a field alone filters nothing yet");
    }
}
