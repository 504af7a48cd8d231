//! Proxies from the environment. This program decides for every host, as Python's `requests` does, which is below the
//! `openstack` command; the HTTP library only carries the decision out. A request that should go through a proxy never
//! goes another way: a proxy that cannot be used is an error.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::HttpError;
use domain::{Failure, text::clean};

/// Proxy types that the HTTP library supports; it wants them in lower case.
const KINDS: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The proxy variables of the environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    http: Option<Setting>,
    https: Option<Setting>,
    all: Option<Setting>,
    bypass: Vec<Entry>,
    /// Entries of `no_proxy` that are ignored or that other tools ignore.
    odd: Vec<Failure>,
}

/// A variable and the proxy in it.
#[derive(Clone)]
struct Setting {
    variable: &'static str,
    proxy: Result<Url, String>,
}

impl std::fmt::Debug for Setting {
    /// The value may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.variable)
    }
}

impl Proxies {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        Self::from(|name| std::env::var(name).ok())
    }

    /// Reads the variables. As in Python, the lower-case name wins, even when it is empty.
    pub(super) fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let setting = |lower: &'static str, upper: &'static str| {
            // A web server passes the header `Proxy:` of its client on as HTTP_PROXY (CVE-2016-5385).
            let forged = upper == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
            let upper = || variable(upper).filter(|_| !forged).map(|value| (upper, value));
            let (variable, value) = variable(lower).map(|value| (lower, value)).or_else(upper)?;
            let value = value.trim();
            (!value.is_empty()).then(|| Setting { variable, proxy: parse(value) })
        };
        let (http, https) =
            (setting("http_proxy", "HTTP_PROXY"), setting("https_proxy", "HTTPS_PROXY"));
        let all = setting("all_proxy", "ALL_PROXY");
        if [&http, &https, &all].iter().all(|proxy| proxy.is_none()) {
            return Self::default();
        }
        let name = ["no_proxy", "NO_PROXY"]
            .into_iter()
            .find_map(|name| Some((name, variable(name).filter(|list| !list.is_empty())?)));
        let (mut bypass, mut odd) = (Vec::new(), Vec::new());
        if let Some((name, list)) = name {
            for text in list.split([',', ' ', '\t', '\n', '\r']).filter(|text| !text.is_empty()) {
                let entry = Entry::parse(text);
                odd.extend(warning(name, text, entry.as_ref()));
                bypass.extend(entry);
            }
        }
        Self { http, https, all, bypass, odd }
    }

    /// Whether no proxy is set at all.
    pub(super) fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none() && self.all.is_none()
    }

    /// The proxy for an address; `None`: it is reached directly. An error when the proxy cannot be used.
    pub(super) fn route(&self, url: &Url) -> Result<Option<Url>, HttpError> {
        let own = if url.scheme() == "https" { &self.https } else { &self.http };
        let Some(setting) = own.as_ref().or(self.all.as_ref()) else { return Ok(None) };
        let Some(target) = Target::of(url) else { return Ok(None) };
        if self.bypass.iter().any(|entry| entry.covers(&target)) {
            return Ok(None);
        }
        setting.proxy.clone().map(Some).map_err(|why| {
            HttpError::Settings(format!(
                "cannot use the proxy in `{}`: {why}; correct or unset the variable, or list the hosts to reach \
                 directly in `no_proxy`",
                setting.variable
            ))
        })
    }
}

/// What the user should know about the proxy variables of this process before anything is sent.
pub fn warnings() -> Vec<Failure> {
    Proxies::of_process().odd
}

