//! Virtual nodes: one for each host node that a pod of the virtual cluster runs on.
//!
//! In: the name of a node. Out: there as long as it is used, with the host's name and address. Never:
//! asks the host about nodes, unless it was given the right to: what is known of one otherwise comes from
//! the pods on it. With the right every node of the host is there, as it is.
//!
//! A Lease is written once, with the node: nothing in a virtual cluster judges nodes by it, and renewing
//! it every ten seconds would be the only thing that an idle cluster writes.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::cache::Name;
use super::context::Context;
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{Form, LEASES, NODES, RestError};
use super::translate::nodes::{self as translate, NodeFacts};
use crate::labels;

/// A node that is no longer used is kept this long: a rollout may come back to it.
const UNUSED: Duration = Duration::from_secs(30);

/// Brings one node in step.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn reconcile(ctx: &Context, node: &str) -> Result<Outcome, RestError> {
    let name = Name::new("", node);
    let sync_nodes = ctx.settings.sync_nodes;
    let (found, is_complete, is_used) = {
        let known = ctx.known();
        let is_complete = known.virtual_nodes.is_complete() && known.virtual_pods.is_complete();
        let is_used = known.index.is_used(&Key::new(Kind::Node, "", node)) || is_own(ctx, node);
        (
            known.virtual_nodes.get(&name),
            is_complete && (known.host_nodes.is_complete() || !sync_nodes),
            // Where the host's nodes are known, they alone decide.
            (is_used && !sync_nodes) || known.host_nodes.get(&name).is_some(),
        )
    };
    if !is_complete || ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let found = found.map(|object| object.value());
    if is_used {
        ctx.known().unused_nodes.remove(node);
        keep(ctx, node, found.as_ref()).await?;
        return Ok(Outcome::Done);
    }
    match found {
        Some(found) if is_ours(&found) => retire(ctx, node, &found).await,
        _ => Ok(Outcome::Done),
    }
}

/// Whether it was made by us, and not by somebody in the virtual cluster.
fn is_ours(node: &Value) -> bool {
    let annotations = node.pointer("/metadata/annotations");
    annotations.is_some_and(|all| all.get(labels::MANAGED_LABELS).is_some())
}

fn is_own(ctx: &Context, node: &str) -> bool {
    let own = ctx.settings.own_node.as_ref();
    own.is_some_and(|own| own.name == node)
}

/// Makes a node that is about to be used, unless it is there.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn ensure(
    ctx: &Context,
    node: &str,
    host_pod: Option<&Value>,
) -> Result<(), RestError> {
    if let Some(host_pod) = host_pod {
        learn(ctx, node, host_pod);
    }
    let found = ctx.known().virtual_nodes.get(&Name::new("", node));
    match found {
        Some(_) => Ok(()),
        None => keep(ctx, node, None).await,
    }
}

/// Notes a node's addresses, which a pod that runs there tells.
pub(crate) fn learn(ctx: &Context, node: &str, host_pod: &Value) {
    let addresses = host_pod
        .pointer("/status/hostIPs")
        .and_then(Value::as_array);
    let addresses: Vec<String> = addresses
        .into_iter()
        .flatten()
        .filter_map(|address| Some(address.get("ip")?.as_str()?.to_owned()))
        .collect();
    if addresses.is_empty() || is_own(ctx, node) {
        return;
    }
    let mut known = ctx.known();
    if known.node_addresses.get(node) != Some(&addresses) {
        known.node_addresses.insert(node.to_owned(), addresses);
        drop(known);
        ctx.queue.add(Key::new(Kind::Node, "", node));
    }
}

