//! Names of projects: an ID has one name, several IDs may have the same name. The user's aliases come before the names that
//! clouds report.

use std::collections::{BTreeMap, BTreeSet};

use cloud::config::nearest;
use domain::sharing::looks_like_an_id;
use domain::{
    CloudKind, Failure, Inventory, Member, MemberIx, ProjectId, ProjectName, Source, Text,
};

/// `[projects]` of the settings, and names that a cloud reported.
#[derive(Clone, Debug, Default)]
pub struct Names {
    aliases: BTreeMap<String, Text>,
    reported: BTreeMap<String, (Text, Source)>,
}

impl Names {
    /// Aliases by id.
    pub fn new(aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        let aliases = aliases.into_iter().map(|(id, alias)| (id, alias.into())).collect();
        Self { aliases, reported: BTreeMap::new() }
    }

    /// Adds names that a cloud reported. Those of now replace those that were last seen earlier.
    pub fn learn(&mut self, names: Vec<ProjectName>) {
        for ProjectName { id, name, source } in names {
            let known = self.reported.get(id.0.raw());
            if known.is_none_or(|(_, before)| source <= *before) {
                self.reported.insert(id.0.raw().to_owned(), (name, source));
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
        alias.or_else(|| self.reported.get(id).map(|(name, source)| (name, *source)))
    }

    /// The IDs for what was typed: those with this alias, otherwise itself.
    pub fn ids(&self, typed: &str) -> Vec<Text> {
        let ids = self.aliased(typed);
        if ids.is_empty() { vec![typed.into()] } else { ids }
    }

    /// The IDs for what was typed where it changes nothing: also those of projects that have or had this name.
    pub fn ids_or_reported(&self, typed: &str) -> Vec<Text> {
        let mut ids = self.ids(typed);
        if self.aliased(typed).is_empty() {
            ids.extend(self.reported(typed));
        }
        ids
    }

    /// Whether the cloud's names are needed for what was typed: it is neither an ID nor an alias.
    pub fn needs_look_up(&self, cloud: CloudKind, inventory: &Inventory, typed: &str) -> bool {
        !self.is_id(cloud, inventory, typed) && self.aliased(typed).is_empty()
    }

    /// The IDs for what was typed where it changes something. An ID wins, also what only looks like one: the name of one
    /// project may be the ID of another. Then the user's aliases; then the one project that has this name now. Anything
    /// unknown is taken as an ID.
    pub fn resolve(
        &self,
        cloud: CloudKind,
        inventory: &Inventory,
        typed: &str,
    ) -> Result<Vec<Text>, Failure> {
        if self.is_id(cloud, inventory, typed) {
            return Ok(vec![typed.into()]);
        }
        let aliased = self.aliased(typed);
        if !aliased.is_empty() {
            return Ok(aliased);
        }
        let reported: Vec<(&String, Source)> = (self.reported.iter())
            .filter(|(_, (name, _))| name.raw() == typed)
            .map(|(id, (_, source))| (id, *source))
            .collect();
        match &reported[..] {
            [] => Ok(vec![typed.into()]),
            [(id, Source::LastSeen)] => Err(only_remembered(typed, id)),
            [(id, _)] => Ok(vec![id.as_str().into()]),
            several => Err(several_have_it(typed, several)),
        }
    }

    /// Whether something typed is a member, an alias, a name that a cloud reported, or has the form of an ID: a project
    /// that no image is shared with is not in any list.
    pub fn is_known(&self, cloud: CloudKind, inventory: &Inventory, typed: &str) -> bool {
        self.is_id(cloud, inventory, typed)
            || !self.aliased(typed).is_empty()
            || !self.reported(typed).is_empty()
            || !members_with(inventory, &typed.into()).is_empty()
    }

    /// The error for something typed that is not known in any of these readings, with the nearest known word.
    pub fn unknown_member<'a>(
        typed: &str,
        readings: impl IntoIterator<Item = (&'a Self, &'a Inventory)>,
    ) -> Failure {
        let mut known = BTreeSet::new();
        for (names, inventory) in readings {
            known.extend(names.aliases.values().map(Text::raw));
            known.extend(names.reported.values().map(|(name, _)| name.raw()));
            known.extend(inventory.members().map(|(_, member)| member.id.raw()));
        }
        let why = "it is not a member of these images, an alias in config.toml, or a project name that the cloud reports";
        let failure = Failure::new(format!("find the member `{}`", Text::from(typed)), why);
        match nearest(typed, known) {
            Some(near) => failure.with_hint(format!("did you mean `{}`?", Text::from(near))),
            None => failure.with_hint(
                "give the ID of the project, or name it under `[projects]` in config.toml",
            ),
        }
    }

    /// The user's name of a member, or the cloud's current one.
    pub fn now_of(&self, member: &Member) -> Option<&Text> {
        let (name, source) = self.with_source(member)?;
        (source != Source::LastSeen).then_some(name)
    }

    fn is_id(&self, cloud: CloudKind, inventory: &Inventory, typed: &str) -> bool {
        looks_like_an_id(cloud, typed)
            || self.aliases.contains_key(typed)
            || self.reported.contains_key(typed)
            || inventory.members().any(|(_, member)| member.id.raw() == typed)
    }

    fn aliased(&self, typed: &str) -> Vec<Text> {
        let named = self.aliases.iter().filter(|(_, alias)| alias.raw() == typed);
        named.map(|(id, _)| id.as_str().into()).collect()
    }

    fn reported(&self, typed: &str) -> Vec<Text> {
        let named = self.reported.iter().filter(|(_, (name, _))| name.raw() == typed);
        named.map(|(id, _)| id.as_str().into()).collect()
    }

    /// The members with these aliases, IDs or reported names. An exact ID wins; otherwise case and dashes may differ, as they do
    /// between clouds. Glance takes any string as a member, so `Team` and `team` may be two.
    pub fn members(&self, inventory: &Inventory, typed: &[String]) -> Vec<MemberIx> {
        let mut found: Vec<_> =
            typed.iter().flat_map(|typed| self.resolve_members(inventory, typed)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn resolve_members(&self, inventory: &Inventory, typed: &str) -> Vec<MemberIx> {
        let with = |ids: Vec<Text>| -> Vec<MemberIx> {
            ids.iter().flat_map(|id| members_with(inventory, id)).collect()
        };
        if inventory.members().any(|(_, member)| member.id.raw() == typed) {
            return with(vec![typed.into()]);
        }
        let found = with(self.ids(typed));
        if found.is_empty() && self.aliased(typed).is_empty() {
            with(self.reported(typed))
        } else {
            found
        }
    }

    /// Why what was typed is ambiguous: the cloud has several projects of that name.
    pub fn ambiguity(&self, inventory: &Inventory, typed: &str) -> Option<Failure> {
        let ids = self.reported(typed);
        let by_id = !members_with(inventory, &typed.into()).is_empty();
        if ids.len() < 2 || by_id || !self.aliased(typed).is_empty() {
            return None;
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let why = format!("several projects have this name: {}", ids.join(", "));
        Some(which(typed, why).with_hint("give the id of one of them"))
    }
}

/// A name that may be another project's by now changes nothing.
fn only_remembered(typed: &str, id: &str) -> Failure {
    let why = format!(
        "project {id} had this name when last seen, and the cloud does not report it now: it may be another's"
    );
    which(typed, why).with_hint("give the id, or name it under `[projects]` in config.toml")
}

fn several_have_it(typed: &str, several: &[(&String, Source)]) -> Failure {
    let id = |(id, source): &(&String, Source)| match source {
        Source::LastSeen => format!("{} (when last seen)", Text::from(id.as_str())),
        _ => Text::from(id.as_str()).to_string(),
    };
    let ids: Vec<String> = several.iter().map(id).collect();
    which(typed, format!("several projects have this name: {}", ids.join(", ")))
        .with_hint("give the id of one of them")
}

fn which(typed: &str, why: String) -> Failure {
    Failure::new(format!("determine which project `{typed}` is"), why)
}

/// The members with an ID: the exact one, otherwise those that differ in case and dashes.
pub fn members_with(inventory: &Inventory, id: &Text) -> Vec<MemberIx> {
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
    use domain::{Image, MemberStatus, Membership};

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

    fn reported(id: &str, name: &str, source: Source) -> ProjectName {
        ProjectName { id: ProjectId(id.into()), name: name.into(), source }
    }

    #[test]
    fn an_alias_goes_before_the_clouds_name_and_that_before_an_old_one() {
        let mut names = Names::new([("x".to_owned(), "mine".to_owned())]);
        names.learn(vec![
            reported("x", "theirs", Source::Keystone),
            reported("y", "now", Source::Keystone),
        ]);
        names.learn(vec![
            reported("y", "then", Source::LastSeen),
            reported("z", "then", Source::LastSeen),
        ]);

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
        let twins =
            || vec![reported("x", "t", Source::Keystone), reported("y", "t", Source::Keystone)];
        names.learn(twins());
        let there = inventory(&["x"]);

        let refused = names.ambiguity(&there, "t").unwrap().to_string();
        assert!(refused.contains("x, y"), "{refused}");
        assert!(names.ambiguity(&there, "x").is_none());
        let mut aliased = Names::new([("z".to_owned(), "t".to_owned())]);
        aliased.learn(twins());
        assert!(aliased.ambiguity(&there, "t").is_none());
    }

    const HEX: &str = "0123456789abcdef0123456789abcdef";

    fn resolved(names: &Names, ids: &[&str], typed: &str) -> Result<String, String> {
        let ids = names.resolve(CloudKind::Glance, &inventory(ids), typed);
        let ids = ids.map_err(|failure| failure.to_string())?;
        Ok(ids.iter().map(Text::raw).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_change_is_decided_by_the_very_id_then_by_an_alias_then_by_the_name_of_now() {
        let mut names = Names::new([("a".to_owned(), "team".to_owned())]);
        let now = |id, name| reported(id, name, Source::Keystone);
        names.learn(vec![now("b", "team"), now("c", "web"), now("d", HEX), now("e", "c")]);

        assert_eq!(resolved(&names, &["team"], "team").unwrap(), "team", "a member of that id");
        assert_eq!(resolved(&names, &[], "team").unwrap(), "a", "the alias");
        assert_eq!(resolved(&names, &["c"], "web").unwrap(), "c", "the name");
        assert_eq!(resolved(&names, &[], "c").unwrap(), "c", "an ID that the cloud reports");
        assert_eq!(resolved(&names, &[], HEX).unwrap(), HEX, "an ID is never a name");
        assert_eq!(resolved(&names, &[], "nobody").unwrap(), "nobody");
        assert!(!names.needs_look_up(CloudKind::Glance, &inventory(&[]), "team"));
        assert!(names.needs_look_up(CloudKind::Glance, &inventory(&[]), "web"));
    }

    #[test]
    fn a_name_that_is_only_remembered_or_that_several_have_decides_no_change() {
        let mut names = Names::default();
        let then = |id, name| reported(id, name, Source::LastSeen);
        let now = |id, name| reported(id, name, Source::Keystone);
        names.learn(vec![then("a", "old"), then("b", "web"), now("c", "web"), now("d", "renamed")]);
        names.learn(vec![then("d", "old")]);

        let old = resolved(&names, &["a"], "old").unwrap_err();
        assert!(old.contains("project a") && old.contains("may be another's"), "{old}");
        let web = resolved(&names, &["c"], "web").unwrap_err();
        assert!(web.contains("b (when last seen), c"), "{web}");
        assert_eq!(resolved(&names, &["a"], "a").unwrap(), "a");
        let read: Vec<String> =
            names.ids_or_reported("web").iter().map(ToString::to_string).collect();
        assert_eq!(read, ["web", "b", "c"], "reading may go by any of them");
    }

    #[test]
    fn a_member_is_known_by_id_alias_or_name_and_a_typo_is_not() {
        let mut names = Names::new([("a".to_owned(), "team".to_owned())]);
        names.learn(vec![reported("b", "ci-runners-dev", Source::LastSeen)]);
        let there = inventory(&["x-member"]);
        let is_known = |typed| names.is_known(CloudKind::Glance, &there, typed);

        assert!(
            ["a", "team", "b", "ci-runners-dev", "x-member", "X-Member", HEX].map(is_known)
                == [true; 7]
        );
        assert!(!is_known("ci-runner-dev") && !is_known(""));
        let unknown = |typed| Names::unknown_member(typed, [(&names, &there)]).to_string();
        assert!(unknown("ci-runner-dev").contains("did you mean `ci-runners-dev`?"));
        assert!(unknown("quite-another").contains("give the ID of the project"));
    }

    #[test]
    fn the_very_id_wins_over_one_that_differs_in_case() {
        let names = Names::default();
        assert_eq!(found(&names, &["Team", "team"], &["team"]), ["team"]);
        assert_eq!(found(&names, &["AB-12"], &["ab12"]), ["AB-12"]);
        assert!(found(&names, &["x"], &["y"]).is_empty());
    }
}
