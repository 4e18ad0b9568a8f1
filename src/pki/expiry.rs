//! Until when a certificate is good.
//!
//! In: a certificate, PEM. Out: a time. Never: a key, or whether it is to be trusted.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

/// When a certificate, PEM, expires; none when it is no certificate.
pub fn expires(certificate: &[u8]) -> Option<Timestamp> {
    let der = CertificateDer::from_pem_slice(certificate).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}
