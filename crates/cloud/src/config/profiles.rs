//! Vendors that openstacksdk knows by name.

use std::sync::LazyLock;

use super::yaml::{self, Map};

const BUILT_IN: &str = include_str!("profiles.yaml");

/// The vendors built in, by name. `clouds-public.yaml` goes before them.
pub(super) fn built_in() -> &'static Map {
    static READ: LazyLock<Map> = LazyLock::new(|| {
        // The text is part of the program and a test reads it, so there is no error to report.
        let document = yaml::read(BUILT_IN, &"the built-in profiles".into()).ok();
        document.and_then(|document| document.root.map().cloned()).unwrap_or_default()
    });
    &READ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_names_a_region_and_all_but_one_where_to_log_in() {
        let profiles = built_in();
        assert!(profiles.iter().count() > 15);
        for (name, profile) in profiles.iter() {
            let profile = profile.map().unwrap();
            let auth = profile.get("auth").and_then(|auth| auth.map());
            assert!(
                name == "bluebox" || auth.unwrap().text("auth_url").unwrap().starts_with("https:"),
                "{name}"
            );
            let region = profile.get("regions").or(profile.get("region_name"));
            assert!(["ovh", "vexxhost"].contains(&name) || region.is_some(), "{name}");
        }
    }
}
