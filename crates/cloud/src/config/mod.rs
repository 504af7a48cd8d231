//! Files and environment to one checked value. Knows `domain` and what a login of `auth` needs; reads files, never writes one, never asks the network.
//!
//! ```text
//! environment   the process's surroundings, as a value
//! clouds        which clouds there are, and each as a checked entry   (clouds.yaml, secure.yaml, OS_*)
//!   gather        files and variables put together, and which cloud is meant
//!   files         where clouds.yaml is looked for, and how it is read
//!   yaml          its text as a tree that keeps spelling and lines
//!   variables     the cloud of the OS_* variables
//!   families      access keys as Terraform and the vendors' SDKs have them
//!   profiles      vendors that openstacksdk knows
//!   huawei        where IAM and IMS are, by region
//!   layers        profile < cloud < region, `{region_name}`, `auth` and the top level
//!   beside        the OS_* variables that a named cloud takes
//!   stand_in      encrypted values and placeholders, which are never used
//!   auth_keys     the keys that `auth:` may have
//!   regions       the regions of a cloud
//!   login, codes, fixed, access_key, rackspace, tls, service   questions to the layers
//!   entry         the result
//! app           config.toml
//! dirs          where our own files live
//! error         what is wrong, and the hint
//! ```

mod access_key;
mod app;
mod auth_keys;
mod beside;
#[cfg(test)]
mod cases;
mod clouds;
mod codes;
mod dirs;
mod entry;
mod environment;
mod error;
mod families;
mod files;
mod fixed;
mod gather;
mod huawei;
mod layers;
mod login;
mod profiles;
mod rackspace;
mod regions;
#[cfg(test)]
mod secrecy_tests;
mod service;
mod stand_in;
mod subject;
mod tls;
mod variables;
mod yaml;

pub use app::{AppConfig, Setting};
pub use clouds::{Choice, Clouds};
pub use dirs::Dirs;
pub use entry::{CaFile, CloudEntry, CloudSettings, PasswordCommand, Tls, ToldBy};
pub use environment::Environment;
pub use error::{Complaint, ConfigError, MissingSecret, did_you_mean, nearest};
