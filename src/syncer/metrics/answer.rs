//! From a request for metrics to its answer.
//!
//! In: a request of the virtual API server's, which has checked the user's right to make it. Out: the usage of
//! the virtual cluster's own pods, or of the nodes that it sees. Never: another pod's, another container's.

use std::collections::HashMap;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::timeout;
use tracing::debug;

use super::super::cache::Name;
use super::super::context::{Context, Shared};
use super::super::feed::percent_encoded;
use super::super::loopback::{Answer, json};
use super::super::own_kubelet::pair;
use super::super::rest::{Resource, RestError};
use super::super::translate::metrics as translate;
use super::super::translate::metrics::{Refusal, Route, Selection};
use crate::labels;

/// Where the host tells what pods use.
const POD_METRICS: Resource = Resource {
    root: translate::VERSION_PATH,
    plural: "pods",
};

/// Where the host tells what nodes use.
const NODE_METRICS: Resource = Resource {
    root: translate::VERSION_PATH,
    plural: "nodes",
};

/// Deadline of the host's answer. Whoever asks, asks again.
const DEADLINE: Duration = Duration::from_secs(10);

/// What the host tells, by the host's name of each.
type Told = HashMap<String, Value>;

/// The answer to a request of the virtual API server's.
pub(crate) async fn respond(ctx: Shared, request: Request<Incoming>) -> Answer {
    let uri = request.uri();
    let route = Route::parse(request.method().as_str(), uri.path(), uri.query());
    let answered = match route {
        Ok(route) => answer(&ctx, route).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(value) => json(StatusCode::OK, value.to_string()),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.code);
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            json(status, refusal.status().to_string())
        }
    }
}

async fn answer(ctx: &Context, route: Route) -> Result<Value, Refusal> {
    match route {
        Route::OpenApi(version) => Ok(translate::open_api(version)),
        Route::Group => Ok(translate::group()),
        Route::Version => Ok(translate::resources()),
        Route::Pods {
            namespace,
            selection,
        } => {
            let usage = pods(ctx, namespace.as_deref(), &selection).await?;
            let items: Vec<Value> = usage.into_iter().map(|(_, item)| item).collect();
            Ok(translate::list("PodMetricsList", &items))
        }
        Route::Pod { namespace, name } => one_pod(ctx, &Name::new(&namespace, &name)).await,
        Route::Nodes { selection } => {
            let items = nodes(ctx, &selection).await?;
            Ok(translate::list("NodeMetricsList", &items))
        }
        Route::Node { name } => {
            let items = nodes(ctx, &Selection::named(&name)).await?;
            let item = items.into_iter().next();
            let item = item.ok_or_else(|| Refusal::not_found("nodemetrics", &name))?;
            Ok(translate::one("NodeMetrics", item))
        }
    }
}

/// What the host answers; none when there is no such thing.
async fn ask(ctx: &Context, path: &str) -> Result<Option<String>, Refusal> {
    let answer = timeout(DEADLINE, ctx.host.get(path)).await;
    let answer = answer.unwrap_or_else(|_| Err(RestError::Unreachable("no answer".to_owned())));
    answer.map_err(|error| {
        debug!(%error, "the host tells no usage");
        Refusal::unavailable()
    })
}

async fn ask_all(ctx: &Context, path: &str) -> Result<Told, Refusal> {
    let text = ask(ctx, path).await?;
    // Without the API itself there is no list, either.
    let text = text.ok_or_else(Refusal::unavailable)?;
    let told = translate::by_name(&text).ok_or_else(Refusal::unavailable)?;
    Ok(told)
}

/// Nodes and usage of the cluster's pods, by name.
async fn pods(
    ctx: &Context,
    namespace: Option<&str>,
    selection: &Selection,
) -> Result<Vec<(String, Value)>, Refusal> {
    let scope = ctx.scope();
    let of_namespace = namespace.map(|name| format!("={name}"));
    let selector = format!(
        "{}={},{}{}",
        labels::CLUSTER,
        scope.cluster,
        labels::NAMESPACE,
        of_namespace.unwrap_or_default()
    );
    let all = POD_METRICS.all(scope.host_namespace.as_str());
    let path = format!("{all}?labelSelector={}", percent_encoded(&selector));
    let told = ask_all(ctx, &path).await?;
    let is_wanted = |name: &&Name| namespace.is_none_or(|wanted| *name.namespace == *wanted);
    let mut names: Vec<Name> = {
        let known = ctx.known();
        let names = known.virtual_pods.names().filter(is_wanted);
        names.cloned().collect()
    };
    names.sort_unstable();
    let usage = names.iter().filter_map(|name| {
        let usage = told.get(&*ctx.host_name(name).name)?;
        let (virtual_pod, _) = pair(ctx, name)?;
        if !selection.selects(&virtual_pod) {
            return None;
        }
        let item = translate::pod(&virtual_pod, usage)?;
        Some((translate::node_of(&virtual_pod).to_owned(), item))
    });
    Ok(usage.collect())
}

async fn one_pod(ctx: &Context, name: &Name) -> Result<Value, Refusal> {
    let missing = || Refusal::not_found("podmetrics", &name.to_string());
    let (virtual_pod, _) = pair(ctx, name).ok_or_else(missing)?;
    let host_name = ctx.host_name(name);
    let path = POD_METRICS.one(&host_name.namespace, &host_name.name);
    let text = ask(ctx, &path).await?.ok_or_else(missing)?;
    let usage = serde_json::from_str(&text).map_err(|_| Refusal::unavailable())?;
    let item = translate::pod(&virtual_pod, &usage).ok_or_else(missing)?;
    Ok(translate::one("PodMetrics", item))
}

/// Usage of the nodes: the host's, where they are shown as they are; otherwise that of the cluster's own pods
/// on each, because what else is there is not its business.
async fn nodes(ctx: &Context, selection: &Selection) -> Result<Vec<Value>, Refusal> {
    let settings = &ctx.settings;
    let mut shown: Vec<Value> = {
        let known = ctx.known();
        let nodes = known.virtual_nodes.objects();
        nodes.map(|node| node.value()).collect()
    };
    shown.retain(|node| selection.selects(node));
    shown.sort_by(|one, other| translate::name_of(one).cmp(translate::name_of(other)));
    if settings.sync_nodes && settings.grants.node_metrics {
        let told = ask_all(ctx, &NODE_METRICS.all("")).await?;
        let each = shown.iter();
        let usage =
            each.filter_map(|node| translate::node(node, told.get(translate::name_of(node))?));
        return Ok(usage.collect());
    }
    let usage = pods(ctx, None, &Selection::default()).await?;
    // Kubernetes writes whole seconds.
    let now = format!("{:.0}", Timestamp::now());
    let each = shown.iter();
    Ok(each
        .map(|node| translate::node_of_pods(node, &usage, &now))
        .collect())
}
