//! The embedded cloud in this process, and the built program asked about it.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use demo_cloud::{Demo, Options};
use domain::Share;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{BIN, surroundings};

/// A cloud whose truth can be read, and a home with its `clouds.yaml`.
pub struct Cloud {
    /// The cloud.
    pub demo: Demo,
    /// The program's home and current directory.
    pub home: TempDir,
    _runtime: Runtime,
}

/// What came of running the program.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said.
    pub err: String,
}

impl Ran {
    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the exit status, and shows everything when it is another.
    #[track_caller]
    pub fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        self
    }
}

impl Cloud {
    /// Starts it.
    pub fn start(options: Options) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let demo = runtime.block_on(Demo::start(options)).unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("clouds.yaml"), demo.clouds_yaml()).unwrap();
        Self { demo, home, _runtime: runtime }
    }

    /// The program, ready to be started in its home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BIN);
        command.args(args).env_clear().envs(surroundings(self.home.path()));
        command.current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end, on a cloud of the file.
    pub fn run(&self, cloud: &str, args: &[&str]) -> Ran {
        let args: Vec<&str> = ["--cloud", cloud].iter().chain(args).copied().collect();
        ran(self.command(&args).spawn().unwrap())
    }

    /// The same, with something on stdin.
    pub fn run_with_input(&self, cloud: &str, args: &[&str], input: &str) -> Ran {
        let args: Vec<&str> = ["--cloud", cloud].iter().chain(args).copied().collect();
        let mut child = self.command(&args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ran(child)
    }

    /// Writes a file into the home.
    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    /// Every share of the project's own images that is in force.
    pub fn truth(&self) -> BTreeSet<Share> {
        let world = self.demo.world();
        let own = world.project("image-factory").unwrap();
        let own = world.images().filter(|stored| stored.image.is_owned_by(&own));
        own.flat_map(|stored| {
            let image = stored.image.id.clone();
            let share = move |member| Share { image: image.clone(), member };
            stored.listed().iter().map(move |row| share(row.member.clone()))
        })
        .collect()
    }

    /// How many requests that delete something arrived.
    pub fn deletes(&self) -> usize {
        self.demo.requests().iter().filter(|request| request.method == "DELETE").count()
    }
}

/// Waits for a program that was started, and takes all it wrote.
pub fn ran(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
