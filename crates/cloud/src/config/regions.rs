//! The regions of a cloud, and choosing one.

use super::error::nearest;
use super::source::Source;
use super::yaml::{Map, Node, Value};
use super::{Complaint, ConfigError};

/// A region and the values that differ there.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Its name.
    pub name: String,
    /// Keys that apply there.
    pub values: Map,
}

/// The regions a layer names: `regions`, else `region_name` (where a comma separates several, an old spelling).
fn regions(source: &Source, config: &Map) -> Result<Vec<Region>, ConfigError> {
    if let Some(node) = config.get("regions").filter(|node| node.text() != Some("")) {
        let Value::List(items) = &node.value else {
            let hint = "write `regions: [NAME, …]`";
            return Err(source.invalid("regions", node, "is not a list", hint));
        };
        return items.iter().map(|item| region(source, item)).collect();
    }
    let names = config.get("region_name").map(Node::words).unwrap_or_default();
    Ok(names.into_iter().map(Region::plain).collect())
}

impl Region {
    fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), values: Map::default() }
    }
}

fn region(source: &Source, item: &Node) -> Result<Region, ConfigError> {
    let hint = "write a name, or `{name: NAME, values: {KEY: VALUE}}`";
    let wrong = |why| source.invalid("regions", item, why, hint);
    if let Some(name) = item.text() {
        return Ok(Region::plain(name));
    }
    let map =
        item.map().ok_or_else(|| wrong("has an entry that is neither a name nor a mapping"))?;
    let name = map.text("name").ok_or_else(|| wrong("has an entry without a name"))?;
    if map.iter().any(|(key, _)| key != "name" && key != "values") {
        return Err(wrong("has an entry with other keys than `name` and `values`"));
    }
    let values = map.get("values").map(|values| {
        values.map().cloned().ok_or_else(|| wrong("has `values` that are not a mapping"))
    });
    Ok(Region { name: name.to_owned(), values: values.transpose()?.unwrap_or_default() })
}

/// Picks the requested region, else the first. What requests it follows its name in an error.
pub(super) fn choose(
    source: &Source,
    regions: Vec<Region>,
    asked: Option<(&str, &str)>,
) -> Result<Option<Region>, ConfigError> {
    let Some((asked, asked_by)) = asked.filter(|(asked, _)| !asked.is_empty()) else {
        return Ok(regions.into_iter().next());
    };
    if regions.is_empty() {
        return Ok(Some(Region::plain(asked)));
    }
    let names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
    regions.into_iter().find(|region| region.name == asked).map(Some).ok_or_else(|| {
        let meant = nearest(asked, names.iter().map(String::as_str));
        let hint =
            meant.map_or(String::new(), |name| format!(" (did you mean `{name}`? case counts)"));
        ConfigError::Unknown(Complaint::new(
            format!("region `{asked}`{asked_by} is not one of {}{hint}", source.shown()),
            format!("choose one of {}", names.join(", ")),
        ))
    })
}

/// The regions of a cloud: its own, else its profile's.
pub(super) fn known(
    source: &Source,
    body: &Map,
    profile: Option<&Map>,
) -> Result<Vec<Region>, ConfigError> {
    let own = regions(source, body)?;
    match profile {
        Some(profile) if own.is_empty() => regions(source, profile),
        _ => Ok(own),
    }
}
