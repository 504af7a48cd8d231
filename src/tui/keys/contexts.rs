//! Places that have keys in common, for the table.

use crate::tui::keys::Context;

use Context::{
    ByMember, Close, Code, Export, Filter, Help, History, Images, Jobs, Matrix, Members, Palette,
    Picker, Plan, Quit, Reached, Reading, Received, Share, Waiting,
};

pub(crate) const LISTS: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Picker, Reading, Help];
pub(crate) const BROWSE: &[Context] = &[Images, Members];
/// The Members view.
pub(crate) const REACH: &[Context] = &[ByMember, Reached];
/// Where shares are marked.
pub(crate) const MARKS: &[Context] = &[Images, Members, ByMember, Reached, Matrix];
/// The Images view, whatever it lists.
pub(crate) const BOTH: &[Context] = &[Images, Members, Received];
/// Lists of shares, or of images that are answered.
pub(crate) const RANGES: &[Context] = &[Images, Members, ByMember, Reached, Received];
/// The views over which the jobs pane stands.
pub(crate) const STANDING: &[Context] = &[Images, Members, ByMember, Reached, Matrix, Received];
pub(crate) const PANES: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History];
/// Views of several panes.
pub(crate) const SEVERAL: &[Context] =
    &[Images, Members, ByMember, Reached, Received, Jobs, History];
/// Where the cursor is about one image.
pub(crate) const LINKED: &[Context] = &[Images, Members, Reached, Matrix, Received, Jobs];
pub(crate) const PLACES: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Waiting];
/// Where `r` asks the cloud.
pub(crate) const CLOUDS: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, Jobs, Waiting];
/// Where something is filtered.
pub(crate) const FILTERED: &[Context] =
    &[Images, Members, ByMember, Reached, Matrix, Received, History];
/// From where the views are reached.
pub(crate) const VIEWS: &[Context] =
    &[Waiting, Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Reading, Help];
pub(crate) const DIALOGS: &[Context] =
    &[Filter, Plan, Share, Export, Picker, Code, Reading, Help, Palette, Close, Quit];
/// Where nothing is typed.
pub(crate) const UNTYPED: &[Context] = &[
    Waiting, Images, Members, ByMember, Reached, Matrix, Received, Jobs, History, Picker, Reading,
    Help, Close, Quit,
];
/// Where characters are typed.
pub(crate) const TYPED: &[Context] = &[Filter, Plan, Share, Export, Code, Palette];
/// Text is typed beside a list.
pub(crate) const TYPING: &[Context] = &[Plan, Filter, Share, Export, Palette];
/// Every place.
pub(crate) const EVERYWHERE: &[Context] = &[
    Waiting, Images, Members, ByMember, Reached, Matrix, Received, Filter, Jobs, History, Plan,
    Share, Export, Picker, Code, Reading, Help, Palette, Close, Quit,
];
