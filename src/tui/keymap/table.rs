//! The default keys, a row each.

use std::borrow::Cow;

use crossterm::event::KeyCode;

use super::written::{char, ctrl, key, with_ctrl};
use super::{Action, Binding, Context, Key};
use crate::tui::model::View;

const fn on(
    contexts: &'static [Context],
    keys: &'static [Key],
    action: Action,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    let (contexts, keys) = (Cow::Borrowed(contexts), Cow::Borrowed(keys));
    Binding { contexts, keys, action, hint, help }
}

use Context::{
    ByMember, Code, Export, Filter, Help, History, Images, Jobs, Matrix, Members, Palette, Picker,
    Plan, Quit, Reached, Reading, Received, Share, Waiting,
};

const LISTS: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Picker, Reading, Help];
const BROWSE: &[Context] = &[Images, Members];
/// The Members view.
const REACH: &[Context] = &[ByMember, Reached];
/// Where shares are marked.
const MARKS: &[Context] = &[Images, Members, ByMember, Reached, Matrix];
/// The Images view, whatever it lists.
const BOTH: &[Context] = &[Images, Members, Received];
/// The views over which the jobs pane stands.
const STANDING: &[Context] = &[Images, Members, ByMember, Reached, Matrix, Received];
const PANES: &[Context] = &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History];
/// Views of several panes.
const SEVERAL: &[Context] = &[Images, Members, ByMember, Reached, Received, Jobs, History];
const PLACES: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Waiting];
/// Where `r` asks the cloud.
const CLOUDS: &[Context] = &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, Waiting];
/// Where something is filtered.
const FILTERED: &[Context] = &[Images, Members, ByMember, Reached, Matrix, Received, History];
/// From where the views are reached.
const VIEWS: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Reading, Help];
const DIALOGS: &[Context] =
    &[Filter, Plan, Share, Export, Picker, Code, Reading, Help, Palette, Quit];
/// Where nothing is typed.
const UNTYPED: &[Context] = &[
    Waiting, Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Picker, Reading,
    Help, Quit,
];
/// Where characters are typed.
const TYPED: &[Context] = &[Filter, Plan, Share, Export, Code, Palette];
/// Text is typed beside a list.
const TYPING: &[Context] = &[Plan, Filter, Share, Export, Palette];
/// Every place.
pub(crate) const EVERYWHERE: &[Context] = &[
    Waiting, Images, Members, ByMember, Reached, Matrix, Received, Filter, Jobs, History, Plan,
    Share, Export, Picker, Code, Reading, Help, Palette, Quit,
];

