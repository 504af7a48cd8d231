//! `sharelock demo-cloud` as a server of its own, and what real clients say of it and do to it.

#![expect(unreachable_pub, reason = "a module of one test, not of a crate")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use demo_cloud::key_of;
use serde::Deserialize;
use serde_json::Value;

use crate::lab::{Images, Lab};

/// Statuses by member.
pub type Members = BTreeMap<String, String>;

/// Members by image.
pub type Statuses = BTreeMap<String, Members>;

/// The server, and a lab whose clouds are its own.
pub struct Embedded {
    /// The clients, the program, and their home.
    pub lab: Lab,
    url: String,
    server: Child,
}

/// What came of a command of the openstack client.
#[derive(Deserialize)]
pub struct Said {
    status: i32,
    out: String,
}

impl Embedded {
    /// Starts it; its settings become those of the lab.
    pub fn start() -> Self {
        let lab = Lab::find();
        let args = ["--images", "60", "--members", "8", "demo-cloud", "--port", "0"];
        let clouds = File::create(lab.home.path().join("clouds.yaml")).unwrap();
        let mut server = lab.program(&args).stdout(clouds).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(server.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let url = said.strip_prefix("listening on ").and_then(|rest| rest.split(';').next());
        let url = url.unwrap_or_else(|| panic!("it says: {said}")).to_owned();
        Self { lab, url, server }
    }

    /// Commands of the openstack client.
    pub fn openstack(&self, cloud: &str, commands: &[&[&str]]) -> Vec<Said> {
        let login = ["--os-cloud", cloud];
        let commands: Vec<_> = commands.iter().map(|words| [&login, *words].concat()).collect();
        let mut child = self.lab.python("osc.py", &[]).stderr(Stdio::inherit()).spawn().unwrap();
        let input = serde_json::to_vec(&commands).unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What Huawei's SDK gives back for a user's access key.
    pub fn huawei(&self, user: &str, call: &[&str]) -> Value {
        let key = key_of(user).unwrap();
        let mut command = self.lab.python("huawei.py", &[&[&*self.url], call].concat());
        command.env("HUAWEICLOUD_SDK_AK", key.access).env("HUAWEICLOUD_SDK_SK", key.secret);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The members of the own images as Huawei's SDK lists them, in both ways.
    #[track_caller]
    pub fn huawei_sees(&self) -> Statuses {
        let seen: BTreeMap<String, [Members; 2]> =
            serde_json::from_value(self.huawei("alice", &["seen"])).unwrap();
        let same = |(image, [native, typed]): (String, [_; 2])| {
            assert_eq!(native, typed, "{image}");
            (image, native)
        };
        seen.into_iter().map(same).collect()
    }

    /// The members of the own images as an audit lists them; images without any left out.
    #[track_caller]
    pub fn audit(&self, cloud: &str) -> Statuses {
        statuses(&self.lab.audit(cloud, &[]))
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

impl Said {
    /// What it printed, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// A field of what it printed.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap().to_owned()
    }

    /// It has nothing to print.
    #[track_caller]
    pub fn done(&self) {
        assert_eq!((self.status, &*self.out), (0, ""));
    }

    /// Texts of a column.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<String> {
        let rows = self.json();
        let text = |row: &Value| row[name].as_str().unwrap_or_default().to_owned();
        rows.as_array().unwrap().iter().map(text).collect()
    }
}

/// Without the times.
pub fn statuses(images: &Images) -> Statuses {
    let members = |image: &crate::lab::Seen| {
        let members = image.members.iter().flatten();
        members.map(|(member, (status, ..))| (member.clone(), status.clone())).collect()
    };
    images.iter().map(|(id, image)| (id.clone(), members(image))).collect()
}

/// Those images alone that have members.
pub fn shared(mut statuses: Statuses) -> Statuses {
    statuses.retain(|_, members| !members.is_empty());
    statuses
}
