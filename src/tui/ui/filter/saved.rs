//! Named filters: those of `[filters]` in `config.toml`, and those saved from the screen.

use crate::tui::keys::custom::Wrong;
use crate::tui::ui::filter::Filter;
use cloud::config::Setting;
use engine::SavedFilter;

/// All saved filters. Those of the settings take precedence.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    settings: Vec<SavedFilter>,
    kept: Vec<SavedFilter>,
    /// Whether the saved filters were requested.
    pub(crate) asked: bool,
    /// The filter being saved or deleted.
    pub(crate) waiting: Option<Waiting>,
}

/// A filter being saved or deleted, until the disk has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) name: String,
    /// `None` to delete it.
    pub(crate) words: Option<String>,
}

/// From `[filters]`, by name; or everything wrong there.
pub(crate) fn of_settings(settings: &[Setting]) -> Result<Vec<SavedFilter>, Vec<Wrong>> {
    let wrong: Vec<Wrong> = settings.iter().filter_map(wrong).collect();
    let filter = |it: &Setting| SavedFilter {
        name: it.name.trim().to_owned(),
        words: it.value().trim().to_owned(),
    };
    let mut filters: Vec<SavedFilter> = settings.iter().map(filter).collect();
    filters.sort_by(|a, b| a.name.cmp(&b.name));
    if wrong.is_empty() { Ok(filters) } else { Err(wrong) }
}

fn wrong(setting: &Setting) -> Option<Wrong> {
    let (Setting { name, line, .. }, words) = (setting, setting.value());
    let wrong = |why: String, hint: &str| Wrong { line: *line, why, hint: hint.to_owned() };
    if name.trim().is_empty() {
        return Some(wrong("a filter without a name".into(), "give it one"));
    }
    if words.trim().is_empty() {
        return Some(wrong(
            format!("the filter `{name}` is empty"),
            "write what it looks for, like \"status:pending image:golden\"",
        ));
    }
    let why = Filter::complaint(words)?;
    Some(wrong(format!("filter `{name}`: {why}"), "correct it there"))
}

impl Saved {
    /// With the filters of the settings.
    pub(crate) fn of(settings: Vec<SavedFilter>) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Replaces the filters of the settings.
    pub(crate) fn set(&mut self, settings: Vec<SavedFilter>) {
        self.settings = settings;
    }

    /// Replaces the filters saved from the screen.
    pub(crate) fn keep(&mut self, kept: Vec<SavedFilter>) {
        self.kept = kept;
    }

    /// Adds a filter until the program ends.
    pub(crate) fn keep_here(&mut self, filter: SavedFilter) {
        self.kept.retain(|kept| kept.name != filter.name);
        self.kept.push(filter);
    }

    /// Every filter, and its origin.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&SavedFilter, &'static str)> {
        let of_settings = self.settings.iter().map(|filter| (filter, "config.toml"));
        let kept = self.kept.iter().filter(|kept| !self.is_set(&kept.name));
        of_settings.chain(kept.map(|filter| (filter, "saved here")))
    }

    /// The filters saved from the screen.
    pub(crate) fn kept(&self) -> &[SavedFilter] {
        &self.kept
    }

    /// The filter of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&SavedFilter> {
        self.all().map(|(filter, _)| filter).find(|filter| filter.name == name)
    }

    /// Whether the settings define this name.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.settings.iter().any(|filter| filter.name == name)
    }
}

/// The line for `config.toml` that defines a filter.
pub(crate) fn setting(filter: &SavedFilter) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    format!("[filters]\n{} = {}\n", quoted(&filter.name), quoted(&filter.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, words: &str) -> SavedFilter {
        SavedFilter { name: name.into(), words: words.into() }
    }

    #[test]
    fn settings_go_before_what_was_kept_under_the_same_name() {
        let mut saved = Saved::of(vec![filter("a", "golden")]);
        saved.keep(vec![filter("a", "other"), filter("b", "sql")]);

        let all: Vec<_> = saved.all().map(|(it, from)| (it.words.as_str(), from)).collect();
        assert_eq!(all, [("golden", "config.toml"), ("sql", "saved here")]);
        assert_eq!(saved.find("a").unwrap().words, "golden");
        assert!(saved.find("c").is_none());
    }

    #[test]
    fn the_line_for_the_settings_can_be_read_back() {
        let odd = filter("the \"odd\" one", "a\\b !c");
        let text = setting(&odd);
        let app = cloud::config::AppConfig::parse(&text, std::path::Path::new("c")).unwrap();
        assert_eq!(of_settings(&app.section("filters")).unwrap(), [odd]);
    }
}
