//! Access keys, and how the gateway locks them.

use std::collections::HashMap;
use std::time::Duration;

use domain::Moment;

/// An access key with its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Whose it is.
    pub user: &'static str,
    /// AK.
    pub access: &'static str,
    /// SK.
    pub secret: &'static str,
    /// What must come with a temporary key.
    pub security_token: Option<&'static str>,
}

/// The keys of alice, bob and carol, and a temporary one of alice.
pub const KEYS: [Key; 4] = [
    Key {
        user: "alice",
        access: "DEMOAKALICE000000001",
        secret: "demo+Secret/Key0of0alice0000000000000001",
        security_token: None,
    },
    Key {
        user: "bob",
        access: "DEMOAKBOB00000000001",
        secret: "demo+Secret/Key0of0bob000000000000000001",
        security_token: None,
    },
    Key {
        user: "carol",
        access: "DEMOAKCAROL000000001",
        secret: "demo+Secret/Key0of0carol0000000000000001",
        security_token: None,
    },
    Key {
        user: "alice",
        access: "DEMOAKTEMPORARY00001",
        secret: "demo+Secret/Key0of0alice0temporary000001",
        security_token: Some("gQpjbi1kZW1vLXNlY3VyaXR5LXRva2Vu/+=="),
    },
];

/// So many wrong signatures in a row lock a key …
const WRONG_SIGNATURES: u32 = 5;
/// … for so long.
const LOCKED_FOR: Duration = Duration::from_mins(5);

/// What was done with the keys.
#[derive(Debug, Default)]
pub(super) struct Locks(HashMap<&'static str, (u32, Moment)>);

impl Locks {
    pub(super) fn is_locked(&self, key: &Key, now: Moment) -> bool {
        self.0.get(key.access).is_some_and(|(wrong, last)| {
            let since = now.seconds_since(*last);
            *wrong >= WRONG_SIGNATURES && since < LOCKED_FOR.as_secs().cast_signed()
        })
    }

    pub(super) fn wrong(&mut self, key: &Key, now: Moment) {
        let (wrong, last) = self.0.entry(key.access).or_insert((0, now));
        (*wrong, *last) = (*wrong + 1, now);
    }

    pub(super) fn right(&mut self, key: &Key) {
        self.0.remove(key.access);
    }
}

/// A key of a user that lasts.
pub fn key_of(user: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.user == user && key.security_token.is_none())
}
