//! `demo-cloud`: the embedded cloud as a server of its own.

use super::exit::Exit;
use super::interrupts::Interrupts;
use super::{DemoArgs, output, setup};
use crate::demo::{Demo, codes};
use crate::domain::Failure;

/// Arguments of `demo-cloud`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoCloudArgs {
    /// Port on 127.0.0.1; 0 selects a free one
    #[arg(long, value_name = "N", default_value = "0")]
    pub port: u16,
}

/// Prints a `clouds.yaml` for it and serves until it is interrupted.
pub async fn run(args: &DemoCloudArgs, demo: &DemoArgs) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let demo = setup::start(demo.with_port(args.port)).await?;
    output::print(demo.clouds_yaml().as_bytes())?;
    output::print(commented(&demo).as_bytes())?;
    output::say(format_args!("listening on {}; Ctrl-C ends it", demo.url()));
    interrupts.next().await;
    demo.stop().await;
    Ok(Exit::Done)
}

/// A cloud that asks for a one-time code, and what makes one.
fn commented(demo: &Demo) -> String {
    let entry = demo.code_entry("demo-glance-code");
    let entry: String = entry.lines().flat_map(|line| ["# ", line, "\n"]).collect();
    let secret = codes::SECRET;
    format!(
        "# A login that asks for a one-time code, made by `oathtool --totp=sha256 --base32 {secret}`:\n{entry}"
    )
}
