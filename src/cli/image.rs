//! What may be typed of images.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::parse_duration;
use crate::names::KubernetesVersion;

/// `vc image`.
#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// Print every image that a virtual cluster with these options runs, for mirrors
    ///
    /// Pods that you run in it bring their own images; the host's nodes add nothing that they do not have.
    #[command(
        after_help = "Example:\n  vc image list --kubernetes-version v1.35.4 -o name | xargs -n 1 docker pull"
    )]
    List(ImageListArgs),
    /// Push this program to a registry as the syncer's image
    ///
    /// The image is the one that `vc image save` writes: the same program gives the same digest. What the registry
    /// has already is not sent again. Who you are there is taken from docker's configuration and its credential
    /// helpers. Its name with the digest is printed, as `vc create --image` takes it.
    #[command(
        after_help = "Example:\n  vc create dev --image $(vc image push registry.example.com/team/vc)"
    )]
    Push(ImagePushArgs),
    /// Write this program as an image archive
    ///
    /// The archive is for docker, podman, containerd, kind and skopeo. The image holds the program and
    /// nothing else, so it has to be a static Linux program; the same program gives the same archive.
    #[command(after_help = "Example:\n  vc image save -o vc.tar && kind load image-archive vc.tar")]
    Save(ImageSaveArgs),
}

/// `vc image list`.
#[derive(Debug, Args)]
pub struct ImageListArgs {
    /// Kubernetes release of the control plane (default: the host's)
    #[arg(long, env = "VC_KUBERNETES_VERSION", value_name = "VERSION")]
    pub kubernetes_version: Option<KubernetesVersion>,

    /// Registry to take the images from, for mirrors [default: registry.k8s.io]
    #[arg(long, env = "VC_REGISTRY", value_name = "PREFIX")]
    pub registry: Option<String>,

    /// Image of the syncer (default: the release's own)
    #[arg(long, env = "VC_IMAGE", value_name = "REF")]
    pub image: Option<String>,

    /// Cluster file: settings, as for `create`; `-` for stdin
    #[arg(short, long, env = "VC_FILE", value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: ImageListFormat,
}

/// How images are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ImageListFormat {
    /// Aligned columns.
    #[default]
    Table,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// The image's name, one a line.
    Name,
}

/// `vc image push`.
#[derive(Debug, Args)]
pub struct ImagePushArgs {
    /// Where to: registry and repository, and a tag if it is not to be `vVERSION` (default: the release's own image)
    #[arg(value_name = "REPOSITORY")]
    pub repository: Option<String>,

    /// Static Linux build of `vc` to push instead of this program
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,

    /// Speak HTTP without TLS, passwords included; a registry on this machine's loopback address needs no such word
    #[arg(long)]
    pub plain_http: bool,

    /// Log in and look what is there, but send nothing
    #[arg(long)]
    pub dry_run: bool,

    /// How long it may take in all [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// `vc image save`.
#[derive(Debug, Args)]
pub struct ImageSaveArgs {
    /// File to write, `-` for stdout [default: -]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Name of the image, with registry and tag (default: the release's own, or `vc.local/vc:vVERSION`)
    #[arg(short, long, value_name = "REF")]
    pub tag: Option<String>,

    /// Static Linux build of `vc` to save instead of this program
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
}
