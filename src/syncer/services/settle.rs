//! One address and one set of node ports, when both sides have come to differ.
//!
//! In: a virtual Service, and its host Service with what the host has chosen. Out: the virtual Service
//! with the same. Never: deletes a virtual Service, which others may own or wait for.
//!
//! The host's address is the one that traffic goes to, so the virtual side follows. An address cannot be
//! changed, but a Service that is made a name for another name has none, and gets one when it is made
//! what it was again. In between it carries the spec that it is to have as an annotation, so that
//! whoever finds it like this can end what was begun.

use serde_json::{Value, json};
use tracing::info;

use super::super::cache::Name;
use super::super::context::Context;
use super::super::pods::parse;
use super::super::queue::{Key, Kind, Outcome};
use super::super::rest::{Form, RestError, SERVICES};
use super::super::translate::services as translate;
use super::{find_host, live, of_this_one, uid};
use crate::labels;

/// The other name while an address is being changed. Nothing answers to it.
const NOWHERE: &str = "moving.invalid";

/// Whether a Service is on its way to another address.
pub(super) fn is_moving(service: &Value) -> bool {
    let annotations = service.pointer("/metadata/annotations");
    annotations.is_some_and(|all| all.get(labels::MOVING).is_some())
}

/// Gives the virtual Service the node ports that the host has chosen.
///
/// # Errors
/// What the virtual API server says.
pub(super) async fn choices(
    ctx: &Context,
    name: &Name,
    host: &Value,
) -> Result<Outcome, RestError> {
    let known = ctx.known().virtual_services.get(name);
    let Some(service) = known.map(|service| service.value()) else {
        return Ok(Outcome::Done);
    };
    if !translate::has_same_addresses(&service, host) {
        return addresses(ctx, name, &service, host).await;
    }
    let spec = translate::with_choices(&service, host);
    if service.get("spec") == Some(&spec) {
        return Ok(Outcome::Done);
    }
    write(ctx, name, &service, json!({"spec": spec})).await?;
    Ok(Outcome::Done)
}

/// Gives the virtual Service the addresses of its host Service.
///
/// # Errors
/// What either side says.
pub(super) async fn addresses(
    ctx: &Context,
    name: &Name,
    service: &Value,
    host: &Value,
) -> Result<Outcome, RestError> {
    // Either may be out of date, and this is nothing to be done by mistake.
    let (Some(now), Some(host_now)) = (live(ctx, name).await?, find_host(ctx, name).await?) else {
        return Ok(Outcome::Failed(std::time::Duration::ZERO));
    };
    if uid(&now) != uid(service) || uid(&host_now) != uid(host) || !translate::has_host(&now) {
        return Ok(Outcome::Failed(std::time::Duration::ZERO));
    }
    if translate::has_same_addresses(&now, &host_now) {
        return Ok(Outcome::Failed(std::time::Duration::ZERO));
    }
    let spec = translate::with_choices(&now, &host_now);
    info!(service = %name, "gets the address that it has on the host");
    let to_nowhere = json!({
        "metadata": {"annotations": {labels::MOVING: spec.to_string()}},
        "spec": {"type": "ExternalName", "externalName": NOWHERE},
    });
    let moving = write(ctx, name, &now, to_nowhere).await?;
    finish_move(ctx, name, &moving).await
}

/// Makes a Service what it was, at its new address.
///
/// # Errors
/// What the virtual API server says: also that another Service has the address, which then moves first.
pub(super) async fn finish_move(
    ctx: &Context,
    name: &Name,
    moving: &Value,
) -> Result<Outcome, RestError> {
    let noted = moving.pointer("/metadata/annotations");
    let noted = noted.and_then(|all| all.get(labels::MOVING)?.as_str());
    let spec: Option<Value> = noted.and_then(|text| serde_json::from_str(text).ok());
    let mut update = json!({"metadata": {"annotations": {labels::MOVING: null}}});
    let is_nowhere = moving
        .pointer("/spec/externalName")
        .is_some_and(|to| to == NOWHERE);
    if let (true, Some(mut spec), Some(update)) = (is_nowhere, spec, update.as_object_mut()) {
        if let Some(spec) = spec.as_object_mut() {
            spec.entry("externalName").or_insert(Value::Null);
        }
        update.insert("spec".to_owned(), spec);
    }
    write(ctx, name, moving, update).await?;
    ctx.queue.add(Key {
        kind: Kind::Service,
        name: name.clone(),
    });
    Ok(Outcome::Done)
}

/// Changes this very version of a virtual Service.
async fn write(
    ctx: &Context,
    name: &Name,
    service: &Value,
    mut update: Value,
) -> Result<Value, RestError> {
    of_this_one(&mut update, service, &["uid", "resourceVersion"]);
    let path = SERVICES.one(&name.namespace, &name.name);
    let form = Form::MergePatch;
    let text = ctx.virtual_cluster.patch(&path, form, &update).await?;
    let object = parse(&text)?;
    let value = object.value();
    ctx.known().virtual_services.wrote(object);
    Ok(value)
}
