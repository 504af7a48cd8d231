//! Addresses in the consoles of clouds: the template that the user wrote for a cloud, filled in. Nothing from a cloud stands in one
//! as it came: every value is percent-encoded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::tui::keys::custom::Wrong;
use cloud::config::{Setting, did_you_mean};
use domain::{ImageId, Scope};

/// Longer ones some terminals cut (VTE, iTerm2).
const LONGEST: usize = 2000;

/// The placeholders of a template.
const PLACES: [(&str, Place); 3] =
    [("image", Place::Image), ("region", Place::Region), ("project", Place::Project)];

/// By the names of clouds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Consoles(BTreeMap<String, Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Written(String),
    Of(Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Image,
    Region,
    Project,
}

impl Consoles {
    /// From `console` of `[clouds.NAME]`; or everything that is wrong with them.
    pub(crate) fn with(settings: &[Setting]) -> Result<Self, Vec<Wrong>> {
        let (mut consoles, mut wrong) = (BTreeMap::new(), Vec::new());
        for setting in settings.iter().filter(|setting| setting.name == "console") {
            let (cloud, value) = (setting.subsection().unwrap_or_default(), setting.value());
            match template(value) {
                Ok(pieces) => drop(consoles.insert(cloud.to_owned(), pieces)),
                Err(why) => wrong.push(Wrong {
                    line: setting.line,
                    why: format!("`{value}` is not an address: {why}"),
                    hint: "write one like https://console.example.com/images/{image}; {region} and {project} can \
                             stand there too"
                        .into(),
                }),
            }
        }
        if wrong.is_empty() { Ok(Self(consoles)) } else { Err(wrong) }
    }

    /// Whether there is a template for a cloud.
    pub(crate) fn knows(&self, cloud: &str) -> bool {
        self.0.contains_key(cloud)
    }

    /// The address of an image; `None` without a template, or where a value is missing or would lead elsewhere.
    pub(crate) fn address(&self, scope: &Scope, image: &ImageId) -> Option<String> {
        let mut address = String::new();
        for piece in self.0.get(&scope.cloud)? {
            match piece {
                Piece::Written(text) => address.push_str(text),
                Piece::Of(Place::Image) => address.push_str(&encoded(image.raw())?),
                Piece::Of(Place::Region) => address.push_str(&encoded(scope.region.as_deref()?)?),
                Piece::Of(Place::Project) => {
                    address.push_str(&encoded(scope.project_id.0.raw())?);
                }
            }
        }
        (address.len() <= LONGEST).then_some(address)
    }
}

fn template(value: &str) -> Result<Vec<Piece>, String> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| value.starts_with(scheme));
    let scheme = scheme.ok_or("it begins with neither https:// nor http://")?;
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("there is a blank in it, or a character that addresses do not have".into());
    }
    let host = value[scheme.len()..].split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains("{image}") || host.contains("{project}") {
        return Err("its host would be what a cloud says".into());
    }
    let (mut pieces, mut rest) = (Vec::new(), value);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').ok_or("a `{` without its `}`")?;
        let place = PLACES.iter().find(|(word, _)| *word == name);
        let (_, place) = place.ok_or_else(|| {
            let words = PLACES.iter().map(|(word, _)| *word);
            format!("nothing is called `{{{name}}}`{}", did_you_mean(name, words))
        })?;
        pieces.extend([Piece::Written(before.to_owned()), Piece::Of(*place)]);
        rest = next;
    }
    pieces.push(Piece::Written(rest.to_owned()));
    let sample = pieces.iter().map(|piece| match piece {
        Piece::Written(text) => text,
        Piece::Of(_) => "x",
    });
    let parsed = url::Url::parse(&sample.collect::<String>()).map_err(|error| error.to_string())?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("a name or a password does not belong into it".into());
    }
    Ok(pieces)
}

/// Everything but letters, digits and `-._~` as `%XX`; `None` for what is nothing, or a step in a path.
fn encoded(value: &str) -> Option<String> {
    if matches!(value, "" | "." | "..") {
        return None;
    }
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::scope;

    fn consoles(template: &str) -> Result<Consoles, Vec<Wrong>> {
        let section = format!("clouds.{}", scope().cloud);
        let (name, values) = ("console".into(), vec![template.into()]);
        Consoles::with(&[Setting { section, name, values, line: 3 }])
    }

    fn address(template: &str, image: &str) -> Option<String> {
        consoles(template).unwrap().address(&scope(), &image.into())
    }

    #[test]
    fn the_places_of_a_template_are_filled_in() {
        let address = address("https://{region}.example.com/{project}/#/ims/{image}?x=1", "img-01");
        assert_eq!(
            address.unwrap(),
            "https://eu-de.example.com/0a1b2c3d4e5f60718293a4b5c6d7e8f9/#/ims/img-01?x=1"
        );
    }

    #[test]
    fn nothing_of_an_id_is_in_an_address_as_it_came() {
        let hostile = "a/../b?c#d\u{1b}\\\u{7}\u{202e} é%41;";
        let address = address("https://example.com/{image}", hostile).unwrap();
        assert_eq!(
            address,
            "https://example.com/a%2F..%2Fb%3Fc%23d%1B%5C%07%E2%80%AE%20%C3%A9%2541%3B"
        );
    }

    #[test]
    fn there_is_no_address_where_it_would_lead_elsewhere() {
        for image in ["", ".", "..", &"x".repeat(3000)] {
            assert_eq!(address("https://example.com/{image}", image), None, "{image:?}");
        }
        let nowhere = Scope { region: None, ..scope() };
        let consoles = consoles("https://example.com/{region}/{image}").unwrap();
        assert_eq!(consoles.address(&nowhere, &"a".into()), None);
        assert_eq!(Consoles::default().address(&scope(), &"a".into()), None);
    }

    #[test]
    fn mistakes_in_a_template_are_told() {
        let why = |template: &str| consoles(template).unwrap_err().remove(0).why;
        for (template, told) in [
            ("javascript:alert({image})", "it begins with neither https:// nor http://"),
            ("https://a b/{image}", "there is a blank in it"),
            ("https://a/{imgae}", "nothing is called `{imgae}` (did you mean `image`?)"),
            ("https://a/{image", "a `{` without its `}`"),
            ("https://{image}/", "its host would be what a cloud says"),
            ("https://me:secret@a/{image}", "a name or a password"),
            ("https:///", "empty host"),
        ] {
            assert!(why(template).contains(told), "{}", why(template));
        }
    }
}
