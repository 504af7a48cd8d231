//! The documentation fits the program: links lead somewhere, and commands in examples are commands.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use sharelock::cli::Cli;

/// Every page, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = vec![PathBuf::from("README.md"), PathBuf::from("CONTRIBUTING.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The commands of a line like `$ sharelock audit --image x | sharelock revoke --from -`.
fn commands(line: &str) -> Vec<Vec<&str>> {
    let Some(line) = line.trim().strip_prefix("$ ") else { return Vec::new() };
    let goes_on = |word: &&str| !matches!(*word, ">" | "&") && !word.starts_with('#');
    let parts = line.split('|').map(|part| part.split_whitespace().take_while(goes_on).collect());
    parts.filter(|words: &Vec<&str>| words.first() == Some(&"sharelock")).collect()
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut broken = Vec::new();
    let mut links = 0;
    for (page, text) in pages() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            links += 1;
            let file = target.split('#').next().unwrap();
            if !page.parent().unwrap_or(Path::new("")).join(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }

    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(links > 30, "{links} links were found");
}

#[test]
fn every_command_in_an_example_is_understood() {
    let mut texts: Vec<(String, String)> =
        pages().into_iter().map(|(path, text)| (path.display().to_string(), text)).collect();
    for command in Cli::command().get_subcommands() {
        let examples = command.get_after_long_help().map(ToString::to_string);
        texts.push((format!("{} --help", command.get_name()), examples.unwrap_or_default()));
    }
    let mut wrong = Vec::new();
    let mut examples = 0;
    for (place, text) in &texts {
        for words in text.lines().flat_map(commands) {
            examples += 1;
            if let Err(error) = Cli::try_parse_from(&words) {
                wrong.push(format!("{place}: {}\n{error}", words.join(" ")));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples > 40, "{examples} examples were found");
}
