//! From marks to requests: exact, disjoint, and as few as can be found.
//!
//! Marks are ones in a matrix of images and members (`grid`), requests are rectangles of ones. The fewest
//! disjoint rectangles are NP-hard to find, so `cover` goes through the connected `parts` one by one. Each is
//! `reduce`d as far as this cannot do harm, and the rest is covered with `stars` or the `greedy` way, whichever
//! needs less. Where a part is more than a request can hold, the greedy way goes by the limits, and a simple
//! `grouping` is tried too. A `bound` says how many requests are needed at least.
//! Work is counted, never timed: the same marks always give the same plan.

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

/// How much one request may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Images in one request, at least 1.
    pub images: usize,
    /// Members in one request, at least 1.
    pub members: usize,
}

impl Limits {
    /// The default for batches: 100 members, as many as the OTC console takes at a time, on 50 images. The API
    /// documents no limit.
    pub const BATCH: Self = Self { images: 50, members: 100 };
    /// One share a request: clouds without batches.
    pub const SINGLE: Self = Self { images: 1, members: 1 };

    fn at_least_one(self) -> Self {
        Self { images: self.images.max(1), members: self.members.max(1) }
    }
}

/// One request: it is about every member here of every image here. Both lists are ordered.
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
    /// Every share the request names.
    pub fn shares(&self) -> impl Iterator<Item = Share> {
        self.images.iter().flat_map(|image| {
            self.members.iter().map(|member| Share { image: image.clone(), member: member.clone() })
        })
    }

    /// How many shares the request names.
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

/// A plan the user has read and agreed to. The engine takes nothing else, and only [`Plan::confirm`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed(Plan);

impl Plan {
    /// Covers the marks. A limit of 0 counts as 1.
    #[must_use]
    pub fn cover(kind: OperationKind, marks: Marks, limits: Limits) -> Self {
        let limits = limits.at_least_one();
        let (names, grid) = Names::of(&marks);
        let mut cover = cover::cover(&grid, limits);
        cover.pieces.sort_unstable();
        let batches = cover.pieces.iter().map(|piece| names.batch(piece)).collect();
        Self { kind, undoes: None, lower_bound: cover.bound, batches, limits, marks }
    }

    /// The same plan with a vault for the full-ECS images that it accepts, if one is given. It goes with every image.
    #[must_use]
    pub fn into_vault(mut self, vault: Option<&Text>) -> Self {
        for batch in &mut self.batches {
            batch.vault = vault.cloned();
        }
        self
    }

    /// The same plan as one that takes an operation back, if one is given.
    #[must_use]
    pub fn undoing(mut self, undone: Option<OperationId>) -> Self {
        self.undoes = undone;
        self
    }

    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The operation that it takes back, if it is an undo.
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

    /// How many shares it names: the number the user types to confirm.
    pub fn shares(&self) -> usize {
        self.marks.len()
    }

    /// No plan for these marks and limits can have fewer requests than this.
    pub fn lower_bound(&self) -> usize {
        self.lower_bound
    }

    /// Whether it is known that there is no plan with fewer requests.
    pub fn is_minimal(&self) -> bool {
        self.batches.len() == self.lower_bound
    }

    /// Confirms, when the answer is the number of shares; gives the plan back unchanged when it is not.
    pub fn confirm(self, answer: &str) -> Result<Confirmed, Self> {
        if !self.marks.is_empty() && answer.trim() == self.shares().to_string() {
            Ok(Confirmed(self))
        } else {
            Err(self)
        }
    }
}

impl Confirmed {
    /// What was confirmed.
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    /// Plans again without shares that have gone in the meantime. What was confirmed can only get smaller.
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
