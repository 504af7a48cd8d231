//! The folders of this program.

use std::path::PathBuf;

use super::Environment;

/// The folders of this program. None of them need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    /// Settings: `config.toml`.
    pub config: PathBuf,
    /// What must not be lost: the journal.
    pub data: PathBuf,
    /// What may be lost: the log.
    pub state: PathBuf,
}

impl Dirs {
    /// The XDG folders, by variable or in the home directory; on macOS and Windows what is usual there, where no XDG
    /// variable is set.
    pub fn of(env: &Environment) -> Self {
        let usual = usual(env);
        let folder = |variable, usual| match env.xdg(variable) {
            Some(base) => base.join("sharelock"),
            None => usual,
        };
        Self {
            config: folder("XDG_CONFIG_HOME", usual.config),
            data: folder("XDG_DATA_HOME", usual.data),
            state: folder("XDG_STATE_HOME", usual.state),
        }
    }

    /// The usual place of `config.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

fn usual(env: &Environment) -> Dirs {
    let own = directories::ProjectDirs::from("", "", "sharelock");
    match own.filter(|_| cfg!(any(target_os = "macos", windows))) {
        Some(own) => Dirs {
            config: own.config_dir().to_owned(),
            data: own.data_dir().to_owned(),
            state: own.state_dir().unwrap_or(own.data_local_dir()).to_owned(),
        },
        None => Dirs {
            config: env.home.join(".config/sharelock"),
            data: env.home.join(".local/share/sharelock"),
            state: env.home.join(".local/state/sharelock"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)]) -> Environment {
        Environment {
            vars: vars.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            home: "/home/u".into(),
            ..Environment::default()
        }
    }

    #[test]
    fn xdg_variables_move_the_folders() {
        let vars = [("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "/d"), ("XDG_STATE_HOME", "/s")];
        let dirs = Dirs::of(&env(&vars));
        let expected = Dirs {
            config: "/c/sharelock".into(),
            data: "/d/sharelock".into(),
            state: "/s/sharelock".into(),
        };
        assert_eq!(dirs, expected);
        assert_eq!(dirs.config_file(), PathBuf::from("/c/sharelock/config.toml"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn without_them_they_are_in_home_and_a_relative_one_is_ignored() {
        let dirs = Dirs::of(&env(&[("XDG_CONFIG_HOME", "relative")]));
        let expected = Dirs {
            config: "/home/u/.config/sharelock".into(),
            data: "/home/u/.local/share/sharelock".into(),
            state: "/home/u/.local/state/sharelock".into(),
        };
        assert_eq!(dirs, expected);
    }
}
