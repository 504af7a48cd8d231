//! What an audit found, and what it could not check.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use super::targets::AuditTarget;
use crate::cli::names::Names;
use crate::cli::reading::Reading;
use domain::text::{clean, counted};
use domain::{
    self, Failure, ImageId, ImageIx, Member, MemberIx, MemberList, MemberStatus, Moment, Row, Text,
    Visibility,
};

/// Where an audit looked, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) cloud: String,
    pub(super) region: Option<String>,
    /// Its ID.
    pub(super) project: Option<Text>,
    /// Endpoint of the image service and project, where both are known: what two users of a project have in common.
    service: Option<(String, Text)>,
    /// Its name, else its ID.
    label: Option<Text>,
}

impl Place {
    /// What was asked for, before it is known where that leads.
    pub(super) fn asked(asked: &AuditTarget) -> Self {
        let cloud = asked.cloud.clone().unwrap_or_default();
        Self { cloud, region: asked.region.clone(), ..Self::default() }
    }

    /// Where one is logged in.
    pub(super) fn of(scope: &domain::Scope) -> Self {
        let project = scope.project_id.0.clone();
        let service = (scope.project_id.is_known()).then(|| {
            (scope.endpoint.clone(), project.raw().replace('-', "").to_lowercase().into())
        });
        let label = scope.project_name.as_ref().unwrap_or(&project).clone();
        let label = Some(label).filter(|label| !label.raw().is_empty());
        let (cloud, region) = (scope.cloud.clone(), scope.region.clone());
        Self { cloud, region, project: Some(project), label, service }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean(&self.cloud))?;
        self.region.iter().try_for_each(|region| write!(f, " · {}", clean(region)))?;
        self.label.iter().try_for_each(|project| write!(f, " · {project}"))
    }
}

/// Which shares are wanted; empty lists want all.
#[derive(Debug, Default)]
pub(super) struct Wish {
    members: Option<BTreeSet<MemberIx>>,
    statuses: Vec<MemberStatus>,
}

impl Wish {
    /// From what was typed.
    pub(super) fn new(
        reading: &Reading,
        names: &Names,
        projects: &[String],
        statuses: &[String],
    ) -> Self {
        let members = || names.members(&reading.inventory, projects).into_iter().collect();
        let status = |word: &String| MemberStatus::from(Text::from(word.as_str()));
        Self {
            members: (!projects.is_empty()).then(members),
            statuses: statuses.iter().map(status).collect(),
        }
    }

    fn wants(&self, reading: &Reading, row: &Row) -> bool {
        let status = reading.inventory.status(row);
        self.members.as_ref().is_none_or(|members| members.contains(&row.member))
            && (self.statuses.is_empty() || self.statuses.contains(status))
    }
}

/// What was found in one place.
pub(super) struct Scope<'a> {
    pub(super) place: Place,
    pub(super) error: Option<String>,
    pub(super) found: Option<Found<'a>>,
}

/// What was found in a place that could be read.
pub(super) struct Found<'a> {
    pub(super) reading: &'a Reading,
    /// In the order they are reported in.
    pub(super) images: Vec<ImageIx>,
    /// Of projects, as this place has them.
    pub(super) names: &'a Names,
    wish: Wish,
}

impl<'a> Scope<'a> {
    /// A place that was read; `images` in the order they are reported in.
    pub(super) fn read(
        place: Place,
        reading: &'a Reading,
        images: Vec<ImageIx>,
        wish: Wish,
        names: &'a Names,
    ) -> Self {
        let failures: Vec<String> = reading.failures.iter().map(ToString::to_string).collect();
        let error = (!failures.is_empty()).then(|| failures.join("; "));
        Self { place, error, found: Some(Found { reading, images, names, wish }) }
    }

    /// A place one could not log in to.
    pub(super) fn closed(place: Place, failure: &Failure) -> Self {
        Self { place, error: Some(failure.to_string()), found: None }
    }

