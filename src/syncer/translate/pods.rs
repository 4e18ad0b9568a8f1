//! Pods, from the virtual side to the host, and their status back.
//!
//! In: a virtual pod, its host pod if there is one, and what is around them. Out: the host pod to
//! create, the writes that bring an existing one in step, the virtual pod's status. Never: a name of
//! another object that the host would take for one of its own.

mod applied;
mod changes;
mod containers;
mod dns;
mod downward;
mod environment;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod metadata;
mod projected;
mod quote;
mod references;
mod refusal;
mod scheduling;
mod spec;
mod status;
mod volumes;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use self::references::Kind;
use super::json::object_mut;
use super::{Refusal, Scope};
use crate::labels;

/// What translation has to know that is the same for every pod of a virtual cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodSettings {
    /// Host ServiceAccount without rights that every pod runs as.
    pub service_account: String,
    /// `cluster.local`.
    pub cluster_domain: String,
    /// Name servers of pods whose DNS is the cluster's; none until it is known.
    pub nameservers: Vec<String>,
    /// Address under which pods reach the virtual API server.
    pub api_host: String,
    /// Its port.
    pub api_port: u16,
    /// Whether the syncer may write the status of host pods. Without it the conditions of readiness
    /// gates cannot be carried down, so the gates stay behind and are weighed on the way up.
    pub writes_host_status: bool,
}

/// What translation has to know beside one pod.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Which virtual cluster.
    pub scope: &'a Scope,
    /// The same for every pod.
    pub settings: &'a PodSettings,
    /// Labels of the pod's virtual namespace.
    pub namespace_labels: &'a Map<String, Value>,
    /// Environment from virtual Services, in order, as (name, value).
    pub service_environment: &'a [(String, String)],
    /// Which classes that the pod names are the host's.
    pub host_classes: HostClasses,
}

/// Which classes that a pod names mean the same on the host, because the host's are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostClasses {
    /// Its PriorityClass.
    pub priority: bool,
    /// Its RuntimeClass.
    pub runtime: bool,
}

/// A host pod that is to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPod {
    /// The whole object.
    pub object: Value,
    /// Tokens that it needs, in the Secret `Scope::token_secret_name`.
    pub tokens: Vec<Token>,
}

/// One token of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Key in the Secret's data.
    pub key: String,
    /// Who it is meant for; the API server itself when absent.
    pub audience: Option<String>,
    /// How long it is to live, in seconds.
    pub expiration_seconds: i64,
}

/// What a virtual pod refers to in its namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// Names of ConfigMaps.
    pub config_maps: BTreeSet<String>,
    /// Names of Secrets.
    pub secrets: BTreeSet<String>,
    /// Names of PersistentVolumeClaims, with those that are made for ephemeral volumes.
    pub claims: BTreeSet<String>,
}

/// One write that brings a host pod in step with its virtual pod.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Merge patch (RFC 7386) of the pod.
    Pod(Value),
    /// Strategic merge patch of `pods/ephemeralcontainers`.
    EphemeralContainers(Value),
    /// Strategic merge patch of `pods/resize`.
    Resize(Value),
    /// Strategic merge patch of `pods/status`: conditions of readiness gates.
    Status(Value),
}

/// The host pod of a virtual pod, as it is created. Ephemeral containers cannot be in it; `changes`
/// adds them.
///
/// # Errors
/// When the pod has something that must not or cannot reach the host.
pub fn to_host(pod: &Value, around: Surroundings<'_>) -> Result<HostPod, Refusal> {
    let spec = spec::host_spec(pod, around)?;
    let mut metadata = metadata::host_metadata(pod, around);
    if let Some(annotations) = object_mut(&mut metadata, "annotations") {
        let applied = applied::Applied::of(pod).to_string();
        annotations.insert(labels::APPLIED.to_owned(), applied.into());
    }
    Ok(HostPod {
        object: json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": spec,
        }),
        tokens: tokens(pod),
    })
}

/// The tokens that a virtual pod needs.
pub fn tokens(pod: &Value) -> Vec<Token> {
    projected::tokens(pod)
}

/// The ConfigMaps, Secrets and claims that a virtual pod refers to, in every position.
pub fn uses(pod: &Value) -> Uses {
    let mut spec = references::holders(&pod["spec"]);
    volumes::ephemeral_to_claims(&mut spec, spec::key(pod).1);
    let mut uses = Uses::default();
    references::each(&mut spec, &mut |kind, name| {
        let names = match kind {
            Kind::ConfigMap => &mut uses.config_maps,
            Kind::Secret => &mut uses.secrets,
            Kind::Claim => &mut uses.claims,
        };
        names.extend(name.as_str().map(str::to_owned));
    });
    uses
}

/// What has to be written on the host, in this order, to bring an existing host pod in step with its
/// virtual pod; nothing when it is. The host pod must be the virtual pod's own, by its UID mark.
///
/// What is foreign on the host pod stays, and what a host webhook made of the spec is not fought.
///
/// # Errors
/// When what has changed must not or cannot reach the host.
pub fn changes(
    virtual_pod: &Value,
    host_pod: &Value,
    around: Surroundings<'_>,
) -> Result<Vec<Change>, Refusal> {
    changes::changes(virtual_pod, host_pod, around)
}

/// The status that the virtual pod should have, given its host pod.
pub fn status(virtual_pod: &Value, host_pod: &Value, around: Surroundings<'_>) -> Value {
    status::status(virtual_pod, host_pod, around)
}

/// What a pod that has a subdomain calls itself, in the virtual cluster's domain.
pub(crate) fn subdomain_name(pod: &Value, settings: &PodSettings) -> Option<String> {
    let spec = pod.get("spec")?.as_object()?;
    spec::subdomain_name(spec, spec::key(pod), settings)
}

#[cfg(test)]
mod tests;
