//! `clouds`: configured clouds, the files in use, and with `--check` what works.

use std::fmt::Display;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::Login;
use super::exit::{Exit, Stop};
use super::output::{self, Output, OutputArgs};
use super::setup::Setup;
use crate::report::table::{Cell, Column, Show, Table, column};
use crate::report::text;
use cloud::config::{Choice, Clouds, ConfigError, Dirs};
use domain::{CloudKind, Text};
use engine::diagnose::{self, Diagnosis};
use engine::proxy_warnings;

mod check;

use check::{Check, yes_no};

/// Arguments of `clouds`.
#[derive(Clone, Debug, clap::Args)]
pub struct CloudsArgs {
    /// Log in to every cloud (or that of `--cloud`) and show what works and what is missing
    #[arg(long)]
    pub check: bool,
    /// Format and file of the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Lists every configured cloud; logs in only with `--check`.
pub async fn run(setup: &Setup, login: Login, args: &CloudsArgs) -> Result<Exit, Stop> {
    let output = Output::open(&args.output)?;
    let clouds = setup.clouds().await?;
    clouds.warnings().iter().for_each(|warning| output::say(format_args!("warning: {warning}")));
    let mut list = List::of(&clouds, setup);
    if !args.check {
        output.write(&list, &list)?;
        return Ok(Exit::Done);
    }
    if login.otp.is_some() && login.cloud.is_none() {
        let why = "--otp is for one cloud; add --cloud NAME";
        return Err(Stop::Usage(why.into()));
    }
    if let Some(name) = &login.cloud {
        if let Err(ConfigError::Unknown(complaint)) = clouds.entry(name, login.region.as_deref()) {
            return Err(Stop::Usage(complaint.to_string()));
        }
        list.clouds.retain(|entry| entry.name.raw() == name);
    }
    let names = list.clouds.iter().map(|entry| entry.name.raw().to_owned()).collect();
    let read_only = setup.preference.read_only;
    let deadline = diagnose::DEADLINE;
    proxy_warnings().into_iter().for_each(output::say);
    let found = diagnose::check(clouds, names, login.region, read_only, login.otp, deadline).await;
    let exit = list.take(&found);
    output.write(&list, &list)?;
    for diagnosis in &found {
        let say =
            |what: &str, failure| output::say(format_args!("{}: {what}{failure}", diagnosis.cloud));
        diagnosis.troubles.iter().for_each(|failure| say("", failure));
        diagnosis.remarks.iter().for_each(|failure| say("note: ", failure));
    }
    Ok(exit)
}

/// `sharelock/clouds/1`.
#[derive(Serialize)]
struct List {
    schema: &'static str,
    clouds: Vec<Entry>,
    paths: Paths,
}

#[derive(Serialize)]
struct Entry {
    name: Text,
    default: bool,
    /// `None` where only a probe shows it.
    kind: Option<CloudKind>,
    login: Text,
    regions: Vec<Text>,
    read_only: bool,
    protected: bool,
    error: Option<Text>,
    /// `None` without `--check`.
    check: Option<Check>,
}

#[derive(Serialize)]
struct Paths {
    clouds: Vec<Text>,
    settings: Option<Text>,
    settings_default: Text,
    state: Text,
}

impl List {
    fn of(clouds: &Clouds, setup: &Setup) -> Self {
        let dirs = Dirs::of(&setup.env);
        let default = setup.preference.cloud.as_deref().or(clouds.default_name());
        let entry = |choice: Choice| Entry::of(choice, clouds, setup, default);
        Self {
            schema: "sharelock/clouds/1",
            clouds: clouds.choices().into_iter().map(entry).collect(),
            paths: Paths {
                clouds: clouds.files().map(path_text).collect(),
                settings: setup.app.file.as_deref().map(path_text),
                settings_default: path_text(&dirs.config_file()),
                state: path_text(&dirs.state),
            },
        }
    }

    /// Adds the diagnoses of its clouds, in their order. Returns 1 when the only cloud does not work, 3 when one of
    /// several does not.
    fn take(&mut self, found: &[Diagnosis]) -> Exit {
        for (entry, diagnosis) in self.clouds.iter_mut().zip(found) {
            entry.kind = entry.kind.or(diagnosis.kind);
            entry.check = Some(Check::of(diagnosis));
        }
        let failed = found.iter().filter(|diagnosis| !diagnosis.works()).count();
        match (failed, found.len()) {
            (0, _) => Exit::Done,
            (_, 1) => Exit::Failed,
            _ => Exit::Incomplete,
        }
    }

