//! Docker's configuration: who one is in which registry.
//!
//! In: the text of `config.json`. Out: a credential, or the program that keeps it. Never: prints one.
//!
//! <https://docs.docker.com/reference/cli/docker/login/>

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::BASE64;
use serde::Deserialize;
use thiserror::Error;

/// What docker calls its own registry in this file and to the helpers.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// The name of a user for whom the secret is a token instead of a password.
const TOKEN_USER: &str = "<token>";

/// What one shows a registry. Its `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Name and password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// By which tokens are had.
    IdentityToken(String),
    /// A token for the registry itself.
    RegistryToken(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(redacted)")
    }
}

/// Why a configuration has no credential to take.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DockerConfigError {
    /// The file is none.
    #[error("it is not JSON as docker writes it, in line {0}")]
    Malformed(usize),
    /// An entry cannot be read.
    #[error("its entry for `{0}` is not the Base64 of a name and a password")]
    Entry(String),
    /// A helper's answer cannot be read.
    #[error("it does not answer as a credential helper does")]
    Answer,
}

/// The parts of `config.json` that say who one is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase", default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// What a registry is called in this file and by helpers.
pub fn key(host: &str) -> &str {
    match host {
        "docker.io" | "index.docker.io" => DOCKER_HUB,
        host => host,
    }
}

impl DockerConfig {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it is not JSON of this form.
    pub fn parse(text: &str) -> Result<Self, DockerConfigError> {
        // The library's own words would show what is in the file.
        serde_json::from_str(text).map_err(|error| DockerConfigError::Malformed(error.line()))
    }

    /// The helper that keeps the credential of this registry: `NAME` of `docker-credential-NAME`.
    pub fn helper(&self, key: &str) -> Option<&str> {
        let own = self.cred_helpers.get(key);
        let own = own.or_else(|| self.cred_helpers.get(hostname(key)));
        let name = own.or(self.creds_store.as_ref())?;
        Some(name.as_str()).filter(|name| !name.is_empty())
    }

    /// The credential that stands in the file itself.
    ///
    /// # Errors
    /// When the entry cannot be read.
    pub fn stored(&self, key: &str) -> Result<Option<Credential>, DockerConfigError> {
        let entry = self.auths.get(key).or_else(|| {
            // Older files have addresses: `https://registry.example.com/v1/`.
            let mut entries = self.auths.iter();
            let same = entries.find(|(found, _)| hostname(found) == hostname(key));
            same.map(|(_, entry)| entry)
        });
        let Some(entry) = entry else {
            return Ok(None);
        };
        entry
            .credential()
            .ok_or_else(|| DockerConfigError::Entry(key.to_owned()))
    }
}

impl Entry {
    /// The outer `None` is an entry that cannot be read, the inner one an entry that says nothing.
    #[expect(
        clippy::option_option,
        reason = "the caller makes an error of the outer one"
    )]
    fn credential(&self) -> Option<Option<Credential>> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.registrytoken) {
            return Some(Some(Credential::RegistryToken(token)));
        }
        if let Some(token) = given(&self.identitytoken) {
            return Some(Some(Credential::IdentityToken(token)));
        }
        if let Some(auth) = given(&self.auth) {
            let text = String::from_utf8(BASE64.decode(auth.as_bytes()).ok()?).ok()?;
            let (user, password) = text.split_once(':')?;
            // Docker ends passwords with NUL where it encrypted them once.
            let password = password.trim_end_matches('\0');
            return Some(Some(password_of(user, password)));
        }
        let (user, password) = (given(&self.username), given(&self.password));
        Some(
            user.zip(password)
                .map(|(user, password)| password_of(&user, &password)),
        )
    }
}

fn password_of(user: &str, secret: &str) -> Credential {
    match user {
        TOKEN_USER => Credential::IdentityToken(secret.to_owned()),
        _ => Credential::Password {
            user: user.to_owned(),
            password: secret.to_owned(),
        },
    }
}

/// What a helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Reads what a helper printed.
///
/// # Errors
/// When it is not what helpers print; the error has nothing of it.
pub fn answer(text: &str) -> Result<Credential, DockerConfigError> {
    let answer: Answer = serde_json::from_str(text).map_err(|_| DockerConfigError::Answer)?;
    Ok(password_of(&answer.username, &answer.secret))
}

/// `https://registry.example.com/v1/` without scheme and path.
fn hostname(key: &str) -> &str {
    let rest = key.strip_prefix("https://");
    let rest = rest.or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
        "auths": {
            "registry.example.com": {"auth": "bWU6YTpi"},
            "https://old.example.com/v1/": {"username": "me", "password": "old"},
            "https://index.docker.io/v1/": {"auth": "PHRva2VuPjphYmM="},
            "ghcr.io": {},
            "identity.example.com": {"auth": "bWU6", "identitytoken": "refresh"},
            "broken.example.com": {"auth": "%%"}
        },
        "credHelpers": {"gcr.io": "gcloud"},
        "HttpHeaders": {"User-Agent": "docker"}
    }"#;

    fn password(user: &str, password: &str) -> Credential {
        Credential::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }

    #[test]
    fn credentials_are_found_as_docker_finds_them() {
        let config = DockerConfig::parse(CONFIG).unwrap();
        for (host, expected) in [
            ("registry.example.com", Some(password("me", "a:b"))),
            ("old.example.com", Some(password("me", "old"))),
            (
                "docker.io",
                Some(Credential::IdentityToken("abc".to_owned())),
            ),
            ("ghcr.io", None),
            ("example.com", None),
            (
                "identity.example.com",
                Some(Credential::IdentityToken("refresh".to_owned())),
            ),
        ] {
            assert_eq!(config.stored(key(host)).unwrap(), expected, "{host}");
        }
        assert_eq!(
            config.stored("broken.example.com").unwrap_err().to_string(),
            "its entry for `broken.example.com` is not the Base64 of a name and a password"
        );
        assert_eq!(config.helper("gcr.io"), Some("gcloud"));
        assert_eq!(config.helper("ghcr.io"), None);
        let config = DockerConfig::parse(r#"{"credsStore": "pass"}"#).unwrap();
        assert_eq!(config.helper(key("docker.io")), Some("pass"));
    }

    #[test]
    fn what_a_helper_prints_is_a_password_or_a_token() {
        let text = r#"{"ServerURL":"gcr.io","Username":"me","Secret":"s"}"#;
        assert_eq!(answer(text), Ok(password("me", "s")));
        let text = r#"{"ServerURL":"gcr.io","Username":"<token>","Secret":"s"}"#;
        assert_eq!(answer(text), Ok(Credential::IdentityToken("s".to_owned())));
        assert_eq!(answer("secret"), Err(DockerConfigError::Answer));
    }

    #[test]
    fn a_credential_is_never_shown() {
        let shown = format!("{:?}", password("me", "hidden"));
        assert_eq!(shown, "Credential(redacted)");
        let error = DockerConfig::parse("{\n\"auths\": \"hidden\"}").map(|_| ());
        assert_eq!(error, Err(DockerConfigError::Malformed(2)));
        assert!(!error.unwrap_err().to_string().contains("hidden"));
    }
}
