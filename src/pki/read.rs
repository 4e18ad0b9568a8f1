//! Reads a certificate.
//!
//! In: a certificate, PEM. Out: what somebody wants to know of it. Never: a key, or whether it is to be trusted.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What `look` makes of a certificate, PEM, and of its bytes, DER; none when it is no certificate.
pub(super) fn read<T>(
    pem: &[u8],
    look: impl FnOnce(&X509Certificate<'_>, &[u8]) -> T,
) -> Option<T> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(look(&certificate, &der))
}
