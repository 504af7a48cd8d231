//! `clouds`: what is configured, and where it was found.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::exit::Exit;
use super::output::{Output, OutputArgs};
use super::setup::Setup;
use super::sheet::{Cell, Column, InTable, Sheet};
use crate::config::{Choice, Clouds, Dirs};
use crate::domain::{CloudKind, Failure, Text};

/// Lists every configured cloud. Logs in nowhere.
pub async fn run(setup: &Setup, args: &OutputArgs) -> Result<Exit, Failure> {
    let output = Output::open(args)?;
    let clouds = setup.clouds().await?;
    let list = List::of(&clouds, setup);
    output.write(&list, &list)?;
    Ok(Exit::Done)
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

impl Sheet for List {
    fn columns(&self) -> &[Column] {
        COLUMNS
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.clouds.iter().try_for_each(|cloud| {
            let regions: Vec<&str> = cloud.regions.iter().map(Text::raw).collect();
            let settings = cloud.settings();
            each(&[
                Some(cloud.name.clone()),
                Some(cloud.kind.map_or("asked at login".into(), |kind| kind.to_string().into())),
                Some(cloud.login.clone()),
                (!regions.is_empty()).then(|| regions.join(" ").into()),
                (!settings.is_empty()).then(|| settings.join(" ").into()),
                cloud.error.clone(),
            ])
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
