//! Whole screens: every view and dialog at several sizes, styles, and large clouds.

pub(crate) mod large;
pub(crate) mod screens;
pub(crate) mod styles;
