//! `--demo` and `demo-cloud`: the embedded cloud, which the cargo feature `demo` brings in.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::DemoArgs;
use cloud::config::Clouds;
use demo_cloud::{Demo, Options, codes};
use domain::Failure;

/// How long the embedded cloud takes for an answer: as a near one does.
const LATENCY: Range<Duration> = Duration::from_millis(4)..Duration::from_millis(25);

/// The embedded cloud of a command. It starts when its clouds are first needed, and lives as long as this.
#[derive(Clone, Debug)]
pub(super) struct Embedded {
    options: Options,
    running: Arc<OnceLock<Demo>>,
}

impl Embedded {
    /// The embedded cloud, if the arguments select it.
    #[expect(clippy::unnecessary_wraps, reason = "a build without the embedded cloud fails here")]
    pub(super) fn from_args(args: &DemoArgs) -> Result<Option<Self>, Failure> {
        Ok(args.demo.then(|| Self { options: options(args, 0), running: Arc::default() }))
    }

    /// Names by project ID, as an operator of this cloud would have them.
    pub(super) fn address_book(&self) -> Vec<(String, String)> {
        demo_cloud::address_book(&self.options)
    }

    /// Starts the cloud. Called once: the engine shares the result.
    pub(super) async fn clouds(&self) -> Result<Clouds, Failure> {
        let demo = start(self.options.clone()).await?;
        let yaml = demo.clouds_yaml();
        let _ = self.running.set(demo);
        Ok(Clouds::from_yaml_text(&yaml, "the embedded cloud")?)
    }
}

/// The embedded cloud as a server.
#[derive(Debug)]
pub(super) struct Server(Demo);

impl Server {
    /// Listens on 127.0.0.1; port 0 selects a free one.
    pub(super) async fn start(args: &DemoArgs, port: u16) -> Result<Self, Failure> {
        start(options(args, port)).await.map(Self)
    }

    /// A `clouds.yaml` for it, with a commented login that needs a one-time password.
    pub(super) fn clouds_yaml(&self) -> String {
        let entry = self.0.code_entry("demo-glance-code");
        let entry: String = entry.lines().flat_map(|line| ["# ", line, "\n"]).collect();
        let secret = codes::SECRET;
        format!(
            "{}# A login that asks for a one-time code, made by `oathtool --totp=sha256 --base32 {secret}`:\n{entry}",
            self.0.clouds_yaml()
        )
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(super) fn url(&self) -> &str {
        self.0.url()
    }

    /// Stops it and waits until the port is free.
    pub(super) async fn stop(self) {
        self.0.stop().await;
    }
}

async fn start(options: Options) -> Result<Demo, Failure> {
    let port = options.port;
    Demo::start(options).await.map_err(|error| {
        let failure = Failure::new("start the embedded cloud", error.to_string());
        if port == 0 { failure } else { failure.with_hint("choose another --port") }
    })
}

fn options(args: &DemoArgs, port: u16) -> Options {
    let usual = Options::default();
    Options {
        images: args.images.unwrap_or(usual.images),
        members: args.members.unwrap_or(usual.members),
        seed: args.seed.unwrap_or(usual.seed),
        port,
        latency: LATENCY,
        ..usual
    }
}
