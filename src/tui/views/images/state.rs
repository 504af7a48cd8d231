//! The Images view: which images and members are listed, in which order, and where the cursor is.
//!
//! Lists are positions into the inventory. They are updated by `settle`, once before a frame, and
//! only where something they depend on has changed.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::tui::Effect;
use crate::tui::app::names::Names;
use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Phase};
use crate::tui::ui::filter::{Scratch, ShareFilter};
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::list::List;
use crate::tui::views::ViewId;
use crate::tui::views::images::disambiguation;
use crate::tui::views::images::sort::{Sort, turned, weight};
use domain::{
    Image, ImageId, ImageIx, Inventory, Marks, Member, MemberIx, MemberList, MemberStatus,
    ProjectId, Row, Scope, Share,
};
use engine::{Command, SessionId};

/// The part of the list that is out of date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stale {
    #[default]
    Nothing,
    /// Which images are listed.
    Choice,
    /// Their order, and which are listed.
    Order,
}

/// The list of images.
#[derive(Debug, Default)]
pub(crate) struct Images {
    /// Every image, sorted.
    pub(crate) order: Vec<ImageIx>,
    /// Those that pass the filter, in that order.
    pub(crate) list: List<ImageIx>,
    pub(crate) sort: Sort,
    pub(crate) reversed: bool,
    pub(crate) only_marked: bool,
    pub(crate) filter: FilterLine,
    /// The shares that pass the filter.
    pub(crate) shares: ShareFilter,
    /// Images left out because the filter asks about members that are not known.
    pub(crate) undecided: usize,
    /// Number of images before the filter.
    pub(crate) all: usize,
    /// Number of received images, and of their rows.
    pub(crate) received: (usize, usize),
    /// Images excluded from the received ones: shared only with others, but visible to administrators.
    pub(crate) others: usize,
    /// ID prefixes that distinguish images of the same name.
    pub(crate) short_ids: disambiguation::ShortIds,
    /// Names as sort keys, by [`ImageIx`].
    pub(crate) folded: Vec<Box<str>>,
    /// The epoch in which the members of an image were last loaded, by [`ImageIx`].
    pub(crate) read_in: Vec<u32>,
    /// Counts the loads of the inventory.
    pub(crate) epoch: u32,
    stale: Stale,
    pub(crate) asked: Vec<ImageIx>,
    scratch: Scratch,
}

/// The members of the image under the cursor.
#[derive(Debug, Default)]
pub(crate) struct MembersPane {
    /// The image whose members are listed.
    pub(crate) of: Option<ImageIx>,
    /// Rows of the inventory that are listed.
    pub(crate) list: List<usize>,
    /// The member the cursor is on: rows move when members are read again.
    anchor: Option<MemberIx>,
    pub(crate) stale: bool,
}

impl Images {
    /// Call after an image arrived or changed.
    pub(crate) fn image_changed(&mut self, ix: ImageIx, inventory: &Inventory) {
        let at = ix.0 as usize;
        if self.folded.len() <= at {
            self.folded.resize(at + 1, Box::default());
            self.read_in.resize(at + 1, 0);
        }
        self.folded[at] = inventory.image(ix).label().to_lowercase().into();
        self.stale = Stale::Order;
    }

    /// Call after the members of an image arrived or changed.
    pub(crate) fn members_changed(&mut self, ix: ImageIx) {
        if let Some(epoch) = self.read_in.get_mut(ix.0 as usize) {
            *epoch = self.epoch;
        }
        let has_received = self.received.0 > 0;
        self.depends(
            self.sort == Sort::Members,
            self.filter.parsed().asks_shares() || has_received,
        );
    }

    /// Call after marks were added or removed.
    pub(crate) fn marks_changed(&mut self) {
        self.depends(self.sort == Sort::Marked, self.only_marked);
    }

    fn depends(&mut self, order: bool, choice: bool) {
        let stale = match (order, choice) {
            (true, _) => Stale::Order,
            (false, true) => Stale::Choice,
            (false, false) => Stale::Nothing,
        };
        self.stale = self.stale.max(stale);
    }

    /// Marks the list as out of date.
    pub(crate) fn changed(&mut self) {
        self.stale = Stale::Order;
    }

