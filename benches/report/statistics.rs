//! What may be said of samples: quantiles, and how sure a ratio of two medians is.
//!
//! In: numbers. Out: numbers. Never: chance that is not the same every time: two runs over the same samples say the
//! same.

use serde::{Deserialize, Serialize};

/// How often samples are drawn again: enough for two digits of an interval's ends.
const DRAWS: usize = 1_000;

/// With fewer samples than these on a side, drawing them again says little of those that there could have been.
const FEWEST: usize = 5;

/// The middle of 95 % of the draws, in thousandths.
const LOW: usize = 25;
const HIGH: usize = 975;

/// What is told of one series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) most: f64,
}

impl Summary {
    /// None of nothing.
    pub(crate) fn of(samples: &[f64]) -> Option<Self> {
        let sorted = sorted(samples);
        Some(Self {
            count: sorted.len(),
            least: *sorted.first()?,
            median: median(&sorted)?,
            p95: quantile(&sorted, 950)?,
            p99: quantile(&sorted, 990)?,
            most: *sorted.last()?,
        })
    }
}

/// How many times as much the second of two is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// Of the medians.
    pub(crate) value: f64,
    /// Where it is with 95 % confidence; none when there are too few samples.
    pub(crate) interval: Option<(f64, f64)>,
}

impl Ratio {
    /// The second by the first; none where the first's median is nothing.
    pub(crate) fn of(first: &[f64], second: &[f64]) -> Option<Self> {
        let value = quotient(median(&sorted(first))?, median(&sorted(second))?)?;
        let enough = first.len() >= FEWEST && second.len() >= FEWEST;
        let interval = enough.then(|| interval(first, second)).flatten();
        Some(Self { value, interval })
    }

    /// Whether chance alone hardly explains that it is not 1.
    pub(crate) fn is_certain(&self) -> bool {
        self.interval
            .is_some_and(|(low, high)| low > 1.0 || high < 1.0)
    }
}

/// By the bootstrap's percentiles: both sides are drawn from themselves, again and again.
fn interval(first: &[f64], second: &[f64]) -> Option<(f64, f64)> {
    let mut chance = Chance(0);
    let draws = (0..DRAWS).filter_map(|_| {
        let (first, second) = (chance.draw(first), chance.draw(second));
        quotient(median(&first)?, median(&second)?)
    });
    let ratios = sorted(&draws.collect::<Vec<_>>());
    Some((quantile(&ratios, LOW)?, quantile(&ratios, HIGH)?))
}

fn quotient(first: f64, second: f64) -> Option<f64> {
    (first != 0.0).then(|| second / first)
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The mean of the middle two, where there are two.
fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(half - 1)?, upper))
}

/// The smallest sample that at least so many thousandths do not exceed (nearest rank).
fn quantile(sorted: &[f64], thousandths: usize) -> Option<f64> {
    let rank = (sorted.len() * thousandths).div_ceil(1_000);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// A sequence that looks like chance: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// As many of them, some more than once, in order.
    fn draw(&mut self, samples: &[f64]) -> Vec<f64> {
        let count = samples.len() as u64;
        let one = |_| {
            let index = usize::try_from(self.next() % count).unwrap_or_default();
            samples.get(index).copied().unwrap_or_default()
        };
        sorted(&(0..count).map(one).collect::<Vec<_>>())
    }
}
