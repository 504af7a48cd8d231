//! Stands for `demo.rs` in a build without the cargo feature `demo`: there is no embedded cloud to start.

use std::future::{Ready, ready};

use super::DemoArgs;
use cloud::config::Clouds;
use domain::Failure;

/// The embedded cloud: this build has none, so there is no value of this type.
#[derive(Clone, Debug)]
pub(super) enum Embedded {}

impl Embedded {
    /// Fails if the arguments select the embedded cloud.
    pub(super) fn from_args(args: &DemoArgs) -> Result<Option<Self>, Failure> {
        if args.demo { Err(absent()) } else { Ok(None) }
    }

    /// Cannot be called: there is no value.
    pub(super) fn address_book(&self) -> Vec<(String, String)> {
        match *self {}
    }

    /// Cannot be called: there is no value.
    pub(super) fn clouds(&self) -> Ready<Result<Clouds, Failure>> {
        match *self {}
    }
}

/// The embedded cloud: this build has none, so there is no value of this type.
#[derive(Debug)]
pub(super) enum Server {}

impl Server {
    /// Fails.
    pub(super) fn start(_: &DemoArgs, _: u16) -> Ready<Result<Self, Failure>> {
        ready(Err(absent()))
    }

    /// Cannot be called: there is no value.
    pub(super) fn clouds_yaml(&self) -> String {
        match *self {}
    }

    /// Cannot be called: there is no value.
    pub(super) fn url(&self) -> &str {
        match *self {}
    }

    /// Cannot be called: there is no value.
    pub(super) fn stop(self) -> Ready<()> {
        match self {}
    }
}

fn absent() -> Failure {
    Failure::new("start the embedded cloud", "this build of sharelock has no demo cloud")
        .with_hint("build it with the cargo feature `demo`")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_build_without_the_embedded_cloud_says_so_when_it_is_selected() {
        let global = |line: &[&str]| Cli::try_parse_from(line).unwrap().global;

        let refused = Embedded::from_args(&global(&["sharelock", "--demo"]).demo).unwrap_err();
        let not_selected = Embedded::from_args(&global(&["sharelock"]).demo);

        assert!(refused.to_string().contains("this build of sharelock has no demo cloud"));
        assert!(not_selected.is_ok_and(|demo| demo.is_none()));
    }
}