/// Host and port of a proxy, without user and password.
pub(super) fn label(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    proxy.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The address of a proxy, or why it is unusable. Neither holds an unescaped part of a password.
fn parse(value: &str) -> Result<Url, String> {
    let (kind, rest) = value.split_once("://").unwrap_or(("http", value));
    let kind = &*kind.to_ascii_lowercase();
    let is_word = kind.len() < 20 && kind.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word && !KINDS.contains(&kind) {
        return Err(format!("`{kind}` is not one of {}", KINDS.join(", ")));
    }
    if let Some((user, _)) = rest.rsplit_once('@')
        && user.contains(['/', '\\', '?', '#'])
    {
        return Err("special characters in its user or password must be percent-encoded (`#` as %23, `/` as %2F, \
                    `\\` as %5C)"
            .into());
    }
    let invalid = || "it is not a valid address, such as http://proxy.example.com:3128".to_owned();
    if !is_word || value.contains(char::is_whitespace) {
        return Err(invalid());
    }
    // The library parses the hosts of all kinds alike, and ignores a proxy it cannot parse without a word.
    let host = Url::parse(&format!("http://{rest}")).map_err(|_| invalid())?;
    let url = Url::parse(&format!("{kind}://{rest}")).map_err(|_| invalid())?;
    if !host.has_host() || !url.has_host() || !url.as_str().is_ascii() {
        Err(invalid())
    } else {
        Ok(url)
    }
}

/// The host of a request, as it is compared with `no_proxy`.
struct Target {
    /// In lower case, without brackets or the dot of the DNS root.
    name: String,
    address: Option<IpAddr>,
    port: Option<u16>,
}

impl Target {
    fn of(url: &Url) -> Option<Self> {
        let name = url.host_str()?.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
        let address = name.parse().ok();
        Some(Self { name, address, port: url.port_or_known_default() })
    }
}

/// An entry of `no_proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    /// `*`
    All,
    /// `10.0.0.0/8`, `fd00::/8`
    Network(IpAddr, u8),
    /// `10.1.2.3`, `[fd00::1]:5000`
    Address(IpAddr, Option<u16>),
    /// `example.com`, `.example.com:443`: the domain and everything below it.
    Domain(String, Option<u16>),
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some((address, prefix)) = text.split_once('/') {
            return network(address.trim_matches(['[', ']']), prefix);
        }
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address, None));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
                (host, Some(port.parse().ok()?))
            }
            _ => (text, None),
        };
        if let Some(inner) = host.strip_prefix('[') {
            return Some(Self::Address(inner.strip_suffix(']')?.parse().ok()?, port));
        }
        if let Ok(address) = host.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into(), port));
        }
        let domain = host.trim_start_matches('.').trim_end_matches('.').to_lowercase();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        (!domain.is_empty() && domain.chars().all(is_name)).then_some(Self::Domain(domain, port))
    }

    fn covers(&self, target: &Target) -> bool {
        let at = |port: &Option<u16>| port.is_none() || *port == target.port;
        match self {
            Self::All => true,
            Self::Network(base, prefix) => {
                target.address.is_some_and(|address| is_within(address, *base, *prefix))
            }
            Self::Address(address, port) => target.address == Some(*address) && at(port),
            Self::Domain(domain, port) => {
                let before = target.name.strip_suffix(domain.as_str());
                before.is_some_and(|before| before.is_empty() || before.ends_with('.')) && at(port)
            }
        }
    }

    /// The same entry as every tool understands it.
    fn portable(&self) -> String {
        let with = |host: String, port: &Option<u16>| {
            port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
        };
        match self {
            Self::All => "*".into(),
            Self::Network(base, prefix) => format!("{base}/{prefix}"),
            Self::Address(address, _) => address.to_string(),
            Self::Domain(domain, port) => with(domain.clone(), port),
        }
    }
}

