//! Which address serves the images: from the catalog of the login, or as configured.

use super::base::Base;
use crate::auth::{CatalogEntry, Endpoint};
use domain::Failure;

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// `image`, unless configured otherwise.
    pub service_type: &'a str,
    /// Only a service of this name.
    pub service_name: Option<&'a str>,
    /// In order of preference.
    pub interfaces: &'a [String],
    /// `None`: the first that matches.
    pub region: Option<&'a str>,
    /// Used instead of the catalog.
    pub endpoint: Option<&'a str>,
}

/// Why there is no address. Says what the catalog has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The login came without a catalog.
    #[error("the login came without a catalog of services")]
    Empty,
    /// No such service.
    #[error("the catalog has no service of type `{wanted}`; it has {has}")]
    NoService {
        /// Type, and name where one was asked for.
        wanted: String,
        /// The types there are.
        has: String,
    },
    /// No such region.
    #[error("the image service is not in region `{wanted}`; it is in {has}")]
    NoRegion {
        /// The region asked for.
        wanted: String,
        /// The regions there are.
        has: String,
    },
    /// No such interface.
    #[error("the image service has no {wanted} interface there; it has {has}")]
    NoInterface {
        /// The interfaces asked for.
        wanted: String,
        /// The interfaces there are.
        has: String,
    },
    /// An address that is none.
    #[error("{what} {why}")]
    BadAddress {
        /// Where it comes from.
        what: String,
        /// What is wrong.
        why: String,
    },
}

impl CatalogError {
    /// For the user: what was being done, why it failed and what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        let hint = match self {
            Self::Empty | Self::BadAddress { .. } => {
                "set `image_endpoint_override` to the address of the image service"
            }
            Self::NoService { .. } => "set `image_service_type` or `image_endpoint_override`",
            Self::NoRegion { .. } => "set `region_name`, or use `--region`",
            Self::NoInterface { .. } => "set `interface` to one of them",
        };
        Failure::new(what, self.to_string()).with_hint(hint)
    }
}

/// The root of the image service.
pub fn image_base(catalog: &[CatalogEntry], wanted: &Wanted<'_>) -> Result<Base, CatalogError> {
    if let Some(address) = wanted.endpoint {
        return Base::parse(address).map_err(|why| CatalogError::BadAddress {
            what: "`image_endpoint_override`".into(),
            why,
        });
    }
    let endpoints = of_service(catalog, wanted)?;
    let endpoints = in_region(endpoints, wanted.region)?;
    let endpoint = of_interface(&endpoints, wanted.interfaces)?;
    Base::parse(&endpoint.url).map_err(|why| CatalogError::BadAddress {
        what: "the image service's address in the catalog".into(),
        why,
    })
}

/// The regions the image service is in with one of the wanted interfaces, for a picker and for reading all of them.
/// None where the address does not come from the catalog.
pub fn image_regions(catalog: &[CatalogEntry], wanted: &Wanted<'_>) -> Vec<String> {
    if wanted.endpoint.is_some() {
        return Vec::new();
    }
    let mut endpoints = of_service(catalog, wanted).unwrap_or_default();
    endpoints.retain(|endpoint| wanted.interfaces.contains(&endpoint.interface));
    distinct(endpoints.iter().filter_map(|endpoint| endpoint.region.as_deref()))
}

fn of_service<'a>(
    catalog: &'a [CatalogEntry],
    wanted: &Wanted<'_>,
) -> Result<Vec<&'a Endpoint>, CatalogError> {
    if catalog.is_empty() {
        return Err(CatalogError::Empty);
    }
    let matching = catalog.iter().filter(|service| {
        service.kind == wanted.service_type
            && wanted.service_name.is_none_or(|name| service.name == name)
    });
    let endpoints: Vec<_> = matching.flat_map(|service| &service.endpoints).collect();
    if endpoints.is_empty() {
        let named = wanted.service_name.map(|name| format!("` and name `{name}"));
        return Err(CatalogError::NoService {
            wanted: format!("{}{}", wanted.service_type, named.unwrap_or_default()),
            has: listed(&distinct(catalog.iter().map(|service| service.kind.as_str()))),
        });
    }
    Ok(endpoints)
}

