//! Filters the user keeps under a name. They are no intent and no receipt: losing one costs a line to type.

use rusqlite::{Connection, params};

use super::values::Sql;

/// A filter with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// What it is called.
    pub name: String,
    /// The filter, as it is typed.
    pub words: String,
}

/// All of them, by name.
pub(super) fn all(from: &Connection) -> Sql<Vec<SavedFilter>> {
    let mut select = from.prepare_cached("SELECT name, words FROM filters ORDER BY name")?;
    let filter =
        |row: &rusqlite::Row<'_>| Ok(SavedFilter { name: row.get(0)?, words: row.get(1)? });
    select.query_map([], filter)?.collect()
}

/// Keeps one; without words none is kept under that name any more.
pub(super) fn save(to: &Connection, name: &str, words: Option<&str>) -> Sql<()> {
    match words {
        Some(words) => to.execute(
            "INSERT INTO filters (name, words) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET words = excluded.words",
            params![name, words],
        )?,
        None => to.execute("DELETE FROM filters WHERE name = ?", [name])?,
    };
    Ok(())
}
