//! What an audit found, and what it could not check: `sharelock/audit/1`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::Each;
use super::access::{self, Access, Names, Order, ScopeName};
use domain::text::counted;
use domain::{
    Failure, ImageId, ImageIx, Inventory, Member, MemberIx, MemberKind, MemberList, MemberStatus,
    Moment, ProjectId, Row, Text, Visibility,
};

/// What an audit found.
pub struct Report<'a> {
    /// When the reading ended.
    pub taken_at: Moment,
    /// In the order they were named in.
    pub scopes: Vec<Scope<'a>>,
    /// Whether more than one scope was to be audited.
    pub several: bool,
}

/// A scope that was audited, or whose login failed.
pub struct Scope<'a> {
    name: ScopeName,
    /// Endpoint of the image service and project, where both are known: what two users of a project have in common.
    service: Option<(String, String)>,
    /// Why the login failed, or lists are incomplete.
    error: Option<String>,
    found: Option<Found<'a>>,
}

/// What was found in a scope.
pub struct Found<'a> {
    /// Images and members, also those that are not reported.
    pub inventory: &'a Inventory,
    /// What the cloud's lists leave out.
    pub notices: &'a [String],
    /// In the order of the report.
    pub images: Vec<ImageIx>,
    /// Images whose members are not known, and why.
    pub unknown: HashMap<ImageIx, String>,
    /// Names of members, as this scope has them.
    pub names: Names<'a>,
    /// Applies to members, not to images.
    pub filter: Filter,
}

/// Which shares are reported.
#[derive(Debug, Default)]
pub struct Filter {
    /// `None` for all.
    pub members: Option<BTreeSet<MemberIx>>,
    /// Empty for all.
    pub statuses: Vec<MemberStatus>,
}

impl<'a> Scope<'a> {
    /// A scope that was read; `failures` are lists that could not be read to the end.
    pub fn read(scope: &domain::Scope, failures: &[Failure], found: Found<'a>) -> Self {
        let project = scope.project_id.0.raw().replace('-', "").to_lowercase();
        let service = scope.project_id.is_known().then(|| (scope.endpoint.clone(), project));
        let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
        let error = (!failures.is_empty()).then(|| failures.join("; "));
        Self { name: ScopeName::of(scope), service, error, found: Some(found) }
    }

    /// A scope whose login failed.
    pub fn failed(name: ScopeName, failure: &Failure) -> Self {
        Self { name, service: None, error: Some(failure.to_string()), found: None }
    }

    /// Everything that was not checked, a sentence each.
    pub fn unchecked(&self) -> impl Iterator<Item = &str> {
        let images = self.found.iter().flat_map(Found::unknown).map(|(_, why)| why);
        self.error.as_deref().into_iter().chain(images)
    }

    fn is_complete(&self) -> bool {
        self.unchecked().next().is_none()
    }

    /// One line: where, and how much.
    pub fn summary(&self) -> String {
        let name = &self.name;
        let Some(found) = &self.found else {
            return format!("{name}: {}", self.error.as_deref().unwrap_or("not read"));
        };
        let is_shared = |ix: &&ImageIx| found.rows(**ix).next().is_some();
        let images_shared = found.images.iter().filter(is_shared).count();
        let members: BTreeSet<MemberIx> = found.shares().map(|(_, row)| row.member).collect();
        let line = format!(
            "{name}: {} of {} with {}; {}",
            counted(found.shares().count(), "share"),
            counted(images_shared, "image"),
            counted(members.len(), "member"),
            counted(found.images.len(), "image"),
        );
        let list = if self.error.is_some() { " in a list that is not complete" } else { "" };
        match found.unknown().count() {
            0 if self.is_complete() => line,
            0 => format!("{line}{list}: this audit is not complete"),
            n => format!("{line}{list}, {n} of them not checked: this audit is not complete"),
        }
    }
}

