//! The key table. Hints, help, palette and the dispatch read the same rows, so they cannot disagree.

pub(crate) mod contexts;
pub(crate) mod custom;
pub(crate) mod table;
pub(crate) mod words;
pub(crate) mod written;

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

use crate::tui::app::{App, Overlay};
use crate::tui::views::ViewId;

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// No cloud is open: starting, connecting, or the login failed.
    Waiting,
    /// The list of images.
    Images,
    /// The members of an image.
    Members,
    /// The Matrix view.
    Matrix,
    /// The list of received images, and the project's own shares of them.
    Received,
    /// The list of members, in the Members view.
    ByMember,
    /// The images that a member reaches, in the Members view.
    Reached,
    /// The dialog that asks with whom to share.
    Share,
    /// The dialog that asks what to export, and where to.
    Export,
    /// The filter line, while it is typed.
    Filter,
    /// The Jobs view.
    Jobs,
    /// The History view.
    History,
    /// The plan dialog.
    Plan,
    /// The list of clouds.
    Picker,
    /// A text to read: log, one request.
    Reading,
    /// The help.
    Help,
    /// The list of commands.
    Palette,
    /// The dialog that asks for a one-time code.
    Code,
    /// "Close a scope with marks or running operations?"
    Close,
    /// "Quit although something runs?"
    Quit,
}

impl Context {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Show(ViewId),
    Mark,
    MarkRow,
    MarkColumn,
    Rectangle,
    Range,
    MarkAll,
    Invert,
    ClearMarks,
    OnlyMarked,
    Filter,
    Earlier,
    Later,
    SavedFilter,
    SaveFilter,
    ForgetFilter,
    Sort,
    SortColumns,
    Reverse,
    ShowEmpty,
    Revoke,
    Share,
    ShowReceived,
    Accept,
    Reject,
    Refresh,
    Clouds,
    CloseScope,
    Together,
    Projects,
    Copy,
    CopyLink,
    Where,
    ReadOn,
    Export,
    CopyReceipt,
    Help,
    Log,
    Palette,
    Theme,
    Reload,
    HideJobs,
    StopSending,
    PlanRemaining,
    Undo,
    Verify,
    Suspend,
    Quit,
}

impl Action {
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

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binding {
    /// Where it holds.
    pub(crate) contexts: Cow<'static, [Context]>,
    /// Any of these keys. Without one it is in the palette alone.
    pub(crate) keys: Cow<'static, [Key]>,
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

use Context::{Close, Code, Export, Filter, Help, Palette, Picker, Plan, Quit, Reading, Share};

/// Where the user is: the topmost thing decides.
pub(crate) fn context(app: &App) -> Context {
    if typing(app).is_some() { Filter } else { place(app) }
}

/// The line that is typed beside a list or a text: a filter, or what is searched for.
pub(crate) fn typing(app: &App) -> Option<&Input> {
    match &app.overlay {
        Overlay::Help(page) => page.typing.then_some(&page.search),
        Overlay::None => app.filter_line()?.typing(),
        _ => None,
    }
}

/// Where the user is, whether a line is typed there or not.
pub(crate) fn place(app: &App) -> Context {
    match &app.overlay {
        Overlay::Help(_) => Help,
        Overlay::Palette(_) => Palette,
        Overlay::Log { .. } | Overlay::Request { .. } => Reading,
        Overlay::Planning { .. } | Overlay::Plan(_) => Plan,
        Overlay::Share(_) => Share,
        Overlay::Export(_) => Export,
        Overlay::Picker(_) => Picker,
        Overlay::Code(_) => Code,
        Overlay::Close(_) => Close,
        Overlay::Quit => Quit,
        Overlay::None => app.shown_view().context(app),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::contexts::EVERYWHERE;
    use crate::tui::keys::table::KEYS;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for context in EVERYWHERE {
            let mut seen: Vec<Key> = Vec::new();
            for binding in KEYS.iter().filter(|b| b.contexts.contains(context)) {
                for key in binding.keys.iter() {
                    assert!(!seen.contains(key), "{} twice in {context:?}", written::written(*key));
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_key_is_explained() {
        assert!(KEYS.iter().all(|b| !b.help.is_empty()));
    }

    #[test]
    fn a_capital_is_found_with_and_without_its_shift() {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            let pressed = KeyEvent::new(KeyCode::Char('R'), modifiers);
            assert_eq!(action(KEYS, Context::Images, pressed), Some(Action::Revoke));
        }
    }
}
