//! The Matrix view: the images of its rows and the members of its columns, their order, and the cursor.
//!
//! Both sides are positions into the inventory, rebuilt once after a change. Cells are not kept: those on the screen
//! are looked up when they are painted.

use crate::tui::views::matrix::layout;
use std::cmp::Reverse;
use std::ops::RangeInclusive;

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::filter::{Scratch, ShareFilter};
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::text;
use crate::tui::views::ViewId;
use crate::tui::views::images::state::Images;
use crate::tui::views::images::state::Ownership;
use crate::tui::views::matrix::cluster::{Incidence, cluster};
use domain::{Image, ImageIx, Inventory, Marks, MemberIx, MemberList, Moment, Row};

/// The sort order of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// Similar ones beside each other.
    #[default]
    Likeness,
    Name,
    /// Most shares in view first.
    Shares,
}

impl Order {
    /// The next one, wrapping around.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Likeness => Self::Name,
            Self::Name => Self::Shares,
            Self::Shares => Self::Likeness,
        }
    }

    /// The name shown on the screen.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Likeness => "likeness",
            Self::Name => "name",
            Self::Shares => "shares",
        }
    }
}

/// Statistics of the lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Number of own images, before the filter.
    pub(crate) images: usize,
    /// Number of shares in view.
    pub(crate) shares: usize,
    /// Number of images excluded because they are not shared.
    pub(crate) empty: usize,
    /// Number of listed images whose members are unknown.
    pub(crate) unknown: usize,
    /// Images left out because the filter asks about members that are not known.
    pub(crate) undecided: usize,
    /// Width of the longest name of an image, and of a member, in columns.
    pub(crate) widest: (usize, usize),
}

/// The state of the view.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) rows: Vec<ImageIx>,
    pub(crate) columns: Vec<MemberIx>,
    pub(crate) row: Cursor<ImageIx>,
    pub(crate) column: Cursor<MemberIx>,
    pub(crate) rows_by: Order,
    pub(crate) columns_by: Order,
    /// The corner where the rectangle began; the cursor is at the opposite one. `None` without a rectangle.
    pub(crate) corner: Option<(ImageIx, MemberIx)>,
    /// Number of shares in view inside the rectangle.
    pub(crate) inside: usize,
    /// The rectangle that was counted, and the revision of the inventory.
    pub(crate) inside_of: Option<(Span, Span, u64)>,
    /// Whether images without members are listed too.
    pub(crate) with_empty: bool,
    pub(crate) only_marked: bool,
    pub(crate) filter: FilterLine,
    pub(crate) facts: Facts,
    shares: ShareFilter,
    /// Number of shares in view of each member, by [`MemberIx`].
    counts: Vec<u32>,
    /// Column of each member, by [`MemberIx`].
    places: Vec<u32>,
    scratch: Scratch,
    stale: bool,
    /// The revision of the inventory behind the lists, and when they were made.
    made: Option<(u64, Moment)>,
}

/// A range of rows or columns.
pub(crate) type Span = RangeInclusive<usize>;

const NOWHERE: u32 = u32::MAX;

impl Matrix {
    /// Marks the lists as out of date.
    pub(crate) fn changed(&mut self) {
        self.stale = true;
    }

    /// Call after marks were added or removed.
    pub(crate) fn marks_changed(&mut self) {
        self.stale |= self.only_marked;
    }

