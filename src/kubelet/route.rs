//! What a request of the virtual API server asks for.
//!
//! In: the method, path and query of a request line. Out: a [`Route`] in which every name is a name
//! that Kubernetes could have given, or why there is none. Never: a client, a clock, a file; looks
//! up nothing, so a route may well name a pod that does not exist.
//!
//! The paths are those of the kubelet: `pkg/kubelet/server/server.go`, `InstallAuthRequiredHandlers`
//! and `InstallDebuggingHandlers`. What the API server makes of them is in
//! `pkg/registry/core/pod/strategy.go`: `LogLocation`, `streamLocation`, `PortForwardLocation`.
//!
//! # Guarantees
//!
//! - A path is split before it is decoded, and each segment is decoded once. Nothing is normalised:
//!   an empty segment, `..`, an encoded slash, `;`, NUL or what is left of a double encoding is in no
//!   name, so it is no route.
//! - What goes to the host is built from the route anew, from names and options of an allow-list.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use thiserror::Error;

use crate::names::{DNS_LABEL_MAX_BYTES, Namespace, check_label};
use query::Options;

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod query;
#[cfg(test)]
mod tests;

/// Longest DNS subdomain, in bytes (RFC 1123); the longest name of a pod.
const DNS_SUBDOMAIN_MAX_BYTES: usize = 253;

