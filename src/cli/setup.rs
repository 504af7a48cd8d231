//! From what was typed to what a command needs: settings, names, and an engine that knows the clouds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::demo::Embedded;
use super::exit::Stop;
use super::names::Names;
use super::{Global, Login, log, output};
use crate::tui::{Reload, Reread, Settings};
use cloud::config::{AppConfig, Clouds, ConfigError, Dirs, Environment};
use domain::Failure;
use engine::{Configured, Engine, PollTimes, Preference};

/// The cloud of the embedded ones that is used when none is named.
const DEMO_CLOUD: &str = "demo-ims";

/// Everything that is known before the first request.
#[derive(Debug)]
pub struct Setup {
    /// The process's surroundings.
    pub env: Environment,
    /// `config.toml`.
    pub app: AppConfig,
    /// What it says about keys and colours.
    pub screen: Settings,
    /// The file that was named for it.
    config: Option<PathBuf>,
    /// Which cloud to use, and how.
    pub preference: Preference,
    demo: Option<Embedded>,
    no_journal: bool,
    /// Where operations on the embedded cloud are remembered: like it, as long as the program runs.
    demo_journal: Option<TempDir>,
}

impl Setup {
    /// Reads the settings and begins the log.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let env = Environment::from_process();
        let state = Dirs::of(&env).state;
        log::begin(global.log_file.as_deref(), env.var(log::VARIABLE), &state)?;
        let app = AppConfig::load(&env, global.config.as_deref()).map_err(reported_but_the_last)?;
        let screen = Settings::of(&app).map_err(reported_but_the_last)?;
        let config = global.config.clone();
        let demo = Embedded::from_args(&global.demo)?;
        let default = demo.is_some().then(|| DEMO_CLOUD.to_owned());
        let preference = Preference {
            cloud: global.login.cloud.clone().or(default),
            region: global.login.region.clone(),
            read_only: global.read_only,
        };
        let no_journal = global.no_journal;
        let demo_journal = (demo.is_some() && !no_journal).then(private_directory).transpose()?;
        Ok(Self { env, app, screen, config, preference, demo, no_journal, demo_journal })
    }

    /// An engine for the configured clouds. Nothing is read before it is used.
    pub fn engine(&self, poll_times: PollTimes) -> Engine {
        let connector = Configured::new(self.clouds(), self.preference.clone());
        Engine::new(Arc::new(connector), poll_times, self.journal())
    }

    /// Where operations are remembered.
    fn journal(&self) -> Option<PathBuf> {
        if self.no_journal {
            return None;
        }
        let directory = match &self.demo_journal {
            Some(directory) => directory.path().to_path_buf(),
            None => Dirs::of(&self.env).data,
        };
        Some(directory.join("sharelock.db"))
    }

    /// Whether the clouds are the embedded one, which ends with the program.
    pub fn is_demo(&self) -> bool {
        self.demo.is_some()
    }

    /// Whether the journal is off.
    pub fn forgets(&self) -> bool {
        self.no_journal
    }

    /// Warns where the journal is off.
    pub fn warn_of_no_journal(&self) {
        if self.no_journal {
            output::say(
                "WARNING: the journal is off (--no-journal): an interrupted operation cannot be resumed or \
                 verified later",
            );
        }
    }

    /// The journal is needed by this command.
    pub fn require_journal(&self, command: &str) -> Result<(), Stop> {
        if self.no_journal {
            return Err(Stop::Usage(format!("{command} needs the journal; drop --no-journal")));
        }
        Ok(())
    }

    /// An engine for a command on a recorded operation: on the cloud that was typed, otherwise where it was done.
    pub async fn engine_for(&self, login: &Login, poll_times: PollTimes) -> Result<Engine, Stop> {
        match login.cloud {
            Some(_) => self.engine_for_one(poll_times).await,
            None => Ok(self.engine(poll_times)),
        }
    }

    /// An engine for a command on one cloud.
    pub async fn engine_for_one(&self, poll_times: PollTimes) -> Result<Engine, Stop> {
        let clouds = self.known_clouds().await?;
        Ok(self.engine_on(clouds, poll_times))
    }

    /// The clouds for a command on some of them. A cloud or region that was typed and does not exist is a wrong
    /// argument.
    pub async fn known_clouds(&self) -> Result<Clouds, Stop> {
        let clouds = self.clouds().await?;
        if self.preference.cloud.is_some() || self.preference.region.is_some() {
            let name = self.default_cloud(&clouds);
            let entry = name.map(|name| clouds.entry(name, self.preference.region.as_deref()));
            if let Some(Err(ConfigError::Unknown(complaint))) = entry {
                return Err(Stop::Usage(complaint.to_string()));
            }
        }
        Ok(clouds)
    }

    /// The cloud of a command that names none.
    pub fn default_cloud<'a>(&'a self, clouds: &'a Clouds) -> Option<&'a str> {
        self.preference.cloud.as_deref().or(clouds.default_name())
    }

    /// An engine on clouds that are loaded.
    pub fn engine_on(&self, clouds: Clouds, poll_times: PollTimes) -> Engine {
        let connector = Configured::new(async { Ok(clouds) }, self.preference.clone());
        Engine::new(Arc::new(connector), poll_times, self.journal())
    }

    /// The configured clouds, or the embedded ones, started now.
    pub fn clouds(&self) -> impl Future<Output = Result<Clouds, Failure>> + Send + 'static {
        let (settings, require_tls) = (self.app.clouds.clone(), self.app.require_tls);
        let (env, demo) = (self.env.clone(), self.demo.clone());
        let named = self.preference.cloud.clone();
        async move {
            let clouds = match demo {
                Some(demo) => demo.clouds().await?,
                None => Clouds::load(&env)?,
            };
            Ok(clouds.with_named(named).with_settings(settings, require_tls))
        }
    }

    /// Aliases of projects: the user's, and in the demo those an operator of that cloud would have.
    pub fn aliases(&self) -> BTreeMap<String, String> {
        aliases(self.demo.as_ref(), &self.app)
    }

    /// Reads the settings of the screen again, from the same file.
    pub fn reload(&self) -> Reload {
        let (env, named, demo) = (self.env.clone(), self.config.clone(), self.demo.clone());
        let before = (self.app.clouds.clone(), self.app.require_tls);
        let last = Mutex::new(Ok(self.app.clone()));
        Reload::by(move || {
            let (read, outcome) = reread(&env, named.as_deref(), demo.as_ref());
            let clouds_changed = read
                .as_ref()
                .is_ok_and(|app| (&app.clouds, app.require_tls) != (&before.0, before.1));
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = std::mem::replace(&mut *last, read.clone()) != read;
            Reread { outcome, changed, clouds_changed }
        })
    }

    /// Whether the screen was never opened here before; from now on it was. Always true in the demo, which leaves nothing behind.
    pub fn is_first_time(&self) -> bool {
        if self.demo.is_some() {
            return true;
        }
        let state = Dirs::of(&self.env).state;
        let marker = state.join("welcomed");
        if marker.exists() {
            return false;
        }
        // Where nothing can be written the user is welcomed again, which is no reason to stop.
        let directory = super::log::private_directory();
        let _ = directory.create(&state).and_then(|()| std::fs::write(marker, ""));
        true
    }

    /// The same, to be asked by name.
    pub fn names(&self) -> Names {
        Names::new(self.aliases())
    }
}

