//! The options of a login: each is looked up where openstacksdk looks for it, and serde puts them into the struct of
//! the `auth_type`.

use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::ConfigError;
use super::layers::Layered;
use super::yaml::{Map, Node, Value};
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
            "project_id" => self.newest(&["tenant_id", key]),
            "project_name" => self.newest(&["tenant_name", key]),
            "token" => self.newest(&["auth_token", key]),
            "user_domain_id"
            | "user_domain_name"
            | "project_domain_id"
            | "project_domain_name"
            | "domain_id"
            | "domain_name"
            | "passcode" => self.newest(&[key]),
            "username" | "user_name" => self.username(),
            "ak" => self.first(&["ak", "access_key"]),
            "sk" => self.first(&["sk", "secret_key"]),
            _ => self.first(&[key]),
        }
    }

    /// The first of these that is set: in `auth`, else at the top level.
    pub(super) fn first(&self, keys: &[&str]) -> Found<'_> {
        for key in keys {
            let in_auth = self.auth_map().and_then(|auth| auth.get(key));
            let in_auth = in_auth.map(|node| self.scalar_of(&format!("auth.{key}"), node));
            if let Some(found) = in_auth.transpose()?.flatten().or(self.scalar(key)?) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// An option of the scope, the oldest name first: the newer name wins over the older, and for the same name the top
    /// level wins over `auth` (it may come from a variable). A name that is there without a value clears the older ones.
    fn newest(&self, keys: &[&str]) -> Found<'_> {
        let mut winner = None;
        for key in keys {
            if let Some(node) = self.auth_map().and_then(|auth| auth.raw(key)) {
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
        let written =
            |map: &Map| ["username", "user_name"].into_iter().find(|k| map.raw(k).is_some());
        if let Some(auth) = self.auth_map()
            && let Some(key) = written(auth)
            && let Some(node) = auth.raw(key)
            && let Some(found) = self.scalar_of(&format!("auth.{key}"), node)?
        {
            return Ok(Some(found));
        }
        written(&self.config).map_or(Ok(None), |key| self.scalar(key))
    }

    fn auth_map(&self) -> Option<&Map> {
        self.config.get("auth").and_then(Node::map)
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
