//! The one shape in which every part of the benchmark says what it measured.
//!
//! In: nothing. Out: types, and their JSON. Never: computes anything.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a part of the benchmark leaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) name: String,
    /// On what, when, and of which commit.
    pub(crate) machine: Value,
    pub(crate) figures: Vec<Figure>,
    /// Under which circumstances.
    pub(crate) remarks: Vec<String>,
    /// What was to be measured and was not, and why.
    pub(crate) not_measured: Vec<String>,
}

/// One thing that was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figure {
    /// `P6`; empty for what has no target.
    pub(crate) target: String,
    pub(crate) name: String,
    /// `ms`, `MiB`, `requests`.
    pub(crate) unit: String,
    /// In the order in which they came.
    pub(crate) samples: Vec<f64>,
    /// The host without a virtual cluster, where there is such a thing.
    pub(crate) bare: Vec<f64>,
    pub(crate) bounds: Vec<Bound>,
    /// What it is made of.
    pub(crate) detail: String,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bound {
    pub(crate) of: Of,
    pub(crate) is: Is,
    pub(crate) value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Of {
    Median,
    P99,
    /// The median by that of the bare host.
    Ratio,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Is {
    AtMost,
    AtLeast,
}
