//! From what was typed to marks: every existing pair, or the pairs of a list.

use std::collections::BTreeMap;

use super::RevokeArgs;
use super::pairs;
use crate::cli::exit::Stop;
use crate::cli::names::Names;
use crate::cli::reading::Reading;
use crate::cli::select::{self, Named};
use crate::cli::session::Session;
use crate::domain::{Failure, ImageId, ImageIx, Marks, Member, MemberList, Share, Text};
use crate::engine::Wanted;

/// What was typed to choose shares.
pub(super) enum Choice {
    /// The pairs of a list, read already.
    List(Marks),
    /// Every existing pair of these.
    Cross {
        /// Ids or names.
        images: Vec<String>,
        /// Ids or aliases.
        projects: Vec<String>,
    },
}

impl Choice {
    /// Reads the list, if there is one.
    pub(super) fn of(args: &RevokeArgs) -> Result<Self, Failure> {
        match &args.from {
            Some(path) => Ok(Self::List(pairs::read(path)?)),
            None => Ok(Self::Cross { images: args.image.clone(), projects: args.project.clone() }),
        }
    }
}

/// What images are called, as far as that was looked up.
pub(super) type ImageNames = BTreeMap<ImageId, Text>;

/// The chosen shares, by what is known of them.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// All of them: what is confirmed, and what the receipt is about.
    pub(super) marks: Marks,
    /// Those that are no shares now.
    pub(super) absent: Marks,
    /// What could not be looked at, a sentence each. Its shares are among the marks.
    pub(super) unknown: Vec<String>,
    /// Names of their images.
    pub(super) names: ImageNames,
}

impl Chosen {
    /// What would be sent if it were sent now.
    pub(super) fn to_send(&self) -> Marks {
        self.marks
            .iter()
            .filter(|share| !self.absent.contains(&share.image, &share.member))
            .collect()
    }
}

/// Finds the shares. A list is looked up only if `look`: the engine reads before it sends anyway.
pub(super) async fn choose(
    session: &mut Session,
    names: &Names,
    choice: Choice,
    look: bool,
) -> Result<Chosen, Stop> {
    match choice {
        Choice::List(marks) if !look => Ok(Chosen { marks, ..Chosen::default() }),
        Choice::List(marks) => {
            let images = marks.images().cloned().collect();
            let reading = session.read(Wanted::These(images)).await?;
            Ok(look_up(&reading, marks))
        }
        Choice::Cross { images, projects } => {
            let mut reading = session.read(Wanted::ImagesOnly).await?;
            let images = one_each(select::named(&reading, &images)?)?;
            session.read_members(&mut reading, &images).await?;
            Ok(cross(&reading, names, &images, &projects))
        }
    }
}

/// A name that several images have is no way to say what to revoke.
fn one_each(named: Vec<Named>) -> Result<Vec<ImageIx>, Failure> {
    let one = |Named { typed, images }: Named| match images[..] {
        [image] => Ok(image),
        _ => Err(Failure::new(
            format!("choose the image `{typed}`"),
            format!("{} images have this name", images.len()),
        )
        .with_remedy("name it by its id")),
    };
    named.into_iter().map(one).collect()
}

fn look_up(reading: &Reading, marks: Marks) -> Chosen {
    let mut unknown: Vec<String> = reading.failures.iter().map(ToString::to_string).collect();
    let mut absent = Marks::default();
    for image in marks.images() {
        let Some(ix) = reading.inventory.find(image) else { continue };
        match reading.inventory.list(ix) {
            MemberList::Read(rows) => {
                let there = |member: &Member| {
                    rows.iter().any(|row| reading.inventory.member(row.member) == member)
                };
                let gone = marks.of_image(image).filter(|member| !there(member));
                gone.for_each(|member| {
                    absent.insert(Share { image: image.clone(), member: member.clone() });
                });
            }
            MemberList::DoNotApply => unknown.push(dormant(reading, ix)),
            _ => unknown.extend(reading.unknown(ix)),
        }
    }
    let names = names_of(reading, marks.images());
    Chosen { marks, absent, unknown, names }
}

fn dormant(reading: &Reading, ix: ImageIx) -> String {
    let image = reading.inventory.image(ix);
    format!("image {} is {} now, so the cloud lists no members of it", image.id, image.visibility)
}

/// Every existing pair; a pair of an image that could not be read is chosen too, and will be found out about.
fn cross(reading: &Reading, names: &Names, images: &[ImageIx], projects: &[String]) -> Chosen {
    let inventory = &reading.inventory;
    let members = names.members(inventory, projects);
    let mut chosen = Chosen::default();
    for &ix in images {
        let image = &inventory.image(ix).id;
        match inventory.list(ix) {
            MemberList::Read(rows) => {
                for row in rows.iter().filter(|row| members.binary_search(&row.member).is_ok()) {
                    chosen.marks.insert(inventory.share(ix, row));
                }
            }
            MemberList::DoNotApply => chosen.unknown.push(dormant(reading, ix)),
            _ => {
                chosen.unknown.extend(reading.unknown(ix));
                for id in projects.iter().flat_map(|typed| names.ids(typed)) {
                    let member = Member::project(id);
                    chosen.marks.insert(Share { image: image.clone(), member });
                }
            }
        }
    }
    chosen.names = names_of(reading, chosen.marks.images());
    chosen
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
    use crate::domain::{Image, MemberStatus, Membership};

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

    fn crossed(images: &[&str], projects: &[&str]) -> Chosen {
        let reading = reading();
        let images: Vec<_> =
            images.iter().map(|id| reading.inventory.find(&(*id).into()).unwrap()).collect();
        let projects: Vec<String> = projects.iter().map(ToString::to_string).collect();
        cross(&reading, &Names::default(), &images, &projects)
    }

    #[test]
    fn only_pairs_that_exist_are_chosen() {
        assert_eq!(shown(&crossed(&["a", "b"], &["y", "z"]).marks), ["a-y"]);
        assert_eq!(shown(&crossed(&["a", "b"], &["X"]).marks), ["a-x", "b-x"]);
    }

    #[test]
    fn a_pair_that_could_not_be_looked_at_is_chosen_and_told() {
        let chosen = crossed(&["b", "c"], &["x"]);
        assert_eq!(shown(&chosen.marks), ["b-x", "c-x"]);
        assert_eq!(chosen.unknown, ["503"]);
    }

    #[test]
    fn pairs_of_a_list_that_are_no_shares_are_told_apart() {
        let share =
            |image: &str, member| Share { image: image.into(), member: Member::project(member) };
        let marks = [share("a", "x"), share("a", "z"), share("c", "x"), share("q", "x")];
        let chosen = look_up(&reading(), marks.into_iter().collect());

        assert_eq!(shown(&chosen.absent), ["a-z"]);
        assert_eq!(shown(&chosen.to_send()), ["a-x", "c-x", "q-x"]);
        assert_eq!(chosen.unknown, ["503"]);
    }

    #[test]
    fn a_name_that_two_images_have_chooses_neither() {
        let twins = Named { typed: "twin".into(), images: vec![ImageIx(0), ImageIx(1)] };
        let error = one_each(vec![twins]).unwrap_err().to_string();
        assert_eq!(
            error,
            "cannot choose the image `twin`: 2 images have this name; name it by its id"
        );
    }
}
