//! What `vc credential` answers kubectl with: an ExecCredential.
//!
//! In: the admin's client certificate and key, when to ask again, and what the caller said about
//! itself in `KUBERNETES_EXEC_INFO`. Out: the JSON for stdout. Never: reads the environment, a clock
//! or a cluster; shows a key in a log.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why no credential could be rendered.
#[derive(Debug, Error)]
pub enum ExecCredentialError {
    /// `KUBERNETES_EXEC_INFO` is not an ExecCredential.
    #[error("`KUBERNETES_EXEC_INFO` is not an ExecCredential")]
    ExecInfo(#[source] serde_json::Error),
    /// The caller speaks a version that does not exist yet, or no longer.
    #[error(
        "the caller wants ExecCredential `{0}`, known are `client.authentication.k8s.io/v1` and `client.authentication.k8s.io/v1beta1`"
    )]
    ApiVersion(String),
    /// Texts are always serializable; here so that nothing has to panic.
    #[error("cannot write the ExecCredential")]
    Serialize(#[source] serde_json::Error),
}

/// A private key in PEM, which never shows itself in logs or panics.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKeyPem(String);

impl PrivateKeyPem {
    /// Takes a key into safe keeping.
    pub fn new(pem: impl Into<String>) -> Self {
        Self(pem.into())
    }

    /// The key itself, for the one place that hands it over.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateKeyPem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKeyPem(redacted)")
    }
}

/// The versions of the ExecCredential that client-go still asks for; their content is the same.
#[derive(Clone, Copy, Serialize)]
enum ApiVersion {
    #[serde(rename = "client.authentication.k8s.io/v1")]
    V1,
    #[serde(rename = "client.authentication.k8s.io/v1beta1")]
    V1Beta1,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential<'a> {
    api_version: ApiVersion,
    kind: &'static str,
    status: Status<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    expiration_timestamp: String,
    client_certificate_data: &'a str,
    client_key_data: &'a str,
}

/// The one field of `KUBERNETES_EXEC_INFO` that matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecInfo {
    api_version: String,
}

/// Renders the ExecCredential in the version that `exec_info` asks for, or v1 without one.
///
/// The caller asks again once `expiration` has passed, which is what makes it check the tunnel.
///
/// # Errors
///
/// When `exec_info` cannot be read or asks for an unknown version: an answer in another version
/// than the one asked for would be refused by client-go with less to go by.
pub fn render(
    certificate_pem: &str,
    key: &PrivateKeyPem,
    expiration: Timestamp,
    exec_info: Option<&str>,
) -> Result<String, ExecCredentialError> {
    let credential = ExecCredential {
        api_version: requested_version(exec_info)?,
        kind: "ExecCredential",
        status: Status {
            // Whole seconds, as Kubernetes writes its own times.
            expiration_timestamp: expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            client_certificate_data: certificate_pem,
            client_key_data: key.expose(),
        },
    };
    serde_json::to_string(&credential).map_err(ExecCredentialError::Serialize)
}

/// Whether the caller can be answered at all, before anybody is asked for a credential.
///
/// # Errors
///
/// As [`render`].
pub fn check_caller(exec_info: Option<&str>) -> Result<(), ExecCredentialError> {
    requested_version(exec_info).map(drop)
}

/// The version the caller wants; v1 when somebody runs the plugin by hand.
fn requested_version(exec_info: Option<&str>) -> Result<ApiVersion, ExecCredentialError> {
    let Some(text) = exec_info else {
        return Ok(ApiVersion::V1);
    };
    let info: ExecInfo = serde_json::from_str(text).map_err(ExecCredentialError::ExecInfo)?;
    match info.api_version.as_str() {
        "client.authentication.k8s.io/v1" => Ok(ApiVersion::V1),
        "client.authentication.k8s.io/v1beta1" => Ok(ApiVersion::V1Beta1),
        _ => Err(ExecCredentialError::ApiVersion(info.api_version)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render_for(exec_info: Option<&str>) -> Result<String, ExecCredentialError> {
        // 2026-03-04T05:06:07.89Z.
        let expiration = Timestamp::constant(1_772_600_767, 890_000_000);
        render(
            "CERT\n",
            &PrivateKeyPem::new("KEY\n"),
            expiration,
            exec_info,
        )
    }

    #[test]
    fn without_exec_info_the_answer_is_v1() {
        assert_eq!(
            render_for(None).unwrap(),
            r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"expirationTimestamp":"2026-03-04T05:06:07Z","clientCertificateData":"CERT\n","clientKeyData":"KEY\n"}}"#
        );
    }

    #[test]
    fn the_answer_has_the_version_that_was_asked_for() {
        let v1beta1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":true}}"#;
        let answer = render_for(Some(v1beta1)).unwrap();
        assert!(
            answer.starts_with(r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","#),
            "{answer}"
        );
        let v1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#;
        let answer = render_for(Some(v1)).unwrap();
        assert!(
            answer.starts_with(r#"{"apiVersion":"client.authentication.k8s.io/v1","#),
            "{answer}"
        );
    }

    #[test]
    fn an_unknown_version_is_refused_by_name() {
        let info = r#"{"apiVersion":"client.authentication.k8s.io/v1alpha1"}"#;
        let error = render_for(Some(info)).unwrap_err().to_string();
        assert!(
            error.contains("`client.authentication.k8s.io/v1alpha1`"),
            "{error}"
        );
    }

    #[test]
    fn exec_info_that_is_not_json_is_refused() {
        for text in ["", "v1", "{}", "[]"] {
            let error = render_for(Some(text)).unwrap_err();
            assert!(
                matches!(error, ExecCredentialError::ExecInfo(_)),
                "{error:?}"
            );
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(
            format!("{:?}", PrivateKeyPem::new("planted")),
            "PrivateKeyPem(redacted)"
        );
    }
}
