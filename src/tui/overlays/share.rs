//! With whom an image is shared, or which images with a member.

pub(crate) mod act;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