/// A network by the length of its prefix, or by its netmask.
fn network(address: &str, prefix: &str) -> Option<Entry> {
    let base = match address.parse() {
        Ok(address) => address,
        // Short forms, as inet_aton has them.
        Err(_) => match url::Host::parse(address).ok()? {
            url::Host::Ipv4(address) => IpAddr::V4(address),
            _ => return None,
        },
    };
    let longest = if base.is_ipv4() { 32 } else { 128 };
    let length = match prefix.parse::<u8>() {
        Ok(length) => length,
        Err(_) if base.is_ipv4() => {
            let mask = u32::from(prefix.parse::<Ipv4Addr>().ok()?);
            let length = mask.leading_ones();
            (length + mask.trailing_zeros() >= 32).then_some(u8::try_from(length).ok()?)?
        }
        Err(_) => return None,
    };
    (length <= longest).then_some(Entry::Network(base, length))
}

fn is_within(address: IpAddr, base: IpAddr, prefix: u8) -> bool {
    let prefix = u32::from(prefix);
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let differ = address.to_bits() ^ base.to_bits();
            differ.leading_zeros() >= prefix
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let differ = Ipv6Addr::to_bits(address) ^ base.to_bits();
            differ.leading_zeros() >= prefix
        }
        _ => false,
    }
}

/// `192.168`, `10.0.0.1-10.0.0.9`: digits as in an address, but not an address. Only a name that ends so is covered.
fn is_part_of_address(domain: &str) -> bool {
    domain.contains('.') && domain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        || domain.parse::<u8>().is_ok()
}

