//! Single values as columns, and columns as values.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlResult, Type, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use domain::{Moment, Text};

pub(super) type Sql<T> = rusqlite::Result<T>;

/// Text from a cloud, exactly as it came.
pub(super) struct Raw(pub(super) Text);

impl FromSql for Raw {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|raw| Self(raw.into()))
    }
}

pub(super) fn raw(text: Option<&Text>) -> Option<&str> {
    text.map(Text::raw)
}

pub(super) fn millis(moment: Option<Moment>) -> Option<i64> {
    moment.map(|moment| moment.0)
}

/// The serialised form of a value as text: a bare word where it is one, else JSON.
pub(super) fn written<T: Serialize>(value: &T) -> Sql<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
    }
}

pub(super) fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Sql<T> {
    value(Value::String(row.get(column)?))
}

pub(super) fn value<T: DeserializeOwned>(value: Value) -> Sql<T> {
    serde_json::from_value(value).map_err(invalid)
}

pub(super) fn parsed<T: DeserializeOwned>(json: &str) -> Sql<T> {
    serde_json::from_str(json).map_err(invalid)
}

pub(super) fn invalid(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
}

pub(super) fn text(row: &Row<'_>, column: &str) -> Sql<Option<Text>> {
    Ok(row.get::<_, Option<Raw>>(column)?.map(|raw| raw.0))
}

pub(super) fn moment(row: &Row<'_>, column: &str) -> Sql<Option<Moment>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Moment))
}