/// The keys, in the order of hints and help.
pub(crate) const KEYS: &[Binding] = &[
    on(
        BROWSE,
        &[char(' ')],
        Action::Mark,
        "mark",
        "mark or unmark a share; on an image, all its members in view",
    ),
    on(
        &[ByMember],
        &[char(' ')],
        Action::Mark,
        "mark",
        "mark or unmark all shares of this member that are in view",
    ),
    on(&[Reached], &[char(' ')], Action::Mark, "mark", "mark or unmark this share"),
    on(
        &[Matrix],
        &[char(' ')],
        Action::Mark,
        "mark",
        "mark or unmark the share under the cursor; with a rectangle, all of it",
    ),
    on(
        &[Matrix],
        &[char('-')],
        Action::MarkRow,
        "row",
        "mark or unmark the row: every share of the image in view",
    ),
    on(
        &[Matrix],
        &[char('|')],
        Action::MarkColumn,
        "column",
        "mark or unmark the column: every share of the member in view",
    ),
    on(
        &[Matrix],
        &[char('v')],
        Action::Rectangle,
        "rectangle",
        "begin a rectangle here: moving makes it larger, Space marks or unmarks it, Esc or v ends it",
    ),
    on(MARKS, &[char('a')], Action::MarkAll, "all", "mark every share in view"),
    on(MARKS, &[char('i')], Action::Invert, "", "turn the marks of every share in view around"),
    on(MARKS, &[char('A')], Action::ClearMarks, "", "take all marks away, hidden ones too"),
    on(
        MARKS,
        &[char('u')],
        Action::Undo,
        "",
        "take back the last change of the marks; what was done is undone in views 4 and 5",
    ),
    on(MARKS, &[char('M')], Action::OnlyMarked, "", "show only what is marked, and back"),
    on(MARKS, &[char('R')], Action::Revoke, "revoke", "plan the revocation of everything marked"),
    on(BROWSE, &[char('+')], Action::Share, "share", "share this image with more members"),
    on(&[ByMember], &[char('+')], Action::Share, "share", "share more images with this member"),
    on(&[Reached], &[char('+')], Action::Share, "share", "share this image with more members"),
    on(
        &[Matrix],
        &[char('+')],
        Action::Share,
        "share",
        "share this image with this member, where nothing is; with a rectangle, plan every empty cell of it",
    ),
    on(
        &[Received],
        &[char(' ')],
        Action::Mark,
        "choose",
        "choose an image for an answer, or not any more",
    ),
    on(&[Received], &[char('a')], Action::MarkAll, "all", "choose every image in view"),
    on(&[Received], &[char('A')], Action::ClearMarks, "", "choose none"),
    on(
        &[Received],
        &[char('+')],
        Action::Accept,
        "accept",
        "plan to accept what is chosen, or this image: it shows up in the project's own list",
    ),
    on(
        &[Received],
        &[char('-')],
        Action::Reject,
        "reject",
        "plan to reject what is chosen, or this image: it is hidden from that list",
    ),
    on(
        BROWSE,
        &[char('o')],
        Action::ShowReceived,
        "",
        "list the images others share with this project",
    ),
    on(
        &[Received],
        &[char('o')],
        Action::ShowReceived,
        "own images",
        "list the project's own images again",
    ),
    on(
        BOTH,
        &[char('/')],
        Action::Filter,
        "filter",
        "filter as you type: words, image:, member:, status:, !not",
    ),
    on(
        BOTH,
        &[char('s')],
        Action::Sort,
        "sort",
        "sort by the next column: name, members, marked, age",
    ),
    on(
        REACH,
        &[char('/')],
        Action::Filter,
        "filter",
        "filter as you type: words and member: for members, image: and status: for their shares, !not",
    ),
    on(
        REACH,
        &[char('s')],
        Action::Sort,
        "sort",
        "sort the members by the next column: name, images, marked, since, member",
    ),
    on(REACH, &[char('S')], Action::Reverse, "", "sort the other way round"),
    on(
        &[Matrix],
        &[char('/')],
        Action::Filter,
        "filter",
        "filter as you type: words and image: for rows, member: and status: for columns, !not",
    ),
    on(
        &[Matrix],
        &[char('s')],
        Action::Sort,
        "sort",
        "sort the rows: by likeness (alike ones beside each other), by name, by number of shares",
    ),
    on(&[Matrix], &[char('S')], Action::SortColumns, "", "sort the columns in the same ways"),
    on(
        &[Matrix],
        &[char('z')],
        Action::ShowEmpty,
        "",
        "list images that are shared with no one too, and back",
    ),
    on(
        &[Matrix],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "open",
        "view 1 on this image and this member",
    ),
    on(&[Matrix], &[key(KeyCode::Left), char('h')], Action::Left, "", "a column to the left"),
    on(&[Matrix], &[key(KeyCode::Right), char('l')], Action::Right, "", "a column to the right"),
    on(
        &[Matrix],
        &[with_ctrl(KeyCode::Left), char('<')],
        Action::PageLeft,
        "",
        "a page of columns to the left",
    ),
    on(
        &[Matrix],
        &[with_ctrl(KeyCode::Right), char('>')],
        Action::PageRight,
        "",
        "a page of columns to the right",
    ),
    on(&[Matrix], &[char('0')], Action::FirstColumn, "", "to the first column"),
    on(&[Matrix], &[char('$')], Action::LastColumn, "", "to the last column"),
    on(BOTH, &[char('S')], Action::Reverse, "", "sort the other way round"),
    on(
        &[Jobs],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "details",
        "the request in full: state, reason, ids, raw answer",
    ),
    on(
        &[Jobs],
        &[char('R')],
        Action::PlanRemaining,
        "plan the rest",
        "plan what this operation left undone again, as a new operation",
    ),
    on(
        &[Jobs],
        &[char('X')],
        Action::StopSending,
        "stop sending",
        "send nothing more for this operation; what was sent is followed and verified",
    ),
    on(
        &[History],
        &[char('v')],
        Action::Verify,
        "verify",
        "read the members again, and tell what is different from the receipt; changes nothing",
    ),
    on(
        &[Jobs, History],
        &[char('u')],
        Action::Undo,
        "undo",
        "plan to take back what this operation really did, as a new operation",
    ),
    on(
        &[History],
        &[char('/')],
        Action::Filter,
        "filter",
        "filter as you type: letters of a kind, cloud, user or project, pieces of an id, of an image or member too \
         where the receipt was looked at; !not",
    ),
    on(
        &[History],
        &[key(KeyCode::Enter), key(KeyCode::Right), char('l')],
        Action::Enter,
        "receipt",
        "into the receipt: every share before and after, every request",
    ),
    on(&[History], &[key(KeyCode::Left), char('h')], Action::Left, "", "back to the operations"),
    on(&[History], &[char('r')], Action::Refresh, "", "read the list from the journal again"),
    on(
        CLOUDS,
        &[char('r')],
        Action::Refresh,
        "refresh",
        "read again: all images, or the members of this image from its pane; after a failed login, try again",
    ),
    on(
        &[Images, Members, Received, Picker],
        &[char('t')],
        Action::Together,
        "",
        "list the images of every open scope together, and back",
    ),
    on(
        PLACES,
        &[char('c')],
        Action::Clouds,
        "cloud",
        "show another cloud, region or project, or close one",
    ),
    on(
        PANES,
        &[char('y')],
        Action::Copy,
        "",
        "copy the id under the cursor to the clipboard (OSC 52)",
    ),
    on(
        PANES,
        &[char('e')],
        Action::Export,
        "",
        "export what is in view or marked, or the receipt of the operation, to a file or the clipboard",
    ),
    on(
        &[Jobs, History],
        &[char('Y')],
        Action::CopyReceipt,
        "",
        "copy the receipt of the operation as Markdown (OSC 52)",
    ),
    on(STANDING, &[char('x')], Action::HideJobs, "", "put the jobs pane away when nothing runs"),
    on(VIEWS, &[char('1')], Action::Show(View::Images), "", "view 1: images and their members"),
    on(
        VIEWS,
        &[char('2')],
        Action::Show(View::Members),
        "",
        "view 2: members and the images they reach",
    ),
    on(
        VIEWS,
        &[char('3')],
        Action::Show(View::Matrix),
        "",
        "view 3: images and members as a matrix, a cell for each share",
    ),
    on(VIEWS, &[char('4')], Action::Show(View::Jobs), "", "view 4: operations, requests and jobs"),
    on(
        VIEWS,
        &[char('5')],
        Action::Show(View::History),
        "",
        "view 5: everything that was done, with receipts",
    ),
    on(SEVERAL, &[key(KeyCode::Tab)], Action::NextPane, "pane", "to the next pane"),
    on(SEVERAL, &[key(KeyCode::BackTab)], Action::PreviousPane, "", "to the pane before"),
    on(
        &[Images],
        &[key(KeyCode::Enter), key(KeyCode::Right), char('l')],
        Action::Enter,
        "",
        "into the members of the image",
    ),
    on(
        &[Members],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "reach",
        "everything this member reaches: view 2; Esc comes back",
    ),
    on(
        &[ByMember],
        &[key(KeyCode::Enter), key(KeyCode::Right), char('l')],
        Action::Enter,
        "",
        "into the images that this member reaches",
    ),
    on(
        &[Reached],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "to the image",
        "this image with all its members: view 1; Esc comes back",
    ),
    on(&[Reached], &[key(KeyCode::Left), char('h')], Action::Left, "", "back to the members"),
    on(&[Members], &[key(KeyCode::Left), char('h')], Action::Left, "", "back to the images"),
    on(&[Jobs], &[key(KeyCode::Right), char('l')], Action::Right, "", "to the next pane"),
    on(&[Jobs], &[key(KeyCode::Left), char('h')], Action::Left, "", "to the pane before"),
    on(
        PANES,
        &[key(KeyCode::Esc)],
        Action::Back,
        "",
        "one step back: to the list, to the view one came from, out of the filter, out of only-marked",
    ),
    on(
        &[Share],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "plan",
        "plan the shares with everybody typed",
    ),
    on(
        &[Share],
        &[key(KeyCode::Tab)],
        Action::NextPane,
        "take",
        "take the project under the cursor",
    ),
    on(&[Export], &[key(KeyCode::Enter)], Action::Enter, "write", "write the file"),
    on(&[Export], &[key(KeyCode::Tab)], Action::NextPane, "format", "the next format"),
    on(&[Export], &[key(KeyCode::BackTab)], Action::PreviousPane, "", "the format before"),
    on(
        &[Export],
        &[ctrl('y')],
        Action::Copy,
        "copy",
        "copy it instead, where it is not too much for a clipboard (OSC 52)",
    ),
    on(
        &[Picker],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "open",
        "show this scope; what is shown now stays open with its marks, filter and cursor",
    ),
    on(
        &[Picker],
        &[char(' ')],
        Action::Mark,
        "open beside",
        "open this cloud without leaving the list",
    ),
    on(
        &[Picker],
        &[char('p')],
        Action::Projects,
        "projects",
        "list the projects one can switch to in this open scope",
    ),
    on(&[Code], &[key(KeyCode::Enter)], Action::Enter, "log in", "log in with this code"),
    on(
        &[Picker],
        &[char('x')],
        Action::CloseScope,
        "close",
        "close this scope: what was read and marked there is forgotten",
    ),
    on(
        &[Plan],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "confirm",
        "confirm, with the number of shares typed",
    ),
    on(
        &[Filter],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "keep",
        "keep the filter and go on; / changes it from there",
    ),
    on(
        &[Filter],
        &[ctrl('p')],
        Action::Earlier,
        "",
        "the filter kept before this one, in whichever view; Ctrl-u empties the line, Esc leaves the filter as it was",
    ),
    on(&[Filter], &[ctrl('n')], Action::Later, "", "the filter kept after it"),
    on(
        &[Plan],
        &[key(KeyCode::Tab)],
        Action::NextPane,
        "shares/requests/curl",
        "shares, then the requests themselves, then the same for curl",
    ),
    on(
        &[Plan],
        &[ctrl('y')],
        Action::Copy,
        "copy",
        "copy the requests as curl commands, without the token (OSC 52)",
    ),
    on(&[Plan], &[key(KeyCode::BackTab)], Action::PreviousPane, "", "the tab before"),
    on(&[Quit], &[char('y')], Action::Enter, "quit", "quit now"),
    on(
        DIALOGS,
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "close, and leave everything as it was",
    ),
    on(&[Reading, Help], &[char('q')], Action::Back, "", "close"),
    on(
        &[Help],
        &[char('/')],
        Action::Filter,
        "search",
        "search as you type: every line has all the words",
    ),
    on(
        &[Palette],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "run",
        "run the command, as its key would",
    ),
    on(
        &[Palette],
        &[key(KeyCode::Tab)],
        Action::NextPane,
        "complete",
        "complete what is typed to the command under the cursor",
    ),
    on(&[Quit], &[char('n')], Action::Back, "", "stay"),
    on(LISTS, &[key(KeyCode::Up), char('k')], Action::Up, "", "up"),
    on(LISTS, &[key(KeyCode::Down), char('j')], Action::Down, "", "down"),
    on(LISTS, &[key(KeyCode::Home), char('g')], Action::Top, "", "to the first row"),
    on(LISTS, &[key(KeyCode::End), char('G')], Action::Bottom, "", "to the last row"),
    on(LISTS, &[key(KeyCode::PageUp), ctrl('b')], Action::PageUp, "", "a page up"),
    on(LISTS, &[key(KeyCode::PageDown), ctrl('f')], Action::PageDown, "", "a page down"),
    on(TYPING, &[key(KeyCode::Up)], Action::Up, "", "up, in the list"),
    on(TYPING, &[key(KeyCode::Down)], Action::Down, "", "down, in the list"),
    on(TYPING, &[key(KeyCode::PageUp)], Action::PageUp, "", "a page up, in the list"),
    on(TYPING, &[key(KeyCode::PageDown)], Action::PageDown, "", "a page down, in the list"),
    on(
        UNTYPED,
        &[char('.'), ctrl('t')],
        Action::Where,
        "",
        "say where you are, and what the cursor is on in full; with --plain what can be done here too",
    ),
    on(TYPED, &[ctrl('t')], Action::Where, "", "say again what is asked and what is typed"),
    on(
        LISTS,
        &[char(','), ctrl('o')],
        Action::ReadOn,
        "",
        "with --plain: read the list from here, ten rows at a time; a page of a text",
    ),
    on(
        TYPING,
        &[ctrl('o')],
        Action::ReadOn,
        "",
        "with --plain: read what is listed, ten rows at a time",
    ),
    on(PLACES, &[char('L')], Action::Log, "", "the log: every error and notice, in full"),
    on(
        PLACES,
        &[char(':')],
        Action::Palette,
        "commands",
        "every command by name, with its key; with words after some of them: filter, saved-filter, sort, cloud, theme",
    ),
    on(
        FILTERED,
        &[char('F')],
        Action::SavedFilter,
        "",
        "filter by one that has a name: of [filters] in config.toml, or saved here",
    ),
    on(
        FILTERED,
        &[],
        Action::SaveFilter,
        "",
        "save the filter that is set, with a name; it is there again after the next start",
    ),
    on(FILTERED, &[], Action::ForgetFilter, "", "forget a filter that was saved here"),
    on(PLACES, &[], Action::Theme, "", "the next theme; with a name, that one"),
    on(
        PLACES,
        &[],
        Action::Reload,
        "",
        "read config.toml again: keys, colours, filters and names of projects",
    ),
    on(PLACES, &[char('?')], Action::Help, "help", "this help"),
    on(EVERYWHERE, &[ctrl('z')], Action::Suspend, "", "suspend; `fg` in the shell comes back"),
    on(
        &[Waiting, Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Picker],
        &[char('q')],
        Action::Quit,
        "quit",
        "quit",
    ),
    on(EVERYWHERE, &[ctrl('c')], Action::Quit, "", "quit"),
];
