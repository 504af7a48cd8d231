//! The dialog that shares an image with members, or images with a member.

use std::collections::BTreeMap;

use ratatui::layout::{Constraint, Layout, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout;
use domain::text::is_hostile;
use domain::{
    CloudKind, Image, ImageId, ImageIx, Marks, Member, MemberIx, MemberKind, Share, sharing,
};

/// The fixed side of the shares; the user types the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// This image, with the members typed.
    Image(ImageId),
    /// The images typed, with this member.
    Member(Member),
}

/// The typed text and the suggestions. Closing the dialog changes nothing.
#[derive(Debug)]
pub(crate) struct ShareDialog {
    pub(crate) about: About,
    pub(crate) label: String,
    /// IDs or names, separated by blanks or commas.
    pub(crate) input: Input,
    /// Projects or images that can be shared, with their names, by ID.
    known: BTreeMap<String, Option<String>>,
    /// The suggestions that match the word being typed.
    pub(crate) offers: Vec<(String, Option<String>)>,
    pub(crate) cursor: Cursor<usize>,
    /// Why the typed text cannot be planned.
    pub(crate) complaint: Option<String>,
}

impl ShareDialog {
    /// A dialog for an image. Its current members are not suggested.
    pub(crate) fn new(app: &App, ix: ImageIx) -> Self {
        let image = app.workspace.inventory.image(ix);
        Self::with(About::Image(image.id.clone()), image.label(), known_members(app, ix))
    }

    /// A dialog for a member. Images already shared with it, or that cannot be, are not suggested.
    pub(crate) fn with_member(app: &App, ix: MemberIx) -> Self {
        let member = app.workspace.inventory.member(ix).clone();
        Self::with(About::Member(member), app.member_label(ix), known_images(app, ix))
    }

    fn with(about: About, label: String, known: BTreeMap<String, Option<String>>) -> Self {
        let mut dialog = Self {
            about,
            label,
            input: Input::default(),
            known,
            offers: Vec::new(),
            cursor: Cursor::default(),
            complaint: None,
        };
        dialog.changed();
        dialog
    }

    /// Prefills the input.
    pub(crate) fn typed(mut self, text: &str) -> Self {
        self.input = Input::new(text.to_owned());
        self.changed();
        self
    }

    /// Call after the input changed.
    pub(crate) fn changed(&mut self) {
        self.complaint = None;
        let word = self.last_word().to_lowercase();
        let typed = words(self.input.value());
        let fits = |(id, name): &(&String, &Option<String>)| {
            let name = name.as_ref().map(|name| name.to_lowercase());
            !typed.contains(&id.as_str())
                && (id.to_lowercase().contains(&word) || name.is_some_and(|it| it.contains(&word)))
        };
        let offers = self.known.iter().filter(fits);
        self.offers = offers.map(|(id, name)| (id.clone(), name.clone())).collect();
        // Those with a name first: users look for names.
        self.offers.sort_by_key(|(id, name)| (name.is_none(), name.clone(), id.clone()));
        self.cursor = Cursor::default();
    }

    fn last_word(&self) -> &str {
        self.input.value().rsplit(is_between).next().unwrap_or_default()
    }

    /// Replaces the word being typed with the suggestion under the cursor.
    pub(crate) fn take_offer(&mut self) {
        let Some((id, _)) = self.offers.get(self.cursor.at).cloned() else { return };
        let text = self.input.value();
        let kept = &text[..text.len() - self.last_word().len()];
        self.input = Input::new(format!("{kept}{id} "));
        self.changed();
    }

    /// The shares that were typed, or why they cannot be made. A word that is neither an ID nor a known name is
    /// refused: some clouds accept any text as a member, and keep it.
    pub(crate) fn marks(&self, app: &App) -> Result<Marks, String> {
        let scope = app.scope().ok_or("Not logged in.")?;
        let words = words(self.input.value());
        if words.is_empty() {
            let what = match self.about {
                About::Image(_) => "projects",
                About::Member(_) => "images",
            };
            return Err(format!(
                "Type the ids or names of {what}; Tab takes the one under the cursor."
            ));
        }
        let mut marks = Marks::default();
        for word in words {
            match &self.about {
                About::Image(image) => {
                    for id in self.members_meant(app, word, scope.kind)? {
                        let member = Member::project(id.as_str());
                        let own = &scope.project_id;
                        if let Some(why) =
                            sharing::why_member_is_unshareable(scope.kind, own, &member)
                        {
                            return Err(format!("{id}: {why}."));
                        }
                        marks.insert(Share { image: image.clone(), member });
                    }
                }
                About::Member(member) => {
                    let image = self.image_meant(word)?;
                    marks.insert(Share { image, member: member.clone() });
                }
            }
        }
        Ok(marks)
    }

