//! Many operations, a page at a time: which of them, newest first.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Row, ToSql, params_from_iter};

use super::read::{scope, undoes};
use super::values::{Sql, moment, word, written};
use domain::operation::Stage;
use domain::{ImageId, Moment, OperationId, OperationKind, Outcome, Scope, Text};

/// Which operations are meant: those that fit everything that is given. By default all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this cloud, by its name in the configuration.
    pub cloud: Option<String>,
    /// Of this region.
    pub region: Option<String>,
    /// Of this kind.
    pub kind: Option<OperationKind>,
    /// That take this operation back.
    pub undoes: Option<OperationId>,
    /// Confirmed then or later.
    pub since: Option<Moment>,
    /// With a share of one of these images; any image if empty.
    pub images: Vec<ImageId>,
    /// With a share with one of these members, by their very ids; any member if empty.
    pub members: Vec<Text>,
    /// With a share that ended so. With images or members, the very share of them.
    pub outcome: Option<Outcome>,
}

/// One operation in a list of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// Where.
    pub scope: Scope,
    /// When it was confirmed.
    pub started_at: Moment,
    /// When its receipt was complete.
    pub ended_at: Option<Moment>,
    /// Where it stands.
    pub stage: Stage,
    /// Whether something may still be found out about it.
    pub open: bool,
    /// How many shares were confirmed.
    pub shares: usize,
    /// The operation that it takes back, if it is an undo.
    pub undoes: Option<OperationId>,
    /// The operations that take it back, oldest first.
    pub undone_by: Vec<OperationId>,
    /// How many of them ended [`Outcome::Done`].
    pub done: usize,
    /// How many `Failed`.
    pub failed: usize,
    /// How many `Needless`.
    pub needless: usize,
    /// How many `Unknown`. Shares without an end yet are in none of these counts.
    pub unknown: usize,
}

impl Summary {
    /// How many shares ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Done => self.done,
            Outcome::Failed => self.failed,
            Outcome::Needless => self.needless,
            Outcome::Unknown => self.unknown,
        }
    }
}

/// Some operations of the history.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Those that could be read, newest first; shorter than was asked for at the end.
    pub(super) operations: Vec<Summary>,
    /// Those between them that could not be read, and why.
    pub(super) unreadable: Vec<(OperationId, rusqlite::Error)>,
}

/// The newest operations that fit and are older than the operation `before`.
pub(super) fn list(
    from: &Connection,
    filter: &Filter,
    before: Option<&OperationId>,
    limit: usize,
) -> Sql<Page> {
    let query = Query::of(filter, before)?;
    let mut select = from.prepare_cached(&query.text)?;
    let mut rows = select.query(params_from_iter(query.values))?;
    let mut page = Page::default();
    while page.operations.len() < limit
        && let Some(row) = rows.next()?
    {
        match summary(row) {
            Ok(summary) => page.operations.push(summary),
            Err(error) => page.unreadable.push((name(row), error)),
        }
    }
    Ok(page)
}

/// What a row that cannot be read is called.
fn name(row: &Row<'_>) -> OperationId {
    let number = || row.get::<_, i64>("number").map_or_else(|_| "?".into(), |it| format!("#{it}"));
    OperationId(row.get("id").unwrap_or_else(|_| number()))
}

/// How `SQLite` goes about a page, in its own words.
#[cfg(test)]
pub(super) fn plan(
    from: &Connection,
    filter: &Filter,
    before: Option<&OperationId>,
) -> Sql<String> {
    let query = Query::of(filter, before)?;
    let mut explain = from.prepare(&format!("EXPLAIN QUERY PLAN {}", query.text))?;
    let lines = explain.query_map(params_from_iter(query.values), |row| row.get(3))?;
    Ok(lines.collect::<Sql<Vec<String>>>()?.join("\n"))
}

/// A question, with its values in the order of their places.
struct Query {
    text: String,
    values: Vec<Param>,
}

enum Param {
    Text(String),
    Number(i64),
}

impl ToSql for Param {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
        }
    }
}

/// Ids are made by this program and hold no blank.
const COLUMNS: &str = "SELECT operations.*,
    (SELECT group_concat(id, ' ' ORDER BY number) FROM operations AS later WHERE later.undoes = operations.id)
        AS undone_by";

