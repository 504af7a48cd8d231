//! Plain mode: whether somebody listens instead of looking, and what he asked to hear.

/// Whether the screen is lines of text that follow one another, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plain {
    /// It is a screen.
    #[default]
    No,
    /// The user wants it so.
    Wanted,
    /// The terminal can do nothing else (`TERM=dumb`).
    Dumb,
}

/// What is known of who listens. The counters are compared with those of the last time something was said.
#[derive(Debug, Default)]
pub(crate) struct PlainMode {
    pub(crate) plain: Plain,
    /// Keys that were pressed.
    pub(crate) keys: u64,
    /// How often was asked where one is.
    pub(crate) again: u64,
    /// How often was asked to read on.
    pub(crate) onward: u64,
}

impl PlainMode {
    /// Whether what is shown is read from line to line.
    pub(crate) fn is_on(&self) -> bool {
        self.plain != Plain::No
    }
}