    /// Starts a new epoch, in which no members are loaded yet.
    pub(crate) fn reading_began(&mut self) {
        self.epoch += 1;
        self.asked.clear();
    }

    /// The sort key of an image's name.
    pub(crate) fn folded(&self, ix: ImageIx) -> &str {
        self.folded.get(ix.0 as usize).map_or("", |name| name)
    }

    /// Every image, sorted by name; as of the last settling.
    pub(crate) fn by_name(&self) -> Cow<'_, [ImageIx]> {
        if self.sort == Sort::Name && !self.reversed {
            return Cow::Borrowed(&self.order);
        }
        let mut order = self.order.clone();
        order.sort_by(|a, b| self.folded(*a).cmp(self.folded(*b)).then(a.cmp(b)));
        Cow::Owned(order)
    }

    /// Copies filter and order from another list.
    pub(crate) fn list_as(&mut self, other: &Self) {
        self.filter.set(other.filter.line());
        let as_it_is = (self.sort, self.reversed, self.only_marked);
        if as_it_is != (other.sort, other.reversed, other.only_marked) {
            (self.sort, self.reversed) = (other.sort, other.reversed);
            self.only_marked = other.only_marked;
            self.stale = Stale::Order;
        }
    }

    /// Whether the filter or "only marked" hides something.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.is_set() || self.only_marked
    }

    fn sort(&mut self, inventory: &Inventory, marks: &Marks) {
        self.order.retain(|ix| inventory.is_present(*ix));
        if self.order.len() != inventory.image_count() {
            self.order = inventory.images().map(|(ix, _)| ix).collect();
        }
        let (folded, direction) = (&self.folded, if self.reversed { -1 } else { 1 });
        let name = |a: &ImageIx, b: &ImageIx| {
            folded[a.0 as usize].cmp(&folded[b.0 as usize]).then(a.cmp(b))
        };
        match self.sort {
            Sort::Name => self.order.sort_by(|a, b| turned(name(a, b), direction)),
            by => {
                let mut keyed: Vec<(i64, ImageIx)> = self
                    .order
                    .iter()
                    .map(|ix| (direction * weight(by, *ix, inventory, marks), *ix))
                    .collect();
                keyed.sort_by(|(x, a), (y, b)| x.cmp(y).then_with(|| name(a, b)));
                self.order = keyed.into_iter().map(|(_, ix)| ix).collect();
            }
        }
    }

    /// Lists what passes the filter, of the own images or of the received ones.
    fn choose(
        &mut self,
        inventory: &Inventory,
        marks: &Marks,
        side: &Ownership,
        scope: Option<&Scope>,
    ) {
        let Self { order, filter, shares, scratch, only_marked, .. } = self;
        let (mut undecided, mut all, mut received, mut others) = (0, 0, (0, 0), 0);
        let passes = |ix: &ImageIx| {
            let is_received = side.is_received(inventory.image(*ix));
            if is_received {
                received = (received.0 + 1, received.1 + inventory.rows(*ix).len());
            }
            if is_received != side.received {
                return false;
            }
            if is_received && scope.is_some_and(|scope| inventory.is_of_others(*ix, scope)) {
                others += 1;
                return false;
            }
            all += 1;
            let image = inventory.image(*ix);
            if !filter.parsed().image(image, scratch)
                || (*only_marked && marks.count_of(&image.id) == 0)
            {
                return false;
            }
            if shares.is_open() {
                return true;
            }
            let unknown = matches!(inventory.list(*ix), MemberList::Unread | MemberList::Failed(_));
            undecided += usize::from(unknown);
            inventory.rows(*ix).iter().any(|row| shares.passes(inventory, row))
        };
        self.list.rows = order.iter().copied().filter(passes).collect();
        (self.undecided, self.all, self.received) = (undecided, all, received);
        self.others = others;
    }
}

/// Which images are listed, by owner.
pub(crate) struct Ownership {
    pub(crate) own: Option<ProjectId>,
    /// Whether those of others are listed.
    pub(crate) received: bool,
}

impl Ownership {
    /// An image without an owner counts as the project's own.
    pub(crate) fn is_received(&self, image: &Image) -> bool {
        let (Some(owner), Some(own)) = (&image.owner, &self.own) else { return false };
        !own.owns(owner)
    }
}

