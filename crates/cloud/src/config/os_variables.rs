//! The cloud of the `OS_*` variables.

use super::Environment;
use super::yaml::{Map, Node, Place};

/// The `OS_*` variables as the keys of a cloud, without those that choose between clouds.
pub(super) fn cloud(env: &Environment) -> Map {
    const CHOOSING: [&str; 4] =
        ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"];
    // Empty, these clear their older names: `OS_PROJECT_ID= OS_TENANT_ID=old`.
    const CLEARING: [&str; 4] = ["OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_TOKEN", "OS_USERNAME"];
    let of_others = |key: &str| ["TEST", "STD", "LOG"].iter().any(|prefix| key.starts_with(prefix));
    let named = env.vars.iter().filter(|(name, value)| {
        !CHOOSING.contains(&&***name) && (!value.is_empty() || CLEARING.contains(&&***name))
    });
    named
        .filter_map(|(name, value)| Some((name.strip_prefix("OS_")?, value)))
        .filter(|(key, _)| !of_others(key))
        .map(|(key, value)| {
            (key.to_ascii_lowercase(), Node::text_at(value, Place::of("the environment")))
        })
        .collect()
}
