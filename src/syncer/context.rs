//! What every part of the syncer works with: both sides, what is known of them, what is to be done.
//!
//! In: clients and settings. Out: [`Context`]. Never: decides.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::cache::{Cache, Name};
use super::endpointslices::Slices;
use super::events::Departed;
use super::figures::Counters;
use super::queue::{Key, Kind, Queue};
use super::rest::Rest;
use super::services::{Links, Reservation};
use super::shown::{Shown, ShownSides};
use super::sleep::Sleep;
use super::synced::{Sides, Synced};
use super::translate::Scope;
use super::translate::pods::{PodSettings, Uses};
use crate::cluster::Grants;
use crate::dns::Names;
use crate::pod_security::Profile;
use crate::sync::Import;

/// The settings of a syncer.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) scope: Scope,
    pub(crate) pods: PodSettings,
    pub(crate) pod_security: Profile,
    /// Addresses on the host of the cluster's DNS; none when its manifests are older than it.
    pub(crate) dns_addresses: Vec<String>,
    /// UID of the pod that this runs in.
    pub(crate) pod_uid: String,
    /// Port of the kubelet endpoint, for the virtual nodes.
    pub(crate) kubelet_port: u16,
    /// The node that this pod runs on, and its addresses: in use as long as the cluster is.
    pub(crate) own_node: Option<OwnNode>,
    /// Release of the virtual cluster's Kubernetes.
    pub(crate) kubernetes_version: String,
    /// Whether every node of the host is shown as it is.
    pub(crate) sync_nodes: bool,
    /// Whether every StorageClass of the host is shown.
    pub(crate) sync_storage_classes: bool,
    /// Kinds that are carried to the host because of an option.
    pub(crate) synced: Vec<Synced>,
    /// Kinds of the host's that are shown because of an option.
    pub(crate) shown: Vec<Shown>,
    /// Objects of the host namespace that are shown.
    pub(crate) imports: Vec<Import>,
    /// Whether the virtual cluster's store goes with its pod.
    pub(crate) is_ephemeral: bool,
    /// Address of the cluster's own Service on the host.
    pub(crate) service_address: String,
    /// Address of the pod that this runs in; empty if it was not told.
    pub(crate) pod_ip: String,
    /// The cluster's certificate authority.
    pub(crate) ca_pem: String,
    /// What the syncer may do on the host beyond what every installer can grant.
    pub(crate) grants: Grants,
    /// When the cluster pauses itself; none means never.
    pub(crate) sleep: Option<Sleep>,
    /// Told whenever the marker has changed.
    pub(crate) marker_changed: Arc<Notify>,
}

/// The node of the control-plane pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnNode {
    pub(crate) name: String,
    pub(crate) addresses: Vec<String>,
}

/// The host's default StorageClass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum DefaultClass {
    /// The host has not told it yet.
    #[default]
    Unknown,
    /// There is none.
    Missing,
    /// It has this name.
    Named(String),
}

/// What is known of both sides.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) virtual_pods: Cache,
    pub(crate) host_pods: Cache,
    /// Metadata alone.
    pub(crate) virtual_config_maps: Cache,
    /// Metadata alone.
    pub(crate) virtual_secrets: Cache,
    /// Marks and a digest of the content.
    pub(crate) host_config_maps: Cache,
    /// Marks and a digest of the content.
    pub(crate) host_secrets: Cache,
    /// Metadata alone.
    pub(crate) virtual_namespaces: Cache,
    pub(crate) virtual_nodes: Cache,
    pub(crate) virtual_services: Cache,
    pub(crate) virtual_endpoint_slices: Cache,
    pub(crate) virtual_claims: Cache,
    pub(crate) host_claims: Cache,
    pub(crate) virtual_volumes: Cache,
    pub(crate) virtual_classes: Cache,
    /// Empty, unless the host's StorageClasses may be read.
    pub(crate) host_storage_classes: Cache,
    /// StorageClasses that host claims have shown to exist.
    pub(crate) host_classes: HashSet<String>,
    pub(crate) default_class: DefaultClass,
    /// Virtual names of claims that were there and that the watch has shown to be gone.
    pub(crate) gone_claims: HashSet<Name>,
    pub(crate) host_services: Cache,
    /// For each of `Settings::synced`.
    pub(crate) synced: Vec<Sides>,
    /// For each of `Settings::shown`.
    pub(crate) shown: Vec<ShownSides>,
    /// For each of `Settings::imports`: that object of the host, alone.
    pub(crate) imports: Vec<Cache>,
    /// Of all of them, our own.
    pub(crate) virtual_webhooks: Cache,
    /// EndpointSlices that users have made, and which addresses may be in them.
    pub(crate) slices: Slices,
    /// By virtual namespace; what is not here has to be put together.
    pub(crate) service_links: HashMap<String, Links>,
    /// Virtual names of Services whose host Service was written first.
    pub(crate) reserved_services: HashMap<Name, Reservation>,
    /// Empty, unless the host's nodes may be read.
    pub(crate) host_nodes: Cache,
    /// Virtual names of pods whose host pod the watch has shown to be gone.
    pub(crate) gone_hosts: HashSet<Name>,
    pub(crate) departed: Departed,
    pub(crate) index: Index,
    /// Pods that are in step, and until when, since tokens grow old.
    pub(crate) in_step: HashMap<Name, (InStep, Option<Instant>)>,
    /// Addresses of host nodes, as pods that run there have told them.
    pub(crate) node_addresses: HashMap<String, Vec<String>>,
    /// Since when virtual nodes have not been used.
    pub(crate) unused_nodes: HashMap<String, Instant>,
}

