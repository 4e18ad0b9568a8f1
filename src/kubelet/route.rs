//! What the virtual API server asks its kubelet for, read from a request's method, path and query.
//!
//! In: text from a client that may be anybody's. Out: a [`Route`], or why there is none. Never: a text
//! that was not taken apart into checked names; a path that is put together again from what came.
//!
//! The paths are those of the kubelet's own server.
//! <https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/server/server.go>

use std::fmt::Write as _;

/// Longest name of a pod or namespace (RFC 1123 subdomain).
const SUBDOMAIN_MAX_BYTES: usize = 253;
/// Longest name of a container (RFC 1123 label).
const LABEL_MAX_BYTES: usize = 63;

/// A virtual pod, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodPath {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its UID, if the request names one.
    pub uid: Option<String>,
}

/// What happens in a pod over an upgraded connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// A command is run.
    Exec,
    /// A running container's streams are joined.
    Attach,
    /// Ports are forwarded.
    PortForward,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A container's log; the query is the host API's.
    Logs {
        /// Whose.
        pod: PodPath,
        /// Which container.
        container: String,
        /// Query of the host's `log` subresource.
        query: String,
    },
    /// An upgraded connection; the query is the host API's.
    Stream {
        /// Which kind.
        stream: Stream,
        /// Whose.
        pod: PodPath,
        /// Which container; none for ports.
        container: Option<String>,
        /// Query of the host's subresource.
        query: String,
    },
    /// All pods.
    Pods,
    /// What pods use, as the kubelet's summary.
    Stats,
    /// What pods use, as metrics.
    Metrics,
    /// Whether the endpoint works.
    Health,
}

/// Why a request is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoute {
    /// There is no such path.
    NotFound,
    /// The path takes another method.
    MethodNotAllowed,
}

/// Reads a request. `path` and `query` are as they came, percent-encoded.
///
/// # Errors
/// When it is not one of the few that are answered.
pub fn route(method: &str, path: &str, query: &str) -> Result<Route, NoRoute> {
    let segments = segments(path).ok_or(NoRoute::NotFound)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (route, may_post) = match segments.as_slice() {
        ["containerLogs", namespace, pod, container] => {
            let pod = pod_path(namespace, pod, None)?;
            (logs(pod, container, query)?, false)
        }
        ["exec", rest @ ..] => (in_container(Stream::Exec, rest, query)?, true),
        ["attach", rest @ ..] => (in_container(Stream::Attach, rest, query)?, true),
        ["portForward", namespace, pod] => (ports(namespace, pod, None, query)?, true),
        ["portForward", namespace, pod, uid] => (ports(namespace, pod, Some(uid), query)?, true),
        ["pods"] => (Route::Pods, false),
        ["stats", "summary"] => (Route::Stats, false),
        ["metrics", "resource"] => (Route::Metrics, false),
        ["healthz"] => (Route::Health, false),
        _ => return Err(NoRoute::NotFound),
    };
    match method {
        "GET" => Ok(route),
        "POST" if may_post => Ok(route),
        _ => Err(NoRoute::MethodNotAllowed),
    }
}

/// Takes a path apart; none if any part of it is not plain. Each part is decoded once, and nothing that
/// could be taken for a separator, a step upwards or another encoding may come out of it.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    path.split('/').map(segment).collect()
}

fn segment(raw: &str) -> Option<String> {
    let text = decode(raw)?;
    let is_plain = !text.is_empty()
        && text != "."
        && text != ".."
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    is_plain.then_some(text)
}

/// Percent-decodes once; none if it is malformed or not UTF-8.
fn decode(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= SUBDOMAIN_MAX_BYTES && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !text.is_empty()
        && text.chars().all(|c| plain(c) || c == '-')
        && text.starts_with(plain)
        && text.ends_with(plain)
}

fn pod_path(namespace: &str, name: &str, uid: Option<&str>) -> Result<PodPath, NoRoute> {
    let is_namespace = is_label(namespace) && namespace.len() <= LABEL_MAX_BYTES;
    let is_uid = uid.is_none_or(|uid| uid.len() <= LABEL_MAX_BYTES && is_label(uid));
    if !is_namespace || !is_subdomain(name) || !is_uid {
        return Err(NoRoute::NotFound);
    }
    Ok(PodPath {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        uid: uid.map(str::to_owned),
    })
}

fn container_name(text: &str) -> Result<String, NoRoute> {
    if is_label(text) && text.len() <= LABEL_MAX_BYTES {
        Ok(text.to_owned())
    } else {
        Err(NoRoute::NotFound)
    }
}

fn logs(pod: PodPath, container: &str, query: &str) -> Result<Route, NoRoute> {
    const OPTIONS: [&str; 8] = [
        "follow",
        "previous",
        "timestamps",
        "sinceSeconds",
        "sinceTime",
        "tailLines",
        "limitBytes",
        "stream",
    ];
    let container = container_name(container)?;
    let mut host = format!("container={container}");
    for (key, value) in pairs(query)? {
        if OPTIONS.contains(&key.as_str()) {
            push(&mut host, &key, &value);
        }
    }
    Ok(Route::Logs {
        pod,
        container,
        query: host,
    })
}

/// `NAMESPACE/POD/CONTAINER` or `NAMESPACE/POD/UID/CONTAINER`.
fn in_container(stream: Stream, rest: &[&str], query: &str) -> Result<Route, NoRoute> {
    let (pod, container) = match rest {
        [namespace, pod, container] => (pod_path(namespace, pod, None)?, container),
        [namespace, pod, uid, container] => (pod_path(namespace, pod, Some(uid))?, container),
        _ => return Err(NoRoute::NotFound),
    };
    let container = container_name(container)?;
    let mut host = format!("container={container}");
    for (key, value) in pairs(query)? {
        let is_set = matches!(value.as_str(), "1" | "true");
        match key.as_str() {
            "input" if is_set => push(&mut host, "stdin", "true"),
            "output" if is_set => push(&mut host, "stdout", "true"),
            "error" if is_set => push(&mut host, "stderr", "true"),
            "tty" if is_set => push(&mut host, "tty", "true"),
            "command" if stream == Stream::Exec => push(&mut host, "command", &value),
            _ => {}
        }
    }
    Ok(Route::Stream {
        stream,
        pod,
        container: Some(container),
        query: host,
    })
}

