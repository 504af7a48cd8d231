//! `--from`: pairs of image and member, as CSV or JSON lines.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use domain::text::clean;
use domain::{Failure, Marks, Member, MemberKind, ProjectId, Scope, Share, Text};

/// Why a line is not a pair.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong, as a fragment.
    pub why: String,
}

/// The pairs of a list, and the scope that the list is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The pairs, each once.
    pub marks: Marks,
    /// What the list says of its scope; nothing where it has no such columns.
    pub origin: Origin,
}

/// Cloud, region and project that the lines of an audit name. A part is empty where the list does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    cloud: Text,
    region: Text,
    project: Text,
}

/// Reads a file, or stdin for `-`. One invalid line refuses the whole file: sharelock never acts on half a list.
pub fn read(path: &Path) -> Result<List, Failure> {
    let failed = |why: String| Failure::new(format!("read {}", Text::from(label(path))), why);
    let bytes = bytes(path).map_err(|error| failed(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = line_at(&bytes, error.valid_up_to());
        failed(format!("line {line}: this is not UTF-8")).with_hint("save it as UTF-8")
    })?;
    let list = parse(text).map_err(|bad| {
        failed(bad.to_string()).with_hint("each line is image_id,member_id[,member_type]")
    })?;
    if list.marks.is_empty() {
        return Err(failed("it names no share".into()));
    }
    Ok(list)
}

fn label(path: &Path) -> String {
    if path == Path::new("-") { "stdin".into() } else { path.display().to_string() }
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads CSV with or without a header line, or JSON lines. Pairs named twice count once.
pub fn parse(text: &str) -> Result<List, BadLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') { from_json_lines(text) } else { from_csv(text) }
}

#[derive(Deserialize)]
struct Line {
    image_id: Option<Text>,
    member_id: Option<Text>,
    member_type: Option<Text>,
    cloud: Option<Text>,
    region: Option<Text>,
    project_id: Option<Text>,
}

impl Origin {
    /// Refuses a list of another scope. Image IDs are the same in several regions wherever images are synchronized, so
    /// the IDs alone do not show that the list belongs elsewhere.
    pub fn check(&self, here: &Scope) -> Result<(), Failure> {
        let region = here.region.as_deref().unwrap_or_default();
        let is_other = |named: &Text, same: bool| !named.raw().is_empty() && !same;
        let same_project = ProjectId(self.project.clone()).is(&here.project_id);
        let project_is_known = !self.project.raw().is_empty();
        let is_elsewhere = is_other(&self.region, self.region.raw().eq_ignore_ascii_case(region))
            || is_other(&self.project, same_project)
            // One project may be configured under several names of the cloud.
            || (!project_is_known && is_other(&self.cloud, self.cloud.raw() == here.cloud));
        if !is_elsewhere {
            return Ok(());
        }
        let here = Self {
            cloud: here.cloud.as_str().into(),
            region: region.into(),
            project: here.project_id.0.clone(),
        };
        let why = format!("the list is about {self}, but this login is {here}");
        Err(Failure::new("use the list", why).with_hint(
            "nothing was sent; choose the right scope with --cloud and --region, or make a list for this one",
        ))
    }

    /// The other name of the cloud that the list was made under, if it is another one.
    pub fn other_name(&self, here: &Scope) -> Option<String> {
        let is_other = !self.cloud.raw().is_empty() && self.cloud.raw() != here.cloud;
        is_other.then(|| {
            let here = clean(&here.cloud);
            format!("the list was made for cloud {}, and this login is cloud {here}", self.cloud)
        })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("project", &self.project), ("cloud", &self.cloud), ("region", &self.region)];
        let named = parts.iter().filter(|(_, value)| !value.raw().is_empty());
        let named: Vec<String> = named.map(|(name, value)| format!("{name} {value}")).collect();
        f.write_str(&named.join(", "))
    }
}

/// Refuses a line of another scope than the first line's: all pairs go to one.
fn one_origin(
    first: &mut Option<Origin>,
    origin: Origin,
    bad: &impl Fn(String) -> BadLine,
) -> Result<(), BadLine> {
    let Some(first) = first else {
        *first = Some(origin);
        return Ok(());
    };
    if *first == origin {
        return Ok(());
    }
    Err(bad(format!(
        "it is about another scope ({origin}) than the lines before ({first}); make a list for each"
    )))
}