fn in_region<'a>(
    endpoints: Vec<&'a Endpoint>,
    region: Option<&str>,
) -> Result<Vec<&'a Endpoint>, CatalogError> {
    let Some(wanted) = region else { return Ok(endpoints) };
    let with = |same: &dyn Fn(&str) -> bool| -> Vec<&'a Endpoint> {
        let there = |endpoint: &&&Endpoint| endpoint.region.as_deref().is_some_and(same);
        endpoints.iter().filter(there).copied().collect()
    };
    let exact = with(&|region| region == wanted);
    let found = if exact.is_empty() { with(&|r| r.eq_ignore_ascii_case(wanted)) } else { exact };
    if found.is_empty() {
        let has = distinct(endpoints.iter().filter_map(|endpoint| endpoint.region.as_deref()));
        return Err(CatalogError::NoRegion { wanted: wanted.to_owned(), has: listed(&has) });
    }
    Ok(found)
}

fn of_interface<'a>(
    endpoints: &[&'a Endpoint],
    interfaces: &[String],
) -> Result<&'a Endpoint, CatalogError> {
    let of = |interface: &String| endpoints.iter().find(|e| e.interface == *interface).copied();
    interfaces.iter().find_map(of).ok_or_else(|| CatalogError::NoInterface {
        wanted: interfaces.join(" or "),
        has: listed(&distinct(endpoints.iter().map(|endpoint| endpoint.interface.as_str()))),
    })
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        if !seen.iter().any(|known| known == word) {
            seen.push(word.to_owned());
        }
    }
    seen
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "none".into() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Vec<CatalogEntry> {
        let endpoint = |interface: &str, region: &str, url: &str| Endpoint {
            interface: interface.into(),
            region: Some(region.into()),
            url: url.into(),
        };
        let image = CatalogEntry {
            kind: "image".into(),
            name: "glance".into(),
            endpoints: vec![
                endpoint("public", "R1", "http://one/v2"),
                endpoint("internal", "R1", "http://inner"),
                endpoint("public", "R2", "http://two/"),
            ],
        };
        let identity =
            CatalogEntry { kind: "identity".into(), name: "keystone".into(), endpoints: vec![] };
        vec![identity, image]
    }

    fn base(change: impl FnOnce(&mut Wanted<'_>)) -> Result<String, String> {
        let public = ["public".to_owned()];
        let mut wanted = Wanted {
            service_type: "image",
            service_name: None,
            interfaces: &public,
            region: None,
            endpoint: None,
        };
        change(&mut wanted);
        image_base(&catalog(), &wanted).map(|base| base.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_first_match_by_interface_and_region_is_taken() {
        let inner = ["internal".to_owned(), "public".to_owned()];

        assert_eq!(base(|_| ()).unwrap(), "http://one");
        assert_eq!(base(|w| w.region = Some("R2")).unwrap(), "http://two");
        assert_eq!(base(|w| w.region = Some("r2")).unwrap(), "http://two");
        assert_eq!(base(|w| w.endpoint = Some("http://own/x/v2")).unwrap(), "http://own/x");
        let error = || unreachable!("the preferred interface is there");
        let public = &catalog();
        let wanted = Wanted {
            service_type: "image",
            service_name: Some("glance"),
            interfaces: &inner,
            region: None,
            endpoint: None,
        };
        let found = image_base(public, &wanted).unwrap_or_else(|_| error());
        assert_eq!(found.to_string(), "http://inner");
        assert_eq!(image_regions(public, &wanted), ["R1", "R2"]);
        let only_inner = Wanted { interfaces: &inner[..1], ..wanted };
        assert_eq!(image_regions(public, &only_inner), ["R1"]);
        let elsewhere = Wanted { endpoint: Some("http://own"), ..wanted };
        assert!(image_regions(public, &elsewhere).is_empty());
    }

    #[test]
    fn an_error_says_what_the_catalog_has() {
        let says = |result: Result<String, String>, words: &[&str]| {
            let error = result.unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        says(base(|w| w.region = Some("R3")), &["R3", "R1, R2"]);
        says(base(|w| w.service_type = "imsv2"), &["imsv2", "identity, image"]);
        says(base(|w| w.service_name = Some("x")), &["image", "`x`"]);
        says(base(|w| w.interfaces = &[]), &["public, internal"]);
        says(base(|w| w.endpoint = Some("nowhere")), &["image_endpoint_override"]);
    }
}
