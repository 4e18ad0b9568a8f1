//! Logging in: from what a registry wants to be shown to the header that shows it.
//!
//! In: an answer `401`, a credential or none. Out: a header. Never: sends the credential to an address without
//! TLS, unless the registry has none either.
//!
//! <https://distribution.github.io/distribution/spec/auth/token/>, `oauth/` beside it for identity tokens.

use data_encoding::BASE64;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Response, Url};
use serde::Deserialize;

use super::answer::{self, Trouble, refused};
use super::challenge::{self, Challenge};
use super::docker_config::Credential;
use super::{NOT_LET_IN, Session};
use crate::error::{Failure, Kind};

/// What a form does not have as it is. <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What a token's maker answers; both names are in use.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Session {
    /// The header by which the registry lets us in.
    pub(super) async fn log_in(&self, response: Response) -> Result<HeaderValue, Trouble> {
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let headers = headers.iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<Challenge> = headers.flat_map(challenge::parse).collect();
        let is_bearer = |challenge: &&Challenge| matches!(challenge, Challenge::Bearer { .. });
        let chosen = challenges.iter().find(is_bearer).or(challenges.first());
        match (chosen, &self.credential) {
            (None, _) => Err(refused(&self.host, "does not say how to log in", response).await),
            (Some(_), Some(Credential::RegistryToken(token))) => self.bearer(token),
            (Some(Challenge::Bearer { realm, service }), _) => {
                let token = self.token(realm, service.as_deref()).await?;
                self.bearer(&token)
            }
            (Some(Challenge::Basic), Some(Credential::Password { user, password })) => {
                self.header(&basic(user, password))
            }
            (Some(Challenge::Basic), _) => Err(Failure::new(
                Kind::Denied,
                format!("registry `{}` wants a name and a password", self.host),
            )
            .hint(format!("docker login {}", self.host))
            .into()),
        }
    }

    /// Has a token made that allows to push to the repository.
    async fn token(&self, realm: &str, service: Option<&str>) -> Result<String, Trouble> {
        let scope = format!("repository:{}:pull,push", self.repository);
        let url = Url::parse(realm)
            .ok()
            .filter(|url| url.scheme() == "https" || url.scheme() == self.base.scheme());
        let Some(mut url) = url else {
            let message = format!(
                "registry `{}` has its tokens made at an address without TLS",
                self.host
            );
            return Err(Failure::new(Kind::Failed, message).into());
        };
        let maker = url.host_str().unwrap_or_default().to_owned();
        let request = if let Some(Credential::IdentityToken(token)) = &self.credential {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", "vc"),
                ("service", service.unwrap_or_default()),
                ("scope", &scope),
                ("refresh_token", token),
            ];
            self.client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form(&fields))
        } else {
            url.query_pairs_mut()
                .extend_pairs(service.map(|service| ("service", service)))
                .append_pair("scope", &scope);
            let request = self.client.get(url);
            match &self.credential {
                Some(Credential::Password { user, password }) => {
                    request.header("authorization", self.header(&basic(user, password))?)
                }
                _ => request,
            }
        };
        let sent = request.timeout(self.request_timeout).send().await;
        let response = sent.map_err(|error| answer::unreachable(&maker, error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => {
                return Err(refused(&self.host, NOT_LET_IN, response).await);
            }
            _ => return Err(refused(&self.host, "has no token made", response).await),
        }
        let body = answer::body(response).await;
        let token = serde_json::from_slice::<Token>(&body).ok();
        let token = token.and_then(|token| token.token.or(token.access_token));
        token.ok_or_else(|| {
            let message = format!("`{maker}` answers with no token for `{}`", self.host);
            Failure::new(Kind::Failed, message).into()
        })
    }

    fn bearer(&self, token: &str) -> Result<HeaderValue, Trouble> {
        self.header(&format!("Bearer {token}"))
    }

    /// A header that debug output does not show.
    fn header(&self, text: &str) -> Result<HeaderValue, Trouble> {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            let message = format!("the credential of registry `{}` cannot be sent", self.host);
            Failure::new(Kind::Denied, message).hint(format!("docker login {}", self.host))
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{user}:{password}").as_bytes())
    )
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, RESERVED);
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    fields.collect::<Vec<String>>().join("&")
}
