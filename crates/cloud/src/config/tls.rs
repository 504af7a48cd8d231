//! How a cloud's certificates are checked. In doubt they are.

use std::path::PathBuf;

use super::layers::Layered;
use super::source::Origin;
use super::yaml::Value;
use super::{CaFile, Complaint, ConfigError, Environment, Tls};

/// What `requests`, and so openstacksdk, takes where the entry names no CA file.
const BUNDLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

impl Layered {
    /// How certificates are checked; remarks are for the user. `insecure` wins over `verify`, which may also be the
    /// path of a CA file.
    pub(super) fn tls(
        &self,
        env: &Environment,
        remarks: &mut Vec<Complaint>,
    ) -> Result<Tls, ConfigError> {
        let insecure = self.insecure(remarks);
        let (verify, bundle) = self.verify(remarks)?;
        let cacert = self.file("cacert", env)?;
        let ca = match (cacert, bundle) {
            (Some(path), _) => Some(CaFile { path, setting: "cacert" }),
            (None, Some(_)) => {
                self.file("verify", env)?.map(|path| CaFile { path, setting: "verify" })
            }
            (None, None) => BUNDLES.iter().find_map(|name| {
                let path = env.path(env.var(name)?);
                Some(CaFile { path, setting: name })
            }),
        };
        let insecure = insecure || !verify;
        if insecure && ca.as_ref().is_some_and(|ca| !BUNDLES.contains(&ca.setting)) {
            remarks.push(Complaint::new(
                format!("{} names a `cacert` and also turns verification off", self.source.shown()),
                "TLS verification is off; remove `insecure` or `verify: false` to turn it on",
            ));
        }
        let cert = self.file("cert", env)?;
        // A key without its certificate is of no use, and openstacksdk ignores it.
        let key = self.file("key", env)?.filter(|_| cert.is_some());
        Ok(Tls { insecure, ca: ca.filter(|_| !insecure), cert, key })
    }

    /// The path in a key. A certificate or key in its place is an error that does not repeat it.
    fn file(&self, key: &str, env: &Environment) -> Result<Option<PathBuf>, ConfigError> {
        let Some(text) = self.expanded(key)? else { return Ok(None) };
        if text.contains("-----BEGIN") {
            let why = format!("has the text of a PEM file in `{key}`, which is the path of a file");
            let hint = format!("save the text to a file and set `{key}` to its path");
            return Err(self.source.wrong(why, hint));
        }
        Ok(Some(env.path(&text)))
    }

    /// Only `true` counts, as in openstacksdk: in doubt certificates are checked.
    fn insecure(&self, remarks: &mut Vec<Complaint>) -> bool {
        let Some((node, text)) = self.scalar("insecure") else { return false };
        if let Value::Bool(value, _) = node.value {
            return value;
        }
        let insecure = text.eq_ignore_ascii_case("true");
        if !insecure && word(text) == Some(true) {
            let (shown, key) = (self.source.shown(), self.source.key("insecure"));
            let why = format!("{shown} has {key} that is not `true`");
            remarks.push(Complaint::new(why, "write `true`; without it, certificates are checked"));
        }
        insecure
    }

    /// Whether to check, or against which file. A quoted `"False"` means false here and is remarked upon, for
    /// openstacksdk takes it for the path of a CA file and then fails.
    fn verify(&self, remarks: &mut Vec<Complaint>) -> Result<(bool, Option<String>), ConfigError> {
        let Some((node, text)) = self.scalar("verify") else { return Ok((true, None)) };
        match (&node.value, word(text)) {
            (Value::Bool(value, _), _) => Ok((*value, None)),
            (_, None) => Ok((true, self.expanded("verify")?)),
            (_, Some(value)) => {
                if self.source.origin != Origin::Variables {
                    remarks.push(Complaint::new(
                        format!("`verify` of cloud `{}` at {} is text and was taken as {value}", self.source.cloud, node.at),
                        format!("write `verify: {value}` without quotes; openstacksdk takes the text for the path of a CA file"),
                    ));
                }
                Ok((value, None))
            }
        }
    }
}

/// A truth value spelled as text.
fn word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
