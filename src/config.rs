//! What was meant: flag > `VC_*` > file > default.
//!
//! In: what was typed, the environment, the user's file. Out: values without holes. Never: talks to
//! a cluster. This is the only module that reads the environment.

mod cluster_file;
mod durations;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod keys;
mod lines;
mod quantities;
mod quota;
mod schema;
mod settings;
mod starter;
mod view;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::cli::SpecArgs;
use crate::cluster::{Resources, Shown, Storage};
use crate::error::{Failure, Kind};
use crate::image;
use crate::names::{KubernetesVersion, Label};
use crate::pod_security::Profile;
use crate::sync::{Known, Wish};

pub use cluster_file::{SyncFile, read_cluster_file};
pub use durations::{request_timeout, timeout, ttl};
pub use schema::schema;
pub use starter::starter;
pub use view::{Layer, Said, View, view};

use durations::{certificate_life, sleep_after};
use quantities::{parse_bytes, parse_mebibytes, parse_millicores};

/// Registry of the official images.
const DEFAULT_REGISTRY: &str = "registry.k8s.io";
/// Of this the store takes at most 1.8 GiB; the rest is for its log and a second copy: see decision 0022.
const DEFAULT_STORAGE_SIZE: &str = "5Gi";
/// An idle control plane uses about 20 millicores; ten times that keeps it responsive.
const DEFAULT_CPU: &str = "200m";
/// Measured idle: 180–205 MiB API server, 26–36 controller manager, 30 store; and some room.
const DEFAULT_MEMORY: &str = "384Mi";
/// Keeps a runaway tenant from the node's memory; enough for some thousand pods.
const DEFAULT_MEMORY_LIMIT: &str = "2Gi";

/// Everything `vc` takes from the process's environment, read once.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `$KUBECONFIG`.
    pub kubeconfig: Option<OsString>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The program's own absolute path, for kubeconfigs and background processes.
    pub executable: Option<String>,
    /// Where `vc` keeps its state: `${XDG_STATE_HOME:-~/.local/state}/vc`.
    pub state_dir: Option<PathBuf>,
    /// Where docker keeps its configuration: `${DOCKER_CONFIG:-~/.docker}/config.json`.
    pub docker_config: Option<PathBuf>,
    /// Where the user's file is: `${XDG_CONFIG_HOME:-~/.config}/vc/config.yaml`.
    pub config_file: Option<PathBuf>,
    /// Whether the process runs in a pod of some cluster.
    pub in_cluster: bool,
    /// `$KUBERNETES_EXEC_INFO`, set by kubectl for credential plugins.
    pub exec_info: Option<String>,
    /// `TERM=dumb`: a terminal that cannot redraw a line. (Colour is `anstream`'s to decide, which
    /// honours `NO_COLOR`, `CLICOLOR_FORCE` and this one.)
    pub dumb_terminal: bool,
    /// Whether the output is read by GitHub Actions.
    pub github_actions: bool,
    /// `$VC_LOG`: a filter of `tracing`, for development.
    pub log: Option<String>,
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn read() -> Self {
        use std::env::{var, var_os};
        let set = |name: &str| var_os(name).is_some_and(|value| !value.is_empty());
        let home = dirs::home_dir();
        // XDG by hand: on macOS `dirs` answers ~/Library, where kubectl's users do not look.
        let under = |name: &str, fallback: &str| {
            var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .or_else(|| home.as_ref().map(|home| home.join(fallback)))
                .map(|base| base.join("vc"))
        };
        Self {
            kubeconfig: var_os("KUBECONFIG").filter(|value| !value.is_empty()),
            executable: std::env::current_exe()
                .ok()
                .and_then(|path| path.into_os_string().into_string().ok()),
            state_dir: under("XDG_STATE_HOME", ".local/state"),
            config_file: under("XDG_CONFIG_HOME", ".config").map(|dir| dir.join("config.yaml")),
            docker_config: var_os("DOCKER_CONFIG")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
                .or_else(|| home.as_ref().map(|home| home.join(".docker")))
                .map(|dir| dir.join("config.json")),
            in_cluster: set("KUBERNETES_SERVICE_HOST") && set("KUBERNETES_SERVICE_PORT"),
            exec_info: var("KUBERNETES_EXEC_INFO").ok(),
            dumb_terminal: var("TERM").is_ok_and(|term| term == "dumb"),
            github_actions: var("GITHUB_ACTIONS").is_ok_and(|value| value == "true"),
            log: var("VC_LOG").ok(),
            home,
        }
    }

    /// The program's own path, or why there is none.
    ///
    /// # Errors
    /// When the operating system does not tell, or the path is not UTF-8.
    pub fn executable(&self) -> Result<&str, Failure> {
        self.executable.as_deref().ok_or_else(|| {
            Failure::new(Kind::Failed, "cannot tell where this program is")
                .hint("install `vc` under a path that is UTF-8")
        })
    }

    /// The state directory, or why there is none.
    ///
    /// # Errors
    /// When neither `XDG_STATE_HOME` nor a home directory is known.
    pub fn state_dir(&self) -> Result<&Path, Failure> {
        self.state_dir.as_deref().ok_or_else(|| {
            Failure::new(
                Kind::Failed,
                "cannot tell where to keep state: no home directory",
            )
            .hint("set HOME or XDG_STATE_HOME")
        })
    }
}

