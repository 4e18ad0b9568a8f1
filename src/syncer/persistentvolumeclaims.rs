//! PersistentVolumeClaims: the controller.
//!
//! In: the name of a virtual claim. Out: a host claim for it, whether a pod uses it or not, and its status,
//! volume and class as the host has made them. Never: a host claim deleted that nobody has been seen to
//! delete; what is in a volume cannot be made again.
//!
//! # Guarantees
//! A virtual claim is held by Kubernetes' own protection until no pod uses it. The host claim goes when
//! the virtual one is gone, a live read confirms it, and either the watch has shown it to go or its
//! virtual volume is still there: that one is removed after the host claim, so a store that has gone back
//! in time, or lost both, deletes no data. A claim of that name that is made again goes on with it.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tracing::{debug, warn};

use super::cache::Name;
use super::context::Context;
use super::events;
use super::feed;
use super::persistentvolumes;
use super::pods::{is_ours, parse, virtual_name_of, virtual_uid_of};
use super::queue::{Key, Kind, Outcome};
use super::rest::{CLAIMS, Form, RestError};
use super::translate::Refusal;
use super::translate::persistentvolumeclaims::{self as translate, Upward};
use super::translate::pods::Uses;
use super::watch::Seen;
use crate::sync::Known;

/// What the virtual claims' watch shows.
pub(crate) fn seen_virtual(ctx: &Context, seen: Seen) {
    for (claim, is_there) in feed::take(ctx, seen, |known| &mut known.virtual_claims) {
        let name = Name::new(&claim.namespace, &claim.name);
        if !is_there {
            let mut known = ctx.known();
            // Only for somebody who has to be removed: otherwise there is nothing to remember.
            if known.host_claims.get(&ctx.host_name(&name)).is_some() {
                known.gone_claims.insert(name.clone());
            }
            drop(known);
            add_volume(ctx, &claim.uid);
        }
        let kind = Kind::PersistentVolumeClaim;
        ctx.queue.add(Key { kind, name });
    }
}

/// What the host claims' watch shows.
pub(crate) fn seen_host(ctx: &Context, seen: Seen) {
    for (object, is_there) in feed::take(ctx, seen, |known| &mut known.host_claims) {
        let claim = object.value();
        let Some(name) = virtual_name_of(ctx, &claim) else {
            continue;
        };
        if !is_there {
            add_volume(ctx, virtual_uid_of(&claim));
        } else if let Some(class) = translate::shown_class(&claim)
            && ctx.known().host_classes.insert(class.to_owned())
        {
            ctx.queue.add(Key::new(Kind::StorageClass, "", class));
        }
        let kind = Kind::PersistentVolumeClaim;
        ctx.queue.add(Key { kind, name });
    }
}

fn add_volume(ctx: &Context, claim_uid: &str) {
    let volume = translate::volume_name_of(claim_uid);
    ctx.queue.add(Key::new(Kind::PersistentVolume, "", &volume));
}

/// What was observed of one claim.
struct Observed {
    is_complete: bool,
    claim: Option<Value>,
    host: Option<Value>,
}

fn observe(ctx: &Context, name: &Name) -> Observed {
    let known = ctx.known();
    let claim = known.virtual_claims.get(name);
    let host = known.host_claims.get(&ctx.host_name(name));
    let is_complete = known.virtual_claims.is_complete()
        && known.host_claims.is_complete()
        && known.virtual_volumes.is_complete();
    drop(known);
    Observed {
        is_complete,
        claim: claim.map(|object| object.value()),
        host: host
            .map(|object| object.value())
            // Somebody else's may have our labels and our name: it is not there, for us.
            .filter(|host| is_ours(ctx, host)),
    }
}

/// Brings one claim in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    let observed = observe(ctx, name);
    if !observed.is_complete || ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    match (observed.claim, observed.host) {
        (None, None) => {
            ctx.known().gone_claims.remove(name);
            Ok(Outcome::Done)
        }
        (None, Some(host)) => remove(ctx, name, &host).await,
        (Some(claim), host) => keep(ctx, name, &claim, host).await,
    }
}

