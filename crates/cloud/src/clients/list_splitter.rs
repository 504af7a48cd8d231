//! A document that holds one long list, cut into its entries while it arrives: one entry and the rest of the document
//! are in memory, never the list.
//!
//! Nothing here judges JSON. The rest keeps an empty list where the list was, so the document is JSON exactly when the
//! rest is and every entry is; both are for others to say, with the place that an error has in the whole.
//!
//! `serde_json` can read a list entry by entry too, and in as little memory. It was measured and not taken: it needs
//! six times the CPU (0.7 s for a page of 100 MB) and, because it reads from blocking readers, a thread for each answer.

use super::service::no_json;

/// Bytes of one entry, at most. An image with all its properties has some thousands.
pub(super) const MOST_ENTRY: usize = 1 << 20;
/// Bytes of a page beside its list, at most.
pub(super) const MOST_REST: usize = 1 << 20;

/// Why a list cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It makes no sense.
    Malformed(String),
    /// It is longer than any of the service's own.
    TooLong(String),
}

/// Where in a document something is, as errors of `serde_json` count: lines from 1, and bytes of the line so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    /// The place of what stands at `inner` of a text that begins here.
    pub(super) fn of(self, inner: Self) -> Self {
        let before = if inner.line == 1 { self.column } else { 0 };
        Self { line: self.line + inner.line - 1, column: before + inner.column }
    }
}

/// The places of the brackets of a list that was left out of a document, if there was one.
#[derive(Clone, Copy)]
pub(super) struct Gap(Option<(Place, Place)>);

impl Gap {
    /// The place in the document of what is at this one of its rest.
    pub(super) fn place(self, at: Place) -> Place {
        match self.0 {
            Some((opened, closed)) if at.line == opened.line && at.column > opened.column => {
                Place { line: closed.line, column: closed.column + at.column - opened.column - 1 }
            }
            Some((opened, closed)) if at.line > opened.line => {
                Place { line: closed.line + at.line - opened.line, ..at }
            }
            _ => at,
        }
    }
}

/// Takes what a document is made of.
pub(super) trait Parts {
    /// The first byte of a document that is no object, with the blanks before it.
    fn other(&mut self, before: &[u8]) -> Result<(), Trouble>;
    /// The list begins; everything up to its bracket but an earlier list.
    fn begins(&mut self, before: &[u8], gap: Gap) -> Result<(), Trouble>;
    /// An entry that begins at `place`, with the byte after it: one of `,` `:` `]` `}`.
    fn entry(&mut self, entry: &[u8], place: Place) -> Result<(), Trouble>;
    /// The beginning of an entry that the document ends within.
    fn cut(&mut self, entry: &[u8], place: Place) -> Result<(), Trouble>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the object.
    Before,
    /// In a key of the object.
    Key,
    /// Before the value of the list's key.
    List,
    /// In any other value.
    Value,
    /// Before an entry or in it.
    Entry,
    /// After the object, or after what no object can hold.
    After,
}

/// Cuts a document. Pieces may end anywhere, also within a character or an escape.
pub(super) struct Splitter {
    /// The key of the list.
    list: &'static str,
    state: State,
    scan: Scan,
    /// The document without the entries of the list.
    rest: Vec<u8>,
    /// Where in it the key begins.
    key: usize,
    /// What earlier pieces held of an entry.
    entry: Vec<u8>,
    /// Where the entry begins.
    place: Place,
    /// No entry was seen yet.
    first: bool,
    /// The places of the list's brackets.
    brackets: Option<(Place, Place)>,
}

impl Splitter {
    pub(super) fn new(list: &'static str) -> Self {
        let scan = Scan::default();
        Self {
            list,
            state: State::Before,
            place: scan.place(),
            scan,
            rest: Vec::new(),
            key: 0,
            entry: Vec::new(),
            first: true,
            brackets: None,
        }
    }

    /// Takes the next piece of the document.
    pub(super) fn take(&mut self, piece: &[u8], parts: &mut impl Parts) -> Result<(), Trouble> {
        let mut left = piece;
        while !left.is_empty() {
            let taken = match self.state {
                State::Before => self.before(left, parts)?,
                State::Key | State::Value => self.member(left)?,
                State::List => self.list(left, parts)?,
                State::Entry => self.in_list(left, parts)?,
                State::After => self.keep(left)?,
            };
            left = &left[taken..];
        }
        Ok(())
    }

    /// The document without the entries of the list, once there is no more of it. `None` where the list, or the
    /// document before it, does not end.
    pub(super) fn end(&self, parts: &mut impl Parts) -> Result<Option<&[u8]>, Trouble> {
        if self.state != State::Entry {
            return Ok(Some(&self.rest));
        }
        if !self.entry.is_empty() {
            parts.cut(&self.entry, self.place)?;
        }
        Ok(None)
    }

    /// Whether the list was there.
    pub(super) fn found(&self) -> bool {
        self.brackets.is_some()
    }

    /// Where it was.
    pub(super) fn gap(&self) -> Gap {
        Gap(self.brackets)
    }

    fn before(&mut self, left: &[u8], parts: &mut impl Parts) -> Result<usize, Trouble> {
        let blank = self.scan.blank(left);
        self.keep(&left[..blank])?;
        let Some(first) = left.get(blank) else { return Ok(blank) };
        self.scan.pass();
        self.keep(&[*first])?;
        self.key = self.rest.len();
        self.state = State::Key;
        if *first != b'{' {
            self.state = State::After;
            parts.other(&self.rest)?;
        }
        Ok(blank + 1)
    }

