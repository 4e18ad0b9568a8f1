//! Virtual nodes: one for each host node that a pod of the virtual cluster runs on.
//!
//! In: the name of a node. Out: there as long as it is used, with the host's name and address. Never:
//! asks the host about nodes, which are none of a namespace's business; what is known of one comes
//! from the pods on it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::cache::Name;
use super::context::Context;
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{Form, LEASES, NODES, RestError};
use super::translate::nodes::{self as translate, NodeFacts};

/// A node that is no longer used is kept this long: a rollout may come back to it.
const UNUSED: Duration = Duration::from_secs(30);

/// Brings one node in step.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn reconcile(ctx: &Context, node: &str) -> Result<Outcome, RestError> {
    let name = Name::new("", node);
    let (found, is_complete, is_used) = {
        let known = ctx.known();
        (
            known.virtual_nodes.get(&name),
            known.virtual_nodes.is_complete() && known.virtual_pods.is_complete(),
            known.index.is_used(&Key::new(Kind::Node, "", node)),
        )
    };
    if !is_complete || ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let found = found.map(|object| object.value());
    if is_used || is_own(ctx, node) {
        ctx.known().unused_nodes.remove(node);
        keep(ctx, node, found.as_ref()).await?;
        return Ok(Outcome::Done);
    }
    match found {
        Some(found) if translate::is_ours(&found) => retire(ctx, node, &found).await,
        _ => Ok(Outcome::Done),
    }
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
    let addresses = host_pod.pointer("/status/hostIPs").and_then(Value::as_array);
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

fn facts(ctx: &Context, node: &str) -> NodeFacts {
    let own = ctx.settings.own_node.as_ref().filter(|own| own.name == node);
    let told = ctx.known().node_addresses.get(node).cloned();
    NodeFacts {
        name: node.to_owned(),
        host_ips: own.map(|own| own.addresses.clone()).or(told).unwrap_or_default(),
        kubelet_port: ctx.settings.kubelet_port,
        kubelet_version: ctx.settings.kubernetes_version.clone(),
        host_node: None,
    }
}

/// Makes a node, or brings what is ours of it in step.
async fn keep(ctx: &Context, node: &str, found: Option<&Value>) -> Result<(), RestError> {
    let wanted = translate::node(&facts(ctx, node));
    let Some(found) = found else {
        return make(ctx, node, &wanted).await;
    };
    if !translate::differs(&wanted, found) {
        return Ok(());
    }
    let path = NODES.one("", node);
    let metadata = json!({"metadata": {
        "labels": wanted.pointer("/metadata/labels"),
        "annotations": wanted.pointer("/metadata/annotations"),
    }});
    ctx.virtual_cluster.patch(&path, Form::MergePatch, &metadata).await?;
    let status = json!({"status": wanted.get("status")});
    let path = format!("{path}/status");
    let text = ctx.virtual_cluster.patch(&path, Form::MergePatch, &status).await?;
    ctx.known().virtual_nodes.wrote(parse(&text)?);
    Ok(())
}

async fn make(ctx: &Context, node: &str, wanted: &Value) -> Result<(), RestError> {
    let text = match ctx.virtual_cluster.create(&NODES.all(""), wanted).await {
        // The watch will show it.
        Err(error) if error.is_conflict() => return Ok(()),
        other => other?,
    };
    let made = parse(&text)?;
    let lease = translate::lease(node, &made.uid);
    ctx.known().virtual_nodes.wrote(made);
    match ctx.virtual_cluster.create(&LEASES.all("kube-node-lease"), &lease).await {
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
    if unused < UNUSED {
        return Ok(Outcome::After(UNUSED.saturating_sub(unused)));
    }
    let options = json!({"preconditions": {"uid": found.pointer("/metadata/uid")}});
    ctx.virtual_cluster.delete(&NODES.one("", node), &options).await?;
    let mut known = ctx.known();
    known.unused_nodes.remove(node);
    known.node_addresses.remove(node);
    Ok(Outcome::Done)
}
