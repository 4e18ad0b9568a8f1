//! One request to an API server: a deadline, and an error that says what to do about it.
//!
//! In: a method, a place, a body. Out: the answer's text, or a [`RestError`]. Never: tries again;
//! who asks knows whether it is still wanted.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use kube::Client;
use kube::client::Body;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::client::Clients;
use super::figures;

/// Deadline of one request. An API server gives up on its own admission webhooks after 30 s at most,
/// and what waits here holds up one object only.
const DEADLINE: Duration = Duration::from_secs(35);

/// Largest answer that is read: a page of a list. 500 pods of the largest size would be more, but
/// etcd's limit of 1.5 MiB is for one object, and pages of those would not fit the syncer's memory.
const ANSWER_MAX_BYTES: usize = 256 << 20;

/// Where a kind of object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resource {
    /// `/api/v1`, `/apis/coordination.k8s.io/v1`.
    pub(crate) root: &'static str,
    /// `pods`.
    pub(crate) plural: &'static str,
}

pub(crate) const PODS: Resource = core("pods");
pub(crate) const CONFIG_MAPS: Resource = core("configmaps");
pub(crate) const SECRETS: Resource = core("secrets");
pub(crate) const NODES: Resource = core("nodes");
pub(crate) const NAMESPACES: Resource = core("namespaces");
pub(crate) const EVENTS: Resource = core("events");
pub(crate) const SERVICES: Resource = core("services");
pub(crate) const SERVICE_ACCOUNTS: Resource = core("serviceaccounts");
pub(crate) const ENDPOINT_SLICES: Resource = Resource {
    root: "/apis/discovery.k8s.io/v1",
    plural: "endpointslices",
};
/// What EndpointSlices were before; programs still read that of the API server.
pub(crate) const ENDPOINTS: Resource = core("endpoints");
pub(crate) const CLAIMS: Resource = core("persistentvolumeclaims");
pub(crate) const VOLUMES: Resource = core("persistentvolumes");
pub(crate) const STORAGE_CLASSES: Resource = Resource {
    root: "/apis/storage.k8s.io/v1",
    plural: "storageclasses",
};
pub(crate) const STATEFUL_SETS: Resource = Resource {
    root: "/apis/apps/v1",
    plural: "statefulsets",
};
pub(crate) const LEASES: Resource = Resource {
    root: "/apis/coordination.k8s.io/v1",
    plural: "leases",
};

const fn core(plural: &'static str) -> Resource {
    Resource {
        root: "/api/v1",
        plural,
    }
}

impl Resource {
    /// Of a kind that only the settings know. They are read once, so that what is leaked is bounded.
    pub(crate) fn leaked(root: String, plural: String) -> Self {
        Self {
            root: root.leak(),
            plural: plural.leak(),
        }
    }

    /// Path of all objects, of a namespace if one is given.
    pub(crate) fn all(self, namespace: &str) -> String {
        let Self { root, plural } = self;
        if namespace.is_empty() {
            format!("{root}/{plural}")
        } else {
            format!("{root}/namespaces/{namespace}/{plural}")
        }
    }

    /// Path of one object.
    pub(crate) fn one(self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.all(namespace))
    }
}

/// How a body is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    /// RFC 7386.
    MergePatch,
    /// RFC 6902.
    JsonPatch,
    /// <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>
    StrategicMergePatch,
}

impl Form {
    fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::MergePatch => "application/merge-patch+json",
            Self::JsonPatch => "application/json-patch+json",
            Self::StrategicMergePatch => "application/strategic-merge-patch+json",
        }
    }
}

/// Why a request came to nothing.
#[derive(Debug, Clone, Error)]
pub(crate) enum RestError {
    /// The API server answered, and said no.
    #[error("{message} ({code} {reason})")]
    Refused {
        code: u16,
        reason: String,
        message: String,
        /// How long the API server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// There was no answer, or not a whole one.
    #[error("{0}")]
    Unreachable(String),
}

impl RestError {
    fn code(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Unreachable(_) => 0,
        }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.code() == 404
    }

