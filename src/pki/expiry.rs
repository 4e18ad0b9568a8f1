//! Until when a certificate is good.
//!
//! In: a certificate, PEM. Out: a time. Never: a key, or whether it is to be trusted.

use jiff::Timestamp;

use super::read::read;

/// When a certificate, PEM, expires; none when it is no certificate.
pub fn expires(certificate: &[u8]) -> Option<Timestamp> {
    let end = read(certificate, |certificate, _| {
        certificate.validity().not_after.timestamp()
    })?;
    Timestamp::from_second(end).ok()
}
