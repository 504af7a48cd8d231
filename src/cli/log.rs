//! The log: a file that only its owner can read, without control characters and secrets.
//!
//! Only this program's own words are written: other crates log headers and bodies.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use domain::Failure;
use domain::text::clean;

/// The variable that turns the log on, or sets its level: `error`, `warn`, `info`, `debug`, `trace`. `debug` has a
/// line for every request.
pub const VARIABLE: &str = "SHARELOCK_LOG";

/// Begins the log in `file`; without one, in the folder `state` if `level` asks for a log.
pub fn begin(file: Option<&Path>, level: Option<&str>, state: &Path) -> Result<(), Failure> {
    let usual = || level.map(|_| state.join("sharelock.log"));
    let Some(path) = file.map(Path::to_owned).or_else(usual) else {
        return Ok(());
    };
    let failed =
        |why: String| Failure::new(format!("log to {}", clean(&path.display().to_string())), why);
    let level = level.unwrap_or("debug");
    let level: tracing::Level = level.parse().map_err(|_| {
        failed(format!("{VARIABLE} is `{level}`"))
            .with_hint("use one of error, warn, info, debug, trace")
    })?;
    let file = open(&path).map_err(|error| failed(error.to_string()))?;
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter(EnvFilter::new(format!("off,sharelock={level}")))
        .with_writer(Mutex::new(Cleaned(file)))
        .finish();
    tracing::subscriber::set_global_default(subscriber).map_err(|error| failed(error.to_string()))
}

/// Directories of our own are for their owner only, whatever the umask.
pub(super) fn private_directory() -> DirBuilder {
    let mut directory = DirBuilder::new();
    directory.recursive(true).mode(0o700);
    directory
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        private_directory().create(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Writes lines cleaned, whoever's words are in them.
struct Cleaned<W>(W);

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<_> = text.split('\n').map(clean).collect();
        self.0.write_all(lines.join("\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nothing_in_the_log_acts_on_the_terminal_that_shows_it() {
        let mut log = Cleaned(Vec::new());
        log.write_all("name=\u{1b}[2J\u{202e}\nnext\n".as_bytes()).unwrap();
        assert_eq!(log.0, "name=\u{fffd}[2J\u{fffd}\nnext\n".as_bytes());
    }

    #[test]
    fn nobody_else_can_read_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/log");
        open(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let folder = path.parent().unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn an_unknown_level_is_an_error_that_names_the_known_ones() {
        let folder = tempfile::tempdir().unwrap();
        let error = begin(Some(&folder.path().join("log")), Some("loud"), Path::new("/nowhere"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("SHARELOCK_LOG is `loud`; use one of error, warn"), "{error}");
    }

    #[test]
    fn no_log_is_written_unless_somebody_asks() {
        begin(None, None, Path::new("/nowhere")).unwrap();
    }
}
