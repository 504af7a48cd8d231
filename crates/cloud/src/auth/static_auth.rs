//! Services without a login: no authentication, HTTP Basic, or a token that is always the same. Nothing is renewed.

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::{Auth, AuthError, Blame, Generation, Session};
use crate::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use crate::http::{Answer, Request};
use domain::{ProjectId, Text};

/// What every request carries.
#[derive(Clone, Debug)]
pub enum StaticAuth {
    /// Nothing: keystoneauth's `none`.
    Nothing,
    /// User name and password (RFC 7617): keystoneauth's `http_basic`.
    Basic {
        /// The name of the user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A token of the service's own: keystoneauth's `admin_token`.
    Token(SecretString),
}

#[async_trait]
impl Auth for StaticAuth {
    async fn authorize(&self, request: &mut Request) -> Result<Generation, AuthError> {
        if let Some((name, value)) = self.header()? {
            request.headers_mut().insert(name, value);
        }
        Ok(Generation::default())
    }

    async fn renew(&self, _: Generation, answer: &Answer) -> Result<(), AuthError> {
        let refused = |why: &str, hint: &'static str| AuthError::new(Blame::Secret, why, hint);
        let error = match self {
            Self::Nothing => AuthError::new(
                Blame::Configuration,
                "the service requires a login, and `auth_type` is `none`",
                "set `auth_type` (such as `password`) and its keys under `auth:`",
            ),
            Self::Basic { .. } => refused(
                "the service refused the user name or the password (401)",
                "check `username` and `password` under `auth:`",
            ),
            Self::Token(_) => {
                refused("the service refused the token (401)", "check `token` under `auth:`")
            }
        };
        Err(error.in_answer(answer))
    }
}

impl StaticAuth {
    fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, AuthError> {
        let (name, value) = match self {
            Self::Nothing => return Ok(None),
            Self::Basic { username, password } => {
                let pair = format!("{username}:{}", password.expose_secret());
                (AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Self::Token(token) => {
                (HeaderName::from_static("x-auth-token"), token.expose_secret().trim().to_owned())
            }
        };
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| AuthError::not_sendable("`token`"))?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    /// What is known without a login: the project, if it is configured.
    pub fn session(&self, project: Option<&str>) -> Session {
        let user = match self {
            Self::Basic { username, .. } => Some(Text::from(username.as_str())),
            Self::Nothing | Self::Token(_) => None,
        };
        let project_id = project.map_or_else(ProjectId::unknown, |id| ProjectId(id.into()));
        let project_name = (!project_id.is_known()).then(|| "all projects".into());
        Session {
            project_id,
            project_name,
            user,
            roles: Vec::new(),
            expires_at: None,
            catalog: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::made;
    use crate::http::{Method, Url};

    async fn sent(auth: &StaticAuth) -> Request {
        let mut request = Request::new(Method::GET, Url::parse("http://h/").unwrap());
        auth.authorize(&mut request).await.unwrap();
        request
    }

    #[tokio::test]
    async fn each_kind_sends_its_header_and_none_sends_nothing() {
        assert!(sent(&StaticAuth::Nothing).await.headers().is_empty());
        let basic =
            StaticAuth::Basic { username: "Aladdin".into(), password: "open sesame".into() };
        let request = sent(&basic).await;
        let header = &request.headers()[AUTHORIZATION];
        // The example of RFC 7617.
        assert_eq!(header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(header.is_sensitive());
        assert_eq!(sent(&StaticAuth::Token(" t ".into())).await.headers()["x-auth-token"], "t");
    }

    #[tokio::test]
    async fn a_refusal_is_reported_and_nothing_is_sent_again() {
        let renew = async |auth: StaticAuth| {
            auth.renew(Generation::default(), &made(401, "")).await.unwrap_err()
        };
        assert!(renew(StaticAuth::Nothing).await.to_string().contains("requires a login"));
        let basic = StaticAuth::Basic { username: "u".into(), password: "hunter2".into() };
        assert!(!format!("{basic:?}").contains("hunter2"));
        assert!(renew(basic).await.to_string().contains("the user name or the password"));
    }
}
