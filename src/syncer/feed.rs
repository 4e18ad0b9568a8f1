//! What the watches show, into the caches and the queue.
//!
//! In: [`Seen`] of every collection. Out: caches that keep up, and keys of what may be out of step.
//! Never: looks at what an object says beyond whom it concerns.

use std::future::Future;
use std::sync::Arc;

use futures::future::join;
use serde_json::{Value, json};

use super::cache::{Cache, Name};
use super::context::{Context, Known, Shared};
use super::lead;
use super::object::Object;
use super::own_dns;
use super::pods;
use super::queue::{Key, Kind};
use super::rest::{
    CONFIG_MAPS, ENDPOINT_SLICES, NAMESPACES, NODES, PODS, Resource, Rest, SECRETS, SERVICES,
};
use super::translate::configs::digest;
use super::watch::{Seen, Watch};
use crate::labels;

/// Watches both sides, for good.
pub(crate) async fn run(ctx: &Shared) {
    join(Box::pin(virtual_side(ctx)), Box::pin(host_side(ctx))).await;
}

async fn virtual_side(ctx: &Shared) {
    tokio::join!(
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
            virtual_slice
        ),
    );
}

async fn host_side(ctx: &Shared) {
    let cluster = ctx.scope().cluster.as_str();
    let ours = format!("{}={cluster},{}", labels::CLUSTER, labels::NAMESPACE);
    // The marker is among the ConfigMaps. Of Secrets, those of the control plane are none of ours.
    let all = format!("{}={cluster}", labels::CLUSTER);
    tokio::join!(
        host(ctx, "host pods", PODS, &ours, host_pod),
        host(ctx, "host configmaps", CONFIG_MAPS, &all, host_config_map),
        host(ctx, "host secrets", SECRETS, &ours, host_secret),
        host_nodes(ctx),
    );
}

fn whole<'a>(
    ctx: &'a Shared,
    what: &'static str,
    resource: Resource,
    tell: impl Fn(&Context, Seen) + 'a,
) -> impl Future<Output = ()> + 'a {
    watch(
        ctx,
        what,
        &ctx.virtual_cluster,
        resource.all(""),
        String::new(),
        false,
        tell,
    )
}

fn metadata<'a>(
    ctx: &'a Shared,
    what: &'static str,
    resource: Resource,
    tell: impl Fn(&Context, Seen) + 'a,
) -> impl Future<Output = ()> + 'a {
    watch(
        ctx,
        what,
        &ctx.virtual_cluster,
        resource.all(""),
        String::new(),
        true,
        tell,
    )
}

fn host<'a>(
    ctx: &'a Shared,
    what: &'static str,
    resource: Resource,
    labels: &str,
    tell: impl Fn(&Context, Seen) + 'a,
) -> impl Future<Output = ()> + 'a {
    let namespace = ctx.scope().host_namespace.as_str();
    let selector = format!("labelSelector={}", percent_encoded(labels));
    watch(
        ctx,
        what,
        &ctx.host,
        resource.all(namespace),
        selector,
        false,
        tell,
    )
}

/// The host's nodes, if they may be read.
async fn host_nodes(ctx: &Shared) {
    if ctx.settings.sync_nodes {
        let path = NODES.all("");
        let all = String::new();
        watch(ctx, "host nodes", &ctx.host, path, all, false, host_node).await;
    }
}

fn watch<'a>(
    ctx: &'a Shared,
    what: &'static str,
    rest: &Rest,
    path: String,
    selector: String,
    metadata_only: bool,
    tell: impl Fn(&Context, Seen) + 'a,
) -> impl Future<Output = ()> + 'a {
    let watch = Watch {
        rest: rest.clone(),
        what,
        path,
        selector,
        metadata_only,
    };
    watch.run(move |seen| tell(ctx, seen))
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
fn take(
    ctx: &Context,
    seen: Seen,
    cache: impl Fn(&mut Known) -> &mut Cache,
) -> Vec<(Arc<Object>, bool)> {
    let is_whole = matches!(seen, Seen::ListEnds);
    let mut known = ctx.known();
    let cache = cache(&mut known);
    let changed: Vec<(Arc<Object>, bool)> = cache
        .take(seen)
        .into_iter()
        .map(|object| {
            let name = Name::new(&object.namespace, &object.name);
            let is_there = cache.get(&name).is_some();
            (object, is_there)
        })
        .collect();
    drop(known);
    if is_whole {
        look_at_everything(ctx);
    }
    changed
}

