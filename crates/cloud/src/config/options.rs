//! The options of a login: each is looked up where openstacksdk looks for it, and serde puts them into the struct of
//! the `auth_type`.

use serde::de::value::MapDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::layers::Layered;
use super::yaml::{Map, Node, Value};
use super::{ConfigError, keys};
use crate::auth::NameOrId;

impl Layered {
    /// The options of a login, as a struct with a field for each.
    pub(super) fn options<'a, T: Deserialize<'a>>(&'a self) -> Result<T, ConfigError> {
        T::deserialize(Lookup { layered: self, key: "" })
    }

    /// `{of}_id` and `{of}_name`; for the user `username`.
    pub(super) fn name_or_id(&self, of: &str) -> NameOrId {
        let option = |key: &str| self.option(key).map(str::to_owned);
        let name = if of == "user" { "username" } else { &format!("{of}_name") };
        NameOrId { id: option(&format!("{of}_id")), name: option(name) }
    }

    /// An option of the login, where it is not empty.
    pub(super) fn option(&self, key: &str) -> Option<&str> {
        self.option_node(key).map(|(_, text)| text)
    }

    /// The same with its node, for errors. `auth` goes before the top level and the newer name before the older, except
    /// for the user's name, where everything in `auth` goes before the top level, and for options of which the last layer
    /// counts: there a name without a value clears the ones before it.
    pub(super) fn option_node(&self, key: &str) -> Option<(&Node, &str)> {
        let names = || [key].into_iter().chain(keys::older(key));
        let layers = || self.auth().into_iter().chain([&self.config]);
        if keys::last_counts(key) {
            let last = |name| layers().rev().find_map(|map| map.raw(name));
            return names().find_map(last)?.scalar();
        }
        if key == "username" {
            return layers().find_map(|map| names().find_map(|name| map.raw(name))?.scalar());
        }
        names().find_map(|name| layers().find_map(|map| map.raw(name)?.scalar()))
    }

    /// The address in an option of the login.
    pub(super) fn option_address(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let found = self.option_node(key);
        found.map(|found| self.address(&format!("auth.{key}"), found)).transpose()
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

    /// The mapping `auth`.
    pub(super) fn auth(&self) -> Option<&Map> {
        self.config.get("auth")?.map()
    }

    /// A key beside `auth`, with its node, where it is not empty.
    pub(super) fn scalar(&self, key: &str) -> Option<(&Node, &str)> {
        self.config.raw(key)?.scalar()
    }
}

/// Looks up an option, or each field of a struct.
struct Lookup<'a> {
    layered: &'a Layered,
    key: &'static str,
}

impl<'de> Deserializer<'de> for Lookup<'de> {
    type Error = ConfigError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        let options = fields.iter().map(|key| (*key, Lookup { key, ..self }));
        visitor.visit_map(MapDeserializer::new(options))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.layered.option(self.key) {
            Some(_) => visitor.visit_some(self),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.layered.option(self.key) {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(self.layered.missing_option(self.key)),
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