fn ports(namespace: &str, pod: &str, uid: Option<&str>, query: &str) -> Result<Route, NoRoute> {
    let pod = pod_path(namespace, pod, uid)?;
    let mut host = String::new();
    for (key, value) in pairs(query)? {
        if key == "port" && value.parse::<u16>().is_ok() {
            push(&mut host, "ports", &value);
        }
    }
    Ok(Route::Stream {
        stream: Stream::PortForward,
        pod,
        container: None,
        query: host,
    })
}

/// The pairs of a query, decoded; `+` is a space there.
fn pairs(query: &str) -> Result<Vec<(String, String)>, NoRoute> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let read = |text: &str| decode(&text.replace('+', " "));
            read(key).zip(read(value)).ok_or(NoRoute::NotFound)
        })
        .collect()
}

/// Adds a pair; everything but plain characters is encoded.
fn push(query: &mut String, key: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(key);
    query.push('=');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            query.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _infallible = write!(query, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pod(namespace: &str, name: &str, uid: Option<&str>) -> PodPath {
        PodPath {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: uid.map(str::to_owned),
        }
    }

    #[test]
    fn logs_as_the_api_server_asks_for_them() {
        let asked = route(
            "GET",
            "/containerLogs/default/web-1/main",
            "follow=true&tailLines=5&sinceTime=2026-01-01T00%3A00%3A00Z&evil=1",
        );
        assert_eq!(
            asked,
            Ok(Route::Logs {
                pod: pod("default", "web-1", None),
                container: "main".to_owned(),
                query: "container=main&follow=true&tailLines=5&sinceTime=2026-01-01T00%3A00%3A00Z"
                    .to_owned(),
            })
        );
    }

    #[test]
    fn a_command_reaches_the_host_as_it_was_typed() {
        let asked = route(
            "POST",
            "/exec/default/web.1/c",
            "command=sh&command=-c&command=echo+a%26b%3D%22%2B%22&input=1&output=1&error=0&tty=1&container=other",
        );
        assert_eq!(
            asked,
            Ok(Route::Stream {
                stream: Stream::Exec,
                pod: pod("default", "web.1", None),
                container: Some("c".to_owned()),
                query: "container=c&command=sh&command=-c&command=echo%20a%26b%3D%22%2B%22\
                        &stdin=true&stdout=true&tty=true"
                    .to_owned(),
            })
        );
    }

    #[test]
    fn ports_and_uids() {
        assert_eq!(
            route("GET", "/portForward/a/b/11-22", "port=80&port=x&port=8080"),
            Ok(Route::Stream {
                stream: Stream::PortForward,
                pod: pod("a", "b", Some("11-22")),
                container: None,
                query: "ports=80&ports=8080".to_owned(),
            })
        );
        let attach = route("POST", "/attach/a/b/11-22/c", "output=true");
        assert!(
            matches!(attach, Ok(Route::Stream { pod, .. }) if pod.uid.as_deref() == Some("11-22"))
        );
    }

    #[test]
    fn what_is_not_plain_is_not_found() {
        for path in [
            "",
            "/",
            "//pods",
            "/pods/",
            "/pods/x",
            "/containerLogs/a/b",
            "/containerLogs/a/b/c/d",
            "/containerLogs/a//c",
            "/containerLogs/a/../c",
            "/containerLogs/a/%2e%2e/c",
            "/containerLogs/a/b%2fc/d",
            "/containerLogs/a%2Fb/c",
            "/containerLogs/a/b;c/d",
            "/containerLogs/a/b%00/c",
            "/containerLogs/a/b%2500/c",
            "/containerLogs/a/%252e%252e/c",
            "/containerLogs/a/b/C",
            "/containerLogs/a/b_/c",
            "/containerLogs/A/b/c",
            "/containerLogs/a/b/-c",
            "/containerLogs/a/b/%zz",
            "/containerLogs/a/b/%c3%28",
            "/run/a/b/c",
            "/debug/pprof",
            "/configz",
            "/logs/",
            "/metrics",
            "/metrics/cadvisor",
            "/checkpoint/a/b/c",
        ] {
            assert_eq!(route("GET", path, ""), Err(NoRoute::NotFound), "{path}");
        }
        let method = Err(NoRoute::MethodNotAllowed);
        assert_eq!(route("POST", "/pods", ""), method);
        assert_eq!(route("DELETE", "/exec/a/b/c", ""), method);
    }

    proptest! {
        #[test]
        fn only_checked_names_come_out(path in "(/[a-zA-Z0-9%./;_~-]{0,12}){0,6}", query in ".{0,40}") {
            let found = route("GET", &path, &query);
            if let Ok(Route::Logs { pod, .. } | Route::Stream { pod, .. }) = found {
                prop_assert!(is_label(&pod.namespace));
                prop_assert!(is_subdomain(&pod.name));
                prop_assert!(!path.contains("//") && !path.contains(';'));
            }
        }

        #[test]
        fn a_query_has_nothing_that_ends_it(value in ".{0,40}") {
            let mut query = String::new();
            push(&mut query, "command", &value);
            let read = pairs(&query).unwrap();
            prop_assert_eq!(read, [("command".to_owned(), value)]);
        }
    }
}
