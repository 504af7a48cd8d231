//! View 1: images, and the members of the one under the cursor.

pub(crate) mod act;
pub(crate) mod all_scopes;
pub(crate) mod describe;
pub(crate) mod describe_members;
pub(crate) mod disambiguation;
pub(crate) mod look;
pub(crate) mod members_pane;
pub(crate) mod paint;
pub(crate) mod received;
pub(crate) mod sort;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod welcome;
