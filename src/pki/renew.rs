//! When a certificate is to be renewed.
//!
//! In: a certificate, PEM, and the time. Out: a time, or whether it has come. Never: a key.

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::issue::CLOCK_SKEW;

/// Of this many parts of a certificate's life, [`USED`] have gone when it is renewed: enough is left for whoever has
/// to take the new one, and for somebody to see that nobody does.
const PARTS: i64 = 3;
/// See [`PARTS`].
const USED: i64 = 2;

/// By up to one in this many parts of its life a certificate is renewed sooner, so that clusters that were made
/// together do not renew theirs together.
const JITTER_PARTS: i64 = 30;

/// When a certificate, PEM, is to be renewed; none when it is no certificate. The same for the same certificate.
pub fn renew_at(certificate: &[u8]) -> Option<Timestamp> {
    let (issued, expires, digest) = read(certificate)?;
    let life = expires
        .as_second()
        .saturating_sub(issued.as_second())
        .max(0);
    let jitter = life / JITTER_PARTS * i64::from(digest) / i64::from(u8::MAX);
    let used = SignedDuration::from_secs(life / PARTS * USED - jitter);
    issued.checked_add(used).ok()
}

/// Whether a certificate is to be renewed now: also one that is not good yet, which was made when the clock was
/// wrong, and what is no certificate.
pub fn is_due(certificate: &[u8], now: Timestamp) -> bool {
    let skew = SignedDuration::from_secs(CLOCK_SKEW.whole_seconds());
    match (read(certificate), renew_at(certificate)) {
        (Some((issued, _, _)), Some(at)) => {
            let begins = issued.checked_sub(skew).unwrap_or(Timestamp::MIN);
            at <= now || now < begins
        }
        _ => true,
    }
}

/// When it was issued, until when it is good, and a byte that differs from certificate to certificate.
fn read(certificate: &[u8]) -> Option<(Timestamp, Timestamp, u8)> {
    let der = CertificateDer::from_pem_slice(certificate).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let validity = certificate.validity();
    let begins = validity.not_before.timestamp();
    let issued = begins.checked_add(CLOCK_SKEW.whole_seconds())?;
    let issued = Timestamp::from_second(issued).ok()?;
    let expires = Timestamp::from_second(validity.not_after.timestamp()).ok()?;
    let digest = Sha256::digest(&*der).first().copied()?;
    Some((issued, expires, digest))
}
