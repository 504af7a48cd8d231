//! Names of projects as a cloud's login service last told them.

use rusqlite::{Connection, params};

use super::values::Sql;
use domain::{Moment, ProjectId, Text};

/// All that are known of a cloud, or of all of them.
pub(super) fn all(from: &Connection, cloud: Option<&str>) -> Sql<Vec<(ProjectId, Text)>> {
    let mut select = from.prepare_cached(
        "SELECT id, name FROM names WHERE ?1 IS NULL OR cloud = ?1 ORDER BY id, seen_at",
    )?;
    let pair = |row: &rusqlite::Row<'_>| {
        let (id, name): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((ProjectId(id.into()), Text::from(name)))
    };
    select.query_map([cloud], pair)?.collect()
}

/// Keeps what was seen; a name that is known and the same costs no write but that of its time.
pub(super) fn save(
    to: &Connection,
    cloud: &str,
    names: &[(ProjectId, Text)],
    at: Moment,
) -> Sql<()> {
    let mut upsert = to.prepare_cached(
        "INSERT INTO names (cloud, id, name, seen_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (cloud, id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at",
    )?;
    for (id, name) in names {
        upsert.execute(params![cloud, id.0.raw(), name.raw(), at.0])?;
    }
    Ok(())
}
