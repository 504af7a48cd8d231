//! CA certificates from a file or a folder, as OpenSSL reads them (`load_verify_locations`), which is below openstacksdk. What
//! cannot be used is an error that names the file and the block.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::{Ca, HttpError};

/// More than any bundle has; in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// The certificates that are trusted instead of the system's.
#[derive(Debug)]
pub(super) struct Bundle {
    pub(super) roots: RootCertStore,
    /// Every certificate, for comparing one byte for byte.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

/// Reads what a setting names.
pub(super) fn read(ca: &Ca) -> Result<Bundle, HttpError> {
    let mut bundle = Bundle { roots: RootCertStore::empty(), certificates: Vec::new() };
    let result =
        if ca.path.is_dir() { bundle.add_folder(&ca.path) } else { bundle.add_file(&ca.path) };
    let result = result.and_then(|()| {
        if bundle.certificates.is_empty() {
            return Err(format!("{} contains no certificate in PEM form", shown(&ca.path)));
        }
        Ok(())
    });
    result.map_err(|why| HttpError::Settings(format!("cannot use `{}`: {why}", ca.setting)))?;
    Ok(bundle)
}

impl Bundle {
    /// OpenSSL looks files of a folder up by hash (`c_rehash`), and passes over those it cannot read. A folder without
    /// hashes is taken for a collection of certificates.
    fn add_folder(&mut self, folder: &Path) -> Result<(), String> {
        let entries = folder.read_dir().map_err(|error| format!("{}: {error}", shown(folder)))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let hashed: Vec<&PathBuf> = files.iter().filter(|path| is_hashed(path)).collect();
        if hashed.is_empty() {
            let certificates = files.iter().filter(|path| is_certificate(path));
            return certificates.into_iter().try_for_each(|path| self.add_file(path));
        }
        for path in hashed {
            if let Err(why) = self.add_file(path) {
                tracing::warn!(why, "skipping a certificate");
            }
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path) -> Result<(), String> {
        let bytes = contents(path)?;
        let blocks = blocks(&bytes).map_err(|why| format!("{}: {why}", shown(path)))?;
        if blocks.is_empty() && bytes.first() == Some(&0x30) {
            return Err(format!(
                "{0} is not in PEM form; convert it: openssl x509 -inform der -in {0} -out ca.pem (from PKCS #12: openssl \
                 pkcs12 -cacerts -nokeys -in {0} -out ca.pem)",
                shown(path)
            ));
        }
        for (at, block) in blocks.iter().enumerate() {
            let invalid = |why: &str| {
                format!("{}: certificate {} (line {}) {why}", shown(path), at + 1, block.line)
            };
            let Some(der) = block.der.as_deref() else {
                return Err(invalid("is not valid base64"));
            };
            let (der, is_trusted) = if block.is_trusted {
                split_trusted(der).ok_or_else(|| invalid("is not a valid certificate"))?
            } else {
                (der, true)
            };
            if !is_trusted {
                tracing::warn!(file = %path.display(), line = block.line, "not trusted for servers, by its own settings");
                continue;
            }
            let der = CertificateDer::from(der.to_vec());
            // A file in two folders of links, or twice in a bundle.
            if self.certificates.contains(&der) {
                continue;
            }
            self.roots.add(der.clone()).map_err(|_| invalid("is not a valid certificate"))?;
            self.certificates.push(der);
        }
        Ok(())
    }
}

/// Reads a file; the error has a hint for what people write that is not a path.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let text = path.to_string_lossy();
            let hint = if text.contains("file:") {
                "; write the path without `file://`"
            } else if text.contains('$') {
                "; variables are not expanded here: write the whole path, or `~` for the home directory"
            } else {
                ""
            };
            Err(format!("{}: {error}{hint}", shown(path)))
        }
    }
}

fn shown(path: &Path) -> String {
    domain::text::clean(&path.to_string_lossy()).into_owned()
}

