//! Whether a list in pages leads on. Evidence of a loop ends it, never the number of entries.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};

use cloud::clients::{PageMark, Unreadable};

/// Pages in a row without any entry, at most. Glance mixes own images among received ones, which are left out, by the
/// thousand where a project has that many (seen, Glance 33).
const MOST_EMPTY: usize = 1000;

/// Beyond [`MOST_EMPTY`] pages, a page is expected to bring this many new entries: pages of 50 and more are requested, and
/// no cloud is known that gives fewer than 25.
const FULL_ENOUGH: usize = 10;

/// What is known of a list so far: a few bytes an entry, and nothing more a page.
#[derive(Debug, Default)]
pub(super) struct Paging {
    hasher: RandomState,
    /// Hashes of the IDs seen.
    seen: HashSet<u64>,
    pages: usize,
    /// Pages since the last one with an entry.
    empty: usize,
    /// Whether the last page had entries, and all of them had been on earlier pages.
    repeated: bool,
    /// A mark from before; a loop comes back to it (Brent's algorithm: it is replaced at every power of two).
    checkpoint: Option<PageMark>,
    unreadable: Option<(Unreadable, usize)>,
}

impl Paging {
    /// Takes note of a page: the IDs on it, and what could not be read.
    pub(super) fn page(
        &mut self,
        ids: impl IntoIterator<Item = impl Hash>,
        unreadable: Option<Unreadable>,
    ) {
        self.pages += 1;
        let (mut entries, before) = (0_usize, self.seen.len());
        for id in ids {
            entries += 1;
            self.seen.insert(self.hasher.hash_one(id));
        }
        self.repeated = entries > 0 && self.seen.len() == before;
        self.empty = if entries == 0 { self.empty + 1 } else { 0 };
        match (&mut self.unreadable, unreadable) {
            (Some((known, _)), Some(more)) => known.count += more.count,
            (unknown, Some(first)) => *unknown = Some((first, self.pages)),
            (_, None) => {}
        }
    }

    /// Whether the list may go on at `next`; if not, why it is taken for a loop.
    pub(super) fn check_next(&mut self, next: &PageMark) -> Result<(), String> {
        if self.repeated || self.checkpoint.as_ref() == Some(next) {
            return Err("its pages repeat and do not end".into());
        }
        if self.pages.is_power_of_two() {
            self.checkpoint = Some(next.clone());
        }
        let entries = self.seen.len();
        if self.empty >= MOST_EMPTY || self.pages > MOST_EMPTY + entries / FULL_ENOUGH {
            let pages = self.pages;
            return Err(format!("its pages do not end: {entries} entries on {pages} pages"));
        }
        Ok(())
    }

    /// Which entries could not be read, and why.
    pub(super) fn unreadable(&self) -> Option<String> {
        let (Unreadable { count, position, why }, page) = self.unreadable.as_ref()?;
        let first = format!("entry {position} of page {page} {why}");
        Some(match count {
            1 => format!("1 entry is unreadable: {first}"),
            _ => format!("{count} entries are unreadable; the first: {first}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: usize) -> PageMark {
        PageMark(at.to_string())
    }

    /// After how many pages of this size, all with new entries, a list is given up.
    fn given_up_after(size: usize, pages: usize) -> Option<usize> {
        let mut paging = Paging::default();
        (1..=pages).find(|page| {
            paging.page((0..size).map(|at| (*page, at)), None);
            paging.check_next(&mark(*page)).is_err()
        })
    }

    #[test]
    fn a_list_that_yields_new_entries_is_followed_however_long_it_is() {
        assert_eq!(given_up_after(1000, 1000), None, "1,000,000 entries");
        assert_eq!(given_up_after(25, 10_000), None);
        assert_eq!(given_up_after(1, 5000), Some(1112), "a server that drips");
        assert_eq!(given_up_after(0, 5000), Some(1000));
    }

    #[test]
    fn a_page_of_known_entries_under_a_new_mark_ends_the_list() {
        let mut paging = Paging::default();
        paging.page(["a", "b"], None);
        assert_eq!(paging.check_next(&mark(1)), Ok(()));
        paging.page(["b", "a"], None);
        assert!(paging.check_next(&mark(2)).is_err());
    }

    #[test]
    fn marks_that_come_back_end_the_list_even_if_pages_are_empty_or_new() {
        for (before, around) in [(0, 1), (0, 2), (5, 3), (100, 40)] {
            for entries in [0, 50] {
                let mut paging = Paging::default();
                let stopped = (0..1000).find(|page| {
                    paging.page((0..entries).map(|at| (*page, at)), None);
                    let at = if *page < before { *page } else { before + (page - before) % around };
                    paging.check_next(&mark(at)).is_err()
                });
                let stopped = stopped.unwrap();
                assert!(stopped <= 3 * (before + around), "{before} {around}: {stopped}");
            }
        }
    }

    #[test]
    fn unreadable_entries_are_counted_and_the_first_is_named() {
        let entry = |position, why: &str| Some(Unreadable { count: 1, position, why: why.into() });
        let mut paging = Paging::default();
        assert_eq!(paging.unreadable(), None);
        paging.page(["a"], None);
        paging.page(["b"], entry(3, "has no `id`"));
        assert_eq!(
            paging.unreadable().unwrap(),
            "1 entry is unreadable: entry 3 of page 2 has no `id`"
        );
        paging.page(["c"], entry(1, "is null"));
        assert_eq!(
            paging.unreadable().unwrap(),
            "2 entries are unreadable; the first: entry 3 of page 2 has no `id`"
        );
    }
}