    /// A key up to its colon, or a value up to what ends it.
    fn member(&mut self, left: &[u8]) -> Result<usize, Trouble> {
        let Some(at) = self.scan.mark(left) else { return self.keep(left) };
        self.keep(&left[..=at])?;
        self.state = match (self.state, left[at]) {
            (State::Key, b':') if self.is_list() => State::List,
            (State::Key, b':') => State::Value,
            (_, b',') => State::Key,
            _ => State::After,
        };
        self.key = self.rest.len();
        Ok(at + 1)
    }

    /// Whether the key that has just ended is the list's, however it is spelt.
    fn is_list(&self) -> bool {
        let key = &self.rest[self.key..self.rest.len() - 1];
        serde_json::from_slice::<String>(key).is_ok_and(|key| key == self.list)
    }

    fn list(&mut self, left: &[u8], parts: &mut impl Parts) -> Result<usize, Trouble> {
        let blank = self.scan.blank(left);
        self.keep(&left[..blank])?;
        if left.get(blank) != Some(&b'[') {
            self.state = if blank < left.len() { State::Value } else { State::List };
            return Ok(blank);
        }
        self.scan.pass();
        self.keep(b"[")?;
        parts.begins(&self.rest, self.gap())?;
        (self.state, self.first) = (State::Entry, true);
        self.brackets = Some((self.scan.place(), self.scan.place()));
        Ok(blank + 1)
    }

    fn in_list(&mut self, left: &[u8], parts: &mut impl Parts) -> Result<usize, Trouble> {
        let mut blank = 0;
        if self.entry.is_empty() {
            blank = self.scan.blank(left);
            self.place = self.scan.place();
        }
        let left = &left[blank..];
        let mark = self.scan.mark(left);
        let length = self.entry.len() + mark.unwrap_or(left.len());
        if length > MOST_ENTRY {
            return Err(too_long(MOST_ENTRY, "for one entry"));
        }
        let Some(mark) = mark else {
            self.entry.extend_from_slice(left);
            return Ok(blank + left.len());
        };
        let part = &left[..=mark];
        if self.entry.is_empty() {
            self.ended(part, parts)?;
        } else {
            let mut whole = std::mem::take(&mut self.entry);
            whole.extend_from_slice(part);
            self.ended(&whole, parts)?;
            whole.clear();
            self.entry = whole;
        }
        Ok(blank + part.len())
    }

    /// An entry with its mark, or a mark alone.
    fn ended(&mut self, entry: &[u8], parts: &mut impl Parts) -> Result<(), Trouble> {
        let mark = entry.last().copied();
        let is_empty_list = self.first && entry == b"]";
        if entry.len() > 1 {
            parts.entry(entry, self.place)?;
        } else if !is_empty_list {
            return Err(misplaced(self.scan.place()));
        }
        self.first = false;
        match mark {
            Some(b',') => Ok(()),
            Some(b']') => {
                self.state = State::Value;
                self.brackets = self.brackets.map(|(opened, _)| (opened, self.scan.place()));
                self.keep(b"]").map(|_| ())
            }
            _ => Err(misplaced(self.scan.place())),
        }
    }

    /// Adds to the rest; gives back how much.
    fn keep(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        if self.rest.len() + bytes.len() > MOST_REST {
            return Err(too_long(MOST_REST, "beside the list"));
        }
        self.rest.extend_from_slice(bytes);
        Ok(bytes.len())
    }
}

/// What stands at this place cannot be there.
pub(super) fn misplaced(at: Place) -> Trouble {
    Trouble::Malformed(no_json(at.line, at.column))
}

fn too_long(most: usize, what: &str) -> Trouble {
    Trouble::TooLong(format!("more than {} MiB {what}", most >> 20))
}

/// Finds where a value ends without reading it.
struct Scan {
    depth: usize,
    in_text: bool,
    escaped: bool,
    line: usize,
    /// Bytes of the document so far, and those before this line.
    passed: usize,
    before_line: usize,
}

impl Default for Scan {
    fn default() -> Self {
        Self { depth: 0, in_text: false, escaped: false, line: 1, passed: 0, before_line: 0 }
    }
}

impl Scan {
    fn place(&self) -> Place {
        Place { line: self.line, column: self.passed - self.before_line }
    }

    /// Passes a byte that means nothing here.
    fn pass(&mut self) {
        self.passed += 1;
    }

    fn new_line(&mut self, after: usize) {
        self.line += 1;
        self.before_line = after;
    }

    /// Passes the blanks that this begins with; how many they are.
    fn blank(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for byte in bytes {
            match byte {
                b' ' | b'\t' | b'\r' => count += 1,
                b'\n' => {
                    count += 1;
                    self.new_line(self.passed + count);
                }
                _ => break,
            }
        }
        self.passed += count;
        count
    }

    /// Passes everything up to the first mark outside of texts and brackets, that is to what ends a key or a value;
    /// where that mark is.
    fn mark(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_text {
                at += self.in_text(&bytes[at..]);
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b':' | b'}' | b']' if self.depth == 0 => {
                    self.passed += at;
                    return Some(at - 1);
                }
                b'}' | b']' => self.depth -= 1,
                // None is within a text of good JSON.
                b'\n' => self.new_line(self.passed + at),
                _ => {}
            }
        }
        self.passed += at;
        None
    }

    /// How much of this is still in the text.
    fn in_text(&mut self, bytes: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            return 1;
        }
        let Some(at) = memchr::memchr2(b'"', b'\\', bytes) else {
            return bytes.len();
        };
        (self.in_text, self.escaped) = (bytes[at] == b'\\', bytes[at] == b'\\');
        at + 1
    }
}
