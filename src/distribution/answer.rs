//! What a registry's answer means when it is not the one that was hoped for.
//!
//! In: an answer, or none. Out: whether to try again, and what the user reads. Never: an address, which may
//! be signed, or what was sent.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use reqwest::Response;
use serde::Deserialize;

use crate::error::{Failure, Kind};

/// How much of a refusal is read: a registry's is a few hundred bytes.
const MOST_BYTES: usize = 16 * 1024;

/// How much of a refusal is said.
const MOST_CHARACTERS: usize = 300;

/// Why an attempt came to nothing.
pub(super) enum Trouble {
    /// It may be over soon.
    Passing {
        /// What to say if it is not.
        failure: Failure,
        /// When the registry wants to be asked again.
        after: Option<Duration>,
    },
    /// Trying again would change nothing.
    Final(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

/// No answer came.
pub(super) fn unreachable(host: &str, error: reqwest::Error) -> Trouble {
    let what = if error.is_timeout() {
        format!("registry `{host}` does not answer in time")
    } else {
        format!("registry `{host}` cannot be reached")
    };
    let error = error.without_url();
    let why = innermost(&error);
    let failure = Failure::new(Kind::Unreachable, what);
    // What rustls says about an answer that is no TLS.
    if why.contains("InvalidContentType") {
        return Trouble::Final(
            failure
                .because(anyhow::Error::msg("it does not speak TLS"))
                .hint("if it is meant to speak plain HTTP, pass `--plain-http`"),
        );
    }
    let is_certificate = why.contains("certificate");
    let failure = failure.because(anyhow::Error::msg(why));
    if is_certificate {
        let hint = "add the authority that signed it to this machine's trusted certificates, \
                    or name a file of them in SSL_CERT_FILE";
        return Trouble::Final(failure.hint(hint));
    }
    let failure = failure.hint(format!("curl -v https://{host}/v2/"));
    Trouble::Passing {
        failure,
        after: None,
    }
}

/// The words of the innermost error: those above it only say that sending failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

/// An answer that says no: `what` it was about, behind the registry's name.
pub(super) async fn refused(host: &str, what: &str, response: Response) -> Trouble {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER);
    let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
    let after = after.map(Duration::from_secs);
    let body = body(response).await;
    let failure = Failure::new(kind(status), format!("registry `{host}` {what}"))
        .because(anyhow::Error::msg(words(status, &body)));
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::Final(failure.hint(format!(
            "log in with an account that may push: `docker login {host}`"
        ))),
        StatusCode::NOT_FOUND => Trouble::Final(
            failure.hint("make the repository in the registry first, or push to another one"),
        ),
        StatusCode::TOO_MANY_REQUESTS => Trouble::Passing { failure, after },
        status if status.is_server_error() => Trouble::Passing { failure, after },
        _ => Trouble::Final(failure),
    }
}

fn kind(status: StatusCode) -> Kind {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Kind::Denied,
        StatusCode::NOT_FOUND => Kind::NotFound,
        _ => Kind::Failed,
    }
}

/// The beginning of what was answered.
pub(super) async fn body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            body.truncate(MOST_BYTES);
            break;
        }
    }
    body
}

/// <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes>
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
    #[serde(default)]
    message: String,
}

/// `it answers 403 Forbidden: DENIED: not allowed`.
pub(super) fn words(status: StatusCode, body: &[u8]) -> String {
    let refusal = serde_json::from_slice::<Refusal>(body).ok();
    let reasons = refusal.into_iter().flat_map(|refusal| refusal.errors);
    let reasons = reasons.map(|reason| format!("{}: {}", reason.code, reason.message));
    let reasons = reasons.collect::<Vec<String>>().join("; ");
    // A registry's words are not to move the cursor.
    let reasons: String = reasons
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_CHARACTERS)
        .collect();
    if reasons.is_empty() {
        format!("it answers {status}")
    } else {
        format!("it answers {status}: {reasons}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_registrys_words_without_control_characters() {
        let body = br#"{"errors":[{"code":"DENIED","message":"no \u001b[31mway"},{"code":"X"}]}"#;
        assert_eq!(
            words(StatusCode::FORBIDDEN, body),
            "it answers 403 Forbidden: DENIED: no [31mway; X: "
        );
        assert_eq!(
            words(StatusCode::BAD_GATEWAY, b"<html>"),
            "it answers 502 Bad Gateway"
        );
    }
}
