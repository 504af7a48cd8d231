//! `audit`: who has access to what.

use super::exit::{Exit, Stop};
use super::interrupts;
use super::names::Names;
use super::output::{self, Format, Output, OutputArgs};
use super::reading::Reading;
use super::setup::Setup;
use super::{Login, select};
use domain::{Failure, Text};
use engine::{self, PollTimes};

mod document;
mod logins;
mod report;
mod rows;
mod scopes;
mod targets;

use report::Report;
pub use rows::Order;
use scopes::{Audit, Read, ScopeAudit};

/// Arguments of `audit`.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// Only these images, by ID or name; a name selects every image that has it
    #[arg(long, value_name = "ID|NAME", num_args = 1..)]
    pub image: Vec<String>,
    /// Only these members, by ID, alias or project name
    ///
    /// Tables show where a name comes from: nothing before an alias, `=` before the cloud's name, `~` before a name
    /// that was last seen earlier.
    #[arg(long, value_name = "ID|NAME", num_args = 1..)]
    pub project: Vec<String>,
    /// Only shares with one of these statuses
    #[arg(
        long,
        value_name = "STATUS",
        num_args = 1..,
        value_parser = ["pending", "accepted", "rejected"],
        ignore_case = true
    )]
    pub status: Vec<String>,
    /// Include images that other projects share with yours
    #[arg(long)]
    pub received: bool,
    /// Audit every configured cloud at the same time: its first region, or all with `--all-regions`
    #[arg(long)]
    pub all_clouds: bool,
    /// Audit every region of the cloud: those of its entry or profile, otherwise those of its catalog
    #[arg(long)]
    pub all_regions: bool,
    /// Order of the rows
    #[arg(long, value_name = "ORDER", default_value = "image")]
    pub by: Order,
    /// Format and file of the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads, and prints what was found; 3 when something could not be checked.
pub async fn run(setup: &Setup, login: Login, args: AuditArgs) -> Result<Exit, Stop> {
    let output = Output::open(&args.output)?;
    let names = &setup.names();
    let clouds = setup.known_clouds().await?;
    let targets = targets::targets(&args, &login, setup, &clouds)?;
    let engine = setup.engine_on(clouds, PollTimes::default());
    let audit = async |engine: &_| Audit::new(engine, &targets, &args, names).run().await;
    let (audited, several) = interrupts::run(engine, audit).await?;
    let nowhere = nowhere(&audited);
    if nowhere.is_none() {
        refuse_missing(&audited, &args.image)?;
        refuse_ambiguous(&audited, &args.project)?;
        refuse_unknown(&audited, &args.project)?;
    }
    let scopes = audited.iter().map(|scope| scope.report(&args)).collect();
    let report = Report { taken_at: engine::now(), scopes, several };
    if nowhere.is_none() || args.output.format == Format::Json {
        output.write(&report, &report.sheet(args.by).for_people(args.output.format))?;
    }
    match nowhere {
        Some(failure) => Err(failure.into()),
        None => Ok(summarize(&report)),
    }
}

/// The scopes that were read.
fn read(scopes: &[ScopeAudit]) -> impl Iterator<Item = &Read> {
    scopes.iter().filter_map(|scope| scope.outcome.as_ref().ok())
}

/// Why nothing at all was read, if so.
fn nowhere(scopes: &[ScopeAudit]) -> Option<Failure> {
    match scopes {
        scopes if read(scopes).next().is_some() => None,
        [] => None,
        [scope] => scope.outcome.as_ref().err().cloned(),
        several => {
            let why = format!("all {} logins failed", several.len());
            let hint = "run `sharelock clouds --check` to see what each cloud is missing";
            Some(Failure::new("audit", why).with_hint(hint))
        }
    }
}

/// An image that was named and is not found is a mistake: half a selection is never intended.
fn refuse_missing(scopes: &[ScopeAudit], typed: &[String]) -> Result<(), Failure> {
    let is_found = |typed: &&String| {
        let mut named = read(scopes).flat_map(|read| &read.named);
        named.any(|named| named.typed == **typed)
    };
    let Some(missing) = typed.iter().find(|typed| !is_found(typed)) else { return Ok(()) };
    if let Some(failure) = scopes.iter().find_map(|scope| scope.outcome.as_ref().err()) {
        let why = format!("not all scopes could be read: {failure}");
        return Err(Failure::new(format!("find the image `{missing}`"), why));
    }
    let readings: Vec<&Reading> = read(scopes).map(|read| &read.reading).collect();
    Err(select::missing_in(&readings, missing))
}

