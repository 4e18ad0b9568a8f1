//! Samples, and what is said of them.
//!
//! In: durations by name. Out: a table on stdout, JSON in a file. Never: publishes a series that is
//! empty.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stage::say;

/// What a series should not exceed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// The series.
    pub(crate) series: &'static str,
    /// Upper bound of its median.
    pub(crate) median: Duration,
    /// Upper bound of its 99th percentile.
    pub(crate) p99: Option<Duration>,
}

/// Where the JSON goes.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench");

/// Everything that was measured, in the order in which it first was.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    targets: &'static [Target],
    series: Vec<Series>,
    comparisons: Vec<Comparison>,
}

#[derive(Debug)]
struct Series {
    name: String,
    /// Ascending.
    samples: Vec<Duration>,
}

/// Two series, one of which should not take much longer than the other.
#[derive(Debug)]
struct Comparison {
    name: &'static str,
    ours: &'static str,
    theirs: &'static str,
}

impl Figures {
    /// No figures yet, and what they should be.
    pub(crate) fn new(targets: &'static [Target]) -> Self {
        Self {
            targets,
            ..Self::default()
        }
    }

    /// Adds one sample to a series.
    pub(crate) fn add(&mut self, name: impl Into<String>, sample: Duration) {
        let name = name.into();
        let index = self.series.iter().position(|series| series.name == name);
        let index = index.unwrap_or_else(|| {
            self.series.push(Series {
                name,
                samples: Vec::new(),
            });
            self.series.len() - 1
        });
        if let Some(Series { samples, .. }) = self.series.get_mut(index) {
            samples.insert(samples.partition_point(|other| *other <= sample), sample);
        }
    }

    /// Has two series compared by their medians.
    pub(crate) fn compare(&mut self, name: &'static str, ours: &'static str, theirs: &'static str) {
        self.comparisons.push(Comparison { name, ours, theirs });
    }

    /// One line for each series, and for each comparison.
    pub(crate) fn table(&self) -> anyhow::Result<String> {
        ensure!(!self.series.is_empty(), "nothing was measured");
        let mut table = format!(
            "{:<36} {:>4} {:>10} {:>10} {:>10} {:>10} {:>10}  {}\n",
            "", "n", "median", "p95", "p99", "min", "max", "target"
        );
        for series in &self.series {
            writeln!(
                table,
                "{:<36} {:>4} {:>10} {:>10} {:>10} {:>10} {:>10}  {}",
                series.name,
                series.samples.len(),
                text(series.quantile(50)?),
                text(series.quantile(95)?),
                text(series.quantile(99)?),
                text(series.quantile(0)?),
                text(series.quantile(100)?),
                self.verdict(series)?
            )?;
        }
        for comparison in &self.comparisons {
            let (ours, theirs) = self.medians(comparison)?;
            writeln!(
                table,
                "{:<36} {:.2} = {} / {}",
                format!("{}: ours / theirs", comparison.name),
                ours.div_duration_f64(theirs),
                text(ours),
                text(theirs)
            )?;
        }
        Ok(table)
    }

    fn verdict(&self, series: &Series) -> anyhow::Result<String> {
        let mut targets = self.targets.iter();
        let Some(target) = targets.find(|target| target.series == series.name) else {
            return Ok(String::new());
        };
        let mut verdict = judged(series.quantile(50)?, target.median);
        if let Some(p99) = target.p99 {
            let judged = judged(series.quantile(99)?, p99);
            write!(verdict, ", p99 {judged}")?;
        }
        Ok(verdict)
    }

    fn medians(&self, comparison: &Comparison) -> anyhow::Result<(Duration, Duration)> {
        let Comparison { ours, theirs, .. } = comparison;
        Ok((self.median(ours)?, self.median(theirs)?))
    }

    /// The median of a series.
    pub(crate) fn median(&self, name: &str) -> anyhow::Result<Duration> {
        self.series
            .iter()
            .find(|series| series.name == name)
            .with_context(|| format!("`{name}` was not measured"))?
            .quantile(50)
    }

    /// The same, with every sample.
    pub(crate) fn json(&self, machine: &Value) -> anyhow::Result<Value> {
        let series: anyhow::Result<Vec<Value>> = self.series.iter().map(Series::json).collect();
        let comparisons = self.comparisons.iter().map(|comparison| {
            let (ours, theirs) = self.medians(comparison)?;
            Ok(json!({
                "name": comparison.name,
                "ours": comparison.ours,
                "theirs": comparison.theirs,
                "ratioOfMedians": ours.div_duration_f64(theirs),
            }))
        });
        let comparisons: anyhow::Result<Vec<Value>> = comparisons.collect();
        Ok(json!({"machine": machine, "series": series?, "comparisons": comparisons?}))
    }
}

/// Prints a table and writes the JSON beside those of other benchmarks.
pub(crate) fn publish(stem: &str, table: &str, json: &Value) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(table.as_bytes())?;
    let file = Path::new(DIRECTORY).join(format!("{stem}.json"));
    std::fs::create_dir_all(DIRECTORY)
        .and_then(|()| std::fs::write(&file, format!("{json:#}\n")))
        .with_context(|| format!("cannot write `{}`", file.display()))?;
    say(&format!("figures: {}", file.display()));
    Ok(())
}

impl Series {
    /// The smallest sample that at least this many percent do not exceed (nearest rank); the median
    /// is the mean of the middle two, where there are two.
    fn quantile(&self, percent: usize) -> anyhow::Result<Duration> {
        let count = self.samples.len();
        let at = |index: usize| {
            self.samples
                .get(index)
                .copied()
                .with_context(|| format!("`{}` was not measured", self.name))
        };
        if percent == 50 && count.is_multiple_of(2) {
            return Ok((at(count / 2)? + at((count / 2).saturating_sub(1))?) / 2);
        }
        at((count * percent).div_ceil(100).saturating_sub(1))
    }

    fn json(&self) -> anyhow::Result<Value> {
        let seconds = |percent| Ok::<_, anyhow::Error>(self.quantile(percent)?.as_secs_f64());
        let samples: Vec<f64> = self.samples.iter().map(Duration::as_secs_f64).collect();
        Ok(json!({
            "name": self.name,
            "repetitions": samples.len(),
            "medianSeconds": seconds(50)?,
            "p95Seconds": seconds(95)?,
            "p99Seconds": seconds(99)?,
            "minSeconds": seconds(0)?,
            "maxSeconds": seconds(100)?,
            "sortedSamplesSeconds": samples,
        }))
    }
}

fn judged(measured: Duration, target: Duration) -> String {
    let met = if measured <= target { "met" } else { "missed" };
    format!("{met}: {}", text(target))
}

/// `4.21 s`, `12.3 ms`.
fn text(duration: Duration) -> String {
    if duration >= Duration::from_secs(1) {
        format!("{:.2} s", duration.as_secs_f64())
    } else {
        format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
    }
}