impl Known {
    /// Whether a whole list of everything was seen.
    pub(crate) fn is_complete(&self) -> bool {
        let all = [
            &self.virtual_pods,
            &self.host_pods,
            &self.virtual_config_maps,
            &self.virtual_secrets,
            &self.host_config_maps,
            &self.host_secrets,
            &self.virtual_namespaces,
            &self.virtual_nodes,
            &self.virtual_services,
            &self.virtual_endpoint_slices,
            &self.virtual_claims,
            &self.host_claims,
            &self.virtual_volumes,
            &self.virtual_classes,
            &self.host_services,
        ];
        all.into_iter().all(Cache::is_complete)
    }
}

/// Who uses what: pods, and objects that are synced by option.
#[derive(Debug, Default)]
pub(crate) struct Index {
    uses: HashMap<Key, Vec<Key>>,
    users: HashMap<Key, BTreeSet<Key>>,
}

/// What a pod was brought in step with, by the versions of all that it was made from. While they are what they
/// were, there is nothing to be done: an object's version changes with every change of it.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InStep {
    pub(crate) virtual_pod: u64,
    pub(crate) host_pod: u64,
    /// The Secret with its tokens; 0 when there is none.
    pub(crate) tokens: u64,
    /// Its virtual namespace, whose labels the host pod has.
    pub(crate) namespace: u64,
}

impl Index {
    /// Notes what somebody uses now; answers with the things that are newly used or no longer.
    pub(crate) fn set(&mut self, by: &Key, uses: &Uses, node: Option<&str>) -> Vec<Key> {
        let namespace = &*by.name.namespace;
        let config_maps = uses.config_maps.iter().map(|name| (Kind::ConfigMap, name));
        let secrets = uses.secrets.iter().map(|name| (Kind::Secret, name));
        let mut now: Vec<Key> = config_maps
            .chain(secrets)
            .map(|(kind, name)| Key::new(kind, namespace, name))
            .collect();
        now.extend(node.map(|node| Key::new(Kind::Node, "", node)));
        let before = self.uses.get(by).cloned().unwrap_or_default();
        let mut changed = Vec::new();
        for key in before.iter().filter(|key| !now.contains(key)) {
            if let Some(users) = self.users.get_mut(key) {
                users.remove(by);
                if users.is_empty() {
                    self.users.remove(key);
                }
            }
            changed.push(key.clone());
        }
        for key in now.iter().filter(|key| !before.contains(key)) {
            self.users
                .entry(key.clone())
                .or_default()
                .insert(by.clone());
            changed.push(key.clone());
        }
        if now.is_empty() {
            self.uses.remove(by);
        } else {
            self.uses.insert(by.clone(), now);
        }
        changed
    }

    /// Whether somebody uses it.
    pub(crate) fn is_used(&self, key: &Key) -> bool {
        self.users.contains_key(key)
    }
}

/// What every part of the syncer works with.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) host: Rest,
    pub(crate) virtual_cluster: Rest,
    pub(crate) queue: Queue,
    pub(crate) counters: Counters,
    /// What DNS answers from.
    pub(crate) names: Arc<Names>,
    known: Mutex<Known>,
    /// Nothing is written any more: the cluster is being deleted, or another syncer has taken over.
    is_frozen: AtomicBool,
    /// Told when another syncer has taken over.
    pub(crate) lost: Notify,
}

impl Context {
    pub(crate) fn new(
        settings: Settings,
        host: Rest,
        virtual_cluster: Rest,
        names: Arc<Names>,
    ) -> Self {
        let known = Known {
            synced: settings.synced.iter().map(|_| Sides::default()).collect(),
            shown: settings
                .shown
                .iter()
                .map(|_| ShownSides::default())
                .collect(),
            imports: settings.imports.iter().map(|_| Cache::default()).collect(),
            ..Known::default()
        };
        Self {
            settings,
            host,
            virtual_cluster,
            queue: Queue::default(),
            counters: Counters::default(),
            names,
            known: Mutex::new(known),
            is_frozen: AtomicBool::new(false),
            lost: Notify::new(),
        }
    }

    /// What is known. Never held across an await.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        // Nobody panics while it is held.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.settings.scope
    }

    /// Whether nothing may be written any more.
    pub(crate) fn is_frozen(&self) -> bool {
        self.is_frozen.load(Ordering::Relaxed)
    }

    /// From now on nothing is written.
    pub(crate) fn freeze(&self) {
        self.is_frozen.store(true, Ordering::Relaxed);
    }

    /// Labels of a virtual namespace.
    pub(crate) fn namespace_labels(&self, namespace: &str) -> Map<String, Value> {
        let found = self
            .known()
            .virtual_namespaces
            .get(&Name::new("", namespace));
        let labels = found.map(|namespace| namespace.value());
        let labels = labels.and_then(|value| value.pointer("/metadata/labels").cloned());
        match labels {
            Some(Value::Object(labels)) => labels,
            _ => Map::new(),
        }
    }

    /// Name on the host of what stands for a virtual object.
    pub(crate) fn host_name(&self, name: &Name) -> Name {
        let scope = self.scope();
        Name::new(
            scope.host_namespace.as_str(),
            &scope.host_name(&name.namespace, &name.name),
        )
    }
}

/// The shared context.
pub(crate) type Shared = Arc<Context>;
