//! The rules of the house: dependencies point one way, one file writes to the terminal.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// Where, and what must not be mentioned there.
const RULES: &[(&str, &[&str])] = &[
    (
        "crates/domain/src",
        &["std::fs", "std::net", "std::env", "Instant", "SystemTime", "Timestamp::now", ".await"],
    ),
    ("crates/cloud/src/http", &["crate::auth", "crate::clients", "crate::config"]),
    ("crates/cloud/src/auth", &["crate::config", "crate::clients"]),
    ("crates/cloud/src/clients", &["crate::config", "sleep("]),
    ("crates/cloud/src/config", &["crate::http", "crate::clients", "tokio", "reqwest"]),
    ("crates/engine/src/journal", &["crate::cloud", "crate::config", "cloud::", "tokio", ".await"]),
    (
        "src/report",
        &[
            "cloud::",
            "config::",
            "engine::",
            "demo::",
            "crate::tui",
            "crate::cli",
            "tokio",
            "ratatui",
            "crossterm",
            "std::fs",
            "std::env",
            ".await",
        ],
    ),
    ("src/tui", &["crate::cli", "journal::", "http::", "auth::", "clients::", "demo::"]),
    ("src/tui/app", PURE),
    ("src/tui/views", PURE),
    ("src/tui/overlays", PURE),
    ("src/tui/ui", PURE),
    ("src/tui/keys", PURE),
    ("src/tui/speech", PURE),
    ("src/cli", &["journal::", "http::", "auth::", "clients::", "ratatui"]),
];

/// What neither waits, nor reads a clock, nor does IO may not mention.
const PURE: &[&str] = &[
    "tokio",
    "Instant",
    "SystemTime",
    "Timestamp::now",
    "std::fs",
    "std::io",
    "std::env",
    "crossterm::execute",
    ".await",
    "spawn(",
];

/// Who may write to a terminal.
const WRITERS: &[&str] = &["src/cli/output.rs", "src/tui/terminal.rs"];

#[test]
fn dependencies_point_one_way() {
    let mut broken = Vec::new();
    for (module, forbidden) in RULES {
        for source in sources(module) {
            let found = forbidden.iter().filter(|word| source.mentions(word));
            broken.extend(found.map(|word| format!("{} mentions `{word}`", source.name)));
        }
    }

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn one_file_writes_for_the_command_line_and_one_for_the_screen() {
    let words = ["println!(", "print!(", "dbg!(", "io::stdout()", "io::stderr()", "stdout().lock"];
    let crates = fs::read_dir("crates").unwrap().map(|entry| entry.unwrap().path().join("src"));
    let all = crates.flat_map(|folder| sources(folder.to_str().unwrap()));
    for source in all.chain(sources("src")) {
        if WRITERS.contains(&&*source.name) {
            continue;
        }
        for word in words {
            assert!(!source.mentions(word), "{} mentions `{word}`", source.name);
        }
    }
}

struct Source {
    /// Path from the root of the crate, with `/`.
    name: String,
    /// Without tests and comments.
    code: String,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        Self {
            name: path.to_str().unwrap().replace('\\', "/"),
            code: code.collect::<Vec<_>>().join("\n"),
        }
    }

    /// Whether the code has the word, and not as a part of a longer one.
    fn mentions(&self, word: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.code.match_indices(word).any(|(at, _)| {
            let (before, after) = (&self.code[..at], &self.code[at + word.len()..]);
            let goes_on_before = word.starts_with(is_part) && before.ends_with(is_part);
            let goes_on_after = word.ends_with(is_part) && after.starts_with(is_part);
            !goes_on_before && !goes_on_after
        })
    }
}

/// Every file of a module: the folder, and the file beside it of the same name. Files of tests are left out.
fn sources(module: &str) -> Vec<Source> {
    let mut paths = vec![PathBuf::from(format!("{module}.rs"))];
    paths.retain(|path| path.is_file());
    collect(Path::new(module), &mut paths);
    let of_tests: Vec<PathBuf> = paths.iter().flat_map(|path| test_files(path)).collect();
    paths.retain(|path| !of_tests.iter().any(|tests| path.starts_with(tests)));
    paths.sort();
    paths.iter().map(|path| Source::read(path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The files and folders that a file declares as modules for tests alone.
fn test_files(path: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(path).unwrap();
    let folder = match path.file_stem().unwrap().to_str() {
        Some("mod" | "lib" | "main") => path.parent().unwrap().to_owned(),
        _ => path.with_extension(""),
    };
    let text = text.replace("#[cfg(test)]\npub(crate) mod ", "#[cfg(test)]\nmod ");
    let declared = text.split("#[cfg(test)]\nmod ").skip(1);
    let named = declared.filter_map(|rest| rest.lines().next()?.strip_suffix(';'));
    named.flat_map(|name| [folder.join(format!("{name}.rs")), folder.join(name)]).collect()
}
