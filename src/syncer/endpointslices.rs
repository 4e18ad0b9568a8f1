//! EndpointSlices of Services without a selector: the controller.
//!
//! In: the name of a virtual EndpointSlice. Out: on the host, for as long as its Service is there and has no
//! selector, with those of its addresses that are pods of this virtual cluster. Never: one of a Service with a
//! selector; each side makes its own for those.
//!
//! On the host they are not watched: few clusters have any, and a watch costs every cluster. What somebody
//! changes there by hand is put back with the next change here, or by the next syncer.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::Value;

use super::cache::Name;
use super::context::Context;
use super::events;
use super::feed::percent_encoded;
use super::pods::{is_ours, parse, virtual_name_of};
use super::queue::{Key, Kind, Outcome};
use super::rest::{ENDPOINT_SLICES, Form, RestError};
use super::services;
use super::translate::endpointslices::{self as translate, HostService};
use super::translate::services as of_services;
use super::translate::{Refusal, hides_host};
use crate::labels;

/// What is known of EndpointSlices that users have made.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    /// The Service of each.
    services: HashMap<Name, Name>,
    /// What was last written to the host; null for one that may be there, as it may be.
    written: HashMap<Name, Value>,
    /// What was last told about each.
    told: HashMap<Name, String>,
    /// Addresses of host pods that are ours.
    addresses: HashMap<Name, Vec<String>>,
    /// Whose each of them is. A host gives an address again when its pod has ended.
    owners: HashMap<String, HashSet<Name>>,
}

impl Slices {
    /// Notes a virtual EndpointSlice; answers whether it is, or was, one that concerns us.
    pub(crate) fn note(&mut self, name: &Name, service: Option<&str>) -> bool {
        let before = match service {
            Some(service) => {
                let service = Name::new(&name.namespace, service);
                self.services.insert(name.clone(), service)
            }
            None => self.services.remove(name),
        };
        before.is_some() || service.is_some()
    }

    /// Notes the addresses that a host pod has now; answers whether that is new.
    pub(crate) fn note_pod(&mut self, host_name: &Name, now: Vec<String>) -> bool {
        let before = self.addresses.get(host_name).map_or(&[][..], Vec::as_slice);
        if before == now {
            return false;
        }
        for address in before {
            if let Some(owners) = self.owners.get_mut(address) {
                owners.remove(host_name);
                if owners.is_empty() {
                    self.owners.remove(address);
                }
            }
        }
        for address in &now {
            let owners = self.owners.entry(address.clone()).or_default();
            owners.insert(host_name.clone());
        }
        if now.is_empty() {
            self.addresses.remove(host_name);
        } else {
            self.addresses.insert(host_name.clone(), now);
        }
        true
    }

    /// All of them, or those of one Service.
    pub(crate) fn keys(&self, service: Option<&Name>) -> Vec<Key> {
        let of_service = |(_, of): &(&Name, &Name)| service.is_none_or(|service| *of == service);
        let known = self.services.iter().filter(of_service);
        known
            .map(|(name, _)| Key {
                kind: Kind::EndpointSlice,
                name: name.clone(),
            })
            .collect()
    }
}

/// Addresses under which a host pod can be reached and nobody else can. One on its node's network has the
/// node's, and one that has ended has none any more.
pub(crate) fn addresses_of(pod: &Value) -> Vec<String> {
    let is_on_node = pod.pointer("/spec/hostNetwork") == Some(&Value::Bool(true));
    let phase = pod.pointer("/status/phase").and_then(Value::as_str);
    if is_on_node || matches!(phase, Some("Succeeded" | "Failed")) {
        return Vec::new();
    }
    let addresses = pod.pointer("/status/podIPs").and_then(Value::as_array);
    let addresses = addresses.into_iter().flatten();
    addresses
        .filter_map(|address| Some(address.get("ip")?.as_str()?.to_owned()))
        .collect()
}

/// Finds what a predecessor has left on the host.
///
/// # Errors
/// What the host says.
pub(crate) async fn find_all(ctx: &Context) -> Result<(), RestError> {
    if !ctx.settings.grants.endpoint_slices {
        return Ok(());
    }
    let ours = format!(
        "{}={},{}",
        labels::CLUSTER,
        ctx.scope().cluster,
        labels::NAMESPACE
    );
    let path = ENDPOINT_SLICES.all(ctx.scope().host_namespace.as_str());
    let path = format!("{path}?labelSelector={}", percent_encoded(&ours));
    let text = ctx.host.get(&path).await?.unwrap_or_default();
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    let items = list.get("items").and_then(Value::as_array);
    for slice in items.into_iter().flatten() {
        // Those that the host's own controller has made carry the Service's labels, and no mark of ours.
        let Some(name) = virtual_name_of(ctx, slice) else {
            continue;
        };
        ctx.known().slices.written.insert(name.clone(), Value::Null);
        ctx.queue.add(Key {
            kind: Kind::EndpointSlice,
            name,
        });
    }
    Ok(())
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let (service, wanted) = match observe(ctx, name) {
        Observed::Unknown => return Ok(Outcome::Done),
        Observed::Unwanted => return remove(ctx, name).await,
        Observed::Wanted { service, slice } => (service, slice),
    };
    if !ctx.settings.grants.endpoint_slices {
        let message = "this virtual cluster was created without the right to write `endpointslices` in its \
                       host namespace, so a Service without a selector leads nowhere";
        tell(ctx, name, &service, message).await;
        return Ok(Outcome::Done);
    }
    if !wanted.left_out.is_empty() {
        let message = format!(
            "addresses that are not of pods of this virtual cluster are left out: {}",
            wanted.left_out.join(", ")
        );
        tell(ctx, name, &service, &message).await;
    }
    let Some(object) = wanted.object else {
        return remove(ctx, name).await;
    };
    if ctx.known().slices.written.get(name) == Some(&object) {
        return Ok(Outcome::Done);
    }
    write(ctx, name, &service, &object).await
}