/// Makes the claims that a pod is about to need, as far as they are missing on the host: a scheduler that
/// does not find one looks again only after a while. One that is left of an earlier claim of that name is
/// going then, so that no pod gets its data. What fails is tried again by its own key.
pub(crate) async fn bring(ctx: &Context, namespace: &str, uses: &Uses) {
    let names = uses.claims.iter().map(|name| Name::new(namespace, name));
    let missing: Vec<Name> = names
        .filter(|name| {
            let Observed { claim, host, .. } = observe(ctx, name);
            let is_own = |claim: &Value| {
                let host = host.as_ref().map(virtual_uid_of);
                claim.pointer("/metadata/uid").and_then(Value::as_str) == host
            };
            claim.is_some_and(|claim| !is_own(&claim))
        })
        .collect();
    let brought = join_all(missing.iter().map(|name| reconcile(ctx, name))).await;
    for (name, result) in missing.iter().zip(brought) {
        if let Err(error) = result {
            debug!(%name, %error, "not there yet");
            let kind = Kind::PersistentVolumeClaim;
            let name = name.clone();
            ctx.queue.add(Key { kind, name });
        }
    }
}

async fn keep(
    ctx: &Context,
    name: &Name,
    claim: &Value,
    host: Option<Value>,
) -> Result<Outcome, RestError> {
    let uid = claim.pointer("/metadata/uid").and_then(Value::as_str);
    if let Some(host) = host
        .as_ref()
        .filter(|host| Some(virtual_uid_of(host)) != uid)
        && may_be_removed(ctx, name, host)
    {
        // One of that name was there before. The next is made when it is gone.
        return remove(ctx, name, host).await;
    }
    let wanted = match translate::to_host(claim, ctx.scope(), has_snapshots(ctx)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            events::refuse(ctx, "PersistentVolumeClaim", claim, &refusal).await;
            return Ok(Outcome::Done);
        }
    };
    let is_going = claim.pointer("/metadata/deletionTimestamp").is_some();
    let host = match host {
        None if is_going => return Ok(Outcome::Done),
        None => create(ctx, name, claim, &wanted).await?,
        Some(host) => host,
    };
    if virtual_uid_of(&host) != virtual_uid_of(&wanted) {
        // What was found in the place of a new one may be going.
        if may_be_removed(ctx, name, &host) || !is_there(ctx, name, virtual_uid_of(&wanted)).await?
        {
            return Ok(Outcome::Failed(Duration::ZERO));
        }
        // The store has gone back in time, and a StatefulSet, for one, has made its claim again.
        warn!(claim = %name, "goes on with the data of an earlier claim, whose deletion was never seen");
    }
    // What the host refuses to change must not keep the status from coming back.
    let changed = change(ctx, name, claim, &wanted, &host).await;
    report(ctx, name, claim, &host).await?;
    changed.map(|()| Outcome::Done)
}

/// Makes the host claim; answers with it, also if it was there out of the watch's sight.
async fn create(
    ctx: &Context,
    name: &Name,
    claim: &Value,
    wanted: &Value,
) -> Result<Value, RestError> {
    let host_name = ctx.host_name(name);
    let error = match ctx
        .host
        .create(&CLAIMS.all(&host_name.namespace), wanted)
        .await
    {
        Ok(text) => {
            let made = parse(&text)?;
            let value = made.value();
            {
                let mut known = ctx.known();
                known.gone_claims.remove(name);
                known.host_claims.wrote(made);
            }
            tell_of_loss(ctx, claim).await;
            return Ok(value);
        }
        Err(error) => error,
    };
    if error.is_conflict() {
        let path = CLAIMS.one(&host_name.namespace, &host_name.name);
        if let Some(text) = ctx.host.get(&path).await? {
            let found = parse(&text)?.value();
            if is_ours(ctx, &found) {
                // The watch has not shown it yet, or somebody has taken our label off.
                return Ok(found);
            }
        }
    }
    tell_of_refusal(ctx, claim, &error).await;
    Err(error)
}

/// A claim that was bound has got a new host claim: somebody on the host has deleted the one before, and
/// with it the data.
async fn tell_of_loss(ctx: &Context, claim: &Value) {
    if claim.pointer("/spec/volumeName").is_some() {
        let refusal = Refusal {
            reason: "VolumeLost",
            message: "the volume was deleted on the host cluster, and its data with it: there is a new one"
                .to_owned(),
        };
        events::refuse(ctx, "PersistentVolumeClaim", claim, &refusal).await;
    }
}

