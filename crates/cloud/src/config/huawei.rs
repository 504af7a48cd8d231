//! Where IAM and IMS of Huawei Cloud and its relatives are, by region: an access key comes without a catalog (Huawei,
//! OTC and Flexible Engine docs: "Regions and Endpoints"; IMS region list of the Huawei SDK).

use url::Url;

/// What follows `iam.{region}.` and `ims.{region}.`.
const DOMAINS: [&str; 4] = [
    "myhuaweicloud.com",
    "myhuaweicloud.eu",
    "otc.t-systems.com",
    "prod-cloud-ocb.orange-business.com",
];

/// Regions under `myhuaweicloud.com` (IMS and IAM region lists of the Huawei SDK 3.1.219, without `eu-west-*`).
const HUAWEI: &str = "\
    ae-ad-1 af-north-1 af-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 \
    cn-east-2 cn-east-3 cn-east-4 cn-east-5 cn-north-1 cn-north-11 cn-north-12 cn-north-2 cn-north-4 \
    cn-north-9 cn-south-1 cn-south-2 cn-south-4 cn-southwest-2 cn-southwest-3 la-north-2 la-south-2 \
    me-east-1 my-kualalumpur-1 na-mexico-1 ru-moscow-1 sa-brazil-1 tr-west-1";

/// Regions of the relatives.
const OTHERS: &str = "eu-ch2 eu-de eu-nl eu-west-0 eu-west-1 eu-west-101";

/// Every region whose IAM is known.
pub(super) fn regions() -> impl Iterator<Item = &'static str> {
    HUAWEI.split(' ').chain(OTHERS.split(' '))
}

/// IAM's address in a region. `None` for a region that is not known: a signed request must not go to the domain of
/// another company.
pub(super) fn iam(region: &str) -> Option<String> {
    Some(match region {
        "eu-de" | "eu-nl" => format!("https://iam.{region}.otc.t-systems.com/v3"),
        "eu-ch2" => "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3".to_owned(),
        // Flexible Engine has one IAM for both of its regions (FlexibleEngineCloud/terraform-provider-flexibleengine#831).
        "eu-west-0" | "eu-west-1" => {
            "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3".to_owned()
        }
        "eu-west-101" => "https://iam.eu-west-101.myhuaweicloud.eu/v3".to_owned(),
        _ if HUAWEI.split(' ').any(|known| known == region) => {
            format!("https://iam.{region}.myhuaweicloud.com/v3")
        }
        _ => return None,
    })
}

/// Whether a text may be part of a host name and cannot end it.
pub(super) fn is_region(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    !text.is_empty() && text.chars().all(fits)
}

/// IMS's address, from IAM's and the region. `None`: only the catalog knows.
pub(super) fn ims(iam: &str, region: Option<&str>) -> Option<String> {
    let host = host(iam)?;
    let after = host.strip_prefix("iam.")?;
    if region.is_some_and(|region| !is_region(region)) {
        return None;
    }
    if DOMAINS.contains(&after) {
        return Some(format!("https://ims.{}.{after}", region?));
    }
    let (own, domain) = after.split_once('.')?;
    let known = DOMAINS.contains(&domain) || region == Some(own);
    let region = region.unwrap_or(own);
    // The Huawei SDK has IAM of this region under `.eu` and everything else under `.com`.
    let domain = if region == "eu-west-101" { "myhuaweicloud.com" } else { domain };
    known.then(|| format!("https://ims.{region}.{domain}"))
}

/// The region in IAM's address.
pub(super) fn region(iam: &str) -> Option<String> {
    let host = host(iam)?;
    let (region, domain) = host.strip_prefix("iam.")?.split_once('.')?;
    DOMAINS.contains(&domain).then(|| region.to_owned())
}

fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let plain = url.scheme() == "https" && url.port().is_none();
    url.host_str().filter(|_| plain).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_its_iam_and_its_ims() {
        for (region, iam_host, ims_host) in [
            ("cn-north-4", "iam.cn-north-4.myhuaweicloud.com", "ims.cn-north-4.myhuaweicloud.com"),
            ("eu-de", "iam.eu-de.otc.t-systems.com", "ims.eu-de.otc.t-systems.com"),
            (
                "eu-west-0",
                "iam.eu-west-0.prod-cloud-ocb.orange-business.com",
                "ims.eu-west-0.prod-cloud-ocb.orange-business.com",
            ),
            (
                "sa-brazil-1",
                "iam.sa-brazil-1.myhuaweicloud.com",
                "ims.sa-brazil-1.myhuaweicloud.com",
            ),
            (
                "eu-west-101",
                "iam.eu-west-101.myhuaweicloud.eu",
                "ims.eu-west-101.myhuaweicloud.com",
            ),
        ] {
            let iam = iam(region).unwrap();
            assert_eq!(iam, format!("https://{iam_host}/v3"));
            let expected = Some(format!("https://{ims_host}"));
            assert_eq!(ims(&iam, Some(region)), expected);
            assert_eq!(ims(&iam, None), expected);
            assert_eq!(super::region(&iam).as_deref(), Some(region));
        }
    }

    #[test]
    fn the_global_iam_needs_a_region_and_an_unknown_host_needs_the_catalog() {
        let global = "https://iam.myhuaweicloud.com/v3";
        assert_eq!(ims(global, None), None);
        let there = "https://ims.sa-brazil-1.myhuaweicloud.com";
        assert_eq!(ims(global, Some("sa-brazil-1")).as_deref(), Some(there));
        for other in [
            "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3",
            "https://keystone.example.com",
            "http://127.0.0.1:8774/v3",
            "https://iam.eu-de.otc.t-systems.com:8443",
            "https://iam.r.example.com",
        ] {
            assert_eq!(ims(other, Some("eu-de")), None, "{other}");
        }
        let private = "https://iam.r1.cloud.example.com/v3";
        assert_eq!(ims(private, Some("r1")).as_deref(), Some("https://ims.r1.cloud.example.com"));
    }

    #[test]
    fn flexible_engine_has_one_iam_for_both_regions() {
        let iam = iam("eu-west-1").unwrap();
        assert_eq!(iam, "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3");
        let ims = ims(&iam, Some("eu-west-1"));
        assert_eq!(
            ims.as_deref(),
            Some("https://ims.eu-west-1.prod-cloud-ocb.orange-business.com")
        );
    }

    #[test]
    fn a_region_that_is_not_known_makes_no_address() {
        // The first ones are regions of other companies.
        for region in ["us-east-1", "eu-west-2", "ru-9", "RegionOne", "", "a/b", "e.example.com#"] {
            assert_eq!(iam(region), None, "{region}");
        }
        for region in ["a/b", "example.com/", "a@b", "a:1", "a b", "a#", "a?", "a\\b", ""] {
            let global = "https://iam.myhuaweicloud.com/v3";
            assert_eq!(ims(global, Some(region)), None, "{region}");
        }
    }
}
