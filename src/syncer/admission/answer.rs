//! What becomes of a Service that is about to be stored.
//!
//! In: what is asked. Out: an answer, and the host Service. Never: fails without a sentence.

use std::hash::{BuildHasher, RandomState};

use serde_json::Value;
use tracing::{debug, info};

use super::super::cache::Name;
use super::super::context::Context;
use super::super::imports;
use super::super::pods::parse;
use super::super::queue::{Key, Kind};
use super::super::rest::{RestError, SERVICES};
use super::super::services::{self, Reservation};
use super::super::translate::admission::{Answer, Asked};
use super::super::translate::hides_host;
use super::super::translate::services as translate;
use crate::names::{DNS_LABEL_MAX_BYTES, check_label};
use crate::pki::SYNCER;

/// The query of a request that stores nothing.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
const DRY_RUN: &str = "?dryRun=All";

/// The answer, whatever happens.
pub(super) async fn answer(ctx: &Context, asked: &Asked) -> Answer {
    // What we write ourselves has what the host has.
    if asked.user == SYNCER {
        return Answer::AsIs;
    }
    if ctx.is_frozen() {
        return no(503, "this virtual cluster is being deleted");
    }
    let name = text(&asked.service, "/metadata/name");
    if !name.is_empty() && check_label(name, DNS_LABEL_MAX_BYTES).is_err() {
        // The API server refuses it.
        return Answer::AsIs;
    }
    if translate::is_own(&asked.namespace, name) {
        return own(ctx, asked, name);
    }
    if imports::is_service(ctx, &asked.namespace, name) {
        let message = format!(
            "Service `{name}` of this namespace is the host cluster's, and can only be read"
        );
        return no(403, &message);
    }
    if !translate::has_host(&asked.service) {
        return Answer::AsIs;
    }
    let worked = if asked.before.is_null() || !translate::has_host(&asked.before) {
        reserve(ctx, asked).await
    } else if translate::needs_host(&asked.before, &asked.service) {
        change(ctx, asked).await
    } else {
        Ok(Answer::AsIs)
    };
    worked.unwrap_or_else(|error| refusal(ctx, asked, &error))
}

/// Services that the syncer makes itself: `default/kubernetes` may be made by the API server, too.
fn own(ctx: &Context, asked: &Asked, name: &str) -> Answer {
    if !asked.before.is_null() {
        return Answer::AsIs;
    }
    if name != "kubernetes" {
        let message = format!("Service `{name}` of this namespace is the virtual cluster's own");
        return no(403, &message);
    }
    let address = &ctx.settings.service_address;
    let mut spec = asked.service.get("spec").cloned().unwrap_or_default();
    let Some(fields) = spec.as_object_mut() else {
        return Answer::AsIs;
    };
    fields.insert("clusterIP".to_owned(), address.as_str().into());
    fields.insert("clusterIPs".to_owned(), vec![address.as_str()].into());
    Answer::With {
        spec,
        name: None,
        warnings: Vec::new(),
    }
}

/// Makes the host Service first.
async fn reserve(ctx: &Context, asked: &Asked) -> Result<Answer, RestError> {
    let mut service = asked.service.clone();
    let generated = generated_name(&service);
    if let (Some(name), Some(metadata)) = (&generated, service.pointer_mut("/metadata")) {
        metadata["name"] = name.as_str().into();
    }
    let name = Name::new(&asked.namespace, text(&service, "/metadata/name"));
    let query = if asked.is_dry_run { DRY_RUN } else { "" };
    let wanted = translate::to_host(&service, ctx.scope());
    let is_new = asked.before.is_null();
    let reservation = Reservation::new(if is_new { 0 } else { version(&asked.before) });
    if !asked.is_dry_run {
        ctx.known()
            .reserved_services
            .insert(name.clone(), reservation);
    }
    let path = SERVICES.all(ctx.scope().host_namespace.as_str());
    let path = format!("{path}{query}");
    let host = match ctx.host.create(&path, &wanted).await {
        Err(error) if error.is_conflict() => {
            let Some(found) = services::find_host(ctx, &name).await? else {
                return Err(error);
            };
            if is_new && exists(ctx, &name).await? {
                // The API server will say that it exists.
                return Ok(Answer::AsIs);
            }
            left_behind(ctx, &name, &wanted, &found, asked.is_dry_run).await?
        }
        Err(error) => {
            ctx.known().reserved_services.remove(&name);
            return Err(error);
        }
        Ok(text) => parse_written(ctx, &text, asked.is_dry_run)?,
    };
    debug!(service = %name, dry_run = asked.is_dry_run, "made on the host first");
    look_later(ctx, asked, name);
    Ok(with(asked, &service, &host, generated))
}