impl Workspace {
    /// The images of the project itself.
    pub(crate) fn own_images(&self) -> Ownership {
        Ownership { own: self.scope().map(|scope| scope.project_id.clone()), received: false }
    }

    /// Updates the list; returns whether it changed.
    pub(crate) fn settle_images(&mut self, names: &Names, height: usize) -> bool {
        let side = Ownership { received: self.received.shown, ..self.own_images() };
        let scope = self.scope().cloned();
        let Self { images, inventory, marks, .. } = self;
        let mut stale = std::mem::take(&mut images.stale);
        if images.filter.take_change() {
            stale = stale.max(Stale::Choice);
        }
        if stale == Stale::Order {
            images.sort(inventory, marks);
            images.disambiguate(inventory);
        }
        if stale != Stale::Nothing {
            images.shares = ShareFilter::new(images.filter.parsed(), inventory, names);
            images.choose(inventory, marks, &side, scope.as_ref());
            images.list.find();
            self.members_pane.stale = true;
        }
        images.list.fit(height);
        stale != Stale::Nothing
    }

    /// The sort key of an image: the number of the column, then its name.
    pub(crate) fn rank(&self, ix: ImageIx) -> (i64, &str) {
        let Images { sort, reversed, folded, .. } = &self.images;
        let direction = if *reversed { -1 } else { 1 };
        (direction * weight(*sort, ix, &self.inventory, &self.marks), &folded[ix.0 as usize])
    }

    /// The rows of an image that are in view: all, those the filter lets through, those marked.
    pub(crate) fn rows_in_view(&self, ix: ImageIx) -> Vec<usize> {
        let Self { images, inventory, marks, .. } = self;
        let id = &inventory.image(ix).id;
        let in_view = |row: &Row| {
            images.shares.passes(inventory, row)
                && (!images.only_marked || marks.contains(id, inventory.member(row.member)))
        };
        let rows = inventory.rows(ix).iter().enumerate();
        rows.filter(|(_, row)| in_view(row)).map(|(at, _)| at).collect()
    }

    /// The shares of an image that are in view.
    pub(crate) fn shares_in_view(&self, ix: ImageIx) -> Vec<Share> {
        let rows = self.inventory.rows(ix);
        self.rows_in_view(ix).iter().map(|at| self.inventory.share(ix, &rows[*at])).collect()
    }

    /// Marks pane, list and marks as out of date after the members of an image changed.
    pub(crate) fn members_changed(&mut self, ix: ImageIx) {
        self.images.members_changed(ix);
        self.members_pane.stale |= self.members_pane.of == Some(ix);
    }

    /// Call after marks were added or removed.
    pub(crate) fn marks_changed(&mut self) {
        self.images.marks_changed();
        self.member_table.marks_changed();
        self.matrix.marks_changed();
        self.members_pane.stale |= self.images.only_marked;
    }

    /// Moves the cursor to a listed image.
    pub(crate) fn go_to_image(&mut self, ix: ImageIx) {
        if self.images.list.current() != Some(ix) {
            self.images.list.go_to(ix);
        }
    }
}

impl App {
    pub(crate) fn settle_members(&mut self, height: usize) {
        let of = self.image();
        if of != self.workspace.members_pane.of {
            self.workspace.members_pane = MembersPane { of, stale: true, ..MembersPane::default() };
        }
        if std::mem::take(&mut self.workspace.members_pane.stale) {
            self.workspace.members_pane.list.rows =
                of.map(|ix| self.workspace.rows_in_view(ix)).unwrap_or_default();
            self.find_member();
            // Its rows may be other members now.
            self.workspace.members_pane.list.cursor.end();
        }
        self.workspace.members_pane.list.fit(height);
    }

    fn find_member(&mut self) {
        let MembersPane { of: Some(ix), anchor: Some(anchor), list, .. } =
            &mut self.workspace.members_pane
        else {
            return;
        };
        let rows = self.workspace.inventory.rows(*ix);
        if let Some(at) = list.rows.iter().position(|at| rows[*at].member == *anchor) {
            list.cursor.at = at;
        }
    }