impl Scope<'_> {
    fn access(&self) -> access::Scope<'_> {
        let unknown = self.found.iter().flat_map(Found::unknown);
        access::Scope {
            name: Rc::new(self.name.clone()),
            read: self.found.as_ref().map(|found| (found.inventory, &found.names)),
            error: self.error.clone(),
            unknown: unknown.map(|(ix, why)| (ix, why.to_owned())).collect(),
        }
    }
}

impl<'a> Found<'a> {
    /// The shares of an image that are reported.
    fn rows(&self, ix: ImageIx) -> impl Iterator<Item = &'a Row> {
        let Filter { members, statuses } = &self.filter;
        self.inventory.rows(ix).iter().filter(move |row| {
            members.as_ref().is_none_or(|members| members.contains(&row.member))
                && (statuses.is_empty() || statuses.contains(self.inventory.status(row)))
        })
    }

    fn shares(&self) -> impl Iterator<Item = (ImageIx, &'a Row)> {
        self.images.iter().flat_map(|ix| self.rows(*ix).map(move |row| (*ix, row)))
    }

    fn unknown(&self) -> impl Iterator<Item = (ImageIx, &str)> {
        self.images.iter().filter_map(|ix| Some((*ix, self.unknown.get(ix)?.as_str())))
    }

    fn share_ids(&self) -> impl Iterator<Item = (&'a ImageId, &'a Member)> {
        let inventory = self.inventory;
        self.shares().map(|(ix, row)| (&inventory.image(ix).id, inventory.member(row.member)))
    }

    fn image_ids(&self) -> impl Iterator<Item = &'a ImageId> {
        self.images.iter().map(|ix| &self.inventory.image(*ix).id)
    }

    fn count(&self, images: impl Fn(ImageIx) -> bool) -> usize {
        self.images.iter().filter(|ix| images(**ix)).count()
    }

    /// Images that every project can use.
    fn open(&self) -> usize {
        let visibility = |ix| &self.inventory.image(ix).visibility;
        self.count(|ix| matches!(visibility(ix), Visibility::Public | Visibility::Community))
    }

    /// Images that may have members which the cloud keeps and does not list. Glance answers 403 "Only shared images have
    /// members", and the members are there again when the image is made `shared` again (seen on Glance 33).
    fn dormant(&self) -> usize {
        self.count(|ix| *self.inventory.list(ix) == MemberList::DoNotApply)
    }
}

impl Report<'_> {
    /// Everything that was not checked, a sentence each.
    pub fn unchecked(&self) -> Vec<Text> {
        let of = |scope: &Scope<'_>| {
            let name = if self.several { format!("{}: ", scope.name) } else { String::new() };
            scope.unchecked().map(|why| format!("{name}{why}").into()).collect::<Vec<Text>>()
        };
        self.scopes.iter().flat_map(of).collect()
    }

    /// One line: how much, and where or in how many scopes.
    pub fn summary(&self) -> String {
        match &*self.scopes {
            [scope] if !self.several => scope.summary(),
            scopes => {
                let (shares, images) = self.totals();
                let (shares, images) = (counted(shares, "share"), counted(images, "image"));
                let line = format!("{} scopes: {shares} of {images}", scopes.len());
                match scopes.iter().filter(|scope| !scope.is_complete()).count() {
                    0 => line,
                    some => format!(
                        "{line}; {some} of the scopes not completely checked: this audit is not complete"
                    ),
                }
            }
        }
    }

    /// Shares and images of all scopes. Scopes of one project, seen by several users, have them in common.
    fn totals(&self) -> (usize, usize) {
        let mut projects: BTreeMap<_, Vec<&Found<'_>>> = BTreeMap::new();
        for (number, scope) in self.scopes.iter().enumerate() {
            let Some(found) = &scope.found else { continue };
            // An unknown project is not taken for another one.
            let unknown = scope.service.is_none().then_some(number);
            projects.entry((&scope.service, unknown)).or_default().push(found);
        }
        let total = |found: &Vec<&Found<'_>>| match &found[..] {
            [found] => (found.shares().count(), found.images.len()),
            several => {
                let shares: HashSet<_> = several.iter().flat_map(|it| it.share_ids()).collect();
                let images: HashSet<_> = several.iter().flat_map(|it| it.image_ids()).collect();
                (shares.len(), images.len())
            }
        };
        let add = |(shares, images), (more, others)| (shares + more, images + others);
        projects.values().map(total).fold((0, 0), add)
    }

    /// The rows; with `signs`, names show where they came from.
    pub fn access(&self, order: Order, signs: bool) -> Access<'_> {
        let mut shares: Vec<(usize, ImageIx, &Row)> = Vec::new();
        for (at, scope) in self.scopes.iter().enumerate() {
            let of_scope = scope.found.iter().flat_map(Found::shares);
            shares.extend(of_scope.map(|(ix, row)| (at, ix, row)));
        }
        if order == Order::Member {
            let member = |(at, _, row): &(usize, ImageIx, &Row)| {
                let found = self.scopes.get(*at).and_then(|scope| scope.found.as_ref());
                found.map(|found| found.inventory.member(row.member))
            };
            shares.sort_by(|a, b| member(a).cmp(&member(b)));
        }
        let scopes = self.scopes.iter().map(Scope::access).collect();
        Access { order, several: self.several, signs, scopes, shares, legend: self.legend() }
    }

    fn legend(&self) -> Vec<String> {
        let found = || self.scopes.iter().filter_map(|scope| scope.found.as_ref());
        let (open, dormant) = (found().map(Found::open).sum(), found().map(Found::dormant).sum());
        let counts =
            [(open, "public or community, so every project can use it"), (dormant, DORMANT)];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, what)| format!("{}: {what}", counted(count, "image"))).collect()
    }
}

