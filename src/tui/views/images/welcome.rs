//! The first-start hint.

use crate::tui::app::App;
use crate::tui::keys::Action;

impl App {
    /// Shows the first steps, with the user's own keys, for 20 seconds or until the user does something else.
    pub(crate) fn welcome(&mut self) {
        const STAY: i64 = 20_000;
        let key = |action| self.keys.spoken(action);
        let text = format!(
            "First time here? {} marks an image's shares, {} shows the plan that revokes what is marked; nothing is sent \
             before you confirm it. {} explains every key, {} finds every command.",
            key(Action::Mark),
            key(Action::Revoke),
            key(Action::Help),
            key(Action::Palette),
        );
        self.log.hint(self.now, text, STAY);
    }
}
