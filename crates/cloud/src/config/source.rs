//! The place where a cloud is configured, and errors that name it.

use super::families::Family;
use super::placeholders::Unusable;
use super::yaml::{Node, Value};
use super::{Complaint, ConfigError};

/// Which cloud an error is about, and where it was configured.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Its name.
    pub cloud: String,
    /// Where it is configured.
    pub origin: Origin,
}

/// Where a cloud was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file, by the name that errors use.
    File(String),
    /// `OS_*` variables.
    Variables,
    /// Variables of another program.
    Family(&'static Family),
    /// The credentials file of the Huawei SDK, by the name that errors use.
    Credentials(String),
}

impl Source {
    /// How the user spells a key of this cloud: `auth.password` in a file, `OS_PASSWORD` as a variable.
    pub(super) fn key(&self, key: &str) -> String {
        match self.origin {
            Origin::File(_) => format!("`{key}`"),
            Origin::Credentials(_) => format!("`{}`", key.trim_start_matches("auth.")),
            Origin::Variables => match key.trim_start_matches("auth.") {
                "ak" => "OS_ACCESS_KEY".to_owned(),
                "sk" => "OS_SECRET_KEY".to_owned(),
                key => format!("OS_{}", key.to_uppercase()),
            },
            Origin::Family(family) => {
                let key = key.trim_start_matches("auth.");
                family.variable(key).map_or_else(|| format!("`{key}`"), str::to_owned)
            }
        }
    }

    /// The variable that set a key, else the key as the user spells it.
    pub(super) fn key_or_variable(&self, key: &str, node: Option<&Node>) -> String {
        node.and_then(|node| node.at.variable()).map_or_else(|| self.key(key), str::to_owned)
    }

    /// "cloud `alpha` in /home/x/clouds.yaml", or "the cloud of the OS_* variables".
    pub(super) fn shown(&self) -> String {
        match &self.origin {
            Origin::File(file) => format!("cloud `{}` in {file}", self.cloud),
            Origin::Credentials(file) => format!("cloud `{}` of {file}", self.cloud),
            Origin::Variables => "the cloud of the OS_* variables".to_owned(),
            Origin::Family(family) => format!("the cloud of the {} variables", family.shown),
        }
    }

    /// Something is wrong with the entry as a whole.
    pub(super) fn wrong(&self, why: impl AsRef<str>, hint: impl AsRef<str>) -> ConfigError {
        let why = format!("{} {}", self.shown(), why.as_ref());
        ConfigError::Entry(Complaint::new(why, hint))
    }

    /// A key that must be there is not.
    pub(super) fn missing(&self, key: &str, hint: impl AsRef<str>) -> ConfigError {
        self.wrong(format!("has no {}", self.key(key)), hint)
    }

    /// The value of a key cannot be used.
    pub(super) fn invalid(
        &self,
        key: &str,
        node: &Node,
        why: &str,
        hint: impl AsRef<str>,
    ) -> ConfigError {
        if let Value::Unusable(unusable) = node.value {
            return self.unusable(key, node, unusable);
        }
        self.about_value(key, node, why, hint)
    }

    /// The value of a key is not the value itself: it is encrypted, or a placeholder.
    pub(super) fn unusable(&self, key: &str, node: &Node, unusable: Unusable) -> ConfigError {
        let (why, hint) = unusable.explained();
        self.about_value(key, node, why, hint)
    }

    fn about_value(&self, key: &str, node: &Node, why: &str, hint: impl AsRef<str>) -> ConfigError {
        let why = match (&self.origin, node.at.variable()) {
            (_, Some(variable)) => format!("{variable} {why}"),
            (Origin::File(_) | Origin::Credentials(_), None) => {
                let at = match node.at.line {
                    Some(_) => format!("at {}", node.at),
                    None => format!("({})", node.at),
                };
                format!("{} of cloud `{}` {at} {why}", self.key(key), self.cloud)
            }
            (Origin::Variables | Origin::Family(_), None) => {
                format!("{} {why}", self.key(key))
            }
        };
        ConfigError::Entry(Complaint::new(why, hint))
    }
}
