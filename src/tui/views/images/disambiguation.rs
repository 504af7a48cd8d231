//! ID prefixes that distinguish images of the same name.

use std::collections::HashMap;

use crate::tui::app::workspace::Workspace;
use crate::tui::views::images::state::Images;
use domain::{ImageIx, Inventory};

/// Minimum length of a shown ID prefix.
const LEAST: usize = 8;

/// The shortest distinguishing ID prefix of each image that shares its name with another.
pub(crate) type ShortIds = HashMap<ImageIx, String>;

impl Images {
    /// Finds the images that share their names. Names are compared as they are sorted.
    pub(crate) fn disambiguate(&mut self, inventory: &Inventory) {
        let mut of_name: HashMap<&str, Vec<ImageIx>> = HashMap::with_capacity(self.order.len());
        for ix in &self.order {
            of_name.entry(self.folded(*ix)).or_default().push(*ix);
        }
        let several = of_name.into_values().filter(|same| same.len() > 1);
        self.short_ids = several.flat_map(|same| beginnings(inventory, &same)).collect();
    }
}

fn beginnings(inventory: &Inventory, same: &[ImageIx]) -> Vec<(ImageIx, String)> {
    let id = |ix: ImageIx| inventory.image(ix).id.to_string();
    let mut ids: Vec<(String, ImageIx)> = same.iter().map(|ix| (id(*ix), *ix)).collect();
    ids.sort();
    // In sorted order, an ID has its longest common prefix with a neighbour.
    let common: Vec<usize> = ids.windows(2).map(|two| in_common(&two[0].0, &two[1].0)).collect();
    let shown = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| common.get(at));
        let most = before.max(common.get(at)).copied().unwrap_or(0);
        ids[at].0.chars().take(LEAST.max(most + 1)).collect()
    };
    (0..ids.len()).map(|at| (ids[at].1, shown(at))).collect()
}

fn in_common(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

impl Workspace {
    /// The ID prefix that distinguishes an image from others of its name; `None` if the name is unique.
    pub(crate) fn short_id(&self, ix: ImageIx) -> Option<&str> {
        self.images.short_ids.get(&ix).map(String::as_str)
    }

    /// The name of an image, with an ID prefix if others have the same name.
    pub(crate) fn label_of(&self, ix: ImageIx) -> String {
        let label = self.inventory.image(ix).label();
        match self.short_id(ix) {
            Some(id) => format!("{label} · {id}"),
            None => label,
        }
    }

    /// The same within a width in columns: the name is truncated, the ID is not.
    pub(crate) fn label_within(&self, ix: ImageIx, room: usize) -> String {
        use crate::tui::ui::text;
        let label = self.inventory.image(ix).label();
        match self.short_id(ix).map(|id| format!(" · {id}")) {
            Some(id) => {
                let name = text::cut(&label, room.saturating_sub(text::width(&id)).max(1));
                text::cut(&format!("{name}{id}"), room).into_owned()
            }
            None => text::cut(&label, room).into_owned(),
        }
    }
}
