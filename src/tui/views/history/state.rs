//! The History view: the operations in the journal, as far as they are loaded, and details of each.

use crate::tui::overlays::pages;
use crate::tui::views::history::panes;
use crate::tui::views::history::receipt;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::ui::filter::Scratch;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout;
use crate::tui::ui::list::List;
use crate::tui::views::ViewId;
use domain::operation::Comparison;
use domain::{Moment, Operation, OperationId, Outcome};
use engine::{Command, Filter as Wanted, Summary};

/// Operations in one page of the journal.
const PAGE: usize = 200;
/// A filter loads at most this many operations by itself.
const ENOUGH: usize = 5_000;

/// The pane with the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum HistoryFocus {
    #[default]
    Operations,
    Receipt,
}

/// One operation of the list.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) summary: Summary,
    /// The whole operation, once loaded. Those of this run are in [`Jobs`](crate::tui::views::jobs::state::Jobs).
    operation: Option<Box<Operation>>,
    /// Why it could not be loaded.
    pub(crate) lost: Option<String>,
    /// IDs of its images and members, in lower case, as far as they are known.
    ids: String,
}

/// A verification after the receipt.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub(crate) at: Moment,
    pub(crate) shares: Vec<Comparison>,
}

/// A verification in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verifying {
    pub(crate) operation: OperationId,
    pub(crate) read: usize,
    pub(crate) of: usize,
}

/// The list and the receipt beside it.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Never reordered, so positions stay valid until the list is reloaded.
    pub(crate) entries: Vec<Entry>,
    places: HashMap<OperationId, usize>,
    /// Those that pass the filter, newest first.
    pub(crate) list: List<usize>,
    pub(crate) focus: HistoryFocus,
    pub(crate) filter: FilterLine,
    scratch: Scratch,
    stale: bool,
    /// Counts the requested pages.
    ticket: u32,
    waiting: bool,
    oldest: Option<OperationId>,
    /// Whether the whole journal is loaded.
    pub(crate) complete: bool,
    /// Why nothing more can be loaded.
    pub(crate) failure: Option<String>,
    recalling: Option<OperationId>,
    pub(crate) verifying: Option<Verifying>,
    pub(crate) again: HashMap<OperationId, Again>,
    /// The receipt under the cursor, as lines.
    pub(crate) lines: Vec<(String, Style)>,
    lines_of: Option<(OperationId, usize)>,
    /// The first line in the window.
    pub(crate) scroll: usize,
}

impl History {
    /// Reloads everything when next shown. Results of verification are kept.
    pub(crate) fn forget(&mut self) {
        let old = std::mem::take(self);
        let Self { ticket, filter, focus, verifying, again, .. } = old;
        let kept = Self { focus, filter, verifying, again, ..Self::default() };
        *self = Self { ticket: ticket + 1, stale: true, ..kept };
    }

    /// The operation under the cursor.
    pub(crate) fn current(&self) -> Option<&Entry> {
        self.entries.get(self.list.current()?)
    }

    /// The known operations that undo this one.
    pub(crate) fn undone_by(&self, id: &OperationId) -> Vec<OperationId> {
        let entry = self.places.get(id).and_then(|at| self.entries.get(*at));
        entry.map(|entry| entry.summary.undone_by.clone()).unwrap_or_default()
    }

    /// Receives a page of the journal.
    pub(crate) fn page(&mut self, ticket: u32, page: Result<Vec<Summary>, String>) {
        if ticket != self.ticket {
            return;
        }
        self.waiting = false;
        match page {
            Err(failure) => self.failure = Some(failure),
            Ok(page) => {
                self.complete = page.len() < PAGE;
                self.oldest = page.last().map(|summary| summary.id.clone()).or(self.oldest.take());
                for summary in page {
                    self.put(summary);
                }
            }
        }
    }

    /// An operation was loaded, or loading it failed.
    pub(crate) fn recalled(&mut self, recalled: Result<Box<Operation>, String>) {
        let asked = self.recalling.take();
        let id = recalled.as_ref().map_or(asked, |operation| Some(operation.id.clone()));
        let Some(at) = id.and_then(|id| self.places.get(&id)) else { return };
        let entry = &mut self.entries[*at];
        match recalled {
            Err(why) => entry.lost = Some(why),
            Ok(operation) => {
                entry.ids = ids(&operation);
                entry.operation = Some(operation);
            }
        }
        (self.stale, self.lines_of) = (true, None);
    }

    /// Marks the receipt as out of date.
    pub(crate) fn receipt_changed(&mut self) {
        self.lines_of = None;
    }

    fn put(&mut self, summary: Summary) {
        self.stale = true;
        if let Some(at) = self.places.get(&summary.id) {
            self.entries[*at].summary = summary;
        } else {
            self.places.insert(summary.id.clone(), self.entries.len());
            let ids = String::new();
            self.entries.push(Entry { summary, operation: None, lost: None, ids });
        }
    }

    /// Takes an operation of this session in its current state.
    fn follow(&mut self, operation: &Operation) {
        let known = self.places.get(&operation.id).copied();
        let settled = known.is_some_and(|at| !self.entries[at].summary.open);
        if settled && !operation.is_open() {
            return;
        }
        let undone_by = known.map(|at| self.entries[at].summary.undone_by.clone());
        self.put(summary(operation, undone_by.unwrap_or_default()));
        let at = self.places[&operation.id];
        if self.entries[at].ids.is_empty() {
            self.entries[at].ids = ids(operation);
        }
        let undone = operation.undoes.as_ref().and_then(|id| self.places.get(id).copied());
        if let Some(undone) = undone.map(|at| &mut self.entries[at].summary.undone_by)
            && !undone.contains(&operation.id)
        {
            undone.push(operation.id.clone());
        }
        self.lines_of = None;
    }

