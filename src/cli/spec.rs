//! What may be typed of how a virtual cluster should be.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::parse_duration;
use crate::names::KubernetesVersion;
use crate::pod_security::Profile;
use crate::sync::Known;

/// Reads a profile; with the names spelled out, so that help and completions have them.
fn profile_parser() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::name))
        .try_map(|name| name.parse::<Profile>())
}

/// Reads the name of a kind that may be synced, as `kubectl` takes it.
fn known_parser() -> impl TypedValueParser<Value = Known> {
    let names = Known::all().map(Known::name);
    PossibleValuesParser::new(names.map(|name| match name.parse::<Known>() {
        Ok(kind) => PossibleValue::new(name).aliases(kind.aliases().iter().copied()),
        Err(_) => PossibleValue::new(name),
    }))
    .try_map(|name| name.parse::<Known>())
}

/// What a virtual cluster should be like; shared by `create`, `run`, `apply`, `diff` and `render`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by itself")]
pub struct SpecArgs {
    /// Kubernetes release of the control plane (default: the host's)
    #[arg(long, env = "VC_KUBERNETES_VERSION", value_name = "VERSION")]
    pub kubernetes_version: Option<KubernetesVersion>,

    /// Registry to take the images from, for mirrors [default: registry.k8s.io]
    #[arg(long, env = "VC_REGISTRY", value_name = "PREFIX")]
    pub registry: Option<String>,

    /// Image of the syncer (default: the release's own)
    #[arg(long, env = "VC_IMAGE", value_name = "REF")]
    pub image: Option<String>,

    /// Keep the store in the pod: fast, and gone when the pod is
    #[arg(long, env = "VC_EPHEMERAL", conflicts_with_all = ["storage_class", "storage_size"])]
    pub ephemeral: bool,

    /// StorageClass of the store's volume (default: the host's default class)
    #[arg(long, env = "VC_STORAGE_CLASS", value_name = "CLASS")]
    pub storage_class: Option<String>,

    /// Size of the store's volume [default: 5Gi]
    #[arg(long, env = "VC_STORAGE_SIZE", value_name = "QUANTITY")]
    pub storage_size: Option<String>,

    /// CPU the control plane requests [default: 200m]
    #[arg(long, env = "VC_CPU", value_name = "QUANTITY")]
    pub cpu: Option<String>,

    /// CPU the control plane may use (default: no limit, because a limit slows every start)
    #[arg(long, env = "VC_CPU_LIMIT", value_name = "QUANTITY")]
    pub cpu_limit: Option<String>,

    /// Memory the control plane requests [default: 384Mi]
    #[arg(long, env = "VC_MEMORY", value_name = "QUANTITY")]
    pub memory: Option<String>,

    /// Memory the control plane may use [default: 2Gi]
    #[arg(long, env = "VC_MEMORY_LIMIT", value_name = "QUANTITY")]
    pub memory_limit: Option<String>,

    /// Service range of the host, when it cannot be discovered; twice on a dual-stack host
    #[arg(
        long,
        env = "VC_SERVICE_CIDR",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub service_cidr: Vec<String>,

    /// Pod Security Standard that every pod must meet to reach the host [default: baseline]
    #[arg(long, env = "VC_POD_SECURITY", value_name = "PROFILE", value_parser = profile_parser())]
    pub pod_security: Option<Profile>,

    /// Show every node of the host as it is; the syncer then gets a right on nodes, in a ClusterRole
    #[arg(long, env = "VC_SYNC_NODES")]
    pub sync_nodes: bool,

    /// Show every StorageClass of the host; the syncer then gets a right on them, in a ClusterRole
    #[arg(long, env = "VC_SYNC_STORAGE_CLASSES")]
    pub sync_storage_classes: bool,

    /// Sync these kinds, too; those with a ClusterRole are shown, the others carried to the host (default:
    /// ingresses, networkpolicies and poddisruptionbudgets, as far as your rights go)
    #[arg(long, env = "VC_SYNC", value_name = "KIND", value_delimiter = ',', value_parser = known_parser())]
    pub sync: Vec<Known>,

    /// Do not sync these kinds
    #[arg(long, env = "VC_NO_SYNC", value_name = "KIND", value_delimiter = ',', value_parser = known_parser())]
    pub no_sync: Vec<Known>,

    /// Cluster file: settings, and kinds to sync by description; `-` for stdin
    #[arg(short, long, env = "VC_FILE", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Limit what the cluster takes of the host, its control plane included, as a ResourceQuota of a namespace of
    /// its own: `cpu=10,memory=20Gi,pods=50`; `cpu`, `memory` and `storage` count requests
    #[arg(
        long,
        env = "VC_QUOTA",
        value_name = "KEY=QUANTITY",
        value_delimiter = ','
    )]
    pub quota: Vec<String>,

    /// Let the cluster's pods speak to one another, their API server, their DNS and the public internet alone, by
    /// NetworkPolicies; the host's network plugin has to enforce them
    #[arg(long, env = "VC_ISOLATE")]
    pub isolate: bool,

    /// For how long the cluster's certificates are good; they are renewed when two thirds of it are over
    /// [default: 8760h]
    #[arg(long, env = "VC_CERTIFICATE_LIFE", value_name = "DURATION", value_parser = parse_duration)]
    pub certificate_life: Option<Duration>,

    /// Have the cluster pause itself when nobody has used it for this long; any use of its context wakes it
    #[arg(long, env = "VC_SLEEP_AFTER", value_name = "DURATION", value_parser = parse_duration)]
    pub sleep_after: Option<Duration>,
}
