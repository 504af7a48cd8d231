//! `audit`: who has access to what.

use super::exit::{Exit, Stop};
use super::interrupts;
use super::names::Names;
use super::output::{self, Format, Output, OutputArgs};
use super::reading::Reading;
use super::setup::Setup;
use super::{Login, select};
use crate::report::access::Order;
use crate::report::audit::Report;
use domain::{Failure, Text};
use engine::{self, PollTimes};

mod logins;
mod scopes;
mod targets;

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
        let signs = matches!(args.output.format, Format::Table | Format::Markdown);
        output.write(&report, &report.access(args.by, signs))?;
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
    let unchecked: Vec<Text> = report.unchecked();
    output::say_some("not checked: ", &unchecked);
    output::say(report.summary());
    if unchecked.is_empty() { Exit::Done } else { Exit::Incomplete }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::access::ScopeName;
    use crate::report::audit::{Filter, Scope};
    use crate::report::json;
    use crate::report::table::{self, Table};
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

    fn scope<'a>(
        scope: &domain::Scope,
        reading: &'a Reading,
        filter: Filter,
        names: &'a Names,
    ) -> Scope<'a> {
        scopes::report(scope, reading, select::in_order(&reading.inventory), filter, names)
    }

    fn with_report<T>(reading: &Reading, filter: Filter, look: impl FnOnce(&Report<'_>) -> T) -> T {
        let names = Names::new([("x".to_owned(), "team".to_owned())]);
        let scopes = vec![scope(&domain::Scope::fixture(), reading, filter, &names)];
        look(&Report { taken_at: Moment(0), scopes, several: false })
    }

    fn document(report: &Report<'_>) -> String {
        let mut out = Vec::new();
        json::write(&mut out, report).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn csv(report: &Report<'_>, order: Order) -> String {
        let mut out = Vec::new();
        table::write_csv(&mut out, &report.access(order, false)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_document_has_the_shape_of_its_schema() {
        let text = with_report(&reading(), Filter::default(), document);
        assert_eq!(
            text,
            "{\"schema\":\"sharelock/audit/1\",\"taken_at\":\"1970-01-01T00:00:00Z\",\"complete\":false,\
             \"scopes\":[{\"cloud\":\"demo\",\"region\":null,\"project_id\":\"p\",\"error\":null,\"notices\":[],\"images\":[\
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
        let text = with_report(&reading(), Filter::default(), |report| csv(report, Order::Image));
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
        with_report(&reading(), Filter::default(), |report| {
            let (by_image, by_member) = (csv(report, Order::Image), csv(report, Order::Member));
            for key in
                ["image_id", "member_id", "member_type", "member_name", "owner", "status", "error"]
            {
                assert_eq!(find(&by_image, key), find(&by_member, key), "{key}");
            }
        });
    }

    #[test]
    fn only_the_selected_members_and_statuses_are_reported() {
        let reading = reading();
        let names = Names::new([("x".to_owned(), "team".to_owned())]);
        let filter = |projects: &[&str], statuses: &[&str]| {
            let all = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
            scopes::filter(&reading, &names, &all(projects), &all(statuses))
        };
        let members = |filter| {
            let text = with_report(&reading, filter, document);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let members = &value["scopes"][0]["images"][1]["members"];
            members.as_array().unwrap().iter().map(|m| m["id"].to_string()).collect::<String>()
        };
        assert_eq!(members(filter(&["team"], &[])), "\"x\"");
        assert_eq!(members(filter(&[], &["PENDING"])), "\"y\"");
        assert_eq!(members(filter(&["nobody"], &[])), "");
    }

    #[test]
    fn the_legend_says_that_status_is_not_access_when_a_status_could_mislead() {
        let reading = reading();
        let legend = |filter| {
            with_report(&reading, filter, |report| {
                report.access(Order::Image, false).legend().concat()
            })
        };
        assert!(legend(Filter::default()).contains("can use the image all the same"));
        let accepted = scopes::filter(&reading, &Names::default(), &[], &["accepted".into()]);
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

        let legend = with_report(&reading, Filter::default(), |report| {
            report.access(Order::Image, false).legend().join("\n")
        });
        assert!(legend.contains("2 images: public or community"), "{legend}");
        assert!(legend.contains("3 images: not `shared`, so no members are listed"), "{legend}");
    }

    #[test]
    fn shares_that_two_users_of_one_project_see_are_counted_once() {
        let (reading, names) = (reading(), Names::default());
        let seen_by = |cloud: &str, endpoint: &str, project: &str| {
            let of = domain::Scope {
                cloud: cloud.into(),
                endpoint: endpoint.into(),
                project_id: ProjectId(project.into()),
                ..domain::Scope::fixture()
            };
            scope(&of, &reading, Filter::default(), &names)
        };
        let summary = |scopes| Report { taken_at: Moment(0), scopes, several: true }.summary();

        let one = || seen_by("as-alice", "http://one", "p-1");
        let same = summary(vec![one(), seen_by("as-bob", "http://one", "P1")]);
        assert!(same.starts_with("2 scopes: 2 shares of 3 images"), "{same}");
        for other in [seen_by("c", "http://one", "p2"), seen_by("c", "http://two", "p1")] {
            let both = summary(vec![one(), other]);
            assert!(both.starts_with("2 scopes: 4 shares of 6 images"), "{both}");
        }
    }

    #[test]
    fn several_scopes_have_columns_of_their_own_and_what_could_not_be_checked_has_a_row() {
        let reading = reading();
        let names = Names::default();
        let read = |region: &str| {
            let project_id = ProjectId(format!("p-{region}").as_str().into());
            let (cloud, region) = ("one".into(), Some(region.into()));
            let of = domain::Scope { cloud, region, project_id, ..domain::Scope::fixture() };
            scope(&of, &reading, Filter::default(), &names)
        };
        let failed = ScopeName::configured(Some("two"), Some("r2"));
        let failed = Scope::failed(failed, &Failure::new("log in", "401"));
        let scopes = vec![read("r1"), failed, read("r3")];
        let report = Report { taken_at: Moment(0), scopes, several: true };
        let table = |order| {
            let mut out = Vec::new();
            table::write_table(&mut out, &report.access(order, false), None).unwrap();
            String::from_utf8(out).unwrap()
        };

        let by_image = table(Order::Image);
        let lines: Vec<&str> = by_image.lines().collect();
        assert!(lines[0].starts_with("CLOUD  REGION  IMAGE"), "{by_image}");
        assert!(lines[1].starts_with("one    r1      =evil"), "{by_image}");
        let closed = lines.iter().find(|line| line.starts_with("two    r2      -")).unwrap();
        assert!(closed.ends_with("cannot log in: 401"), "{by_image}");
        assert!(by_image.ends_with("not complete: the last rows say what was not checked\n"));
        // What can this member reach, wherever it is.
        let by_member = table(Order::Member);
        let lines: Vec<&str> = by_member.lines().skip(1).take(4).collect();
        for (line, start) in
            lines.iter().zip(["one    r1      x", "one    r3      x", "one    r1      y"])
        {
            assert!(line.starts_with(start), "{by_member}");
        }
        assert_eq!(report.unchecked().len(), 3);
        assert!(report.unchecked()[0].raw().starts_with("one · r1 · p-r1: "));
        assert!(report.summary().contains("3 scopes: 4 shares of 6 images; 3 of the scopes"));
    }

    #[test]
    fn a_list_that_was_not_read_to_its_end_makes_the_audit_incomplete() {
        let mut reading = Reading::default();
        reading.failures.push(Failure::new("list images", "503"));
        with_report(&reading, Filter::default(), |report| {
            assert!(document(report).contains("\"complete\":false"));
            assert!(document(report).contains("\"error\":\"cannot list images: 503\""));
            assert_eq!(report.scopes[0].unchecked().count(), 1);
            assert!(report.scopes[0].summary().contains("not complete"));
        });
    }

    #[test]
    fn a_failed_login_is_a_scope_with_an_error() {
        let scopes = vec![Scope::failed(ScopeName::default(), &Failure::new("log in", "401"))];
        let report = Report { taken_at: Moment(0), scopes, several: false };
        assert!(document(&report).contains(
            "\"complete\":false,\"scopes\":[{\"cloud\":\"\",\"region\":null,\"project_id\":null,\
             \"error\":\"cannot log in: 401\",\"notices\":[],\"images\":[]}]"
        ));
    }
}
