//! The real cloud that `tests/live/run` has started, the built program asked about it, and what openstacksdk says.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![expect(unreachable_pub, reason = "a module of one test, not of a crate")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::cloud::{Ran, ran};
use crate::support::{BIN, TIMEOUT, surroundings};

/// What is known of the cloud, and a home for the program.
pub struct Lab {
    folder: PathBuf,
    told: Told,
    /// The program's home and current directory.
    pub home: TempDir,
}

/// What `seed.py` tells.
#[derive(Deserialize)]
struct Told {
    python: PathBuf,
    projects: BTreeMap<String, String>,
}

/// Images by id.
pub type Images = BTreeMap<String, Seen>;

/// Status, creation and last change, by member.
pub type Members = BTreeMap<String, (String, String, String)>;

/// What somebody says of an image.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Seen {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The project it belongs to.
    pub owner: String,
    /// `shared`, `private`, …
    pub visibility: String,
    /// `None` where none are listed.
    pub members: Option<Members>,
}

/// An audit under way, whose log tells how far it is.
pub struct Slow {
    child: Child,
    log: PathBuf,
}

impl Lab {
    /// The running cloud.
    pub fn find() -> Self {
        let folder = std::env::var_os("SHARELOCK_LIVE").map(PathBuf::from);
        let folder = folder.expect("no cloud is running: start these tests with tests/live/run");
        let told = std::fs::read(folder.join("live.json")).unwrap();
        let told = serde_json::from_slice(&told).unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::copy(folder.join("clouds.yaml"), home.path().join("clouds.yaml")).unwrap();
        Self { folder, told, home }
    }

    /// Takes other clouds for its own: a file that `seed.py` has written.
    pub fn take_clouds(&self, name: &str) {
        std::fs::copy(self.folder.join(name), self.home.path().join("clouds.yaml")).unwrap();
    }

    /// The id of a project.
    pub fn project(&self, name: &str) -> &str {
        &self.told.projects[name]
    }

    /// Settings for the program.
    pub fn settings(&self, text: &str) {
        let folder = self.home.path().join(".config/sharelock");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    fn command(&self, cloud: &str, args: &[&str]) -> Command {
        self.program(&[&["--cloud", cloud], args].concat())
    }

    /// The program, ready to be started in its home.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BIN);
        command.args(args).env_clear();
        command.envs(surroundings(self.home.path())).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, cloud: &str, args: &[&str]) -> Ran {
        ran(self.command(cloud, args).spawn().unwrap())
    }

