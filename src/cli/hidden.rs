//! What kubectl, shells, `vc` itself and the control-plane pod call; nobody types it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::parse_duration;
use crate::names::ClusterName;

/// Which virtual cluster a kubeconfig entry of ours leads to.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// UID that the cluster must have
    #[arg(long, value_name = "UID")]
    pub uid: String,

    /// Local port of the tunnel
    #[arg(long, value_name = "PORT")]
    pub port: u16,
}

/// `vc credential`.
#[derive(Debug, Args)]
pub struct CredentialArgs {
    /// Which cluster.
    #[command(flatten)]
    pub target: TargetArgs,

    /// Leave the tunnel alone: somebody else serves the port
    #[arg(long)]
    pub no_tunnel: bool,

    /// Do not wake the cluster when it is paused, but say how to
    #[arg(long, env = "VC_NO_WAKE", value_parser = FalseyValueParser::new())]
    pub no_wake: bool,
}

/// `vc tunnel`.
#[derive(Debug, Args)]
pub struct TunnelArgs {
    /// Which cluster.
    #[command(flatten)]
    pub target: TargetArgs,

    /// Stay in the foreground and end on Ctrl-C only
    #[arg(long)]
    pub foreground: bool,

    /// End after this long without a connection
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = parse_duration)]
    pub idle_exit: Duration,
}

/// `vc syncer`.
#[derive(Debug, Args)]
pub struct SyncerArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Directory with keys, certificates and the virtual API server's kubeconfig
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,

    /// Socket file of the store
    #[arg(long, value_name = "FILE", default_value = "/run/etcd/etcd.sock")]
    pub store: PathBuf,

    /// File in which the virtual API server notes who uses it, if the cluster is to pause itself
    #[arg(long, value_name = "FILE")]
    pub audit_log: Option<PathBuf>,

    /// Port on which the kubelet asks whether the syncer works
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub health_port: u16,

    /// Port on which the virtual cluster's names are asked for
    #[arg(long, value_name = "PORT", default_value_t = 1053)]
    pub dns_port: u16,

    /// UID of the pod that this runs in
    #[arg(long, env = "VC_POD_UID", value_name = "UID")]
    pub pod_uid: String,

    /// Node of that pod
    #[arg(long, env = "VC_NODE_NAME", value_name = "NODE", default_value = "")]
    pub node_name: String,

    /// Addresses of that node
    #[arg(
        long,
        env = "VC_NODE_ADDRESSES",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub node_addresses: Vec<String>,

    /// Address of that pod
    #[arg(long, env = "VC_POD_IP", value_name = "ADDRESS", default_value = "")]
    pub pod_ip: String,
}

/// `vc place-store`.
#[derive(Debug, Args)]
pub struct PlaceStoreArgs {
    /// Directory that the store is in
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,

    /// Name of the restored store in it
    #[arg(value_name = "NAME")]
    pub restored: String,
}

/// `vc complete`.
#[derive(Debug, Args)]
pub struct CompleteArgs {
    /// What is to be named
    #[arg(value_name = "KIND")]
    pub kind: Nameable,

    /// What was typed so far, without the program
    #[arg(last = true, value_name = "WORD")]
    pub words: Vec<OsString>,
}

/// What a completion script cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Nameable {
    /// Virtual clusters.
    Clusters,
    /// Contexts of the kubeconfig.
    Contexts,
    /// Namespaces of the host.
    Namespaces,
}
