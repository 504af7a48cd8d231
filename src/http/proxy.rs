//! Proxies of the environment. The HTTP library takes them by itself, and goes past one that it cannot make sense of
//! without a word. A request that should have gone through a proxy must not go another way, so that is an error here.

use reqwest::Url;

use super::HttpError;

/// What the library speaks; it wants them in lower case.
const KINDS: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Errors when the proxy for this address is one that no connection could be made through. `variable` is the
/// environment. The value is not told, for it may hold a password.
pub(super) fn check(
    url: &Url,
    variable: impl Fn(&'static str) -> Option<String>,
) -> Result<(), HttpError> {
    let own = if url.scheme() == "https" {
        ["HTTPS_PROXY", "https_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy"]
    };
    let first = |names: [&'static str; 2]| {
        let value = |name| variable(name).map(|value| (name, value));
        names.into_iter().find_map(value).filter(|(_, value)| !value.is_empty())
    };
    let Some((name, value)) = first(own).or_else(|| first(["ALL_PROXY", "all_proxy"])) else {
        return Ok(());
    };
    let past = first(["NO_PROXY", "no_proxy"]).map(|(_, list)| list).unwrap_or_default();
    match trouble(&value) {
        Some(why) if !goes_past(&past, url.host_str().unwrap_or_default()) => {
            Err(HttpError::Settings(format!(
                "cannot use the proxy in `{name}`: {why}; nothing is sent past it (`no_proxy` names what may be)"
            )))
        }
        _ => Ok(()),
    }
}

fn trouble(proxy: &str) -> Option<String> {
    let (kind, rest) = proxy.split_once("://").unwrap_or(("http", proxy));
    let is_word = kind.len() < 20 && kind.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word && !KINDS.contains(&kind) {
        return Some(format!("`{kind}` is none of {}", KINDS.join(", ")));
    }
    let address = Url::parse(&format!("http://{rest}"));
    let is_address = address.is_ok_and(|address| address.has_host());
    (!is_word || !is_address || proxy.contains(char::is_whitespace))
        .then(|| "it is no address of a proxy".into())
}

/// Whether a list of hosts, domains and networks holds the host. What a network holds is the library's business.
fn goes_past(list: &str, host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let is_number = host.parse::<std::net::IpAddr>().is_ok();
    list.split(',').map(|entry| entry.trim().trim_start_matches('.')).any(|entry| {
        let of_domain =
            host.to_ascii_lowercase().ends_with(&format!(".{}", entry.to_ascii_lowercase()));
        entry == "*"
            || entry.eq_ignore_ascii_case(host)
            || (!is_number && !entry.is_empty() && of_domain)
            || (is_number && entry.contains('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str, set: &[(&str, &str)]) -> Result<(), String> {
        let variable = |name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        check(&Url::parse(url).unwrap(), variable).map_err(|error| error.to_string())
    }

    const URL: &str = "https://ims.example.org:443/v1";

    #[test]
    fn a_proxy_that_can_be_spoken_to_is_none_of_our_business() {
        for proxy in [
            "",
            "http://p:3128",
            "p:3128",
            "proxy.example.org",
            "https://me:s3cret@p",
            "socks5h://127.0.0.1:1080",
            "socks5://p",
            "http://[::1]:3128/",
        ] {
            assert_eq!(checked(URL, &[("https_proxy", proxy)]), Ok(()), "{proxy}");
        }
    }

    #[test]
    fn one_that_cannot_be_is_one_sentence_without_its_password() {
        for (proxy, words) in [
            ("quic://me:s3cret@p:1", "`quic` is none of http, https, socks4,"),
            ("SOCKS5://p", "`SOCKS5` is none of"),
            ("htpp://p", "`htpp` is none of"),
            ("http://", "it is no address of a proxy"),
            ("http://a b:s3cret", "it is no address of a proxy"),
            ("me:s3cret@p://x", "it is no address of a proxy"),
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let said = checked(URL, &[(name, proxy)]).unwrap_err();
                assert!(said.contains(name) && said.contains(words), "{said}");
                assert!(!said.contains("s3cret"), "{said}");
            }
        }
    }

    #[test]
    fn a_proxy_for_others_does_not_matter() {
        let quic = ("https_proxy", "quic://p");
        assert_eq!(checked("http://ims.example.org", &[quic]), Ok(()));
        assert_eq!(checked(URL, &[("http_proxy", "quic://p")]), Ok(()));
        assert_eq!(checked(URL, &[("all_proxy", "quic://p"), ("https_proxy", "http://p")]), Ok(()));
        for list in ["*", "example.org", ".example.org", "a, IMS.example.org"] {
            assert_eq!(checked(URL, &[quic, ("no_proxy", list)]), Ok(()), "{list}");
        }
        for list in ["", "le.org", "ims.example.org.nl", "10.0.0.0/8"] {
            assert!(checked(URL, &[quic, ("no_proxy", list)]).is_err(), "{list}");
        }
        for (host, list) in [("10.1.2.3", "10.0.0.0/8"), ("[fd00::1]", "fd00::1")] {
            let url = format!("https://{host}/");
            assert_eq!(checked(&url, &[quic, ("NO_PROXY", list)]), Ok(()));
        }
    }
}
