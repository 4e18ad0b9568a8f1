//! The cluster file: what one virtual cluster should be like, for a repository.
//!
//! In: `vc create -f FILE`. Out: the same settings as in the user's file, which it goes before. Never: a key
//! that is not known.
//!
//! ```yaml
//! apiVersion: vc.internal/v1alpha1
//! kind: VirtualCluster
//! spec:
//!   ephemeral: true
//!   sync:
//!     kinds: [priorityclasses]
//!     custom:
//!     - group: example.com
//!       version: v1
//!       kind: Widget
//!       plural: widgets
//!       references: [{path: spec.secretName, kind: Secret}]
//! ```

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{UserFile, read_yaml};
use crate::error::{Failure, Kind};
use crate::sync::{Described, Import, Known, Wish};

/// What a cluster file has to begin with.
pub(super) const API_VERSION: &str = "vc.internal/v1alpha1";
/// See [`API_VERSION`].
pub(super) const KIND: &str = "VirtualCluster";

/// Kinds to sync, as a file says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SyncFile {
    /// As `--sync`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<String>,
    /// As `--no-sync`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    /// Kinds that are described here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    custom: Vec<Described>,
    /// Objects of the host namespace to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    from_host: Vec<Import>,
}

impl SyncFile {
    /// The file that would say this; none when it says nothing.
    pub(super) fn of(wish: &Wish) -> Option<Self> {
        let names = |kinds: &[Known]| kinds.iter().map(|kind| kind.name().to_owned()).collect();
        let file = Self {
            kinds: names(&wish.kinds),
            without: names(&wish.without),
            custom: wish.custom.clone(),
            from_host: wish.from_host.clone(),
        };
        (file != Self::default()).then_some(file)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClusterFile {
    api_version: String,
    kind: String,
    /// None where every setting under it is commented out.
    #[serde(default)]
    spec: Option<UserFile>,
}

/// The text of a cluster file; `-` is stdin, which `read_stdin` reads.
///
/// # Errors
/// When it cannot be read.
pub fn read_cluster_file(
    path: &Path,
    read_stdin: impl FnOnce() -> std::io::Result<String>,
) -> anyhow::Result<String> {
    let text = if path == Path::new("-") {
        read_stdin()
    } else {
        std::fs::read_to_string(path)
    };
    text.with_context(|| attempt(path))
}

fn attempt(path: &Path) -> String {
    format!("cannot read the cluster file `{}`", path.display())
}

impl UserFile {
    /// What a cluster file says; the path is for the message.
    ///
    /// # Errors
    /// When it is of another version, or says something that is not known.
    pub fn of_cluster(path: &Path, text: &str) -> anyhow::Result<Self> {
        Self::parse_cluster(text).with_context(|| attempt(path))
    }

    pub(super) fn parse_cluster(text: &str) -> anyhow::Result<Self> {
        let file: ClusterFile = read_yaml(text)?;
        if file.api_version != API_VERSION || file.kind != KIND {
            let found = format!("it is a {} of {}", file.kind, file.api_version);
            return Err(Failure::new(Kind::Usage, found)
                .hint(format!(
                    "it has to begin with `apiVersion: {API_VERSION}` and `kind: {KIND}`"
                ))
                .into());
        }
        Ok(file.spec.unwrap_or_default())
    }

    /// What this file says, and for the rest what the other says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            kubernetes_version: self.kubernetes_version.or(other.kubernetes_version),
            registry: self.registry.or(other.registry),
            image: self.image.or(other.image),
            storage_class: self.storage_class.or(other.storage_class),
            storage_size: self.storage_size.or(other.storage_size),
            ephemeral: self.ephemeral.or(other.ephemeral),
            cpu: self.cpu.or(other.cpu),
            cpu_limit: self.cpu_limit.or(other.cpu_limit),
            memory: self.memory.or(other.memory),
            memory_limit: self.memory_limit.or(other.memory_limit),
            service_cidrs: self.service_cidrs.or(other.service_cidrs),
            pod_security: self.pod_security.or(other.pod_security),
            sync_nodes: self.sync_nodes.or(other.sync_nodes),
            sync_storage_classes: self.sync_storage_classes.or(other.sync_storage_classes),
            sync: self.sync.or(other.sync),
            ttl: self.ttl.or(other.ttl),
            labels: self.labels.or(other.labels),
            quota: self.quota.or(other.quota),
            isolate: self.isolate.or(other.isolate),
            certificate_life: self.certificate_life.or(other.certificate_life),
            sleep_after: self.sleep_after.or(other.sleep_after),
            switch: self.switch.or(other.switch),
            timeout: self.timeout.or(other.timeout),
        }
    }
}

