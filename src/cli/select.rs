//! Which images of a reading a command is about.

use super::reading::Reading;
use domain::{Failure, Image, ImageIx, Inventory};

/// What was typed for images, and the images it means.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// What was typed.
    pub typed: String,
    /// One, or several with that name.
    pub images: Vec<ImageIx>,
}

/// All images, by name, then id: an order that does not depend on the cloud's.
pub fn in_order(inventory: &Inventory) -> Vec<ImageIx> {
    let mut images: Vec<ImageIx> = inventory.images().map(|(ix, _)| ix).collect();
    let key = |ix: &ImageIx| {
        let image = inventory.image(*ix);
        (image.name.as_ref().map_or("", |name| name.raw()), image.id.raw())
    };
    images.sort_by(|a, b| key(a).cmp(&key(b)));
    images
}

/// The images that ids (in any case) and names (as they are) mean. One that means none is an error: half a
/// selection is never intended.
pub fn named(reading: &Reading, typed: &[String]) -> Result<Vec<Named>, Failure> {
    let find = |typed: &String| {
        let images = matching(&reading.inventory, typed);
        if images.is_empty() {
            Err(missing(reading, typed))
        } else {
            Ok(Named { typed: typed.clone(), images })
        }
    };
    typed.iter().map(find).collect()
}

/// The same for one of several scopes: what means none here may mean one elsewhere.
pub fn named_here(reading: &Reading, typed: &[String]) -> Vec<Named> {
    let find = |typed: &String| {
        let images = matching(&reading.inventory, typed);
        (!images.is_empty()).then(|| Named { typed: typed.clone(), images })
    };
    typed.iter().filter_map(find).collect()
}

/// Why an image was found in none of these readings.
pub fn missing_in(readings: &[&Reading], typed: &str) -> Failure {
    let incomplete = readings.iter().find(|reading| !reading.failures.is_empty());
    match incomplete.or(readings.first()) {
        Some(reading) => missing(reading, typed),
        None => missing(&Reading::default(), typed),
    }
}

fn missing(reading: &Reading, typed: &str) -> Failure {
    let what = format!("find the image `{typed}`");
    match reading.failures.first() {
        Some(failure) => {
            Failure::new(what, format!("the list of images is not complete: {failure}"))
        }
        None => Failure::new(what, "no image of the project has this id or name")
            .with_hint("`sharelock audit --format json` lists them all"),
    }
}

fn matching(inventory: &Inventory, typed: &str) -> Vec<ImageIx> {
    let those = |is: &dyn Fn(&Image) -> bool| -> Vec<ImageIx> {
        inventory.images().filter(|(_, image)| is(image)).map(|(ix, _)| ix).collect()
    };
    let by_id = those(&|image| image.id.raw().eq_ignore_ascii_case(typed));
    if by_id.is_empty() {
        those(&|image| image.name.as_ref().is_some_and(|name| name.raw() == typed))
    } else {
        by_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        let mut reading = Reading::default();
        for (id, name) in [("AA-1", "old"), ("bb-2", "twin"), ("cc-3", "twin"), ("dd-4", "AA-1")] {
            reading
                .inventory
                .put_image(Image { name: Some(name.into()), ..Image::bare(id.into()) });
        }
        reading
    }

    fn ids(typed: &[&str]) -> Result<Vec<String>, Failure> {
        let reading = reading();
        let typed: Vec<String> = typed.iter().map(ToString::to_string).collect();
        let named = named(&reading, &typed)?;
        let images = named.iter().flat_map(|named| &named.images);
        Ok(images.map(|ix| reading.inventory.image(*ix).id.to_string()).collect())
    }

    #[test]
    fn an_id_is_found_in_any_case_and_wins_over_a_name() {
        assert_eq!(ids(&["aa-1"]).unwrap(), ["AA-1"]);
        assert_eq!(ids(&["BB-2", "old"]).unwrap(), ["bb-2", "AA-1"]);
    }

    #[test]
    fn a_name_means_every_image_that_has_it() {
        assert_eq!(ids(&["twin"]).unwrap(), ["bb-2", "cc-3"]);
    }

    #[test]
    fn what_means_nothing_is_an_error_that_names_it() {
        let error = ids(&["old", "nope"]).unwrap_err().to_string();
        assert!(error.starts_with("cannot find the image `nope`: "), "{error}");
    }

    #[test]
    fn an_image_that_may_only_not_have_been_read_is_not_called_missing() {
        let mut reading = reading();
        reading.failures.push(Failure::new("list images", "503"));

        let error = named(&reading, &["nope".into()]).unwrap_err().to_string();
        assert!(error.contains("is not complete: cannot list images: 503"), "{error}");
    }
}
