//! The dialog that asks for a one-time code (TOTP).

use secrecy::SecretString;
use tui_input::Input;

/// What is typed. Closing it forgets the code; nothing prints it, its `Debug` neither.
pub(crate) struct CodeDialog {
    /// What is to be opened, as a person calls it.
    pub(crate) place: String,
    /// Why a code is asked for.
    pub(crate) why: String,
    pub(crate) input: Input,
    /// Why what was typed is no code; empty when nothing is wrong.
    pub(crate) complaint: String,
}

impl CodeDialog {
    /// An empty one.
    pub(crate) fn new(place: String, why: String) -> Self {
        Self { place, why, input: Input::default(), complaint: String::new() }
    }

    /// The code, or why what was typed cannot be one.
    pub(crate) fn code(&self) -> Result<SecretString, String> {
        let code: String = self.input.value().chars().filter(|c| !c.is_whitespace()).collect();
        if code.is_empty() {
            return Err("Type the code that your device shows now.".into());
        }
        Ok(code.into())
    }

    /// What is shown for what was typed.
    pub(crate) fn masked(&self) -> Input {
        let dots = "•".repeat(self.input.value().chars().count());
        Input::new(dots).with_cursor(self.input.cursor())
    }
}

impl std::fmt::Debug for CodeDialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeDialog").field("place", &self.place).finish_non_exhaustive()
    }
}
