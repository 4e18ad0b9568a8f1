//! PersistentVolumes: what a bound claim is bound to, as far as a virtual cluster can see it.
//!
//! In: a virtual claim and its bound host claim, or the name of a virtual volume. Out: the virtual volume
//! there as long as one of the two claims is. Never: anything on the host; a volume that somebody in the
//! virtual cluster has made.

use serde_json::Value;

use super::cache::Name;
use super::context::Context;
use super::events;
use super::feed;
use super::persistentvolumeclaims;
use super::pods::{is_ours, parse, virtual_uid_of};
use super::queue::{Key, Kind, Outcome};
use super::rest::{CLAIMS, Form, RestError, VOLUMES};
use super::translate::Refusal;
use super::translate::persistentvolumeclaims::volume_name_of;
use super::translate::{is_mirrored, persistentvolumes as translate};
use super::watch::Seen;

/// What the virtual volumes' watch shows.
pub(crate) fn seen(ctx: &Context, seen: Seen) {
    for (object, _) in feed::take(ctx, seen, |known| &mut known.virtual_volumes) {
        let volume = object.value();
        if is_mirrored(&volume) {
            let (namespace, claim, _) = translate::claim_of(&volume);
            ctx.queue
                .add(Key::new(Kind::PersistentVolumeClaim, namespace, claim));
            ctx.queue
                .add(Key::new(Kind::PersistentVolume, "", &object.name));
        }
    }
}

/// Makes the volume of a bound claim, or brings it in step.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn keep(
    ctx: &Context,
    claim: &Value,
    host_claim: &Value,
) -> Result<(), RestError> {
    let wanted = translate::volume(claim, host_claim);
    let name = wanted.pointer("/metadata/name").and_then(Value::as_str);
    let name = name.unwrap_or_default();
    let found = ctx.known().virtual_volumes.get(&Name::new("", name));
    let found = match found {
        Some(found) => found.value(),
        None => match ctx.virtual_cluster.create(&VOLUMES.all(""), &wanted).await {
            // The watch will show it.
            Err(error) if error.is_conflict() => return Ok(()),
            made => remember(ctx, &made?)?,
        },
    };
    if !is_mirrored(&found) {
        return Ok(());
    }
    let changes = translate::changes(&wanted, &found);
    if changes.object.is_some() && translate::is_to_be_kept(&found) {
        let refusal = Refusal {
            reason: "ReclaimPolicyOfHost",
            message: "the volume is the host's: its data goes with its claim, and a virtual cluster cannot \
                      keep it"
                .to_owned(),
        };
        events::refuse(ctx, "PersistentVolume", &found, &refusal).await;
    }
    let path = VOLUMES.one("", name);
    let writes = [
        (path.clone(), changes.object),
        (format!("{path}/status"), changes.status),
    ];
    for (path, patch) in writes {
        if let Some(patch) = patch {
            let text = ctx
                .virtual_cluster
                .patch(&path, Form::MergePatch, &patch)
                .await?;
            remember(ctx, &text)?;
        }
    }
    Ok(())
}

fn remember(ctx: &Context, text: &str) -> Result<Value, RestError> {
    let object = parse(text)?;
    let value = object.value();
    ctx.known().virtual_volumes.wrote(object);
    Ok(value)
}

/// Removes a volume whose claim is gone on both sides.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, name: &str) -> Result<Outcome, RestError> {
    let (is_complete, volume) = {
        let known = ctx.known();
        let volume = known.virtual_volumes.get(&Name::new("", name));
        let is_complete = known.virtual_claims.is_complete() && known.host_claims.is_complete();
        (is_complete, volume.map(|volume| volume.value()))
    };
    let volume = volume.filter(is_mirrored);
    let Some(volume) = volume.filter(|_| is_complete && !ctx.is_frozen()) else {
        return Ok(Outcome::Done);
    };
    let (namespace, claim, uid) = translate::claim_of(&volume);
    if volume_name_of(uid) != name {
        // Somebody has changed whose it is. It is put back with its claim.
        add_claim(ctx, name);
        return Ok(Outcome::Done);
    }
    let claim = Name::new(namespace, claim);
    if is_known(ctx, &claim, uid) || is_there(ctx, &claim, uid).await? {
        return Ok(Outcome::Done);
    }
    let path = VOLUMES.one("", name);
    if volume.pointer("/status/phase").and_then(Value::as_str) == Some("Bound") {
        // A bound volume is held by Kubernetes' own protection.
        let released = translate::phase("Released");
        let text = ctx
            .virtual_cluster
            .patch(&format!("{path}/status"), Form::MergePatch, &released)
            .await;
        match text {
            Err(error) if error.is_not_found() => return Ok(Outcome::Done),
            text => remember(ctx, &text?)?,
        };
    }
    if volume.pointer("/metadata/deletionTimestamp").is_none() {
        ctx.virtual_cluster
            .delete_this(&path, volume.pointer("/metadata/uid"))
            .await?;
    }
    Ok(Outcome::Done)
}

/// Has the claim looked at that a volume is named after.
fn add_claim(ctx: &Context, volume: &str) {
    let key = {
        let known = ctx.known();
        let mut claims = known.virtual_claims.objects();
        let claim = claims.find(|claim| volume_name_of(&claim.uid) == volume);
        let kind = Kind::PersistentVolumeClaim;
        claim.map(|claim| Key::new(kind, &claim.namespace, &claim.name))
    };
    if let Some(key) = key {
        ctx.queue.add(key);
    }
}

/// Whether a claim with this UID, or the host claim that was made for it, is known.
fn is_known(ctx: &Context, name: &Name, uid: &str) -> bool {
    let known = ctx.known();
    let claim = known.virtual_claims.get(name);
    let host = known.host_claims.get(&ctx.host_name(name));
    drop(known);
    claim.is_some_and(|claim| *claim.uid == *uid)
        || host.is_some_and(|host| is_of(ctx, &host.value(), uid))
}

fn is_of(ctx: &Context, host_claim: &Value, uid: &str) -> bool {
    is_ours(ctx, host_claim) && virtual_uid_of(host_claim) == uid
}

/// Whether one of the two really is there.
async fn is_there(ctx: &Context, name: &Name, uid: &str) -> Result<bool, RestError> {
    if persistentvolumeclaims::is_there(ctx, name, uid).await? {
        return Ok(true);
    }
    let host_name = ctx.host_name(name);
    let path = CLAIMS.one(&host_name.namespace, &host_name.name);
    let Some(text) = ctx.host.get(&path).await? else {
        return Ok(false);
    };
    Ok(is_of(ctx, &parse(&text)?.value(), uid))
}