/// What to say about an entry that is ignored, or that works here and not in other tools.
fn warning(variable: &str, text: &str, entry: Option<&Entry>) -> Option<Failure> {
    // An address with a password may have slipped in.
    let shown = if text.contains('@') || text.len() > 100 {
        "an entry".to_owned()
    } else {
        format!("`{}`", clean(text))
    };
    match entry {
        None => {
            let why = format!(
                "`{variable}` contains {shown}, which is ignored: what it should cover goes through the proxy"
            );
            let hint = match text.trim_start_matches(['*', '.']) {
                rest if text.starts_with('*') && Entry::parse(rest).is_some() => {
                    format!("write `.{rest}` for a domain and everything below it")
                }
                _ => "write host names, `.domain`, addresses or `10.0.0.0/8`, separated by commas"
                    .into(),
            };
            Some(Failure::warning(why).with_hint(hint))
        }
        Some(Entry::Domain(part, _)) if is_part_of_address(part) => {
            let why = format!("`{variable}` contains {shown}, which does not cover a network");
            Some(Failure::warning(why).with_hint("write networks as `10.0.0.0/8`"))
        }
        Some(entry) => {
            let is_odd = match entry {
                Entry::Domain(..) => {
                    text.rsplit_once(':').map_or(text, |(host, _)| host).ends_with('.')
                }
                Entry::Address(..) => text.starts_with('['),
                Entry::Network(..) => {
                    text.split_once('/').is_some_and(|(_, mask)| mask.contains('.'))
                }
                Entry::All => false,
            };
            is_odd.then(|| {
                let why =
                    format!("`{variable}` contains {shown}, which the openstack command ignores");
                Failure::warning(why).with_hint(format!("write `{}`", entry.portable()))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(set: &[(&str, &str)]) -> Proxies {
        Proxies::from(|name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// The proxy for an address, by host and port.
    fn route(url: &str, set: &[(&str, &str)]) -> Result<Option<String>, String> {
        let route = proxies(set).route(&Url::parse(url).unwrap());
        route.map(|proxy| proxy.as_ref().map(label)).map_err(|error| error.to_string())
    }

    fn is_direct(url: &str, no_proxy: &str) -> bool {
        let set =
            [("http_proxy", "http://p:1"), ("https_proxy", "http://p:1"), ("no_proxy", no_proxy)];
        route(url, &set).unwrap().is_none()
    }

    const URL: &str = "https://ims.example.org:443/v1";
    const NAME: &str = "http://keystone.lab.example:5000/v3";
    const DEFAULT: &str = "https://keystone.lab.example/";
    const APEX: &str = "https://lab.example/";
    const ALIKE: &str = "https://evil-lab.example/";
    const V4: &str = "http://10.1.2.3:5000/";
    const V6: &str = "http://[fd00::1]:5000/";

    /// The answers of `requests.utils.should_bypass_proxies` (requests 2.34.2).
    #[test]
    fn no_proxy_is_read_as_requests_reads_it() {
        const ALL: [&str; 6] = [NAME, DEFAULT, APEX, ALIKE, V4, V6];
        for (list, direct) in [
            ("keystone.lab.example:5000", &[NAME][..]),
            (".lab.example:5000", &[NAME]),
            ("lab.example:5000", &[NAME]),
            ("lab.example:80", &[]),
            ("lab.example", &[NAME, DEFAULT, APEX]),
            (".lab.example", &[NAME, DEFAULT, APEX]),
            ("LAB.EXAMPLE", &[NAME, DEFAULT, APEX]),
            ("*.lab.example", &[]),
            ("example:5000", &[NAME]),
            ("ab.example", &[]),
            ("a, lab.example ,b", &[NAME, DEFAULT, APEX]),
            ("*", &ALL),
            ("10.1.2.3", &[V4]),
            ("10.1.2.0/24", &[V4]),
            ("10.1.2.9/24", &[V4]),
            ("10.1.2.4/32", &[]),
            ("10.1.2.3/33", &[]),
            ("2.3", &[V4]),
            ("fd00::1", &[V6]),
            ("fd00::2", &[]),
            ("http://keystone.lab.example", &[]),
            (":5000", &[]),
            ("", &[]),
        ] {
            for url in ALL {
                assert_eq!(is_direct(url, list), direct.contains(&url), "{list} {url}");
            }
        }
    }

    /// requests goes through the proxy here, although it is plain what is meant.
    #[test]
    fn entries_whose_meaning_is_plain_keep_a_password_from_the_proxy() {
        for (url, list) in [
            (NAME, "lab.example."),
            (NAME, ".lab.example.:5000"),
            ("http://keystone.lab.example.:5000/v3", "keystone.lab.example"),
            (NAME, "KEYSTONE.LAB.EXAMPLE:5000"),
            (NAME, "other.example lab.example"),
            (NAME, "other.example,*"),
            (DEFAULT, "keystone.lab.example:443"),
            (V4, "10.1.2.3:5000"),
            (V4, "10.1.0.0/255.255.0.0"),
            (V4, "0.0.0.0/0"),
            (V6, "[fd00::1]"),
            (V6, "[fd00::1]:5000"),
            (V6, "fd00::/8"),
            (V6, "[fd00::]/8"),
        ] {
            assert!(is_direct(url, list), "{list} {url}");
        }
        for (url, list) in [
            (V4, "10.1.2.3:5001"),
            (V4, "10.2.0.0/255.255.0.0"),
            (V4, "10.1.0.0/255.0.255.0"),
            (V6, "[fd00::1]:1"),
            (V6, "fe00::/8"),
            (V4, "fd00::/8"),
        ] {
            assert!(!is_direct(url, list), "{list} {url}");
        }
    }

    #[test]
    fn an_entry_that_is_ignored_or_odd_is_a_warning() {
        let warnings = |list: &str| {
            let proxies = proxies(&[("https_proxy", "http://p"), ("no_proxy", list)]);
            proxies.odd.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for (list, words) in [
            ("*.lab.example", "write `.lab.example`"),
            ("a;b", "which is ignored"),
            ("http://keystone.lab.example:5000", "which is ignored"),
            ("10.0.0.0/33", "which is ignored"),
            ("10.1.0.0/255.0.255.0", "which is ignored"),
            ("host:port", "which is ignored"),
            ("10.1.0.0/255.255.0.0", "write `10.1.0.0/16`"),
            ("lab.example.", "write `lab.example`"),
            ("lab.example.:5000", "write `lab.example:5000`"),
            ("10.", "write networks as `10.0.0.0/8`"),
            ("192.168", "write networks as"),
            ("192.168.", "write networks as"),
            ("10.0.0.1-10.0.0.9", "write networks as"),
            ("[fd00::1]", "write `fd00::1`"),
        ] {
            let said = warnings(list);
            assert!(said.len() == 1 && said[0].contains(words), "{list}: {said:?}");
            assert!(said[0].contains(list) && !said[0].starts_with("cannot"), "{said:?}");
        }
        for list in [
            "",
            "*",
            "localhost,127.0.0.1, .lab.example:5000,10.0.0.0/8,fd00::1,::1,a_b,a.1,h2.example:1",
        ] {
            assert!(warnings(list).is_empty(), "{list}: {:?}", warnings(list));
        }
        assert!(!warnings("http://me:s3cret@host")[0].contains("s3cret"));
        assert!(proxies(&[("no_proxy", "a;b")]).odd.is_empty(), "there is no proxy");
    }

    #[test]
    fn the_lower_case_variable_wins_even_when_it_is_empty() {
        let through = |set: &[(&str, &str)]| route(URL, set).unwrap();
        let (upper, lower) = (("HTTPS_PROXY", "http://up:1"), ("https_proxy", "http://low:1"));
        assert_eq!(through(&[upper]).as_deref(), Some("up:1"));
        assert_eq!(through(&[upper, lower]).as_deref(), Some("low:1"));
        assert_eq!(through(&[upper, ("https_proxy", "")]), None);
        assert_eq!(through(&[("https_proxy", ""), ("all_proxy", "a:1")]).as_deref(), Some("a:1"));
        assert_eq!(through(&[upper, ("all_proxy", "a:1")]).as_deref(), Some("up:1"));
        assert_eq!(through(&[upper, ("no_proxy", ""), ("NO_PROXY", "example.org")]), None);
        let web = [("HTTP_PROXY", "http://up:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(route(NAME, &web).unwrap(), None);
    }

    #[test]
    fn every_usual_way_to_name_a_proxy_is_understood_and_its_label_has_no_password() {
        for (proxy, expected) in [
            ("http://p:3128", "p:3128"),
            ("p:3128", "p:3128"),
            ("proxy.example.org", "proxy.example.org"),
            ("https://me:s3cret@p", "p"),
            ("http://DOM%5Cme:s%23cret@p:8", "p:8"),
            ("socks5h://127.0.0.1:1080", "127.0.0.1:1080"),
            ("socks5://me:s3cret@p:80", "p:80"),
            ("HTTP://me:s3cret@p:81", "p:81"),
            ("http://[::1]:3128/", "[::1]:3128"),
        ] {
            assert_eq!(route(URL, &[("https_proxy", proxy)]).unwrap().as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_without_its_password() {
        for (proxy, words) in [
            ("quic://me:s3cret@p:1", "`quic` is not one of http, https, socks4,"),
            ("FTP://p", "`ftp` is not one of"),
            ("htpp://p", "`htpp` is not one of"),
            ("http://", "not a valid address"),
            ("http://a b:s3cret", "not a valid address"),
            ("me:s3cret@p://x", "not a valid address"),
            ("http://DOM\\me:s3cret@p", "percent-encoded"),
            ("http://me:s3cret#@p", "percent-encoded"),
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let said = route(URL, &[(name, proxy)]).unwrap_err();
                assert!(said.contains(name) && said.contains(words), "{said}");
                assert!(!said.contains("s3cret"), "{said}");
            }
        }
        let quic = ("https_proxy", "quic://p");
        assert_eq!(route("http://ims.example.org", &[quic]), Ok(None));
        assert_eq!(route(URL, &[quic, ("no_proxy", "example.org")]), Ok(None));
        assert!(!format!("{:?}", proxies(&[("https_proxy", "http://me:s3cret@p")])).contains("s3"));
    }
}
