//! Any request line is a route of names that Kubernetes could have given, or none.

use super::{PodRequest, Route, RouteError, Subresource};
use crate::names::Namespace;

/// Keys that the host may be asked with.
const KEYS: [&str; 15] = [
    "container",
    "command",
    "stdin",
    "stdout",
    "stderr",
    "tty",
    "ports",
    "follow",
    "previous",
    "timestamps",
    "sinceSeconds",
    "tailLines",
    "limitBytes",
    "sinceTime",
    "stream",
];

/// The request line `METHOD PATH[?QUERY]`.
pub fn kubelet_routes(bytes: &[u8]) {
    let (Ok(line), Ok(host)) = (str::from_utf8(bytes), "host".parse::<Namespace>()) else {
        return;
    };
    let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let route = Route::parse(method, path, query);
    assert_eq!(
        route,
        Route::parse(method, path, query),
        "it is not decided by the line alone"
    );
    match route {
        Ok(Route::Pod(request)) => {
            assert!(["GET", "POST"].contains(&method), "{method}");
            check_names(path, &request);
            check_host_path(&request, &host);
            // What is encoded once more than needed means the same; what is encoded twice is no name.
            let encoded = path.replace('a', "%61");
            let same = Route::parse(method, &encoded, query);
            assert_eq!(same, Ok(Route::Pod(request)), "{encoded}");
        }
        Ok(_) => {
            let known = ["/healthz", "/pods", "/stats/summary", "/metrics/resource"];
            let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            assert!(known.contains(&&*decoded), "{path}");
            assert_eq!(method, "GET");
        }
        Err(RouteError::BadQuery(words)) => assert!(!words.is_empty() && !words.ends_with('.')),
        Err(_) => {}
    }
    if !path.starts_with('/') {
        assert!(Route::parse(method, path, query).is_err(), "{path}");
        return;
    }
    let wrong = [
        format!("{path}/"),
        format!("/{path}"),
        format!("{path}/../x"),
        format!("{path}%2F"),
    ];
    for wrong in wrong {
        assert!(Route::parse(method, &wrong, query).is_err(), "{wrong}");
    }
}

fn check_names(path: &str, request: &PodRequest) {
    let uid = request.uid.as_deref().filter(|uid| !uid.is_empty());
    assert_eq!(uid, request.uid.as_deref(), "a UID is not empty");
    let named = [
        Some(request.namespace.as_str()),
        Some(request.pod.as_str()),
        request.container.as_deref(),
    ];
    for name in named.into_iter().flatten() {
        let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.');
        assert!(
            !name.is_empty() && name.chars().all(is_allowed),
            "{name:?} of {path:?}"
        );
        assert!(
            !name.starts_with('.') && !name.contains("..") && !name.ends_with('.'),
            "{name:?}"
        );
    }
    if let Some(uid) = uid {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(uid.chars().all(is_allowed), "{uid:?}");
    }
    let is_to_a_pod = request.subresource == Subresource::PortForward;
    assert_eq!(request.container.is_none(), is_to_a_pod, "{path:?}");
}

/// The host is asked for this subresource of that pod, and with nothing that is not on the list.
fn check_host_path(request: &PodRequest, host: &Namespace) {
    let asked = request.host_path(host, "twin");
    let (path, query) = asked.split_once('?').unwrap_or((&asked, ""));
    let subresource = request.subresource.as_str();
    assert_eq!(
        path,
        format!("/api/v1/namespaces/host/pods/twin/{subresource}")
    );
    let pairs = || query.split('&').filter(|pair| !pair.is_empty());
    for pair in pairs() {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        assert!(KEYS.contains(&key), "{asked}");
        let is_encoded = |c: char| c.is_ascii_alphanumeric() || c == '%';
        assert!(value.chars().all(is_encoded), "{asked}");
    }
    let containers = pairs().filter(|pair| pair.starts_with("container="));
    assert_eq!(
        containers.count(),
        usize::from(request.container.is_some()),
        "{asked}"
    );
}
