//! Turns files and environment into one checked value. Reads files, never writes them, and sends no requests.
//!
//! ```text
//! environment   the environment of the process, as a value
//! clouds        which clouds there are, and each as a checked entry   (clouds.yaml, secure.yaml, OS_*)
//!   files         where clouds.yaml is looked for, and how it is read
//!   yaml          its text as a tree that keeps spelling and lines
//!   families      access keys as Terraform and the vendors' SDKs have them
//!   profiles      vendors that openstacksdk knows
//!   huawei        where IAM and IMS are, by region
//!   layers        profile < cloud < region, `{region_name}`, addresses
//!   regions       the regions of a cloud
//!   variables     the OS_* variables: a cloud of their own, and over a named cloud
//!   placeholders  encrypted values and placeholders, which are never used
//!   keys          the name of every key, its older name, and whether a variable sets it
//!   options       the options of a login, looked up and handed to serde
//!   login         each `auth_type`: its options, and what is missing
//!   access_key, tls, service   lookups in the layers
//!   source        where a cloud is configured, for errors
//!   entry         the result
//! app           config.toml
//! dirs          the folders of this program
//! error         what is wrong, and the hint
//! ```

mod access_key;
mod app;
#[cfg(test)]
mod cases;
mod clouds;
mod dirs;
mod entry;
mod environment;
mod error;
mod families;
mod files;
mod huawei;
mod keys;
mod layers;
mod login;
mod options;
mod placeholders;
mod profiles;
mod regions;
#[cfg(test)]
mod secrecy_tests;
mod service;
mod source;
mod tls;
mod variables;
mod yaml;

pub use app::{AppConfig, Setting};
pub use clouds::{Choice, Clouds};
pub use dirs::Dirs;
pub use entry::{CaFile, CloudEntry, CloudSettings, KindSource, PasswordCommand, Tls};
pub use environment::Environment;
pub use error::{Complaint, ConfigError, MissingSecret, did_you_mean, nearest};
