//! Lists in pages, by whichever of the three rules the cloud follows: a `next` link (Glance, native IMS), a marker
//! in `page_info` (newer Huawei Cloud), or nothing at all, where the last id is the marker (IMS; what Huawei's
//! own Terraform provider does). A list that cannot be read to its end is an error: a cut list would hide shares.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::base::Base;
use super::lenient::Lenient;
use super::list_stream::{Listed, Row};
use super::service::malformed;
use super::{CloudError, Page, PageMark, Service, Unreadable};
use crate::http::Answer;
use domain::request::segment;

/// What a list's answer says about going on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Clue {
    /// `next`.
    link: Option<String>,
    /// `page_info` was there.
    told: bool,
    /// `page_info.next_marker`.
    marker: Option<String>,
    /// `page_info.current_count`: entries of this page.
    count: Option<u64>,
}

/// What a page is, when its list is left out of it.
#[derive(Deserialize)]
pub(super) struct Frame {
    #[expect(
        dead_code,
        reason = "a list that is none is an error, and so is one that is there twice"
    )]
    images: Option<Vec<IgnoredAny>>,
    #[expect(dead_code, reason = "the same")]
    members: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    next: Lenient,
    page_info: Option<PageInfo>,
}

#[derive(Deserialize)]
struct PageInfo {
    #[serde(default)]
    next_marker: Lenient,
    #[serde(default)]
    current_count: Lenient,
}

impl Frame {
    pub(super) fn clue(self) -> Clue {
        let link = self.next.text().map(str::to_owned);
        let Some(info) = self.page_info else { return Clue { link, ..Clue::default() } };
        let count = info.current_count.number();
        Clue { link, told: true, marker: info.next_marker.text().map(str::to_owned), count }
    }
}

/// What it means when no page of a list says how it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The list ends.
    End,
    /// The list goes on after the last id.
    GoOn,
}

/// Reads a page of a list: the first where `current` is `None`. `first` is path and query of it.
pub(super) async fn page<T: Row>(
    service: &Service,
    first: &str,
    current: Option<&PageMark>,
    silence: Silence,
) -> Result<Page<T>, CloudError> {
    let position = Position { base: service.base(), first, current };
    let (answer, listed) = read_page::<T>(service, position.path()).await?;
    let (items, unreadable, clue) = (listed.items, listed.unreadable, listed.rest.clue());
    let next = match silence {
        Silence::End => position.told(&clue),
        Silence::GoOn => {
            let ids: Vec<&str> = items.iter().map(Row::id).collect();
            position.told_or_guessed(&clue, &ids, unreadable.is_none())
        }
    };
    let next = next.map_err(|trouble| malformed(&answer, &trouble))?;
    let came = (items.len() + Unreadable::count(unreadable.as_ref())) as u64;
    match clue.count {
        Some(count) if count > came && next.is_none() => Err(malformed(
            &answer,
            &format!("it says that it has {count} entries, and {came} came"),
        )),
        _ => Ok(Page { items, unreadable, next }),
    }
}

/// What is tried after a page that took too long, in entries.
const SMALLER: [usize; 2] = [200, 50];

/// Reads a page. Where the service needs longer for it than this program or a gateway waits, smaller pages are requested,
/// now and from then on: a slow database often manages those.
async fn read_page<T: Row>(
    service: &Service,
    path: &str,
) -> Result<(Answer, Listed<T, Frame>), CloudError> {
    loop {
        let (path, limit) = with_limit(path, service.page_limit());
        let error = match service.get_list::<T, Frame>(&path).await {
            Err(error) if took_too_long(&error) => error,
            answered => return answered,
        };
        let smaller =
            SMALLER.into_iter().find(|smaller| limit.is_some_and(|limit| *smaller < limit));
        let Some(smaller) = smaller else { return Err(error) };
        tracing::info!(%error, limit, smaller, "the page took too long: requesting smaller ones");
        service.limit_pages(smaller);
    }
}

/// A gateway gave up waiting, or this program did.
fn took_too_long(error: &CloudError) -> bool {
    matches!(error, CloudError::Lost(_))
        || matches!(error, CloudError::Answered(refusal) if refusal.status == 504)
}

/// The path with `limit` at most this, and what it is then; `None` where the path has no `limit`.
fn with_limit(path: &str, most: usize) -> (String, Option<usize>) {
    let Some((before, query)) = path.split_once('?') else { return (path.to_owned(), None) };
    let mut found = None;
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.strip_prefix("limit=").and_then(|limit| limit.parse().ok()) {
            Some(limit) => {
                let limit = most.min(limit);
                found = Some(limit);
                format!("limit={limit}")
            }
            None => pair.to_owned(),
        })
        .collect();
    (format!("{before}?{}", pairs.join("&")), found)
}

/// Where a list stands: what was asked, and what is known about how it goes on.
struct Position<'a> {
    base: &'a Base,
    /// Path and query of the first page.
    first: &'a str,
    /// The page that was asked for.
    current: Option<&'a PageMark>,
}

/// Marks of a list whose pages say how it goes on begin with this, so that the last page need not say it again.
const TOLD: &str = "told:";

impl Position<'_> {
    /// Path and query of the page to ask for.
    fn path(&self) -> &str {
        self.current.map_or(self.first, |mark| mark.0.strip_prefix(TOLD).unwrap_or(&mark.0))
    }

    /// The next page, where only the answer tells.
    fn told(&self, clue: &Clue) -> Result<Option<PageMark>, String> {
        let next = match (&clue.link, &clue.marker) {
            (Some(link), _) => self.base.mark(self.path(), link)?.0,
            (None, Some(marker)) => self.after(marker),
            (None, None) => return Ok(None),
        };
        self.moving(PageMark(format!("{TOLD}{next}"))).map(Some)
    }

    /// The next page, where the answer may say nothing: then the list goes on after the last id until a page is
    /// empty, not merely short, for a server may cap pages below the limit asked for. `ids` are those of this page.
    fn told_or_guessed(
        &self,
        clue: &Clue,
        ids: &[&str],
        all_readable: bool,
    ) -> Result<Option<PageMark>, String> {
        let knows = self.current.is_some_and(|mark| mark.0.starts_with(TOLD));
        if knows || clue.told || clue.link.is_some() {
            return self.told(clue);
        }
        let Some(last) = ids.last() else {
            return if all_readable {
                Ok(None)
            } else {
                Err("no entry of the page has an ID, so there is no way on".into())
            };
        };
        let next = PageMark(self.after(last));
        // A server that begins a page with its marker ends with a page of nothing else.
        if self.current == Some(&next) && ids.iter().all(|id| id == last) && all_readable {
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
