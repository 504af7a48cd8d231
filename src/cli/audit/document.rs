//! `sharelock/audit/1`. Written while it is walked through, never held as a whole.

use serde::{Serialize, Serializer};

use super::report::{Found, Report, Scope};
use domain::{ImageIx, MemberKind, MemberList, Moment, Row, Text};

#[derive(Serialize)]
struct AuditJson<S> {
    schema: &'static str,
    taken_at: Moment,
    complete: bool,
    scopes: S,
    findings: [(); 0],
}

#[derive(Serialize)]
struct ScopeJson<'a, I> {
    cloud: &'a str,
    region: Option<&'a str>,
    project_id: Option<&'a str>,
    error: Option<&'a str>,
    /// What the cloud's lists leave out.
    notices: &'a [String],
    images: I,
}

#[derive(Serialize)]
struct ImageJson<'a, M> {
    id: &'a str,
    name: Option<&'a str>,
    owner: Option<&'a str>,
    visibility: Text,
    members_read: bool,
    error: Option<String>,
    members: M,
}

#[derive(Serialize)]
struct MemberJson<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: MemberKind,
    name: Option<&'a str>,
    status: Text,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

/// Serializes what an iterator gives, without holding it.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scopes = Each(|| self.scopes.iter().map(scope_json));
        AuditJson {
            schema: "sharelock/audit/1",
            taken_at: self.taken_at,
            complete: self.scopes.iter().all(Scope::is_complete),
            scopes,
            findings: [],
        }
        .serialize(serializer)
    }
}

fn scope_json<'s>(scope: &'s Scope<'s>) -> impl Serialize + 's {
    let of = move |found: &'s Found<'s>| found.images.iter().map(move |ix| image_json(found, *ix));
    ScopeJson {
        cloud: &scope.place.cloud,
        region: scope.place.region.as_deref(),
        project_id: scope.place.project.as_ref().map(Text::raw),
        error: scope.error.as_deref(),
        notices: scope.found.as_ref().map_or(&[], |found| &found.reading.notices),
        images: Each(move || scope.found.iter().flat_map(of)),
    }
}

fn image_json<'s>(found: &'s Found<'s>, ix: ImageIx) -> impl Serialize + 's {
    let image = found.reading.inventory.image(ix);
    ImageJson {
        id: image.id.raw(),
        name: image.name.as_ref().map(Text::raw),
        owner: image.owner.as_ref().map(|owner| owner.0.raw()),
        visibility: image.visibility.clone().into(),
        members_read: matches!(found.reading.inventory.list(ix), MemberList::Read(_)),
        error: found.reading.unknown(ix),
        members: Each(move || found.rows(ix).map(|row| member_json(found, row))),
    }
}

fn member_json<'s>(found: &'s Found<'s>, row: &'s Row) -> MemberJson<'s> {
    let member = found.reading.inventory.member(row.member);
    MemberJson {
        id: member.id.raw(),
        kind: member.kind,
        name: found.names.of(member).map(Text::raw),
        status: found.reading.inventory.status(row).clone().into(),
        created_at: row.created_at(),
        updated_at: row.updated_at(),
    }
}