/// A host Service of ours is there for a virtual one that is not: it was made for a request that came to
/// nothing, or its virtual Service has just gone. The first is as good as new; the second has to go.
async fn left_behind(
    ctx: &Context,
    name: &Name,
    wanted: &Value,
    found: &Value,
    is_dry_run: bool,
) -> Result<Value, RestError> {
    if is_dry_run {
        return Ok(found.clone());
    }
    let asks = wanted.pointer("/spec/clusterIP");
    let is_as_good = services::is_reservation(found)
        && asks.is_none_or(|asks| found.pointer("/spec/clusterIP") == Some(asks))
        && translate::is_headless(wanted) == translate::is_headless(found);
    if is_as_good {
        let text = services::patch(ctx, name, wanted, found, "").await?;
        return services::remember(ctx, &text);
    }
    info!(service = %name, "replaces what an earlier one has left on the host");
    services::delete(ctx, name, text(found, "/metadata/uid")).await?;
    let path = SERVICES.all(ctx.scope().host_namespace.as_str());
    let text = ctx.host.create(&path, wanted).await?;
    services::remember(ctx, &text)
}

/// Asks the host for what a change of a Service needs of it.
async fn change(ctx: &Context, asked: &Asked) -> Result<Answer, RestError> {
    let name = Name::new(&asked.namespace, text(&asked.service, "/metadata/name"));
    let Some(found) = services::find_host(ctx, &name).await? else {
        // It is made again from what is stored now.
        return Ok(Answer::AsIs);
    };
    let service = translate::with_inherited(&asked.before, &asked.service);
    let wanted = translate::to_host(&service, ctx.scope());
    let query = if asked.is_dry_run { DRY_RUN } else { "" };
    if !asked.is_dry_run {
        let reservation = Reservation::new(version(&asked.before));
        ctx.known()
            .reserved_services
            .insert(name.clone(), reservation);
    }
    let text = services::patch(ctx, &name, &wanted, &found, query).await?;
    let host = parse_written(ctx, &text, asked.is_dry_run)?;
    look_later(ctx, asked, name);
    Ok(with(asked, &service, &host, None))
}

/// If nothing comes of the request, no watch will tell: ours has the host Service already.
fn look_later(ctx: &Context, asked: &Asked, name: Name) {
    if !asked.is_dry_run {
        let kind = Kind::Service;
        ctx.queue.add(Key { kind, name });
    }
}

/// The Service with what the host has given it. In a dry run that is nothing: an API server then answers
/// with the first address of the range, which is no address that a Service can have (`AllocateNext` in
/// k8s.io/kubernetes/pkg/registry/core/service/ipallocator), and the virtual one would refuse it.
fn with(asked: &Asked, service: &Value, host: &Value, name: Option<String>) -> Answer {
    let spec = if asked.is_dry_run {
        asked.service.get("spec").cloned().unwrap_or_default()
    } else {
        translate::with_choices(service, host)
    };
    Answer::With {
        spec,
        name,
        warnings: warnings(service),
    }
}

/// What the host has answered, into the cache unless nothing was stored.
fn parse_written(ctx: &Context, text: &str, is_dry_run: bool) -> Result<Value, RestError> {
    if is_dry_run {
        return Ok(parse(text)?.value());
    }
    services::remember(ctx, text)
}

async fn exists(ctx: &Context, name: &Name) -> Result<bool, RestError> {
    let path = SERVICES.one(&name.namespace, &name.name);
    Ok(ctx.virtual_cluster.get(&path).await?.is_some())
}

/// What whoever wrote the Service is told at once.
fn warnings(service: &Value) -> Vec<String> {
    let left_out = translate::left_out(service);
    let told = left_out.iter();
    told.map(|field| format!("spec.{field}: has no effect in a virtual cluster"))
        .collect()
}

/// A name for a Service that asks for a new one. The API server would make it up after admission
/// (`names.SimpleNameGenerator` in k8s.io/apiserver), and the host Service needs it now.
fn generated_name(service: &Value) -> Option<String> {
    let prefix = text(service, "/metadata/generateName");
    if prefix.is_empty() || !text(service, "/metadata/name").is_empty() {
        return None;
    }
    let random = RandomState::new().hash_one(prefix).to_be_bytes();
    let suffix = data_encoding::BASE32_NOPAD.encode(&random);
    let suffix: String = suffix.chars().take(GENERATED_CHARACTERS).collect();
    let room = DNS_LABEL_MAX_BYTES - GENERATED_CHARACTERS;
    let stem: String = prefix.chars().take(room).collect();
    Some(format!("{stem}{}", suffix.to_ascii_lowercase()))
}

/// As many as the API server's own.
const GENERATED_CHARACTERS: usize = 5;

fn version(object: &Value) -> u64 {
    text(object, "/metadata/resourceVersion")
        .parse()
        .unwrap_or_default()
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// The host's own words, with virtual names.
fn refusal(ctx: &Context, asked: &Asked, error: &RestError) -> Answer {
    match error {
        RestError::Refused { code, message, .. } => {
            let message = hides_host(message, &asked.service, ctx.scope());
            // A conflict would be tried again by clients; these words are for people.
            let code = if *code == 409 { 400 } else { *code };
            no(
                code,
                &format!("the host cluster refuses the Service: {message}"),
            )
        }
        RestError::Unreachable(_) => no(503, "the host cluster does not answer; try again"),
    }
}

fn no(code: u16, message: &str) -> Answer {
    Answer::No {
        code,
        message: message.to_owned(),
    }
}
