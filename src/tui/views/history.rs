//! View 5: past operations and their receipts.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod receipt;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