/// A name that several projects of one cloud have is ambiguous.
fn refuse_ambiguous(scopes: &[ScopeAudit], typed: &[String]) -> Result<(), Failure> {
    let ambiguity = |Read { names, reading, .. }: &Read| {
        typed.iter().find_map(|typed| names.ambiguity(&reading.inventory, typed))
    };
    read(scopes).find_map(ambiguity).map_or(Ok(()), Err)
}

/// Something that is not a member, an alias or a name anywhere is a typo, and "0 shares" would read "has no access".
/// Where something could not be read it may be there, and the audit is incomplete anyway.
fn refuse_unknown(scopes: &[ScopeAudit], typed: &[String]) -> Result<(), Failure> {
    let is_known = |typed: &str| {
        read(scopes).any(|Read { scope, names, reading, .. }| {
            names.is_known(scope.kind, &reading.inventory, typed)
        })
    };
    let is_complete = |Read { reading, .. }: &Read| {
        let is_read = |(ix, _)| reading.unknown(ix).is_none();
        reading.failures.is_empty() && reading.inventory.images().all(is_read)
    };
    let is_complete = scopes.iter().all(|scope| scope.outcome.as_ref().is_ok_and(is_complete));
    let unknown = typed.iter().find(|typed| !is_known(typed)).filter(|_| is_complete);
    unknown.map_or(Ok(()), |typed| {
        let readings = read(scopes).map(|read| (&read.names, &read.reading.inventory));
        Err(Names::unknown_member(typed, readings))
    })
}

/// Reports in one line what was found, and in one each what was not checked.
fn summarize(report: &Report<'_>) -> Exit {
    let troubles: Vec<Text> = report.troubles();
    output::say_some("not checked: ", &troubles);
    output::say(report.summary());
    if troubles.is_empty() { Exit::Done } else { Exit::Incomplete }
}

#[cfg(test)]
mod tests {
    use super::report::{Place, Scope, Wish};
    use super::targets::AuditTarget;
    use super::*;
    use crate::cli::{json, sheet};
    use domain::{
        self, Failure, Image, Member, MemberKind, MemberList, MemberStatus, Membership, Moment,
        ProjectId, Visibility,
    };

    fn row(kind: MemberKind, id: &str, status: MemberStatus) -> Membership {
        let created_at = Some(Moment(1_433_441_466_000));
        Membership { member: Member { kind, id: id.into() }, status, created_at, updated_at: None }
    }

    /// One image that was read, one that cannot have members, one that could not be read.
    fn reading() -> Reading {
        let mut reading = Reading::default();
        let mut put = |id: &str, name: Option<&str>, visibility| {
            reading.inventory.put_image(Image {
                name: name.map(Text::from),
                owner: Some(ProjectId("p".into())),
                visibility,
                ..Image::bare(id.into())
            })
        };
        let a = put("a", Some("=evil\u{1b}[2J"), Visibility::Shared);
        let b = put("b", None, Visibility::Private);
        let c = put("c", Some("broken"), Visibility::Shared);
        let members = vec![
            row(MemberKind::Project, "x", MemberStatus::Accepted),
            row(MemberKind::Domain, "y", MemberStatus::Pending),
        ];
        reading.inventory.put_members(a, members);
        reading.inventory.put_list(b, MemberList::DoNotApply);
        reading.inventory.put_list(c, MemberList::Failed("cannot read: 503".into()));
        reading
    }

