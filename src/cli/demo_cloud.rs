//! `demo-cloud`: the embedded cloud as a server of its own.

use super::demo::Server;
use super::exit::Exit;
use super::interrupts::Interrupts;
use super::{DemoArgs, output};
use domain::Failure;

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
    let server = Server::start(demo, args.port).await?;
    output::print(server.clouds_yaml().as_bytes())?;
    output::say(format_args!("listening on {}; Ctrl-C ends it", server.url()));
    interrupts.next().await;
    server.stop().await;
    Ok(Exit::Done)
}
