//! From a request to its answer.
//!
//! In: a request of the virtual API server. Out: an answer, and what is left to carry after an
//! upgrade. Never: fails without a sentence, logs a query or a header.

use std::sync::{Arc, Mutex, PoisonError};

use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use kube::client::Body;
use serde_json::{Value, json};

use super::host::{Host, Refusal};
use super::relay::{self, Upgrade};
use super::route::{PodRequest, Route, RouteError, Subresource};
use super::stats::{self, Counters};
use super::{HostPodRef, Pods};
use crate::names::ClusterName;

/// An answer: ours as a whole, or the host's as it comes.
pub(super) type Answer = Response<Either<Full<Bytes>, Body>>;

/// Where a request leaves what is to be carried when its connection has been upgraded.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<Upgrade>>>);

impl Slot {
    fn put(&self, upgrade: Option<Upgrade>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = upgrade;
    }

    pub(super) fn take(&self) -> Option<Upgrade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What answers are made from.
pub(super) struct Answering {
    pub(super) host: Host,
    pub(super) cluster: ClusterName,
    pub(super) pods: Arc<dyn Pods>,
    pub(super) counters: Mutex<Counters>,
}

impl Answering {
    /// The answer to a request; an upgrade is left in the slot.
    pub(super) async fn answer(&self, request: Request<Incoming>, slot: &Slot) -> Answer {
        let uri = request.uri();
        let route = Route::parse(request.method().as_str(), uri.path(), uri.query());
        let answered = match route {
            Ok(_) if !request.body().is_end_stream() => Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "a request has no body here",
            )),
            Ok(route) => self.route(route, request, slot).await,
            Err(error) => Err(refusal(error)),
        };
        answered.unwrap_or_else(|refusal| text(refusal.status, refusal.message))
    }

    async fn route(
        &self,
        route: Route,
        request: Request<Incoming>,
        slot: &Slot,
    ) -> Result<Answer, Refusal> {
        match route {
            Route::Healthz => Ok(text(StatusCode::OK, "ok".to_owned())),
            Route::Pods => Ok(json_text(&self.pod_list())),
            Route::Summary => {
                let usage = stats::read(&self.host, &self.cluster)
                    .await
                    .unwrap_or_default();
                let samples = self.samples(&usage);
                Ok(json_text(&stats::summary(&samples, &self.cluster.object())))
            }
            Route::ResourceMetrics => {
                let usage = stats::read(&self.host, &self.cluster).await;
                let samples = usage.as_ref().map(|usage| self.samples(usage));
                let mut answer = text(StatusCode::OK, stats::exposition(samples.as_deref()));
                let content_type = HeaderValue::from_static(stats::EXPOSITION_TYPE);
                answer.headers_mut().insert(CONTENT_TYPE, content_type);
                Ok(answer)
            }
            Route::Pod(wanted) => self.pod(&wanted, request, slot).await,
        }
    }

    async fn pod(
        &self,
        wanted: &PodRequest,
        request: Request<Incoming>,
        slot: &Slot,
    ) -> Result<Answer, Refusal> {
        let found = self.find(wanted)?;
        let PodRequest {
            subresource,
            namespace,
            pod,
            ..
        } = wanted;
        tracing::debug!(subresource = subresource.as_str(), %namespace, %pod, "relaying");
        if *subresource == Subresource::Log {
            return relay::log(&self.host, &found.name, wanted).await;
        }
        let relayed = Box::pin(relay::upgrade(&self.host, &found.name, wanted, request));
        let (answer, upgrade) = relayed.await?;
        slot.put(upgrade);
        Ok(answer)
    }

    /// The host pod, if the virtual pod, its UID and its container are what was asked for.
    fn find(&self, wanted: &PodRequest) -> Result<HostPodRef, Refusal> {
        let PodRequest {
            namespace,
            pod,
            uid,
            container,
            ..
        } = wanted;
        let not_found = |message| Err(Refusal::new(StatusCode::NOT_FOUND, message));
        let found = self.pods.host_pod(namespace, pod, uid.as_deref());
        let found = found.filter(|found| uid.as_ref().is_none_or(|uid| *uid == found.virtual_uid));
        let Some(found) = found else {
            return not_found(format!("pod \"{pod}\" does not exist"));
        };
        if let Some(container) = container
            .as_ref()
            .filter(|name| !found.containers.contains(name))
        {
            return not_found(format!(
                "container \"{container}\" not found in pod \"{pod}\""
            ));
        }
        Ok(found)
    }

    fn pod_list(&self) -> Value {
        let items: Vec<Value> = self
            .pods
            .all()
            .iter()
            .map(|pair| Value::clone(&pair.virtual_pod))
            .collect();
        json!({ "kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items })
    }

    fn samples(&self, usage: &stats::HostUsage) -> Vec<stats::PodSample> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        stats::samples(&self.pods.all(), usage, &mut counters)
    }
}

fn refusal(error: RouteError) -> Refusal {
    let status = match error {
        RouteError::NotFound => StatusCode::NOT_FOUND,
        RouteError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        RouteError::BadQuery(_) => StatusCode::BAD_REQUEST,
    };
    Refusal::new(status, error.to_string())
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Either::Left(Full::default()));
    *answer.status_mut() = status;
    answer
}

/// An answer of plain text. Any but a success is the connection's last: whatever a client that
/// expected an upgrade sends after its request must not be read as the next one.
pub(super) fn text(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Either::Left(Full::from(text)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    if !status.is_success() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn json_text(value: &Value) -> Answer {
    let mut answer = text(StatusCode::OK, value.to_string());
    let content_type = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
