//! The keys that `auth:` may have. Any other is an error, as in openstacksdk: an ignored key may be the project or
//! the region that the user means.

use super::ConfigError;
use super::error::nearest;
use super::layers::Layered;

/// Options of keystoneauth's logins (5.18) that the `openstack` command takes from `OS_*` variables.
pub(super) fn with_variable() -> impl Iterator<Item = &'static str> {
    "\
     access_token access_token_endpoint access_token_type application_credential_id application_credential_name \
     application_credential_secret auth_methods auth_url client_id client_secret code code_challenge_method \
     default_domain default_domain_id default_domain_name device_authorization_endpoint discovery_endpoint \
     domain_id domain_name endpoint identity_provider idp_otp_key oauth2_client_id oauth2_client_secret \
     oauth2_endpoint openid_scope passcode password project_domain_id project_domain_name project_id project_name \
     protocol redirect_host redirect_port redirect_uri system_scope token trust_id user_domain_id \
     user_domain_name user_id username"
    .split_ascii_whitespace()
}

/// The others, with older names, and those of the logins that only this program has.
fn without_variable() -> impl Iterator<Item = &'static str> {
    "\
     access_key access_secret ak api_key auth_token authorization_code consumer_key consumer_secret \
     enterprise_project_id identity_provider_url login_timeout mutual_auth scope secret_key security_token \
     service_provider_endpoint service_provider_entity_id sk tenant_id tenant_name url user_name validity"
    .split_ascii_whitespace()
}

/// Keys of the entry itself, which people put one level too deep.
fn of_the_entry() -> impl Iterator<Item = &'static str> {
    "\
     auth_type auth_plugin cacert cert cloud endpoint_override endpoint_type identity_api_version \
     image_api_version image_endpoint image_sharing_api insecure interface key profile region region_name regions \
     verify"
    .split_ascii_whitespace()
}

/// Words of other programs, with what they are called here.
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

fn known() -> impl Iterator<Item = &'static str> {
    with_variable().chain(without_variable())
}

/// Whether a login has this option.
pub(super) fn is_known(key: &str) -> bool {
    known().any(|known| known == key)
}

fn belongs_to_the_entry(key: &str) -> bool {
    const ENDS: [&str; 7] = [
        "_endpoint_override",
        "_endpoint_type",
        "_interface",
        "_region_name",
        "_service_name",
        "_service_type",
        "_timeout",
    ];
    of_the_entry().any(|known| known == key)
        || key.starts_with("image_") && ENDS.iter().any(|end| key.ends_with(end))
        || key == "api_timeout"
}

impl Layered {
    /// Fails for the first key of `auth:` that no login has.
    pub(super) fn only_known_auth_keys(&self) -> Result<(), ConfigError> {
        let Some(auth) = self.config.get("auth").and_then(|auth| auth.map()) else { return Ok(()) };
        let fixed = self.has_no_login_service();
        let written = auth.iter().filter(|(_, node)| node.at.variable().is_none());
        for (key, node) in written {
            if ["endpoint", "url"].contains(&key) && !fixed {
                let why = "has no effect on a login with Keystone";
                let hint = "write the address of the image service as `image_endpoint_override` beside `auth`";
                return Err(self.source.invalid(&format!("auth.{key}"), node, why, hint));
            }
            if is_known(key) {
                continue;
            }
            let lower = key.to_ascii_lowercase();
            if belongs_to_the_entry(&lower) {
                let right = if lower == "region" { "region_name" } else { &lower };
                let why = "is not a key of the login";
                let hint = format!("move it one level up, beside `auth`, as `{right}`");
                return Err(self.source.invalid(&format!("auth.{key}"), node, why, hint));
            }
            // An unknown key may be a misplaced password: only what is nearly a known word is repeated.
            let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, key)| *key);
            return Err(match synonym.or_else(|| nearest(key, known())) {
                Some(meant) => self.source.invalid(
                    &format!("auth.{key}"),
                    node,
                    &format!("is not a key of the login (did you mean `{meant}`?)"),
                    "correct or remove it",
                ),
                None => self.source.invalid(
                    "auth",
                    node,
                    "has a key that no login knows",
                    "correct or remove the key in that line",
                ),
            });
        }
        Ok(())
    }
}
