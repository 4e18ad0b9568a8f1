//! ConfigMaps and Secrets that pods use, and objects that are synced by option: the controller of both.
//!
//! In: the name of a virtual ConfigMap or Secret. Out: on the host as long as something there uses it,
//! and the same there as here. Never: one that nothing uses.
//!
//! Of the virtual ones metadata alone is watched, and content is read when it is needed; of the host
//! ones a digest is kept. So what tenants store takes no memory here.

use futures::future::join_all;
use serde_json::Value;
use tracing::debug;

use super::cache::Cache;
use super::context::{Context, Known};
use super::events;
use super::feed;
use super::pods::{is_ours, parse};
use super::queue::{Key, Kind, Outcome};
use super::rest::{CONFIG_MAPS, Resource, RestError, SECRETS};
use super::tokens::set_uid;
use super::translate::configs::{digest, to_host};
use super::translate::pods::Uses;
use super::translate::{Refusal, hides_host};
use crate::labels;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Virtual,
    Host,
}

fn resource(kind: Kind) -> Resource {
    match kind {
        Kind::Secret => SECRETS,
        _ => CONFIG_MAPS,
    }
}

fn cache(known: &mut Known, kind: Kind, side: Side) -> &mut Cache {
    match (kind, side) {
        (Kind::Secret, Side::Virtual) => &mut known.virtual_secrets,
        (Kind::Secret, Side::Host) => &mut known.host_secrets,
        (_, Side::Virtual) => &mut known.virtual_config_maps,
        (_, Side::Host) => &mut known.host_config_maps,
    }
}

/// What was observed of one.
struct Observed {
    is_complete: bool,
    is_used: bool,
    is_there: bool,
    host: Option<(String, Value)>,
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, key: &Key) -> Result<Outcome, RestError> {
    let observed = observe(ctx, key);
    if !observed.is_complete || ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    if !observed.is_used {
        return delete(ctx, key, observed.host).await;
    }
    let place = resource(key.kind).one(&key.name.namespace, &key.name.name);
    if !observed.is_there && observed.host.is_none() {
        return Ok(Outcome::Done);
    }
    match ctx.virtual_cluster.get(&place).await? {
        Some(text) => write(ctx, key, &parse(&text)?.value(), observed.host).await,
        None => delete(ctx, key, observed.host).await,
    }
}

fn observe(ctx: &Context, key: &Key) -> Observed {
    let host_name = ctx.host_name(&key.name);
    let mut known = ctx.known();
    let host = cache(&mut known, key.kind, Side::Host);
    // Somebody else's may have our labels and our name: it is not there, for us.
    let found = host.get(&host_name);
    let found = found.filter(|object| is_ours(ctx, &object.value()));
    let mut is_complete = host.is_complete();
    let on_virtual_side = cache(&mut known, key.kind, Side::Virtual);
    let is_there = on_virtual_side.get(&key.name).is_some();
    is_complete &= on_virtual_side.is_complete();
    Observed {
        is_complete: is_complete
            && known.virtual_pods.is_complete()
            && known.synced.iter().all(super::synced::Sides::shows_uses),
        is_used: known.index.is_used(key),
        is_there,
        host: found.map(|object| (object.uid.to_string(), object.value())),
    }
}

/// Brings what a pod is about to need, as far as it is missing on the host. What fails is tried again
/// by its own key, and the kubelet waits for it.
pub(crate) async fn bring(ctx: &Context, namespace: &str, uses: &Uses) {
    let config_maps = uses.config_maps.iter().map(|name| (Kind::ConfigMap, name));
    let secrets = uses.secrets.iter().map(|name| (Kind::Secret, name));
    let keys: Vec<Key> = config_maps
        .chain(secrets)
        .map(|(kind, name)| Key::new(kind, namespace, name))
        .filter(|key| {
            let observed = observe(ctx, key);
            observed.is_there && observed.host.is_none()
        })
        .collect();
    let brought = join_all(keys.iter().map(|key| reconcile(ctx, key))).await;
    for (key, result) in keys.iter().zip(brought) {
        if let Err(error) = result {
            debug!(%key, %error, "not there yet");
            ctx.queue.add(key.clone());
        }
    }
}