    /// What was found, if it could be read.
    pub(super) fn found(&self) -> Option<&Found<'a>> {
        self.found.as_ref()
    }

    /// Everything that was not checked, a sentence each.
    pub(super) fn troubles(&self) -> Vec<Text> {
        let images = self.found.iter().flat_map(Found::unknown).map(|(_, why)| why.into());
        self.error.iter().map(|error| error.as_str().into()).chain(images).collect()
    }

    /// Whether everything was checked.
    pub(super) fn is_complete(&self) -> bool {
        self.error.is_none() && self.found.as_ref().is_some_and(|f| f.unknown().next().is_none())
    }

    /// One line: where, and how much.
    pub(super) fn summary(&self) -> String {
        let place = &self.place;
        let Some(found) = &self.found else {
            return format!("{place}: {}", self.error.as_deref().unwrap_or("not read"));
        };
        let (images, unknown) = (found.images.len(), found.unknown().count());
        let images_shared =
            found.images.iter().filter(|ix| found.rows(**ix).next().is_some()).count();
        let members: BTreeSet<MemberIx> = found.shares().map(|(_, row)| row.member).collect();
        let (shares, members) = (found.shares().count(), members.len());
        let line = format!(
            "{place}: {} of {} with {}; {}",
            counted(shares, "share"),
            counted(images_shared, "image"),
            counted(members, "member"),
            counted(images, "image"),
        );
        let list = if self.error.is_some() { " in a list that is not complete" } else { "" };
        match unknown {
            0 if self.is_complete() => line,
            0 => format!("{line}{list}: this audit is not complete"),
            _ => format!("{line}{list}, {unknown} of them not checked: this audit is not complete"),
        }
    }
}

impl<'a> Found<'a> {
    /// The shares of an image that are wanted.
    pub(super) fn rows(&self, ix: ImageIx) -> impl Iterator<Item = &'a Row> {
        self.reading.inventory.rows(ix).iter().filter(|row| self.wish.wants(self.reading, row))
    }

    /// All shares that are wanted.
    pub(super) fn shares(&self) -> impl Iterator<Item = (ImageIx, &'a Row)> {
        self.images.iter().flat_map(|ix| self.rows(*ix).map(move |row| (*ix, row)))
    }

    fn share_ids(&self) -> impl Iterator<Item = (&'a ImageId, &'a Member)> {
        let inventory = &self.reading.inventory;
        self.shares().map(|(ix, row)| (&inventory.image(ix).id, inventory.member(row.member)))
    }

    fn image_ids(&self) -> impl Iterator<Item = &'a ImageId> {
        self.images.iter().map(|ix| &self.reading.inventory.image(*ix).id)
    }

    /// Whether every project can use an image.
    pub(super) fn is_open(&self, ix: ImageIx) -> bool {
        let visibility = &self.reading.inventory.image(ix).visibility;
        matches!(visibility, Visibility::Public | Visibility::Community)
    }

    /// Whether an image may have members that the cloud keeps and lists to nobody. Glance answers 403 "Only shared
    /// images have members", and the members are there again when it is made `shared` again (seen, Glance 33).
    pub(super) fn may_have_dormant_members(&self, ix: ImageIx) -> bool {
        *self.reading.inventory.list(ix) == MemberList::DoNotApply
    }

    /// Images whose members are not known, and why.
    pub(super) fn unknown(&self) -> impl Iterator<Item = (ImageIx, String)> {
        self.images.iter().filter_map(|ix| Some((*ix, self.reading.unknown(*ix)?)))
    }
}

/// What an audit found.
pub(super) struct Report<'a> {
    /// When the reading ended.
    pub(super) taken_at: Moment,
    /// Each place.
    pub(super) scopes: Vec<Scope<'a>>,
    /// More than one place was asked for.
    pub(super) several: bool,
}

impl Report<'_> {
    /// Everything that was not checked, a sentence each.
    pub(super) fn troubles(&self) -> Vec<Text> {
        let of = |scope: &Scope<'_>| {
            let place = if self.several { format!("{}: ", scope.place) } else { String::new() };
            let told = |why: Text| format!("{place}{}", why.raw()).into();
            scope.troubles().into_iter().map(told).collect::<Vec<Text>>()
        };
        self.scopes.iter().flat_map(of).collect()
    }

    /// One line: how much, and where or in how many places.
    pub(super) fn summary(&self) -> String {
        match &*self.scopes {
            [scope] if !self.several => scope.summary(),
            scopes => {
                let (shares, images) = self.totals();
                let count = scopes.len();
                let line = format!(
                    "{count} scopes: {} of {}",
                    counted(shares, "share"),
                    counted(images, "image")
                );
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
            // A project that is not known is not taken for another one's.
            let alone = scope.place.service.is_none().then_some(number);
            projects.entry((&scope.place.service, alone)).or_default().push(found);
        }
        let total = |found: &Vec<&Found<'_>>| match &found[..] {
            [found] => (found.shares().count(), found.images.len()),
            several => {
                let shares: HashSet<_> =
                    several.iter().flat_map(|found| found.share_ids()).collect();
                let images: HashSet<_> =
                    several.iter().flat_map(|found| found.image_ids()).collect();
                (shares.len(), images.len())
            }
        };
        let add = |(shares, images), (more, others)| (shares + more, images + others);
        projects.values().map(total).fold((0, 0), add)
    }
}
