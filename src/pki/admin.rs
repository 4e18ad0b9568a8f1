//! What an administrator's client needs, in the Secret that is meant for nobody else.
//!
//! In: a [`super::Pki`], or the data of Secret `vc-NAME-kubeconfig`. Out: the credential, the
//! Secret's data, the text of a kubeconfig. Never: anything that could sign a certificate.

use super::kubeconfig::{Client, Endpoint, Trust, kubeconfig};
use super::{PkiError, PrivateKey, SecretData, bytes, read_pem};
use crate::labels;

/// The cluster's CA, and a client certificate that it takes for an administrator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminCredential {
    /// What the API server's certificate is checked against, PEM.
    pub ca: String,
    /// The client certificate, PEM.
    pub certificate: String,
    /// Its key.
    pub key: PrivateKey,
}

impl AdminCredential {
    /// Reads Secret `vc-NAME-kubeconfig`.
    ///
    /// # Errors
    ///
    /// [`PkiError::Missing`] or [`PkiError::NotPem`] name the first entry that is not as stored.
    pub fn from_secret(data: &SecretData) -> Result<Self, PkiError> {
        Ok(Self {
            ca: read_pem(data, "ca.crt")?,
            certificate: read_pem(data, "client.crt")?,
            key: PrivateKey(read_pem(data, "client.key")?),
        })
    }

    /// Data of Secret `vc-NAME-kubeconfig`: the three parts, and a kubeconfig made of them.
    ///
    /// # Errors
    ///
    /// When the kubeconfig cannot be written as YAML.
    pub fn secret_data(&self, context: &str, server: &str) -> Result<SecretData, PkiError> {
        let text = self.kubeconfig(context, server, None)?;
        Ok(SecretData::from([
            ("ca.crt".to_owned(), bytes(&self.ca)),
            ("client.crt".to_owned(), bytes(&self.certificate)),
            ("client.key".to_owned(), bytes(self.key.reveal())),
            (labels::KUBECONFIG_KEY.to_owned(), bytes(&text)),
        ]))
    }

    /// A self-contained kubeconfig whose one context, cluster and user are called `context`.
    ///
    /// `tls_server_name` is the name to expect in the server's certificate when `server` is an
    /// address that the certificate does not list.
    ///
    /// # Errors
    ///
    /// When it cannot be written as YAML.
    pub fn kubeconfig(
        &self,
        context: &str,
        server: &str,
        tls_server_name: Option<&str>,
    ) -> Result<String, PkiError> {
        let endpoint = Endpoint {
            context,
            server,
            tls_server_name,
        };
        kubeconfig(
            endpoint,
            Trust::embedded(&self.ca),
            Client::embedded(&self.certificate, &self.key),
        )
    }
}
