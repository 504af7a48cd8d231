//! From what was typed to marks: every pair that something is to be done about, or the pairs of a list.

use super::members;
use super::pairs::List;
use super::resolved::{ImageNames, Resolved};
use crate::cli::exit::Stop;
use crate::cli::names::{Names, members_with};
use crate::cli::reading::Reading;
use crate::cli::select::{self, Named};
use crate::cli::session::Session;
use domain::{
    Failure, ImageId, ImageIx, Marks, Member, MemberIx, MemberList, Membership, Operation,
    OperationKind, ProjectId, Scope, Share, Text,
};
use engine::Wanted;

/// What is to be done, and to what, as it was typed.
#[derive(Debug)]
pub enum Choice {
    /// The pairs of a list, read already.
    List {
        /// What to do.
        kind: OperationKind,
        /// The pairs, and the scope that they are about.
        list: List,
    },
    /// The pairs of these: to revoke, those that exist; to share, all.
    Cross {
        /// What to do.
        kind: OperationKind,
        /// Ids or names.
        images: Vec<String>,
        /// Ids, aliases or the cloud's names.
        projects: Vec<String>,
    },
    /// Images that were received, to say yes to.
    Accept {
        /// Ids or names.
        images: Vec<String>,
        /// Where full-ECS images go.
        vault: Option<Text>,
    },
    /// Images that were received, to say no to.
    Reject {
        /// Ids or names.
        images: Vec<String>,
    },
    /// What an operation did.
    Undo {
        /// What takes it back.
        kind: OperationKind,
        /// What it really did.
        marks: Marks,
        /// The operation.
        undone: Box<Operation>,
    },
}

impl Choice {
    /// What is to be done.
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::List { kind, .. } | Self::Cross { kind, .. } | Self::Undo { kind, .. } => *kind,
            Self::Accept { .. } => OperationKind::Accept,
            Self::Reject { .. } => OperationKind::Reject,
        }
    }
}

/// Finds the shares. A list is looked up only if `look`: the engine reads before it sends anyway.
pub(super) async fn resolve(
    session: &mut Session,
    names: &Names,
    choice: Choice,
    look: bool,
) -> Result<Resolved, Stop> {
    let scope = session.scope().clone();
    match choice {
        Choice::List { kind, list: List { marks, origin } } => {
            origin.check(&scope)?;
            let (resolved, reading) = listed(session, Resolved::new(kind, marks), look).await?;
            let mut resolved = resolved.check_sharing(&scope, reading.as_ref())?;
            resolved.doubts.extend(origin.other_name(&scope));
            Ok(resolved)
        }
        Choice::Undo { kind, marks, undone } => {
            check_place(&undone, &scope)?;
            let undoes = Some(undone.id);
            let resolved = Resolved { undoes, ..Resolved::new(kind, marks) };
            Ok(listed(session, resolved, look).await?.0)
        }
        Choice::Cross { kind, images, projects } => {
            members::look_up(session, names, &projects, look);
            let mut reading = session.read(Wanted::ImagesOnly).await?;
            let images = one_each(&reading, select::named(&reading, &images)?)?;
            session.read_members(&mut reading, &images).await?;
            let meant = members::find(session, names, &reading, &projects, look).await?;
            meant.check(kind, &reading, &images)?;
            let resolved = match kind {
                OperationKind::Share => every_pair(&reading, &images, &meant.ids),
                _ => existing_pairs(&reading, &images, &meant.ids),
            };
            let resolved = resolved.check_sharing(&scope, Some(&reading))?;
            Ok(meant.named_in(resolved))
        }
        Choice::Accept { images, vault } => {
            let (resolved, reading) = answered(session, OperationKind::Accept, &images).await?;
            Ok(resolved.check_vault(&scope, &reading, vault)?)
        }
        Choice::Reject { images } => Ok(answered(session, OperationKind::Reject, &images).await?.0),
    }
}

/// The project's own share of every image that was typed.
async fn answered(
    session: &mut Session,
    kind: OperationKind,
    images: &[String],
) -> Result<(Resolved, Reading), Stop> {
    let own = session.scope().project_id.clone();
    let mut reading = session.read(Wanted::ReceivedOnly).await?;
    let images = one_each(&reading, select::named(&reading, images)?)?;
    session.read_members(&mut reading, &images).await?;
    let resolved = received(kind, &reading, &images, &own);
    Ok((resolved, reading))
}

/// An operation is undone where it was done.
fn check_place(undone: &Operation, scope: &Scope) -> Result<(), Failure> {
    if scope.is_same_scope(&undone.scope) {
        return Ok(());
    }
    let there = &undone.scope;
    let why = format!(
        "it was done in project {} on {}, and this login is another",
        there.project_id, there.cloud
    );
    Err(Failure::new(format!("undo operation {}", undone.id), why)
        .with_hint("choose the cloud and region with --cloud and --region"))
}

