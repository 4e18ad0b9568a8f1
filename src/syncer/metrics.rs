//! `metrics.k8s.io` in the virtual cluster: what its own pods use, by the host's word.
//!
//! In: that the host has metrics and the syncer may read them; requests that the virtual API server hands on.
//! Out: the APIService by which it does, and the answers. Never: an APIService where there was no answer for it
//! yet, because one that nobody answers for breaks discovery and the deletion of namespaces; anything in the
//! place of somebody else's; a question to the host that nobody has asked.
//!
//! # Guarantees
//! - Nothing here is on the way to a ready cluster.
//! - Whoever deletes the APIService has it away for good: the Service that is left says so. When that is
//!   deleted, too, both come back.

mod answer;

use std::time::Duration;

use serde_json::Value;
use tracing::{debug, info};

use super::cache::Name;
use super::context::Context;
use super::pods::parse;
use super::queue::Outcome;
use super::rest::{Resource, RestError, SERVICES};
use super::translate::metrics as translate;

pub(super) use answer::respond;

/// Where APIServices are kept.
const API_SERVICES: Resource = Resource {
    root: "/apis/apiregistration.k8s.io/v1",
    plural: "apiservices",
};

/// Where ClusterRoles are kept.
const CLUSTER_ROLES: Resource = Resource {
    root: "/apis/rbac.authorization.k8s.io/v1",
    plural: "clusterroles",
};

/// How often it is looked whether the host has got metrics, and whether what we have made is still there. Who
/// installs metrics-server on a host does so once.
const PERIOD: Duration = Duration::from_mins(10);

/// The same, when the host could not say: its metrics-server is being started, or hard pressed.
const SOON: Duration = Duration::from_secs(30);

/// Makes the virtual API server ask us, if the host has metrics; or stops it, if we may no longer read them.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn keep(ctx: &Context) -> Result<Outcome, RestError> {
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let path = API_SERVICES.one("", translate::API_SERVICE);
    let found = ctx.virtual_cluster.get(&path).await?;
    let found = found.map(|text| parse(&text)).transpose()?;
    let found = found.map(|object| object.value());
    let is_ours = found.as_ref().map(translate::is_ours);
    if !ctx.settings.grants.pod_metrics {
        if let Some(found) = found.filter(|_| is_ours == Some(true)) {
            take_away(ctx, &found).await?;
        }
        return Ok(Outcome::Done);
    }
    match found {
        Some(_) if is_ours == Some(false) => {
            info!(
                "`{}` is somebody else's: left alone",
                translate::API_SERVICE
            );
        }
        Some(found) => {
            keep_spec(ctx, found).await?;
            keep_service(ctx).await?;
        }
        None if service(ctx).is_none() => {
            match host_has_metrics(ctx).await {
                Ok(true) => {}
                Ok(false) => return Ok(Outcome::After(PERIOD)),
                Err(error) => {
                    debug!(%error, "whether the host has metrics is not known yet");
                    return Ok(Outcome::After(SOON));
                }
            }
            create(ctx, API_SERVICES, &translate::api_service()).await?;
            keep_service(ctx).await?;
            create(ctx, CLUSTER_ROLES, &translate::reader_role()).await?;
            info!("the host has metrics: `kubectl top` is answered");
        }
        None => {}
    }
    Ok(Outcome::After(PERIOD))
}

/// Whether this Service of the virtual cluster is the one that we keep.
pub(crate) fn is_own_service(namespace: &str, name: &str) -> bool {
    (namespace, name) == translate::SERVICE
}

/// The Service that we keep, as far as the watch has shown it.
fn service(ctx: &Context) -> Option<Value> {
    let (namespace, name) = translate::SERVICE;
    let found = ctx
        .known()
        .virtual_services
        .get(&Name::new(namespace, name));
    found.map(|found| found.value())
}

/// One request, which every account may make. A host that has metrics-server and gets no answer of it says
/// something else than that there is none.
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>
async fn host_has_metrics(ctx: &Context) -> Result<bool, RestError> {
    let text = ctx.host.get(translate::VERSION_PATH).await?;
    Ok(text.is_some_and(|text| translate::tells_of_pods(&text)))
}

async fn keep_spec(ctx: &Context, mut found: Value) -> Result<(), RestError> {
    let wanted = translate::api_service();
    if found.get("spec") == wanted.get("spec") {
        return Ok(());
    }
    if let (Some(fields), Some(spec)) = (found.as_object_mut(), wanted.get("spec")) {
        fields.insert("spec".to_owned(), spec.clone());
    }
    let path = API_SERVICES.one("", translate::API_SERVICE);
    ctx.virtual_cluster.replace(&path, &found).await.map(drop)
}

async fn keep_service(ctx: &Context) -> Result<(), RestError> {
    if service(ctx).is_some() {
        return Ok(());
    }
    let path = SERVICES.all(translate::SERVICE.0);
    match ctx
        .virtual_cluster
        .create(&path, &translate::service())
        .await
    {
        Err(error) if error.is_conflict() => Ok(()),
        other => other.map(drop),
    }
}

/// One that is there already is as good.
async fn create(ctx: &Context, resource: Resource, object: &Value) -> Result<(), RestError> {
    match ctx.virtual_cluster.create(&resource.all(""), object).await {
        Err(error) if error.is_conflict() => Ok(()),
        other => other.map(drop),
    }
}

/// Nobody would answer.
async fn take_away(ctx: &Context, api_service: &Value) -> Result<(), RestError> {
    let path = API_SERVICES.one("", translate::API_SERVICE);
    let rest = &ctx.virtual_cluster;
    rest.delete_this(&path, api_service.pointer("/metadata/uid"))
        .await?;
    if let Some(service) = service(ctx) {
        let (namespace, name) = translate::SERVICE;
        let path = SERVICES.one(namespace, name);
        rest.delete_this(&path, service.pointer("/metadata/uid"))
            .await?;
    }
    Ok(())
}
