//! Who may connect: the virtual API server, by its own certificate.
//!
//! In: the cluster's certificate authority, the endpoint's certificate and key. Out: a TLS
//! configuration. Never: reads a file, takes another certificate of the same authority.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    SignatureScheme,
};
use thiserror::Error;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why there is no TLS configuration.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is no PEM, or has not in it what it should.
    #[error("the {what} cannot be read")]
    Pem {
        /// Which one.
        what: &'static str,
        /// What is wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// The authority's certificate cannot be one.
    #[error("the certificate authority cannot be used")]
    Authority(#[source] rustls::Error),
    /// The authority's certificate cannot check clients.
    #[error("clients cannot be checked against the certificate authority")]
    Verifier(#[from] VerifierBuilderError),
    /// The certificate and the key do not fit.
    #[error("the certificate and key cannot be used")]
    Identity(#[source] rustls::Error),
}

/// TLS that takes one client: the certificate `allowed_client_cn` (see [`crate::pki::KUBELET_CLIENT`]) of the
/// authority in `ca_pem`. The administrator, the controller manager and whoever had a request for a
/// certificate approved have one of the same authority, and are refused.
///
/// # Errors
/// When a text is not PEM, or certificate and key do not fit.
pub fn server_config(
    ca_pem: &str,
    certificate_pem: &str,
    key_pem: &str,
    allowed_client_cn: &str,
) -> Result<ServerConfig, TlsError> {
    let unreadable = |what| move |source| TlsError::Pem { what, source };
    let mut roots = RootCertStore::empty();
    for authority in certificates(ca_pem).map_err(unreadable("certificate authority"))? {
        roots.add(authority).map_err(TlsError::Authority)?;
    }
    let chain = certificates(certificate_pem).map_err(unreadable("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(unreadable("key"))?;
    let provider = Arc::new(ring::default_provider());
    let issued =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let verifier = OneClient {
        issued,
        allowed: allowed_client_cn.to_owned(),
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Identity)?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(chain, key)
        .map_err(TlsError::Identity)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would not show its certificate again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Every certificate of a text; at least one.
fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, rustls::pki_types::pem::Error> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(rustls::pki_types::pem::Error::NoItemsFound);
    }
    Ok(found)
}

/// Takes a certificate that an authority issued for client use to one name.
struct OneClient {
    issued: Arc<dyn ClientCertVerifier>,
    allowed: String,
}

impl fmt::Debug for OneClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OneClient")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl OneClient {
    /// Whether the subject has one common name, and it is this one. With several, which of them
    /// counts would be a matter of taste.
    fn is_allowed(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
            return false;
        };
        let mut names = certificate.subject().iter_common_name();
        let is_allowed = names
            .next()
            .and_then(|name| name.as_str().ok())
            .is_some_and(|name| name == self.allowed);
        is_allowed && names.next().is_none()
    }
}

impl ClientCertVerifier for OneClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.issued.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self
            .issued
            .verify_client_cert(certificate, intermediates, now)?;
        if self.is_allowed(certificate) {
            Ok(verified)
        } else {
            let error = CertificateError::ApplicationVerificationFailure;
            Err(rustls::Error::InvalidCertificate(error))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.issued
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.issued
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.issued.supported_verify_schemes()
    }
}
