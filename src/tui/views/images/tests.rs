//! View 1 from outside: keys in, screens out.

pub(crate) mod all_scopes;
pub(crate) mod browsing;