    fn choose(&mut self) {
        let Self { entries, filter, scratch, .. } = self;
        let passes = |at: &usize| {
            let Entry { summary, ids, .. } = &entries[*at];
            let scope = &summary.scope;
            let words = [
                Some(summary.kind.word()),
                Some(&*scope.cloud),
                scope.region.as_deref(),
                scope.user.as_ref().map(domain::Text::raw),
                scope.project_name.as_ref().map(domain::Text::raw),
            ];
            let own = [&*summary.id.0, scope.project_id.0.raw(), ids];
            filter.parsed().record(&words.into_iter().flatten(), &own, scratch)
        };
        let mut visible: Vec<usize> = (0..entries.len()).filter(passes).collect();
        let age = |at: &usize| {
            let Summary { started_at, id, .. } = &entries[*at].summary;
            Reverse((*started_at, id))
        };
        visible.sort_by(|a, b| age(a).cmp(&age(b)));
        self.list.set(visible);
    }

    /// Whether the cursor is so near the end of the list that more has to be loaded.
    fn wants_more(&self) -> bool {
        let near =
            self.list.cursor.at + 2 * self.list.cursor.height.max(20) >= self.list.rows.len();
        let filtered = self.filter.is_set();
        let searched = filtered && self.entries.len() >= ENOUGH;
        let at_end = self.list.cursor.at + 1 >= self.list.rows.len();
        near && (!searched || at_end && self.list.rows.len() > 1)
    }
}

/// The journal's summary of an operation.
fn summary(operation: &Operation, undone_by: Vec<OperationId>) -> Summary {
    let Operation { id, kind, undoes, scope, started_at, ended_at, stage, .. } = operation.clone();
    Summary {
        id,
        kind,
        scope,
        started_at,
        ended_at,
        stage,
        open: operation.is_open(),
        shares: operation.shares.len(),
        undoes,
        undone_by,
        done: operation.count(Outcome::Done),
        failed: operation.count(Outcome::Failed),
        needless: operation.count(Outcome::Needless),
        unknown: operation.count(Outcome::Unknown),
    }
}

fn ids(operation: &Operation) -> String {
    let shares = operation.shares.iter();
    let ids: BTreeSet<&str> = shares
        .flat_map(|record| [record.share.image.raw(), record.share.member.id.raw()])
        .collect();
    ids.into_iter().collect::<Vec<_>>().join("\n").to_lowercase()
}

impl App {
    /// The whole operation under the cursor, once known.
    pub(crate) fn remembered(&self) -> Option<&Operation> {
        let entry = self.history.current()?;
        let live = self.jobs.operations.iter().rev().find(|it| it.id == entry.summary.id);
        live.or(entry.operation.as_deref())
    }

    /// Loads missing data. Called before every frame, after the list is settled.
    pub(crate) fn request_history(&mut self) -> Vec<Effect> {
        if self.view != ViewId::History {
            return Vec::new();
        }
        self.next_page().into_iter().chain(self.recall()).map(Effect::Ask).collect()
    }

    fn next_page(&mut self) -> Option<Command> {
        let history = &mut self.history;
        let idle = !history.waiting && !history.complete && history.failure.is_none();
        if !idle || !history.wants_more() {
            return None;
        }
        history.waiting = true;
        history.ticket += 1;
        Some(Command::ListHistory {
            ticket: history.ticket,
            filter: Wanted::default(),
            before: history.oldest.clone(),
            limit: PAGE,
        })
    }

    fn recall(&mut self) -> Option<Command> {
        let entry = self.history.current()?;
        if self.history.recalling.is_some() || entry.lost.is_some() || self.remembered().is_some() {
            return None;
        }
        let id = entry.summary.id.clone();
        self.history.recalling = Some(id.clone());
        Some(Command::FindOperation(id.0))
    }

    fn settle_list(&mut self) {
        let Self { history, jobs, .. } = self;
        jobs.operations.iter().for_each(|operation| history.follow(operation));
        if history.filter.take_change() | std::mem::take(&mut history.stale) {
            history.choose();
        }
    }

    /// Updates list, cursor, receipt and scroll position.
    pub(crate) fn settle_history(&mut self, main: Rect) {
        if self.view != ViewId::History {
            return;
        }
        self.settle_list();
        let [list, receipt] = panes(main, self.history.list.rows.len());
        let receipt = layout::inner(receipt);
        let width = pages::width(self, receipt.width.saturating_sub(2));
        let height = usize::from(receipt.height);
        self.history.list.fit(usize::from(layout::rows(list)));
        let wanted = self.history.current().map(|entry| (entry.summary.id.clone(), width));
        if self.history.lines_of != wanted || wanted.is_none() {
            let same = |(id, _): &(OperationId, usize)| {
                wanted.as_ref().is_some_and(|(wanted, _)| wanted == id)
            };
            let kept = self.history.lines_of.as_ref().is_none_or(same);
            self.history.lines = receipt::lines(self, width);
            self.history.scroll = if kept { self.history.scroll } else { 0 };
            self.history.lines_of = wanted;
        }
        let most = self.history.lines.len().saturating_sub(height);
        self.history.scroll = self.history.scroll.min(most);
    }
}
