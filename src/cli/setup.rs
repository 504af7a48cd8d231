//! From what was typed to what a command needs: settings, names, and an engine that knows the clouds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::exit::Stop;
use super::names::Names;
use super::{DemoArgs, Global, log, output};
use crate::config::{AppConfig, Clouds, ConfigError, Dirs, Environment};
use crate::demo::{self, Demo};
use crate::domain::Failure;
use crate::engine::{self, Configured, Following, Handle, Preference};

/// The cloud of the embedded ones that is used when none is named.
const DEMO_CLOUD: &str = "demo-ims";

/// How long the embedded cloud takes for an answer: as a near one does.
const LATENCY: Range<Duration> = Duration::from_millis(4)..Duration::from_millis(25);

/// Everything that is known before anything is waited for.
#[derive(Debug)]
pub struct Setup {
    /// The process's surroundings.
    pub env: Environment,
    /// `config.toml`.
    pub app: AppConfig,
    /// Which cloud is meant, and how it is to be used.
    pub preference: Preference,
    demo: Option<demo::Options>,
    no_journal: bool,
    /// The embedded cloud lives as long as this.
    running: Arc<OnceLock<Demo>>,
}

impl Setup {
    /// Reads the settings and begins the log.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let env = Environment::from_process();
        let state = Dirs::of(&env).state;
        log::begin(global.log_file.as_deref(), env.var(log::VARIABLE), &state)?;
        let app = AppConfig::load(&env, global.config.as_deref())?;
        nothing_without_effect(&app)?;
        let demo = global.demo.options();
        let default = demo.is_some().then(|| DEMO_CLOUD.to_owned());
        let preference = Preference {
            cloud: global.login.cloud.clone().or(default),
            region: global.login.region.clone(),
            read_only: global.read_only,
        };
        let no_journal = global.no_journal;
        Ok(Self { env, app, preference, demo, no_journal, running: Arc::default() })
    }

    /// An engine for the configured clouds. Nothing is read before somebody asks it.
    pub fn engine(&self, following: Following) -> Handle {
        let connector = Configured::new(self.clouds(), self.preference.clone());
        engine::start(Arc::new(connector), following, self.journal())
    }

    /// Where operations are remembered. What is done to the embedded cloud ends with it.
    fn journal(&self) -> Option<PathBuf> {
        let remembers = self.demo.is_none() && !self.no_journal;
        remembers.then(|| Dirs::of(&self.env).data.join("sharelock.db"))
    }

    /// Whether the user wants nothing written down.
    pub fn forgets(&self) -> bool {
        self.no_journal
    }

    /// Says that nothing is written down, where that is so by the user's wish.
    pub fn warn_of_no_journal(&self) {
        if self.no_journal {
            output::say(
                "WARNING: --no-journal: nothing is written down; if this program is cut short, \
                 nothing finds out what became of the shares",
            );
        }
    }

    /// An engine for a command on one cloud. A cloud or region that was typed and does not exist is a wrong
    /// argument.
    pub async fn engine_for_one(&self, following: Following) -> Result<Handle, Stop> {
        let clouds = self.clouds().await?;
        if self.preference.cloud.is_some() || self.preference.region.is_some() {
            let name = self.preference.cloud.as_deref().or(clouds.default_name());
            let entry = name.map(|name| clouds.entry(name, self.preference.region.as_deref()));
            if let Some(Err(ConfigError::Unknown(complaint))) = entry {
                return Err(Stop::Usage(complaint.to_string()));
            }
        }
        let connector = Configured::new(async { Ok(clouds) }, self.preference.clone());
        Ok(engine::start(Arc::new(connector), following, self.journal()))
    }

    /// The configured clouds, or the embedded ones, started now.
    pub fn clouds(&self) -> impl Future<Output = Result<Clouds, Failure>> + Send + 'static {
        let settings = self.app.clouds.clone();
        let (env, demo, running) = (self.env.clone(), self.demo.clone(), self.running.clone());
        async move {
            let clouds = match demo {
                Some(options) => embedded(options, &running).await?,
                None => Clouds::load(&env)?,
            };
            Ok(clouds.with_settings(settings))
        }
    }

    /// Aliases of projects: the user's, and in the demo those an operator of that cloud would have.
    pub fn aliases(&self) -> BTreeMap<String, String> {
        let mut aliases: BTreeMap<String, String> =
            self.demo.iter().flat_map(demo::address_book).collect();
        aliases.extend(self.app.projects.clone());
        aliases
    }

    /// The same, to be asked by name.
    pub fn names(&self) -> Names {
        Names::new(self.aliases())
    }
}

/// A setting that is read and changes nothing would be a lie: the screen's keys and colours are fixed for now.
fn nothing_without_effect(app: &AppConfig) -> Result<(), ConfigError> {
    let key = app.keys.first().map(|key| (key.line, "`[keys]`"));
    let style = app.theme.first().map(|style| (style.line, "`[theme]`"));
    match key.or(style) {
        Some((line, what)) => {
            let why = format!("{what} has no effect in this version");
            Err(app.wrong(line, &why, "take it out; keys and colours cannot be changed yet"))
        }
        None => Ok(()),
    }
}

async fn embedded(options: demo::Options, running: &OnceLock<Demo>) -> Result<Clouds, Failure> {
    let demo = start(options).await?;
    let yaml = demo.clouds_yaml();
    // Only ever started once: the engine shares what this gives.
    let _ = running.set(demo);
    Ok(Clouds::from_yaml_text(&yaml, "the embedded cloud")?)
}

/// Starts the embedded cloud.
pub async fn start(options: demo::Options) -> Result<Demo, Failure> {
    let port = options.port;
    Demo::start(options).await.map_err(|error| {
        let failure = Failure::new("start the embedded cloud", error.to_string());
        if port == 0 { failure } else { failure.with_remedy("choose another --port") }
    })
}

impl DemoArgs {
    /// What to start, if it was asked for.
    fn options(&self) -> Option<demo::Options> {
        self.demo.then(|| self.with_port(0))
    }

    /// What to start on a port.
    pub fn with_port(&self, port: u16) -> demo::Options {
        let usual = demo::Options::default();
        demo::Options {
            images: self.images.unwrap_or(usual.images),
            members: self.members.unwrap_or(usual.members),
            seed: self.seed.unwrap_or(usual.seed),
            port,
            latency: LATENCY,
            ..usual
        }
    }
}
