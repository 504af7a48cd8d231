//! One-time codes (RFC 6238) and the receipts of logins that want one. Keystone makes its codes with SHA-1; here it is
//! SHA-256, which the RFC has as well.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use domain::Moment;

/// The user who has to give a password and a code; member of `image-factory` and `team-web`.
pub const USER: &str = "tina";

/// Her secret, as an authenticator takes it: base32.
pub const SECRET: &str = "ONUGC4TFNRXWG2ZAORSXG5BAMNXWIZI";

/// What [`SECRET`] stands for.
const BYTES: &[u8] = b"sharelock test code";

const STEP: i64 = 30_000;

/// The code of a moment.
pub fn code_at(now: Moment) -> String {
    code(now.0.div_euclid(STEP))
}

/// Whether a code is that of the moment or of the half minute before.
pub(super) fn is_good(code_given: &str, now: Moment) -> bool {
    let step = now.0.div_euclid(STEP);
    [step, step - 1].into_iter().any(|step| code(step) == code_given)
}

fn code(step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(BYTES) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[31] & 0xf);
    let four = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_for_its_half_minute_and_the_next() {
        let now = Moment(1_700_000_010_000);
        let code = code_at(now);
        assert_eq!(code.len(), 6);
        assert!(is_good(&code, now) && is_good(&code, Moment(now.0 + STEP)));
        assert!(!is_good(&code, Moment(now.0 + 3 * STEP)));
    }

    #[test]
    fn the_secret_is_that_of_the_codes() {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bytes = Vec::new();
        let (mut bits, mut held) = (0_u32, 0);
        for letter in SECRET.chars() {
            bits = (bits << 5 | u32::try_from(LETTERS.find(letter).unwrap()).unwrap()) & 0xfff;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(bits >> held & 0xff);
            }
        }
        assert_eq!(bytes, BYTES.iter().map(|byte| u32::from(*byte)).collect::<Vec<u32>>());
    }
}
