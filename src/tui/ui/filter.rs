//! The filter line: all of its words must match. Terms about members apply to *shares*, so that
//! "all visible" after `status:pending` is exactly the pending shares.

pub(crate) mod reach;
pub(crate) mod saved;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::tui::app::names::Names;
use domain::{Image, Inventory, MemberIx, MemberStatus, Row, Text};

/// The field a term searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// Name of an image (fuzzy), or part of its ID.
    Word,
    /// `image:` part of its name or ID.
    Image,
    /// `member:` part of its ID or name.
    Member,
    /// `status:` the beginning of the status.
    Status,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: Field,
    not: bool,
    atom: Atom,
    /// The same in lower case.
    plain: String,
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Parses a line. Every line is a valid filter; `field:` without a value is ignored.
    pub(crate) fn parse(line: &str) -> Self {
        Self { terms: line.split_whitespace().filter_map(Term::parse).collect() }
    }

    /// A warning about a line, in one sentence. The understood terms still filter.
    pub(crate) fn complaint(line: &str) -> Option<String> {
        line.split_whitespace().find_map(complaint)
    }

    /// Whether the filter depends on shares and not only on the image.
    pub(crate) fn asks_shares(&self) -> bool {
        self.terms.iter().any(Term::is_about_shares)
    }

    /// Whether an image passes the terms about images.
    pub(crate) fn image(&self, image: &Image, scratch: &mut Scratch) -> bool {
        self.terms.iter().filter(|t| !t.is_about_shares()).all(|t| t.image(image, scratch) != t.not)
    }

    /// Whether a record passes: every term fuzzily matches one of its words, or is part of one of its IDs
    /// (or of many ids in one text, in lower case).
    pub(crate) fn record<'a>(
        &self,
        words: &(impl Iterator<Item = &'a str> + Clone),
        ids: &[&str],
        scratch: &mut Scratch,
    ) -> bool {
        self.terms.iter().all(|term| {
            let fits = ids.iter().any(|id| id.to_ascii_lowercase().contains(&term.plain))
                || words.clone().any(|word| term.fits(word, scratch));
            fits != term.not
        })
    }

    /// Which members pass the terms about members, by [`MemberIx`]. Computed once for all their shares.
    pub(crate) fn members(&self, inventory: &Inventory, names: &Names) -> Vec<bool> {
        let terms: Vec<&Term> = self.terms.iter().filter(|t| t.field == Field::Member).collect();
        let passes = |id: &Text| {
            let name = names.get(id.raw()).map(|name| name.name.raw()).unwrap_or_default();
            terms.iter().all(|t| (t.piece_of(id.raw()) || t.piece_of(name)) != t.not)
        };
        inventory.members().map(|(_, member)| passes(&member.id)).collect()
    }

    /// Whether a status passes the terms about statuses.
    pub(crate) fn status(&self, status: &MemberStatus) -> bool {
        let mut terms = self.terms.iter().filter(|t| t.field == Field::Status).peekable();
        if terms.peek().is_none() {
            return true;
        }
        let word = Text::from(status.clone());
        terms.all(|t| word.raw().to_lowercase().starts_with(&t.plain) != t.not)
    }
}

/// The shares a filter lets through, for one state of the inventory.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShareFilter {
    filter: Filter,
    /// `None`: every share passes.
    members: Option<Vec<bool>>,
}

impl ShareFilter {
    /// Checks every member once.
    pub(crate) fn new(filter: &Filter, inventory: &Inventory, names: &Names) -> Self {
        let members = filter.asks_shares().then(|| filter.members(inventory, names));
        Self { filter: filter.clone(), members }
    }

    /// Whether every share passes.
    pub(crate) fn is_open(&self) -> bool {
        self.members.is_none()
    }

    /// Whether a share passes.
    pub(crate) fn passes(&self, inventory: &Inventory, row: &Row) -> bool {
        let Some(members) = &self.members else { return true };
        let MemberIx(member) = row.member;
        members.get(member as usize).copied().unwrap_or(true)
            && self.filter.status(inventory.status(row))
    }
}

/// The fields of a filter, as typed.
const FIELDS: [(&str, Field); 3] =
    [("image:", Field::Image), ("member:", Field::Member), ("status:", Field::Status)];

/// Known beginnings of statuses.
const STATUSES: [&str; 3] = ["accepted", "pending", "rejected"];

fn complaint(word: &str) -> Option<String> {
    let bare = word.strip_prefix('!').unwrap_or(word);
    if bare.is_empty() {
        return Some("! needs a word after it: everything that does not fit".into());
    }
    let (field, needle) = bare.split_once(':')?;
    let known = FIELDS.iter().find(|(name, _)| name.strip_suffix(':') == Some(field));
    let shown = domain::text::clean(bare);
    match known {
        // A name may contain a colon: only words that look like a field are one.
        None if field.is_empty() || !field.chars().all(|c| c.is_ascii_lowercase()) => None,
        None => Some(format!(
            "`{shown}` is looked for as a word: the fields are image:, member: and status:"
        )),
        Some(_) if needle.is_empty() => Some(format!("{shown} needs a word after it")),
        Some((_, Field::Status)) if !is_status(needle) => Some(format!(
            "no status begins with `{}`: there are accepted, pending and rejected",
            domain::text::clean(needle)
        )),
        Some(_) => None,
    }
}

