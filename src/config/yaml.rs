//! YAML (and JSON, which is YAML) as a tree that keeps what people wrote: the spelling of every scalar, the order
//! of keys and the line of every value. The only place that calls the YAML library.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// A path, or what stands for one.
    pub file: Arc<str>,
    /// Counted from 1; `None` where there are no lines.
    pub line: Option<u64>,
}

impl Place {
    /// A place without lines.
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
        let file = crate::domain::text::clean(&self.file);
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
}

/// Values may be passwords, and in a broken file keys too, so only the shape is shown.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(..) | Value::Text(_) => f.write_str("[scalar]"),
            Value::List(items) => write!(f, "[{} items]", items.len()),
            Value::Map(map) => map.fmt(f),
        }
    }
}

impl Node {
    /// A text that was written at `at`.
    pub(super) fn text_at(text: &str, at: Place) -> Self {
        Self { value: Value::Text(text.to_owned()), at }
    }

    /// The scalar as it was spelled; `None` for nothing and for collections.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Bool(_, text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The mapping, if it is one.
    pub(super) fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The same value with `_` for every `-` in its keys, at every depth.
    pub(super) fn with_plain_keys(&self) -> Self {
        let value = match &self.value {
            Value::Map(map) => Value::Map(
                map.iter()
                    .map(|(key, node)| (key.replace('-', "_"), node.with_plain_keys()))
                    .collect(),
            ),
            Value::List(items) => Value::List(items.iter().map(Self::with_plain_keys).collect()),
            other => other.clone(),
        };
        Self { value, at: self.at.clone() }
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
        self.get(key)?.text().filter(|text| !text.is_empty())
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

impl FromIterator<(String, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Node)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, node) in entries {
            map.set(&key, node);
        }
        map
    }
}

/// A document that was read.
pub(super) struct Document {
    /// Its root.
    pub root: Node,
    /// The lines of keys that stood in the same mapping before; the later one counts, as in `PyYAML`.
    pub repeated: Vec<u64>,
}

/// Why a document could not be read. Never holds an excerpt: the line next to an error may be the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Where reading stopped, as far as is known.
    pub line: Option<u64>,
    /// Counted from 1, in characters.
    pub column: Option<u64>,
}

/// Values in one document, those of aliases counted as often as they are used.
const MOST_VALUES: usize = 100_000;

/// Reads one YAML or JSON document.
pub(super) fn read(text: &str, file: &Arc<str>) -> Result<Document, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
        ignore_binary_tag_for_string: true,
        // A clouds.yaml is six levels deep; the library's own limit needs more stack than a thread has. Hundreds of
        // clouds may share one anchor, so the ratio of aliases to anchors says nothing; the number of values does.
        budget: serde_saphyr::budget! {
            max_depth: 24,
            flow_nesting_limit: 24,
            max_nodes: MOST_VALUES,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_VALUES },
    };
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let location = error.location();
            Unreadable {
                line: location.map(|l| l.line()).filter(|line| *line > 0),
                column: location.map(|l| l.column()).filter(|column| *column > 0),
            }
        })?;
    let mut reading = Reading { text, file, repeated: Vec::new() };
    let root = reading.node(raw);
    Ok(Document { root, repeated: reading.repeated })
}

/// What the library infers. Its idea of a number is only used to know that a scalar was not quoted.
enum Raw {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

struct Reading<'a> {
    text: &'a str,
    file: &'a Arc<str>,
    repeated: Vec<u64>,
}

impl Reading<'_> {
    fn node(&mut self, raw: Spanned<Raw>) -> Node {
        let spelled = |fallback: String| self.spelling(&raw.defined).unwrap_or(fallback);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Bool(value) => Value::Bool(value, spelled(value.to_string())),
            Raw::Number(number) => Value::Text(spelled(number)),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            Raw::Map(entries) => Value::Map(self.map(entries)),
        };
        let line = Some(raw.referenced.line()).filter(|line| *line > 0);
        Node { value, at: Place { file: self.file.clone(), line } }
    }

    fn map(&mut self, entries: Vec<(Spanned<String>, Spanned<Raw>)>) -> Map {
        let mut map = Map::default();
        for (key, raw) in entries {
            let node = self.node(raw);
            if map.raw(&key.value).is_some() {
                self.repeated.push(key.referenced.line());
            }
            map.set(&key.value, node);
        }
        map
    }

    /// What stands in the file for an unquoted scalar.
    fn spelling(&self, at: &serde_saphyr::Location) -> Option<String> {
        let from = usize::try_from(at.span().byte_offset()?).ok()?;
        let length = usize::try_from(at.span().byte_len()?).ok()?;
        let text = self.text.get(from..from.checked_add(length)?)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
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
        assert!(error.line.is_some(), "{error:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[ -~\n\t&*<>\\[\\]{}:\u{e9}\u{feff}]{0,80}") {
            let _ = read(&text, &"t".into());
        }
    }
}
