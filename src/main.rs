//! Parse, run, print the error, exit status.

use std::process::ExitCode;

use clap::Parser;
use domain::Failure;
use sharelock::cli::{self, Cli, Exit, Stop};
use sharelock::signals;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = match run(cli) {
        Ok(exit) => exit,
        Err(stop) => {
            cli::output::error(&stop);
            stop.exit()
        }
    };
    exit.into()
}

fn run(cli: Cli) -> Result<Exit, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new("start", error.to_string()))?;
    let result = runtime.block_on(async {
        signals::survive_file_size_limit()
            .map_err(|error| Failure::new("listen for signals", error.to_string()))?;
        cli::run(cli).await
    });
    // Somebody may still be reading from a terminal that answers no more.
    runtime.shutdown_background();
    result
}
