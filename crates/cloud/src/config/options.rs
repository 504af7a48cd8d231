//! The options of a login: each is looked up where openstacksdk looks for it, and serde puts them into the struct of
//! the `auth_type`.

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::layers::Layered;
use super::yaml::{Map, Node, Value};
use super::{ConfigError, keys};
use crate::auth::NameOrId;

type Found<'a> = Result<Option<(&'a Node, &'a str)>, ConfigError>;

impl Layered {
    /// The options of a login, as a struct with a field for each. The fields of a nested struct have its name before
    /// theirs: `id` in `user` is `user_id`.
    pub(super) fn options<'a, T: Deserialize<'a>>(&'a self) -> Result<T, ConfigError> {
        T::deserialize(Lookup { layered: self, key: String::new() })
    }

    /// `{of}_id` and `{of}_name`.
    pub(super) fn name_or_id(&self, of: &str) -> Result<NameOrId, ConfigError> {
        NameOrId::deserialize(Lookup { layered: self, key: of.to_owned() })
    }

    /// An option of the login, where it is not empty.
    pub(super) fn option(&self, key: &str) -> Result<Option<&str>, ConfigError> {
        Ok(self.option_node(key)?.map(|(_, text)| text))
    }

    /// The same with its node, for errors.
    pub(super) fn option_node(&self, key: &str) -> Found<'_> {
        match key {
            "username" | "user_name" => self.username(),
            _ if keys::last_counts(key) => self.last(key),
            _ => match (self.first(key)?, keys::older(key)) {
                (None, Some(older)) => self.first(older),
                (found, _) => Ok(found),
            },
        }
    }

    /// Whether there is a key with a value, in `auth` or at the top level.
    pub(super) fn has(&self, key: &str) -> bool {
        matches!(self.first(key), Ok(Some(_)))
    }

    /// Sets an option of the login in `auth` and at the top level. An `auth` that is not a mapping has its own error.
    pub(super) fn set_option(&mut self, key: &str, node: &Node) {
        if self.config.get("auth").is_none() {
            let value = Value::Map(Map::default());
            self.config.set("auth", Node { value, at: node.at.clone() });
        }
        if let Some(Node { value: Value::Map(auth), .. }) = self.config.raw_mut("auth") {
            auth.set(key, node.clone());
        }
        self.config.set(key, node.clone());
    }

    fn first(&self, key: &str) -> Found<'_> {
        let in_auth = self.auth().and_then(|auth| auth.get(key));
        let in_auth = in_auth.map(|node| self.scalar_of(&format!("auth.{key}"), node));
        in_auth.transpose()?.flatten().map_or_else(|| self.scalar(key), |found| Ok(Some(found)))
    }

    /// The newer name wins over the older, and for the same name the top level wins over `auth` (it may come from a
    /// variable). A name that is there without a value clears the older ones.
    fn last(&self, key: &str) -> Found<'_> {
        let mut winner = None;
        for key in keys::older(key).into_iter().chain([key]) {
            if let Some(node) = self.auth().and_then(|auth| auth.raw(key)) {
                winner = self.scalar_of(&format!("auth.{key}"), node)?;
            }
            if let Some(node) = self.config.raw(key) {
                winner = self.scalar_of(key, node)?;
            }
        }
        Ok(winner)
    }

    /// `username`, or `user_name`, its older name: everything in `auth` goes before the top level, and in each of them
    /// the newer name before the older, even where it is empty.
    fn username(&self) -> Found<'_> {
        for (map, prefix) in [(self.auth(), "auth."), (Some(&self.config), "")] {
            let written =
                ["username", "user_name"].into_iter().find_map(|key| Some((key, map?.raw(key)?)));
            if let Some((key, node)) = written
                && let Some(found) = self.scalar_of(&format!("{prefix}{key}"), node)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The mapping `auth`.
    pub(super) fn auth(&self) -> Option<&Map> {
        self.config.get("auth")?.map()
    }

    /// A key of the top level, with its node, where it is not empty.
    pub(super) fn scalar(&self, key: &str) -> Found<'_> {
        self.config.get(key).map_or(Ok(None), |node| self.scalar_of(key, node))
    }

    fn scalar_of<'a>(&self, key: &str, node: &'a Node) -> Found<'a> {
        match &node.value {
            Value::List(_) | Value::Map(_) => {
                Err(self.source.invalid(key, node, "is not a single value", "write one value"))
            }
            _ => Ok(node.text().filter(|text| !text.is_empty()).map(|text| (node, text))),
        }
    }
}

/// Looks up an option, or as many as a struct has fields.
struct Lookup<'a> {
    layered: &'a Layered,
    key: String,
}

impl<'de> Deserializer<'de> for Lookup<'de> {
    type Error = ConfigError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        let key = |field: &str| match &*self.key {
            "" => field.to_owned(),
            prefix => format!("{prefix}_{field}"),
        };
        let option =
            |field: &&'static str| (*field, Lookup { key: key(field), layered: self.layered });
        visitor.visit_map(MapDeserializer::new(fields.iter().map(option)))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.layered.option(&self.key)? {
            Some(_) => visitor.visit_some(self),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.layered.option(&self.key)? {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(self.layered.missing_option(&self.key)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, ConfigError> for Lookup<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
