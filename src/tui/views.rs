//! One folder a view: its state, keys, painting, description and tests.

pub(crate) mod connecting;
pub(crate) mod history;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod matrix;
pub(crate) mod members;
