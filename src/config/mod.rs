//! Files and environment to one checked value. Knows only `domain`; reads files, never writes one, never asks the network.
//!
//! ```text
//! environment   the process's surroundings, as a value
//! clouds        which clouds there are, and which one is meant   (clouds.yaml, secure.yaml, OS_*)
//!   files         where clouds.yaml is looked for, and how it is read
//!   yaml          its text as a tree that keeps spelling and lines
//!   profiles      vendors that openstacksdk knows
//!   layers        profile < cloud < region, `{region_name}`, the keys that have two names
//!   login         the `auth` part
//!   entry         the result
//! app           config.toml
//! dirs          where our own files live
//! error         what is wrong, and the remedy
//! ```

mod app;
#[cfg(test)]
mod cases;
mod clouds;
mod dirs;
mod entry;
mod environment;
mod error;
mod files;
mod layers;
mod login;
mod nearest;
mod profiles;
mod yaml;

pub use app::{AppConfig, KeySetting, ThemeSetting};
pub use clouds::{Choice, Clouds};
pub use dirs::Dirs;
pub use entry::{CloudEntry, CloudSettings, Login, NameOrId, Tls};
pub use environment::Environment;
pub use error::{Complaint, ConfigError};
