//! Lists in pages, by whichever of the three rules the cloud follows: a `next` link (Glance, native IMS), a marker
//! in `page_info` (newer Huawei Cloud), or nothing at all, where the last id is the marker (IMS; what Huawei's
//! own Terraform provider does). A list that cannot be read to its end is an error: a cut list would hide shares.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::base::Base;
use super::loose::Loose;
use super::service::{json_trouble, malformed};
use super::{CloudError, Page, PageMark};
use crate::domain::request::segment;
use crate::http::Answer;

/// What a list's answer says about going on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Clue {
    /// `next`.
    link: Option<String>,
    /// `page_info` was there.
    told: bool,
    /// `page_info.next_marker`.
    marker: Option<String>,
}

/// Entries of a list, unread.
pub(super) struct Entries<'a> {
    pub(super) entries: Vec<&'a RawValue>,
    pub(super) clue: Clue,
}

/// Entries of one page, at most. Pages of 1000 are asked for; a member list has no pages on Glance.
const MOST: usize = 100_000;

/// The entries of a list, as many as a page may have.
struct Rows<'a> {
    kept: Vec<&'a RawValue>,
    more: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Rows<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match seq.next_element()? {
                Some(row) => kept.push(row),
                None => return Ok(Rows { kept, more: false }),
            }
        }
        let mut more = false;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok(Rows { kept, more })
    }
}

#[derive(Deserialize)]
struct ListBody<'a> {
    #[serde(borrow)]
    images: Option<Rows<'a>>,
    #[serde(borrow)]
    members: Option<Rows<'a>>,
    #[serde(default)]
    next: Loose,
    page_info: Option<PageInfo>,
}

#[derive(Deserialize)]
struct PageInfo {
    #[serde(default)]
    next_marker: Loose,
}

/// Which list an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Images,
    Members,
}

pub(super) fn entries(answer: &Answer, of: Of) -> Result<Entries<'_>, CloudError> {
    let body: ListBody<'_> = serde_json::from_slice(&answer.body)
        .map_err(|error| malformed(answer, &json_trouble(&error)))?;
    let entries = match of {
        Of::Images => body.images,
        Of::Members => body.members,
    };
    let entries = entries.ok_or_else(|| malformed(answer, "there is no list in it"))?;
    if entries.more {
        return Err(CloudError::TooLong(format!("more than {MOST} entries on one page")));
    }
    let told = body.page_info.is_some();
    let marker = body.page_info.and_then(|info| info.next_marker.text().map(str::to_owned));
    let link = body.next.text().map(str::to_owned);
    Ok(Entries { entries: entries.kept, clue: Clue { link, told, marker } })
}

impl Entries<'_> {
    /// Reads every entry; those that make no sense are counted, and hide no others.
    pub(super) fn read<T>(&self, one: impl Fn(&str) -> Option<T>) -> Page<T> {
        let items: Vec<T> = self.entries.iter().filter_map(|entry| one(entry.get())).collect();
        let unreadable = self.entries.len() - items.len();
        Page { items, unreadable, next: None }
    }
}

/// Where a list stands: what was asked, and what is known about how it goes on.
pub(super) struct Position<'a> {
    pub(super) base: &'a Base,
    /// Path and query of the first page.
    pub(super) first: &'a str,
    /// The page that was asked for.
    pub(super) current: Option<&'a PageMark>,
}

/// Marks of a list whose pages say how it goes on begin with this, so that the last page need not say it again.
const TOLD: &str = "told:";

impl Position<'_> {
    /// Path and query of the page to ask for.
    pub(super) fn path(&self) -> &str {
        self.current.map_or(self.first, |mark| mark.0.strip_prefix(TOLD).unwrap_or(&mark.0))
    }

    /// The next page, where only the answer tells.
    pub(super) fn told(&self, clue: &Clue) -> Result<Option<PageMark>, String> {
        let next = match (&clue.link, &clue.marker) {
            (Some(link), _) => self.base.mark(self.path(), link)?.0,
            (None, Some(marker)) => self.after(marker),
            (None, None) => return Ok(None),
        };
        self.moving(PageMark(format!("{TOLD}{next}"))).map(Some)
    }

    /// The next page, where the answer may say nothing: then the list goes on after the last id until a page is
    /// empty, not merely short, for a server may cap pages below the limit asked for. `ids` are those of this page.
    pub(super) fn told_or_guessed(
        &self,
        clue: &Clue,
        ids: &[&str],
        unreadable: usize,
    ) -> Result<Option<PageMark>, String> {
        let knows = self.current.is_some_and(|mark| mark.0.starts_with(TOLD));
        if knows || clue.told || clue.link.is_some() {
            return self.told(clue);
        }
        let Some(last) = ids.last() else {
            return match unreadable {
                0 => Ok(None),
                _ => Err("no entry of the page has an id, so there is no way on".into()),
            };
        };
        let next = PageMark(self.after(last));
        // A server that begins a page with its marker ends with a page of nothing else.
        if self.current == Some(&next) && ids.iter().all(|id| id == last) && unreadable == 0 {
            return Ok(None);
        }
        self.moving(next).map(Some)
    }

    /// The first page's query with a marker: the marker as it was received, escaped.
    fn after(&self, marker: &str) -> String {
        let joint = if self.first.contains('?') { '&' } else { '?' };
        format!("{}{joint}marker={}", self.first, segment(marker))
    }

    fn moving(&self, next: PageMark) -> Result<PageMark, String> {
        if self.current == Some(&next) {
            return Err("the list goes round in a circle: the next page is this one again".into());
        }
        Ok(next)
    }
}
