//! What is not a time: bytes, processor, requests, rates.
//!
//! In: amounts by name. Out: a table, and entries of a JSON object. Never: leaves out what was to be
//! measured and was not.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// What an amount should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Limit {
    fn verdict(self, value: f64) -> String {
        let (is_met, sign, limit) = match self {
            Self::AtMost(limit) => (value <= limit, "≤", limit),
            Self::AtLeast(limit) => (value >= limit, "≥", limit),
        };
        let met = if is_met { "met" } else { "missed" };
        format!("{met}: {sign} {limit}")
    }
}

/// One amount.
#[derive(Debug, Clone)]
pub(crate) struct Amount {
    /// What it is of.
    pub(crate) name: String,
    /// With the virtual cluster; none when it could not be measured.
    pub(crate) ours: Option<f64>,
    /// The host without it, where there is such a thing.
    pub(crate) bare: Option<f64>,
    /// `MiB`, `requests`.
    pub(crate) unit: &'static str,
    /// What it should be.
    pub(crate) limit: Option<Limit>,
    /// What it is made of.
    pub(crate) detail: String,
}

impl Amount {
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, ours: Option<f64>) -> Self {
        Self {
            name: name.into(),
            ours,
            bare: None,
            unit,
            limit: None,
            detail: String::new(),
        }
    }

    fn line(&self) -> String {
        let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
        let (ours, bare) = (text(self.ours), text(self.bare));
        let verdict = self
            .ours
            .zip(self.limit)
            .map(|(value, limit)| limit.verdict(value));
        let rest = [verdict.unwrap_or_default(), self.detail.clone()];
        let rest: Vec<String> = rest.into_iter().filter(|part| !part.is_empty()).collect();
        format!(
            "{:<48} {ours:>10} {bare:>10} {:<12} {}",
            self.name,
            self.unit,
            rest.join("; ")
        )
    }

    fn json(&self) -> Value {
        let (bound, limit) = match self.limit {
            None => (None, None),
            Some(Limit::AtMost(limit)) => (Some("atMost"), Some(limit)),
            Some(Limit::AtLeast(limit)) => (Some("atLeast"), Some(limit)),
        };
        json!({
            "name": self.name,
            "unit": self.unit,
            "value": self.ours,
            "bareValue": self.bare,
            "targetBound": bound,
            "target": limit,
            "detail": self.detail,
        })
    }
}

/// All of them, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Amounts {
    list: Vec<Amount>,
    remarks: Vec<(&'static str, String)>,
    missed: Vec<(&'static str, String)>,
}

impl Amounts {
    /// Adds one.
    pub(crate) fn add(&mut self, amount: Amount) {
        self.list.push(amount);
    }

    /// Notes under which circumstances it was measured.
    pub(crate) fn remark(&mut self, what: &'static str, how: &str) {
        self.remarks.push((what, how.to_owned()));
    }

    /// Notes that something could not be measured.
    pub(crate) fn miss(&mut self, what: &'static str, why: &str) {
        self.missed.push((what, why.to_owned()));
    }

    /// One line for each.
    pub(crate) fn table(&self) -> Result<String, std::fmt::Error> {
        let mut table = format!(
            "{:<48} {:>10} {:>10} {:<12} {}\n",
            "", "with vc", "bare host", "", "target"
        );
        for amount in &self.list {
            writeln!(table, "{}", amount.line().trim_end())?;
        }
        for (what, how) in &self.remarks {
            writeln!(table, "{what} {how}")?;
        }
        for (what, why) in &self.missed {
            writeln!(table, "not measured: {what}: {why}")?;
        }
        Ok(table)
    }

    /// The same.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let pairs = |pairs: &[(&'static str, String)]| -> Value {
            let pairs = pairs.iter();
            pairs
                .map(|(what, text)| json!({"what": what, "text": text}))
                .collect()
        };
        let amounts: Value = self.list.iter().map(Amount::json).collect();
        Map::from_iter([
            ("amounts".to_owned(), amounts),
            ("remarks".to_owned(), pairs(&self.remarks)),
            ("notMeasured".to_owned(), pairs(&self.missed)),
        ])
    }
}
