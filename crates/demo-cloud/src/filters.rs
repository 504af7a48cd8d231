//! Which images a list holds: visibility and filters. The newest come first.

use domain::{Member, Text, Visibility};

use super::call::{Call, Service};
use super::glance::{Caller, word};
use super::world::{StoredImage, World};
use super::{ims, rackspace};

type Test = Box<dyn Fn(&StoredImage) -> bool>;

/// A list of images as it was asked for.
pub(super) struct Listing {
    tests: Vec<Test>,
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
        let keys = call.query.iter().map(|(key, _)| key);
        tests.extend(keys.filter_map(|key| filter(call, key, call.param(key)?)));
        Ok(Self { tests, after: None })
    }

    pub(super) fn start_after(&mut self, marker: &StoredImage) {
        self.after = Some(marker.clone());
    }

    pub(super) fn page<'a>(&self, world: &'a World, limit: usize) -> Vec<&'a StoredImage> {
        let fits = |image: &&StoredImage| self.tests.iter().all(|test| test(image));
        world.images_after(self.after.as_ref()).filter(fits).take(limit).collect()
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

/// One filter. One that is not known empties the list, as a property does that no image has.
fn filter(call: &Call, key: &str, value: &str) -> Option<Test> {
    let (key, wanted) = (key.to_owned(), value.to_owned());
    match key.as_str() {
        "limit" | "marker" | "member_status" | "visibility" => None,
        // What is hidden is younger than Rackspace's service.
        "os_hidden" if !call.is_old() => None,
        _ if call.service == Service::Ims && ims::is_filter(&key) => {
            Some(Box::new(move |image| ims::passes(image, &key, &wanted)))
        }
        _ => Some(Box::new(move |image| field(image, &key).is_some_and(|value| value == wanted))),
    }
}

fn field<'a>(stored: &'a StoredImage, key: &str) -> Option<&'a str> {
    let image = &stored.image;
    match key {
        "id" => Some(image.id.raw()),
        "name" => image.name.as_ref().map(Text::raw),
        "owner" => image.owner.as_ref().map(|owner| owner.0.raw()),
        "status" => image.status.as_ref().map(Text::raw),
        _ => None,
    }
}
