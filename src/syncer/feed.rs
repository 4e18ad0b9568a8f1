//! What the watches show, into the caches and the queue.
//!
//! In: [`Seen`] of every collection. Out: caches that keep up, and keys of what may be out of step.
//! Never: looks at what an object says beyond whom it concerns.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::admission::CONFIGURATIONS;
use super::cache::{Cache, Name};
use super::context::{Context, Known, Shared};
use super::endpointslices::addresses_of;
use super::lead;
use super::metrics;
use super::object::Object;
use super::own_dns;
use super::pods;
use super::queue::{Key, Kind};
use super::rest::{
    CLAIMS, CONFIG_MAPS, ENDPOINT_SLICES, NAMESPACES, NODES, PODS, Resource, SECRETS, SERVICES,
    STORAGE_CLASSES, VOLUMES,
};
use super::translate::admission::CONFIGURATION;
use super::translate::configs::digest;
use super::translate::endpointslices::service_of;
use super::translate::services::{OWN as OWN_SERVICES, is_own};
use super::watch::{Seen, Watch};
use super::{imports, persistentvolumeclaims, persistentvolumes, services, shown, synced};
use crate::labels;

/// What counts of a host pod when it changes: whose it is, whether it is going, its addresses.
const POD_FACTS: [&str; 6] = [
    "/metadata/labels",
    "/metadata/annotations",
    "/metadata/deletionTimestamp",
    "/spec/hostNetwork",
    "/status/phase",
    "/status/podIPs",
];

/// One watch, at work.
pub(crate) type Watching = BoxFuture<'static, ()>;

/// Watches both sides, for good. Each watch is a task of its own: one that has nothing new is not looked
/// at for what another brings.
pub(crate) async fn run(ctx: &Shared) {
    let more = synced::watches(ctx).into_iter().chain(shown::watches(ctx));
    let more = more.chain(imports::watches(ctx));
    let all = virtual_side(ctx)
        .into_iter()
        .chain(host_side(ctx))
        .chain(more);
    let mut watches: JoinSet<()> = all.collect();
    watches.join_next().await;
}

fn virtual_side(ctx: &Shared) -> Vec<Watching> {
    vec![
        whole(ctx, "virtual pods", PODS, virtual_pod),
        metadata(ctx, "virtual configmaps", CONFIG_MAPS, |ctx, seen| {
            virtual_config(ctx, seen, Kind::ConfigMap, |known| {
                &mut known.virtual_config_maps
            });
        }),
        metadata(ctx, "virtual secrets", SECRETS, |ctx, seen| {
            virtual_config(ctx, seen, Kind::Secret, |known| &mut known.virtual_secrets);
        }),
        metadata(ctx, "virtual namespaces", NAMESPACES, virtual_namespace),
        whole(ctx, "virtual nodes", NODES, virtual_node),
        whole(ctx, "virtual services", SERVICES, virtual_service),
        whole(
            ctx,
            "virtual endpointslices",
            ENDPOINT_SLICES,
            virtual_slice,
        ),
        whole(
            ctx,
            "virtual persistentvolumeclaims",
            CLAIMS,
            persistentvolumeclaims::seen_virtual,
        ),
        whole(
            ctx,
            "virtual persistentvolumes",
            VOLUMES,
            persistentvolumes::seen,
        ),
        whole(
            ctx,
            "virtual storageclasses",
            STORAGE_CLASSES,
            virtual_class,
        ),
        webhooks(ctx),
    ]
}

fn host_side(ctx: &Shared) -> Vec<Watching> {
    let cluster = ctx.scope().cluster.as_str();
    let ours = format!("{}={cluster},{}", labels::CLUSTER, labels::NAMESPACE);
    // The marker is among the ConfigMaps. Of Secrets, those of the control plane are none of ours.
    let all = format!("{}={cluster}", labels::CLUSTER);
    let mut watches = vec![
        host(ctx, "host pods", PODS, &ours, host_pod),
        host(ctx, "host configmaps", CONFIG_MAPS, &all, host_config_map),
        host(ctx, "host secrets", SECRETS, &ours, host_secret),
        host(
            ctx,
            "host persistentvolumeclaims",
            CLAIMS,
            &ours,
            persistentvolumeclaims::seen_host,
        ),
        host(ctx, "host services", SERVICES, &ours, host_service),
    ];
    if ctx.settings.sync_nodes {
        watches.push(host_wide(ctx, "host nodes", NODES, host_node));
    }
    if ctx.settings.sync_storage_classes {
        let what = "host storageclasses";
        watches.push(host_wide(ctx, what, STORAGE_CLASSES, host_class));
    }
    watches
}

