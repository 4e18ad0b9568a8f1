//! Pods, from the virtual side to the host, and their status back.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Refusal, Scope};

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

/// The host pod of a virtual pod.
///
/// # Errors
/// When the pod has something that must not or cannot reach the host.
pub fn to_host(_pod: &Value, _around: Surroundings<'_>) -> Result<HostPod, Refusal> {
    Err(Refusal {
        reason: "NotImplemented",
        message: String::new(),
    })
}

/// The tokens that a virtual pod needs.
pub fn tokens(_pod: &Value) -> Vec<Token> {
    Vec::new()
}

/// The ConfigMaps and Secrets that a virtual pod refers to, in every position.
pub fn uses(_pod: &Value) -> Uses {
    Uses::default()
}

/// What has to be written on the host, in this order, to bring an existing host pod in step with its
/// virtual pod; nothing when it is.
///
/// # Errors
/// When what has changed must not or cannot reach the host.
pub fn changes(
    _virtual_pod: &Value,
    _host_pod: &Value,
    _around: Surroundings<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// The status that the virtual pod should have, given its host pod.
pub fn status(_virtual_pod: &Value, _host_pod: &Value, _around: Surroundings<'_>) -> Value {
    Value::Null
}
