//! The list of clouds, regions and projects, and logging in.

pub(crate) mod act;
pub(crate) mod paint;
pub(crate) mod state;