    /// The same, with something on stdin.
    pub fn run_with_input(&self, cloud: &str, args: &[&str], input: &str) -> Ran {
        let mut child = self.command(cloud, args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ran(child)
    }

    /// What a whole audit says.
    #[track_caller]
    pub fn audit(&self, cloud: &str, args: &[&str]) -> Images {
        let args = [&["audit", "--format", "json"], args].concat();
        audited(&self.run(cloud, &args).ended(0))
    }

    /// Begins an audit that reads one image after the other.
    pub fn slow_audit(&self, cloud: &str, region: &str) -> Slow {
        self.settings(&format!("[clouds.{cloud}]\nconcurrency = 1\n"));
        let log = self.home.path().join("log");
        let args = ["--region", region, "audit", "--format", "json", "--log-file", "log"];
        let child = self.command(cloud, &args).env("SHARELOCK_LOG", "debug").spawn().unwrap();
        Slow { child, log }
    }

    /// What openstacksdk says of the images of a project, asked as its own user.
    pub fn sdk(&self, cloud: &str, region: &str) -> Images {
        self.ask_sdk(&[cloud, region])
    }

    /// The same, asked as the administrator.
    pub fn sdk_as_admin(&self, project: &str, region: &str) -> Images {
        self.ask_sdk(&["admin", region, "--owner", self.project(project)])
    }

    /// What openstacksdk says of the images that others share with a project.
    pub fn sdk_received(&self, cloud: &str, region: &str) -> Images {
        self.ask_sdk(&[cloud, region, "--received"])
    }

    fn ask_sdk(&self, args: &[&str]) -> Images {
        let output = self.python("sdk.py", args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A script that lies beside this file, ready to be started.
    pub fn python(&self, script: &str, args: &[&str]) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live").join(script);
        let mut command = Command::new(&self.told.python);
        command.args(["-B", "-W", "ignore"]).arg(script).args(args).env_clear();
        command.envs(surroundings(self.home.path())).current_dir(self.home.path());
        command.env("SHARELOCK_LIVE", &self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// How many tokens a user has been given so far.
    pub fn logins(&self, user: &str) -> usize {
        let tokens = std::fs::read_to_string(self.folder.join("tokens").join(user));
        tokens.map_or(0, |tokens| tokens.lines().count())
    }

    /// Gives back what takes the newest token of a user away when called.
    pub fn end_token(&self, user: &str) -> impl FnOnce() + use<> {
        let mut child = self.python("end_token.py", &[user]).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n");
        move || {
            child.stdin.take().unwrap().write_all(b"now\n").unwrap();
            assert!(child.wait().unwrap().success());
        }
    }
}

impl Slow {
    /// The program's log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the members of so many images have been read.
    pub fn until_members(&mut self, images: usize) {
        let deadline = Instant::now() + TIMEOUT;
        while self.log().matches("/members").count() < images {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended early:\n{}", self.log());
            assert!(Instant::now() < deadline, "it reads nothing:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for its end: what it found, and its log.
    pub fn end(self) -> (Images, String) {
        let images = audited(&ran(self.child).ended(0));
        (images, std::fs::read_to_string(self.log).unwrap())
    }
}

/// The images of an audit that is complete.
#[track_caller]
pub fn audited(ran: &Ran) -> Images {
    let audit = ran.json();
    assert_eq!((&audit["complete"], &audit["scopes"][0]["error"]), (&true.into(), &Value::Null));
    let images = audit["scopes"][0]["images"].as_array().unwrap();
    images.iter().map(|image| (text(&image["id"]), seen(image))).collect()
}

fn seen(image: &Value) -> Seen {
    assert!(image["error"].is_null(), "{image}");
    let rows = image["members"].as_array().unwrap().iter();
    let read = image["members_read"].as_bool().unwrap();
    let members = rows.map(|row| {
        assert_eq!(row["type"], "project");
        (
            text(&row["id"]),
            (text(&row["status"]), text(&row["created_at"]), text(&row["updated_at"])),
        )
    });
    Seen {
        name: image["name"].as_str().map(str::to_owned),
        owner: text(&image["owner"]),
        visibility: text(&image["visibility"]),
        members: read.then(|| members.collect()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The image of this name.
#[track_caller]
pub fn called<'a>(images: &'a Images, name: &str) -> (&'a str, &'a Seen) {
    let found = images.iter().find(|(_, image)| image.name.as_deref() == Some(name));
    let (id, image) = found.unwrap_or_else(|| panic!("no image is called {name}"));
    (id, image)
}

/// Every pair of image and member.
pub fn pairs(images: &Images) -> Vec<(String, String)> {
    let of = |(id, image): (&String, &Seen)| {
        let members = image.members.iter().flatten();
        members.map(|(member, _)| (id.clone(), member.clone())).collect::<Vec<_>>()
    };
    images.iter().flat_map(of).collect()
}

/// The images as they would be without these pairs.
pub fn without(mut images: Images, pairs: &[(String, String)]) -> Images {
    for (image, member) in pairs {
        let members = images.get_mut(image).unwrap().members.as_mut().unwrap();
        assert!(members.remove(member).is_some(), "{image} {member} was no share");
    }
    images
}

/// The pairs as `--from` takes them.
pub fn csv(pairs: &[(String, String)]) -> String {
    let lines: Vec<String> =
        pairs.iter().map(|(image, member)| format!("{image},{member}")).collect();
    lines.join("\n")
}