/// `1a2b3c4d.0`
fn is_hashed(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split_once('.').is_some_and(|(hash, number)| {
        hash.len() == 8
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_certificate(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["pem", "crt", "cer"].iter().any(|known| ending.eq_ignore_ascii_case(known)) && path.is_file()
}

/// A certificate of a PEM file.
struct Block {
    /// Where it begins, from 1.
    line: usize,
    /// `TRUSTED CERTIFICATE`: OpenSSL's form, with settings after the certificate.
    is_trusted: bool,
    /// `None`: it is not base64.
    der: Option<Vec<u8>>,
}

/// The certificates of a PEM file (RFC 7468); keys, CRLs and text between them are skipped.
fn blocks(bytes: &[u8]) -> Result<Vec<Block>, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut open: Option<(String, usize, String)> = None;
    for (at, line) in text.lines().map(str::trim).enumerate() {
        let label =
            |edge: &str| Some(line.strip_prefix(edge)?.strip_suffix("-----")?.trim().to_owned());
        if let Some(label) = label("-----BEGIN ") {
            if let Some((open, line, _)) = open.filter(|(label, ..)| is_label(label)) {
                return Err(format!("the {open} of line {line} has no END line"));
            }
            open = Some((label, at + 1, String::new()));
        } else if label("-----END ").is_some() {
            let Some((label, line, base64)) = open.take().filter(|(label, ..)| is_label(label))
            else {
                continue;
            };
            let is_trusted = label.starts_with("TRUSTED");
            found.push(Block { line, is_trusted, der: BASE64_STANDARD.decode(base64).ok() });
        } else if let Some((_, _, base64)) = &mut open {
            base64.extend(line.split_whitespace());
        }
    }
    match open.filter(|(label, ..)| is_label(label)) {
        Some((label, line, _)) => Err(format!("the {label} of line {line} has no END line")),
        None => Ok(found),
    }
}

fn is_label(label: &str) -> bool {
    matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
}

/// The certificate of OpenSSL's trusted form, and whether its settings allow it to vouch for servers
/// (`X509_CERT_AUX`: optional list of trusted purposes, then `[0]` with rejected ones).
fn split_trusted(der: &[u8]) -> Option<(&[u8], bool)> {
    const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
    const SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    let (_, _, rest) = element(der)?;
    let certificate = der.get(..der.len() - rest.len())?;
    if rest.is_empty() {
        return Some((certificate, true));
    }
    let names_servers = |mut list: &[u8]| {
        while let Some((6, oid, rest)) = element(list) {
            if oid == ANY || oid == SERVER {
                return true;
            }
            list = rest;
        }
        false
    };
    let (0x30, mut settings, _) = element(rest)? else { return None };
    let mut is_trusted = true;
    while let Some((tag, content, rest)) = element(settings) {
        match tag {
            0x30 => is_trusted &= names_servers(content),
            0xa0 => is_trusted &= !names_servers(content),
            _ => {}
        }
        settings = rest;
    }
    Some((certificate, is_trusted))
}

/// Tag, content and what follows of a DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::super::tests::secure::file;
    use super::*;

    fn try_read(path: &Path) -> Result<usize, String> {
        let ca = Ca { path: path.to_owned(), setting: "cacert" };
        read(&ca).map(|bundle| bundle.certificates.len()).map_err(|error| error.to_string())
    }

    fn pem(name: &str) -> String {
        std::fs::read_to_string(file(name)).unwrap()
    }

    #[test]
    fn a_bundle_may_hold_text_keys_and_openssl_s_trusted_certificates() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let x509 = pem("own.pem").replace(" CERTIFICATE", " X509 CERTIFICATE");
        let all = ["# text\n", &pem("ca.pem"), &pem("client.key"), &pem("v1.pem"), &x509];
        std::fs::write(&path, all.concat().replace('\n', "\r\n")).unwrap();
        assert_eq!(try_read(&path), Ok(3));
        assert_eq!(try_read(&file("own-trusted.pem")), Ok(1));
        let rejected = try_read(&file("own-rejected.pem")).unwrap_err();
        assert!(rejected.contains("no certificate"), "{rejected}");
    }

    #[test]
    fn a_broken_block_is_named_with_its_number_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let good = pem("ca.pem");
        let lines = good.lines().count();
        let broken =
            |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n");
        for (second, words) in [
            (broken("bm90IGEgY2VydA==\n"), "is not a valid certificate"),
            (broken("!!!\n"), "is not valid base64"),
            (broken("!!!\n").replace("CERTIFICATE", "TRUSTED CERTIFICATE"), "is not valid base64"),
        ] {
            std::fs::write(&path, format!("{good}{second}{good}")).unwrap();
            let said = try_read(&path).unwrap_err();
            let block = format!("certificate 2 (line {}) {words}", lines + 1);
            assert!(said.contains(&block) && said.contains("ca.pem"), "{said}");
        }
        std::fs::write(&path, good.replace("-----END", "END")).unwrap();
        assert!(try_read(&path).unwrap_err().contains("of line 1 has no END line"));
    }

    #[test]
    fn a_folder_is_read_by_hash_and_else_by_the_endings_of_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        assert!(try_read(dir.path()).unwrap_err().contains("contains no certificate"));
        std::fs::write(at("README"), "no PEM").unwrap();
        std::fs::write(at("a.pem"), pem("ca.pem")).unwrap();
        std::fs::write(at("b.crt"), pem("own.pem")).unwrap();
        assert_eq!(try_read(dir.path()), Ok(2));
        std::fs::write(at("1a2b3c4d.0"), pem("ca.pem")).unwrap();
        std::fs::write(at("1a2b3c4e.0"), "broken").unwrap();
        assert_eq!(try_read(dir.path()), Ok(1), "OpenSSL looks at hashes only");
    }

    #[test]
    fn what_is_not_a_pem_file_has_a_hint() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.der");
        let der = blocks(pem("ca.pem").as_bytes()).unwrap().remove(0).der.unwrap();
        std::fs::write(&path, der).unwrap();
        assert!(try_read(&path).unwrap_err().contains("openssl x509 -inform der"));
        for (path, hint) in [
            ("/nowhere/$HOME/ca.pem", "variables are not expanded"),
            ("/nowhere/file:/ca.pem", "without `file://`"),
            ("/nowhere/ca.pem", "No such file"),
        ] {
            let said = try_read(Path::new(path)).unwrap_err();
            assert!(said.contains(hint) && said.contains(path), "{said}");
        }
    }
}
