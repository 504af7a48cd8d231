//! The dialog that asks for a one-time code (TOTP) or a password.

use secrecy::SecretString;
use tui_input::Input;

use engine::MissingCredential;

/// What is typed. Closing it forgets the code; nothing prints it, its `Debug` neither.
pub(crate) struct CodeDialog {
    /// What the login requires.
    pub(crate) missing: MissingCredential,
    /// What is to be opened, as a person calls it.
    pub(crate) place: String,
    /// Why the login requires a passcode.
    pub(crate) why: String,
    pub(crate) input: Input,
    /// Why the typed text is not a passcode; empty when it is one.
    pub(crate) complaint: String,
}

impl CodeDialog {
    /// An empty one.
    pub(crate) fn new(missing: MissingCredential, place: String, why: String) -> Self {
        Self { missing, place, why, input: Input::default(), complaint: String::new() }
    }

    /// What was typed, or why it cannot be what was asked for.
    pub(crate) fn code(&self) -> Result<SecretString, String> {
        let typed = self.input.value();
        match self.missing {
            MissingCredential::Secret(missing) if typed.is_empty() => {
                Err(format!("Type the {}.", missing.word()))
            }
            MissingCredential::Secret(_) => Ok(typed.into()),
            MissingCredential::Passcode => {
                let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
                if code.is_empty() {
                    return Err("Type the code that your device shows now.".into());
                }
                Ok(code.into())
            }
        }
    }

    /// The name of the required input, as in "one-time code".
    pub(crate) fn word(&self) -> &'static str {
        match self.missing {
            MissingCredential::Passcode => "one-time code",
            MissingCredential::Secret(missing) => missing.word(),
        }
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