/// The user's file. Every key is optional; an unknown one is an error. What each key is called, and what its
/// values look like, stands in `settings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserFile {
    kubernetes_version: Option<KubernetesVersion>,
    registry: Option<String>,
    image: Option<String>,
    storage_class: Option<String>,
    storage_size: Option<String>,
    ephemeral: Option<bool>,
    cpu: Option<String>,
    cpu_limit: Option<String>,
    memory: Option<String>,
    memory_limit: Option<String>,
    service_cidrs: Option<Vec<String>>,
    pod_security: Option<Profile>,
    sync_nodes: Option<bool>,
    sync_storage_classes: Option<bool>,
    sync: Option<SyncFile>,
    quota: Option<String>,
    isolate: Option<bool>,
    switch: Option<bool>,
    timeout: Option<String>,
    ttl: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    certificate_life: Option<String>,
    sleep_after: Option<String>,
}

impl UserFile {
    /// Reads the user's file; a missing one is empty.
    ///
    /// # Errors
    /// When it cannot be read, or says something that is not known; the message has the line.
    pub fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let attempt = || format!("cannot read the configuration file `{}`", path.display());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error).with_context(attempt),
        };
        Self::parse(&text).with_context(attempt)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        read_yaml(text)
    }
}

/// Reads YAML that somebody has written: one line for one error.
fn read_yaml<T: serde::de::DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    parse_yaml(text).map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ").to_owned();
        let advice = keys::advice(&first);
        let failure = Failure::new(Kind::Usage, first);
        match advice {
            Some(advice) => failure.hint(advice).into(),
            None => failure.into(),
        }
    })
}

/// Reads YAML of a file that somebody keeps, in which any number of comments may stand one after the other: the
/// library alone gives up after 32 of them.
fn parse_yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_buffered_comment_events: usize::MAX },
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// What was meant by the options that `create` and `render` share, but for what only the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecOptions {
    /// `--kubernetes-version`, or the host's.
    pub kubernetes_version: Option<KubernetesVersion>,
    /// `--service-cidr`; empty where the host is asked.
    pub service_cidrs: Vec<String>,
    /// Where images come from.
    pub images: ImageOptions,
    /// What was said about storage.
    pub storage: StorageWish,
    /// Requests and limits.
    pub resources: Resources,
    /// Which pods may reach the host.
    pub pod_security: Profile,
    /// What of the host is shown as it is.
    pub shown: Shown,
    /// Which kinds are synced.
    pub sync: Wish,
    /// Hard limits of a ResourceQuota; nothing without one.
    pub quota: BTreeMap<String, String>,
    /// Whether NetworkPolicies say whom the cluster's pods may speak to.
    pub isolate: bool,
    /// `--certificate-life`, if somebody asked for one.
    pub certificate_life: Option<Duration>,
    /// `--sleep-after`; none means that the cluster does not pause itself.
    pub sleep_after: Option<Duration>,
}

/// What was said about storage; the host, or what is there already, decides the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageWish {
    /// Keep nothing, whatever the host has.
    pub ephemeral: Option<bool>,
    /// This class, or the host's default.
    pub class: Option<String>,
    /// Size of the volume.
    pub size: Option<String>,
}

impl StorageWish {
    /// Whether nothing is to be kept.
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral == Some(true)
    }

    /// Size of the volume of a new cluster.
    pub fn size(&self) -> &str {
        self.size.as_deref().unwrap_or(DEFAULT_STORAGE_SIZE)
    }

    /// The storage of a cluster that has this one, if the rest were as it was said.
    pub fn over(&self, stored: &Storage) -> Storage {
        let (class, size) = match stored {
            Storage::Persistent { class, size } => (class.clone(), Some(size.clone())),
            Storage::Ephemeral => (None, None),
        };
        match (self.ephemeral, stored) {
            (Some(true), _) | (None, Storage::Ephemeral) => Storage::Ephemeral,
            (Some(false), _) | (None, Storage::Persistent { .. }) => Storage::Persistent {
                class: self.class.clone().or(class),
                size: self
                    .size
                    .clone()
                    .or(size)
                    .unwrap_or_else(|| DEFAULT_STORAGE_SIZE.to_owned()),
            },
        }
    }
}