    fn members_meant(
        &self,
        app: &App,
        word: &str,
        cloud: CloudKind,
    ) -> Result<Vec<String>, String> {
        let ids = app.names.called(word);
        let is_id = self.known.contains_key(word) || sharing::looks_like_an_id(cloud, word);
        match ids.is_empty() {
            false => Ok(ids),
            true if is_id => Ok(vec![word.to_owned()]),
            true => Err(format!(
                "`{}` is not an ID or a known name; Tab adds the one under the cursor.",
                domain::text::clean(word)
            )),
        }
    }

    /// Resolves a word to an image: an ID is unique, a name may not be.
    fn image_meant(&self, word: &str) -> Result<ImageId, String> {
        let shown = domain::text::clean(word);
        if self.known.contains_key(word) {
            return Ok(ImageId(word.into()));
        }
        let named = self.known.iter().filter(|(_, name)| name.as_deref() == Some(word));
        let ids: Vec<&String> = named.map(|(id, _)| id).collect();
        match ids[..] {
            [id] => Ok(ImageId(id.as_str().into())),
            [] => Err(format!(
                "`{shown}` is not an image you can still share with {}; Tab adds the one under the cursor.",
                self.label
            )),
            _ => Err(format!("{} images are called `{shown}`: type the id of one.", ids.len())),
        }
    }
}

/// The parts of the dialog, inside its frame: input, suggestions, notes.
pub(crate) fn parts(area: Rect) -> [Rect; 3] {
    let parts = [Constraint::Length(2), Constraint::Fill(1), Constraint::Length(2)];
    Layout::vertical(parts).areas(layout::inner(area))
}

/// Known and named projects, except members of the image and those that cannot become one.
fn known_members(app: &App, ix: ImageIx) -> BTreeMap<String, Option<String>> {
    let inventory = &app.workspace.inventory;
    let projects = inventory.members().filter(|(_, member)| member.kind == MemberKind::Project);
    let seen = projects.map(|(_, member)| member.id.raw().to_owned());
    let mut known: BTreeMap<String, Option<String>> =
        seen.chain(app.names.ids().cloned()).map(|id| (id, None)).collect();
    known.retain(|id, _| can_be_typed(id));
    for row in inventory.rows(ix) {
        known.remove(inventory.member(row.member).id.raw());
    }
    if let Some(scope) = app.scope() {
        let fits = |id: &str| {
            sharing::why_member_is_unshareable(scope.kind, &scope.project_id, &Member::project(id))
                .is_none()
        };
        known.retain(|id, _| fits(id));
    }
    for (id, name) in &mut known {
        *name = app.names.get(id).map(|name| name.name.to_string());
    }
    known
}

/// The project's own images that can be shared, except those already shared with the member.
fn known_images(app: &App, member: MemberIx) -> BTreeMap<String, Option<String>> {
    let inventory = &app.workspace.inventory;
    let Some(scope) = app.scope() else { return BTreeMap::new() };
    let fits = |(ix, image): &(ImageIx, &Image)| {
        inventory.row_of(*ix, member).is_none()
            && sharing::why_image_is_unshareable(scope.kind, &scope.project_id, image).is_none()
            && can_be_typed(image.id.raw())
    };
    let known = inventory.images().filter(fits);
    let named = |image: &Image| image.name.as_ref().map(ToString::to_string);
    known.map(|(_, image)| (image.id.raw().to_owned(), named(image))).collect()
}

/// Whether an ID can be typed as one word; others are not suggested.
fn can_be_typed(id: &str) -> bool {
    !id.contains(is_between) && !id.contains(is_hostile)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn words(text: &str) -> Vec<&str> {
    text.split(is_between).filter(|word| !word.is_empty()).collect()
}
