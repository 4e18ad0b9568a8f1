//! What may be typed: clap types and their help, no logic.
//!
//! In: argv and, through clap, `VC_*` variables. Out: [`Cli`], unresolved. Never: decides what an
//! absent option means (that is `config`), talks to anything.

mod change;
mod config;
mod doctor;
mod hidden;
mod image;
mod inside;
mod rbac;
mod spec;
mod wait;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub use change::{ApplyArgs, ChangeArgs, DiffArgs, UpgradeArgs};
pub use config::{ConfigCommand, ConfigFormat, ConfigInitArgs, ConfigViewArgs, SettingArgs, Typed};
pub use doctor::{DoctorArgs, DoctorFormat, ExplainArgs};
pub use hidden::{
    CompleteArgs, CredentialArgs, Nameable, PlaceStoreArgs, SyncerArgs, TargetArgs, TunnelArgs,
};
pub use image::{ImageCommand, ImageListArgs, ImageListFormat, ImagePushArgs, ImageSaveArgs};
pub use inside::{
    ClusterPlace, EventFormat, EventsArgs, InsideArgs, TreeArgs, TreeFormat, VirtualNamespace,
    WhereArgs, WhyArgs,
};
pub use rbac::RbacArgs;
pub use spec::SpecArgs;
pub use wait::{Aim, AimParser};

use crate::names::{ClusterName, Label, Namespace};

/// A Kubernetes cluster of your own in seconds, inside a namespace of one you already have
#[derive(Debug, Parser)]
#[command(
    name = "vc",
    version = concat!("v", env!("CARGO_PKG_VERSION")),
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 timed out, 4 not allowed, 5 not found, \
                  6 exists already,\n7 a check before the first write failed, 8 host unreachable, \
                  125 vc failed before CMD, 130/143 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Reads a duration; says what one looks like, which the library does not.
fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "it is not a duration such as `90s` or `5m`".to_owned())
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Host namespace of the virtual cluster
    #[arg(
        short,
        long,
        global = true,
        env = "VC_NAMESPACE",
        value_name = "NAMESPACE"
    )]
    pub namespace: Option<Namespace>,

    /// Kubeconfig context of the host cluster (default: the current one)
    #[arg(long, global = true, env = "VC_CONTEXT", value_name = "CONTEXT")]
    pub context: Option<String>,

    /// Act inside the virtual cluster whose context it is, and not on its host
    #[arg(long, global = true, env = "VC_NESTED")]
    pub nested: bool,

    /// Kubeconfig file to use instead of `$KUBECONFIG` or `~/.kube/config`
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// How long one request to the host may take [default: 30s]
    #[arg(long, global = true, env = "VC_REQUEST_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub request_timeout: Option<Duration>,

    /// Print nothing but data, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more about what is done; twice for the library's own messages
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a virtual cluster and switch to its context
    #[command(visible_alias = "new")]
    #[command(after_help = "Example:\n  vc create dev && kubectl get namespaces && vc delete dev")]
    Create(CreateArgs),
    /// List virtual clusters
    #[command(visible_alias = "ls")]
    #[command(after_help = "Examples:\n  vc list -A -o json\n  vc list --watch")]
    List(ListArgs),
    /// Show live what virtual clusters use and how they do
    ///
    /// Arrows or j and k choose a cluster, Enter opens it, s sorts, / filters, ? helps, q ends it. Off a terminal it
    /// prints a table once. Clusters inside of others are left out.
    #[command(after_help = "Examples:\n  vc top -A\n  vc top --once\n  vc top -o json")]
    Top(TopArgs),
    /// Show one virtual cluster, as `list` does
    #[command(after_help = "Example:\n  vc get dev -o json")]
    Get(GetArgs),
    /// Show on one screen what the host says about a virtual cluster
    #[command(after_help = "Example:\n  vc describe dev")]
    Describe(DescribeArgs),
    /// Print what the control plane of a virtual cluster logs
    #[command(after_help = "Example:\n  vc logs dev -c syncer -f --tail 20")]
    Logs(LogsArgs),
    /// Say why an object of a virtual cluster is not as it should be, by what the host says
    ///
    /// Its namespace is that of `-n`, else that of the cluster's context, else `default`.
    #[command(
        after_help = "Examples:\n  vc why pod/web\n  vc why deploy/web -n shop --cluster dev -o json"
    )]
    Why(WhyArgs),
    /// Show what is in a virtual cluster as a tree, with host objects and nodes
    ///
    /// Everything is shown, or what is in the namespace of `-n`.
    #[command(after_help = "Examples:\n  vc tree\n  vc tree dev -n shop -o mermaid")]
    Tree(TreeArgs),
    /// Print what happened to the objects of a virtual cluster, and to those that stand for them on the host
    ///
    /// What the host says is told of the virtual object, once. The namespace is that of `-n`, else that of the
    /// cluster's context, else `default`.
    #[command(after_help = "Examples:\n  vc events -n shop\n  vc events -A -f --cluster dev")]
    Events(EventsArgs),
    /// Say which virtual object a host object stands for
    #[command(
        after_help = "Examples:\n  vc where web-shop-dev-smlbdj3i34edmypy -n vc-dev\n  vc where secret/conf-shop-dev-t2m3 -o json"
    )]
    Where(WhereArgs),
    /// Switch to a virtual cluster's context, or run one command in it
    #[command(after_help = "Example:\n  vc connect dev -- kubectl get namespaces")]
    Connect(ConnectArgs),
    /// Run one command in a virtual cluster that is made for it and deleted after it
    #[command(after_help = "Example:\n  vc run --ephemeral --artifacts out -- make e2e")]
    Run(RunArgs),
    /// Switch back to the context that was current before
    Disconnect,
    /// Print a self-contained kubeconfig of a virtual cluster
    #[command(after_help = "Example:\n  vc kubeconfig dev --server https://dev.example.com:6443")]
    Kubeconfig(KubeconfigArgs),
    /// Delete virtual clusters with everything they made
    #[command(visible_alias = "rm")]
    #[command(after_help = "Example:\n  vc delete dev --ignore-not-found")]
    Delete(DeleteArgs),
    /// Scale virtual clusters to nothing, and keep what they have stored
    #[command(after_help = "Example:\n  vc pause dev && vc resume dev")]
    Pause(PauseArgs),
    /// Start paused virtual clusters with all that ran in them
    #[command(after_help = "Example:\n  vc resume dev")]
    Resume(ResumeArgs),
    /// Create a virtual cluster, or change one in place to be as these options say
    #[command(after_help = "Example:\n  vc diff dev -f vc.yaml; vc apply dev -f vc.yaml")]
    Apply(ApplyArgs),
    /// Show what `apply` would change on the host; exit code 1 when that is anything
    #[command(after_help = "Example:\n  vc diff dev -f vc.yaml || vc apply dev -f vc.yaml")]
    Diff(DiffArgs),
    /// Give a virtual cluster another Kubernetes release, after saving its store
    ///
    /// One minor release further, or any patch release of the same. Its pods go on meanwhile; its API does not answer
    /// while the control plane is replaced. The store is saved in its own volume first, and `--rollback` goes back
    /// to it and to the release before.
    #[command(
        after_help = "Examples:\n  vc upgrade dev --kubernetes-version v1.35.4\n  vc upgrade dev --rollback"
    )]
    Upgrade(UpgradeArgs),
    /// Print the manifests that `create` would apply
    #[command(
        after_help = "Examples:\n  vc render dev -n team-a --pki=none\n  vc render dev -n team-a --argocd"
    )]
    Render(RenderArgs),
    /// Tell what would stop `create`, or what is wrong with a virtual cluster
    #[command(
        after_help = "Examples:\n  vc doctor -n team-a\n  vc doctor dev -o json\n\n\
                            It ends with 1 when a finding is an error, and with 0 otherwise."
    )]
    Doctor(DoctorArgs),
    /// Say what a code of `doctor` means, why it happens and what to do
    #[command(after_help = "Example:\n  vc explain VC203")]
    Explain(ExplainArgs),
    /// Print the least Role by which somebody can create virtual clusters
    #[command(after_help = "Example:\n  vc rbac -n team-a --user ann | kubectl apply -f -")]
    Rbac(RbacArgs),
    /// Show how a cluster would be made, and help with the cluster file
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Config {
        /// What to do.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List the images of a virtual cluster, and bring the syncer's to the nodes
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Image {
        /// What to do with it.
        #[command(subcommand)]
        command: ImageCommand,
    },
    /// Wait until a virtual cluster is ready, or gone, or has a condition
    ///
    /// `condition=NAME` waits until it is true, `condition=NAME=false` until it is not; names are in any case, as
    /// with kubectl. `vc describe` shows them all.
    #[command(
        after_help = "Examples:\n  vc create dev --no-wait && vc wait dev --for=ready\n  \
                      vc wait dev --for=condition=Paused=false --timeout 10m"
    )]
    Wait(WaitArgs),
    /// Delete clusters that have expired or are half deleted, and what nothing else removes
    #[command(after_help = "Example:\n  vc prune --dry-run")]
    Prune(PruneArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  vc completions bash > ~/.local/share/bash-completion/completions/vc"
    )]
    Completions(CompletionsArgs),
    /// Print a manual page
    #[command(after_help = "Example:\n  vc man create | man -l -")]
    Man(ManArgs),
    /// Print the version
    Version(VersionArgs),
    /// Print names that can stand at the end of a line (called by completion scripts)
    #[command(hide = true)]
    Complete(CompleteArgs),
    /// Print the client certificate of a virtual cluster (called by kubectl)
    #[command(hide = true)]
    Credential(CredentialArgs),
    /// Serve a virtual cluster's API on a local port (started in the background)
    #[command(hide = true)]
    Tunnel(TunnelArgs),
    /// Keep a virtual cluster's pods and those of its host in step (runs in the control-plane pod)
    #[command(hide = true)]
    Syncer(SyncerArgs),
    /// Put a restored store in the place of the one before (runs in the control-plane pod)
    #[command(hide = true)]
    PlaceStore(PlaceStoreArgs),
}

