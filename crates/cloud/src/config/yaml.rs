//! YAML (and JSON, which is YAML) as a tree that keeps what people wrote: the spelling of every scalar, the order
//! of keys and the line of every value. The only place that calls the YAML library.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};

use super::placeholders::Unusable;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// A path, the name of a variable, or a label.
    pub file: Arc<str>,
    /// Counted from 1; `None` for a value that is not from a file.
    pub line: Option<usize>,
}

impl Place {
    /// A variable, or a text without lines.
    pub(super) fn of(file: &str) -> Self {
        Self { file: file.into(), line: None }
    }

    /// The environment variable it is.
    pub(super) fn variable(&self) -> Option<&str> {
        Some(&*self.file).filter(|name| self.line.is_none() && name.starts_with("OS_"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = domain::text::clean(&self.file);
        match self.line {
            Some(line) => write!(f, "{file}:{line}"),
            None => f.write_str(&file),
        }
    }
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Node {
    /// What was written.
    pub value: Value,
    /// Where.
    pub at: Place,
}

/// What was written. Numbers are text with the digits as they were typed: an id like `00123` or `12e34` is no number.
#[derive(Clone)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// An unquoted `true`, `no`, `On`, …, and how it was spelled.
    Bool(bool, String),
    /// Everything else that is not a collection.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
    /// A value that cannot be used as it is: its tag says that it is encrypted, or that it is of another program.
    Unusable(Unusable),
}

/// Values may be passwords, and in a broken file keys too, so only the shape is shown.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(..) | Value::Text(_) => f.write_str("[scalar]"),
            Value::List(items) => write!(f, "[{} items]", items.len()),
            Value::Map(map) => map.fmt(f),
            Value::Unusable(_) => f.write_str("[unusable]"),
        }
    }
}

impl Node {
    /// A text that was written at `at`.
    pub(super) fn text_at(text: &str, at: Place) -> Self {
        Self { value: Value::Text(text.to_owned()), at }
    }

    /// A value that is not from a file.
    pub(super) fn of_environment(text: &str) -> Self {
        Self::text_at(text, Place::of("the environment"))
    }

    /// The scalar as it was spelled; `None` for nothing and for collections.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Bool(_, text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) | Value::Unusable(_) => None,
        }
    }

    /// The same where it is not empty, with its node.
    pub(super) fn scalar(&self) -> Option<(&Self, &str)> {
        self.text().filter(|text| !text.is_empty()).map(|text| (self, text))
    }

    /// The items of a list, or the words of a text with commas between them.
    pub(super) fn words(&self) -> Vec<&str> {
        let words: Vec<&str> = match &self.value {
            Value::List(items) => items.iter().filter_map(Self::text).collect(),
            _ => self.text().unwrap_or_default().split(',').collect(),
        };
        words.into_iter().map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    /// The text of a key, where nothing is text too.
    fn spelled(&self) -> Option<&str> {
        if self.is_null() { Some("") } else { self.text() }
    }

    /// The mapping, if it is one.
    pub(super) fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The same value with `_` for every `-` in its keys, at every depth. Of a key with both spellings in one mapping
    /// the later counts, and its value's place is added to `repeated`.
    pub(super) fn with_plain_keys(&self, repeated: &mut Vec<Place>) -> Self {
        let value = match &self.value {
            Value::Map(map) => {
                let mut plain = Map::default();
                for (key, node) in map.iter() {
                    let key = key.replace('-', "_");
                    if plain.raw(&key).is_some() {
                        repeated.push(node.at.clone());
                    }
                    plain.set(&key, node.with_plain_keys(repeated));
                }
                Value::Map(plain)
            }
            Value::List(items) => {
                Value::List(items.iter().map(|item| item.with_plain_keys(repeated)).collect())
            }
            other => other.clone(),
        };
        Self { value, at: self.at.clone() }
    }

    /// Whether it is a list or a mapping.
    pub(super) fn has_many(&self) -> bool {
        matches!(self.value, Value::List(_) | Value::Map(_))
    }

    /// Whether nothing was written.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

/// A mapping in file order. Small, so searched from the start.
#[derive(Clone, Default)]
pub(super) struct Map(Vec<(String, Node)>);

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} keys]", self.0.len())
    }
}

