//! What actions and places are called: in `[keys]`, in the palette, in the help.

use crate::tui::keys::{Action, Context};
use crate::tui::views::ViewId;

impl Action {
    /// Its name in `config.toml` and in the palette.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::PageUp => "page-up",
            Self::PageDown => "page-down",
            Self::PageLeft => "page-left",
            Self::PageRight => "page-right",
            Self::FirstColumn => "first-column",
            Self::LastColumn => "last-column",
            Self::NextPane => "next-pane",
            Self::PreviousPane => "previous-pane",
            Self::Enter => "enter",
            Self::Back => "back",
            Self::Show(ViewId::Images) => "view-images",
            Self::Show(ViewId::Members) => "view-members",
            Self::Show(ViewId::Matrix) => "view-matrix",
            Self::Show(ViewId::Jobs) => "view-jobs",
            Self::Show(ViewId::History) => "view-history",
            Self::Mark => "mark",
            Self::MarkRow => "mark-row",
            Self::MarkColumn => "mark-column",
            Self::Rectangle => "rectangle",
            Self::Range => "range",
            Self::MarkAll => "mark-all",
            Self::Invert => "invert-marks",
            Self::ClearMarks => "clear-marks",
            Self::OnlyMarked => "only-marked",
            Self::Filter => "filter",
            Self::Earlier => "earlier-filter",
            Self::Later => "later-filter",
            Self::SavedFilter => "saved-filter",
            Self::SaveFilter => "save-filter",
            Self::ForgetFilter => "forget-filter",
            Self::Sort => "sort",
            Self::SortColumns => "sort-columns",
            Self::ShowEmpty => "show-empty",
            Self::Reverse => "reverse-sort",
            Self::Revoke => "revoke",
            Self::Share => "share",
            Self::ShowReceived => "received",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Refresh => "refresh",
            Self::Clouds => "cloud",
            Self::CloseScope => "close-scope",
            Self::Together => "together",
            Self::Projects => "projects",
            Self::Copy => "copy",
            Self::CopyLink => "link",
            Self::Where => "where",
            Self::ReadOn => "read-on",
            Self::Export => "export",
            Self::CopyReceipt => "copy-receipt",
            Self::Help => "help",
            Self::Log => "log",
            Self::Palette => "commands",
            Self::Theme => "theme",
            Self::Reload => "reload",
            Self::HideJobs => "hide-jobs",
            Self::StopSending => "stop-sending",
            Self::PlanRemaining => "plan-rest",
            Self::Undo => "undo",
            Self::Verify => "verify",
            Self::Suspend => "suspend",
            Self::Quit => "quit",
        }
    }
}

impl Context {
    /// Its name in `[keys.PLACE]` of `config.toml`. Never the name of an action: both are keys of one table there.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Images => "images",
            Self::Members => "members",
            Self::ByMember => "by-member",
            Self::Reached => "reached",
            Self::Matrix => "matrix",
            Self::Received => "received-images",
            Self::Share => "share-dialog",
            Self::Export => "export-dialog",
            Self::Filter => "filter-line",
            Self::Jobs => "jobs",
            Self::History => "history",
            Self::Plan => "plan",
            Self::Picker => "clouds",
            Self::Code => "code",
            Self::Reading => "reading",
            Self::Help => "help-page",
            Self::Palette => "command-line",
            Self::Close => "close-question",
            Self::Quit => "quit-question",
        }
    }

    /// Its heading in the help.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Waiting => "Before a cloud is open",
            Self::Images => "Images",
            Self::Members => "Members of an image",
            Self::ByMember => "Members view",
            Self::Reached => "Images of a member",
            Self::Matrix => "Matrix",
            Self::Received => "Received images",
            Self::Share => "Share dialog",
            Self::Export => "Export dialog",
            Self::Filter => "Filter line",
            Self::Jobs => "Jobs view",
            Self::History => "History view",
            Self::Plan => "Plan dialog",
            Self::Picker => "Choosing a cloud",
            Self::Code => "One-time code",
            Self::Reading => "Log, and requests in full",
            Self::Help => "This help",
            Self::Palette => "Commands",
            Self::Close => "Closing a scope",
            Self::Quit => "Quit, although something runs",
        }
    }

    /// Where it is, as the rest of "that works …".
    pub(crate) fn place(self) -> &'static str {
        match self {
            Self::Waiting => "before a cloud is open",
            Self::Images => "in the list of images",
            Self::Members => "in the members of an image",
            Self::ByMember => "in the Members view",
            Self::Reached => "in the images of a member",
            Self::Matrix => "in the Matrix view",
            Self::Received => "in the list of received images",
            Self::Share => "in the share dialog",
            Self::Export => "in the export dialog",
            Self::Filter => "while a filter is typed",
            Self::Jobs => "in the Jobs view",
            Self::History => "in the History view",
            Self::Plan => "in the plan dialog",
            Self::Picker => "in the list of clouds",
            Self::Code => "when asked for a one-time code",
            Self::Reading => "in the log and other texts",
            Self::Help => "in the help",
            Self::Palette => "in the list of commands",
            Self::Close => "when asked whether to close a scope",
            Self::Quit => "when asked whether to quit",
        }
    }

    /// Whether characters are typed into a line there, so that none can be a key.
    pub(crate) fn is_typing(self) -> bool {
        matches!(
            self,
            Self::Share | Self::Export | Self::Filter | Self::Plan | Self::Code | Self::Palette
        )
    }
}