/// What a virtual cluster's marker says for those who look after it; shared by `create`, `apply` and `diff`.
#[derive(Debug, Clone, Args)]
pub struct MarkArgs {
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

/// `vc create`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by itself")]
pub struct CreateArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// Name of the kubeconfig context [default: vc-NAME]
    #[arg(long, env = "VC_CONTEXT_NAME", value_name = "NAME")]
    pub context_name: Option<String>,

    /// Make the new context the current one
    #[arg(long, env = "VC_SWITCH", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", action = ArgAction::Set)]
    pub switch: Option<bool>,

    /// Do not wake the cluster when its context is used while it is paused, but say how to
    #[arg(long, env = "VC_NO_WAKE", value_parser = FalseyValueParser::new())]
    pub no_wake: bool,

    /// How long to wait until the cluster is ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// What its marker says besides.
    #[command(flatten)]
    pub mark: MarkArgs,

    /// Apply and return; neither wait nor touch the kubeconfig
    #[arg(long, conflicts_with_all = ["rollback_on_failure", "context_name", "switch"])]
    pub no_wait: bool,

    /// Succeed when the cluster exists already, once it is ready
    #[arg(long)]
    pub if_not_exists: bool,

    /// Delete what was made when the cluster does not become ready
    #[arg(long)]
    pub rollback_on_failure: bool,

    /// Only show what would be applied: `client` renders, `server` also has the host check it
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub dry_run: Option<DryRun>,

    /// Print the new cluster on stdout
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<DataFormat>,
}

/// Who checks a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// Nobody: the manifests are printed.
    Client,
    /// The host's API server, with its admission; nothing is stored.
    Server,
}

/// How data is printed when there is no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DataFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// `virtualcluster/NAME`.
    Name,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// Aligned columns.
    #[default]
    Table,
    /// Aligned columns, more of them.
    Wide,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// `virtualcluster/NAME`, one a line.
    Name,
}

/// `vc list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Look in every namespace, and fail when that is not allowed
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,

    /// Only those whose labels match, as in kubectl: `team=shop,stage!=prod`
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,

    /// Go on until Ctrl-C, with a line (an object with `-o json`, a document with `-o yaml`) for each change;
    /// without the clusters inside of others
    #[arg(short, long)]
    pub watch: bool,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: ListFormat,
}

/// `vc top`.
#[derive(Debug, Args)]
pub struct TopArgs {
    /// Look in every namespace, and fail when that is not allowed
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,

    /// Only those whose labels match, as in kubectl: `team=shop,stage!=prod`
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,

    /// How often to look again
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub interval: Duration,

    /// Print a table once, also on a terminal
    #[arg(long)]
    pub once: bool,

    /// Form of the output, which is then printed once
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<TopFormat>,
}

/// How a snapshot is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TopFormat {
    /// JSON.
    Json,
}

/// `vc get`.
#[derive(Debug, Args)]
pub struct GetArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: ListFormat,
}

/// `vc describe`.
#[derive(Debug, Args)]
pub struct DescribeArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Form of the output (default: a page of text)
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<DescriptionFormat>,
}

/// How a description is printed for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DescriptionFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// `vc logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Only this container (default: all, with its name before each line)
    #[arg(short, long, value_name = "CONTAINER")]
    pub container: Option<ControlPlaneContainer>,

    /// Go on until Ctrl-C with what is logged from now on, by the next pod, too
    #[arg(short, long)]
    pub follow: bool,

    /// Only this many lines of each container, the last ones
    #[arg(long, value_name = "LINES")]
    pub tail: Option<u32>,

    /// Only what is not older than this
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub since: Option<Duration>,

    /// What a container logged before it was started again
    #[arg(short, long, conflicts_with = "follow")]
    pub previous: bool,

    /// With the time before each line
    #[arg(long)]
    pub timestamps: bool,
}

/// The containers of a control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ControlPlaneContainer {
    /// The store.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// The controller manager.
    KubeControllerManager,
    /// What keeps the virtual cluster and the host in step.
    Syncer,
}