impl Map {
    /// The value of a key, where there is one and it is not null.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.raw(key).filter(|node| !node.is_null())
    }

    /// The value of a key, null or not.
    pub(super) fn raw(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// The same, to change it.
    pub(super) fn raw_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0.iter_mut().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// The text of a key, where it is a scalar that is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.raw(key)?.scalar().map(|(_, text)| text)
    }

    /// Sets a key; a new one goes to the end.
    pub(super) fn set(&mut self, key: &str, node: Node) {
        match self.raw_mut(key) {
            Some(old) => *old = node,
            None => self.0.push((key.to_owned(), node)),
        }
    }

    /// Every key and value, in file order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// The same mapping without the keys that say nothing.
    pub(super) fn without_nulls(&self) -> Self {
        self.0.iter().filter(|(_, node)| !node.is_null()).cloned().collect()
    }

    /// Puts `over` on top: mappings are merged at every depth, everything else is replaced.
    pub(super) fn overlay(&mut self, over: Self) {
        for (key, node) in over.0 {
            match (self.raw_mut(&key), node) {
                (
                    Some(Node { value: Value::Map(old), .. }),
                    Node { value: Value::Map(new), .. },
                ) => old.overlay(new),
                (_, node) => self.set(&key, node),
            }
        }
    }
}

impl Extend<(String, Node)> for Map {
    fn extend<I: IntoIterator<Item = (String, Node)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, node)| self.set(&key, node));
    }
}

impl FromIterator<(String, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Node)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl IntoIterator for Map {
    type Item = (String, Node);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A parsed document.
pub(super) struct Document {
    /// Its root.
    pub root: Node,
    /// The lines of keys that repeat a key of the same mapping; the last one counts, as in `PyYAML`.
    pub repeated: Vec<usize>,
}

/// A syntax error. Never holds an excerpt: the line next to an error may be the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
}

/// Values in one document, those of aliases counted as often as they are used.
const MOST_VALUES: usize = 100_000;

/// A clouds.yaml is six levels deep.
const DEEPEST: usize = 24;

/// Reads one YAML or JSON document.
pub(super) fn read(text: &str, file: &Arc<str>) -> Result<Document, Invalid> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = granit_parser::options! { emit_comments: false };
    let mut composer = Composer {
        events: Parser::new_from_str_with_options(text, options),
        file,
        anchors: HashMap::new(),
        values: 0,
        last: Marker::default(),
        repeated: Vec::new(),
    };
    let root = composer.document()?;
    Ok(Document { root, repeated: composer.repeated })
}

/// Builds the tree from the parser's events.
struct Composer<'t> {
    events: Parser<'t, StrInput<'t>>,
    file: &'t Arc<str>,
    /// Each anchored node, and how many values it has.
    anchors: HashMap<usize, (Node, usize)>,
    /// Values so far.
    values: usize,
    /// Where the last event began.
    last: Marker,
    repeated: Vec<usize>,
}

