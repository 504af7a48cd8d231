//! One folder a dialog: its state, keys, painting and description.

pub(crate) mod clouds;
pub(crate) mod commands;
pub(crate) mod describe;
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod pages;
pub(crate) mod passcode;
pub(crate) mod plan;
pub(crate) mod request;
pub(crate) mod share;
