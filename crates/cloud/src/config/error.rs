//! What is wrong with the configuration, where, and what to do. No text here ever holds a value that could be secret,
//! nor an excerpt of a file.

use std::fmt;

use domain::{Failure, text::clean};

/// Why there is no checked value. `Display` is one line that names file, key and hint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is nothing to connect to: no file, no `OS_*`, or nothing readable in them.
    #[error("{0}")]
    NoCloud(Complaint),
    /// The cloud or region that was asked for does not exist: a wrong argument.
    #[error("{0}")]
    Unknown(Complaint),
    /// A cloud's entry is incomplete, wrong, or asks for something that is not supported.
    #[error("{0}")]
    Entry(Complaint),
    /// Only the secret of the login is missing, and it may be given later.
    #[error("{0}")]
    NoSecret(Complaint, MissingSecret),
    /// `config.toml` cannot be read, or something in it is wrong.
    #[error("{0}")]
    Settings(Complaint),
}

/// The secret that an entry lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingSecret {
    key: &'static str,
    word: &'static str,
}

impl MissingSecret {
    /// By its key in `auth`; `None` for a key that is not a secret.
    pub(super) fn of(key: &str) -> Option<Self> {
        let secrets = [
            ("password", "password"),
            ("application_credential_secret", "application credential secret"),
            ("token", "token"),
            ("api_key", "API key"),
            ("sk", "secret key"),
        ];
        let found = secrets.into_iter().find(|(secret, _)| *secret == key);
        found.map(|(key, word)| Self { key, word })
    }

    /// Its key in `auth`.
    pub(super) fn key(self) -> &'static str {
        self.key
    }

    /// Its noun, as in "password".
    pub fn word(self) -> &'static str {
        self.word
    }
}

/// For options that serde refuses. Its message is not kept: it may hold the value.
impl serde::de::Error for ConfigError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        let why = "an option of the login cannot be read";
        Self::Entry(Complaint::new(why, "correct the keys under `auth:`"))
    }
}

/// A reason and a hint, harmless for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong and where: "cloud `alpha` in /home/x/clouds.yaml has no `auth.password`".
    pub why: String,
    /// What to do: "add it there or in secure.yaml".
    pub hint: String,
}

impl Complaint {
    /// A complaint whose words are cleaned: names and paths are other people's strings.
    pub fn new(why: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self { why: clean(why.as_ref()).into_owned(), hint: clean(hint.as_ref()).into_owned() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.why, self.hint)
    }
}

impl ConfigError {
    /// The reason and the hint.
    pub fn complaint(&self) -> &Complaint {
        match self {
            Self::NoCloud(c)
            | Self::Unknown(c)
            | Self::Entry(c)
            | Self::NoSecret(c, _)
            | Self::Settings(c) => c,
        }
    }
}

/// The known word nearest to `word`, if at most a third of its letters differ. A word longer than any known one has none.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 100;
    if word.chars().nth(LONGEST).is_some() {
        return None;
    }
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean `…`?)`, if a known word is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let what = match &error {
            ConfigError::Settings(_) => "use the settings",
            _ => "use the configured clouds",
        };
        let Complaint { why, hint } = error.complaint().clone();
        Self::new(what, why).with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_word_finds_the_known_one_and_another_word_finds_nothing() {
        let known = ["read_only", "protected", "concurrency"];
        assert_eq!(nearest("readonly", known), Some("read_only"));
        assert_eq!(nearest("Protetced", known), Some("protected"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"x".repeat(10_000_000), known), None);
    }

    #[test]
    fn what_serde_says_of_a_value_is_not_repeated() {
        let error = <ConfigError as serde::de::Error>::custom("invalid value: MARKER");
        assert!(!format!("{error} {error:?}").contains("MARKER"));
    }

    #[test]
    fn an_error_becomes_a_failure_with_the_same_reason_and_hint() {
        let error = ConfigError::Entry(Complaint::new("cloud `a\u{1b}` has no `auth`", "add it"));

        assert_eq!(error.to_string(), "cloud `a\u{fffd}` has no `auth`; add it");
        assert_eq!(
            Failure::from(error).to_string(),
            "cannot use the configured clouds: cloud `a\u{fffd}` has no `auth`; add it"
        );
    }
}