/// Pairs that are known already, looked up if the plan is shown.
async fn listed(
    session: &mut Session,
    resolved: Resolved,
    look: bool,
) -> Result<(Resolved, Option<Reading>), Stop> {
    if !look {
        return Ok((resolved, None));
    }
    let images = resolved.marks.images().cloned().collect();
    let reading = session.read(Wanted::These(images)).await?;
    Ok((look_up(&reading, resolved), Some(reading)))
}

/// A name that several images have is no way to say what to revoke.
fn one_each(reading: &Reading, named: Vec<Named>) -> Result<Vec<ImageIx>, Failure> {
    let id = |ix: &ImageIx| reading.inventory.image(*ix).id.to_string();
    let one = |Named { typed, images }: Named| {
        if let [image] = images[..] {
            return Ok(image);
        }
        let ids: Vec<String> = images.iter().map(id).collect();
        let why = format!("{} images have this name: {}", images.len(), ids.join(", "));
        Err(Failure::new(format!("choose the image `{typed}`"), why)
            .with_hint("give the id of one of them"))
    };
    named.into_iter().map(one).collect()
}

fn look_up(reading: &Reading, mut resolved: Resolved) -> Resolved {
    resolved.unknown = reading.failures.iter().map(ToString::to_string).collect();
    for share in resolved.marks.iter() {
        let Some(ix) = reading.inventory.find(&share.image) else { continue };
        if let Some(row) = row(reading, ix, &share.member)
            && resolved.kind.is_satisfied_by(row.as_ref())
        {
            resolved.needless.insert(share);
        }
    }
    for image in resolved.marks.images() {
        let Some(ix) = reading.inventory.find(image) else { continue };
        match reading.inventory.list(ix) {
            MemberList::Read(_) => {}
            MemberList::DoNotApply => resolved.unknown.push(dormant(reading, ix)),
            _ => resolved.unknown.extend(reading.unknown(ix)),
        }
    }
    resolved.names = names_of(reading, resolved.marks.images());
    resolved
}

/// The row of a member in a list that was read; `None` when it was not.
#[expect(clippy::option_option, reason = "not read, read and absent, read and there")]
fn row(reading: &Reading, ix: ImageIx, member: &Member) -> Option<Option<Membership>> {
    let inventory = &reading.inventory;
    let MemberList::Read(rows) = inventory.list(ix) else { return None };
    let found = rows.iter().find(|row| inventory.member(row.member) == member);
    Some(found.map(|row| inventory.membership(row)))
}

fn dormant(reading: &Reading, ix: ImageIx) -> String {
    let image = reading.inventory.image(ix);
    format!("image {} is {} now, so the cloud lists no members of it", image.id, image.visibility)
}

/// Every existing pair; a pair of an image that could not be read is included too; the engine reads it again.
fn existing_pairs(reading: &Reading, images: &[ImageIx], ids: &[Text]) -> Resolved {
    let inventory = &reading.inventory;
    let mut members: Vec<MemberIx> =
        ids.iter().flat_map(|id| members_with(inventory, id)).collect();
    members.sort_unstable();
    let mut resolved = Resolved::new(OperationKind::Revoke, Marks::default());
    for &ix in images {
        let image = &inventory.image(ix).id;
        match inventory.list(ix) {
            MemberList::Read(rows) => {
                for row in rows.iter().filter(|row| members.binary_search(&row.member).is_ok()) {
                    resolved.marks.insert(inventory.share(ix, row));
                }
            }
            MemberList::DoNotApply => resolved.unknown.push(dormant(reading, ix)),
            _ => {
                resolved.unknown.extend(reading.unknown(ix));
                resolved.mark_all(image, ids);
            }
        }
    }
    resolved.names = names_of(reading, resolved.marks.images());
    resolved
}

/// Every pair, whether it exists or not.
fn every_pair(reading: &Reading, images: &[ImageIx], ids: &[Text]) -> Resolved {
    let mut resolved = Resolved::new(OperationKind::Share, Marks::default());
    for &ix in images {
        resolved.mark_all(&reading.inventory.image(ix).id, ids);
    }
    // What stands in the way of an image that has no members now is told with what stands in the way of others.
    let unlisted = |ix: &&ImageIx| *reading.inventory.list(**ix) != MemberList::DoNotApply;
    let mut resolved = look_up(reading, resolved);
    resolved.unknown =
        images.iter().filter(unlisted).filter_map(|ix| reading.unknown(*ix)).collect();
    resolved
}

