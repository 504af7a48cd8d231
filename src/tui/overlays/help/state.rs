//! The help: which keys come first, and what is searched for.

use tui_input::Input;

use crate::tui::keys::Context;

/// The help, opened somewhere.
#[derive(Clone, Debug)]
pub(crate) struct HelpPage {
    /// Where it was opened: the keys of that place come first.
    pub(crate) here: Context,
    pub(crate) scroll: usize,
    pub(crate) search: Input,
    /// Whether the search is being typed.
    pub(crate) typing: bool,
}

impl HelpPage {
    /// Scrolled to the top.
    pub(crate) fn new(here: Context) -> Self {
        Self { here, scroll: 0, search: Input::default(), typing: false }
    }

    /// Whether a line has every word that is searched for.
    pub(crate) fn finds(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        self.search.value().to_lowercase().split_whitespace().all(|word| line.contains(word))
    }
}
