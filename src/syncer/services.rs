//! Services: the controller.
//!
//! In: the name of a virtual Service. Out: its host Service in step, with one address and the same node
//! ports on both sides, and the host's status on the virtual side. Never: two addresses for longer than
//! it takes to write; a host Service that is not ours.
//!
//! Mostly the host Service is there first, made by [`super::admission`]. What is done here beside keeping
//! both in step is for when that was away, or somebody has removed a host Service: then the host is asked
//! for what the virtual side has, and what it refuses is changed on the virtual side.

pub(super) mod own;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::debug;

use super::cache::Name;
use super::context::Context;
use super::events;
use super::imports;
use super::object::Object;
use super::pods::{is_ours, parse, virtual_uid_of};
use super::queue::{Key, Outcome};
use super::rest::{Form, RestError, SERVICES};
use super::translate::services as translate;
use super::translate::{Refusal, hides_host};
use super::watch::Seen;

/// How long a host Service waits for its virtual one: an API server gives a request a minute, of which
/// other webhooks may take their part after ours (`--request-timeout`).
const RESERVED: Duration = Duration::from_secs(65);

/// How long a host Service may be ahead of its virtual one, when a change was asked of the host first.
const AHEAD: Duration = Duration::from_secs(5);

/// The pauses of a host in which it may give back what a deleted Service had: 1.5 s together, of which a quiet
/// one needs the first.
const GIVES_BACK: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(750),
];

/// What was written to the host before the virtual side has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reservation {
    since: Instant,
    /// The virtual Service's version before; 0 when there was none.
    version: u64,
}

impl Reservation {
    pub(crate) fn new(version: u64) -> Self {
        Self {
            since: Instant::now(),
            version,
        }
    }

    /// How long what is seen on the virtual side is still to be taken for outdated.
    fn left(&self, virtual_version: u64) -> Option<Duration> {
        if virtual_version > self.version {
            return None;
        }
        let patience = if self.version == 0 { RESERVED } else { AHEAD };
        let left = patience.saturating_sub(self.since.elapsed());
        (!left.is_zero()).then_some(left)
    }
}

/// What was observed of one.
struct Observed {
    is_complete: bool,
    service: Option<Value>,
    host: Option<Value>,
    /// How long the host is to be left alone, because it is ahead.
    wait: Option<Duration>,
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, key: &Key) -> Result<Outcome, RestError> {
    let name = &key.name;
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    if translate::is_own(&name.namespace, &name.name) {
        return own::keep(ctx, name).await;
    }
    if imports::is_service(ctx, &name.namespace, &name.name) {
        return Ok(Outcome::Done);
    }
    let observed = observe(ctx, name);
    if !observed.is_complete {
        return Ok(Outcome::Done);
    }
    if let Some(wait) = observed.wait {
        return Ok(Outcome::After(wait));
    }
    let Some(service) = observed.service else {
        return match observed.host {
            Some(host) => remove_orphan(ctx, name, &host).await,
            None => Ok(Outcome::Done),
        };
    };
    if settle::is_moving(&service) {
        return settle::finish_move(ctx, name, &service).await;
    }
    match observed.host {
        Some(host) if translate::has_host(&service) => keep(ctx, name, &service, host).await,
        Some(host) => remove_unwanted(ctx, name, &host).await,
        None if translate::has_host(&service) => create(ctx, name, &service).await,
        None => Ok(Outcome::Done),
    }
}

fn observe(ctx: &Context, name: &Name) -> Observed {
    let host_name = ctx.host_name(name);
    let mut known = ctx.known();
    let is_complete = known.virtual_services.is_complete() && known.host_services.is_complete();
    let service = known.virtual_services.get(name);
    let host = known.host_services.get(&host_name);
    let version = service
        .as_ref()
        .map_or(0, |service| service.resource_version);
    let host = host.map(|host| host.value());
    // Somebody else's may have our labels and our name: it is not there, for us.
    let host = host.filter(|host| is_ours(ctx, host));
    if service.is_none() && host.as_ref().is_some_and(is_reservation) {
        // Made before we were started, or by a request that is not through.
        let reserved = known.reserved_services.entry(name.clone());
        reserved.or_insert_with(|| Reservation::new(0));
    }
    let reserved = known.reserved_services.get(name).copied();
    let wait = reserved.and_then(|reserved| reserved.left(version));
    if wait.is_none() && (service.is_some() || host.is_none()) {
        known.reserved_services.remove(name);
    }
    Observed {
        is_complete,
        service: service.map(|service| service.value()),
        host,
        wait,
    }
}