    /// Moves the cursor of the members pane.
    pub(crate) fn go_to_member(&mut self, at: usize) {
        self.workspace.members_pane.list.go(at);
        self.workspace.members_pane.anchor = self.row().map(|(_, row)| row.member);
    }
}

/// The state of the list of received images. Answers are selected by image: the share is always the project's own.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Whether they are listed instead of the project's own.
    pub(crate) shown: bool,
    /// Whether they are loaded together with the project's own.
    pub(crate) read: bool,
    /// Those selected for an answer.
    pub(crate) chosen: BTreeSet<ImageId>,
}

impl App {
    /// The project's own answer to a received image, as far as it is known.
    pub(crate) fn own_status(&self, ix: ImageIx) -> Option<&MemberStatus> {
        let row = self.workspace.inventory.rows(ix).iter().find(|row| self.is_own(row.member))?;
        Some(self.workspace.inventory.status(row))
    }

    fn is_own(&self, member: MemberIx) -> bool {
        let id = ProjectId(self.workspace.inventory.member(member).id.clone());
        self.scope().is_some_and(|scope| scope.project_id.is(&id))
    }

    /// The project's own shares of received images, named as the cloud names them.
    pub(crate) fn own_shares(&self, images: impl IntoIterator<Item = ImageId>) -> Marks {
        let Some(scope) = self.scope() else { return Marks::default() };
        let share = |image: ImageId| {
            let ix = self.workspace.inventory.find(&image);
            let rows = ix.map(|ix| self.workspace.inventory.rows(ix)).unwrap_or_default();
            let listed = rows.iter().map(|row| row.member).find(|member| self.is_own(*member));
            let member = listed.map(|member| self.workspace.inventory.member(member).clone());
            let member = member.unwrap_or_else(|| Member::project(scope.project_id.0.clone()));
            Share { image, member }
        };
        images.into_iter().map(share).collect()
    }

    /// Requests the members of images that came into view, unless that was the last request.
    pub(crate) fn prioritize_visible(&mut self) -> Vec<Effect> {
        let Some(all_scopes) = self.all_scopes.as_ref().filter(|_| self.lists_all_scopes()) else {
            return self.workspace.prioritize_visible(None, self.view).into_iter().collect();
        };
        let window = all_scopes.list.window();
        let mut in_view: HashMap<SessionId, Vec<ImageIx>> = HashMap::new();
        for (session, ix) in &all_scopes.list.rows[window] {
            in_view.entry(*session).or_default().push(*ix);
        }
        let workspaces = std::iter::once(&mut self.workspace).chain(&mut self.background);
        let in_view =
            |workspace: &Workspace| in_view.get(&workspace.session).cloned().unwrap_or_default();
        workspaces
            .filter_map(|workspace| {
                workspace.prioritize_visible(Some(in_view(workspace)), ViewId::Images)
            })
            .collect()
    }
}

impl Workspace {
    /// Requests the members of these images, or else of those in the window; the one under the cursor first.
    fn prioritize_visible(&mut self, these: Option<Vec<ImageIx>>, view: ViewId) -> Option<Effect> {
        let Phase::Open(_) = self.phase else { return None };
        let (visible, cursor) = match view {
            ViewId::Matrix => (&self.matrix.rows, &self.matrix.row),
            _ => (&self.images.list.rows, &self.images.list.cursor),
        };
        let under = cursor.current(visible);
        let window = || visible[cursor.window(visible.len())].to_vec();
        let window = these.unwrap_or_else(window).into_iter();
        let wanted = under.into_iter().chain(window.filter(|ix| Some(*ix) != under));
        let wanted: Vec<ImageIx> = wanted.filter(|ix| self.is_wanted(*ix)).collect();
        if wanted.is_empty() || wanted == self.images.asked {
            return None;
        }
        let images = wanted.iter().map(|ix| self.inventory.image(*ix).id.clone()).collect();
        self.images.asked = wanted;
        Some(Effect::Ask(Command::Prioritize { session: self.session, images }))
    }

    fn is_wanted(&self, ix: ImageIx) -> bool {
        let read_in = self.images.read_in.get(ix.0 as usize);
        let old = self.reading.is_some() && read_in != Some(&self.images.epoch);
        old || *self.inventory.list(ix) == MemberList::Unread
    }
}