async fn change(
    ctx: &Context,
    name: &Name,
    claim: &Value,
    wanted: &Value,
    host: &Value,
) -> Result<(), RestError> {
    let host_name = ctx.host_name(name);
    let path = CLAIMS.one(&host_name.namespace, &host_name.name);
    for mut patch in translate::changes(wanted, host) {
        let uid = host.pointer("/metadata/uid").cloned().unwrap_or_default();
        if let Some(metadata) = patch.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("uid".to_owned(), uid);
        }
        match ctx.host.patch(&path, Form::MergePatch, &patch).await {
            Ok(text) => ctx.known().host_claims.wrote(parse(&text)?),
            Err(error) => {
                tell_of_refusal(ctx, claim, &error).await;
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Brings the virtual claim's volume, class and status in step; the volume first, as a binder does.
async fn report(ctx: &Context, name: &Name, claim: &Value, host: &Value) -> Result<(), RestError> {
    if translate::is_bound(host) {
        persistentvolumes::keep(ctx, claim, host).await?;
    }
    let upward = translate::to_virtual(claim, host, ctx.scope());
    match write(ctx, name, claim, upward).await {
        // It has gone meanwhile, and the watch will say so.
        Err(error) if error.is_not_found() => Ok(()),
        written => written,
    }
}

async fn write(ctx: &Context, name: &Name, claim: &Value, upward: Upward) -> Result<(), RestError> {
    let path = CLAIMS.one(&name.namespace, &name.name);
    let virtual_cluster = &ctx.virtual_cluster;
    if let Some(patch) = upward.claim {
        let text = virtual_cluster
            .patch(&path, Form::MergePatch, &patch)
            .await?;
        ctx.known().virtual_claims.wrote(parse(&text)?);
    }
    if let Some(status) = upward.status {
        let update = json!([
            {"op": "test", "path": "/metadata/uid", "value": claim.pointer("/metadata/uid")},
            {"op": "add", "path": "/status", "value": status},
        ]);
        let text = virtual_cluster
            .patch(&format!("{path}/status"), Form::JsonPatch, &update)
            .await?;
        ctx.known().virtual_claims.wrote(parse(&text)?);
    }
    Ok(())
}

/// Deletes a host claim whose virtual claim is gone.
async fn remove(ctx: &Context, name: &Name, host: &Value) -> Result<Outcome, RestError> {
    if host.pointer("/metadata/deletionTimestamp").is_some() {
        return Ok(Outcome::Done);
    }
    if is_there(ctx, name, virtual_uid_of(host)).await? {
        // The watch will show it.
        return Ok(Outcome::Failed(Duration::ZERO));
    }
    let host_name = ctx.host_name(name);
    if !may_be_removed(ctx, name, host) {
        warn!(
            "claim `{}` on the host holds data of claim `{name}`, which the virtual cluster does not know, \
             without its having been deleted: its store seems to be an old one. It is kept. To delete it: \
             kubectl -n {} delete persistentvolumeclaim {}",
            host_name.name, host_name.namespace, host_name.name
        );
        return Ok(Outcome::Done);
    }
    let path = CLAIMS.one(&host_name.namespace, &host_name.name);
    ctx.host
        .delete_this(&path, host.pointer("/metadata/uid"))
        .await?;
    Ok(Outcome::Done)
}

/// Whether there really is a virtual claim of this name with this UID.
pub(crate) async fn is_there(ctx: &Context, name: &Name, uid: &str) -> Result<bool, RestError> {
    let path = CLAIMS.one(&name.namespace, &name.name);
    match ctx.virtual_cluster.get(&path).await? {
        Some(text) => Ok(*parse(&text)?.uid == *uid),
        None => Ok(false),
    }
}

/// Whether a claim that the virtual cluster does not have was deleted there, and is not merely unknown.
fn may_be_removed(ctx: &Context, name: &Name, host: &Value) -> bool {
    let volume = translate::volume_name_of(virtual_uid_of(host));
    let known = ctx.known();
    ctx.settings.is_ephemeral
        || !translate::is_bound(host)
        || known.gone_claims.contains(name)
        || known.virtual_volumes.get(&Name::new("", &volume)).is_some()
}

/// The host's own words, as an Event of the virtual claim.
async fn tell_of_refusal(ctx: &Context, claim: &Value, error: &RestError) {
    if !error.is_final() && !error.is_conflict() {
        return;
    }
    let message = translate::scrubbed(error.message(), claim, &Value::Null, ctx.scope());
    let refusal = Refusal {
        reason: "HostRefused",
        message: format!("the host cluster refuses the claim: {message}"),
    };
    events::refuse(ctx, "PersistentVolumeClaim", claim, &refusal).await;
}

/// Whether VolumeSnapshots are on the host, too.
fn has_snapshots(ctx: &Context) -> bool {
    let mut synced = ctx.settings.synced.iter();
    synced.any(|synced| synced.carried.known == Some(Known::VolumeSnapshots))
}
