//! What may be typed to change a virtual cluster in place.

use std::time::Duration;

use clap::Args;

use super::{MarkArgs, SpecArgs, parse_duration};
use crate::names::{ClusterName, KubernetesVersion};

/// What `apply` and `diff` share.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// What its marker says besides.
    #[command(flatten)]
    pub mark: MarkArgs,
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

/// `vc upgrade`.
#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Kubernetes release that it is to have
    #[arg(
        long,
        value_name = "VERSION",
        required_unless_present = "rollback",
        conflicts_with = "rollback"
    )]
    pub kubernetes_version: Option<KubernetesVersion>,

    /// Go back to the release and the store before the last upgrade; what was written since is lost
    #[arg(long)]
    pub rollback: bool,

    /// Do not ask whether going back is meant
    #[arg(short, long, env = "VC_YES")]
    pub yes: bool,

    /// Image of the syncer (default: the release's own)
    #[arg(long, env = "VC_IMAGE", value_name = "REF")]
    pub image: Option<String>,

    /// How long to wait until the cluster is ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Which cluster, and how it should be.
    #[command(flatten)]
    pub change: ChangeArgs,
}