    /// A create of what exists, an outdated UID or version: what was known is no longer so.
    pub(crate) fn is_conflict(&self) -> bool {
        self.code() == 409
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.code() == 410
    }

    /// Whether the API server understood the request and will not have it: nothing but a change of the
    /// object, or of what refuses it, helps. Its own words are worth telling.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.code(), 400 | 403 | 413 | 415 | 422)
    }

    /// The API server's own words.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Refused { message, .. } | Self::Unreachable(message) => message,
        }
    }
}

/// Kubernetes' `Status`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    reason: String,
    message: String,
}

/// One API server.
#[derive(Clone)]
pub(crate) struct Rest {
    clients: Arc<RwLock<Clients>>,
    /// One for each watch that the shared connection has room for.
    room: Arc<Semaphore>,
}

/// Watches that share a connection with each other and with requests. API servers take 100 at once on one
/// connection, and what is too much waits, without a word.
/// <https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apiserver/pkg/server/secure_serving.go>
const SHARING_WATCHES: usize = 50;

/// An answer that goes on.
pub(crate) struct Stream {
    pub(crate) body: Body,
    /// Its place on the shared connection.
    _place: Option<OwnedSemaphorePermit>,
}

impl Rest {
    pub(crate) fn new(clients: Clients) -> Self {
        Self {
            clients: Arc::new(RwLock::new(clients)),
            room: Arc::new(Semaphore::new(SHARING_WATCHES)),
        }
    }

    /// The client for what takes a connection over.
    pub(crate) fn single_client(&self) -> Client {
        self.clients().single
    }

    fn clients(&self) -> Clients {
        // Nobody panics while it is held.
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.clone()
    }

    /// From now on requests go by these clients, also those of clones. What is under way goes on by the old ones.
    pub(crate) fn change_to(&self, clients: Clients) {
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = clients;
    }