/// The project's own share of every image. It is named as the cloud names it.
fn received(
    kind: OperationKind,
    reading: &Reading,
    images: &[ImageIx],
    own: &ProjectId,
) -> Resolved {
    let mut marks = Marks::default();
    for &ix in images {
        let inventory = &reading.inventory;
        let is_own = |member: &&Member| ProjectId(member.id.clone()).is(own);
        let listed = inventory.rows(ix).iter().map(|row| inventory.member(row.member));
        let member = listed.clone().find(is_own).cloned();
        let member = member.unwrap_or_else(|| Member::project(own.0.clone()));
        marks.insert(Share { image: inventory.image(ix).id.clone(), member });
    }
    look_up(reading, Resolved::new(kind, marks))
}

fn names_of<'a>(reading: &Reading, images: impl Iterator<Item = &'a ImageId>) -> ImageNames {
    let name = |id: &ImageId| {
        let image = reading.inventory.image(reading.inventory.find(id)?);
        Some((id.clone(), image.name.clone()?))
    };
    images.filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Image, MemberStatus, Membership};

    fn reading() -> Reading {
        let mut reading = Reading::default();
        let row = |id: &str| Membership {
            member: Member::project(id),
            status: MemberStatus::Accepted,
            created_at: None,
            updated_at: None,
        };
        for (id, members) in [("a", vec![row("x"), row("y")]), ("b", vec![row("x")])] {
            let ix = reading.inventory.put_image(Image::bare(id.into()));
            reading.inventory.put_members(ix, members);
        }
        let broken = reading.inventory.put_image(Image::bare("c".into()));
        reading.inventory.put_list(broken, MemberList::Failed("503".into()));
        reading
    }

    fn shown(marks: &Marks) -> Vec<String> {
        marks.iter().map(|s| format!("{}-{}", s.image, s.member.id)).collect()
    }

    fn crossed(images: &[&str], projects: &[&str]) -> Resolved {
        let reading = reading();
        let images: Vec<_> =
            images.iter().map(|id| reading.inventory.find(&(*id).into()).unwrap()).collect();
        let projects: Vec<Text> = projects.iter().map(|id| (*id).into()).collect();
        existing_pairs(&reading, &images, &projects)
    }

    #[test]
    fn only_pairs_that_exist_are_chosen() {
        assert_eq!(shown(&crossed(&["a", "b"], &["y", "z"]).marks), ["a-y"]);
        assert_eq!(shown(&crossed(&["a", "b"], &["X"]).marks), ["a-x", "b-x"]);
    }

    #[test]
    fn a_pair_that_could_not_be_looked_at_is_chosen_and_told() {
        let resolved = crossed(&["b", "c"], &["x"]);
        assert_eq!(shown(&resolved.marks), ["b-x", "c-x"]);
        assert_eq!(resolved.unknown, ["503"]);
    }

    #[test]
    fn pairs_of_a_list_that_are_no_shares_are_told_apart() {
        let share =
            |image: &str, member| Share { image: image.into(), member: Member::project(member) };
        let marks = [share("a", "x"), share("a", "z"), share("c", "x"), share("q", "x")];
        let marks = marks.into_iter().collect();
        let resolved = look_up(&reading(), Resolved::new(OperationKind::Revoke, marks));

        assert_eq!(shown(&resolved.needless), ["a-z"]);
        assert_eq!(shown(&resolved.to_send()), ["a-x", "c-x", "q-x"]);
        assert_eq!(resolved.unknown, ["503"]);
    }

    #[test]
    fn to_share_every_pair_is_chosen_and_those_that_exist_are_needless() {
        let reading = reading();
        let images: Vec<_> =
            ["a", "b"].map(|id| reading.inventory.find(&id.into()).unwrap()).into();
        let resolved = every_pair(&reading, &images, &["y".into()]);

        assert_eq!(shown(&resolved.marks), ["a-y", "b-y"]);
        assert_eq!(shown(&resolved.to_send()), ["b-y"]);
    }

    #[test]
    fn an_answer_is_about_the_projects_own_share_as_the_cloud_spells_it() {
        let reading = reading();
        let images = [reading.inventory.find(&"a".into()).unwrap()];
        let resolved = received(OperationKind::Reject, &reading, &images, &ProjectId("X".into()));

        assert_eq!(shown(&resolved.marks), ["a-x"]);
        assert!(resolved.needless.is_empty());
        let resolved = received(OperationKind::Accept, &reading, &images, &ProjectId("x".into()));
        assert_eq!(shown(&resolved.needless), ["a-x"]);
    }

    #[test]
    fn a_name_that_two_images_have_chooses_neither() {
        let twins = Named { typed: "twin".into(), images: vec![ImageIx(0), ImageIx(1)] };
        let error = one_each(&reading(), vec![twins]).unwrap_err().to_string();
        assert_eq!(
            error,
            "cannot choose the image `twin`: 2 images have this name: a, b; give the id of one of them"
        );
    }
}
