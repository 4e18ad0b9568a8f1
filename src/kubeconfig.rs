//! The user's kubeconfig: what it says, and what `vc` changes in it.
//!
//! In: the text of kubeconfig files and the [`Entry`] that is wanted. Out: [`Files`] with our entries
//! changed, and the text to write. Never: reads or writes a file (that is [`mod@file`]), changes an
//! entry that does not carry our [`Record`].
//!
//! A document is carried as JSON, because typed structs would drop the keys they do not know. What a
//! scalar means is what kubectl takes it for (YAML 1.1: `on` is true, `0755` is 493).

mod document;
mod edit;
mod entry;
pub mod file;
mod files;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod merged;
mod port;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use document::Malformed;
pub use edit::{Removed, SwitchedBack, Upserted};
pub use entry::{Entry, Exec};
pub use files::{File, Files};
pub use port::{PORTS, choose_port};

use crate::names::{ClusterName, Namespace};

/// What makes an entry ours, kept in its `extensions` under [`crate::labels::KUBECONFIG_RECORD`].
///
/// kubectl keeps extensions through `set-context` and `rename-context`, so an entry stays ours
/// whatever it is called. Fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// UID of the cluster's marker ConfigMap on the host.
    pub uid: String,
    /// The virtual cluster's name.
    pub name: ClusterName,
    /// Its host namespace.
    pub namespace: Namespace,
    /// The local port its tunnel listens on.
    pub port: u16,
    /// How the host is reached.
    pub host: HostOrigin,
    /// The context to go back to. Only in the context's record, and never one of ours when written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

impl Record {
    /// Whether both mean one cluster: the same one, or the one it was created again as.
    fn is_same_cluster(&self, other: &Self) -> bool {
        let is_same_place =
            self.host == other.host && self.namespace == other.namespace && self.name == other.name;
        self.uid == other.uid || is_same_place
    }
}

/// How the host cluster is reached, pinned when the entry was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostOrigin {
    /// The host's context; none inside a pod of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The files that define it, absolute, in kubectl's order.
    #[serde(default)]
    pub kubeconfig: Vec<PathBuf>,
    /// Whether that context is a virtual cluster's, which is the host of one inside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nested: bool,
}

/// Why a kubeconfig cannot be changed as asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The name asked for belongs to somebody else.
    #[error(
        "context name `{name}` is taken by another {kind} in `{}`",
        path.display()
    )]
    Taken {
        /// The name.
        name: String,
        /// `cluster`, `context` or `user`.
        kind: &'static str,
        /// The file that defines it.
        path: PathBuf,
    },
    /// The name asked for is empty.
    #[error("a context name cannot be empty")]
    EmptyName,
    /// There is no such context.
    #[error("context `{0}` does not exist in the kubeconfig")]
    NoContext(String),
    /// There is no file to write to.
    #[error("there is no kubeconfig file to write to")]
    NoFile,
    /// A record cannot be written as JSON: a path that is not UTF-8.
    #[error("the record of virtual cluster `{name}` cannot be written")]
    Record {
        /// The virtual cluster.
        name: ClusterName,
        /// What stood in the way.
        source: serde_json::Error,
    },
    /// An entry has a field of a type that no client accepts. The value is not shown: it may be secret.
    #[error("{kind} `{name}` in `{}` has a field of the wrong type", path.display())]
    Unusable {
        /// `cluster`, `context` or `user`.
        kind: &'static str,
        /// The entry's name.
        name: String,
        /// The file that defines it.
        path: PathBuf,
    },
    /// The text to be written would change something that is not ours, so nothing was written.
    #[error(
        "refused to write `{}`: it would not keep the other entries as they are",
        path.display()
    )]
    Unfaithful {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;
