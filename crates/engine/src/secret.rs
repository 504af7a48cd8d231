//! The secret of a login that neither file nor variable has: typed by the user, or printed by `password_command`.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use zeroize::Zeroizing;

use super::MissingCredential;
use super::connect::{Refused, remark};
use cloud::config::{CloudEntry, Clouds, ConfigError, MissingSecret, PasswordCommand};
use domain::Failure;
use domain::text::clean;

/// How long a password manager may take: it may ask its user.
const DEADLINE: Duration = Duration::from_mins(1);

/// What is read of stdout and of stderr, at most, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// What is shown of stderr, at most, in characters.
const MOST_SHOWN: usize = 300;

/// An entry with its secret.
pub(super) struct EntryWithSecret {
    pub(super) entry: CloudEntry,
    pub(super) remarks: Vec<Failure>,
    /// The secret that the user typed and the entry lacks.
    pub(super) typed: Option<MissingSecret>,
}

/// The entry of a cloud; where only its secret is missing, with the one that was typed, else with the one that
/// `password_command` prints.
pub(super) async fn entry(
    clouds: &Clouds,
    name: &str,
    region: Option<&str>,
    typed: Option<&SecretString>,
) -> Result<EntryWithSecret, Refused> {
    let all = |remarks: Vec<_>| clouds.warnings().iter().chain(&remarks).map(remark).collect();
    let (entry, remarks) = clouds.entry_given(name, region, None);
    let (complaint, missing) = match entry {
        Ok(entry) => return Ok(EntryWithSecret { entry, remarks: all(remarks), typed: None }),
        Err(ConfigError::NoSecret(complaint, missing)) => (complaint, missing),
        Err(error) => return Err(Refused { remarks: all(remarks), ..error.into() }),
    };
    let (secret, typed) = match (typed, clouds.password_command(name)) {
        (Some(secret), _) => (secret.clone(), Some(missing)),
        (None, Some(command)) => match run_password_command(command, DEADLINE).await {
            Ok(secret) => (secret, None),
            Err(why) => {
                let what = format!("get the {} of cloud {name}", missing.word());
                let failure = Failure::new(what, why)
                    .with_hint("try the `password_command` of config.toml in a shell");
                return Err(Refused { remarks: all(remarks), ..failure.into() });
            }
        },
        (None, None) => {
            let error = ConfigError::NoSecret(complaint, missing);
            let missing = Some(MissingCredential::Secret(missing));
            return Err(Refused { missing, remarks: all(remarks), ..error.into() });
        }
    };
    let (entry, _) = clouds.entry_given(name, region, Some(&secret));
    match entry {
        Ok(entry) => Ok(EntryWithSecret { entry, remarks: all(remarks), typed }),
        Err(error) => Err(Refused { remarks: all(remarks), ..error.into() }),
    }
}

/// The first line that a command prints, or why there is none. No part of its stdout is ever in the reason.
async fn run_password_command(
    command: &PasswordCommand,
    deadline: Duration,
) -> Result<SecretString, String> {
    let program = clean(command.program()).into_owned();
    let mut child = Command::new(command.program())
        .args(command.0.iter().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("`{program}` does not start: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let ended = async { tokio::join!(read(stdout), read(stderr), child.wait()) };
    let (stdout, stderr, status) = tokio::time::timeout(deadline, ended)
        .await
        .map_err(|_| format!("`{program}` has not ended within {} s", deadline.as_secs()))?;
    let status = status.map_err(|error| format!("`{program}` does not end: {error}"))?;
    if !status.success() {
        return Err(format!("`{program}` {}{}", exit_words(status), excerpt(&stderr)));
    }
    let line = stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok("") => {
            Err(format!("the first line that `{program}` prints is empty{}", excerpt(&stderr)))
        }
        Ok(line) => Ok(SecretString::from(line)),
        Err(_) => Err(format!("`{program}` prints something that is not UTF-8 text")),
    }
}

/// Everything that comes, as much of it as is kept. The buffer never moves, so that no copy of a secret is left.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    let Some(mut stream) = stream else { return kept };
    let mut part = Zeroizing::new([0_u8; 1024]);
    while let Ok(read @ 1..) = stream.read(&mut *part).await {
        let fits = read.min(MOST_BYTES - kept.len());
        kept.extend_from_slice(part.get(..fits).unwrap_or_default());
    }
    kept
}

fn exit_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

/// What a command wrote to stderr, in one line.
fn excerpt(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = clean(&words).chars().take(MOST_SHOWN).collect();
    if shown.is_empty() { shown } else { format!(": {shown}") }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    async fn run(words: &[&str], deadline: Duration) -> Result<String, String> {
        let command = PasswordCommand(words.iter().map(ToString::to_string).collect());
        let secret = run_password_command(&command, deadline).await?;
        Ok(secret.expose_secret().to_owned())
    }

    async fn of_shell(script: &str) -> Result<String, String> {
        run(&["sh", "-c", script], DEADLINE).await
    }

    #[tokio::test]
    async fn the_first_line_of_stdout_is_the_secret_with_its_blanks() {
        assert_eq!(of_shell("printf ' a b \\nlogin: x\\n'").await.as_deref(), Ok(" a b "));
        assert_eq!(of_shell("printf 'a\\r\\n'").await.as_deref(), Ok("a"));
        assert_eq!(of_shell("printf a; echo note >&2").await.as_deref(), Ok("a"));
        assert_eq!(run(&["printf", "%s", "$HOME"], DEADLINE).await.as_deref(), Ok("$HOME"));
    }

    #[tokio::test]
    async fn a_failure_shows_stderr_cleaned_and_never_stdout() {
        let failed = of_shell("echo MARKER; printf 'no\\033[31m key\\nhere' >&2; exit 3").await;
        let why = failed.unwrap_err();
        assert!(why.starts_with("`sh` ended with status 3: no"), "{why}");
        assert!(why.ends_with("key here") && !why.contains('\u{1b}'), "{why}");
        assert!(!why.contains("MARKER"), "{why}");
        let long = of_shell("yes x | head -c 100000 >&2; exit 1").await.unwrap_err();
        assert!(long.chars().count() < 400, "{long}");
        assert_eq!(
            of_shell("echo; echo MARKER").await.unwrap_err(),
            "the first line that `sh` prints is empty"
        );
        let text = of_shell("printf '\\377'").await.unwrap_err();
        assert!(text.contains("not UTF-8"), "{text}");
        let none = run(&["/nonexistent/program", "MARKER"], DEADLINE).await.unwrap_err();
        assert!(none.contains("does not start") && !none.contains("MARKER"), "{none}");
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_given_up() {
        let late = run(&["sleep", "1000"], Duration::ZERO).await.unwrap_err();
        assert_eq!(late, "`sleep` has not ended within 0 s");
    }
}
