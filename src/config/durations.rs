//! How long something may take, or is to last: flag > `VC_*` > file > default.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::UserFile;
use crate::error::{Failure, Kind};

/// Deadline of one request to the host, unless `--request-timeout` says otherwise. The slowest are
/// server-side dry runs through admission webhooks, which Kubernetes bounds at 30 s each and defaults
/// to 10 s.
const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Deadline of every wait, unless `--timeout` says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);

/// Resolves `--timeout`.
///
/// # Errors
/// When the file's value is not a duration.
pub fn timeout(flag: Option<Duration>, file: &UserFile) -> Result<Duration, Failure> {
    let meant = flag.map_or_else(
        || duration("timeout", file.timeout.as_deref()),
        |it| Ok(Some(it)),
    );
    Ok(meant?.unwrap_or(DEFAULT_TIMEOUT))
}

/// Resolves `--ttl`; none means that the cluster stays.
///
/// # Errors
/// When the file's value is not a duration, or it is too short or too long to be meant.
pub fn ttl(flag: Option<Duration>, file: &UserFile) -> Result<Option<Duration>, Failure> {
    let (least, most) = (TTL_RANGE.start(), TTL_RANGE.end());
    let (least, most) = (least.as_secs(), most.as_secs() / 86_400);
    let hint = format!("from {least} s to {most} days");
    let file = ("ttl", file.ttl.as_deref());
    within(&TTL_RANGE, ("--ttl", flag), file, &hint)
}

/// A shorter life is over before the cluster is ready; a longer one is none that somebody waits for.
const TTL_RANGE: RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_hours(10 * 365 * 24);

/// Resolves `--certificate-life`; none means the default.
pub(super) fn certificate_life(
    flag: Option<Duration>,
    file: &UserFile,
) -> Result<Option<Duration>, Failure> {
    let file = ("certificateLife", file.certificate_life.as_deref());
    let hint = "from 2 minutes to the 10 years (87600h) of the certificate authorities";
    let flag = ("--certificate-life", flag);
    within(&CERTIFICATE_LIFE_RANGE, flag, file, hint)
}

/// A shorter life leaves no time for a kubelet, which may take a minute, to bring the new files; a longer one
/// ends after that of the authorities.
const CERTIFICATE_LIFE_RANGE: RangeInclusive<Duration> =
    Duration::from_mins(2)..=crate::pki::AUTHORITY_LIFE;

/// Resolves `--sleep-after`; none means that the cluster does not pause itself.
pub(super) fn sleep_after(
    flag: Option<Duration>,
    file: &UserFile,
) -> Result<Option<Duration>, Failure> {
    let file = ("sleepAfter", file.sleep_after.as_deref());
    let hint = "from 10 seconds to 365 days (8760h); without it the cluster does not pause itself";
    within(&SLEEP_AFTER_RANGE, ("--sleep-after", flag), file, hint)
}

/// In a shorter time a cluster falls asleep between two commands that somebody types, and takes as long to wake;
/// a longer one is none that somebody waits for.
const SLEEP_AFTER_RANGE: RangeInclusive<Duration> =
    Duration::from_secs(10)..=Duration::from_hours(365 * 24);

/// What the flag says, or else the file: each with its name. A time out of the range is an error with this hint.
fn within(
    range: &RangeInclusive<Duration>,
    (name, flag): (&str, Option<Duration>),
    (key, text): (&str, Option<&str>),
    hint: &str,
) -> Result<Option<Duration>, Failure> {
    let meant = flag.map_or_else(|| duration(key, text), |it| Ok(Some(it)))?;
    if let Some(time) = meant.filter(|time| !range.contains(time)) {
        let time = humantime::format_duration(time);
        let message = format!("`{name} {time}` cannot be meant");
        return Err(Failure::new(Kind::Usage, message).hint(hint));
    }
    Ok(meant)
}

/// A duration of the user's file.
fn duration(key: &str, text: Option<&str>) -> Result<Option<Duration>, Failure> {
    let parse = |text| {
        humantime::parse_duration(text).map_err(|_| {
            Failure::new(
                Kind::Usage,
                format!(
                    "`{key}: {text}` in the configuration file is not a duration such as `90s`"
                ),
            )
        })
    };
    text.map(parse).transpose()
}

/// Resolves `--request-timeout`.
///
/// # Errors
/// When it leaves no time at all. kubectl takes 0 for "for ever", which `vc` never waits.
pub fn request_timeout(flag: Option<Duration>) -> Result<Duration, Failure> {
    match flag {
        Some(Duration::ZERO) => Err(Failure::new(
            Kind::Usage,
            "`--request-timeout 0s` leaves the host no time to answer",
        )),
        flag => Ok(flag.unwrap_or(DEFAULT_REQUEST_TIMEOUT)),
    }
}