/// Whether a host Service was made for a virtual one that nobody has seen yet.
pub(super) fn is_reservation(host: &Value) -> bool {
    virtual_uid_of(host).is_empty()
}

fn uid(object: &Value) -> &str {
    let uid = object.pointer("/metadata/uid").and_then(Value::as_str);
    uid.unwrap_or_default()
}

/// The variables that the Services of a namespace are found by.
pub(crate) type Links = Arc<Vec<(String, String)>>;

/// The variables by which a virtual pod finds the Services of its namespace; none if it wants none. They are
/// kept until a Service of the namespace is seen again: a namespace may have thousands.
pub(crate) fn environment(ctx: &Context, pod: &Value) -> Links {
    let namespace = pod.pointer("/metadata/namespace").and_then(Value::as_str);
    let wants_none = pod.pointer("/spec/enableServiceLinks") == Some(&Value::Bool(false));
    let Some(namespace) = namespace.filter(|_| !wants_none) else {
        return Links::default();
    };
    let mut known = ctx.known();
    if let Some(links) = known.service_links.get(namespace) {
        return Arc::clone(links);
    }
    let all = known.virtual_services.objects();
    let own = all.filter(|service| *service.namespace == *namespace);
    let services: Vec<Value> = own.map(|service| service.value()).collect();
    let links: Links = Arc::new(translate::environment::of(&services));
    known
        .service_links
        .insert(namespace.to_owned(), Arc::clone(&links));
    links
}

/// A Service was seen: what was kept of its namespace is outdated.
pub(crate) fn seen(ctx: &Context, seen: &Seen) {
    if let Seen::Listed(object) | Seen::Changed(object) | Seen::Deleted(object) = seen {
        ctx.known().service_links.remove(&*object.namespace);
    }
    // What a list lacks is gone.
    if matches!(seen, Seen::ListEnds(_)) {
        ctx.known().service_links.clear();
    }
}

/// The virtual Service as it is now.
async fn live(ctx: &Context, name: &Name) -> Result<Option<Value>, RestError> {
    let path = SERVICES.one(&name.namespace, &name.name);
    let found = ctx.virtual_cluster.get(&path).await?;
    found.map(|text| Ok(parse(&text)?.value())).transpose()
}

/// Removes a host Service whose virtual one is gone, or never came to be.
async fn remove_orphan(ctx: &Context, name: &Name, host: &Value) -> Result<Outcome, RestError> {
    if live(ctx, name).await?.is_some() {
        // The watch will show it.
        return Ok(Outcome::Failed(Duration::ZERO));
    }
    delete(ctx, name, uid(host)).await?;
    ctx.known().reserved_services.remove(name);
    Ok(Outcome::Done)
}

/// Removes the host Service of one that has become a name for another name.
async fn remove_unwanted(ctx: &Context, name: &Name, host: &Value) -> Result<Outcome, RestError> {
    let now = live(ctx, name).await?;
    if now.is_some_and(|now| translate::has_host(&now)) {
        return Ok(Outcome::Failed(Duration::ZERO));
    }
    delete(ctx, name, uid(host)).await?;
    Ok(Outcome::Done)
}

/// Deletes the host Service that has this UID.
///
/// # Errors
/// What the host says.
pub(super) async fn delete(ctx: &Context, name: &Name, uid: &str) -> Result<(), RestError> {
    let host_name = ctx.host_name(name);
    let path = SERVICES.one(&host_name.namespace, &host_name.name);
    ctx.host.delete_this(&path, uid).await?;
    ctx.known().host_services.forget(&host_name, uid);
    Ok(())
}