impl Query {
    /// Goes through the shares where those are asked about, else through the operations; along an index either way,
    /// newest first, so that a page costs no more than what lies between its rows.
    fn of(filter: &Filter, before: Option<&OperationId>) -> Sql<Self> {
        let by_shares = !filter.images.is_empty() || !filter.members.is_empty();
        let number = if by_shares { "shares.operation" } else { "operations.number" };
        let source = if by_shares {
            "FROM shares CROSS JOIN operations ON operations.number = shares.operation"
        } else {
            "FROM operations"
        };
        let mut query = Self { text: format!("{COLUMNS} {source} WHERE TRUE"), values: Vec::new() };
        if let Some(before) = before {
            let older = format!("{number} < (SELECT number FROM operations WHERE id = ?)");
            query.and(&older, [text(&before.0)]);
        }
        query.places(filter)?;
        if by_shares {
            query.among("shares.image", filter.images.iter().map(ImageId::raw));
            query.among("shares.member", filter.members.iter().map(Text::raw));
            let words = |outcome: Outcome| OperationKind::ALL.map(|kind| outcome.word(kind));
            query.among("shares.outcome", filter.outcome.map(words).into_iter().flatten());
            query.text += " GROUP BY shares.operation";
        } else if let Some(outcome) = filter.outcome {
            query.and(some(outcome), []);
        }
        query.text += &[" ORDER BY ", number, " DESC"].concat();
        Ok(query)
    }

    fn places(&mut self, filter: &Filter) -> Sql<()> {
        let Filter { cloud, region, kind, undoes, since, .. } = filter;
        self.among("operations.cloud", cloud.as_deref());
        self.among("operations.region", region.as_deref());
        if let Some(kind) = kind {
            self.and("operations.kind = ?", [Param::Text(written(kind)?)]);
        }
        self.among("operations.undoes", undoes.as_ref().map(|id| id.0.as_str()));
        if let Some(since) = since {
            self.and("operations.started_at >= ?", [Param::Number(since.0)]);
        }
        Ok(())
    }

    fn among<'a>(&mut self, column: &str, wanted: impl IntoIterator<Item = &'a str>) {
        let wanted: Vec<Param> = wanted.into_iter().map(text).collect();
        match wanted.len() {
            0 => {}
            1 => self.and(&format!("{column} = ?"), wanted),
            count => {
                let places = vec!["?"; count].join(", ");
                self.and(&format!("{column} IN ({places})"), wanted);
            }
        }
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Param>) {
        self.text += " AND ";
        self.text += condition;
        self.values.extend(values);
    }
}

fn text(text: &str) -> Param {
    Param::Text(text.to_owned())
}

/// Partial indexes are of the same words.
fn some(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "operations.done > 0",
        Outcome::Failed => "operations.failed > 0",
        Outcome::Needless => "operations.needless > 0",
        Outcome::Unknown => "operations.unknown > 0",
    }
}

fn summary(row: &Row<'_>) -> Sql<Summary> {
    let undone_by: Option<String> = row.get("undone_by")?;
    let undone_by = undone_by.unwrap_or_default();
    let (shares, done, needless): (usize, usize, usize) =
        (row.get("shares")?, row.get("done")?, row.get("needless")?);
    // Earlier versions recorded an operation as finished while a job still ran.
    let (open, stage, ended_at) = match (row.get("open")?, word(row, "stage")?) {
        (true, Stage::Finished) if done + needless < shares => (true, Stage::Following, None),
        (true, Stage::Finished) => (false, Stage::Finished, moment(row, "ended_at")?),
        (open, stage) => (open, stage, moment(row, "ended_at")?),
    };
    Ok(Summary {
        id: OperationId(row.get("id")?),
        kind: word(row, "kind")?,
        scope: scope(row)?,
        started_at: Moment(row.get("started_at")?),
        ended_at,
        stage,
        open,
        shares,
        undoes: undoes(row)?,
        undone_by: undone_by.split_whitespace().map(|id| OperationId(id.to_owned())).collect(),
        done,
        failed: row.get("failed")?,
        needless,
        unknown: row.get("unknown")?,
    })
}
