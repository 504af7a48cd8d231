//! What is written for others to read: rows as a table, CSV, JSON lines or Markdown; receipts and the history as JSON. The
//! command line and the screen write the same.

pub mod access;
pub mod history;
pub mod json;
pub mod operations;
pub mod receipt;
pub mod sheet;
