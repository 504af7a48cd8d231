//! Which images a list holds, and in which order: visibility, filters, sorting.

use std::cmp::Ordering;

use domain::{Member, Moment, Text, Visibility};

use super::call::{Call, Service};
use super::glance::{Caller, word};
use super::world::{StoredImage, World};
use super::{ims, rackspace};

type Test = Box<dyn Fn(&StoredImage) -> bool>;

/// A list of images as it was asked for.
pub(super) struct Listing {
    tests: Vec<Test>,
    /// Empty for newest first.
    sort: Vec<(String, bool)>,
    after: Option<StoredImage>,
}

impl Listing {
    /// Reads the query; the error is the text of a 400.
    pub(super) fn read(call: &Call, caller: &Caller) -> Result<Self, String> {
        let mut tests = vec![visibility(call, caller)?];
        if call.service == Service::Glance && !call.is_old() {
            let hidden =
                call.param("os_hidden").is_some_and(|word| word.eq_ignore_ascii_case("true"));
            tests.push(Box::new(move |image| image.image.hidden == hidden));
        }
        for (key, _) in &call.query {
            if let Some(value) = call.param(key) {
                tests.extend(filter(call, key, value)?);
            }
        }
        Ok(Self { tests, sort: sorting(call)?, after: None })
    }

    pub(super) fn start_after(&mut self, marker: &StoredImage) {
        self.after = Some(marker.clone());
    }

    pub(super) fn page<'a>(&self, world: &'a World, limit: usize) -> Vec<&'a StoredImage> {
        let fits = |image: &&StoredImage| self.tests.iter().all(|test| test(image));
        if self.sort.is_empty() {
            return world.images_after(self.after.as_ref()).filter(fits).take(limit).collect();
        }
        let mut images: Vec<&StoredImage> = world.images().filter(fits).collect();
        images.sort_by(|a, b| self.compare(a, b));
        let from = match &self.after {
            Some(after) => images.partition_point(|image| self.compare(image, after).is_le()),
            None => 0,
        };
        images.into_iter().skip(from).take(limit).collect()
    }

    /// By the keys that were asked for, then by id: a total order, or pages would overlap.
    fn compare(&self, a: &StoredImage, b: &StoredImage) -> Ordering {
        let by_key = |(key, descending): &(String, bool)| {
            let order = compare_by(key, a, b);
            if *descending { order.reverse() } else { order }
        };
        let order = self.sort.iter().map(by_key).find(|order| order.is_ne());
        order.unwrap_or_else(|| a.image.id.cmp(&b.image.id))
    }
}

fn compare_by(key: &str, a: &StoredImage, b: &StoredImage) -> Ordering {
    let (x, y) = (&a.image, &b.image);
    match key {
        "name" => x.name.cmp(&y.name),
        "status" => x.status.cmp(&y.status),
        "disk_format" => a.disk_format.cmp(b.disk_format),
        "size" => x.size.cmp(&y.size),
        "id" => x.id.cmp(&y.id),
        "created_at" => x.created_at.cmp(&y.created_at),
        "updated_at" => x.updated_at.cmp(&y.updated_at),
        _ => Ordering::Equal,
    }
}

const SORT_KEYS: &str =
    "name, status, container_format, disk_format, size, id, created_at, updated_at";

fn sorting(call: &Call) -> Result<Vec<(String, bool)>, String> {
    let old = call.param("sort_key").is_some() || call.param("sort_dir").is_some();
    let new = call.param("sort");
    if old && new.is_some() {
        return Err("Old and new sorting syntax cannot be combined".to_owned());
    }
    let direction = call.param("sort_dir").unwrap_or("desc");
    let keys: Vec<(&str, &str)> = match new {
        Some(list) => {
            list.split(',').map(|one| one.split_once(':').unwrap_or((one, "desc"))).collect()
        }
        None if old => vec![(call.param("sort_key").unwrap_or("created_at"), direction)],
        None => Vec::new(),
    };
    keys.into_iter().map(sort_key).collect()
}

fn sort_key((key, direction): (&str, &str)) -> Result<(String, bool), String> {
    if !SORT_KEYS.split(", ").any(|known| known == key) {
        return Err(format!(
            "Invalid sort key: {key}. It must be one of the following: {SORT_KEYS}."
        ));
    }
    match direction {
        "asc" => Ok((key.to_owned(), false)),
        "desc" => Ok((key.to_owned(), true)),
        _ => Err(format!("Invalid sort direction: {direction}")),
    }
}

