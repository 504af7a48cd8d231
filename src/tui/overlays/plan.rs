//! The plan: what a confirmation sends, and the confirmation.

pub(crate) mod act;
pub(crate) mod paint;
pub(crate) mod risk;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