/// What was said about kinds: each list on the command line goes before the file's.
///
/// # Errors
/// When it cannot be meant.
pub(super) fn sync(
    kinds: &[Known],
    without: &[Known],
    file: Option<&SyncFile>,
) -> Result<Wish, Failure> {
    let pick = |typed: &[Known], key: &str, named: Option<&Vec<String>>| {
        if !typed.is_empty() {
            return Ok(typed.to_vec());
        }
        let named = named.into_iter().flatten();
        let read = named.map(|name| {
            let wrong = |why| Failure::new(Kind::Usage, format!("`sync.{key}: {name}`: {why}"));
            name.parse::<Known>().map_err(wrong)
        });
        read.collect::<Result<Vec<Known>, Failure>>()
    };
    let wish = Wish {
        kinds: pick(kinds, "kinds", file.map(|file| &file.kinds))?,
        without: pick(without, "without", file.map(|file| &file.without))?,
        custom: file.map(|file| file.custom.clone()).unwrap_or_default(),
        from_host: file.map(|file| file.from_host.clone()).unwrap_or_default(),
    };
    match wish.fault() {
        Some(fault) => Err(Failure::new(
            Kind::Usage,
            format!("these kinds cannot be synced: {fault}"),
        )),
        None => Ok(wish),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
apiVersion: vc.internal/v1alpha1
kind: VirtualCluster
spec:
  ephemeral: true
  cpu: 1
  sync:
    kinds: [priorityclass]
    without: [netpol]
    custom:
    - {group: example.com, version: v1, kind: Widget, plural: widgets,
       references: [{path: 'spec.parts[*].secretName', kind: Secret}]}
";

    #[test]
    fn a_cluster_file_goes_before_the_users_and_the_command_line_before_both() {
        let cluster = UserFile::parse_cluster(FILE).unwrap();
        let user = UserFile::parse("cpu: 2\nregistry: example.com\n").unwrap();
        let file = cluster.or(user);
        assert_eq!(file.cpu.as_deref(), Some("1"));
        assert_eq!(file.registry.as_deref(), Some("example.com"));
        let wish = sync(&[], &[], file.sync.as_ref()).unwrap();
        assert_eq!(wish.kinds, [Known::PriorityClasses]);
        assert_eq!(wish.without, [Known::NetworkPolicies]);
        assert_eq!(wish.custom.len(), 1);
        let wish = sync(&[Known::Ingresses], &[], file.sync.as_ref()).unwrap();
        assert_eq!(wish.kinds, [Known::Ingresses]);
    }

    #[test]
    fn what_a_cluster_file_does_not_know_is_an_error() {
        for (wrong, word) in [
            (FILE.replace("v1alpha1", "v9"), "v9"),
            (FILE.replace("ephemeral", "ephemera"), "ephemera"),
            (
                FILE.replace("'spec.parts[*].secretName'", "'spec..a'"),
                "spec..a",
            ),
        ] {
            let error = UserFile::parse_cluster(&wrong).unwrap_err();
            let text = crate::error::report(&error).text;
            assert!(text.contains(word), "{text}");
        }
        let file = UserFile::parse_cluster(&FILE.replace("netpol", "pods")).unwrap();
        let error = sync(&[], &[], file.sync.as_ref()).unwrap_err();
        assert!(error.to_string().contains("pods"), "{error}");
    }
}
