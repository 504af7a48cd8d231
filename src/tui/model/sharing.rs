//! The dialog that asks with whom an image is to be shared.

use std::collections::BTreeMap;

use tui_input::Input;

use super::Model;
use super::cursor::Cursor;
use crate::domain::text::is_hostile;
use crate::domain::{CloudKind, ImageId, ImageIx, Marks, Member, MemberKind, Share, sharing};

/// What is typed, and who could be meant. Closing it changes nothing.
#[derive(Debug)]
pub(crate) struct ShareDialog {
    pub(crate) image: ImageId,
    pub(crate) label: String,
    /// Ids or names, with blanks or commas between them.
    pub(crate) input: Input,
    /// Projects one may mean, and what they are called, by id.
    known: BTreeMap<String, Option<String>>,
    /// Those that fit the word being typed.
    pub(crate) offers: Vec<(String, Option<String>)>,
    pub(crate) cursor: Cursor<usize>,
    /// Why what was typed cannot be planned.
    pub(crate) complaint: Option<String>,
}

impl ShareDialog {
    /// A dialog about an image. Who is a member already is not offered.
    pub(crate) fn new(model: &Model, ix: ImageIx) -> Self {
        let inventory = &model.desk.inventory;
        let projects = inventory.members().filter(|(_, member)| member.kind == MemberKind::Project);
        let seen = projects.map(|(_, member)| member.id.raw().to_owned());
        let mut known: BTreeMap<String, Option<String>> =
            seen.chain(model.names.ids().cloned()).map(|id| (id, None)).collect();
        // What cannot be typed as one word cannot be offered as one.
        known.retain(|id, _| !id.contains(is_between) && !id.contains(is_hostile));
        for row in inventory.rows(ix) {
            known.remove(inventory.member(row.member).id.raw());
        }
        // Nor who cannot be one here: the project itself, and names of another kind of cloud.
        if let Some(scope) = model.scope() {
            let fits = |id: &str| {
                sharing::member_obstacle(scope.kind, &scope.project_id, &Member::project(id))
                    .is_none()
            };
            known.retain(|id, _| fits(id));
        }
        for (id, name) in &mut known {
            *name = model.names.get(id).map(|name| name.name.to_string());
        }
        let image = inventory.image(ix);
        let mut dialog = Self {
            image: image.id.clone(),
            label: image.label(),
            input: Input::default(),
            known,
            offers: Vec::new(),
            cursor: Cursor::default(),
            complaint: None,
        };
        dialog.changed();
        dialog
    }

    /// Something was typed.
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
        // Those with a name first: they are what a person looks for.
        self.offers.sort_by_key(|(id, name)| (name.is_none(), name.clone(), id.clone()));
        self.cursor = Cursor::default();
    }

    fn last_word(&self) -> &str {
        self.input.value().rsplit(is_between).next().unwrap_or_default()
    }

    /// Puts the offer under the cursor in the place of the word being typed.
    pub(crate) fn take_offer(&mut self) {
        let Some((id, _)) = self.offers.get(self.cursor.at).cloned() else { return };
        let text = self.input.value();
        let kept = &text[..text.len() - self.last_word().len()];
        self.input = Input::new(format!("{kept}{id} "));
        self.changed();
    }

    /// The shares that were typed; or why they cannot be made. A word that is neither an id nor a known name is not
    /// taken: some clouds would make a member of any text, and keep it.
    pub(crate) fn marks(&self, model: &Model) -> Result<Marks, String> {
        let scope = model.scope().ok_or("There is no login.")?;
        let words = words(self.input.value());
        if words.is_empty() {
            return Err(
                "Type the ids or names of projects; Tab takes the one under the cursor.".into()
            );
        }
        let mut marks = Marks::default();
        for word in words {
            for id in self.meant(model, word, scope.kind)? {
                let member = Member::project(id.as_str());
                let obstacle = sharing::member_obstacle(scope.kind, &scope.project_id, &member);
                if let Some(why) = obstacle {
                    return Err(format!("{id}: {why}."));
                }
                marks.insert(Share { image: self.image.clone(), member });
            }
        }
        Ok(marks)
    }

    fn meant(&self, model: &Model, word: &str, cloud: CloudKind) -> Result<Vec<String>, String> {
        let ids = model.names.called(word);
        let is_id = self.known.contains_key(word) || sharing::looks_like_an_id(cloud, word);
        match ids.is_empty() {
            false => Ok(ids),
            true if is_id => Ok(vec![word.to_owned()]),
            true => Err(format!(
                "`{}` is no id, and no name that is known here; Tab takes the one under the cursor.",
                crate::domain::text::clean(word)
            )),
        }
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn words(text: &str) -> Vec<&str> {
    text.split(is_between).filter(|word| !word.is_empty()).collect()
}