/// What was observed of one.
enum Observed {
    /// Not everything was seen yet.
    Unknown,
    /// Nothing is to be on the host.
    Unwanted,
    /// This is to be on the host, for this virtual Service.
    Wanted {
        service: Value,
        slice: translate::HostSlice,
    },
}

fn observe(ctx: &Context, name: &Name) -> Observed {
    let known = ctx.known();
    let caches = [
        &known.virtual_endpoint_slices,
        &known.virtual_services,
        &known.host_services,
        &known.host_pods,
    ];
    if !caches.into_iter().all(super::cache::Cache::is_complete) {
        return Observed::Unknown;
    }
    let (Some(slice), Some(service_name)) = (
        known.virtual_endpoint_slices.get(name),
        known.slices.services.get(name),
    ) else {
        return Observed::Unwanted;
    };
    let Some(service) = known.virtual_services.get(service_name) else {
        return Observed::Unwanted;
    };
    let Some(host) = known.host_services.get(&ctx.host_name(service_name)) else {
        return Observed::Unwanted;
    };
    let (service, host_value) = (service.value(), host.value());
    let selector = service.pointer("/spec/selector").and_then(Value::as_object);
    let has_selector = selector.is_some_and(|selector| !selector.is_empty());
    if has_selector || !of_services::has_host(&service) || !is_ours(ctx, &host_value) {
        return Observed::Unwanted;
    }
    let of = HostService {
        name: &host.name,
        uid: &host.uid,
    };
    let is_own = |address: &str| known.slices.owners.contains_key(address);
    let wanted = translate::to_host(&slice.value(), of, is_own, ctx.scope());
    Observed::Wanted {
        service,
        slice: wanted,
    }
}

async fn write(
    ctx: &Context,
    name: &Name,
    service: &Value,
    wanted: &Value,
) -> Result<Outcome, RestError> {
    let host_name = ctx.host_name(name);
    let path = ENDPOINT_SLICES.one(&host_name.namespace, &host_name.name);
    let all = ENDPOINT_SLICES.all(&host_name.namespace);
    let found = ctx.host.get(&path).await?;
    let found = found.map(|text| parse(&text)).transpose()?;
    let written = match found.map(|found| found.value()) {
        None => ctx.host.create(&all, wanted).await.map(drop),
        Some(found) if !is_ours(ctx, &found) => Err(RestError::Refused {
            code: 409,
            reason: "AlreadyExists".to_owned(),
            message: format!("an object \"{}\" of somebody else's exists", host_name.name),
            retry_after: None,
        }),
        Some(found) if found.get("addressType") != wanted.get("addressType") => {
            // It cannot be changed.
            delete(ctx, name, &found).await?;
            ctx.host.create(&all, wanted).await.map(drop)
        }
        Some(found) => match translate::changes(wanted, &found) {
            None => Ok(()),
            Some(mut update) => {
                services::of_this_one(&mut update, &found, &["uid"]);
                let form = Form::MergePatch;
                ctx.host.patch(&path, form, &update).await.map(drop)
            }
        },
    };
    if let Err(error) = &written
        && (error.is_final() || error.is_conflict())
    {
        let message = hides_host(error.message(), service, ctx.scope());
        let message = format!("the host cluster refuses the endpoints: {message}");
        tell(ctx, name, service, &message).await;
    }
    written?;
    let mut known = ctx.known();
    known.slices.written.insert(name.clone(), wanted.clone());
    Ok(Outcome::Done)
}

/// Removes what we may have written.
async fn remove(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    ctx.known().slices.told.remove(name);
    if !ctx.known().slices.written.contains_key(name) {
        return Ok(Outcome::Done);
    }
    // What the cache lacks may have come since.
    let path = ENDPOINT_SLICES.one(&name.namespace, &name.name);
    let now = ctx.virtual_cluster.get(&path).await?;
    if now.is_some() && ctx.known().virtual_endpoint_slices.get(name).is_none() {
        return Ok(Outcome::Failed(Duration::ZERO));
    }
    let host_name = ctx.host_name(name);
    let path = ENDPOINT_SLICES.one(&host_name.namespace, &host_name.name);
    if let Some(text) = ctx.host.get(&path).await? {
        let found = parse(&text)?.value();
        if is_ours(ctx, &found) {
            delete(ctx, name, &found).await?;
        }
    }
    ctx.known().slices.written.remove(name);
    Ok(Outcome::Done)
}

async fn delete(ctx: &Context, name: &Name, found: &Value) -> Result<(), RestError> {
    let host_name = ctx.host_name(name);
    let path = ENDPOINT_SLICES.one(&host_name.namespace, &host_name.name);
    let uid = found.pointer("/metadata/uid");
    ctx.host.delete_this(&path, uid).await.map(drop)
}

/// Tells something on the Service, unless it was the last thing that was told.
async fn tell(ctx: &Context, name: &Name, service: &Value, message: &str) {
    let before = ctx
        .known()
        .slices
        .told
        .insert(name.clone(), message.to_owned());
    if before.as_deref() == Some(message) {
        return;
    }
    let refusal = Refusal {
        reason: "EndpointsLeftOut",
        message: format!("endpointslice `{}`: {message}", name.name),
    };
    events::refuse(ctx, "Service", service, &refusal).await;
}
