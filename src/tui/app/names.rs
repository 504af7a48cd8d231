//! What projects are called, and who says so.

use std::collections::HashMap;

use domain::{Member, ProjectId, ProjectName, Source};

/// Names by the id of the project. Of two names the one from the better source is kept.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, ProjectName>);

impl Names {
    /// The user's own aliases.
    pub(crate) fn of_aliases(aliases: HashMap<String, String>) -> Self {
        let name = |(id, name): (String, String)| {
            let source = Source::Alias;
            (
                id.clone(),
                ProjectName { id: ProjectId(id.as_str().into()), name: name.into(), source },
            )
        };
        Self(aliases.into_iter().map(name).collect())
    }

    /// The user's aliases changed. What only an alias said is not known any more.
    pub(crate) fn set_aliases(&mut self, aliases: HashMap<String, String>) {
        self.0.retain(|_, name| name.source != Source::Alias);
        self.0.extend(Self::of_aliases(aliases).0);
    }

    /// Somebody says what a project is called. The same source may change its mind.
    pub(crate) fn put(&mut self, name: ProjectName) {
        let id = name.id.0.raw().to_owned();
        if self.0.get(&id).is_none_or(|known| name.source <= known.source) {
            self.0.insert(id, name);
        }
    }

    /// What a project is called.
    pub(crate) fn get(&self, id: &str) -> Option<&ProjectName> {
        self.0.get(id)
    }

    /// What a member is called.
    pub(crate) fn of(&self, member: &Member) -> Option<&ProjectName> {
        self.get(member.id.raw())
    }

    /// The ids of all projects that have a name.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The ids of the projects that are called so, in order.
    pub(crate) fn called(&self, word: &str) -> Vec<String> {
        let named = self.0.iter().filter(|(_, name)| name.name.raw() == word);
        let mut ids: Vec<String> = named.map(|(id, _)| id.clone()).collect();
        ids.sort();
        ids
    }
}

/// A name as lists show it: with the sign of where it came from.
pub(crate) fn signed(name: &ProjectName) -> String {
    format!("{}{}", name.source.sign(), name.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str, name: &str, source: Source) -> ProjectName {
        ProjectName { id: ProjectId(id.into()), name: name.into(), source }
    }

    #[test]
    fn an_alias_wins_over_the_cloud_and_the_cloud_over_what_was_seen_before() {
        let mut names = Names::of_aliases(HashMap::from([("p1".into(), "mine".into())]));
        for (id, text, source) in [
            ("p1", "theirs", Source::Keystone),
            ("p2", "old", Source::LastSeen),
            ("p2", "new", Source::Keystone),
            ("p2", "older", Source::LastSeen),
            ("p2", "newer", Source::Keystone),
        ] {
            names.put(name(id, text, source));
        }
        let shown = |id| names.get(id).map(signed);
        assert_eq!(shown("p1").as_deref(), Some("mine"));
        assert_eq!(shown("p2").as_deref(), Some("=newer"));
        assert_eq!(names.called("newer"), ["p2"]);
    }
}
