//! `clouds`: what is configured, where it was found, and with `--check` what works.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::Login;
use super::exit::{Exit, Stop};
use super::output::{self, Output, OutputArgs};
use super::setup::Setup;
use super::sheet::{Cell, Column, InTable, Sheet};
use cloud::config::{Choice, Clouds, ConfigError, Dirs};
use domain::{CloudKind, Text};
use engine::diagnose::{self, Diagnosis};
use engine::proxy_warnings;

mod check;

use check::Check;

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

/// Lists every configured cloud. Logs in nowhere, unless asked to check.
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
    // The demo's default is not a wish.
    let one = login.cloud;
    if let Some(name) = &one {
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
        let tell =
            |what: &str, failure| output::say(format_args!("{}: {what}{failure}", diagnosis.cloud));
        diagnosis.troubles.iter().for_each(|failure| tell("", failure));
        diagnosis.remarks.iter().for_each(|failure| tell("note: ", failure));
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
    /// `None` where only a probe can tell.
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
                clouds: clouds.files().map(text).collect(),
                settings: setup.app.file.as_deref().map(text),
                settings_default: text(&dirs.config_file()),
                state: text(&dirs.state),
            },
        }
    }

    /// Takes what was found out about its clouds, in their order, and says how it ends: 1 when the only one asked for
    /// does not work.
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

    fn settings(&self) -> Vec<&'static str> {
        let words = [(self.default, "default"), (self.read_only, "read-only")];
        let words = words.into_iter().chain([(self.protected, "protected")]);
        words.filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }
}

fn text(path: &Path) -> Text {
    path.display().to_string().into()
}

const COLUMNS: &[Column] = &[
    Column { key: "name", title: "CLOUD", table: InTable::Yes },
    Column { key: "kind", title: "API", table: InTable::Yes },
    Column { key: "login", title: "LOGIN", table: InTable::Yes },
    Column { key: "regions", title: "REGIONS", table: InTable::Unless("") },
    Column { key: "settings", title: "SETTINGS", table: InTable::Unless("") },
    Column { key: "error", title: "CANNOT BE USED", table: InTable::Unless("") },
];

impl Entry {
    /// The first columns, of every sheet.
    fn cells(&self) -> Vec<Cell> {
        let regions: Vec<&str> = self.regions.iter().map(Text::raw).collect();
        let settings = self.settings();
        vec![
            Some(self.name.clone()),
            Some(self.kind.map_or("asked at login".into(), |kind| kind.to_string().into())),
            Some(self.login.clone()),
            (!regions.is_empty()).then(|| regions.join(" ").into()),
            (!settings.is_empty()).then(|| settings.join(" ").into()),
            self.error.clone(),
        ]
    }
}

impl Sheet for List {
    fn columns(&self) -> &[Column] {
        if self.is_checked() { check::COLUMNS } else { COLUMNS }
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.clouds.iter().try_for_each(|cloud| {
            let cells = cloud.cells();
            match &cloud.check {
                Some(check) => each(&check.cells(cells)),
                None => each(&cells),
            }
        })
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