fn from_json_lines(text: &str) -> Result<List, BadLine> {
    let (mut marks, mut first) = (Marks::default(), None);
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |why: String| BadLine { line: number, why };
        let line: Line = serde_json::from_str(line).map_err(|error| bad(about(&error)))?;
        let origin = Origin {
            cloud: line.cloud.unwrap_or_default(),
            region: line.region.unwrap_or_default(),
            project: line.project_id.unwrap_or_default(),
        };
        one_origin(&mut first, origin, &bad)?;
        let field = |value: Option<Text>, name| value.ok_or_else(|| bad(format!("no {name}")));
        marks.insert(share(
            field(line.image_id, "image_id")?,
            field(line.member_id, "member_id")?,
            line.member_type.as_ref().map_or("", Text::raw),
            &bad,
        )?);
    }
    Ok(List { marks, origin: first.unwrap_or_default() })
}

/// serde's words without its own line number, which counts within the line.
fn about(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let column = error.column();
    let words = text.split(" at line ").next().unwrap_or_default().to_owned();
    if error.is_data() { words } else { format!("not a JSON object: {words} at column {column}") }
}

/// Which field holds what.
#[derive(Clone, Copy)]
struct Places {
    image: usize,
    member: usize,
    kind: Option<usize>,
    /// Cloud, region and project of [`Origin`].
    origin: [Option<usize>; 3],
    /// Without a header, a line can have no more fields than this.
    most: usize,
}

const BARE: Places = Places { image: 0, member: 1, kind: Some(2), origin: [None; 3], most: 3 };

fn from_csv(text: &str) -> Result<List, BadLine> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let (mut marks, mut first) = (Marks::default(), None);
    let mut places = None;
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let bad = |why: String| BadLine { line: line_of(text, record.position()), why };
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let Some(places) = places else {
            let header = header(&record).map_err(bad)?;
            if header.is_none() {
                marks.insert(pair(&record, BARE, &bad)?);
            }
            places = Some(header.unwrap_or(BARE));
            continue;
        };
        let part = |place: Option<usize>| place.and_then(|place| record.get(place)).map(str::trim);
        let [cloud, region, project] =
            places.origin.map(|place| part(place).unwrap_or_default().into());
        let origin = Origin { cloud, region, project };
        one_origin(&mut first, origin, &bad)?;
        marks.insert(pair(&record, places, &bad)?);
    }
    Ok(List { marks, origin: first.unwrap_or_default() })
}

/// Spreadsheets write a semicolon or a tab where the comma is the decimal point.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let found = [b',', b';', b'\t'].into_iter().find(|byte| first.as_bytes().contains(byte));
    found.unwrap_or(b',')
}

fn broken(error: &csv::Error) -> BadLine {
    let line = error.position().map_or(1, csv::Position::line);
    BadLine { line, why: error.to_string() }
}

/// The csv crate points to the end of the record before, which blank lines and `\r\n` leave behind.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 1 };
    let start = usize::try_from(position.byte()).unwrap_or(text.len()).min(text.len());
    let rest = &text.as_bytes()[start..];
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    line_at(text.as_bytes(), start + blank)
}

/// The number of the line that a byte stands in.
fn line_at(bytes: &[u8], end: usize) -> u64 {
    (1..).zip(bytes[..end].split(|byte| *byte == b'\n')).last().map_or(1, |(line, _)| line)
}