    fn with_report<T>(reading: &Reading, wish: Wish, look: impl FnOnce(&Report<'_>) -> T) -> T {
        let place =
            Place::asked(&AuditTarget { cloud: Some("demo".into()), ..AuditTarget::default() });
        let names = Names::new([("x".to_owned(), "team".to_owned())]);
        let images = select::in_order(&reading.inventory);
        let scopes = vec![Scope::read(place, reading, images, wish, &names)];
        look(&Report { taken_at: Moment(0), scopes, several: false })
    }

    fn document(report: &Report<'_>) -> String {
        let mut out = Vec::new();
        json::write(&mut out, report).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn csv(report: &Report<'_>, order: Order) -> String {
        let mut out = Vec::new();
        sheet::write_csv(&mut out, &report.sheet(order)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_document_has_the_shape_of_its_schema() {
        let text = with_report(&reading(), Wish::default(), document);
        assert_eq!(
            text,
            "{\"schema\":\"sharelock/audit/1\",\"taken_at\":\"1970-01-01T00:00:00Z\",\"complete\":false,\
             \"scopes\":[{\"cloud\":\"demo\",\"region\":null,\"project_id\":null,\"error\":null,\"notices\":[],\"images\":[\
             {\"id\":\"b\",\"name\":null,\"owner\":\"p\",\"visibility\":\"private\",\
             \"members_read\":false,\"error\":null,\"members\":[]},\
             {\"id\":\"a\",\"name\":\"=evil\\u001b[2J\",\"owner\":\"p\",\"visibility\":\"shared\",\
             \"members_read\":true,\"error\":null,\"members\":[\
             {\"id\":\"x\",\"type\":\"project\",\"name\":\"team\",\"status\":\"accepted\",\
             \"created_at\":\"2015-06-04T18:11:06Z\",\"updated_at\":null},\
             {\"id\":\"y\",\"type\":\"domain\",\"name\":null,\"status\":\"pending\",\
             \"created_at\":\"2015-06-04T18:11:06Z\",\"updated_at\":null}]},\
             {\"id\":\"c\",\"name\":\"broken\",\"owner\":\"p\",\"visibility\":\"shared\",\
             \"members_read\":false,\"error\":\"cannot read: 503\",\"members\":[]}]}],\"findings\":[]}\n"
        );
    }

    #[test]
    fn csv_has_a_row_for_each_share_and_each_image_that_was_not_checked() {
        let text = with_report(&reading(), Wish::default(), |report| csv(report, Order::Image));
        let lines: Vec<&str> = text.lines().collect();

        assert_eq!(lines.len(), 4, "{text}");
        assert!(
            lines[1].contains("'=evil\u{fffd}[2J,a,p,shared,x,project,team,accepted"),
            "{text}"
        );
        assert!(lines[2].contains(",y,domain,,pending,2015-06-04T18:11:06Z,,"), "{text}");
        assert!(lines[3].ends_with(",broken,c,p,shared,,,,,,,cannot read: 503"), "{text}");
    }

    #[test]
    fn every_column_holds_what_its_heading_says_in_either_order() {
        let find = |text: &str, key: &str| {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let at = reader.headers().unwrap().iter().position(|name| name == key).unwrap();
            reader.records().map(|record| record.unwrap()[at].to_owned()).collect::<Vec<_>>()
        };
        with_report(&reading(), Wish::default(), |report| {
            let (by_image, by_member) = (csv(report, Order::Image), csv(report, Order::Member));
            for key in
                ["image_id", "member_id", "member_type", "member_name", "owner", "status", "error"]
            {
                assert_eq!(find(&by_image, key), find(&by_member, key), "{key}");
            }
        });
    }

    #[test]
    fn only_the_wanted_members_and_statuses_are_reported() {
        let reading = reading();
        let names = Names::new([("x".to_owned(), "team".to_owned())]);
        let wish = |projects: &[&str], statuses: &[&str]| {
            let all = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
            Wish::new(&reading, &names, &all(projects), &all(statuses))
        };
        let members = |wish| {
            let text = with_report(&reading, wish, document);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let members = &value["scopes"][0]["images"][1]["members"];
            members.as_array().unwrap().iter().map(|m| m["id"].to_string()).collect::<String>()
        };
        assert_eq!(members(wish(&["team"], &[])), "\"x\"");
        assert_eq!(members(wish(&[], &["PENDING"])), "\"y\"");
        assert_eq!(members(wish(&["nobody"], &[])), "");
    }

    #[test]
    fn the_legend_says_that_status_is_not_access_when_a_status_could_mislead() {
        let reading = reading();
        let legend = |wish| {
            with_report(&reading, wish, |report| {
                sheet::Sheet::legend(&report.sheet(Order::Image)).concat()
            })
        };
        assert!(legend(Wish::default()).contains("can use the image all the same"));
        let accepted = Wish::new(&reading, &Names::default(), &[], &["accepted".into()]);
        assert!(!legend(accepted).contains("can use the image all the same"));
    }

    #[test]
    fn the_legend_says_that_members_may_be_dormant_and_that_open_images_are_everybody_s() {
        let mut reading = reading();
        let open = |id: &str, visibility| Image { visibility, ..Image::bare(id.into()) };
        for (id, visibility) in [("o", Visibility::Public), ("p", Visibility::Community)] {
            let ix = reading.inventory.put_image(open(id, visibility));
            reading.inventory.put_list(ix, MemberList::DoNotApply);
        }

        let legend = with_report(&reading, Wish::default(), |report| {
            sheet::Sheet::legend(&report.sheet(Order::Image)).join("\n")
        });
        assert!(legend.contains("2 images: public or community"), "{legend}");
        assert!(legend.contains("3 images: not `shared`, so no members are listed"), "{legend}");
    }

    #[test]
    fn shares_that_two_users_of_one_project_see_are_counted_once() {
        let (reading, names) = (reading(), Names::default());
        let scope = |cloud: &str, endpoint: &str, project: &str| {
            let scope = domain::Scope {
                cloud: cloud.into(),
                endpoint: endpoint.into(),
                project_id: ProjectId(project.into()),
                ..domain::Scope::fixture()
            };
            let images = select::in_order(&reading.inventory);
            Scope::read(Place::of(&scope), &reading, images, Wish::default(), &names)
        };
        let summary = |scopes| Report { taken_at: Moment(0), scopes, several: true }.summary();

        let one = || scope("as-alice", "http://one", "p-1");
        let same = summary(vec![one(), scope("as-bob", "http://one", "P1")]);
        assert!(same.starts_with("2 scopes: 2 shares of 3 images"), "{same}");
        for other in [scope("c", "http://one", "p2"), scope("c", "http://two", "p1")] {
            let both = summary(vec![one(), other]);
            assert!(both.starts_with("2 scopes: 4 shares of 6 images"), "{both}");
        }
    }

    #[test]
    fn several_places_have_columns_of_their_own_and_what_could_not_be_checked_has_a_row() {
        let reading = reading();
        let at = |cloud: &str, region: &str| {
            Place::asked(&AuditTarget {
                cloud: Some(cloud.into()),
                region: Some(region.into()),
                ..AuditTarget::default()
            })
        };
        let names = Names::default();
        let read = |place| {
            Scope::read(
                place,
                &reading,
                select::in_order(&reading.inventory),
                Wish::default(),
                &names,
            )
        };
        let scopes = vec![
            read(at("one", "r1")),
            Scope::closed(at("two", "r2"), &Failure::new("log in", "401")),
            read(at("one", "r3")),
        ];
        let report = Report { taken_at: Moment(0), scopes, several: true };
        let table = |order| {
            let mut out = Vec::new();
            sheet::write_table(&mut out, &report.sheet(order), None).unwrap();
            String::from_utf8(out).unwrap()
        };

        let by_image = table(Order::Image);
        let lines: Vec<&str> = by_image.lines().collect();
        assert!(lines[0].starts_with("CLOUD  REGION  IMAGE"), "{by_image}");
        assert!(lines[1].starts_with("one    r1      =evil"), "{by_image}");
        let closed = lines.iter().find(|line| line.starts_with("two    r2      -")).unwrap();
        assert!(closed.ends_with("cannot log in: 401"), "{by_image}");
        // What can this member reach, wherever it is.
        let by_member = table(Order::Member);
        let lines: Vec<&str> = by_member.lines().skip(1).take(4).collect();
        for (line, start) in
            lines.iter().zip(["one    r1      x", "one    r3      x", "one    r1      y"])
        {
            assert!(line.starts_with(start), "{by_member}");
        }
        assert_eq!(report.troubles().len(), 3);
        assert!(report.troubles()[0].raw().starts_with("one · r1: "));
        assert!(report.summary().contains("3 scopes: 4 shares of 6 images; 3 of the scopes"));
    }

    #[test]
    fn a_list_that_was_not_read_to_its_end_makes_the_audit_incomplete() {
        let mut reading = Reading::default();
        reading.failures.push(Failure::new("list images", "503"));
        with_report(&reading, Wish::default(), |report| {
            assert!(document(report).contains("\"complete\":false"));
            assert!(document(report).contains("\"error\":\"cannot list images: 503\""));
            assert_eq!(report.scopes[0].troubles().len(), 1);
            assert!(report.scopes[0].summary().contains("not complete"));
        });
    }

    #[test]
    fn a_place_one_cannot_log_in_to_is_a_scope_with_an_error() {
        let scopes = vec![Scope::closed(Place::default(), &Failure::new("log in", "401"))];
        let report = Report { taken_at: Moment(0), scopes, several: false };
        assert!(document(&report).contains(
            "\"complete\":false,\"scopes\":[{\"cloud\":\"\",\"region\":null,\"project_id\":null,\
             \"error\":\"cannot log in: 401\",\"notices\":[],\"images\":[]}]"
        ));
    }
}
