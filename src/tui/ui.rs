//! Building blocks of views and dialogs: lists, filters, tables, text, layout.

pub(crate) mod cursor;
pub(crate) mod dialog;
pub(crate) mod filter;
pub(crate) mod filter_line;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod layout;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod toasts;
