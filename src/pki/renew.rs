//! When a certificate is to be renewed.
//!
//! In: a certificate, PEM, and the time. Out: a time, or whether it has come. Never: a key.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::issue::CLOCK_SKEW;
use super::read::read;

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
    Life::of(certificate)?.renew_at()
}

/// Whether a certificate is to be renewed now: also one that is not good yet, which was made when the clock was
/// wrong, and what is no certificate.
pub fn is_due(certificate: &[u8], now: Timestamp) -> bool {
    let life = Life::of(certificate);
    let Some((life, at)) = life.and_then(|life| Some((life, life.renew_at()?))) else {
        return true;
    };
    let skew = SignedDuration::from_secs(CLOCK_SKEW.whole_seconds());
    let begins = life.issued.checked_sub(skew).unwrap_or(Timestamp::MIN);
    at <= now || now < begins
}

/// What counts of a certificate.
#[derive(Debug, Clone, Copy)]
struct Life {
    issued: Timestamp,
    expires: Timestamp,
    /// Differs from certificate to certificate.
    digest: u8,
}

impl Life {
    fn of(certificate: &[u8]) -> Option<Self> {
        read(certificate, |certificate, der| {
            let validity = certificate.validity();
            let begins = validity.not_before.timestamp();
            let issued = begins.checked_add(CLOCK_SKEW.whole_seconds())?;
            Some(Self {
                issued: Timestamp::from_second(issued).ok()?,
                expires: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
                digest: Sha256::digest(der).first().copied()?,
            })
        })?
    }

    fn renew_at(self) -> Option<Timestamp> {
        let seconds = self.expires.as_second();
        let life = seconds.saturating_sub(self.issued.as_second()).max(0);
        let jitter = life / JITTER_PARTS * i64::from(self.digest) / i64::from(u8::MAX);
        let used = SignedDuration::from_secs(life / PARTS * USED - jitter);
        self.issued.checked_add(used).ok()
    }
}
