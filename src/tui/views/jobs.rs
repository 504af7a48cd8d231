//! View 4: operations of this session, their requests and shares.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod pane;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod timeline;
