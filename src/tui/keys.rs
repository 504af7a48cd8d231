//! Key bindings: `keys/default.toml`, changed by `[keys]` of `config.toml`. Footer, help, list of commands and the
//! dispatch read the same rows.

pub(crate) mod custom;
pub(crate) mod defaults;
pub(crate) mod written;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use strum::{EnumIter, EnumString, IntoStaticStr};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::views::ViewId;

/// Where a key is pressed. The help has its chapters in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Context {
    /// No cloud is open: starting, connecting, or the login failed.
    Waiting,
    /// The list of images.
    Images,
    /// The members of an image.
    Members,
    /// The list of members, in the Members view.
    ByMember,
    /// The images that a member reaches, in the Members view.
    Reached,
    /// The Matrix view.
    Matrix,
    /// The list of received images, and the project's own shares of them.
    #[strum(serialize = "received-images")]
    Received,
    /// The filter line, while it is typed.
    #[strum(serialize = "filter-line")]
    Filter,
    /// The Jobs view.
    Jobs,
    /// The History view.
    History,
    /// The plan dialog.
    Plan,
    /// The dialog that asks with whom to share.
    #[strum(serialize = "share-dialog")]
    Share,
    /// The dialog that asks what to export, and where to.
    #[strum(serialize = "export-dialog")]
    Export,
    /// The list of clouds.
    #[strum(serialize = "clouds")]
    Picker,
    /// The dialog that asks for a passcode.
    Code,
    /// A text to read: log, one request.
    Reading,
    /// The help.
    #[strum(serialize = "help-page")]
    Help,
    /// The list of commands.
    #[strum(serialize = "command-line")]
    #[strum(serialize = "commands")]
    Palette,
    /// "Close a scope with marks or running operations?"
    #[strum(serialize = "close-question")]
    Close,
    /// The question before quitting while something runs.
    #[strum(serialize = "quit-question")]
    Quit,
}

impl Context {
    /// Its name in `[keys.PLACE]` of `config.toml`. Never that of an action: both are keys of one table there.
    pub(crate) fn word(self) -> &'static str {
        self.into()
    }

    /// Whether characters are typed into a line there, so that none can be a key.
    pub(crate) fn is_typing(self) -> bool {
        matches!(
            self,
            Self::Share | Self::Export | Self::Filter | Self::Plan | Self::Code | Self::Palette
        )
    }

    /// Whether a range of rows can be marked or chosen here.
    pub(crate) fn has_ranges(self) -> bool {
        matches!(
            self,
            Self::Images | Self::Members | Self::ByMember | Self::Reached | Self::Received
        )
    }

    /// Whether shares are marked here.
    pub(crate) fn has_marks(self) -> bool {
        matches!(self, Self::Images | Self::Members | Self::ByMember | Self::Reached | Self::Matrix)
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Action {
    Up,
    Down,
    Left,
    Right,
    Top,
    Bottom,
    PageUp,
    PageDown,
    PageLeft,
    PageRight,
    FirstColumn,
    LastColumn,
    NextPane,
    PreviousPane,
    Enter,
    Back,
    ViewImages,
    ViewMembers,
    ViewMatrix,
    ViewJobs,
    ViewHistory,
    Mark,
    MarkRow,
    MarkColumn,
    Rectangle,
    Range,
    MarkAll,
    #[strum(serialize = "invert-marks")]
    Invert,
    ClearMarks,
    OnlyMarked,
    Filter,
    #[strum(serialize = "earlier-filter")]
    Earlier,
    #[strum(serialize = "later-filter")]
    Later,
    SavedFilter,
    SaveFilter,
    ForgetFilter,
    Sort,
    SortColumns,
    #[strum(serialize = "reverse-sort")]
    Reverse,
    ShowEmpty,
    Revoke,
    Share,
    #[strum(serialize = "received")]
    ShowReceived,
    Accept,
    Reject,
    Refresh,
    #[strum(serialize = "cloud")]
    Clouds,
    CloseScope,
    Together,
    Projects,
    Copy,
    #[strum(serialize = "link")]
    CopyLink,
    Where,
    ReadOn,
    Export,
    CopyReceipt,
    Help,
    Log,
    #[strum(serialize = "commands")]
    Palette,
    Theme,
    Reload,
    HideJobs,
    StopSending,
    #[strum(serialize = "plan-rest")]
    PlanRemaining,
    Undo,
    Verify,
    Suspend,
    Quit,
}

impl Action {
    /// Its name in `config.toml` and in the list of commands.
    pub(crate) fn word(self) -> &'static str {
        self.into()
    }

    /// The view it switches to.
    pub(crate) fn view(self) -> Option<ViewId> {
        match self {
            Self::ViewImages => Some(ViewId::Images),
            Self::ViewMembers => Some(ViewId::Members),
            Self::ViewMatrix => Some(ViewId::Matrix),
            Self::ViewJobs => Some(ViewId::Jobs),
            Self::ViewHistory => Some(ViewId::History),
            _ => None,
        }
    }

    /// Whether it marks shares, or takes marks away.
    pub(crate) fn changes_marks(self) -> bool {
        matches!(
            self,
            Self::Mark
                | Self::MarkRow
                | Self::MarkColumn
                | Self::MarkAll
                | Self::Invert
                | Self::ClearMarks
        )
    }
}

/// One key with its modifiers. Shift is part of a character already.
pub(crate) type Key = (KeyCode, KeyModifiers);

/// An action on its keys, in some places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binding {
    /// Where it exists.
    pub(crate) contexts: Vec<Context>,
    /// Any of these keys. Without one it is only in the list of commands.
    pub(crate) keys: Vec<Key>,
    pub(crate) action: Action,
    /// The word in the footer; empty keeps it out of there.
    pub(crate) hint: &'static str,
    /// The sentence in the help.
    pub(crate) help: &'static str,
}

/// What a key does in a context.
pub(crate) fn action(table: &[Binding], context: Context, pressed: KeyEvent) -> Option<Action> {
    let modifiers = pressed.modifiers.difference(KeyModifiers::SHIFT);
    let same = |&(code, with): &Key| code == pressed.code && with == modifiers;
    let row = table.iter().find(|b| b.contexts.contains(&context) && b.keys.iter().any(same));
    row.map(|b| b.action)
}

/// Where the user is: the topmost thing decides.
pub(crate) fn context(app: &App) -> Context {
    if typing(app).is_some() { Context::Filter } else { place(app) }
}

/// The filter line, while it is typed.
pub(crate) fn typing(app: &App) -> Option<&Input> {
    if app.overlay.is_none() { app.filter_line()?.typing() } else { None }
}

/// Where the user is, whether a filter is typed there or not.
pub(crate) fn place(app: &App) -> Context {
    match &app.overlay {
        Some(dialog) => dialog.context(),
        None => app.shown_view().context(app),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_is_found_with_and_without_its_shift() {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            let pressed = KeyEvent::new(KeyCode::Char('R'), modifiers);
            let table = defaults::bindings();
            assert_eq!(action(table, Context::Images, pressed), Some(Action::Revoke));
        }
    }
}
