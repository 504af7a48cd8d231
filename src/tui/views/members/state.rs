//! The Members view: every member, and the images it reaches.
//!
//! The lists depend on the inventory, the marks and the filter. `settle` rebuilds them while the view is
//! on the screen, at most once before a frame, and only after one of these has changed.

use crate::tui::views::members::panes;
use std::cmp::Ordering;

use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::app::names::Names;
use crate::tui::app::workspace::Workspace;
use crate::tui::ui::filter::Scratch;
use crate::tui::ui::filter::reach::ReachFilter;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout;
use crate::tui::ui::list::List;
use crate::tui::views::ViewId;
use crate::tui::views::images::state::Ownership;
use domain::{ImageIx, Inventory, Marks, MemberIx, ProjectId, Reach, Row, Share, Total};

/// The pane with the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MembersFocus {
    #[default]
    Members,
    /// The images of the member under the cursor.
    Images,
}

/// A column to sort members by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    Name,
    #[default]
    Images,
    Marked,
    Newest,
    Id,
}

impl Sort {
    /// The next one, wrapping around.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Name => Self::Images,
            Self::Images => Self::Marked,
            Self::Marked => Self::Newest,
            Self::Newest => Self::Id,
            Self::Id => Self::Name,
        }
    }

    /// The name of its column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Images => "images",
            Self::Marked => "marked",
            Self::Newest => "since",
            Self::Id => "member",
        }
    }
}

/// A jump from a view to a share or an image in another view. It can be undone while the cursor is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    pub(crate) from: ViewId,
    pub(crate) image: ImageIx,
    pub(crate) member: Option<MemberIx>,
}

/// The parts that are out of date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stale {
    #[default]
    Nothing,
    /// Which members are listed, and their order.
    Lists,
    /// The mark counts, and the lists.
    Marks,
}

/// The two lists, and the data they are made of.
#[derive(Debug, Default)]
pub(crate) struct MemberTable {
    /// Own images by member.
    pub(crate) reach: Reach,
    /// The inputs of `reach`: the revision of the inventory, and the project that owns the images.
    made_of: Option<(u64, Option<ProjectId>)>,
    /// Number of marks by [`MemberIx`], including those on images whose members are now unknown.
    marked: Vec<u32>,
    /// Those that pass the filter, sorted.
    pub(crate) list: List<MemberIx>,
    /// Number of members before the filter.
    pub(crate) all: usize,
    pub(crate) focus: MembersFocus,
    pub(crate) sort: Sort,
    pub(crate) reversed: bool,
    pub(crate) only_marked: bool,
    pub(crate) filter: FilterLine,
    /// The result of the filter.
    pub(crate) passes: ReachFilter,
    /// Number of shares that pass the filter, by [`MemberIx`]; empty if all pass.
    passing: Vec<u32>,
    scratch: Scratch,
    stale: Stale,
    pub(crate) reached: Reached,
}

/// The images of the member under the cursor.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) of: Option<MemberIx>,
    /// Those in view, by name.
    pub(crate) list: List<ImageIx>,
    stale: bool,
}

impl MemberTable {
    /// Marks the lists as out of date.
    pub(crate) fn changed(&mut self) {
        self.stale = self.stale.max(Stale::Lists);
    }

    /// Call after marks were added or removed.
    pub(crate) fn marks_changed(&mut self) {
        self.stale = Stale::Marks;
    }

    /// Whether the filter or "only marked" hides something.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.is_set() || self.only_marked
    }

    /// Number of marked shares of a member.
    pub(crate) fn marked(&self, member: MemberIx) -> usize {
        self.marked.get(member.0 as usize).map_or(0, |count| *count as usize)
    }

    /// Number of shares of a member that pass the filter; `None` if all pass.
    pub(crate) fn passing(&self, member: MemberIx) -> Option<u32> {
        self.passing.get(member.0 as usize).copied()
    }

    /// Whether the filter lets a share through.
    pub(crate) fn shows(&self, image: ImageIx, row: &Row) -> bool {
        self.passes.member(row.member) && self.passes.share(image, row)
    }

    fn settle(&mut self, inventory: &Inventory, marks: &Marks, names: &Names, side: &Ownership) {
        let made_of = Some((inventory.revision(), side.own.clone()));
        if self.made_of != made_of {
            self.reach = Reach::of(inventory, |image| !side.is_received(image));
            self.made_of = made_of;
            self.changed();
        }
        if self.filter.take_change() {
            self.changed();
        }
        let stale = std::mem::take(&mut self.stale);
        if stale == Stale::Marks {
            self.marked = marked(inventory, marks);
        }
        if stale != Stale::Nothing {
            self.passes =
                ReachFilter::new(self.filter.parsed(), inventory, names, &mut self.scratch);
            self.count(inventory);
            self.choose(inventory, names);
            self.list.find();
            self.reached.stale = true;
        }
    }

    fn count(&mut self, inventory: &Inventory) {
        let Self { reach, passes, .. } = self;
        let in_view = |ix: MemberIx| {
            let held = reach.held(ix).iter();
            let passing = held
                .filter(|it| it.row(inventory).is_some_and(|row| passes.share(it.image, row)))
                .count();
            u32::try_from(passing).unwrap_or(u32::MAX)
        };
        self.passing = if passes.asks_shares() {
            inventory.members().map(|(ix, _)| in_view(ix)).collect()
        } else {
            Vec::new()
        };
    }

    /// Lists members that have images, or marks on images whose members are now unknown.
    fn choose(&mut self, inventory: &Inventory, names: &Names) {
        let mut all = 0;
        let mut listed: Vec<Key<'_>> = Vec::new();
        for (ix, member) in inventory.members() {
            let (total, marked) = (self.reach.total(ix), self.marked(ix));
            if total.images == 0 && marked == 0 {
                continue;
            }
            all += 1;
            let in_view = self.passes.member(ix) && self.passing(ix) != Some(0);
            if !in_view || (self.only_marked && marked == 0) {
                continue;
            }
            let name = names.of(member).map(|name| name.name.raw().to_lowercase());
            let weight = weight(self.sort, total, self.passing(ix), marked);
            listed.push(Key { weight, name, id: member.id.raw(), ix });
        }
        listed.sort_unstable_by(|a, b| a.cmp(b, self.sort, self.reversed));
        self.list.rows = listed.into_iter().map(|key| key.ix).collect();
        self.all = all;
    }
}

