//! The planner: from marks to requests that are exact, disjoint and few.
//!
//! Marks are ones in a matrix of images and members (`grid`), requests are rectangles of ones. Finding the fewest disjoint
//! rectangles is NP-hard, so `cover` handles each of the connected `parts` separately: it `reduce`s the part without losing
//! the optimum, and covers the rest with `stars` or the `greedy` method, whichever needs fewer requests. If a part exceeds the
//! limits of a request, the greedy method obeys them, and a simple `grouping` is tried too. `bound` is the lower bound.
//! Steps are counted, not timed: the same marks always give the same plan.

mod bound;
mod cover;
mod greedy;
mod grid;
mod grouping;
mod parts;
mod reduce;
mod stars;

use serde::{Deserialize, Serialize};

use super::{ImageId, Marks, Member, OperationId, OperationKind, Share, Text};
use grid::Names;

/// The limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of images, at least 1.
    pub images: usize,
    /// Maximum number of members, at least 1.
    pub members: usize,
}

impl Limits {
    /// The default for batches: 100 members, as in the OTC console, and 50 images. The API documents no limit.
    pub const BATCH: Self = Self { images: 50, members: 100 };
    /// One share: clouds without batch requests.
    pub const SINGLE: Self = Self { images: 1, members: 1 };

    fn at_least_one(self) -> Self {
        Self { images: self.images.max(1), members: self.members.max(1) }
    }
}

/// One request: the cross product of images and members. Both lists are sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The images it names.
    pub images: Vec<ImageId>,
    /// The members it names.
    pub members: Vec<Member>,
    /// The vault that full-ECS images are accepted into (IMS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Text>,
}

impl Batch {
    /// Every share it names.
    pub fn shares(&self) -> impl Iterator<Item = Share> {
        self.images.iter().flat_map(|image| {
            self.members.iter().map(|member| Share { image: image.clone(), member: member.clone() })
        })
    }

    /// The number of shares it names.
    pub fn share_count(&self) -> usize {
        self.images.len() * self.members.len()
    }
}

/// Requests that together name exactly the marked shares, each share once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    kind: OperationKind,
    undoes: Option<OperationId>,
    marks: Marks,
    limits: Limits,
    batches: Vec<Batch>,
    lower_bound: usize,
}

/// A confirmed plan. Only [`Plan::confirm`] creates one, and the engine carries out nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed(Plan);

impl Plan {
    /// Plans requests for the marks. A limit of 0 counts as 1.
    #[must_use]
    pub fn cover(kind: OperationKind, marks: Marks, limits: Limits) -> Self {
        let limits = limits.at_least_one();
        let (names, grid) = Names::of(&marks);
        let mut cover = cover::cover(&grid, limits);
        cover.pieces.sort_unstable();
        let batches = cover.pieces.iter().map(|piece| names.batch(piece)).collect();
        Self { kind, undoes: None, lower_bound: cover.bound, batches, limits, marks }
    }

    /// Sets the vault of every request, for full-ECS images to accept.
    #[must_use]
    pub fn into_vault(mut self, vault: Option<&Text>) -> Self {
        for batch in &mut self.batches {
            batch.vault = vault.cloned();
        }
        self
    }

    /// Marks the plan as the undo of an operation.
    #[must_use]
    pub fn undoing(mut self, undone: Option<OperationId>) -> Self {
        self.undoes = undone;
        self
    }

    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The operation that it undoes, if it is an undo.
    pub fn undoes(&self) -> Option<&OperationId> {
        self.undoes.as_ref()
    }

    /// The requests, in the order they are sent.
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// The shares it names.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The number of shares it names, which the user types to confirm.
    pub fn shares(&self) -> usize {
        self.marks.len()
    }

    /// A lower bound on the requests of any plan for these marks and limits.
    pub fn lower_bound(&self) -> usize {
        self.lower_bound
    }

    /// Whether it is known that no plan has fewer requests.
    pub fn is_minimal(&self) -> bool {
        self.batches.len() == self.lower_bound
    }

    /// Confirms the plan if the answer is its number of shares; otherwise returns it unchanged.
    pub fn confirm(self, answer: &str) -> Result<Confirmed, Self> {
        if !self.marks.is_empty() && answer.trim() == self.shares().to_string() {
            Ok(Confirmed(self))
        } else {
            Err(self)
        }
    }
}

impl Confirmed {
    /// The confirmed plan.
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    /// Plans again without these shares. A confirmed plan can only get smaller.
    #[must_use]
    pub fn without<'a>(self, gone: impl IntoIterator<Item = &'a Share>) -> Self {
        let Plan { kind, undoes, mut marks, limits, batches, .. } = self.0;
        let vault = batches.into_iter().next().and_then(|batch| batch.vault);
        for share in gone {
            marks.remove(share);
        }
        Self(Plan::cover(kind, marks, limits).undoing(undoes).into_vault(vault.as_ref()))
    }
}

#[cfg(test)]
mod tests;