fn whole(
    ctx: &Shared,
    what: &'static str,
    resource: Resource,
    tell: impl Fn(&Context, Seen) + Send + 'static,
) -> Watching {
    let watch = Watch {
        rest: ctx.virtual_cluster.clone(),
        what,
        path: resource.all(""),
        selector: String::new(),
        metadata_only: false,
    };
    watching(ctx, watch, tell)
}

fn metadata(
    ctx: &Shared,
    what: &'static str,
    resource: Resource,
    tell: impl Fn(&Context, Seen) + Send + 'static,
) -> Watching {
    let watch = Watch {
        rest: ctx.virtual_cluster.clone(),
        what,
        path: resource.all(""),
        selector: String::new(),
        metadata_only: true,
    };
    watching(ctx, watch, tell)
}

fn host(
    ctx: &Shared,
    what: &'static str,
    resource: Resource,
    labels: &str,
    tell: impl Fn(&Context, Seen) + Send + 'static,
) -> Watching {
    let watch = Watch {
        rest: ctx.host.clone(),
        what,
        path: resource.all(ctx.scope().host_namespace.as_str()),
        selector: format!("labelSelector={}", percent_encoded(labels)),
        metadata_only: false,
    };
    watching(ctx, watch, tell)
}

/// What is in no namespace of the host, where it may be read.
fn host_wide(
    ctx: &Shared,
    what: &'static str,
    resource: Resource,
    tell: impl Fn(&Context, Seen) + Send + 'static,
) -> Watching {
    let watch = Watch {
        rest: ctx.host.clone(),
        what,
        path: resource.all(""),
        selector: String::new(),
        metadata_only: false,
    };
    watching(ctx, watch, tell)
}

/// The configuration of our webhook.
fn webhooks(ctx: &Shared) -> Watching {
    let watch = Watch {
        rest: ctx.virtual_cluster.clone(),
        what: "virtual webhooks",
        path: CONFIGURATIONS.all(""),
        selector: format!("fieldSelector=metadata.name%3D{CONFIGURATION}"),
        metadata_only: false,
    };
    watching(ctx, watch, webhook)
}

fn watching(
    ctx: &Shared,
    watch: Watch,
    tell: impl Fn(&Context, Seen) + Send + 'static,
) -> Watching {
    let ctx = Arc::clone(ctx);
    Box::pin(watch.run(move |seen| tell(&ctx, seen)))
}

/// What a label selector has that a query may not.
pub(crate) fn percent_encoded(selector: &str) -> String {
    selector
        .replace('%', "%25")
        .replace('/', "%2F")
        .replace('=', "%3D")
        .replace(',', "%2C")
        .replace('!', "%21")
}

/// Takes in what was seen; answers with what it concerns, and whether each is still there.
pub(crate) fn take(
    ctx: &Context,
    seen: Seen,
    cache: impl Fn(&mut Known) -> &mut Cache,
) -> Vec<(Arc<Object>, bool)> {
    let is_whole = matches!(seen, Seen::ListEnds(_));
    let mut known = ctx.known();
    let changed = taken(cache(&mut known), seen);
    drop(known);
    if is_whole {
        look_at_everything(ctx);
    }
    changed
}

/// What a cache makes of what was seen: what it concerns, and whether each is still there.
pub(crate) fn taken(cache: &mut Cache, seen: Seen) -> Vec<(Arc<Object>, bool)> {
    let changed = cache.take(seen).into_iter();
    changed
        .map(|object| {
            let name = Name::new(&object.namespace, &object.name);
            let is_there = cache.get(&name).is_some();
            (object, is_there)
        })
        .collect()
}

/// After a list, everything may be out of step: what was missed was not told.
pub(crate) fn look_at_everything(ctx: &Context) {
    let known = ctx.known();
    let mut keys: Vec<Key> = Vec::new();
    let of = |kind: Kind, name: &Name| Key {
        kind,
        name: name.clone(),
    };
    keys.extend(known.virtual_pods.names().map(|name| of(Kind::Pod, name)));
    let services = known.virtual_services.names();
    keys.extend(services.map(|name| of(Kind::Service, name)));
    keys.extend(OWN_SERVICES.map(|(namespace, name)| Key::new(Kind::Service, namespace, name)));
    for nodes in [&known.virtual_nodes, &known.host_nodes] {
        keys.extend(nodes.names().map(|name| of(Kind::Node, name)));
    }
    let claims = known.virtual_claims.names();
    keys.extend(claims.map(|name| of(Kind::PersistentVolumeClaim, name)));
    let volumes = known.virtual_volumes.names();
    keys.extend(volumes.map(|name| of(Kind::PersistentVolume, name)));
    let classes = known.virtual_classes.names();
    keys.extend(classes.map(|name| of(Kind::StorageClass, name)));
    let hosts = [
        (Kind::PersistentVolumeClaim, &known.host_claims),
        (Kind::Pod, &known.host_pods),
        (Kind::ConfigMap, &known.host_config_maps),
        (Kind::Secret, &known.host_secrets),
        (Kind::Service, &known.host_services),
    ];
    for (kind, cache) in hosts {
        keys.extend(
            cache
                .objects()
                .filter_map(|object| host_key(ctx, kind, object)),
        );
    }
    keys.extend(
        ctx.settings
            .own_node
            .iter()
            .map(|node| Key::new(Kind::Node, "", &node.name)),
    );
    drop(known);
    keys.extend(synced::keys(ctx));
    for key in keys {
        ctx.queue.add(key);
    }
}

