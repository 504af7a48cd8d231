//! The help.

pub(crate) mod paint;
pub(crate) mod state;