/// Longest UID, in bytes. The API server's are UUIDs of 36; those that a kubelet gives to pods from
/// files are hashes of 32.
const UID_MAX_BYTES: usize = 63;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/healthz`.
    Healthz,
    /// `/pods`: the pods of the node.
    Pods,
    /// `/stats/summary`: what they use, as JSON.
    Summary,
    /// `/metrics/resource`: what they use, for metrics-server.
    ResourceMetrics,
    /// Something of one pod, which the host API serves.
    Pod(PodRequest),
}

/// Something of one virtual pod, which the host API serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodRequest {
    /// What of it.
    pub subresource: Subresource,
    /// The virtual namespace: a DNS label.
    pub namespace: String,
    /// The virtual pod's name: a DNS subdomain.
    pub pod: String,
    /// The virtual pod's UID, when the request is for no other pod of that name.
    pub uid: Option<String>,
    /// The container's name: a DNS label. Absent for a port-forward, which is to the pod.
    pub container: Option<String>,
    options: Options,
}

/// A subresource of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subresource {
    /// A container's log.
    Log,
    /// A new process in a container, as an upgraded connection.
    Exec,
    /// A container's first process, as an upgraded connection.
    Attach,
    /// Ports of the pod, as an upgraded connection.
    PortForward,
}

/// Why a request is no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RouteError {
    /// There is nothing at this path.
    #[error("there is nothing at this path")]
    NotFound,
    /// There is something at this path, but not for this method.
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    /// The query is wrong. The text names its key, never a value: they may be secret.
    #[error("{0}")]
    BadQuery(&'static str),
}

impl Subresource {
    /// As the host API calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Exec => "exec",
            Self::Attach => "attach",
            Self::PortForward => "portforward",
        }
    }
}

impl Route {
    /// Reads a request line; `path` and `query` are as they came, nothing decoded.
    ///
    /// # Errors
    /// When it is not one of the routes.
    pub fn parse(method: &str, path: &str, query: Option<&str>) -> Result<Self, RouteError> {
        let segments = path_segments(path).ok_or(RouteError::NotFound)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let only_get = |route| match method {
            "GET" => Ok(route),
            _ => Err(RouteError::MethodNotAllowed),
        };
        match segments.as_slice() {
            ["healthz"] => only_get(Self::Healthz),
            ["pods"] => only_get(Self::Pods),
            ["stats", "summary"] => only_get(Self::Summary),
            ["metrics", "resource"] => only_get(Self::ResourceMetrics),
            [first, rest @ ..] => {
                let found = target(first, rest).ok_or(RouteError::NotFound)?;
                let is_log = found.subresource == Subresource::Log;
                if method != "GET" && (is_log || method != "POST") {
                    return Err(RouteError::MethodNotAllowed);
                }
                let options = Options::parse(found.subresource, query.unwrap_or_default())?;
                Ok(Self::Pod(PodRequest { options, ..found }))
            }
            [] => Err(RouteError::NotFound),
        }
    }
}

impl PodRequest {
    /// Path and query of the same request to the host API, for the host pod that stands for this
    /// virtual one.
    pub fn host_path(&self, host_namespace: &Namespace, host_pod: &str) -> String {
        let subresource = self.subresource.as_str();
        let mut path = format!("/api/v1/namespaces/{host_namespace}/pods/{host_pod}/{subresource}");
        let container = self
            .container
            .as_deref()
            .map(|name| ("container", name.as_bytes()));
        let mut separator = '?';
        for (key, value) in container.into_iter().chain(self.options.iter()) {
            let value = percent_encode(value, NON_ALPHANUMERIC);
            // Writing to a string does not fail.
            let _written = write!(path, "{separator}{key}={value}");
            separator = '&';
        }
        path
    }

    /// Whether the log goes on with what the container says next, so that its first byte may be a
    /// long time in coming.
    pub fn follows(&self) -> bool {
        self.options
            .iter()
            .any(|option| option == ("follow", b"true"))
    }
}

/// The pod and container that the segments after the first name, without options.
fn target(first: &str, rest: &[&str]) -> Option<PodRequest> {
    let subresource = match first {
        "containerLogs" => Subresource::Log,
        "exec" => Subresource::Exec,
        "attach" => Subresource::Attach,
        "portForward" => Subresource::PortForward,
        _ => return None,
    };
    let (namespace, pod, uid, container) = match (subresource, rest) {
        (Subresource::PortForward, [namespace, pod]) => (namespace, pod, None, None),
        (Subresource::PortForward, [namespace, pod, uid]) => (namespace, pod, Some(uid), None),
        (Subresource::Exec | Subresource::Attach, [namespace, pod, uid, container]) => {
            (namespace, pod, Some(uid), Some(container))
        }
        (
            Subresource::Log | Subresource::Exec | Subresource::Attach,
            [namespace, pod, container],
        ) => (namespace, pod, None, Some(container)),
        _ => return None,
    };
    let is_valid = is_label(namespace)
        && is_subdomain(pod)
        && uid.is_none_or(|uid| is_uid(uid))
        && container.is_none_or(|container| is_label(container));
    is_valid.then(|| PodRequest {
        subresource,
        namespace: (*namespace).to_owned(),
        pod: (*pod).to_owned(),
        uid: uid.map(|uid| (*uid).to_owned()),
        container: container.map(|container| (*container).to_owned()),
        options: Options::default(),
    })
}

/// The segments of a path, each decoded once; `None` when one is empty or cannot be decoded.
fn path_segments(path: &str) -> Option<Vec<String>> {
    let segments = path.strip_prefix('/')?.split('/');
    segments
        .map(|segment| String::from_utf8(decode(segment)?).ok())
        .map(|segment| segment.filter(|segment| !segment.is_empty()))
        .collect()
}

/// Undoes percent-encoding once; `None` when a `%` is not followed by two hexadecimal digits, which
/// Go's parser refuses, too.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        decoded.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(decoded)
}

fn is_label(text: &str) -> bool {
    check_label(text, DNS_LABEL_MAX_BYTES).is_ok()
}

/// Labels between dots. Kubernetes bounds the whole alone, not each label:
/// `IsDNS1123Subdomain` in `k8s.io/apimachinery/pkg/util/validation`.
fn is_subdomain(text: &str) -> bool {
    text.len() <= DNS_SUBDOMAIN_MAX_BYTES
        && text
            .split('.')
            .all(|label| check_label(label, DNS_SUBDOMAIN_MAX_BYTES).is_ok())
}

fn is_uid(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= UID_MAX_BYTES
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
