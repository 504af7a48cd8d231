//! Writing an export to the file that was typed, and nowhere else.

use std::io;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::file;
use crate::tui::export::{Export, Format};
use domain::text::clean;

/// Why a file was not written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is one already.
    Exists(String),
    /// In a sentence.
    Failed(String),
}

/// Writes to the path that was typed; `~` is the home directory. Returns the full path. An existing file is replaced
/// only with `overwrite`, and whole: an error leaves it unchanged. Devices and folders are refused.
pub(crate) fn write(
    export: &Export,
    format: Format,
    typed: &str,
    overwrite: bool,
) -> Result<String, Refusal> {
    let path = expanded(typed, std::env::home_dir().as_deref());
    let path = std::path::absolute(&path).map_err(|error| failed(&path, &error))?;
    let content = |out: &mut dyn Write| export.write(format, out);
    let written = match path.metadata() {
        Ok(found) if !found.is_file() => {
            return Err(Refusal::Failed(format!(
                "{} is not a file; type another name",
                shown(&path)
            )));
        }
        Ok(_) if !overwrite => return Err(Refusal::Exists(shown(&path))),
        Ok(_) => file::replace(&path, content),
        Err(_) => file::create(&path, content),
    };
    match written {
        Ok(()) => Ok(shown(&path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Refusal::Exists(shown(&path)))
        }
        Err(error) => Err(failed(&path, &error)),
    }
}

fn failed(path: &Path, error: &io::Error) -> Refusal {
    Refusal::Failed(format!("cannot write {}: {error}; type another name", shown(path)))
}

fn shown(path: &Path) -> String {
    clean(&path.display().to_string()).into_owned()
}

fn expanded(typed: &str, home: Option<&Path>) -> PathBuf {
    let rest = match typed {
        "~" => Some(""),
        typed => typed.strip_prefix("~/"),
    };
    match (rest, home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::export::Marked;

    fn export() -> Export {
        Export::Marks(Marked(Vec::new()))
    }

    const HEAD: &str = "cloud,region,project_id,image_id,member_id,member_type\n";

    fn typed(dir: &tempfile::TempDir, name: &str) -> String {
        dir.path().join(name).display().to_string()
    }

    #[test]
    fn a_new_file_is_written_and_its_full_path_is_the_answer() {
        let dir = tempfile::tempdir().unwrap();
        let path = typed(&dir, "a.csv");
        assert_eq!(write(&export(), Format::Csv, &path, false), Ok(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), HEAD);
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is_until_it_is_to_be_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = typed(&dir, "a.csv");
        std::fs::write(
            &path,
            "mine, and much longer than what is written over it, as it happens here",
        )
        .unwrap();

        let refused = write(&export(), Format::Csv, &path, false);
        assert_eq!(refused, Err(Refusal::Exists(path.clone())));
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("mine"));

        write(&export(), Format::Csv, &path, true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), HEAD);
    }

    #[test]
    fn what_cannot_be_written_to_is_said_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let why = |name: &str, overwrite| match write(&export(), Format::Csv, name, overwrite) {
            Err(Refusal::Failed(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(why(&typed(&dir, "no/such/dir.csv"), false).starts_with("cannot write /"));
        assert!(why(&typed(&dir, "."), true).contains("is not a file"));
        assert!(why("/dev/null", true).contains("/dev/null is not a file"));
    }

    #[test]
    fn a_tilde_is_the_home_directory_and_only_at_the_beginning() {
        let home = Path::new("/home/me");
        let of = |typed| expanded(typed, Some(home)).display().to_string();
        assert_eq!(of("~/a.csv"), "/home/me/a.csv");
        assert_eq!(of("~//a.csv"), "/home/me/a.csv");
        assert_eq!(of("a~/b"), "a~/b");
        assert_eq!(of("~other/b"), "~other/b");
        assert_eq!(expanded("~/a", None), Path::new("~/a"));
    }
}
