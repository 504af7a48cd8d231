//! A page of a list, read entry by entry while it arrives: what is kept of it is what it means.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::list_splitter::{Gap, Parts, Place, Splitter, Trouble, misplaced};
use super::service::{json_trouble, malformed};
use super::{CloudError, Unreadable};
use crate::http::{Answer, Intake};

#[cfg(test)]
mod tests;

/// Entries of one page, at most. Pages of 1000 are asked for; a member list has no pages on Glance.
const MOST: usize = 100_000;
/// Text that is kept of one page, at most, in bytes: some hundreds for an image.
const MOST_KEPT: usize = 32 << 20;

/// What a list has entries of.
pub(super) trait Row: Sized + Send {
    /// The list's key.
    const LIST: &str;

    /// Reads one entry; `None` when it makes no sense.
    fn read(json: &str) -> Option<Self>;

    /// The id a page can begin after.
    fn id(&self) -> &str;

    /// What is wrong with an entry that [`Row::read`] does not take, as a predicate.
    fn wrong(json: &str) -> String;

    /// How much text it keeps, in bytes.
    fn kept(&self) -> usize;
}

/// A list that has arrived.
pub(super) struct Listed<T, E> {
    pub(super) items: Vec<T>,
    pub(super) unreadable: Option<Unreadable>,
    /// What the page says beside them.
    pub(super) rest: E,
}

/// A list that arrives: entries are `T`, and `E` is the page, whose list is empty when it is read. An `E` may need
/// nothing but the list.
pub(super) struct ListStream<T, E> {
    splitter: Splitter,
    rows: Rows<T, E>,
    trouble: Option<Trouble>,
}

struct Rows<T, E> {
    items: Vec<T>,
    unreadable: Option<Unreadable>,
    kept: usize,
    page: PhantomData<fn() -> E>,
}

impl<T: Row, E: DeserializeOwned> ListStream<T, E> {
    pub(super) fn new() -> Self {
        let rows = Rows { items: Vec::new(), unreadable: None, kept: 0, page: PhantomData };
        Self { splitter: Splitter::new(T::LIST), rows, trouble: None }
    }

    /// The list, if it came to its end and all of it is JSON.
    pub(super) fn end(mut self) -> Result<Listed<T, E>, Trouble> {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let rest = self
            .splitter
            .end(&mut self.rows)?
            .ok_or_else(|| Trouble::Malformed("it is cut off".into()))?;
        let rest = page(rest, self.splitter.gap())?;
        if !self.splitter.found() {
            return Err(Trouble::Malformed("there is no list in it".into()));
        }
        self.rows.items.shrink_to_fit();
        Ok(Listed { items: self.rows.items, unreadable: self.rows.unreadable, rest })
    }
}

impl<T: Row, E: DeserializeOwned> Intake for ListStream<T, E> {
    fn take(&mut self, piece: &[u8]) -> ControlFlow<()> {
        if self.trouble.is_none() {
            self.trouble = self.splitter.take(piece, &mut self.rows).err();
        }
        if self.trouble.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl<T: Row, E: DeserializeOwned> Parts for Rows<T, E> {
    /// It may still be JSON, and then it is judged as a whole; but a list of the page's parts is no page.
    fn other(&mut self, before: &[u8]) -> Result<(), Trouble> {
        match serde_json::from_slice::<E>(before) {
            Err(error) if error.is_syntax() => Err(trouble(&error, |place| place)),
            _ if before.ends_with(b"[") => {
                Err(Trouble::Malformed("it has an unexpected structure".into()))
            }
            _ => Ok(()),
        }
    }

    /// What is wrong before the list is told before what is wrong in it.
    fn begins(&mut self, before: &[u8], gap: Gap) -> Result<(), Trouble> {
        page::<E>(&[before, b"]}"].concat(), gap).map(|_| ())
    }

    fn entry(&mut self, entry: &[u8], place: Place) -> Result<(), Trouble> {
        let before = self.items.len() + Unreadable::count(self.unreadable.as_ref());
        if before == MOST {
            return Err(Trouble::TooLong(format!("more than {MOST} entries on one page")));
        }
        let text = std::str::from_utf8(&entry[..entry.len() - 1]);
        let Some(item) = text.ok().and_then(T::read) else {
            if let Some(unreadable) = &mut self.unreadable {
                unreadable.count += 1;
            } else {
                let why = text.map_or_else(|_| "is not UTF-8".into(), T::wrong);
                self.unreadable = Some(Unreadable { count: 1, position: before + 1, why });
            }
            return checked(entry, place);
        };
        self.kept += item.kept();
        if self.kept > MOST_KEPT {
            let most = MOST_KEPT >> 20;
            return Err(Trouble::TooLong(format!("more than {most} MiB of names on one page")));
        }
        self.items.push(item);
        Ok(())
    }

    fn cut(&mut self, entry: &[u8], place: Place) -> Result<(), Trouble> {
        checked(entry, place)
    }
}

/// What is wrong with an entry of a list, as a predicate: that it is not an object or has no `key`, which holds its ID. With
/// its name, where that helps to find it. `None` where nothing of this is wrong.
pub(super) fn without_id(json: &str, key: &str) -> Option<String> {
    let entry: serde_json::Value = match serde_json::from_str(json) {
        Ok(entry) => entry,
        Err(_) => return Some("is not valid JSON".into()),
    };
    let kind = match &entry {
        serde_json::Value::Object(_) => "",
        serde_json::Value::Null => "null",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::Bool(_) => "a boolean",
    };
    if !kind.is_empty() {
        return Some(format!("is {kind} instead of an object"));
    }
    let text = |key: &str| match entry.get(key) {
        Some(serde_json::Value::String(text)) if !text.is_empty() => Some(shortened(text)),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let name = text("name").map(|name| format!(" (its name is `{name}`)")).unwrap_or_default();
    text(key).is_none().then(|| format!("has no `{key}`{name}"))
}

/// The beginning of a text of the cloud, for a sentence.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

fn page<E: DeserializeOwned>(json: &[u8], gap: Gap) -> Result<E, Trouble> {
    serde_json::from_slice(json).map_err(|error| trouble(&error, |place| gap.place(place)))
}

/// Whether an entry of no sense is JSON at least, up to the mark that ends it.
fn checked(entry: &[u8], place: Place) -> Result<(), Trouble> {
    let mut json = serde_json::Deserializer::from_slice(entry);
    let value = <&RawValue>::deserialize(&mut json)
        .map_err(|error| trouble(&error, |inner| place.of(inner)))?;
    let is_blank = |byte: &u8| b" \t\r\n".contains(byte);
    let after = entry.iter().skip(value.get().len()).position(|byte| !is_blank(byte));
    let Some(after) = after.map(|at| value.get().len() + at) else { return Ok(()) };
    if b",:]}".contains(&entry[after]) {
        return Ok(());
    }
    let before = &entry[..=after];
    let lines = before.split(|byte| *byte == b'\n');
    let last = lines.clone().next_back().map_or(0, <[u8]>::len);
    Err(misplaced(place.of(Place { line: lines.count(), column: last })))
}

fn trouble(error: &serde_json::Error, place: impl Fn(Place) -> Place) -> Trouble {
    let at = Place { line: error.line(), column: error.column() };
    if error.is_syntax() { misplaced(place(at)) } else { Trouble::Malformed(json_trouble(error)) }
}

impl Trouble {
    /// The error that it is of an answer.
    pub(super) fn of(self, answer: &Answer) -> CloudError {
        match self {
            Self::Malformed(why) => malformed(answer, &why),
            Self::TooLong(why) => CloudError::TooLong(why),
        }
    }
}
