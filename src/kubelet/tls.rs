//! Who may talk to the kubelet endpoint: the virtual API server, and nobody else.
//!
//! In: PEM texts. Out: what rustls serves with. Never: a connection without a client certificate.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// Serves with this certificate, and takes clients that the authority has signed. Which of them, is for
/// [`common_name`] to tell: the same authority signs users of the virtual cluster.
///
/// # Errors
/// When one of the texts is not what it should be.
pub fn server_config(ca: &[u8], certificate: &[u8], key: &[u8]) -> anyhow::Result<ServerConfig> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(ca).context("the authority is not PEM")?;
    roots.add(authority)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build()?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.context("the certificate is not PEM")?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| anyhow!("the key is not PEM"))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)?;
    // What is upgraded is a connection, which HTTP/2 shares.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The one common name in a certificate's subject.
pub fn common_name(certificate: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut names = certificate.subject().iter_common_name();
    let name = names.next()?.as_str().ok()?.to_owned();
    names.next().is_none().then_some(name)
}

/// Whether a certificate, PEM, is good for this address.
pub fn covers(certificate: &[u8], address: &str) -> bool {
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let wanted: Vec<u8> = match address {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => address.octets().to_vec(),
    };
    let Ok(der) = CertificateDer::from_pem_slice(certificate) else {
        return false;
    };
    let Ok((_, certificate)) = X509Certificate::from_der(&der) else {
        return false;
    };
    let names = certificate.subject_alternative_name().ok().flatten();
    names.is_some_and(|names| {
        names
            .value
            .general_names
            .iter()
            .any(|name| matches!(name, GeneralName::IPAddress(bytes) if **bytes == *wanted))
    })
}