/// The user's aliases, and in the demo those an operator of that cloud would have.
fn aliases(demo: Option<&Embedded>, app: &AppConfig) -> BTreeMap<String, String> {
    let mut aliases: BTreeMap<String, String> =
        demo.into_iter().flat_map(Embedded::address_book).collect();
    aliases.extend(app.projects.clone());
    aliases
}

/// What the file says now, as it is compared with what it said before; and what that means for the screen.
fn reread(
    env: &Environment,
    named: Option<&Path>,
    demo: Option<&Embedded>,
) -> (Result<AppConfig, String>, Result<Settings, Vec<ConfigError>>) {
    match AppConfig::load(env, named) {
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            (Err(all.join("\n")), Err(errors))
        }
        Ok(app) => {
            let settings = Settings::of(&app);
            let settings = settings.map(|screen| screen.with_aliases(aliases(demo, &app)));
            (Ok(app), settings)
        }
    }
}

/// Reports all configuration errors; the caller reports the last one.
fn reported_but_the_last(mut errors: Vec<ConfigError>) -> Failure {
    let last = errors.pop();
    for error in errors {
        output::error(Failure::from(error));
    }
    match last {
        Some(error) => error.into(),
        None => Failure::new("use the settings", "something is wrong with them"),
    }
}

/// Only for its owner, and gone when it is dropped.
fn private_directory() -> Result<TempDir, Failure> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("sharelock-demo-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().map_err(|error| {
        Failure::new("make a directory for the journal of the demo", error.to_string())
            .with_hint("set TMPDIR to a directory that can be written, or add --no-journal")
    })
}
