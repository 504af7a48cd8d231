//! Asks for a one-time password, or the password of a login.

pub(crate) mod paint;
pub(crate) mod state;