/// Whom a host object concerns; none when it is not ours.
pub(crate) fn host_key(ctx: &Context, kind: Kind, object: &Object) -> Option<Key> {
    let object = object.marks();
    let name = pods::virtual_name_of(ctx, &object)?;
    // The annotation says it, too: a label is easily taken off by hand.
    let has_mark = |field: &str| {
        object
            .pointer(field)
            .is_some_and(|all| all.get(labels::TOKENS).is_some())
    };
    let is_tokens = has_mark("/metadata/labels") || has_mark("/metadata/annotations");
    let kind = if is_tokens { Kind::Pod } else { kind };
    Some(Key { kind, name })
}

fn virtual_pod(ctx: &Context, seen: Seen) {
    for (object, is_there) in take(ctx, seen, |known| &mut known.virtual_pods) {
        let name = Name::new(&object.namespace, &object.name);
        if !is_there {
            let host_name = ctx.host_name(&name);
            let mut known = ctx.known();
            let host_pod = known.host_pods.get(&host_name);
            if let Some(host_pod) = host_pod
                && pods::virtual_uid_of(&host_pod.marks()) == &*object.uid
            {
                known.departed.remember(&host_pod.uid, object);
            }
        }
        ctx.queue.add(Key {
            kind: Kind::Pod,
            name,
        });
    }
}

fn virtual_config(ctx: &Context, seen: Seen, kind: Kind, cache: impl Fn(&mut Known) -> &mut Cache) {
    for (object, _) in take(ctx, seen, cache) {
        let key = Key::new(kind, &object.namespace, &object.name);
        imports::look_at(ctx, kind, &key.name);
        if ctx.known().index.is_used(&key) {
            ctx.queue.add(key);
        }
    }
}

/// Its labels stand on its host pods.
fn virtual_namespace(ctx: &Context, seen: Seen) {
    for (namespace, is_there) in take(ctx, seen, |known| &mut known.virtual_namespaces) {
        own_dns::namespace(ctx, &namespace.name, is_there);
        if !is_there {
            continue;
        }
        let known = ctx.known();
        let pods = known.virtual_pods.names();
        for pod in pods.filter(|pod| *pod.namespace == *namespace.name) {
            ctx.queue.add(Key {
                kind: Kind::Pod,
                name: pod.clone(),
            });
        }
    }
    own_dns::listed(ctx);
}

fn virtual_node(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.virtual_nodes) {
        ctx.queue.add(Key::new(Kind::Node, "", &object.name));
    }
}

fn virtual_service(ctx: &Context, seen: Seen) {
    own_dns::service(ctx, &seen);
    services::seen(ctx, &seen);
    for (object, is_there) in take(ctx, seen, |known| &mut known.virtual_services) {
        own_dns::service_taken(ctx, &object, is_there);
        if !is_there && metrics::is_own_service(&object.namespace, &object.name) {
            ctx.queue.add(Key::new(Kind::Metrics, "", ""));
        }
        let name = Name::new(&object.namespace, &object.name);
        imports::look_at(ctx, Kind::Service, &name);
        look_at_service(ctx, name);
    }
    own_dns::listed(ctx);
}

fn webhook(ctx: &Context, seen: Seen) {
    let is_whole = matches!(seen, Seen::ListEnds(_));
    let mut known = ctx.known();
    let changed = known.virtual_webhooks.take(seen);
    drop(known);
    if is_whole || !changed.is_empty() {
        ctx.queue.add(Key::new(Kind::Webhook, "", CONFIGURATION));
    }
}

fn host_service(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.host_services) {
        if let Some(key) = host_key(ctx, Kind::Service, &object) {
            look_at_service(ctx, key.name);
        }
    }
}

/// A Service, and what users have made for it.
fn look_at_service(ctx: &Context, name: Name) {
    let slices = ctx.known().slices.keys(Some(&name));
    let kind = Kind::Service;
    for key in slices.into_iter().chain([Key { kind, name }]) {
        ctx.queue.add(key);
    }
}