/// What is known of a node. `since` it is as it is, is read from what was written of it before.
fn facts(ctx: &Context, node: &str, found: Option<&Value>) -> NodeFacts {
    let own = ctx
        .settings
        .own_node
        .as_ref()
        .filter(|own| own.name == node);
    let (told, host_node) = {
        let known = ctx.known();
        let host_node = known.host_nodes.get(&Name::new("", node));
        (known.node_addresses.get(node).cloned(), host_node)
    };
    let written = found.and_then(|found| Some((addresses(found), since(found)?)));
    let (before, since) = written.unwrap_or_else(|| (Vec::new(), now()));
    NodeFacts {
        name: node.to_owned(),
        host_ips: own
            .map(|own| own.addresses.clone())
            .or(told)
            .unwrap_or(before),
        kubelet_port: ctx.settings.kubelet_port,
        kubelet_version: ctx.settings.kubernetes_version.clone(),
        operating_system: "linux".to_owned(),
        architecture: own_architecture().to_owned(),
        since,
        host_node: host_node.map(|node| node.value()),
    }
}

/// What the host's other nodes are is not known; most hosts have one kind.
fn own_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    }
}

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn since(node: &Value) -> Option<String> {
    let conditions = node.pointer("/status/conditions")?.as_array()?;
    let moment = conditions.first()?.get("lastTransitionTime")?.as_str()?;
    Some(moment.to_owned())
}

/// The addresses that a node was written with.
fn addresses(node: &Value) -> Vec<String> {
    let addresses = node.pointer("/status/addresses").and_then(Value::as_array);
    let internal = addresses
        .into_iter()
        .flatten()
        .filter(|address| address.get("type").and_then(Value::as_str) == Some("InternalIP"));
    internal
        .filter_map(|address| Some(address.get("address")?.as_str()?.to_owned()))
        .collect()
}

/// Makes a node, or brings what is ours of it in step.
async fn keep(ctx: &Context, node: &str, found: Option<&Value>) -> Result<(), RestError> {
    let wanted = translate::node(&facts(ctx, node, found));
    match found {
        Some(found) => change(ctx, node, &wanted, found).await,
        None => make(ctx, node, &wanted).await,
    }
}

async fn change(ctx: &Context, node: &str, wanted: &Value, found: &Value) -> Result<(), RestError> {
    let translate::NodeChanges { object, status } = translate::changes(wanted, found);
    let path = NODES.one("", node);
    let writes = [(path.clone(), object), (format!("{path}/status"), status)];
    for (path, patch) in writes {
        if let Some(patch) = patch {
            let text = ctx
                .virtual_cluster
                .patch(&path, Form::MergePatch, &patch)
                .await?;
            ctx.known().virtual_nodes.wrote(parse(&text)?);
        }
    }
    Ok(())
}

async fn make(ctx: &Context, node: &str, wanted: &Value) -> Result<(), RestError> {
    let text = match ctx.virtual_cluster.create(&NODES.all(""), wanted).await {
        // The watch will show it.
        Err(error) if error.is_conflict() => return Ok(()),
        other => other?,
    };
    let made = parse(&text)?;
    let renewed = Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string();
    let lease = translate::lease(node, &made.uid, &renewed);
    let value = made.value();
    ctx.known().virtual_nodes.wrote(made);
    change(ctx, node, wanted, &value).await?;
    let leases = LEASES.all("kube-node-lease");
    match ctx.virtual_cluster.create(&leases, &lease).await {
        Err(error) if !error.is_conflict() => Err(error),
        _ => Ok(()),
    }
}

/// Removes a node that has not been used for a while.
async fn retire(ctx: &Context, node: &str, found: &Value) -> Result<Outcome, RestError> {
    let now = Instant::now();
    let since = *ctx
        .known()
        .unused_nodes
        .entry(node.to_owned())
        .or_insert(now);
    let unused = now.duration_since(since);
    if unused < UNUSED && !ctx.settings.sync_nodes {
        return Ok(Outcome::After(UNUSED.saturating_sub(unused)));
    }
    ctx.virtual_cluster
        .delete_this(&NODES.one("", node), found.pointer("/metadata/uid"))
        .await?;
    let mut known = ctx.known();
    known.unused_nodes.remove(node);
    known.node_addresses.remove(node);
    Ok(Outcome::Done)
}
