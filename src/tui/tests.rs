//! The screen from outside: keys and events in, effects and pictures out.

pub(crate) mod closing;
pub(crate) mod filters;
pub(crate) mod large;
pub(crate) mod linking;
pub(crate) mod looping;
pub(crate) mod marking;
pub(crate) mod mousing;
pub(crate) mod plain;
pub(crate) mod ranges;
pub(crate) mod refused;
pub(crate) mod screens;
pub(crate) mod settings;
pub(crate) mod starting;
pub(crate) mod styles;
pub(crate) mod telling;
pub(crate) mod toasting;