fn virtual_slice(ctx: &Context, seen: Seen) {
    own_dns::slice(ctx, &seen);
    for (object, is_there) in take(ctx, seen, |known| &mut known.virtual_endpoint_slices) {
        own_dns::slice_taken(ctx, &object, is_there);
        if is_own(&object.namespace, &object.name) {
            ctx.queue
                .add(Key::new(Kind::Service, &object.namespace, &object.name));
            continue;
        }
        let name = Name::new(&object.namespace, &object.name);
        let slice = object.value();
        let service = is_there.then(|| service_of(&slice)).flatten();
        if ctx.known().slices.note(&name, service) {
            ctx.queue.add(Key {
                kind: Kind::EndpointSlice,
                name,
            });
        }
    }
    own_dns::listed(ctx);
}

fn virtual_class(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.virtual_classes) {
        ctx.queue
            .add(Key::new(Kind::StorageClass, "", &object.name));
    }
}

fn host_class(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.host_storage_classes) {
        ctx.queue
            .add(Key::new(Kind::StorageClass, "", &object.name));
    }
}

fn host_node(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.host_nodes) {
        ctx.queue.add(Key::new(Kind::Node, "", &object.name));
    }
}

fn host_pod(ctx: &Context, seen: Seen) {
    for (object, is_there) in take(ctx, seen, |known| &mut known.host_pods) {
        let value = object.only(&POD_FACTS);
        let Some(name) = pods::virtual_name_of(ctx, &value) else {
            continue;
        };
        note_addresses(ctx, &object, is_there.then_some(&value));
        if is_there {
            ctx.known().gone_hosts.remove(&name);
        } else {
            host_pod_went(ctx, &name, &object, &value);
        }
        ctx.queue.add(Key {
            kind: Kind::Pod,
            name,
        });
    }
}

fn host_pod_went(ctx: &Context, name: &Name, object: &Object, value: &Value) {
    let mut known = ctx.known();
    let virtual_pod = known.virtual_pods.get(name);
    if let Some(virtual_pod) = virtual_pod.filter(|pod| pods::virtual_uid_of(value) == &*pod.uid) {
        known.departed.remember(&object.uid, virtual_pod);
    }
    if value.pointer("/metadata/deletionTimestamp").is_some() {
        // It really went, and was not only taken out of our sight by a change of its labels.
        known.gone_hosts.insert(name.clone());
    }
}

/// EndpointSlices of users may name the addresses of host pods that are ours.
fn note_addresses(ctx: &Context, pod: &Object, value: Option<&Value>) {
    let addresses = value.map(addresses_of).unwrap_or_default();
    let host_name = Name::new(&pod.namespace, &pod.name);
    let mut known = ctx.known();
    if known.slices.note_pod(&host_name, addresses) {
        let keys = known.slices.keys(None);
        drop(known);
        for key in keys {
            ctx.queue.add(key);
        }
    }
}

fn host_config_map(ctx: &Context, seen: Seen) {
    if let Seen::Listed(object) | Seen::Changed(object) | Seen::Deleted(object) = &seen
        && *object.name == *ctx.scope().cluster.object()
    {
        lead::look_at_marker(ctx, &object.value());
        if matches!(seen, Seen::Deleted(_)) {
            // With the marker goes everything that it owns: nothing of that may be mended, nor reported.
            ctx.freeze();
        }
    }
    for (object, _) in take(ctx, digested_seen(seen), |known| {
        &mut known.host_config_maps
    }) {
        if let Some(key) = host_key(ctx, Kind::ConfigMap, &object) {
            ctx.queue.add(key);
        }
    }
}

fn host_secret(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, digested_seen(seen), |known| &mut known.host_secrets) {
        if let Some(key) = host_key(ctx, Kind::Secret, &object) {
            ctx.queue.add(key);
        }
    }
}

fn digested_seen(seen: Seen) -> Seen {
    match seen {
        Seen::Listed(object) => Seen::Listed(digested(object)),
        Seen::Changed(object) => Seen::Changed(digested(object)),
        Seen::Deleted(object) => Seen::Deleted(digested(object)),
        whole => whole,
    }
}

/// A ConfigMap or Secret as it is kept: its marks, and a digest for its content.
pub(crate) fn digested(object: Object) -> Object {
    let value = object.value();
    let metadata = |field: &str| value.pointer(&format!("/metadata/{field}"));
    let text = json!({
        "metadata": {"labels": metadata("labels"), "annotations": metadata("annotations")},
        "immutable": value.get("immutable"),
        "digest": digest(&value),
    });
    object.with_text(text.to_string())
}