/// Makes the host Service anew, with the addresses and node ports that the virtual one has.
async fn create(ctx: &Context, name: &Name, service: &Value) -> Result<Outcome, RestError> {
    if service.pointer("/metadata/deletionTimestamp").is_some() {
        return Ok(Outcome::Done);
    }
    let wanted = translate::to_host(service, ctx.scope());
    let path = SERVICES.all(ctx.scope().host_namespace.as_str());
    let mut made = create_patiently(ctx, &path, &wanted).await;
    // Somebody else may have what it had: then it gets something else, on both sides.
    for without in [translate::without_node_ports, translate::without_choices] {
        if made.as_ref().is_err_and(is_invalid) {
            made = ctx.host.create(&path, &without(&wanted)).await;
        }
    }
    let error = match made {
        Ok(text) => {
            tell_what_is_left_out(ctx, service).await;
            return settle::choices(ctx, name, &remember(ctx, &text)?).await;
        }
        Err(error) => error,
    };
    if error.is_conflict()
        && let Some(found) = find_host(ctx, name).await?
    {
        // Ours, and out of the watch's sight: it has not shown it yet, or somebody has taken a label off.
        return Box::pin(keep(ctx, name, service, found)).await;
    }
    tell_of_refusal(ctx, service, &error).await;
    Err(error)
}

/// Asks for a host Service until the host has given back what one of that name had: an API server tells that
/// a Service is gone before its addresses and node ports are free (`AfterDelete` in
/// k8s.io/kubernetes/pkg/registry/core/service/storage), and whoever asks in between is told that they are taken.
///
/// # Errors
/// What the host says in the end.
async fn create_patiently(ctx: &Context, path: &str, wanted: &Value) -> Result<String, RestError> {
    for pause in GIVES_BACK {
        match ctx.host.create(path, wanted).await {
            Err(error) if is_taken(&error) => tokio::time::sleep(pause).await,
            made => return made,
        }
    }
    ctx.host.create(path, wanted).await
}

/// The host Service, by a live read, if it is ours.
///
/// # Errors
/// What the host says.
pub(super) async fn find_host(ctx: &Context, name: &Name) -> Result<Option<Value>, RestError> {
    let host_name = ctx.host_name(name);
    let path = SERVICES.one(&host_name.namespace, &host_name.name);
    let Some(text) = ctx.host.get(&path).await? else {
        return Ok(None);
    };
    let found = parse(&text)?.value();
    Ok(is_ours(ctx, &found).then_some(found))
}

/// Brings an existing host Service in step, and the virtual one with what the host says.
async fn keep(
    ctx: &Context,
    name: &Name,
    service: &Value,
    host: Value,
) -> Result<Outcome, RestError> {
    if host.pointer("/metadata/deletionTimestamp").is_some() {
        // It is made again when it is gone.
        return Ok(Outcome::Done);
    }
    if translate::is_headless(service) != translate::is_headless(&host) {
        // An address cannot be given or taken afterwards; what the user wants is on the virtual side.
        delete(ctx, name, uid(&host)).await?;
        return create(ctx, name, service).await;
    }
    if !translate::has_same_addresses(service, &host) {
        debug!(service = %name, "the addresses of both sides differ");
        return settle::addresses(ctx, name, service, &host).await;
    }
    let wanted = translate::to_host(service, ctx.scope());
    let host = match translate::changes(&wanted, &host) {
        Some(_) => change(ctx, name, service, &wanted, &host).await?,
        None => host,
    };
    report(ctx, name, service, &host).await?;
    settle::choices(ctx, name, &host).await
}