const DORMANT: &str = "not `shared`, so no members are listed; members from a time when it was are kept by the cloud, and \
                       have access again once it is `shared` again";

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
    project_id: Option<&'a Text>,
    error: Option<&'a str>,
    notices: &'a [String],
    images: I,
}

#[derive(Serialize)]
struct ImageJson<'a, M> {
    id: &'a ImageId,
    name: Option<&'a Text>,
    owner: Option<&'a ProjectId>,
    visibility: Text,
    members_read: bool,
    error: Option<&'a str>,
    members: M,
}

#[derive(Serialize)]
struct MemberJson<'a> {
    id: &'a Text,
    #[serde(rename = "type")]
    kind: MemberKind,
    name: Option<Text>,
    status: &'a MemberStatus,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AuditJson {
            schema: "sharelock/audit/1",
            taken_at: self.taken_at,
            complete: self.scopes.iter().all(Scope::is_complete),
            scopes: Each(|| self.scopes.iter().map(Scope::json)),
            findings: [],
        }
        .serialize(serializer)
    }
}

impl Scope<'_> {
    fn json(&self) -> impl Serialize {
        let of = |found| Found::images_json(found);
        ScopeJson {
            cloud: &self.name.cloud,
            region: self.name.region.as_deref(),
            project_id: self.name.project.as_ref(),
            error: self.error.as_deref(),
            notices: self.found.as_ref().map_or(&[], |found| found.notices),
            images: Each(move || self.found.iter().flat_map(of)),
        }
    }
}

impl Found<'_> {
    fn images_json(&self) -> impl Iterator<Item: Serialize> {
        self.images.iter().map(move |&ix| {
            let image = self.inventory.image(ix);
            ImageJson {
                id: &image.id,
                name: image.name.as_ref(),
                owner: image.owner.as_ref(),
                visibility: image.visibility.clone().into(),
                members_read: matches!(self.inventory.list(ix), MemberList::Read(_)),
                error: self.unknown.get(&ix).map(String::as_str),
                members: Each(move || self.rows(ix).map(|row| self.member_json(row))),
            }
        })
    }

    fn member_json(&self, row: &Row) -> MemberJson<'_> {
        let member = self.inventory.member(row.member);
        MemberJson {
            id: &member.id,
            kind: member.kind,
            name: (self.names)(member).map(|(name, _)| name),
            status: self.inventory.status(row),
            created_at: row.created_at(),
            updated_at: row.updated_at(),
        }
    }
}