impl<'t> Composer<'t> {
    fn document(&mut self) -> Result<Node, Invalid> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => break,
                _ if root.is_some() => return Err(self.invalid()),
                (event, span) => root = Some(self.node(event, span, 0)?),
            }
        }
        Ok(root.unwrap_or(Node { value: Value::Null, at: Place::of(self.file) }))
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Invalid> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.last = span.start;
                Ok((event, span))
            }
            Some(Err(error)) => Err(invalid_at(*error.marker())),
            None => Ok((Event::StreamEnd, Span::empty(self.last))),
        }
    }

    fn invalid(&self) -> Invalid {
        invalid_at(self.last)
    }

    fn count(&mut self, values: usize) -> Result<(), Invalid> {
        self.values = self.values.saturating_add(values);
        if self.values > MOST_VALUES { Err(self.invalid()) } else { Ok(()) }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Invalid> {
        if depth > DEEPEST {
            return Err(self.invalid());
        }
        let before = self.values;
        let line = span.tag_start.unwrap_or(span.start).line();
        let at = Place { file: self.file.clone(), line: Some(line) };
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let found = self.anchors.get(&anchor).cloned();
                let (node, size) = found.ok_or_else(|| self.invalid())?;
                self.count(size)?;
                return Ok(Node { at, ..node });
            }
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(&text, style == ScalarStyle::Plain, tag.as_deref())?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let items = Value::List(self.list(depth)?);
                (self.collection(items, tag.as_deref())?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                let map = Value::Map(self.map(depth)?);
                (self.collection(map, tag.as_deref())?, anchor)
            }
            _ => return Err(self.invalid()),
        };
        self.count(1)?;
        let node = Node { value, at };
        // 0: the node has no anchor.
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.values - before));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Invalid> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    /// A mapping. What `<<` brings in lies below the keys that are written out, and of two `<<` the second lies above
    /// the first, as in `PyYAML`.
    fn map(&mut self, depth: usize) -> Result<Map, Invalid> {
        let (mut merged, mut written) = (Map::default(), Map::default());
        let mut times = 0;
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd, _) => break,
                found => found,
            };
            let line = span.start.line();
            let is_plain = matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..));
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            let Some(key) = key.spelled() else { return Err(invalid_at(span.start)) };
            if key == "<<" && is_plain {
                times += 1;
                if times > 1 {
                    self.repeated.push(line);
                }
                self.merge(&mut merged, node)?;
                continue;
            }
            if written.raw(key).is_some() {
                self.repeated.push(line);
            }
            written.set(key, node);
        }
        merged.extend(written);
        Ok(merged)
    }

    /// One mapping, or a list of which the first that has a key counts.
    fn merge(&self, into: &mut Map, node: Node) -> Result<(), Invalid> {
        let nodes = match node.value {
            Value::List(items) => items,
            _ => vec![node],
        };
        for node in nodes.into_iter().rev() {
            let Value::Map(map) = node.value else { return Err(self.invalid()) };
            into.extend(map);
        }
        Ok(())
    }

    fn scalar(&self, text: &str, plain: bool, tag: Option<&Tag>) -> Result<Value, Invalid> {
        let name = match tag.map(|tag| kind(tag).ok_or(tag)).transpose() {
            Err(tag) => return Ok(Value::Unusable(Unusable::of_tag(tag))),
            Ok(name) => name,
        };
        let written = || Value::Text(text.to_owned());
        let truth = truth(text).map(|value| Value::Bool(value, text.to_owned()));
        Ok(match name {
            None if !plain => written(),
            None | Some("") if is_null(text) => Value::Null,
            None | Some("") => truth.unwrap_or_else(written),
            Some("str") => written(),
            Some("null") => Value::Null,
            Some("bool") => truth.ok_or_else(|| self.invalid())?,
            Some("int") if is_made_of(text, "xXbB:_+-") => written(),
            Some("float") if is_made_of(text, ".:_+-infINFnaNA") => written(),
            Some("timestamp") if is_made_of(text, "-:.+TtZz \t") => written(),
            Some("binary") => Value::Unusable(Unusable::Binary),
            Some(_) => return Err(self.invalid()),
        })
    }

    fn collection(&self, value: Value, tag: Option<&Tag>) -> Result<Value, Invalid> {
        let Some(tag) = tag else { return Ok(value) };
        match (kind(tag), &value) {
            (None, _) => Ok(Value::Unusable(Unusable::of_tag(tag))),
            (Some("" | "seq" | "omap" | "pairs"), Value::List(_))
            | (Some("" | "map" | "set"), Value::Map(_)) => Ok(value),
            (Some(_), _) => Err(self.invalid()),
        }
    }
}

fn invalid_at(at: Marker) -> Invalid {
    Invalid { line: at.line(), column: at.col() + 1 }
}

