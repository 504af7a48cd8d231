//! What went wrong, as the user reads it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// A failure in the four parts a person needs. `Display` is the one line for stderr, a toast or a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was being done, as in "cannot {what}": `read the members of image 7f3a`. Empty for a warning.
    pub what: String,
    /// Why it failed, in the cloud's or our words.
    pub why: Text,
    /// What the user can do about it. Documents and the journal call it `remedy`.
    #[serde(rename = "remedy")]
    pub hint: Option<String>,
    /// The cloud's id of the request, for its support.
    pub request_id: Option<Text>,
}

impl Failure {
    /// A failure with neither hint nor request id.
    pub fn new(what: impl Into<String>, why: impl Into<Text>) -> Self {
        Self { what: what.into(), why: why.into(), hint: None, request_id: None }
    }

    /// A warning: nothing failed, and the user should know this fact.
    pub fn warning(fact: impl Into<Text>) -> Self {
        Self::new("", fact)
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A cloud's sentence ends with a point; ours goes on.
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
