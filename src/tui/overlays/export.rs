//! Exporting what is in view to a file.

pub(crate) mod act;
pub(crate) mod in_view;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
