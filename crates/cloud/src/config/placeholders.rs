//! Values that are not the real ones: encrypted values, and placeholders that another program fills in. None of
//! them is ever sent: a login with a ciphertext for a password counts towards a lock-out.

use granit_parser::Tag;

use super::ConfigError;
use super::layers::Layered;
use super::source::Origin;
use super::yaml::{Map, Node, Value};

/// Why a value cannot be used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Encrypted with Ansible Vault.
    Vault,
    /// Encrypted with SOPS.
    Sops,
    /// Encrypted by something else.
    Encrypted,
    /// A variable or a template, as in `${OS_PASSWORD}`.
    Placeholder,
    /// The address of a secret in a password manager, as in `op://vault/item/field`.
    Reference,
    /// `!!binary`.
    Binary,
    /// A YAML tag that `PyYAML`'s safe loader does not know either. It may be a password that begins with `!`, so its
    /// name is not kept.
    UnknownTag,
}

impl Unusable {
    /// By a tag that YAML does not define.
    pub(super) fn of_tag(tag: &Tag) -> Self {
        match tag.suffix() {
            "vault" | "vault-encrypted" => Self::Vault,
            "secret" | "env" | "ENV" | "env_var" => Self::Placeholder,
            "encrypted" => Self::Encrypted,
            _ => Self::UnknownTag,
        }
    }

    /// What a text looks like that is not the value itself.
    fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let within = |open: &str, close: &str| {
            text.len() > open.len() && text.starts_with(open) && text.ends_with(close)
        };
        if text.contains("$ANSIBLE_VAULT;") {
            return Some(Self::Vault);
        }
        if within("ENC[AES256_GCM,", "]") {
            return Some(Self::Sops);
        }
        let armors = ["-----BEGIN PGP MESSAGE", "-----BEGIN AGE ENCRYPTED FILE", "vault:v1:"];
        if within("ENC[", "]")
            || within("ENC(", ")")
            || armors.iter().any(|armor| text.starts_with(armor))
        {
            return Some(Self::Encrypted);
        }
        let template = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("%(", ")s"), ("<%", "%>")];
        if template.iter().any(|(open, close)| within(open, close))
            || text.strip_prefix('$').is_some_and(is_name_of_variable)
            || ["!vault ", "!secret ", "!env "].iter().any(|tag| text.starts_with(tag))
        {
            return Some(Self::Placeholder);
        }
        let reference = text.starts_with("op://")
            || text.starts_with("ref+") && text.contains("://")
            || text.starts_with("secretref+") && text.contains("://");
        reference.then_some(Self::Reference)
    }

    /// The rest of a sentence about the value, and what to do.
    pub(super) fn explained(self) -> (&'static str, &'static str) {
        match self {
            Self::Vault => (
                "is encrypted (Ansible Vault), so it is not used and nothing is sent",
                "decrypt it with `ansible-vault view`, and put the plain value into secure.yaml or a variable",
            ),
            Self::Sops => (
                "is encrypted (SOPS), so it is not used and nothing is sent",
                "decrypt the file first, for example with `sops exec-file clouds.yaml 'OS_CLIENT_CONFIG_FILE={} sharelock'` \
                 (OS_CLIENT_SECURE_FILE for secure.yaml)",
            ),
            Self::Encrypted => (
                "is encrypted, so it is not used and nothing is sent",
                "decrypt it first, and put the plain value into secure.yaml or a variable",
            ),
            Self::Placeholder => (
                "is a placeholder, so it is not used and nothing is sent",
                "write the value itself: neither sharelock nor openstacksdk fills in variables or templates",
            ),
            Self::Reference => (
                "is the address of a secret in a password manager, so it is not used and nothing is sent",
                "remove it and let the password manager print the value: set `password_command` in config.toml",
            ),
            Self::Binary => (
                "is marked as binary (`!!binary`), so it is not used",
                "write the text itself, in quotes",
            ),
            Self::UnknownTag => (
                "has an unknown YAML tag (a word that begins with `!`), so it is not used and nothing is sent",
                "put quotes around a value that begins with `!`; if a program encrypted the value, decrypt it first",
            ),
        }
    }
}

/// `OS_PASSWORD`: capitals with an underscore among them. `$ecret` may be a password.
fn is_name_of_variable(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

impl Node {
    /// Why this value cannot be used, if it cannot.
    pub(super) fn unusable(&self) -> Option<Unusable> {
        match &self.value {
            Value::Unusable(why) => Some(*why),
            Value::Text(text) => Unusable::of_text(text),
            Value::Null | Value::Bool(..) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The first value that is tagged as unusable, here or at any depth below.
    pub(super) fn tagged(&self) -> Option<(&Self, Unusable)> {
        match &self.value {
            Value::Unusable(why) => Some((self, *why)),
            Value::List(items) => items.iter().find_map(Self::tagged),
            Value::Map(map) => map.iter().find_map(|(_, node)| node.tagged()),
            Value::Null | Value::Bool(..) | Value::Text(_) => None,
        }
    }
}

impl Layered {
    /// Fails for the first value of the entry that is encrypted or a placeholder. Every value counts, used or not; of the
    /// variables only those that a login or an address is made of, because others may be of anything.
    pub(super) fn no_placeholders(&self) -> Result<(), ConfigError> {
        let of_variables = self.source.origin == Origin::Variables;
        let within = self.auth().into_iter().flat_map(Map::iter);
        let within = within.map(|(key, node)| (format!("auth.{key}"), node));
        let top = self.config.iter().filter(|(key, _)| !of_variables || is_for_login(key));
        let top = top.map(|(key, node)| (key.to_owned(), node));
        for (key, node) in within.chain(top) {
            let found = node.unusable().map(|why| (node, why)).or_else(|| node.tagged());
            if let Some((node, why)) = found {
                return Err(self.source.unusable(&key, node, why));
            }
        }
        Ok(())
    }
}

/// Whether a variable's key belongs to the login or the address of the images.
fn is_for_login(key: &str) -> bool {
    super::keys::is_option(key) || key == "region_name" || key.contains("endpoint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_values_placeholders_and_references_are_recognized() {
        for (text, expected) in [
            ("$ANSIBLE_VAULT;1.1;AES256\n3866\n", Unusable::Vault),
            ("ENC[AES256_GCM,data:Zm9v,iv:eA==,tag:eQ==,type:str]", Unusable::Sops),
            ("ENC[PKCS7,MIIB]", Unusable::Encrypted),
            ("ENC(Zm9v)", Unusable::Encrypted),
            ("-----BEGIN PGP MESSAGE-----\nx", Unusable::Encrypted),
            ("vault:v1:Zm9v", Unusable::Encrypted),
            ("${OS_PASSWORD}", Unusable::Placeholder),
            (" ${OS_PASSWORD:-x} ", Unusable::Placeholder),
            ("$OS_PASSWORD", Unusable::Placeholder),
            ("$(pass show cloud)", Unusable::Placeholder),
            ("{{ vault_password }}", Unusable::Placeholder),
            ("!secret cloud", Unusable::Placeholder),
            ("op://vault/cloud/password", Unusable::Reference),
            ("ref+vault://secret/cloud#password", Unusable::Reference),
        ] {
            assert_eq!(Unusable::of_text(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_password_that_only_looks_odd_is_a_password() {
        for text in [
            "$ecret", "$", "$1", "$SECRET", "a${b}", "{x}", "!x", "ENC", "ENC[", "100%", "op:/",
            "$(", "${", "gAAAAABm", "vault", "[AES256]",
        ] {
            assert_eq!(Unusable::of_text(text), None, "{text}");
        }
    }
}
