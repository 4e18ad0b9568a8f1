//! What may be typed to change a virtual cluster in place.

use std::time::Duration;

use clap::Args;

use super::{SpecArgs, parse_duration};
use crate::names::{ClusterName, Label};

/// What `apply` and `diff` share.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// Have the cluster delete itself this long after its creation, wherever this machine is by then
    #[arg(long, env = "VC_TTL", value_name = "DURATION", value_parser = parse_duration)]
    pub ttl: Option<Duration>,

    /// Label for `vc list -l`; several times, or several with commas between
    #[arg(
        long = "label",
        env = "VC_LABELS",
        value_name = "KEY=VALUE",
        value_delimiter = ','
    )]
    pub labels: Vec<Label>,
}

/// `vc apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Which cluster, and how it should be.
    #[command(flatten)]
    pub change: ChangeArgs,

    /// How long to wait until the cluster is ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// Apply and return, without waiting for the control plane
    #[arg(long)]
    pub no_wait: bool,
}

/// `vc diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Which cluster, and how it should be.
    #[command(flatten)]
    pub change: ChangeArgs,
}
