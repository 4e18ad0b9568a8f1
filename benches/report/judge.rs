//! What the samples of all parts say, beside what they should say.
//!
//! In: parts. Out: a report. Never: reads or writes a file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shape::{Bound, Figure, Is, Of, Part};
use super::statistics::Summary;

/// Whether the targets of one figure are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// It has none.
    None,
}

impl Verdict {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::None => "",
        }
    }
}

/// A figure, and what is to be said of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judged {
    #[serde(flatten)]
    pub(crate) figure: Figure,
    pub(crate) verdict: Verdict,
    pub(crate) summary: Summary,
    pub(crate) bare_summary: Option<Summary>,
}

/// All parts in one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Of the first part.
    pub(crate) machine: Value,
    /// By target, as far as there is one, then as they came.
    pub(crate) figures: Vec<Judged>,
    pub(crate) remarks: Vec<String>,
    pub(crate) not_measured: Vec<String>,
}

impl Report {
    pub(crate) fn of(parts: Vec<Part>) -> Self {
        let mut report = Self {
            machine: Value::Null,
            figures: Vec::new(),
            remarks: Vec::new(),
            not_measured: Vec::new(),
        };
        for part in parts {
            if report.machine.is_null() {
                report.machine = part.machine;
            }
            let judged = part.figures.into_iter().filter_map(Judged::of);
            report.figures.extend(judged);
            report.remarks.extend(part.remarks);
            report.not_measured.extend(part.not_measured);
        }
        report
            .figures
            .sort_by_key(|judged| rank(&judged.figure.target));
        report
    }
}

/// `P6` is the sixth; what has no target comes last.
fn rank(target: &str) -> u32 {
    let number = target.strip_prefix('P');
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(u32::MAX)
}

impl Judged {
    /// None of what has no samples.
    pub(crate) fn of(figure: Figure) -> Option<Self> {
        let summary = Summary::of(&figure.samples)?;
        let bare_summary = Summary::of(&figure.bare);
        let mut verdict = Verdict::None;
        for bound in &figure.bounds {
            let value = match bound.of {
                Of::Median => Some(summary.median),
                Of::P99 => Some(summary.p99),
                Of::Ratio => bare_summary.map(|bare| summary.median / bare.median),
            };
            let is_met = match (value, bound.is) {
                (None, _) => continue,
                (Some(value), Is::AtMost) => value <= bound.value,
                (Some(value), Is::AtLeast) => value >= bound.value,
            };
            if !is_met {
                verdict = Verdict::Missed;
            } else if verdict == Verdict::None {
                verdict = Verdict::Met;
            }
        }
        Some(Self {
            figure,
            verdict,
            summary,
            bare_summary,
        })
    }

    /// `median ≤ 10.0 ms, p99 ≤ 25.0 ms`.
    pub(crate) fn target(&self) -> String {
        let bounds = self.figure.bounds.iter().map(|bound| self.bound(bound));
        bounds.collect::<Vec<_>>().join(", ")
    }

    fn bound(&self, bound: &Bound) -> String {
        let sign = match bound.is {
            Is::AtMost => "≤",
            Is::AtLeast => "≥",
        };
        let unit = &self.figure.unit;
        match bound.of {
            Of::Median => format!("{sign} {}", quantity(bound.value, unit)),
            Of::P99 => format!("p99 {sign} {}", quantity(bound.value, unit)),
            Of::Ratio => format!("{sign} {} x bare", bound.value),
        }
    }
}

/// `4.21 s`, `12.3 ms`, `7.40 MiB`, `6 watches`.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "ms" if value >= 1_000.0 => format!("{:.2} s", value / 1_000.0),
        _ if value >= 100.0 || value.fract() == 0.0 => format!("{value:.0} {unit}"),
        _ if value >= 10.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}
