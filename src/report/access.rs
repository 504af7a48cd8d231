//! Who has access to what: one row for each share, and one for everything that could not be checked. An audit and the
//! screen's export have the same rows.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::rc::Rc;

use super::table::{Cell, Column, Show, Table, column};
use super::{text, time};
use domain::text::clean;
use domain::{Image, ImageIx, Inventory, Member, MemberStatus, Row, Source, Text};

/// Order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// Image, then member
    Image,
    /// Member, then image: what can this project use?
    Member,
}

/// The name of a member, and where it came from.
pub type Names<'a> = Box<dyn Fn(&Member) -> Option<(Text, Source)> + 'a>;

/// Cloud, region and project of a scope, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct ScopeName {
    /// The entry in `clouds.yaml`.
    pub cloud: String,
    /// `None` where the cloud has no regions, or it is not known before the login.
    pub region: Option<String>,
    /// The ID of the project.
    pub project: Option<Text>,
    /// The name of the project, otherwise its ID.
    label: Option<Text>,
}

impl ScopeName {
    /// Of a scope without a login.
    pub fn configured(cloud: Option<&str>, region: Option<&str>) -> Self {
        let cloud = cloud.unwrap_or_default().to_owned();
        Self { cloud, region: region.map(str::to_owned), ..Self::default() }
    }

    /// Of a scope with a login.
    pub fn of(scope: &domain::Scope) -> Self {
        let project = scope.project_id.0.clone();
        let label = scope.project_name.as_ref().unwrap_or(&project).clone();
        let label = Some(label).filter(|label| !label.raw().is_empty());
        let (cloud, region) = (scope.cloud.clone(), scope.region.clone());
        Self { cloud, region, project: Some(project), label }
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean(&self.cloud))?;
        self.region.iter().try_for_each(|region| write!(f, " · {}", clean(region)))?;
        self.label.iter().try_for_each(|project| write!(f, " · {project}"))
    }
}

/// The shares of some scopes, and what could not be checked there.
pub struct Access<'a> {
    /// Of the columns; the rows are in the order of `shares`.
    pub order: Order,
    /// Whether cloud and region are shown to people.
    pub several: bool,
    /// Whether names are shown with the sign of their source.
    pub signs: bool,
    /// The scopes of the shares.
    pub scopes: Vec<Scope<'a>>,
    /// Index of the scope, image and membership.
    pub shares: Vec<(usize, ImageIx, &'a Row)>,
    /// Sentences below the table, besides its own.
    pub legend: Vec<String>,
}

/// A scope of an [`Access`].
pub struct Scope<'a> {
    /// Shared by its rows.
    pub name: Rc<ScopeName>,
    /// `None` without a login; then the scope has no shares.
    pub read: Option<(&'a Inventory, &'a Names<'a>)>,
    /// Why the list of images may be incomplete.
    pub error: Option<String>,
    /// Images whose members are not known, and why.
    pub unknown: Vec<(ImageIx, String)>,
}

/// A share; without a member an image that was not checked; without an image a scope that was not checked.
pub struct AccessRow<'a> {
    scope: Rc<ScopeName>,
    image: Option<&'a Image>,
    share: Option<(&'a Member, &'a MemberStatus, &'a Row)>,
    name: Cell,
    error: Cell,
}

