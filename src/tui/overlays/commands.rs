//! The command palette.

pub(crate) mod act;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
