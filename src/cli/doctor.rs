//! Arguments of `vc doctor` and `vc explain`.

use clap::{Args, ValueEnum};

use super::SpecArgs;
use crate::names::ClusterName;

/// `vc doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Virtual cluster to look at (default: what would stop `vc create`)
    #[arg(value_name = "NAME")]
    pub name: Option<ClusterName>,

    /// Do what is safe: remove records and locks whose process is gone, and take others' rights on your files away;
    /// nothing on the host is changed
    #[arg(long)]
    pub fix: bool,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: DoctorFormat,

    /// What `vc create` would be given; without NAME.
    #[command(
        flatten,
        next_help_heading = "What `vc create` would be given, without NAME"
    )]
    pub spec: SpecArgs,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// Aligned columns, and what to do below them.
    Table,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// `vc explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Code of a finding: `VC203` (default: a list of all)
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}
