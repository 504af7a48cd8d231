//! Requests signed with SDK-HMAC-SHA256, judged as the API gateway of Huawei Cloud judges them. It computes the
//! signature by itself: nothing is shared with the side that signs.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use domain::{Moment, ProjectId};

use super::answer::{Answer, gateway};
use super::call::Call;
use super::identity::{TokenScope, User};
use super::keys::{KEYS, Key};
use super::world::World;

/// How far the clocks may be apart, in seconds.
const TOLERANCE: i64 = 15 * 60;

/// Who signed, and for which project.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) user: User,
    pub(super) scope: TokenScope,
}

/// Whether a request brings a signature.
pub(super) fn is_signed(call: &Call) -> bool {
    call.header("authorization").is_some_and(|value| value.starts_with("SDK-HMAC-SHA256 "))
}

/// Checks the signature.
pub(super) fn signer(call: &Call, world: &mut World) -> Result<Signer, Answer> {
    let now = world.now();
    let claim =
        Claim::read(call).ok_or_else(|| refusal(call, now, "Authorization is malformed"))?;
    let key = KEYS.iter().find(|key| key.access == claim.access);
    let key = key.ok_or_else(|| refusal(call, now, "Get secretKey failed"))?;
    if world.locks.is_locked(key, now) {
        return Err(refusal(call, now, "AK access failed to reach the limit, forbidden"));
    }
    if let Err(why) = claim.check(call, key, now) {
        world.locks.wrong(key, now);
        return Err(refusal(call, now, &why));
    }
    world.locks.right(key);
    let token = call.header("x-security-token");
    if token != key.security_token {
        return Err(refusal(call, now, "decrypt token fail"));
    }
    let user = world.identity.user(|user| user.name == key.user);
    let user = user.cloned().ok_or_else(|| refusal(call, now, "Get secretKey failed"))?;
    let scope = scope(call, &user)?;
    Ok(Signer { user, scope })
}

/// The project of the header, else the user's first.
fn scope(call: &Call, user: &User) -> Result<TokenScope, Answer> {
    let asked = call.header("x-project-id").map(|id| ProjectId(id.into()));
    let mut grants = user.grants.iter();
    let grant = match &asked {
        Some(asked) => grants.find(|(id, _)| id == asked),
        None => grants.next(),
    };
    grant
        .map(|(id, role)| TokenScope::Project(id.clone(), *role))
        .ok_or_else(|| gateway(call, 403, "APIGW.0310", "The project is unavailable."))
}

/// 401, with the time as the cloud's clock shows it.
fn refusal(call: &Call, now: Moment, why: &str) -> Answer {
    let text = format!("Incorrect IAM authentication information: {why}");
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    gateway(call, 401, "APIGW.0301", &text).with("date", date)
}

/// What the header `Authorization` says.
struct Claim<'a> {
    access: &'a str,
    names: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(call: &'a Call) -> Option<Self> {
        let rest = call.header("authorization")?.strip_prefix("SDK-HMAC-SHA256 ")?;
        let part = |name: &str| rest.split(", ").find_map(|part| part.strip_prefix(name));
        let names = part("SignedHeaders=")?.split(';').collect();
        Some(Self { access: part("Access=")?, names, signature: part("Signature=")? })
    }

    fn check(&self, call: &Call, key: &Key, now: Moment) -> Result<(), String> {
        let date = call.header("x-sdk-date").unwrap_or_default();
        let then = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date)
            .and_then(|then| then.to_zoned(jiff::tz::TimeZone::UTC));
        let then = then.map_err(|_| "x-sdk-date is malformed".to_owned())?;
        let then = Moment(then.timestamp().as_millisecond());
        let unordered = !self.names.is_sorted();
        if unordered || ["host", "x-sdk-date"].iter().any(|name| !self.names.contains(name)) {
            return Err("SignedHeaders is malformed".into());
        }
        if now.seconds_since(then).abs() > TOLERANCE {
            return Err("verify aksk signature fail".into());
        }
        let canonical = self.canonical(call);
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(&canonical)));
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes()) else {
            return Err("Get secretKey failed".into());
        };
        mac.update(text.as_bytes());
        if hex(&mac.finalize().into_bytes()) == self.signature {
            return Ok(());
        }
        let shown = canonical.replace('\n', "|");
        Err(format!("verify aksk signature fail, canonicalRequest:{shown}"))
    }

    fn canonical(&self, call: &Call) -> String {
        let mut lines = vec![call.method.to_string(), canonical_path(&call.whole)];
        let mut query = call.query.clone();
        query.sort();
        let query: Vec<String> =
            query.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
        lines.push(query.join("&"));
        for name in &self.names {
            lines.push(format!("{name}:{}", call.header(name).unwrap_or_default().trim()));
        }
        lines.push(String::new());
        lines.push(self.names.join(";"));
        let given = call.header("x-sdk-content-sha256").filter(|_| !call.body.is_empty());
        lines.push(given.map_or_else(|| hex(&Sha256::digest(&call.body)), str::to_owned));
        lines.join("\n")
    }
}

/// With a slash at its end.
fn canonical_path(segments: &[String]) -> String {
    let mut path: String =
        segments.iter().flat_map(|part| ["/".to_owned(), escape(part)]).collect();
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn escape(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let one = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect::<Vec<_>>().concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