/// After a list, everything may be out of step: what was missed was not told.
fn look_at_everything(ctx: &Context) {
    let known = ctx.known();
    let mut keys: Vec<Key> = Vec::new();
    let of = |kind: Kind, name: &Name| Key {
        kind,
        name: name.clone(),
    };
    keys.extend(known.virtual_pods.names().map(|name| of(Kind::Pod, name)));
    for nodes in [&known.virtual_nodes, &known.host_nodes] {
        keys.extend(nodes.names().map(|name| of(Kind::Node, name)));
    }
    let hosts = [
        (Kind::Pod, &known.host_pods),
        (Kind::ConfigMap, &known.host_config_maps),
        (Kind::Secret, &known.host_secrets),
    ];
    for (kind, cache) in hosts {
        keys.extend(
            cache
                .objects()
                .filter_map(|object| host_key(ctx, kind, &object.value())),
        );
    }
    keys.extend(
        ctx.settings
            .own_node
            .iter()
            .map(|node| Key::new(Kind::Node, "", &node.name)),
    );
    drop(known);
    for key in keys {
        ctx.queue.add(key);
    }
}

/// Whom a host object concerns; none when it is not ours.
fn host_key(ctx: &Context, kind: Kind, object: &Value) -> Option<Key> {
    let name = pods::virtual_name_of(ctx, object)?;
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
    for (object, _) in take(ctx, seen, |known| &mut known.virtual_pods) {
        ctx.queue
            .add(Key::new(Kind::Pod, &object.namespace, &object.name));
    }
}

fn virtual_config(ctx: &Context, seen: Seen, kind: Kind, cache: impl Fn(&mut Known) -> &mut Cache) {
    for (object, _) in take(ctx, seen, cache) {
        let key = Key::new(kind, &object.namespace, &object.name);
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
    for (object, is_there) in take(ctx, seen, |known| &mut known.virtual_services) {
        own_dns::service_taken(ctx, &object, is_there);
    }
    own_dns::listed(ctx);
}

fn virtual_slice(ctx: &Context, seen: Seen) {
    own_dns::slice(ctx, &seen);
    for (object, is_there) in take(ctx, seen, |known| &mut known.virtual_endpoint_slices) {
        own_dns::slice_taken(ctx, &object, is_there);
    }
    own_dns::listed(ctx);
}

fn host_node(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, seen, |known| &mut known.host_nodes) {
        ctx.queue.add(Key::new(Kind::Node, "", &object.name));
    }
}

fn host_pod(ctx: &Context, seen: Seen) {
    for (object, is_there) in take(ctx, seen, |known| &mut known.host_pods) {
        let value = object.value();
        let Some(name) = pods::virtual_name_of(ctx, &value) else {
            continue;
        };
        if is_there {
            ctx.known().gone_hosts.remove(&name);
        } else if value.pointer("/metadata/deletionTimestamp").is_some() {
            // It really went, and was not only taken out of our sight by a change of its labels.
            ctx.known().gone_hosts.insert(name.clone());
        }
        ctx.queue.add(Key {
            kind: Kind::Pod,
            name,
        });
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
        if let Some(key) = host_key(ctx, Kind::ConfigMap, &object.value()) {
            ctx.queue.add(key);
        }
    }
}

fn host_secret(ctx: &Context, seen: Seen) {
    for (object, _) in take(ctx, digested_seen(seen), |known| &mut known.host_secrets) {
        if let Some(key) = host_key(ctx, Kind::Secret, &object.value()) {
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
