//! The shares that were resolved, and what a person should know of them before the plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::names::Names;
use crate::cli::output;
use crate::cli::reading::Reading;
use domain::{
    Failure, ImageId, Limits, Marks, Member, OperationId, OperationKind, Plan, Scope, Share, Text,
    sharing,
};

/// What images are called, as far as that was looked up.
pub(super) type ImageNames = BTreeMap<ImageId, Text>;

/// The resolved shares, by what is known of them.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) kind: OperationKind,
    /// The operation that is taken back.
    pub(super) undoes: Option<OperationId>,
    /// Where full-ECS images are accepted into.
    pub(super) vault: Option<Text>,
    /// All of them: what is confirmed, and what the receipt is about.
    pub(super) marks: Marks,
    /// Those that are as they should be already.
    pub(super) needless: Marks,
    /// What could not be looked at, a sentence each. Its shares are among the marks.
    pub(super) unknown: Vec<String>,
    /// What should make one look twice, a sentence each.
    pub(super) doubts: Vec<String>,
    /// Names of their images.
    pub(super) names: ImageNames,
    /// Names of their members.
    pub(super) projects: Names,
}

impl Resolved {
    /// Shares of which nothing is known.
    pub(super) fn new(kind: OperationKind, marks: Marks) -> Self {
        Self {
            kind,
            undoes: None,
            vault: None,
            marks,
            needless: Marks::default(),
            unknown: Vec::new(),
            doubts: Vec::new(),
            names: ImageNames::new(),
            projects: Names::default(),
        }
    }

    /// What would be sent if it were sent now.
    pub(super) fn to_send(&self) -> Marks {
        self.marks
            .iter()
            .filter(|share| !self.needless.contains(&share.image, &share.member))
            .collect()
    }

    /// A plan that does what was resolved to these shares. Planning may take seconds, so it is done on another thread and
    /// signals are heard meanwhile.
    pub(super) async fn plan(&self, marks: Marks, limits: Limits) -> Result<Plan, Failure> {
        let (kind, undoes, vault) = (self.kind, self.undoes.clone(), self.vault.clone());
        let work =
            move || Plan::cover(kind, marks, limits).undoing(undoes).into_vault(vault.as_ref());
        let plan = tokio::task::spawn_blocking(work).await;
        plan.map_err(|_| Failure::new("plan the requests", "planning failed: a bug in sharelock"))
    }

    /// Says what a person should know before the plan.
    pub(super) fn report(&self) {
        output::say_some("not checked: ", &self.unknown);
        output::say_some("look twice: ", &self.doubts);
        if self.undoes.is_some() && self.kind == OperationKind::Share {
            output::say(
                "members come back as pending: each must accept again to see the image in its list",
            );
        }
        if !self.needless.is_empty() {
            let (needless, named) = (self.needless.len(), self.marks.len());
            let are = match self.kind {
                OperationKind::Revoke => "not shared",
                OperationKind::Share => "shared",
                OperationKind::Accept => "accepted",
                OperationKind::Reject => "rejected",
            };
            output::say(format_args!("{needless} of the {named} pairs are {are} now"));
        }
    }

    /// Checks what prevents new shares. An impossible member refuses everything: half a selection is never intended.
    pub(super) fn check_sharing(
        mut self,
        scope: &Scope,
        reading: Option<&Reading>,
    ) -> Result<Self, Failure> {
        if self.kind != OperationKind::Share {
            return Ok(self);
        }
        let (cloud, own) = (scope.kind, &scope.project_id);
        let mut doubts = BTreeSet::new();
        for Share { member, .. } in self.marks.iter() {
            if let Some(why) = sharing::why_member_is_unshareable(cloud, own, &member) {
                return Err(Failure::new(format!("share with {}", member.id), why)
                    .with_hint("nothing was sent; look at the ids of the members"));
            }
            let doubt = sharing::member_warning(cloud, &member);
            doubts.extend(doubt.map(|doubt| format!("{} {doubt}", member.id)));
        }
        let inventory = reading.map(|reading| &reading.inventory);
        for id in self.marks.images() {
            let Some(image) = inventory.and_then(|it| Some(it.image(it.find(id)?))) else {
                continue;
            };
            let obstacle = sharing::why_image_is_unshareable(cloud, own, image);
            doubts.extend(
                obstacle.map(|why| format!("{}: {why}; nothing is sent for it", image.label())),
            );
            let doubt = sharing::image_warning(cloud, image);
            doubts.extend(doubt.map(|doubt| format!("{} {doubt}", image.label())));
        }
        self.doubts = doubts.into_iter().collect();
        Ok(self)
    }

    /// Takes the vault. An image that it does not fit, or that needs one, refuses everything: one wrong image makes
    /// the cloud refuse the whole batch.
    pub(super) fn check_vault(
        mut self,
        scope: &Scope,
        reading: &Reading,
        vault: Option<Text>,
    ) -> Result<Self, Failure> {
        let inventory = &reading.inventory;
        for id in self.to_send().images() {
            let Some(image) = inventory.find(id).map(|ix| inventory.image(ix)) else { continue };
            if let Some(why) = sharing::why_vault_does_not_fit(scope.kind, image, vault.as_ref()) {
                return Err(Failure::new(format!("accept {}", image.label()), why)
                    .with_hint(sharing::vault_hint(vault.as_ref())));
            }
        }
        self.vault = vault;
        Ok(self)
    }

    /// Every pair of an image and these members.
    pub(super) fn mark_all(&mut self, image: &ImageId, members: &[Text]) {
        for id in members {
            self.marks.insert(Share { image: image.clone(), member: Member::project(id.clone()) });
        }
    }
}