/// `vc connect`.
#[derive(Debug, Args)]
pub struct ConnectArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Name of the kubeconfig context [default: vc-NAME]
    #[arg(
        long,
        env = "VC_CONTEXT_NAME",
        value_name = "NAME",
        conflicts_with = "command"
    )]
    pub context_name: Option<String>,

    /// Make the context the current one
    #[arg(long, env = "VC_SWITCH", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", action = ArgAction::Set)]
    pub switch: Option<bool>,

    /// Do not wake the cluster when its context is used while it is paused, but say how to
    #[arg(long, env = "VC_NO_WAKE", value_parser = FalseyValueParser::new())]
    pub no_wake: bool,

    /// How long to wait for a cluster that is not ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// Command to run with a kubeconfig of its own, instead of switching
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// `vc run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Name of the virtual cluster (default: a new one)
    #[arg(long, value_name = "NAME")]
    pub name: Option<ClusterName>,

    /// Use this virtual cluster, which is made if there is none, and keep it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "parallel", "keep_on_failure"])]
    pub reuse: Option<ClusterName>,

    /// Run CMD this many times at once, each in a cluster of its own; VC_SHARD tells them apart
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_SHARDS))]
    pub parallel: Option<u16>,

    /// Keep the cluster when CMD fails or cannot be started
    #[arg(long)]
    pub keep_on_failure: bool,

    /// On failure, write events, logs and pods to this directory
    #[arg(long, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,

    /// How long to wait until the cluster is ready, and until it is gone [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// Have the cluster delete itself this long after its creation, and end CMD by then (default: an hour
    /// after `vc run` was last alive)
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

    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// The command; it gets a kubeconfig of its own
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Each shard takes a control plane on the host and a tunnel here.
const MOST_SHARDS: i64 = 256;

/// `vc kubeconfig`.
#[derive(Debug, Args)]
pub struct KubeconfigArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// Address under which the virtual API server is reached (default: its Service in the host)
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// `vc delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Names of the virtual clusters
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "selector"])]
    pub names: Vec<ClusterName>,

    /// Delete every virtual cluster of the namespace
    #[arg(long, conflicts_with = "names")]
    pub all: bool,

    /// Delete those whose labels match, as in kubectl: `team=shop,stage!=prod`
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with_all = ["names", "all"])]
    pub selector: Option<String>,

    /// Do not ask
    #[arg(short, long, env = "VC_YES")]
    pub yes: bool,

    /// Succeed when there is no such cluster
    #[arg(long)]
    pub ignore_not_found: bool,

    /// How long to wait until nothing is left [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc pause`.
#[derive(Debug, Args)]
pub struct PauseArgs {
    /// Names of the virtual clusters
    #[arg(value_name = "NAME", required_unless_present = "selector")]
    pub names: Vec<ClusterName>,

    /// Pause those whose labels match, as in kubectl: `team=shop,stage!=prod`
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with = "names")]
    pub selector: Option<String>,

    /// How long to wait until no pod is left [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Names of the virtual clusters
    #[arg(value_name = "NAME", required_unless_present = "selector")]
    pub names: Vec<ClusterName>,

    /// Resume those whose labels match, as in kubectl: `team=shop,stage!=prod`
    #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with = "names")]
    pub selector: Option<String>,

    /// Do not wait until they are ready
    #[arg(long)]
    pub no_wait: bool,

    /// How long to wait until they are ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// What to wait for
    #[arg(long = "for", value_name = "CONDITION", default_value = "ready", value_parser = AimParser)]
    pub aim: Aim,

    /// How long to wait [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Only print what would be deleted
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask
    #[arg(short, long, env = "VC_YES")]
    pub yes: bool,

    /// How long to wait until nothing is left [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Name of the virtual cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,

    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// Whether to make keys and certificates, or to leave the Secrets out
    #[arg(long, value_name = "WHAT", default_value = "new")]
    pub pki: PkiChoice,

    /// Add the Secret that registers the cluster with the Argo CD of this namespace [default: argocd]
    #[arg(long, value_name = "NAMESPACE", num_args = 0..=1, require_equals = true, default_missing_value = "argocd")]
    pub argocd: Option<Namespace>,

    /// Add the Secret that a `secretRef` of the Flux objects of this namespace can name [default: flux-system]
    #[arg(long, value_name = "NAMESPACE", num_args = 0..=1, require_equals = true, default_missing_value = "flux-system")]
    pub flux: Option<Namespace>,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// What becomes of keys and certificates in `vc render`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PkiChoice {
    /// New ones.
    New,
    /// The Secrets are left out.
    None,
}

/// How manifests are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ManifestFormat {
    /// YAML documents.
    Yaml,
    /// One JSON List.
    Json,
}

/// `vc completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `vc man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command, `image push` for one (default: `vc` itself)
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `vc version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Form of the output
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<VersionFormat>,
}

/// How the version is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VersionFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}
