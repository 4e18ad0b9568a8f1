//! CPU time, counted from rates.
//!
//! In: a container's rate over a window that ended then. Out: the CPU time that it used since it is
//! known. Never: reads a clock; counts back.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

/// Where a count starts at least. A process that runs has used more than a microsecond, and
/// metrics-server takes a count of zero for a missing figure.
const LEAST_CORE_NANOSECONDS: u64 = 1_000;

/// CPU time of containers, integrated from the rates that the host gives.
///
/// Between two samples a container is taken to have used what the later one says. The windows of the
/// host's metrics-server follow each other without a gap, so this is exact when each is seen, and an
/// extrapolation when some are not: a rate taken from this counter is then that of the last window.
/// The first sample counts for its window alone, so the count is less than what the container used
/// since its start. A counter starts anew with its container, and with the syncer, which Prometheus
/// and metrics-server treat as a restart of what is counted.
#[derive(Debug, Default)]
pub struct Counters(HashMap<String, HashMap<String, Counter>>);

#[derive(Debug)]
struct Counter {
    /// Tells a container from the one before its restart.
    started: Option<Timestamp>,
    at: Timestamp,
    core_nanoseconds: u64,
}

impl Counters {
    /// Takes a sample of a container (UID of its pod, name, start) and returns its count.
    pub(super) fn count(
        &mut self,
        (uid, container, started): (&str, &str, Option<Timestamp>),
        at: Timestamp,
        window: SignedDuration,
        nanocores: u64,
    ) -> u64 {
        let of_pod = self.0.entry(uid.to_owned()).or_default();
        let counter = of_pod
            .get_mut(container)
            .filter(|counter| counter.started == started);
        if let Some(counter) = counter {
            // A sample that was seen before, or an older one from another replica.
            if at > counter.at {
                let used = core_nanoseconds(at.duration_since(counter.at), nanocores);
                counter.core_nanoseconds = counter.core_nanoseconds.saturating_add(used);
                counter.at = at;
            }
            return counter.core_nanoseconds;
        }
        let core_nanoseconds = core_nanoseconds(window, nanocores).max(LEAST_CORE_NANOSECONDS);
        of_pod.insert(
            container.to_owned(),
            Counter {
                started,
                at,
                core_nanoseconds,
            },
        );
        core_nanoseconds
    }

    /// Forgets the pods that are gone.
    pub(super) fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|uid, _| is_there(uid));
    }
}

fn core_nanoseconds(time: SignedDuration, nanocores: u64) -> u64 {
    let used = time.as_nanos() * i128::from(nanocores) / NANOSECONDS_PER_SECOND;
    u64::try_from(used).unwrap_or_default()
}
