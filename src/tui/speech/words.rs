//! Signs as words.

use crate::tui::app::App;
use crate::tui::ui::text::counted;
use domain::{Image, Member, MemberKind, MemberStatus, Moment, Scope, Source, Text};

/// An age: `9 days`.
pub(crate) fn age(moment: Moment, now: Moment) -> String {
    let short = moment.age(now);
    let (number, unit) = short.split_at(short.len().saturating_sub(1));
    let unit = match unit {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        _ => "year",
    };
    number.parse().map_or(short.clone(), |number| counted(number, unit))
}

/// Cloud, region and project.
pub(crate) fn place(scope: &Scope) -> String {
    let project = scope.project_name.as_ref().unwrap_or(&scope.project_id.0).to_string();
    let region = scope.region.as_ref().map(|region| format!("region {region}"));
    let parts = [Some(scope.cloud.clone()), region, Some(format!("project {project}"))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a member is called and who says so; an id that nobody can remember only by its beginning.
pub(crate) fn member(app: &App, member: &Member) -> String {
    let kind = match member.kind {
        MemberKind::Project => String::new(),
        kind => format!("{} ", kind.word()),
    };
    match app.names.of(member) {
        Some(name) => format!("{kind}{}{}", name.name, source(name.source)),
        None => format!("{kind}{}, no name known", short(&member.id)),
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Alias => "",
        Source::Keystone => " (named so by the cloud)",
        Source::LastSeen => " (named so when last seen)",
    }
}

/// Ids of OpenStack are told apart by eight of their digits.
fn short(id: &Text) -> String {
    let text = id.to_string();
    let digits = |c: char| c.is_ascii_hexdigit() || c == '-';
    if text.len() >= 32 && text.chars().all(digits) { text[..8].to_owned() } else { text }
}

/// A status. Promise 6: it is not access.
pub(crate) fn status(status: &MemberStatus) -> String {
    match status {
        MemberStatus::Accepted => "accepted".into(),
        other => format!("{other}, has access all the same"),
    }
}

/// What is known about an image besides its members.
pub(crate) fn image(image: &Image) -> Vec<String> {
    let text = |name: &str, text: Option<&Text>| text.map(|text| format!("{name} {text}"));
    let parts = [
        Some(format!("id {}", image.id)),
        Some(format!("visibility {}", image.visibility)),
        text("status", image.status.as_ref()),
        text("system", image.os.as_ref()),
    ];
    parts.into_iter().flatten().collect()
}

/// How much of something is marked; nothing where nothing is.
pub(crate) fn marked(marked: usize, all: usize) -> String {
    match marked {
        0 => String::new(),
        1 if all <= 1 => "marked".into(),
        some if some >= all => format!("all {some} marked"),
        some => format!("{some} marked"),
    }
}

/// A sentence of the screen without the sign at its beginning.
pub(crate) fn unsigned(app: &App, text: &str) -> String {
    let text = text.strip_prefix(app.spinner()).unwrap_or(text);
    let text = text.trim_start_matches(['✗', '⚠', '✓', '›', '▸', '·', ' ']);
    text.strip_suffix('…').map_or_else(|| text.to_owned(), |text| format!("{text}."))
}

/// The parts that say something, as the rest of a sentence.
pub(crate) fn listed(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{DATA, NOW, ago, loaded};

    #[test]
    fn ages_are_words() {
        let before = |ms| age(Moment(NOW.0 - ms), NOW);
        assert_eq!(before(1_000), "1 second");
        assert_eq!(before(65 * 60_000), "1 hour");
        assert_eq!(age(ago(9), NOW), "9 days");
        assert_eq!(age(ago(800), NOW), "2 years");
    }

    #[test]
    fn ids_are_told_by_their_beginning_only_where_that_tells_them_apart() {
        let app = loaded(140, 40);
        assert_eq!(member(&app, &Member::project(DATA)), "team-data");
        let unknown = Member::project("0123456789abcdef0123456789abcdef");
        assert_eq!(member(&app, &unknown), "01234567, no name known");
        let odd = Member::project("project-000000000000000000000000000000042");
        assert!(member(&app, &odd).starts_with("project-000000000000000000000000000000042,"));
    }

    #[test]
    fn marks_are_told_as_far_as_there_are_any() {
        assert_eq!([marked(0, 3), marked(2, 3), marked(3, 3)], ["", "2 marked", "all 3 marked"]);
    }
}
