//! What went wrong, as the user reads it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// A failure in the four parts a person needs. `Display` is the one line for stderr, a toast or a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The action that failed, for "cannot {what}", such as `read the members of image 7f3a`. Empty for a warning.
    pub what: String,
    /// Why it failed, in the words of the cloud or of sharelock.
    pub why: Text,
    /// What the user can do about it. Serialized as `remedy` in reports and in the journal.
    #[serde(rename = "remedy")]
    pub hint: Option<String>,
    /// The cloud's ID of the request, for its support.
    pub request_id: Option<Text>,
}

impl Failure {
    /// A failure without a hint and a request ID.
    pub fn new(what: impl Into<String>, why: impl Into<Text>) -> Self {
        Self { what: what.into(), why: why.into(), hint: None, request_id: None }
    }

    /// A warning: a fact that the user should know although nothing failed.
    pub fn warning(fact: impl Into<Text>) -> Self {
        Self::new("", fact)
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Clouds end their messages with a period; here the line continues.
        let why = self.why.to_string();
        if !self.what.is_empty() {
            write!(f, "cannot {}: ", self.what)?;
        }
        f.write_str(why.trim_end_matches('.'))?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_states_the_fact_and_what_to_do() {
        let warning = Failure::warning("TLS verification is off").with_hint("set `cacert`");
        assert_eq!(warning.to_string(), "TLS verification is off; set `cacert`");
    }

    #[test]
    fn a_failure_is_one_line_that_says_what_why_what_to_do_and_the_request() {
        let failure = Failure {
            request_id: Some("req-1".into()),
            ..Failure::new("log in to alpha", "wrong\npassword\u{1b}[2J")
                .with_hint("check `password` in clouds.yaml")
        };

        assert_eq!(
            failure.to_string(),
            "cannot log in to alpha: wrong password\u{fffd}[2J; check `password` in clouds.yaml (request req-1)"
        );
    }
}