    fn is_checked(&self) -> bool {
        self.clouds.iter().any(|entry| entry.check.is_some())
    }
}

impl Entry {
    fn of(choice: Choice, clouds: &Clouds, setup: &Setup, default: Option<&str>) -> Self {
        let settings = setup.app.clouds.get(&choice.name).cloned().unwrap_or_default();
        Self {
            default: default == Some(&*choice.name),
            kind: clouds.entry(&choice.name, None).ok().and_then(|entry| entry.kind),
            login: choice.about.into(),
            regions: choice.regions.into_iter().map(Text::from).collect(),
            read_only: settings.read_only || setup.preference.read_only,
            protected: settings.protected,
            error: choice.problem.map(|problem| problem.to_string().into()),
            check: None,
            name: choice.name.into(),
        }
    }

    fn check(&self) -> Option<&Check> {
        self.check.as_ref()
    }

    fn settings(&self) -> impl Iterator<Item = &'static str> {
        let words = [(self.default, "default"), (self.read_only, "read-only")];
        let words = words.into_iter().chain([(self.protected, "protected")]);
        words.filter(|(is, _)| *is).map(|(_, word)| word)
    }
}

fn path_text(path: &Path) -> Text {
    path.display().to_string().into()
}

/// The words with blanks between them.
fn joined<'a>(words: impl Iterator<Item = &'a str>) -> Cell {
    let words: Vec<&str> = words.collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

fn number(number: Option<impl Display>) -> Cell {
    number.map(|number| number.to_string().into())
}

impl Table for List {
    type Row = Entry;

    fn columns(&self) -> Vec<Column<Entry>> {
        use Show::{Always, Never, Unless};
        let checked = self.is_checked();
        let listed = |column: Column<Entry>| (!checked).then_some(column);
        let check = |column: Column<Entry>| checked.then_some(column);
        let columns = [
            Some(column("name", "CLOUD", Always, |it: &Entry| Some(it.name.clone()))),
            check(column("works", "WORKS", Always, |it| text(yes_no(Some(it.check()?.works))))),
            Some(column("kind", "API", Always, |it| {
                Some(it.kind.map_or("asked at login".into(), |kind| kind.to_string().into()))
            })),
            check(column("kind_told_by", "TOLD BY", Always, |it| text(it.check()?.kind_told_by))),
            Some(column("login", "LOGIN", Always, |it| Some(it.login.clone()))),
            check(column("user", "USER", Unless(""), |it| it.check()?.user.clone())),
            check(column("project", "PROJECT", Unless(""), |it| {
                let Check { project_name, project_id, .. } = it.check()?;
                project_name.clone().or_else(|| project_id.clone())
            })),
            check(column("project_id", "PROJECT ID", Never, |it| it.check()?.project_id.clone())),
            listed(column("regions", "REGIONS", Unless(""), |it| {
                joined(it.regions.iter().map(Text::raw))
            })),
            check(column("region", "REGION", Unless(""), |it| {
                it.check()?.region.clone().or_else(|| joined(it.regions.iter().map(Text::raw)))
            })),
            check(column("endpoint", "ENDPOINT", Unless(""), |it| it.check()?.endpoint.clone())),
            check(column("latency_ms", "MS", Unless(""), |it| number(it.check()?.latency_ms))),
            check(column("clock_skew_s", "CLOCK", Unless("0"), |it| {
                number(it.check()?.clock_skew_s)
            })),
            check(column("can_list", "LIST", Always, |it| text(yes_no(it.check()?.can_list)))),
            check(column("can_change", "CHANGE", Always, |it| {
                text(yes_no(it.check()?.can_change))
            })),
            check(column("roles", "ROLES", Never, |it| {
                joined(it.check()?.roles.iter().map(Text::raw))
            })),
            check(column("tls", "TLS", Always, |it| text(it.check()?.tls()))),
            Some(column("settings", "SETTINGS", Unless(""), |it| joined(it.settings()))),
            listed(column("error", "CANNOT BE USED", Unless(""), |it| it.error.clone())),
            check(column("error", "WHY NOT", Unless(""), |it| {
                it.check()?.why.clone().or_else(|| it.error.clone())
            })),
        ];
        columns.into_iter().flatten().collect()
    }

    fn rows(&self, each: &mut dyn FnMut(&Entry) -> io::Result<()>) -> io::Result<()> {
        self.clouds.iter().try_for_each(each)
    }

    fn legend(&self) -> Vec<String> {
        let Paths { clouds, settings, settings_default, state } = &self.paths;
        let settings = match settings {
            Some(path) => format!("settings: {path}"),
            None => format!("settings: none; they would be in {settings_default}"),
        };
        let clouds = clouds.iter().map(|path| format!("clouds: {path}"));
        clouds.chain([settings, format!("log, when asked for: {state}")]).collect()
    }
}