/// Writes what differs; answers with the host Service as it is then.
async fn change(
    ctx: &Context,
    name: &Name,
    service: &Value,
    wanted: &Value,
    host: &Value,
) -> Result<Value, RestError> {
    let mut changed = patch(ctx, name, wanted, host, "").await;
    if changed.as_ref().is_err_and(is_invalid) {
        // Perhaps only the node ports are taken.
        let wanted = translate::without_node_ports(wanted);
        changed = patch(ctx, name, &wanted, host, "").await;
    }
    match changed {
        Ok(text) => {
            tell_what_is_left_out(ctx, service).await;
            remember(ctx, &text)
        }
        Err(error) => {
            tell_of_refusal(ctx, service, &error).await;
            Err(error)
        }
    }
}

/// Patches a host Service so that it is as wanted; `query` may ask for a dry run.
///
/// # Errors
/// What the host says; a conflict when it is another Service by now.
pub(super) async fn patch(
    ctx: &Context,
    name: &Name,
    wanted: &Value,
    host: &Value,
    query: &str,
) -> Result<String, RestError> {
    let mut update = translate::changes(wanted, host).unwrap_or_else(|| json!({}));
    of_this_one(&mut update, host, &["uid"]);
    let host_name = ctx.host_name(name);
    let path = SERVICES.one(&host_name.namespace, &host_name.name);
    ctx.host
        .patch(&format!("{path}{query}"), Form::MergePatch, &update)
        .await
}

/// Makes a patch one of this very object, by its UID, or also of this very version: otherwise it is refused as
/// a conflict.
pub(super) fn of_this_one(update: &mut Value, object: &Value, fields: &[&str]) {
    let Some(update) = update.as_object_mut() else {
        return;
    };
    let metadata = update.entry("metadata").or_insert_with(|| json!({}));
    if let Some(metadata) = metadata.as_object_mut() {
        for field in fields {
            let value = object.pointer(&format!("/metadata/{field}"));
            metadata.insert((*field).to_owned(), value.cloned().unwrap_or_default());
        }
    }
}

/// Brings the virtual Service's status in step.
async fn report(
    ctx: &Context,
    name: &Name,
    service: &Value,
    host: &Value,
) -> Result<(), RestError> {
    let Some(mut update) = translate::status(service, host) else {
        return Ok(());
    };
    of_this_one(&mut update, service, &["uid"]);
    let path = format!("{}/status", SERVICES.one(&name.namespace, &name.name));
    let form = Form::MergePatch;
    let text = ctx.virtual_cluster.patch(&path, form, &update).await?;
    ctx.known().virtual_services.wrote(parse(&text)?);
    Ok(())
}

/// Takes a host Service that was written into the cache.
///
/// # Errors
/// When the answer cannot be read.
pub(super) fn remember(ctx: &Context, text: &str) -> Result<Value, RestError> {
    let object: Object = parse(text)?;
    let value = object.value();
    ctx.known().host_services.wrote(object);
    Ok(value)
}

/// Whether an API server finds the object itself wrong: also an address or node port that is taken.
fn is_invalid(error: &RestError) -> bool {
    matches!(error, RestError::Refused { code: 422, .. })
}

/// Whether an API server says that an address or a node port belongs to another Service (`ErrAllocated` in
/// k8s.io/kubernetes/pkg/registry/core/service/{ipallocator,portallocator}).
fn is_taken(error: &RestError) -> bool {
    is_invalid(error) && error.message().contains("already allocated")
}

async fn tell_what_is_left_out(ctx: &Context, service: &Value) {
    let left_out = translate::left_out(service);
    if left_out.is_empty() {
        return;
    }
    let refusal = Refusal {
        reason: "FieldsLeftOut",
        message: format!(
            "the host cluster does not get {}: a virtual cluster has no say about addresses that are not \
             its own",
            left_out.join(", ")
        ),
    };
    events::refuse(ctx, "Service", service, &refusal).await;
}

async fn tell_of_refusal(ctx: &Context, service: &Value, error: &RestError) {
    if !error.is_final() && !error.is_conflict() {
        return;
    }
    let refusal = Refusal {
        reason: "HostRefused",
        message: format!(
            "the host cluster refuses the Service: {}",
            hides_host(error.message(), service, ctx.scope())
        ),
    };
    events::refuse(ctx, "Service", service, &refusal).await;
}
