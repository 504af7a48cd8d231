//! A row of a list: said in full when the cursor comes to it, and what is new of it afterwards.

use crate::tui::speech::words::listed;

/// Something that is known of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    text: String,
    /// It changes with time alone, and nobody wants to hear of that.
    quiet: bool,
}

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it is about, whatever is known of it.
    pub(crate) key: String,
    /// What it is called, without its place.
    pub(crate) name: String,
    /// Its place and name, in parts that need not be said again each.
    pub(crate) heads: Vec<String>,
    facts: Vec<Fact>,
    /// How much of it is marked.
    pub(crate) mark: String,
    /// What is said only to who asks.
    details: Vec<String>,
}

impl Row {
    /// One that is called so.
    pub(crate) fn new(key: impl Into<String>, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { key: key.into(), heads: vec![name.clone()], name, ..Self::default() }
    }

    /// With something that is known of it.
    pub(crate) fn fact(mut self, text: impl Into<String>) -> Self {
        self.facts.push(Fact { text: text.into(), quiet: false });
        self
    }

    /// With something that changes with time.
    pub(crate) fn quiet(mut self, text: impl Into<String>) -> Self {
        self.facts.push(Fact { text: text.into(), quiet: true });
        self
    }

    /// With how much of it is marked.
    pub(crate) fn marked(mut self, mark: impl Into<String>) -> Self {
        self.mark = mark.into();
        self
    }

    /// With what is said to who asks.
    pub(crate) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// At its place in a list, counted from 0.
    fn at(mut self, at: usize, len: usize) -> Self {
        if let Some(first) = self.heads.first_mut() {
            *first = format!("{} of {len}: {first}", at + 1);
        }
        self
    }

    fn facts(&self) -> impl Iterator<Item = String> {
        let facts = self.facts.iter().map(|fact| fact.text.clone());
        facts.chain([self.mark.clone()])
    }

    /// All of it.
    pub(crate) fn sentence(&self) -> String {
        ended(listed(self.heads.iter().cloned().chain(self.facts())))
    }

    /// All of it, and what is said only to who asks.
    pub(crate) fn in_full(&self) -> String {
        ended(listed(self.heads.iter().cloned().chain(self.facts()).chain(self.details.clone())))
    }

    /// What of it is new after another row was said, if anything is.
    pub(crate) fn after(&self, last: &Self) -> Option<String> {
        if self.key != last.key {
            let heads = self.heads.iter().filter(|head| !last.heads.contains(head)).cloned();
            return Some(ended(listed(heads.chain(self.facts()))));
        }
        let loud = self.facts.iter().filter(|fact| !fact.quiet);
        let new = loud.filter(|fact| !last.facts.contains(fact)).map(|fact| fact.text.clone());
        let mark = match (&*self.mark, &*last.mark) {
            (now, before) if now == before => String::new(),
            ("", _) => "not marked".into(),
            (now, _) => now.to_owned(),
        };
        let mut new = listed(new.chain([mark]));
        if new.is_empty() {
            let there = |fact: &&Fact| !fact.quiet && !self.facts.contains(fact);
            let gone = last.facts.iter().filter(there).map(|fact| fact.text.clone());
            new = gone.map(|text| format!("no longer {text}")).collect::<Vec<_>>().join(", ");
        }
        match (new.is_empty(), self.name.is_empty()) {
            (true, _) => None,
            (false, true) => Some(ended(new)),
            (false, false) => Some(ended(format!("{}: {new}", self.name))),
        }
    }
}

fn ended(text: String) -> String {
    if text.ends_with('.') { text } else { text + "." }
}

/// A list that can be read from row to row.
pub(crate) struct List<'a> {
    pub(crate) len: usize,
    /// Where the cursor is; nowhere in a list that is only looked at.
    pub(crate) at: Option<usize>,
    row: Box<dyn Fn(usize) -> Option<Row> + 'a>,
    /// Its rows are lines of a text, said as they are.
    text: bool,
}

impl<'a> List<'a> {
    /// A list with a cursor.
    pub(crate) fn new(len: usize, at: usize, row: impl Fn(usize) -> Option<Row> + 'a) -> Self {
        Self { len, at: Some(at), row: Box::new(row), text: false }
    }

    /// A list without one.
    pub(crate) fn looked_at(len: usize, row: impl Fn(usize) -> Option<Row> + 'a) -> Self {
        Self { len, at: None, row: Box::new(row), text: false }
    }

    /// The lines of a text.
    pub(crate) fn of_lines(lines: Vec<String>) -> Self {
        let len = lines.len();
        let row = move |at: usize| lines.get(at).map(|line| Row::new(at.to_string(), line.clone()));
        Self { len, at: None, row: Box::new(row), text: true }
    }

    /// A row at its place.
    pub(crate) fn row(&self, at: usize) -> Option<Row> {
        Some((self.row)(at)?.at(at, self.len))
    }

    /// A row as it is said when the list is read.
    pub(crate) fn say(&self, at: usize) -> Option<String> {
        if self.text { Some((self.row)(at)?.name) } else { Some(self.row(at)?.sentence()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(members: &str, age: &str, mark: &str) -> Row {
        Row::new("img-1", "golden").at(1, 9).fact(members).quiet(age).marked(mark)
    }

    #[test]
    fn a_row_is_said_in_full_once_and_then_what_is_new_of_it() {
        let first = row("members not known", "1 minute old", "");
        assert_eq!(first.sentence(), "2 of 9: golden, members not known, 1 minute old.");
        let later = row("3 members", "2 minutes old", "");
        assert_eq!(later.after(&first).unwrap(), "golden: 3 members.");
        let marked = row("3 members", "2 minutes old", "all 3 marked");
        assert_eq!(marked.after(&later).unwrap(), "golden: all 3 marked.");
        assert_eq!(later.after(&marked).unwrap(), "golden: not marked.");
    }

    #[test]
    fn the_passing_of_time_alone_is_not_said() {
        let (first, later) = (row("3 members", "1 minute old", ""), row("3 members", "2 days", ""));
        assert_eq!(later.after(&first), None);
    }
}