/// The release that was asked for; none where it is the host's.
pub fn kubernetes_version(
    given: Option<KubernetesVersion>,
    file: &UserFile,
) -> Option<KubernetesVersion> {
    given.or(file.kubernetes_version)
}

/// Where images come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOptions {
    /// `--registry`, without a trailing slash.
    pub registry: String,
    /// `--image`, or the release's own.
    pub syncer_image: Option<String>,
}

impl ImageOptions {
    /// The syncer's image, or how to come by one.
    ///
    /// # Errors
    /// When nothing names it.
    pub fn syncer_image(&self) -> Result<&str, Failure> {
        self.syncer_image.as_deref().ok_or_else(|| {
            let name = image::local_name();
            Failure::new(
                Kind::Preflight,
                "this build of `vc` has no syncer image of its own",
            )
            .hint(format!(
                "write one with `vc image save -o vc.tar`, load it to the nodes, and pass `--image {name}`;\n\
                 or push it to a registry that the nodes can pull from with `vc image push`, and pass its name there"
            ))
        })
    }
}

/// Resolves `--registry` and `--image`.
pub fn image_options(registry: Option<&str>, image: Option<&str>, file: &UserFile) -> ImageOptions {
    let registry = registry
        .or(file.registry.as_deref())
        .unwrap_or(DEFAULT_REGISTRY);
    let image = image.or(file.image.as_deref());
    let image = image.filter(|name| !name.is_empty());
    ImageOptions {
        registry: registry.trim_end_matches('/').to_owned(),
        syncer_image: image.or(image::built_in()).map(str::to_owned),
    }
}

/// Resolves the options that `create` and `render` share.
///
/// # Errors
/// When a quantity cannot be read or a request is above its limit.
pub fn spec_options(args: &SpecArgs, file: &UserFile) -> Result<SpecOptions, Failure> {
    let pick = |flag: &Option<String>, file: &Option<String>, default: &str| {
        flag.clone()
            .or_else(|| file.clone())
            .unwrap_or_else(|| default.to_owned())
    };
    let storage = storage_wish(args, file);
    parse_bytes("--storage-size", storage.size())?;
    let cpu_limit = args.cpu_limit.as_ref().or(file.cpu_limit.as_ref());
    let cpu = pick(&args.cpu, &file.cpu, DEFAULT_CPU);
    let memory = pick(&args.memory, &file.memory, DEFAULT_MEMORY);
    let memory_limit = pick(&args.memory_limit, &file.memory_limit, DEFAULT_MEMORY_LIMIT);
    let resources = Resources {
        cpu_request_millicores: parse_millicores("--cpu", &cpu)?,
        cpu_limit_millicores: cpu_limit
            .map(|text| parse_millicores("--cpu-limit", text))
            .transpose()?,
        memory_request_mebibytes: parse_mebibytes("--memory", &memory)?,
        memory_limit_mebibytes: Some(parse_mebibytes("--memory-limit", &memory_limit)?),
    };
    check_request(
        "--cpu",
        resources.cpu_request_millicores,
        resources.cpu_limit_millicores,
    )?;
    check_request(
        "--memory",
        resources.memory_request_mebibytes,
        resources.memory_limit_mebibytes,
    )?;
    let isolate = args.isolate || file.isolate.unwrap_or(false);
    let sync = cluster_file::sync(&args.sync, &args.no_sync, file.sync.as_ref())?;
    let sync = if isolate { isolated(sync)? } else { sync };
    let quota = if args.quota.is_empty() {
        quota::parse(file.quota.iter().flat_map(|text| text.split(',')))?
    } else {
        quota::parse(args.quota.iter().map(String::as_str))?
    };
    let size = (!storage.is_ephemeral()).then(|| storage.size());
    quota::check(&quota, &resources, size)?;
    let service_cidrs = if args.service_cidr.is_empty() {
        file.service_cidrs.clone().unwrap_or_default()
    } else {
        args.service_cidr.clone()
    };
    Ok(SpecOptions {
        kubernetes_version: kubernetes_version(args.kubernetes_version, file),
        service_cidrs,
        images: image_options(args.registry.as_deref(), args.image.as_deref(), file),
        storage,
        resources,
        pod_security: args.pod_security.or(file.pod_security).unwrap_or_default(),
        shown: Shown {
            nodes: args.sync_nodes || file.sync_nodes.unwrap_or(false),
            storage_classes: args.sync_storage_classes
                || file.sync_storage_classes.unwrap_or(false),
            kinds: sync.resolve(|_| false).shown().collect(),
        },
        sync,
        quota,
        isolate,
        certificate_life: certificate_life(args.certificate_life, file)?,
        sleep_after: sleep_after(args.sleep_after, file)?,
    })
}