/// The places of the columns, if the record is a header line.
fn header(record: &csv::StringRecord) -> Result<Option<Places>, String> {
    let place =
        |name: &str| record.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
    let kind = place("member_type");
    let origin = ["cloud", "region", "project_id"].map(place);
    match (place("image_id"), place("member_id")) {
        (Some(image), Some(member)) => {
            Ok(Some(Places { image, member, kind, origin, most: usize::MAX }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err("the header has no column member_id".into()),
        (None, Some(_)) => Err("the header has no column image_id".into()),
    }
}

fn pair(
    record: &csv::StringRecord,
    places: Places,
    bad: &impl Fn(String) -> BadLine,
) -> Result<Share, BadLine> {
    if record.len() > places.most {
        let wanted = "image_id,member_id[,member_type]";
        return Err(bad(format!("{} fields where {wanted} was expected", record.len())));
    }
    let field = |place, name| match record.get(place) {
        Some(field) if is_padded(field) => Err(bad(padded(name))),
        Some(field) => original(field).ok_or_else(|| bad(altered(name))),
        None => Err(bad(format!("no {name}"))),
    };
    let kind = places.kind.and_then(|place| record.get(place)).unwrap_or_default();
    share(field(places.image, "image_id")?, field(places.member, "member_id")?, kind, bad)
}

/// A field as the cloud wrote it; `None` when our CSV, made for spreadsheets, had to change it.
fn original(field: &str) -> Option<Text> {
    let quoted = field.strip_prefix('\'').is_some_and(|rest| {
        rest.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
    });
    (!quoted && !field.contains('\u{fffd}')).then(|| field.into())
}

/// Glance takes any string for a member: `x` and `x ` are two, and nobody can tell which of them a blank meant.
fn is_padded(field: &str) -> bool {
    !field.trim().is_empty() && field.trim() != field
}

fn padded(name: &str) -> String {
    format!(
        "there are blanks around this {name}, and with them it is another id: take them away, or give the line as JSON \
         if they belong to it"
    )
}

fn altered(name: &str) -> String {
    format!("this {name} was changed to be harmless in a spreadsheet; use --format jsonl for it")
}

fn share(
    image: Text,
    member: Text,
    kind: &str,
    bad: &impl Fn(String) -> BadLine,
) -> Result<Share, BadLine> {
    for (id, name) in [(&image, "image_id"), (&member, "member_id")] {
        if id.raw().trim().is_empty() {
            return Err(bad(format!("no {name}")));
        }
    }
    let kind = match kind.trim() {
        "" => MemberKind::Project,
        word => MemberKind::from_word(word).ok_or_else(|| {
            bad(format!("member_type `{word}` is none of project, domain, organization"))
        })?,
    };
    Ok(Share { image: domain::ImageId(image), member: Member { kind, id: member } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<String> {
        let show = |share: Share| {
            let member = share.member;
            format!("{} {} {}", share.image.raw(), member.kind.word(), member.id.raw())
        };
        parse(text).unwrap().marks.iter().map(show).collect()
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_list_of_several_places_is_refused_for_it_goes_to_one() {
        let header = "cloud,region,image_id,member_id";
        assert_eq!(pairs(&format!("{header}\nc,r,a,x\nc,r,b,y")).len(), 2);
        for other in ["d,r,b,y", "c,s,b,y"] {
            let why = refused(&format!("{header}\nc,r,a,x\n{other}"));
            assert!(
                why.starts_with("line 3: it is about another scope") && why.contains("for each"),
                "{why}"
            );
        }
        let line = |project: &str| {
            format!("{{\"image_id\":\"a\",\"member_id\":\"x\",\"project_id\":\"{project}\"}}\n")
        };
        assert_eq!(pairs(&line("p")).len(), 1);
        assert!(refused(&(line("p") + &line("q"))).starts_with("line 2: "));
    }

    fn here(cloud: &str, region: Option<&str>, project: &str) -> Scope {
        Scope {
            cloud: cloud.into(),
            region: region.map(Into::into),
            project_id: ProjectId(project.into()),
            ..Scope::fixture()
        }
    }

    #[test]
    fn a_list_of_another_cloud_region_or_project_is_refused() {
        let text = "cloud,region,project_id,image_id,member_id\nprod,RegionTwo,p-1,a,x";
        let origin = parse(text).unwrap().origin;
        let check = |cloud, region, project| {
            origin.check(&here(cloud, region, project)).map_err(|failure| failure.to_string())
        };

        assert_eq!(check("prod", Some("RegionTwo"), "P1"), Ok(()), "projects differ in spelling");
        assert_eq!(check("other-name", Some("RegionTwo"), "p1"), Ok(()));
        for (region, project) in
            [(Some("RegionOne"), "p1"), (Some("RegionTwo"), "p2"), (None, "p1")]
        {
            let why = check("prod", region, project).unwrap_err();
            assert!(why.contains("about project p-1, cloud prod, region RegionTwo"), "{why}");
            assert!(why.contains(&format!("this login is project {project}, cloud prod")), "{why}");
            assert!(why.contains("nothing was sent"), "{why}");
        }
        let renamed = origin.other_name(&here("other-name", None, "p1")).unwrap();
        assert!(renamed.contains("cloud prod") && renamed.contains("other-name"), "{renamed}");
        assert_eq!(origin.other_name(&here("prod", None, "p1")), None);
    }

    #[test]
    fn without_a_project_in_the_list_the_name_of_the_cloud_decides() {
        let origin = parse("cloud,image_id,member_id\nprod,a,x").unwrap().origin;
        assert!(origin.check(&here("prod", Some("r"), "p")).is_ok());
        assert!(origin.check(&here("test", Some("r"), "p")).is_err());

        let bare = parse("a,x").unwrap().origin;
        assert_eq!(bare, Origin::default());
        assert!(bare.check(&here("test", Some("r"), "p")).is_ok());
    }

    #[test]
    fn csv_is_read_with_and_without_a_header() {
        let expected = ["a project x", "b domain y"];
        assert_eq!(pairs("a,x\nb,y,domain\n"), expected);
        assert_eq!(pairs("image_id,member_id,member_type\na,x,\nb,y,domain"), expected);
        assert_eq!(
            pairs("name,Member_ID,IMAGE_ID,member_type\nq,x,a,project\nr,y,b,DOMAIN"),
            expected
        );
        assert_eq!(pairs("image_id;member_id;member_type\na;x;\nb;y;domain"), expected);
        assert_eq!(pairs("a\tx\nb\ty\tdomain"), expected);
    }

    #[test]
    fn json_lines_are_read_and_other_keys_do_no_harm() {
        let text = "\n{\"image_id\":\"a\",\"member_id\":\"x\",\"member_type\":null,\"z\":1}\r\n\r\n\
                    {\"image_id\":\"b\",\"member_id\":\"y\",\"member_type\":\"domain\"}";
        assert_eq!(pairs(text), ["a project x", "b domain y"]);
    }

    #[test]
    fn a_mark_of_byte_order_and_windows_line_ends_and_blank_lines_do_no_harm() {
        assert_eq!(pairs("\u{feff}image_id, member_id\r\n\r\na,x\r\n, \r\n"), ["a project x"]);
        assert_eq!(pairs("\u{feff}{\"image_id\":\"a\",\"member_id\":\"x\"}\r\n"), ["a project x"]);
    }

    #[test]
    fn a_pair_named_twice_counts_once() {
        assert_eq!(parse("a,x\na,x\na,x,project\na,x,domain\n").unwrap().marks.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, error) in [
            ("a,x\n\nb\n", "line 3: no member_id"),
            ("a,x\r\n\r\n\r\n,y\r\n", "line 4: no image_id"),
            (
                "a,x\nb,y,team",
                "line 2: member_type `team` is none of project, domain, organization",
            ),
            (
                "a,b,project,d",
                "line 1: 4 fields where image_id,member_id[,member_type] was expected",
            ),
            ("image_id,project\na,x", "line 1: the header has no column member_id"),
            ("{\"image_id\":\"a\"}", "line 1: no member_id"),
            ("{\"image_id\":\"a\",\"member_id\":\"\"}", "line 1: no member_id"),
            (
                "{\"image_id\":\"a\",\"member_id\":\"x\"}\nrubbish",
                "line 2: not a JSON object: expected value at column 1",
            ),
            (
                "{\"image_id\":7,\"member_id\":\"x\"}",
                "line 1: invalid type: integer `7`, expected a string",
            ),
        ] {
            assert_eq!(refused(text), error, "{text:?}");
        }
    }

    #[test]
    fn an_id_with_blanks_around_it_is_refused_for_without_them_it_is_another_id() {
        for line in ["a,x ", "a, x", " a,x", "a,\"x \"", "a,x\u{a0}"] {
            let why = refused(&format!("b,y\n{line}"));
            assert!(why.starts_with("line 2: there are blanks around this "), "{line:?}: {why}");
        }
        assert_eq!(pairs("a,x y"), ["a project x y"]);
        assert_eq!(pairs("{\"image_id\":\"a\",\"member_id\":\"x \"}"), ["a project x "]);
        assert_eq!(pairs("a,x, domain "), ["a domain x"]);
    }

    #[test]
    fn an_id_that_our_csv_had_to_change_is_refused() {
        assert!(refused("a,'=x").contains("use --format jsonl"));
        assert!(refused("a\u{fffd},x").contains("use --format jsonl"));
        assert_eq!(pairs("a,'x"), ["a project 'x"]);
    }

    #[test]
    fn a_file_of_nothing_is_refused_and_one_that_is_not_there_is_named() {
        let failure = read(Path::new("/nowhere/list.csv")).unwrap_err().to_string();
        assert!(failure.starts_with("cannot read /nowhere/list.csv: No such file"), "{failure}");
        assert!(parse("image_id,member_id\n").unwrap().marks.is_empty());
    }
}