    /// Reads one object; none when there is none.
    ///
    /// # Errors
    /// What else comes of it.
    pub(crate) async fn get(&self, path: &str) -> Result<Option<String>, RestError> {
        match self.call(Method::GET, path, None).await {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a list of metadata alone.
    pub(crate) async fn get_metadata(&self, path: &str) -> Result<Option<String>, RestError> {
        let answer = async {
            let stream = self.stream(path, true).await?;
            read_text(stream.body).await
        };
        within_deadline(answer).await.map(Some)
    }

    /// Begins a watch, or a list, of whole objects or of metadata.
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-partialobjectmetadata>
    pub(crate) async fn stream(
        &self,
        path: &str,
        metadata_only: bool,
    ) -> Result<Stream, RestError> {
        let request = Request::builder().method(Method::GET).uri(path);
        let request = if metadata_only {
            let kind = if path.contains("watch=1") {
                "PartialObjectMetadata"
            } else {
                "PartialObjectMetadataList"
            };
            request.header(
                header::ACCEPT,
                format!("application/json;as={kind};g=meta.k8s.io;v=v1"),
            )
        } else {
            request
        };
        let request = request.body(Body::empty()).map_err(unreachable)?;
        let Clients { shared, single } = self.clients();
        let place = Arc::clone(&self.room).try_acquire_owned().ok();
        let client = if place.is_some() { shared } else { single };
        let response = exchange(&client, request).await?;
        Ok(Stream {
            body: response.into_body(),
            _place: place,
        })
    }

    pub(crate) async fn create(&self, path: &str, object: &Value) -> Result<String, RestError> {
        let body = (Form::Json, object);
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn replace(&self, path: &str, object: &Value) -> Result<String, RestError> {
        let body = (Form::Json, object);
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(
        &self,
        path: &str,
        form: Form,
        body: &Value,
    ) -> Result<String, RestError> {
        self.call(Method::PATCH, path, Some((form, body))).await
    }

    /// Deletes one object; that it is gone already is as good. Answers with what the API server says:
    /// for most kinds the object as it is or was, none when there was none.
    ///
    /// # Errors
    /// What else comes of it; a conflict when it is not the one with the UID in `options`.
    pub(crate) async fn delete(
        &self,
        path: &str,
        options: &Value,
    ) -> Result<Option<String>, RestError> {
        self.send_delete(path, options).await
    }

    /// Deletes the object that has this UID, and none that has come under its name since; see [`Self::delete`].
    ///
    /// # Errors
    /// As [`Self::delete`].
    pub(crate) async fn delete_this(
        &self,
        path: &str,
        uid: impl Serialize,
    ) -> Result<Option<String>, RestError> {
        let options = json!({"preconditions": {"uid": uid}});
        self.send_delete(path, &options).await
    }

    async fn send_delete(&self, path: &str, options: &Value) -> Result<Option<String>, RestError> {
        let body = (Form::Json, options);
        match self.call(Method::DELETE, path, Some(body)).await {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<(Form, &Value)>,
    ) -> Result<String, RestError> {
        let is_write = method != Method::GET;
        let answer = async {
            let response = self.send(method, path, body).await?;
            read_text(response.into_body()).await
        };
        let answer = within_deadline(answer).await;
        if is_write && answer.is_ok() {
            figures::note_write();
        }
        answer
    }

    /// Sends a request; the answer is a success whose body is still to be read.
    ///
    /// # Errors
    /// What the API server refuses, in its own words; or that it cannot be reached.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(Form, &Value)>,
    ) -> Result<Response<Body>, RestError> {
        let mut request = Request::builder().method(method).uri(path);
        let bytes = match body {
            Some((form, value)) => {
                request = request.header(header::CONTENT_TYPE, form.content_type());
                serde_json::to_vec(value).map_err(unreachable)?
            }
            None => Vec::new(),
        };
        let request = request.body(Body::from(bytes)).map_err(unreachable)?;
        exchange(&self.clients().shared, request).await
    }
}

async fn exchange(client: &Client, request: Request<Body>) -> Result<Response<Body>, RestError> {
    let response = client.send(request).await.map_err(unreachable)?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(refused(response).await)
}

async fn within_deadline<T>(
    answer: impl Future<Output = Result<T, RestError>>,
) -> Result<T, RestError> {
    tokio::time::timeout(DEADLINE, answer)
        .await
        .map_err(|_| RestError::Unreachable(format!("no answer within {DEADLINE:?}")))?
}

async fn read_text(body: Body) -> Result<String, RestError> {
    let bytes = Limited::new(body, ANSWER_MAX_BYTES)
        .collect()
        .await
        .map_err(unreachable)?
        .to_bytes();
    String::from_utf8(bytes.into()).map_err(unreachable)
}

async fn refused(response: Response<Body>) -> RestError {
    let code = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let body = Limited::new(response.into_body(), STATUS_MAX_BYTES);
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let status = read_status(code, &bytes.unwrap_or_default());
    RestError::Refused {
        code: code.as_u16(),
        reason: status.reason,
        message: status.message,
        retry_after,
    }
}

/// Longest refusal that is read.
const STATUS_MAX_BYTES: usize = 64 << 10;

fn read_status(code: StatusCode, bytes: &Bytes) -> Status {
    let status: Status = serde_json::from_slice(bytes).unwrap_or_default();
    if status.message.is_empty() {
        let text = String::from_utf8_lossy(bytes);
        return Status {
            reason: code.canonical_reason().unwrap_or_default().to_owned(),
            message: text.lines().next().unwrap_or_default().to_owned(),
        };
    }
    status
}

/// Tells all of an error's causes in one line.
fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RestError {
    let error = error.into();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    RestError::Unreachable(text)
}
