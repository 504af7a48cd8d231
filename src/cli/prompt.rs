//! Prompts on the terminal: a line of text, or a secret that does not show.

use secrecy::SecretString;

use super::exit::Stop;
use super::output;
use crate::signals::Shutdown;
use domain::Failure;

/// Prompts for a line, without blanks around it; `None` at the end of input.
pub(super) async fn line(question: String) -> Result<Option<String>, Stop> {
    let line = read(question).await?;
    Ok(line.map(|line| line.trim().to_owned()))
}

/// Prompts for a secret without echo; `None` at the end of input. The terminal gets its echo back however this ends,
/// also by a signal.
pub(super) async fn secret(question: String) -> Result<Option<SecretString>, Stop> {
    let hidden = output::Hidden::begin(&question)
        .map_err(|error| Failure::new("hide what is typed", error.to_string()))?;
    let secret = read(question).await;
    drop(hidden);
    Ok(secret?.map(SecretString::from))
}

/// The line without its end.
async fn read(question: String) -> Result<Option<String>, Stop> {
    // A read from a terminal cannot be cancelled, so a thread of its own does it.
    match tokio::task::spawn_blocking(move || output::ask(question)).await {
        // The terminal was closed, and its signal is still on its way. A line may be cut off there.
        Ok(line) if output::terminal_is_gone(&line) => Err(Stop::Interrupted(Shutdown::HangUp)),
        Ok(Ok(line)) => Ok(line),
        Ok(Err(error)) => Err(Failure::new("read the answer", error.to_string()).into()),
        Err(error) => Err(Failure::new("read the answer", error.to_string()).into()),
    }
}
