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

/// IAM's address in a region; `None` for what cannot be a region.
pub(super) fn iam(region: &str) -> Option<String> {
    let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || !region.chars().all(is_region) {
        return None;
    }
    Some(match region {
        "eu-de" | "eu-nl" => format!("https://iam.{region}.otc.t-systems.com/v3"),
        "eu-ch2" => "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3".to_owned(),
        "eu-west-0" => "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3".to_owned(),
        "eu-west-101" => "https://iam.eu-west-101.myhuaweicloud.eu/v3".to_owned(),
        _ => format!("https://iam.{region}.myhuaweicloud.com/v3"),
    })
}

/// IMS's address, from IAM's and the region. `None`: only the catalog knows.
pub(super) fn ims(iam: &str, region: Option<&str>) -> Option<String> {
    let host = host(iam)?;
    let after = host.strip_prefix("iam.")?;
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
    fn what_is_no_region_makes_no_address() {
        for region in ["", "RegionOne", "a/b", "evil.example.com#", "a b"] {
            assert_eq!(iam(region), None, "{region}");
        }
    }
}
