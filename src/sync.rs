//! Kinds of objects that are synced because somebody asked for them, described as data.
//!
//! In: names of kinds that are known here, descriptions of others. Out: where each kind is kept, which of
//! its fields name other objects, which right it takes. Never: an object.
//!
//! A kind with a description and nothing else is carried by `syncer::translate::synced`: its content to the
//! host with every name in it translated, its status back.

mod known;
pub mod path;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use known::{BY_DEFAULT, Known};
pub use path::Path;

use known::CARRY;

/// A kind of objects, all in namespaces, that is carried to the host as it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Described {
    /// `cert-manager.io`
    pub group: String,
    /// `v1`
    pub version: String,
    /// `Certificate`
    pub kind: String,
    /// `certificates`
    pub plural: String,
    /// Fields that name another object of the same namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Fields that select pods of the same namespace by their labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Path>,
    /// Fields that the host does not get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<Path>,
    /// Whether the host's status is the virtual object's.
    #[serde(default = "yes")]
    pub status: bool,
}

/// A field that names another object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where the name is.
    pub path: Path,
    /// The kind of what it names. A Secret or ConfigMap is brought to the host with it.
    pub kind: String,
}

fn yes() -> bool {
    true
}

impl Described {
    /// `/apis/cert-manager.io/v1`
    pub fn root(&self) -> String {
        format!("/apis/{}/{}", self.group, self.version)
    }

    /// `cert-manager.io/v1`
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// Why it cannot be meant so; none when it can.
    fn fault(&self) -> Option<String> {
        let has_domain = self.group.contains('.') || self.group == "policy";
        if !has_domain || !is_dns_name(&self.group) {
            return Some(format!(
                "`group: {}` is not the group of a custom resource, such as `example.com`",
                self.group
            ));
        }
        if [&self.version, &self.plural]
            .iter()
            .any(|name| name.contains('.') || !is_dns_name(name))
        {
            return Some("`version` and `plural` are names such as `v1` and `widgets`".to_owned());
        }
        let is_kind = self
            .kind
            .starts_with(|first: char| first.is_ascii_uppercase())
            && self.kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (!is_kind).then(|| format!("`kind: {}` is not a kind, such as `Widget`", self.kind))
    }
}

/// An object of the host namespace that the virtual cluster gets, to be read only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Import {
    /// What it is.
    pub kind: ImportKind,
    /// Its name on the host.
    pub name: String,
    /// Its namespace in the virtual cluster.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Its name in the virtual cluster; the same when absent.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub renamed: Option<String>,
}

fn default_namespace() -> String {
    "default".to_owned()
}

/// Kinds of which single objects may come from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImportKind {
    /// With its content.
    ConfigMap,
    /// With its content.
    Secret,
    /// With its address.
    Service,
}

impl Import {
    /// Its name in the virtual cluster.
    pub fn virtual_name(&self) -> &str {
        self.renamed.as_deref().unwrap_or(&self.name)
    }

    /// Why it cannot be meant so; none when it can.
    fn fault(&self) -> Option<String> {
        let names = [
            &self.name,
            &self.namespace,
            self.renamed.as_ref().unwrap_or(&self.name),
        ];
        let wrong = names.into_iter().find(|name| !is_dns_name(name))?;
        Some(format!("`{wrong}` is not a name"))
    }
}

/// Lower-case labels with points between them.
fn is_dns_name(text: &str) -> bool {
    let may = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(may);
    text.split('.').all(is_label)
}

/// What was said about kinds to sync; the rights decide the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Asked for by name.
    pub kinds: Vec<Known>,
    /// Not wanted, whatever the rights are.
    pub without: Vec<Known>,
    /// Described.
    pub custom: Vec<Described>,
    /// Single objects of the host.
    pub from_host: Vec<Import>,
}

impl Wish {
    /// What is synced, when `is_granted` tells of a kind whether whoever asks has the right to it. Kinds that
    /// were asked for are synced in any case: whether that may be is for preflight to say.
    pub fn resolve(&self, is_granted: impl Fn(Known) -> bool) -> Sync {
        let is_default = |kind: &Known| BY_DEFAULT.contains(kind) && is_granted(*kind);
        let is_wanted = |kind: &Known| self.kinds.contains(kind) || is_default(kind);
        let is_left = |kind: &Known| !self.without.contains(kind);
        Sync {
            kinds: Known::all().filter(is_wanted).filter(is_left).collect(),
            custom: self.custom.clone(),
            from_host: self.from_host.clone(),
        }
    }

    /// Why it cannot be meant; none when it can.
    pub fn fault(&self) -> Option<String> {
        if let Some(kind) = self.kinds.iter().find(|kind| self.without.contains(kind)) {
            return Some(format!("`{kind}` is both asked for and not wanted"));
        }
        let mut imports = self.from_host.iter();
        if let Some(fault) = imports.find_map(Import::fault) {
            return Some(format!("`fromHost`: {fault}"));
        }
        let mut custom = self.custom.iter();
        custom.find_map(|kind| {
            let name = format!("{}.{}", kind.plural, kind.group);
            kind.fault().map(|fault| format!("`{name}`: {fault}"))
        })
    }
}

/// Kinds that are synced in a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sync {
    /// Those that are known here.
    pub kinds: Vec<Known>,
    /// Those that are described.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Described>,
    /// Objects of the host namespace that are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from_host: Vec<Import>,
}

/// A kind that is carried to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What is in it.
    pub described: Described,
    /// How what no description can say is done; none when it says everything.
    pub known: Option<Known>,
}

impl Sync {
    /// Whether nothing is synced.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.custom.is_empty() && self.from_host.is_empty()
    }

    /// What is carried to the host. A description of a kind that is known adds to what is known of it.
    pub fn carried(&self) -> Vec<Carried> {
        let known = self.kinds.iter().filter(|kind| !kind.is_shown());
        let mut all: Vec<Carried> = known
            .map(|&known| Carried {
                described: known.describe(),
                known: Some(known),
            })
            .collect();
        for more in &self.custom {
            let is_same = |carried: &&mut Carried| {
                let described = &carried.described;
                (&described.group, &described.plural) == (&more.group, &more.plural)
            };
            match all.iter_mut().find(is_same) {
                Some(Carried { described, .. }) => {
                    described.references.extend(more.references.iter().cloned());
                    described.selectors.extend(more.selectors.iter().cloned());
                    described.leave_out.extend(more.leave_out.iter().cloned());
                }
                None => all.push(Carried {
                    described: more.clone(),
                    known: None,
                }),
            }
        }
        all
    }

    /// What of the host is shown.
    pub fn shown(&self) -> impl Iterator<Item = Known> {
        self.kinds.iter().copied().filter(|kind| kind.is_shown())
    }

    /// What the syncer needs in the host namespace, as (verbs, group, plural).
    pub fn rights(&self) -> Vec<(&'static [&'static str], String, String)> {
        let carried = self.carried().into_iter();
        carried
            .map(|carried| {
                let Described { group, plural, .. } = carried.described;
                (CARRY, group, plural)
            })
            .collect()
    }
}
