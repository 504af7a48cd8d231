//! Names of projects: an id has one name, a name may stand for several ids. The user's own aliases go before what clouds
//! tell.

use std::collections::BTreeMap;

use crate::domain::{Failure, Inventory, Member, MemberIx, ProjectId, ProjectName, Source, Text};

/// `[projects]` of the settings, and names that a cloud has told.
#[derive(Clone, Debug, Default)]
pub struct Names {
    aliases: BTreeMap<String, Text>,
    told: BTreeMap<String, (Text, Source)>,
}

impl Names {
    /// Aliases by id.
    pub fn new(aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        let aliases = aliases.into_iter().map(|(id, alias)| (id, alias.into())).collect();
        Self { aliases, told: BTreeMap::new() }
    }

    /// Adds what a cloud has told. What it tells now counts more than what it told an earlier time.
    pub fn learn(&mut self, names: Vec<ProjectName>) {
        for ProjectName { id, name, source } in names {
            let known = self.told.get(id.0.raw());
            if known.is_none_or(|(_, before)| source <= *before) {
                self.told.insert(id.0.raw().to_owned(), (name, source));
            }
        }
    }

    /// The name of a member.
    pub fn of(&self, member: &Member) -> Option<&Text> {
        self.with_source(member).map(|(name, _)| name)
    }

    /// The same, with where it came from.
    pub fn with_source(&self, member: &Member) -> Option<(&Text, Source)> {
        let id = member.id.raw();
        let alias = self.aliases.get(id).map(|alias| (alias, Source::Alias));
        alias.or_else(|| self.told.get(id).map(|(name, source)| (name, *source)))
    }

    /// The ids that something typed stands for: those with this alias, else itself.
    pub fn ids(&self, typed: &str) -> Vec<Text> {
        let ids = self.aliased(typed);
        if ids.is_empty() { vec![typed.into()] } else { ids }
    }

    fn aliased(&self, typed: &str) -> Vec<Text> {
        let named = self.aliases.iter().filter(|(_, alias)| alias.raw() == typed);
        named.map(|(id, _)| id.as_str().into()).collect()
    }

    fn told(&self, typed: &str) -> Vec<Text> {
        let named = self.told.iter().filter(|(_, (name, _))| name.raw() == typed);
        named.map(|(id, _)| id.as_str().into()).collect()
    }

    /// The members that aliases, ids or told names mean. The very id wins; where nobody has it, clouds' differences of
    /// case and dashes are forgiven. Glance takes any string as a member, so `Team` and `team` may be two.
    pub fn members(&self, inventory: &Inventory, typed: &[String]) -> Vec<MemberIx> {
        let mut found: Vec<_> =
            typed.iter().flat_map(|typed| self.meant(inventory, typed)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn meant(&self, inventory: &Inventory, typed: &str) -> Vec<MemberIx> {
        let with = |ids: Vec<Text>| -> Vec<MemberIx> {
            ids.iter().flat_map(|id| members_with(inventory, id)).collect()
        };
        let found = with(self.ids(typed));
        if found.is_empty() && self.aliased(typed).is_empty() {
            with(self.told(typed))
        } else {
            found
        }
    }

    /// Why something typed says too little: the cloud has several projects of that name.
    pub fn ambiguity(&self, inventory: &Inventory, typed: &str) -> Option<Failure> {
        let ids = self.told(typed);
        let by_id = !members_with(inventory, &typed.into()).is_empty();
        if ids.len() < 2 || by_id || !self.aliased(typed).is_empty() {
            return None;
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let why = format!("several projects are called so: {}", ids.join(", "));
        let what = format!("tell which project `{typed}` is");
        Some(Failure::new(what, why).with_remedy("give the id of one of them"))
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

    fn told(id: &str, name: &str, source: Source) -> ProjectName {
        ProjectName { id: ProjectId(id.into()), name: name.into(), source }
    }

    #[test]
    fn an_alias_goes_before_the_clouds_name_and_that_before_an_old_one() {
        let mut names = Names::new([("x".to_owned(), "mine".to_owned())]);
        names
            .learn(vec![told("x", "theirs", Source::Keystone), told("y", "now", Source::Keystone)]);
        names.learn(vec![told("y", "then", Source::LastSeen), told("z", "then", Source::LastSeen)]);

        let of = |id: &str| {
            let member = Member::project(id);
            names.with_source(&member).map(|(name, source)| format!("{}{name}", source.sign()))
        };
        assert_eq!(of("x").unwrap(), "mine");
        assert_eq!(of("y").unwrap(), "=now");
        assert_eq!(of("z").unwrap(), "~then");
        assert_eq!(of("a"), None);
        assert_eq!(found(&names, &["x", "y", "z"], &["now"]), ["y"]);
        assert_eq!(found(&names, &["x", "y", "z"], &["mine", "then"]), ["x", "z"]);
        assert_eq!(found(&names, &["now", "y"], &["now"]), ["now"], "an id wins");
    }

    #[test]
    fn a_name_of_several_projects_is_refused_with_their_ids_unless_it_is_an_alias() {
        let mut names = Names::default();
        let twins = || vec![told("x", "t", Source::Keystone), told("y", "t", Source::Keystone)];
        names.learn(twins());
        let there = inventory(&["x"]);

        let refused = names.ambiguity(&there, "t").unwrap().to_string();
        assert!(refused.contains("x, y"), "{refused}");
        assert!(names.ambiguity(&there, "x").is_none());
        let mut aliased = Names::new([("z".to_owned(), "t".to_owned())]);
        aliased.learn(twins());
        assert!(aliased.ambiguity(&there, "t").is_none());
    }

    #[test]
    fn the_very_id_wins_over_one_that_differs_in_case() {
        let names = Names::default();
        assert_eq!(found(&names, &["Team", "team"], &["team"]), ["team"]);
        assert_eq!(found(&names, &["AB-12"], &["ab12"]), ["AB-12"]);
        assert!(found(&names, &["x"], &["y"]).is_empty());
    }
}