    /// Whether the filter or "only marked" hides something.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.is_set() || self.only_marked
    }

    /// Image and member under the cursor.
    pub(crate) fn under(&self) -> Option<(ImageIx, MemberIx)> {
        Some((self.row.current(&self.rows)?, self.column.current(&self.columns)?))
    }

    /// Number of shares in view of a member.
    pub(crate) fn count_of(&self, member: MemberIx) -> usize {
        self.counts.get(member.0 as usize).map_or(0, |count| *count as usize)
    }

    /// Rows and columns of the rectangle; `None` without one.
    pub(crate) fn rectangle(&self) -> Option<(Span, Span)> {
        let (image, member) = self.corner?;
        let row = self.rows.iter().position(|ix| *ix == image)?;
        let column = self.place(member)?;
        let span = |a: usize, b: usize| a.min(b)..=a.max(b);
        Some((span(row, self.row.at), span(column, self.column.at)))
    }

    pub(crate) fn place(&self, member: MemberIx) -> Option<usize> {
        let place = *self.places.get(member.0 as usize)?;
        (place != NOWHERE).then_some(place as usize)
    }

    /// Whether a share of a listed image passes the filter.
    pub(crate) fn passes(
        &self,
        inventory: &Inventory,
        marks: &Marks,
        image: &Image,
        row: &Row,
    ) -> bool {
        self.shares.passes(inventory, row)
            && (!self.only_marked || marks.contains(&image.id, inventory.member(row.member)))
    }

    /// While the inventory is loading, changes wait, so that a burst of answers is shown together:
    /// the longer the more there is to sort (a second for a million shares).
    fn is_due(&self, inventory: &Inventory, reading: bool, now: Moment) -> bool {
        let Some((revision, at)) = self.made.filter(|_| !self.stale) else { return true };
        let pause = i64::try_from(inventory.share_count() / 1000).unwrap_or(i64::MAX);
        revision != inventory.revision() && (!reading || now.0.saturating_sub(at.0) >= pause)
    }

    fn make(&mut self, workspace: &Surroundings<'_>, label: &dyn Fn(MemberIx) -> String) {
        let incidence = self.choose_rows(workspace);
        let counts = incidence.counts(workspace.inventory.members().len());
        let mut columns: Vec<MemberIx> = (0..)
            .zip(&counts)
            .filter(|(_, count)| **count > 0)
            .map(|(at, _)| MemberIx(at))
            .collect();
        columns.sort_by_cached_key(|ix| label(*ix).to_lowercase());
        self.facts.shares = incidence.cells();
        self.facts.widest = (
            self.rows.iter().map(|ix| text::width(workspace.images.folded(*ix))).max().unwrap_or(0),
            columns.iter().map(|ix| text::width(&label(*ix))).max().unwrap_or(0),
        );
        self.counts = counts;
        self.columns = columns;
        self.sort(incidence);
        self.row.find(&self.rows);
        self.column.find(&self.columns);
        self.inside_of = None;
        if self.rectangle().is_none() {
            self.corner = None;
        }
    }

    /// Lists what passes the filter, in the order of names, and the members of each.
    fn choose_rows(&mut self, workspace: &Surroundings<'_>) -> Incidence {
        let mut incidence = Incidence::default();
        self.rows.clear();
        self.facts = Facts::default();
        for ix in workspace.images.by_name().iter().copied() {
            let image = workspace.inventory.image(ix);
            if workspace.side.is_received(image) {
                continue;
            }
            self.facts.images += 1;
            if self.filter.parsed().image(image, &mut self.scratch)
                && self.takes(ix, workspace, &mut incidence)
            {
                self.rows.push(ix);
                incidence.end_row();
            }
        }
        incidence
    }

    /// Whether an image is listed; if it is, adds its members to the row.
    fn takes(
        &mut self,
        ix: ImageIx,
        workspace: &Surroundings<'_>,
        incidence: &mut Incidence,
    ) -> bool {
        let Surroundings { inventory, marks, .. } = workspace;
        let image = inventory.image(ix);
        if self.only_marked && marks.count_of(&image.id) == 0 {
            return false;
        }
        match inventory.list(ix) {
            MemberList::Unread | MemberList::Failed(_) if self.shares.is_open() => {
                self.facts.unknown += 1;
                true
            }
            MemberList::Unread | MemberList::Failed(_) => {
                self.facts.undecided += 1;
                false
            }
            MemberList::Read(rows) if !rows.is_empty() => {
                let passing = rows.iter().filter(|row| self.passes(inventory, marks, image, row));
                passing.for_each(|row| incidence.cell(row.member.0));
                incidence.filled() > 0
            }
            MemberList::Read(_) | MemberList::DoNotApply => {
                let listed = self.with_empty && self.shares.is_open();
                self.facts.empty += usize::from(!listed);
                listed
            }
        }
    }

    /// Sorts both sides, which are in the order of names before.
    fn sort(&mut self, mut incidence: Incidence) {
        self.number_columns();
        incidence.renumber(&self.places);
        let clustered = [self.rows_by, self.columns_by].contains(&Order::Likeness);
        let (down, across) =
            if clustered { cluster(&incidence, self.columns.len()) } else { Default::default() };
        match self.rows_by {
            Order::Name => {}
            Order::Likeness => self.rows = picked(&self.rows, &down),
            Order::Shares => {
                let mut order: Vec<u32> = (0..).take(self.rows.len()).collect();
                order.sort_by_key(|row| Reverse(incidence.row(*row as usize).len()));
                self.rows = picked(&self.rows, &order);
            }
        }
        match self.columns_by {
            Order::Name => {}
            Order::Likeness => self.columns = picked(&self.columns, &across),
            Order::Shares => {
                let counts = &self.counts;
                self.columns.sort_by_key(|ix| Reverse(counts[ix.0 as usize]));
            }
        }
        self.number_columns();
    }

    fn number_columns(&mut self) {
        self.places.clear();
        self.places.resize(self.counts.len(), NOWHERE);
        for (place, ix) in (0..).zip(&self.columns) {
            self.places[ix.0 as usize] = place;
        }
    }
}

fn picked<T: Copy>(from: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|at| from[*at as usize]).collect()
}

/// The inputs of the lists.
struct Surroundings<'a> {
    images: &'a Images,
    inventory: &'a Inventory,
    marks: &'a Marks,
    side: Ownership,
}

impl Workspace {
    /// Whether the filter of the matrix lets a share through.
    pub(crate) fn shows_in_matrix(&self, image: ImageIx, row: &Row) -> bool {
        self.matrix.passes(&self.inventory, &self.marks, self.inventory.image(image), row)
    }
}

impl App {
    /// Updates the view if it is the current one.
    pub(crate) fn settle_matrix(&mut self, main: ratatui::layout::Rect) {
        if self.view != ViewId::Matrix {
            return;
        }
        let side = self.workspace.own_images();
        let Self { workspace, names, now, .. } = self;
        let Workspace { matrix, images, inventory, marks, reading, .. } = workspace;
        if matrix.filter.take_change() {
            matrix.changed();
        }
        if matrix.is_due(inventory, reading.is_some(), *now) {
            matrix.stale = false;
            matrix.made = Some((inventory.revision(), *now));
            matrix.shares = ShareFilter::new(matrix.filter.parsed(), inventory, names);
            let label = |ix: MemberIx| {
                let member = inventory.member(ix);
                names.of(member).map_or_else(|| member.id.to_string(), |name| name.name.to_string())
            };
            matrix.make(&Surroundings { images, inventory, marks, side }, &label);
        }
        let areas = layout::matrix(main, matrix.facts.widest);
        matrix.row.fit(matrix.rows.len(), usize::from(areas.cells.height));
        matrix.column.fit(matrix.columns.len(), areas.columns());
        self.count_rectangle();
    }
}