async fn write(
    ctx: &Context,
    key: &Key,
    object: &Value,
    host: Option<(String, Value)>,
) -> Result<Outcome, RestError> {
    let mut wanted = to_host(object, ctx.scope());
    let Some((uid, found)) = host else {
        return create(ctx, key, object, &wanted).await;
    };
    if is_in_step(&wanted, &found) {
        return Ok(Outcome::Done);
    }
    let is_another = mark(&wanted, labels::VIRTUAL_UID) != mark(&found, labels::VIRTUAL_UID);
    if is_another || found.get("immutable") == Some(&Value::Bool(true)) {
        // What cannot be changed is made anew. Pods that run keep what they have, as on any cluster.
        delete(ctx, key, Some((uid, found))).await?;
        return create(ctx, key, object, &wanted).await;
    }
    set_uid(&mut wanted, uid);
    let host_name = ctx.host_name(&key.name);
    let path = resource(key.kind).one(&host_name.namespace, &host_name.name);
    match ctx.host.replace(&path, &wanted).await {
        Ok(text) => {
            remember(ctx, key.kind, &text)?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            tell_of_refusal(ctx, key.kind, object, &error).await;
            Err(error)
        }
    }
}

async fn create(
    ctx: &Context,
    key: &Key,
    object: &Value,
    wanted: &Value,
) -> Result<Outcome, RestError> {
    let host_name = ctx.host_name(&key.name);
    let place = resource(key.kind);
    let error = match ctx
        .host
        .create(&place.all(&host_name.namespace), wanted)
        .await
    {
        Ok(text) => {
            remember(ctx, key.kind, &text)?;
            return Ok(Outcome::Done);
        }
        Err(error) => error,
    };
    if error.is_conflict() {
        let path = place.one(&host_name.namespace, &host_name.name);
        if let Some(text) = ctx.host.get(&path).await?
            && is_ours(ctx, &parse(&text)?.value())
        {
            // Ours, and out of the watch's sight: either it has not shown it yet, or somebody has taken
            // our label off. What was read is what is acted on, since the cache may already be past it.
            let found = feed::digested(parse(&text)?);
            let found = (found.uid.to_string(), found.value());
            return Box::pin(write(ctx, key, object, Some(found))).await;
        }
    }
    tell_of_refusal(ctx, key.kind, object, &error).await;
    Err(error)
}

async fn delete(
    ctx: &Context,
    key: &Key,
    host: Option<(String, Value)>,
) -> Result<Outcome, RestError> {
    let Some((uid, _)) = host else {
        return Ok(Outcome::Done);
    };
    let host_name = ctx.host_name(&key.name);
    let path = resource(key.kind).one(&host_name.namespace, &host_name.name);
    ctx.host.delete_this(&path, &uid).await?;
    cache(&mut ctx.known(), key.kind, Side::Host).forget(&host_name, &uid);
    Ok(Outcome::Done)
}

/// Whether content and metadata are as wanted. Labels and annotations that others have added stay.
fn is_in_step(wanted: &Value, found: &Value) -> bool {
    let has_all = |field: &str| {
        let pointer = format!("/metadata/{field}");
        let wanted = wanted.pointer(&pointer).and_then(Value::as_object);
        let found = found.pointer(&pointer);
        wanted
            .into_iter()
            .flatten()
            .all(|(key, value)| found.is_some_and(|found| found.get(key) == Some(value)))
    };
    let content = found.get("digest").and_then(Value::as_str);
    content == Some(&digest(wanted)) && has_all("labels") && has_all("annotations")
}

fn mark<'a>(object: &'a Value, annotation: &str) -> Option<&'a str> {
    object
        .pointer("/metadata/annotations")?
        .get(annotation)?
        .as_str()
}

fn remember(ctx: &Context, kind: Kind, text: &str) -> Result<(), RestError> {
    let object = feed::digested(parse(text)?);
    cache(&mut ctx.known(), kind, Side::Host).wrote(object);
    Ok(())
}

async fn tell_of_refusal(ctx: &Context, kind: Kind, object: &Value, error: &RestError) {
    if !error.is_final() && !error.is_conflict() {
        return;
    }
    let refusal = Refusal {
        reason: "HostRefused",
        message: format!(
            "the host cluster refuses what pods use of this: {}",
            hides_host(error.message(), object, ctx.scope())
        ),
    };
    let kind = match kind {
        Kind::Secret => "Secret",
        _ => "ConfigMap",
    };
    events::refuse(ctx, kind, object, &refusal).await;
}