impl<'a> Access<'a> {
    fn share(&self, (scope, ix, row): (usize, ImageIx, &'a Row)) -> Option<AccessRow<'a>> {
        let Scope { name: scope, read, .. } = self.scopes.get(scope)?;
        let (inventory, names) = (*read)?;
        let member = inventory.member(row.member);
        let sign = |source: Source| if self.signs { source.sign() } else { "" };
        let name = names(member).map(|(name, source)| format!("{}{}", sign(source), name.raw()));
        Some(AccessRow {
            scope: scope.clone(),
            image: Some(inventory.image(ix)),
            share: Some((member, inventory.status(row), row)),
            name: name.map(Text::from),
            error: None,
        })
    }

    /// What could not be checked.
    fn unchecked(&self) -> impl Iterator<Item = AccessRow<'a>> {
        self.scopes.iter().flat_map(|scope| {
            let row = |image, why: &String| AccessRow {
                scope: scope.name.clone(),
                image,
                share: None,
                name: None,
                error: text(&**why),
            };
            let image = move |(ix, why): &(ImageIx, String)| {
                row(scope.read.map(|(inventory, _)| inventory.image(*ix)), why)
            };
            let whole = scope.error.iter().map(move |why| row(None, why));
            whole.chain(scope.unknown.iter().map(image))
        })
    }

    /// Where names came from, unless all are the user's own.
    fn sources(&self) -> Option<String> {
        let source = |&(scope, _, row): &(usize, ImageIx, &Row)| {
            let (inventory, names) = self.scopes.get(scope)?.read?;
            Some(names(inventory.member(row.member))?.1)
        };
        let sources: BTreeSet<Source> =
            self.shares.iter().filter(|_| self.signs).filter_map(source).collect();
        let word = |source: Source| match source {
            Source::Alias => None,
            Source::Keystone => Some(format!("{} the cloud's name", source.sign())),
            Source::LastSeen => {
                Some(format!("{} the cloud's name when it was last seen", source.sign()))
            }
        };
        let words: Vec<String> = sources.into_iter().filter_map(word).collect();
        (!words.is_empty()).then(|| format!("names: {}", words.join(", ")))
    }
}

impl<'a> Table for Access<'a> {
    type Row = AccessRow<'a>;

    fn columns(&self) -> Vec<Column<AccessRow<'a>>> {
        use Show::{Always, Never, Unless};
        let (cloud, region) = if self.several { (Always, Unless("")) } else { (Never, Never) };
        let scope: Vec<Column<AccessRow<'a>>> = vec![
            column("cloud", "CLOUD", cloud, |row| text(&*row.scope.cloud)),
            column("region", "REGION", region, |row| text(row.scope.region.as_deref())),
            column("project_id", "PROJECT", Never, |row| row.scope.project.clone()),
        ];
        let image: Vec<Column<AccessRow<'a>>> = vec![
            column("image_name", "IMAGE", Always, |row| row.image?.name.clone()),
            column("image_id", "IMAGE ID", Always, |row| Some(row.image?.id.0.clone())),
            column("owner", "OWNER", Never, |row| Some(row.image?.owner.clone()?.0)),
            column("visibility", "VISIBILITY", Never, |row| {
                Some(row.image?.visibility.clone().into())
            }),
        ];
        let member: Vec<Column<AccessRow<'a>>> = vec![
            column("member_id", "MEMBER", Always, |row| Some(row.share?.0.id.clone())),
            column("member_type", "TYPE", Unless("project"), |row| text(row.share?.0.kind.word())),
            column("member_name", "NAME", Unless(""), |row| row.name.clone()),
        ];
        let share: Vec<Column<AccessRow<'a>>> = vec![
            column("status", "STATUS", Always, |row| Some(row.share?.1.clone().into())),
            column("created_at", "SINCE", Always, |row| time(row.share?.2.created_at())),
            column("updated_at", "UPDATED", Never, |row| time(row.share?.2.updated_at())),
            column("error", "NOT CHECKED", Unless(""), |row| row.error.clone()),
        ];
        let groups = match self.order {
            Order::Image => [scope, image, member, share],
            Order::Member => [scope, member, image, share],
        };
        groups.into_iter().flatten().collect()
    }

    fn rows(&self, each: &mut dyn FnMut(&AccessRow<'a>) -> io::Result<()>) -> io::Result<()> {
        let shares = self.shares.iter().filter_map(|share| self.share(*share));
        shares.chain(self.unchecked()).try_for_each(|row| each(&row))
    }

    fn legend(&self) -> Vec<String> {
        let misleads = |(scope, _, row): &(usize, ImageIx, &Row)| {
            let read = self.scopes.get(*scope).and_then(|scope| scope.read);
            read.is_some_and(|(inventory, _)| *inventory.status(row) != MemberStatus::Accepted)
        };
        let status = self.shares.iter().any(misleads).then(|| {
            "pending and rejected members can use the image all the same: status is not access"
                .to_owned()
        });
        let incomplete = self
            .unchecked()
            .next()
            .map(|_| "not complete: the last rows say what was not checked".to_owned());
        let legend = status.into_iter().chain(self.legend.iter().cloned());
        legend.chain(self.sources()).chain(incomplete).collect()
    }
}
