//! View 2: members, and the images each one has access to.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod images_pane;
pub(crate) mod marks;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