fn storage_wish(args: &SpecArgs, file: &UserFile) -> StorageWish {
    // A class named on the command line is wanted, whatever the file says of ephemeral ones.
    let named = args.storage_class.is_some() || args.storage_size.is_some();
    let typed = match (args.ephemeral, named) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    let or = |typed: &Option<String>, file: &Option<String>| typed.clone().or_else(|| file.clone());
    StorageWish {
        ephemeral: typed.or(file.ephemeral),
        class: or(&args.storage_class, &file.storage_class),
        size: or(&args.storage_size, &file.storage_size),
    }
}

/// NetworkPolicies add up: one that a user of the virtual cluster makes would allow what isolation does not, were
/// it on the host. So they stay inside.
fn isolated(mut wish: Wish) -> Result<Wish, Failure> {
    let policies = Known::NetworkPolicies;
    let described = policies.describe();
    let is_described = wish
        .custom
        .iter()
        .any(|kind| (&kind.group, &kind.plural) == (&described.group, &described.plural));
    if is_described || wish.kinds.contains(&policies) {
        let message =
            "`--isolate` cannot be kept with NetworkPolicies synced: what one allows adds to it";
        return Err(Failure::new(Kind::Usage, message)
            .hint("leave out `--isolate`, or do not ask for `networkpolicies`"));
    }
    if !wish.without.contains(&policies) {
        wish.without.push(policies);
    }
    Ok(wish)
}

/// Resolves `--label`: those on the command line, or else those of the file.
///
/// # Errors
/// When one of the file is not a label that Kubernetes takes.
pub fn labels(typed: &[Label], file: &UserFile) -> Result<Vec<Label>, Failure> {
    if !typed.is_empty() {
        return Ok(typed.to_vec());
    }
    let named = file.labels.iter().flatten();
    named
        .map(|(key, value)| {
            let text = format!("{key}={value}");
            let wrong = |why| Failure::new(Kind::Usage, format!("`labels: {text}`: {why}"));
            text.parse::<Label>().map_err(wrong)
        })
        .collect()
}

/// Resolves `--switch`.
pub fn switch(flag: Option<bool>, file: &UserFile) -> bool {
    flag.or(file.switch).unwrap_or(true)
}

fn check_request(flag: &str, request: u64, limit: Option<u64>) -> Result<(), Failure> {
    match limit {
        Some(limit) if limit < request => Err(Failure::new(
            Kind::Usage,
            format!("`{flag}` asks for more than `{flag}-limit` allows"),
        )
        .hint(format!("raise `{flag}-limit` too"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_of_the_user_file_is_an_error_with_its_line() {
        let error = UserFile::parse("registry: a\nregistri: b\n").unwrap_err();
        let text = crate::error::report(&error).text;
        assert!(text.contains("registri"), "{text}");
        assert!(text.contains("line 2"), "{text}");
    }

    #[test]
    fn an_isolated_cluster_keeps_its_network_policies_to_itself() {
        let wish = isolated(Wish::default()).unwrap();
        let kinds = wish.resolve(|_| true).kinds;
        assert_eq!(kinds, [Known::Ingresses, Known::PodDisruptionBudgets]);
        let asked = Wish {
            kinds: vec![Known::NetworkPolicies],
            ..Wish::default()
        };
        assert!(
            isolated(asked)
                .unwrap_err()
                .to_string()
                .contains("--isolate")
        );
    }

    #[test]
    fn labels_of_the_file_count_where_none_is_typed() {
        let file = UserFile::parse("labels: {team: shop, stage: ''}\n").unwrap();
        let words = |typed: &[Label], file| -> Vec<String> {
            let labels = labels(typed, file).unwrap();
            labels.iter().map(Label::to_string).collect()
        };
        assert_eq!(words(&[], &file), ["stage=", "team=shop"]);
        assert_eq!(words(&["a=b".parse().unwrap()], &file), ["a=b"]);
        for wrong in ["labels: {-a: b}\n", "labels: {vc.internal/cluster: x}\n"] {
            let file = UserFile::parse(wrong).unwrap();
            let error = labels(&[], &file).unwrap_err().to_string();
            assert!(error.starts_with("`labels: "), "{error}");
        }
    }

    #[test]
    fn the_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = UserFile {
            timeout: Some("90s".to_owned()),
            ..UserFile::default()
        };
        assert_eq!(
            timeout(None, &UserFile::default()).unwrap(),
            Duration::from_mins(5)
        );
        assert_eq!(timeout(None, &file).unwrap(), Duration::from_secs(90));
        let flag = Some(Duration::from_secs(10));
        assert_eq!(timeout(flag, &file).unwrap(), Duration::from_secs(10));
    }
}
