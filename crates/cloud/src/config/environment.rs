//! The environment of the process as a value, so that tests can make their own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The environment that configuration depends on. `Debug` shows no values of variables.
#[derive(Clone, Default)]
pub struct Environment {
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    /// Current directory.
    pub cwd: PathBuf,
    /// Home directory.
    pub home: PathBuf,
    /// Where the machine's own `clouds.yaml` may be, searched last: `/etc/xdg/openstack`, `/etc/openstack`.
    pub site: Vec<PathBuf>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("vars", &self.vars.keys())
            .field("cwd", &self.cwd)
            .field("home", &self.home)
            .field("site", &self.site)
            .finish()
    }
}

impl Environment {
    /// That of this process. Variables that are not UTF-8 are left out; an unknown directory is empty.
    pub fn from_process() -> Self {
        let vars: BTreeMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let site = site_dirs(vars.get("XDG_CONFIG_DIRS").map_or("", String::as_str));
        Self {
            vars,
            cwd: std::env::current_dir().unwrap_or_default(),
            home: home.unwrap_or_default(),
            site,
        }
    }

    /// A variable that is set to something; an empty one counts as not set.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A path of a configuration file: `~` is the home directory, and a relative one starts at the current directory.
    pub fn path(&self, written: &str) -> PathBuf {
        match written.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => self.home.join(rest.trim_start_matches('/')),
            _ => self.cwd.join(written),
        }
    }

    /// The folder of an XDG variable, which counts only when it is absolute.
    pub(super) fn xdg(&self, name: &str) -> Option<&Path> {
        self.var(name).map(Path::new).filter(|path| path.is_absolute())
    }
}

fn site_dirs(xdg_config_dirs: &str) -> Vec<PathBuf> {
    let xdg = if xdg_config_dirs.is_empty() { "/etc/xdg" } else { xdg_config_dirs };
    let mut dirs: Vec<_> =
        xdg.split(':').filter(|dir| !dir.is_empty()).map(PathBuf::from).collect();
    if cfg!(target_os = "macos") {
        dirs.push("/Library/Application Support".into());
    }
    dirs.push("/etc".into());
    dirs.into_iter().map(|dir| dir.join("openstack")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_names_variables_without_their_values() {
        let env = Environment {
            vars: [("OS_PASSWORD".to_owned(), "MARKER".to_owned())].into(),
            ..Environment::default()
        };
        let shown = format!("{env:?}");
        assert!(shown.contains("OS_PASSWORD") && !shown.contains("MARKER"), "{shown}");
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let env = Environment {
            vars: [("A".to_owned(), String::new())].into(),
            ..Environment::default()
        };
        assert_eq!(env.var("A"), None);
    }

    #[test]
    fn a_path_starts_at_home_or_at_the_current_directory() {
        let env =
            Environment { cwd: "/work".into(), home: "/home/u".into(), ..Environment::default() };
        assert_eq!(env.path("~/ca.pem"), Path::new("/home/u/ca.pem"));
        assert_eq!(env.path("~"), Path::new("/home/u"));
        assert_eq!(env.path("ca.pem"), Path::new("/work/ca.pem"));
        assert_eq!(env.path("/ca.pem"), Path::new("/ca.pem"));
        assert_eq!(env.path("~other/ca.pem"), Path::new("/work/~other/ca.pem"));
    }

    #[test]
    fn every_site_folder_of_xdg_is_searched_before_etc() {
        assert_eq!(site_dirs("/a:/b").first(), Some(&PathBuf::from("/a/openstack")));
        assert_eq!(site_dirs("").first(), Some(&PathBuf::from("/etc/xdg/openstack")));
        assert_eq!(site_dirs("/a:/b").last(), Some(&PathBuf::from("/etc/openstack")));
    }
}