/// The sort key of a member.
struct Key<'a> {
    weight: Option<i64>,
    name: Option<String>,
    id: &'a str,
    ix: MemberIx,
}

impl Key<'_> {
    /// Unknown values come last, in either direction.
    fn cmp(&self, other: &Self, sort: Sort, reversed: bool) -> Ordering {
        let turned = |order: Ordering| if reversed { order.reverse() } else { order };
        let id = || self.id.cmp(other.id).then(self.ix.cmp(&other.ix));
        let name = |turned: &dyn Fn(Ordering) -> Ordering| {
            let known = other.name.is_some().cmp(&self.name.is_some());
            known.then_with(|| turned(self.name.cmp(&other.name)))
        };
        match sort {
            Sort::Id => turned(id()),
            Sort::Name => name(&turned).then_with(id),
            _ => {
                let known = other.weight.is_some().cmp(&self.weight.is_some());
                let weight = || turned(other.weight.cmp(&self.weight));
                known.then_with(weight).then_with(|| name(&|order| order)).then_with(id)
            }
        }
    }
}

/// Most images, most marked and newest come first.
fn weight(by: Sort, total: Total, passing: Option<u32>, marked: usize) -> Option<i64> {
    match by {
        Sort::Images => Some(i64::from(passing.unwrap_or(total.images))),
        Sort::Marked => i64::try_from(marked).ok(),
        Sort::Newest => total.newest.map(|newest| newest.0),
        Sort::Name | Sort::Id => None,
    }
}

fn marked(inventory: &Inventory, marks: &Marks) -> Vec<u32> {
    let mut marked = vec![0; inventory.members().count()];
    for member in marks.images().flat_map(|image| marks.of_image(image)) {
        if let Some(ix) = inventory.find_member(member) {
            marked[ix.0 as usize] += 1;
        }
    }
    marked
}

impl App {
    /// Updates both lists, if they are on the screen.
    pub(crate) fn settle_member_list(&mut self, main: Rect) {
        if self.view != ViewId::Members {
            return;
        }
        let [list, pane] = panes(main).map(|area| usize::from(layout::rows(area)));
        let own = self.scope().map(|scope| scope.project_id.clone());
        let Self { workspace: Workspace { member_table, inventory, marks, .. }, names, .. } = self;
        member_table.settle(inventory, marks, names, &Ownership { own, received: false });
        member_table.list.fit(list);
        self.settle_reached(pane);
    }

    fn settle_reached(&mut self, height: usize) {
        let of = self.member();
        let member_table = &mut self.workspace.member_table;
        if of != member_table.reached.of {
            member_table.reached = Reached { of, stale: true, ..Reached::default() };
        }
        if std::mem::take(&mut member_table.reached.stale) {
            let mut images = of.map(|ix| self.reached_in_view(ix)).unwrap_or_default();
            let names = &self.workspace.images;
            images.sort_by(|a, b| names.folded(*a).cmp(names.folded(*b)).then(a.cmp(b)));
            self.workspace.member_table.reached.list.set(images);
        }
        self.workspace.member_table.reached.list.fit(height);
    }

    /// The member under the cursor of the Members view.
    pub(crate) fn member(&self) -> Option<MemberIx> {
        self.workspace.member_table.list.current()
    }

    /// The image under the cursor of the Members view.
    pub(crate) fn reached(&self) -> Option<ImageIx> {
        let reached = &self.workspace.member_table.reached;
        reached.list.current()
    }

    /// The images a member reaches that are in view: all, those the filter lets through, those marked. As of the last
    /// settling.
    pub(crate) fn reached_in_view(&self, ix: MemberIx) -> Vec<ImageIx> {
        let Workspace { member_table, inventory, marks, .. } = &self.workspace;
        let member = inventory.member(ix);
        let held = member_table.reach.held(ix).iter().filter(|held| {
            let row = held.row(inventory);
            row.is_some_and(|row| member_table.passes.share(held.image, row))
                && (!member_table.only_marked
                    || marks.contains(&inventory.image(held.image).id, member))
        });
        held.map(|held| held.image).collect()
    }

    /// The same, as shares.
    pub(crate) fn shares_of_member(&self, ix: MemberIx) -> Vec<Share> {
        let share = |image| self.share_of(image, ix);
        self.reached_in_view(ix).into_iter().map(share).collect()
    }

    /// The share of an image and a member.
    pub(crate) fn share_of(&self, image: ImageIx, member: MemberIx) -> Share {
        let inventory = &self.workspace.inventory;
        Share { image: inventory.image(image).id.clone(), member: inventory.member(member).clone() }
    }
}