/// What the caller may see of what it asks to see.
fn visibility(call: &Call, caller: &Caller) -> Result<Test, String> {
    let asked = call.param("visibility").map(str::to_owned);
    let known = ["public", "private", "shared", "community", "all"];
    if let Some(asked) = asked.as_deref().filter(|asked| !known.contains(asked)) {
        return Err(format!("Invalid visibility value: {asked}"));
    }
    let status = member_status(call)?;
    let (service, is_old, caller) = (call.service, call.is_old(), caller.clone());
    let itself = Member::project(caller.project.0.clone());
    Ok(Box::new(move |stored| {
        let shown = match service {
            Service::Ims => ims::visibility(stored).to_owned(),
            // There it means "shared with me".
            _ if is_old && asked.as_deref() == Some("shared") => {
                let own = stored.is_owned_by(&caller.project);
                if own { "private" } else { "shared" }.to_owned()
            }
            _ if is_old => rackspace::visibility(stored).to_owned(),
            _ => word(&stored.image.visibility),
        };
        if asked.as_deref().is_some_and(|asked| asked != "all" && asked != shown) {
            return false;
        }
        let offered = || {
            let row = stored.listed().iter().find(|row| row.member == itself);
            row.is_some_and(|row| {
                status.is_empty() || status == Text::from(row.status.clone()).raw()
            })
        };
        match stored.image.visibility {
            _ if caller.is_admin() || stored.is_owned_by(&caller.project) => true,
            Visibility::Public => true,
            Visibility::Community => service == Service::Glance && asked.is_some(),
            _ => offered(),
        }
    }))
}

/// The member status asked for; empty for any. IMS heeds it only together with `visibility=shared`.
fn member_status(call: &Call) -> Result<String, String> {
    let heeded = call.service != Service::Ims || call.param("visibility") == Some("shared");
    match call.param("member_status").filter(|_| heeded) {
        None => Ok("accepted".to_owned()),
        Some("all") => Ok(String::new()),
        Some(status @ ("pending" | "accepted" | "rejected")) => Ok(status.to_owned()),
        Some(other) => Err(format!("Invalid status: {other}")),
    }
}

/// One filter. What is no known filter asks for a property of that name, so a mistake empties the list.
fn filter(call: &Call, key: &str, value: &str) -> Result<Option<Test>, String> {
    let wanted = value.to_owned();
    let test: Test = match key {
        "limit" | "marker" | "sort" | "sort_key" | "sort_dir" | "member_status" | "visibility" => {
            return Ok(None);
        }
        // What is hidden is younger than Rackspace's service.
        "os_hidden" if !call.is_old() => return Ok(None),
        "created_at" | "updated_at" => time(key == "created_at", value)?,
        "size_min" | "size_max" => size(key == "size_min", value)?,
        "protected" => {
            Box::new(move |image| image.image.protected.to_string() == wanted.to_lowercase())
        }
        "tag" => {
            let wanted = wanted.replace('=', ".");
            Box::new(move |image| image.tags.iter().any(|tag| tag.raw() == wanted))
        }
        _ if call.service == Service::Ims && ims::is_filter(key) => {
            let key = key.to_owned();
            Box::new(move |image| ims::passes(image, &key, &wanted))
        }
        _ => {
            let key = key.to_owned();
            let options: Vec<String> = match value.strip_prefix("in:") {
                Some(list) => list.split(',').map(str::to_owned).collect(),
                None => vec![wanted],
            };
            Box::new(move |image| field(image, &key).is_some_and(|value| options.contains(&value)))
        }
    };
    Ok(Some(test))
}

fn field(stored: &StoredImage, key: &str) -> Option<String> {
    let image = &stored.image;
    let text = match key {
        "id" => image.id.raw(),
        "name" => image.name.as_ref()?.raw(),
        "owner" => image.owner.as_ref()?.0.raw(),
        "status" => image.status.as_ref()?.raw(),
        "disk_format" => stored.disk_format,
        "container_format" => "bare",
        property => stored.properties.iter().find(|(key, _)| key.raw() == property)?.1.raw(),
    };
    Some(text.to_owned())
}

/// `gt:2026-01-01T00:00:00Z`
fn time(created: bool, value: &str) -> Result<Test, String> {
    let operators = ["gte", "gt", "lte", "lt", "eq", "neq"];
    let (operator, text) = match value.split_once(':') {
        Some((operator, text)) if operators.contains(&operator) => (operator.to_owned(), text),
        _ => ("eq".to_owned(), value),
    };
    let limit = Moment::parse(text).ok_or_else(|| format!("Invalid time value {value}"))?;
    Ok(Box::new(move |image| {
        let at = if created { image.image.created_at } else { image.image.updated_at };
        let Some(order) = at.map(|at| at.cmp(&limit)) else { return false };
        match operator.as_str() {
            "gt" => order.is_gt(),
            "gte" => order.is_ge(),
            "lt" => order.is_lt(),
            "lte" => order.is_le(),
            "neq" => order.is_ne(),
            _ => order.is_eq(),
        }
    }))
}

fn size(least: bool, value: &str) -> Result<Test, String> {
    let limit: u64 = value.parse().map_err(|_| "Invalid filter value".to_owned())?;
    Ok(Box::new(move |image| {
        image.image.size.is_some_and(|size| if least { size >= limit } else { size <= limit })
    }))
}

/// So many times 32 hex digits that look like a checksum and always are the same for an id.
pub(super) fn digest(id: &str, times: usize) -> String {
    let hex: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let turned = |by: usize| {
        let by = (by * 5 + 3) % hex.len().max(1);
        format!("{}{}", &hex[by..], &hex[..by])
    };
    (0..times).map(turned).collect()
}
