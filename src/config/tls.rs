//! How a cloud's certificates are checked. In doubt they are.

use std::path::PathBuf;

use super::layers::Layered;
use super::subject::Origin;
use super::yaml::Value;
use super::{Complaint, ConfigError, Environment, Tls};

impl Layered {
    /// How certificates are checked; remarks are for the user. `insecure` wins over `verify`, which may also be the
    /// path of a CA file.
    pub(super) fn tls(
        &self,
        env: &Environment,
        remarks: &mut Vec<Complaint>,
    ) -> Result<Tls, ConfigError> {
        let insecure = self.insecure(remarks)?;
        let (verify, bundle) = self.verify(remarks)?;
        let path = |text: String| env.path(&text);
        let ca: Option<PathBuf> = self.expanded("cacert")?.or(bundle).map(path);
        let insecure = insecure || !verify;
        if insecure && ca.is_some() {
            remarks.push(Complaint::new(
                format!(
                    "{} names a `cacert` and also turns verification off",
                    self.subject.shown()
                ),
                "remove `insecure` or `verify: false`; certificates are not checked as it is",
            ));
        }
        let cert = self.expanded("cert")?.map(path);
        // A key without its certificate is of no use, and openstacksdk passes over it.
        let key = self.expanded("key")?.map(path).filter(|_| cert.is_some());
        Ok(Tls { insecure, ca: ca.filter(|_| !insecure), cert, key })
    }

    /// Only `true` counts, as in openstacksdk: in doubt certificates are checked.
    fn insecure(&self, remarks: &mut Vec<Complaint>) -> Result<bool, ConfigError> {
        let Some((node, text)) = self.scalar("insecure")? else { return Ok(false) };
        match node.value {
            Value::Bool(value, _) => Ok(value),
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ => {
                if matches!(word(text), Some(true)) {
                    remarks.push(Complaint::new(
                        format!(
                            "{} has {} that is not `true`",
                            self.subject.shown(),
                            self.subject.key("insecure")
                        ),
                        "write `true`; certificates are checked as it is",
                    ));
                }
                Ok(false)
            }
        }
    }

    /// Whether to check, or against which file. A quoted `"False"` means false here and is remarked upon, for
    /// openstacksdk takes it for the path of a CA file and then fails.
    fn verify(&self, remarks: &mut Vec<Complaint>) -> Result<(bool, Option<String>), ConfigError> {
        let Some((node, text)) = self.scalar("verify")? else { return Ok((true, None)) };
        match (&node.value, word(text)) {
            (Value::Bool(value, _), _) => Ok((*value, None)),
            (_, None) => Ok((true, self.expanded("verify")?)),
            (_, Some(value)) => {
                if self.subject.origin != Origin::Variables {
                    remarks.push(Complaint::new(
                        format!("`verify` of cloud `{}` at {} is text and was taken as {value}", self.subject.cloud, node.at),
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