fn is_status(needle: &str) -> bool {
    STATUSES.iter().any(|status| status.starts_with(&needle.to_lowercase()))
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (not, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let named = FIELDS
            .into_iter()
            .find_map(|(prefix, field)| word.strip_prefix(prefix).map(|needle| (field, needle)));
        let (field, needle) = named.unwrap_or((Field::Word, word));
        // A negated word is matched literally: few names lack a few letters in order.
        let kind = if field == Field::Word && !not { AtomKind::Fuzzy } else { AtomKind::Substring };
        let atom = Atom::new(needle, CaseMatching::Smart, Normalization::Smart, kind, false);
        (!needle.is_empty()).then(|| Self { field, not, atom, plain: needle.to_lowercase() })
    }

    fn is_about_shares(&self) -> bool {
        matches!(self.field, Field::Member | Field::Status)
    }

    fn image(&self, image: &Image, scratch: &mut Scratch) -> bool {
        image.name.as_ref().is_some_and(|name| self.fits(name.raw(), scratch))
            || self.piece_of(image.id.raw())
    }

    fn fits(&self, word: &str, scratch: &mut Scratch) -> bool {
        let word = Utf32Str::new(word, &mut scratch.chars);
        self.atom.score(word, &mut scratch.matcher).is_some()
    }

    fn piece_of(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.plain)
    }
}

/// Working memory of the matcher, kept between filters.
#[derive(Debug)]
pub(crate) struct Scratch {
    matcher: Matcher,
    chars: Vec<char>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), chars: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use domain::Member;
    use domain::Membership;

    fn image(name: &str) -> Image {
        Image { name: Some(name.into()), ..Image::bare("7f3a-1".into()) }
    }

    fn passes(line: &str, name: &str) -> bool {
        Filter::parse(line).image(&image(name), &mut Scratch::default())
    }

    #[test]
    fn a_word_matches_letters_in_order_and_a_negated_word_exactly() {
        assert!(passes("u22g", "ubuntu-22.04-golden"));
        assert!(!passes("u25", "ubuntu-22.04-golden"));
        assert!(passes("!debian", "ubuntu-22.04-golden"));
        assert!(!passes("!golden", "ubuntu-22.04-golden"));
        assert!(passes("!u22g", "ubuntu-22.04-golden"));
    }

    #[test]
    fn what_cannot_be_meant_is_said_while_it_is_typed() {
        for (line, said) in [
            ("ubuntu !debian status:pend member:web image:7f", None),
            ("", None),
            ("registry:5000/app", Some("the fields are image:, member: and status:")),
            ("14:30", None),
            ("members:web", Some("the fields are")),
            ("status:", Some("status: needs a word")),
            ("status:open", Some("no status begins with `open`")),
            ("ok !", Some("! needs a word")),
        ] {
            let complaint = Filter::complaint(line);
            match said {
                Some(said) => assert!(complaint.is_some_and(|c| c.contains(said)), "{line}"),
                None => assert_eq!(complaint, None, "{line}"),
            }
        }
    }

    #[test]
    fn all_terms_must_hold() {
        assert!(passes("ubu 24", "ubuntu-24.04"));
        assert!(!passes("ubu !24", "ubuntu-24.04"));
        assert!(passes("image:7F3A", "ubuntu-24.04"));
    }

    #[test]
    fn capitals_are_meant_when_typed() {
        assert!(passes("win", "Windows"));
        assert!(!passes("WIN", "Windows"));
    }

    #[test]
    fn terms_about_members_choose_shares() {
        let mut inventory = Inventory::default();
        let ix = inventory.put_image(image("a"));
        let member = |id: &str, status| Membership {
            member: Member::project(id),
            status,
            created_at: None,
            updated_at: None,
        };
        inventory.put_members(
            ix,
            vec![member("p1", MemberStatus::Pending), member("p2", MemberStatus::Accepted)],
        );
        let names = Names::of_aliases(HashMap::from([("p2".into(), "Team-Web".into())]));
        let chosen = |line: &str| -> Vec<String> {
            let filter = ShareFilter::new(&Filter::parse(line), &inventory, &names);
            let rows = inventory.rows(ix).iter().filter(|row| filter.passes(&inventory, row));
            rows.map(|row| inventory.member(row.member).id.to_string()).collect()
        };

        assert_eq!(chosen("status:pend"), ["p1"]);
        assert_eq!(chosen("!status:pending"), ["p2"]);
        assert_eq!(chosen("member:web"), ["p2"]);
        assert_eq!(chosen("!member:web status:pending"), ["p1"]);
        assert_eq!(chosen("status:"), ["p1", "p2"]);
    }
}
