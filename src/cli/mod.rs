//! The command line: what was typed, what it means, one file per command.

pub mod exit;
pub mod json;
pub mod output;
pub mod pairs;
pub mod sheet;

pub use exit::{Exit, Stop};
