//! Aliases of projects: an id may have one name, a name may stand for several ids.

use std::collections::BTreeMap;

use crate::domain::{Inventory, Member, MemberIx, ProjectId, Text};

/// `[projects]` of the settings: id to alias.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, Text>);

impl Names {
    /// Aliases by id.
    pub fn new(aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(aliases.into_iter().map(|(id, alias)| (id, alias.into())).collect())
    }

    /// The alias of a member.
    pub fn of(&self, member: &Member) -> Option<&Text> {
        self.0.get(member.id.raw())
    }

    /// The ids that something typed stands for: those with this alias, else itself.
    pub fn ids(&self, typed: &str) -> Vec<Text> {
        let named = self.0.iter().filter(|(_, alias)| alias.raw() == typed);
        let ids: Vec<Text> = named.map(|(id, _)| id.as_str().into()).collect();
        if ids.is_empty() { vec![typed.into()] } else { ids }
    }

    /// The members that ids or aliases mean. The very id wins; where nobody has it, clouds' differences of
    /// case and dashes are forgiven. Glance takes any string as a member, so `Team` and `team` may be two.
    pub fn members(&self, inventory: &Inventory, typed: &[String]) -> Vec<MemberIx> {
        let ids = typed.iter().flat_map(|typed| self.ids(typed));
        let mut found: Vec<_> = ids.flat_map(|id| members_with(inventory, &id)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn members_with(inventory: &Inventory, id: &Text) -> Vec<MemberIx> {
    let those = |is: &dyn Fn(&Member) -> bool| -> Vec<MemberIx> {
        inventory.members().filter(|(_, member)| is(member)).map(|(ix, _)| ix).collect()
    };
    let exact = those(&|member| member.id == *id);
    let project = ProjectId(id.clone());
    if exact.is_empty() {
        those(&|member| ProjectId(member.id.clone()).is(&project))
    } else {
        exact
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Image, MemberStatus, Membership};

    fn inventory(ids: &[&str]) -> Inventory {
        let mut inventory = Inventory::default();
        let image = inventory.put_image(Image::bare("a".into()));
        let row = |id: &&str| Membership {
            member: Member::project(*id),
            status: MemberStatus::Accepted,
            created_at: None,
            updated_at: None,
        };
        inventory.put_members(image, ids.iter().map(row).collect());
        inventory
    }

    fn found(names: &Names, ids: &[&str], typed: &[&str]) -> Vec<String> {
        let inventory = inventory(ids);
        let typed: Vec<String> = typed.iter().map(ToString::to_string).collect();
        let members = names.members(&inventory, &typed);
        members.into_iter().map(|ix| inventory.member(ix).id.to_string()).collect()
    }

    #[test]
    fn an_alias_means_every_id_that_has_it() {
        let alias = |id: &str| (id.to_owned(), "team".to_owned());
        let names = Names::new([alias("x"), alias("y")]);

        assert_eq!(found(&names, &["x", "y", "z"], &["team"]), ["x", "y"]);
        assert_eq!(names.of(&Member::project("x")).unwrap().raw(), "team");
    }

    #[test]
    fn the_very_id_wins_over_one_that_differs_in_case() {
        let names = Names::default();
        assert_eq!(found(&names, &["Team", "team"], &["team"]), ["team"]);
        assert_eq!(found(&names, &["AB-12"], &["ab12"]), ["AB-12"]);
        assert!(found(&names, &["x"], &["y"]).is_empty());
    }
}
