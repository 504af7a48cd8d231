//! The keys of an entry, each named here once. A key of `auth:` that is not among them is an error, as in openstacksdk:
//! an ignored key may be the project or the region that the user means.

use super::ConfigError;
use super::error::nearest;
use super::layers::Layered;
use super::yaml::Map;

/// Options of keystoneauth's logins (5.18) that the `openstack` command takes from `OS_*` variables.
const OPTIONS_WITH_VARIABLE: &str = "\
    access_token access_token_endpoint access_token_type application_credential_id application_credential_name \
    application_credential_secret auth_methods auth_url client_id client_secret code code_challenge_method \
    default_domain default_domain_id default_domain_name device_authorization_endpoint discovery_endpoint \
    domain_id domain_name endpoint identity_provider idp_otp_key oauth2_client_id oauth2_client_secret \
    oauth2_endpoint openid_scope passcode password project_domain_id project_domain_name project_id project_name \
    protocol redirect_host redirect_port redirect_uri system_scope token trust_id user_domain_id \
    user_domain_name user_id username";

/// The other options: older names, and those of the logins that only sharelock has.
const OPTIONS: &str = "\
    access_key access_secret ak api_key auth_token authorization_code consumer_key consumer_secret \
    enterprise_project_id identity_provider_url login_timeout mutual_auth scope secret_key security_token \
    service_provider_endpoint service_provider_entity_id sk tenant_id tenant_name url user_name validity";

/// Options of which the last layer counts, where any other option of `auth` goes before the top level.
const LAST_COUNTS: &str = "\
    project_id project_name token user_domain_id user_domain_name project_domain_id project_domain_name domain_id \
    domain_name passcode";

/// Older names of options.
const OLDER: [(&str, &str); 6] = [
    ("project_id", "tenant_id"),
    ("project_name", "tenant_name"),
    ("token", "auth_token"),
    ("username", "user_name"),
    ("ak", "access_key"),
    ("sk", "secret_key"),
];

/// Keys beside `auth` that the `openstack` command takes from `OS_*` variables for a named cloud too.
const ENTRY_WITH_VARIABLE: &str = "auth_type cacert cert interface key region_name";

/// Keys beside `auth` whose variables configure the cloud of the variables, but have no effect on a named cloud.
const NOT_APPLIED: &str = "\
    api_timeout auth_plugin endpoint_type image_endpoint image_endpoint_override image_endpoint_type \
    image_interface image_region_name image_sharing_api insecure verify";

/// Other keys beside `auth`.
const ENTRY: &str = "\
    cloud endpoint_override identity_api_version image_api_version profile region regions image_service_name \
    image_service_type";

/// Keys that take a list.
const LISTS: &str = "\
    auth_methods endpoint_type image_endpoint_type image_interface interface region_name regions";

/// Words of other programs, with the keys that they stand for.
const SYNONYMS: [(&str, &str); 9] = [
    ("project", "project_name"),
    ("tenant", "project_name"),
    ("user", "username"),
    ("pass", "password"),
    ("passwd", "password"),
    ("domain", "user_domain_name"),
    ("user_domain", "user_domain_name"),
    ("project_domain", "project_domain_name"),
    ("apikey", "api_key"),
];

fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

fn options() -> impl Iterator<Item = &'static str> {
    OPTIONS_WITH_VARIABLE.split(' ').chain(OPTIONS.split(' '))
}

/// Whether a login has this option.
pub(super) fn is_option(key: &str) -> bool {
    has(OPTIONS_WITH_VARIABLE, key) || has(OPTIONS, key)
}

/// Whether the last layer that has this option counts.
pub(super) fn last_counts(key: &str) -> bool {
    has(LAST_COUNTS, key)
}

/// The older name of an option.
pub(super) fn older(key: &str) -> Option<&'static str> {
    OLDER.iter().find(|(newer, _)| *newer == key).map(|(_, older)| *older)
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("OS_{}", key.to_uppercase())
}

/// Keys whose variables apply to a named cloud.
pub(super) fn applied() -> impl Iterator<Item = &'static str> {
    OPTIONS_WITH_VARIABLE.split(' ').chain(ENTRY_WITH_VARIABLE.split(' '))
}

/// Keys whose variables look as if they applied to a named cloud.
pub(super) fn not_applied() -> impl Iterator<Item = &'static str> {
    NOT_APPLIED.split(' ').chain(older("token"))
}

/// Whether a key belongs beside `auth`, not inside.
pub(super) fn is_of_entry(key: &str) -> bool {
    [ENTRY_WITH_VARIABLE, NOT_APPLIED, ENTRY].iter().any(|words| has(words, key))
}

impl Layered {
    /// Fails for the first key of `auth:` that no login has, and for the first one that has several values.
    pub(super) fn only_known_keys(&self) -> Result<(), ConfigError> {
        let single = |key: &str| {
            let known = is_option(key) || is_of_entry(key) || key.ends_with("_timeout");
            known && !has(LISTS, key)
        };
        let mut written = self.config.iter().filter(|(_, node)| node.has_many());
        if let Some((key, node)) = written.find(|(key, _)| single(key)) {
            return Err(self.source.invalid(key, node, "is not a single value", "write one value"));
        }
        let written = self.auth().into_iter().flat_map(Map::iter);
        for (key, node) in written.filter(|(_, node)| node.at.variable().is_none()) {
            let wrong = |why: &str, hint: &str| {
                Err(self.source.invalid(&format!("auth.{key}"), node, why, hint))
            };
            if ["endpoint", "url"].contains(&key) && !self.has_no_login_service() {
                return wrong(
                    "has no effect on a login with Keystone",
                    "write the address of the image service as `image_endpoint_override` beside `auth`",
                );
            }
            if is_option(key) {
                if node.has_many() && key != "auth_methods" {
                    return wrong("is not a single value", "write one value");
                }
                continue;
            }
            let lower = key.to_ascii_lowercase();
            if is_of_entry(&lower) {
                let right = if lower == "region" { "region_name" } else { &lower };
                let hint = format!("move it one level up, beside `auth`, as `{right}`");
                return wrong("is not a key of the login", &hint);
            }
            // An unknown key may be a misplaced password: only a key that is nearly known is repeated.
            let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, key)| *key);
            if let Some(meant) = synonym.or_else(|| nearest(key, options())) {
                let why = format!("is not a key of the login (did you mean `{meant}`?)");
                return wrong(&why, "correct or remove it");
            }
            let hint = "correct or remove the key in that line";
            return Err(self.source.invalid("auth", node, "has a key that no login knows", hint));
        }
        Ok(())
    }
}
