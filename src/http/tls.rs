//! Certificates: read and checked when the client is made, so that a wrong file is told before any request.

use std::path::Path;

use reqwest::{Certificate, Identity};

use super::{HttpError, Transport};

/// What the files of a [`Transport`] hold.
#[derive(Clone)]
pub(super) struct Certificates {
    /// Trusted instead of the system's.
    pub(super) trusted: Option<Vec<Certificate>>,
    /// Who we are.
    pub(super) own: Option<Identity>,
}

impl Certificates {
    pub(super) fn read(transport: &Transport) -> Result<Self, HttpError> {
        let trusted = match &transport.ca {
            Some(path) if !transport.insecure => Some(trusted(path)?),
            _ => None,
        };
        let own = match &transport.cert {
            Some(cert) => Some(own(cert, transport.key.as_deref())?),
            None => None,
        };
        Ok(Self { trusted, own })
    }
}

fn trusted(path: &Path) -> Result<Vec<Certificate>, HttpError> {
    let found = Certificate::from_pem_bundle(&file("cacert", path)?)
        .map_err(|_| wrong("cacert", path, "it is no PEM file"))?;
    if found.is_empty() {
        return Err(wrong("cacert", path, "there is no certificate in it"));
    }
    Ok(found)
}

fn own(cert: &Path, key: Option<&Path>) -> Result<Identity, HttpError> {
    let mut pem = file("cert", cert)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(file("key", key)?);
    }
    Identity::from_pem(&pem)
        .map_err(|_| wrong("cert", cert, "there is no certificate with its key (set `key`)"))
}

fn file(setting: &str, path: &Path) -> Result<Vec<u8>, HttpError> {
    std::fs::read(path).map_err(|error| wrong(setting, path, &error.to_string()))
}

fn wrong(setting: &str, path: &Path, why: &str) -> HttpError {
    HttpError::Settings(format!("cannot use `{setting}` {}: {why}", path.display()))
}
