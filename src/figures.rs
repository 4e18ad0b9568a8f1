//! What a syncer counts of its own work, and the text in which it tells.
//!
//! In: counts, or the text of another. Out: that text, quantiles. Never: the name of an object, or of anything
//! else of a virtual cluster's: whoever may forward a port to the pod may ask.
//!
//! The text is Prometheus' own: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::time::Duration;

/// Upper bounds of the buckets but the last, which has none, in milliseconds.
pub const BOUNDS: [u64; 15] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
];

/// How many buckets there are.
pub const BUCKETS: usize = BOUNDS.len() + 1;

const EVENT_TO_WRITE: &str = "vc_syncer_event_to_write_seconds";
const ERRORS: &str = "vc_syncer_errors_total";
const QUEUE: &str = "vc_syncer_queue_length";
const RETRYING: &str = "vc_syncer_retrying";

/// The counts at one moment, since the syncer began.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// How many changes took as long as the bucket says, from the event to the last write; in each bucket alone.
    pub buckets: [u64; BUCKETS],
    /// How long all of them took together, in microseconds.
    pub sum_micros: u64,
    /// How often work failed and is or was tried again.
    pub errors: u64,
    /// What waits or is worked on now.
    pub queue: u64,
    /// What has failed and is to be tried again.
    pub retrying: u64,
}

/// The bucket of a change that took this long.
pub fn bucket(took: Duration) -> usize {
    BOUNDS.partition_point(|&bound| Duration::from_millis(bound) < took)
}

impl Figures {
    /// How many changes were counted.
    pub fn changes(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How long this share of the changes, in hundredths, took at most: exact to the bucket, between its bounds by
    /// rule of three, as Prometheus does it. None before the first change.
    pub fn quantile(&self, hundredths: u64) -> Option<Duration> {
        let changes = self.changes();
        // Wide enough for whatever another has written there.
        let rank = (u128::from(changes) * u128::from(hundredths)).div_ceil(100);
        let rank = rank.max(1);
        let mut before = 0;
        let mut lower = 0;
        for (&count, upper) in self.buckets.iter().zip(BOUNDS) {
            let count = u128::from(count);
            if before + count >= rank {
                let within = u128::from(upper - lower) * 1_000 * (rank - before) / count;
                let within = u64::try_from(within).unwrap_or_default();
                return Some(Duration::from_micros(lower * 1_000 + within));
            }
            before += count;
            lower = upper;
        }
        (changes > 0).then(|| Duration::from_millis(lower))
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!(
            "# HELP {EVENT_TO_WRITE} Time from a change on one side until it is written to the other."
        ));
        line(format!("# TYPE {EVENT_TO_WRITE} histogram"));
        let mut so_far = 0;
        for (count, name) in self.buckets.iter().zip(bucket_names()) {
            so_far += count;
            line(format!("{name} {so_far}"));
        }
        let sum = seconds(self.sum_micros, 1_000_000, 6);
        line(format!("{EVENT_TO_WRITE}_sum {sum}"));
        line(format!("{EVENT_TO_WRITE}_count {so_far}"));
        let others = [
            (ERRORS, "counter", self.errors, "Attempts that failed."),
            (QUEUE, "gauge", self.queue, "What waits or is worked on."),
            (
                RETRYING,
                "gauge",
                self.retrying,
                "What has failed and is to be tried again.",
            ),
        ];
        for (name, kind, value, help) in others {
            line(format!(
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
            ));
        }
        text
    }

    /// Reads such a text; none when it is not one, or one of other buckets.
    pub fn parse(text: &str) -> Option<Self> {
        let value = |wanted: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix(wanted)?.strip_prefix(' '))
        };
        let count = |name: &str| value(name)?.trim().parse::<u64>().ok();
        let mut figures = Self::default();
        let mut before = 0;
        for (bucket, name) in figures.buckets.iter_mut().zip(bucket_names()) {
            let so_far = count(&name)?;
            *bucket = so_far.checked_sub(before)?;
            before = so_far;
        }
        let sum = value(&format!("{EVENT_TO_WRITE}_sum"))?;
        let nanos = crate::quantity::nanos(sum.trim())?;
        Some(Self {
            sum_micros: u64::try_from(nanos / 1_000).ok()?,
            errors: count(ERRORS)?,
            queue: count(QUEUE)?,
            retrying: count(RETRYING)?,
            ..figures
        })
    }
}

fn bucket_names() -> impl Iterator<Item = String> {
    let bounds = BOUNDS.map(|bound| seconds(bound, 1_000, 3));
    let bounds = bounds.into_iter().chain(["+Inf".to_owned()]);
    bounds.map(|bound| format!("{EVENT_TO_WRITE}_bucket{{le=\"{bound}\"}}"))
}

/// A number of parts of a second, with so many places: `0.005`.
fn seconds(parts: u64, in_one: u64, places: usize) -> String {
    format!("{}.{:0places$}", parts / in_one, parts % in_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let mut buckets = [0; BUCKETS];
        buckets[3] = 90;
        buckets[8] = 9;
        buckets[15] = 1;
        Figures {
            buckets,
            sum_micros: 12_345_678,
            errors: 4,
            queue: 2,
            retrying: 1,
        }
    }

    #[test]
    fn a_change_is_in_the_first_bucket_that_it_fits_in() {
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::from_millis(1)), 0);
        assert_eq!(bucket(Duration::from_micros(1_001)), 1);
        assert_eq!(bucket(Duration::from_mins(1)), 14);
        assert_eq!(bucket(Duration::from_secs(61)), 15);
    }

    #[test]
    fn what_is_told_is_read_again() {
        let text = figures().text();
        assert_eq!(Figures::parse(&text), Some(figures()));
        assert!(text.contains("vc_syncer_event_to_write_seconds_bucket{le=\"0.010\"} 90\n"));
        assert!(text.contains("vc_syncer_event_to_write_seconds_bucket{le=\"+Inf\"} 100\n"));
        assert!(text.contains("vc_syncer_event_to_write_seconds_sum 12.345678\n"));
        assert!(text.contains("\n# TYPE vc_syncer_queue_length gauge\nvc_syncer_queue_length 2\n"));
    }

    #[test]
    fn another_text_is_none() {
        assert_eq!(Figures::parse(""), None);
        assert_eq!(Figures::parse("404 page not found"), None);
        let text = figures().text();
        assert_eq!(
            Figures::parse(&text.replace("\"0.010\"", "\"0.015\"")),
            None
        );
        assert_eq!(Figures::parse(&text.replace("} 90", "} 101")), None);
    }

    #[test]
    fn quantiles_are_between_the_bounds_of_their_bucket() {
        assert_eq!(Figures::default().quantile(50), None);
        let millis = |hundredths| figures().quantile(hundredths).unwrap().as_millis();
        assert_eq!(millis(50), 7);
        assert_eq!(millis(90), 10);
        assert_eq!(millis(99), 500);
        assert_eq!(millis(100), 60_000);
    }
}
