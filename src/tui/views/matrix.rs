//! View 3: images by members.

pub(crate) mod act;
pub(crate) mod cluster;
pub(crate) mod content;
pub(crate) mod describe;
pub(crate) mod layout;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