/// What a tag says about its value, where `PyYAML`'s safe loader knows it; empty for `!`, which says nothing.
fn kind(tag: &Tag) -> Option<&'static str> {
    let known = "null bool int float binary timestamp omap pairs set str seq map";
    let (handle, suffix) = (tag.handle(), tag.suffix());
    if handle == "!" && suffix.is_empty() || handle.is_empty() && suffix == "!" {
        return Some("");
    }
    let whole = format!("{handle}{suffix}");
    let name = whole.strip_prefix("tag:yaml.org,2002:")?;
    known.split(' ').find(|known| *known == name)
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A truth value of YAML 1.1, in the spellings that `PyYAML` knows.
fn truth(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Whether a text has only hexadecimal digits and `others`, and something at all.
fn is_made_of(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit() || others.contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map(text: &str) -> Map {
        let document = read(text, &"t".into()).unwrap();
        document.root.map().unwrap().clone()
    }

    fn text(yaml: &str) -> String {
        map(yaml).text("k").unwrap().to_owned()
    }

    #[test]
    fn every_scalar_keeps_its_spelling() {
        for spelled in [
            "00123",
            "12345678901234567890123456789e12",
            "1_000",
            "0x1F",
            "0o17",
            "+5",
            "-0",
            "1.50",
            "1e999",
            ".inf",
            "12:30",
            "2026-01-01",
            "123456789012345678901234567890",
            "yes",
            "No",
            "a b",
        ] {
            assert_eq!(text(&format!("k: {spelled}   # comment\n")), spelled);
            assert_eq!(text(&format!("{{k: {spelled}}}")), spelled);
            assert_eq!(text(&format!("x: &a {spelled}\nk: *a\n")), spelled);
            assert_eq!(text(&format!("x: &a {{k: {spelled}}}\n<<: *a\n")), spelled);
            assert_eq!(text(&format!("\u{feff}é: ü\nk: {spelled}\n")), spelled);
        }
    }

    #[test]
    fn an_unquoted_no_is_false_and_a_quoted_one_is_text() {
        assert!(matches!(map("k: no").get("k").unwrap().value, Value::Bool(false, _)));
        assert!(matches!(map("k: 'no'").get("k").unwrap().value, Value::Text(_)));
    }

    #[test]
    fn json_with_tabs_and_escapes_is_read_too() {
        let json = "{\n\t\"k\": \"a\\/b\\u00e9\\ud83d\\ude00\",\n\t\"n\": 12345\n}\n";
        assert_eq!(text(json), "a/bé😀");
        assert_eq!(map(json).text("n"), Some("12345"));
    }

    #[test]
    fn a_long_document_in_one_line_is_read() {
        let clouds =
            (0..500).map(|n| format!("\"k{n}\": {{\"a\": [\"{n}\"]}}")).collect::<Vec<_>>();
        assert_eq!(map(&format!("{{{}}}", clouds.join(", "))).iter().count(), 500);
    }

    #[test]
    fn one_document_is_read_and_a_second_one_is_an_error() {
        assert_eq!(map("---\nk: 1\n...\n").text("k"), Some("1"));
        assert!(read("k: 1\n---\nk: 2\n", &"t".into()).is_err());
        assert!(read("", &"t".into()).unwrap().root.is_null());
    }

    #[test]
    fn a_merge_key_is_merged_and_what_is_written_out_wins() {
        let merged = map("x: &a {k: 1, l: 1}\ny: {l: 2, <<: *a}\n");
        let merged = merged.get("y").unwrap().map().unwrap();
        assert_eq!((merged.text("k"), merged.text("l")), (Some("1"), Some("2")));
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts_and_is_reported_with_its_line() {
        let document = read("k: 1\nl: 2\nk: 3\n", &"t".into()).unwrap();
        assert_eq!(document.root.map().unwrap().text("k"), Some("3"));
        assert_eq!(document.repeated, [3]);
    }

    #[test]
    fn values_know_their_line() {
        assert_eq!(map("a: 1\n\nk: 2\n").get("k").unwrap().at.to_string(), "t:3");
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            bomb = format!("{bomb}a{i}: &a{i} [{refs}]\n");
        }
        assert!(read(&bomb, &"t".into()).is_err());
    }

    #[test]
    fn hundreds_of_clouds_may_share_one_anchor() {
        let mut text = "x: &a {b: 1, c: {d: 1}}\n".to_owned();
        for i in 0..500 {
            text = format!("{text}k{i}: {{<<: *a, e: 1}}\n");
        }
        assert_eq!(map(&text).iter().count(), 501);
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        for (open, times) in [("[", 100_000), ("{a: ", 100_000), ("- ", 10_000)] {
            assert!(read(&open.repeat(times), &"t".into()).is_err());
        }
    }

    #[test]
    fn the_debug_form_shows_neither_keys_nor_values() {
        let map = map("auth: {password: MARKER, n: 1}\nl: [MARKER, yes]");
        let values: Vec<_> = map.iter().map(|(_, node)| format!("{node:?}")).collect();
        assert_eq!(
            (format!("{map:?}"), values.join(" ")),
            ("[2 keys]".into(), "[2 keys] [2 items]".into())
        );
    }

    #[test]
    fn what_is_not_yaml_says_where() {
        let error = read("a: 1\nb: [\nc: 2\n", &"t".into()).map(|_| ()).unwrap_err();
        assert!(error.line > 1, "{error:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[ -~\n\t&*<>\\[\\]{}:\u{e9}\u{feff}]{0,80}") {
            let _ = read(&text, &"t".into());
        }
    }
}
