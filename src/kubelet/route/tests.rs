//! URLs as kube-apiserver 1.35 sends them, and everything that must be no route.

use proptest::prelude::*;

use super::*;

/// Path and query of the host request that a virtual one becomes.
fn relayed(method: &str, path_and_query: &str) -> Result<String, RouteError> {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    match Route::parse(method, path, query)? {
        Route::Pod(request) => Ok(to_host(&request)),
        route => Ok(format!("{route:?}")),
    }
}

fn to_host(request: &PodRequest) -> String {
    request.host_path(&"host".parse().unwrap(), "twin")
}

#[track_caller]
fn becomes(method: &str, path_and_query: &str, host: &str) {
    let expected = format!("/api/v1/namespaces/host/pods/twin/{host}");
    assert_eq!(
        relayed(method, path_and_query),
        Ok(expected),
        "{method} {path_and_query}"
    );
}

/// The table of `LogLocation` (with `url.Values.Encode`, which sorts).
#[test]
fn logs_are_asked_for_as_the_api_server_does() {
    becomes(
        "GET",
        "/containerLogs/default/web/app?stream=All",
        "log?container=app",
    );
    becomes("GET", "/containerLogs/default/web/app", "log?container=app");
    becomes(
        "GET",
        "/containerLogs/kube-system/web-0.a/app?follow=true&limitBytes=100&previous=true\
         &sinceSeconds=60&stream=Stderr&tailLines=0&timestamps=true",
        "log?container=app&follow=true&previous=true&timestamps=true&sinceSeconds=60&tailLines=0\
         &limitBytes=100&stream=Stderr",
    );
    becomes(
        "GET",
        "/containerLogs/default/web/app?sinceTime=2026-11-24T10%3A00%3A00%2B01%3A00&stream=All",
        "log?container=app&sinceTime=2026%2D11%2D24T10%3A00%3A00%2B01%3A00",
    );
}

/// The table of `streamLocation` and `streamParams`. SPDY and translated WebSockets come as POST,
/// plain WebSockets as GET.
#[test]
fn processes_are_asked_for_as_the_api_server_does() {
    for method in ["GET", "POST"] {
        becomes(
            method,
            "/exec/default/web/app?command=sh&command=-c&command=echo+a%2Bb+%26+c&error=1&input=1&output=1",
            "exec?container=app&command=sh&command=%2Dc&command=echo%20a%2Bb%20%26%20c\
             &stdin=true&stdout=true&stderr=true&tty=false",
        );
        becomes(
            method,
            "/exec/default/web/1b4e28ba-2fa1-11d2-883f-0016d3cca427/app?command=sh&input=1&output=1&tty=1",
            "exec?container=app&command=sh&stdin=true&stdout=true&stderr=false&tty=true",
        );
        becomes(
            method,
            "/attach/default/web/app?output=1&tty=1&error=1",
            "attach?container=app&stdin=false&stdout=true&stderr=false&tty=true",
        );
    }
}

/// The table of `PortForwardLocation`.
#[test]
fn ports_are_asked_for_as_the_api_server_does() {
    becomes("POST", "/portForward/default/web", "portforward");
    becomes("POST", "/portForward/default/web/1b4e28ba", "portforward");
    becomes(
        "GET",
        "/portForward/default/web?port=80%2C8080&port=443",
        "portforward?ports=80&ports=8080&ports=443",
    );
}

#[test]
fn a_uid_and_a_following_log_are_seen() {
    let parse = |path, query| match Route::parse("GET", path, query) {
        Ok(Route::Pod(request)) => request,
        other => panic!("{other:?}"),
    };
    let exec = parse("/exec/ns/p/uid-1/c", Some("command=a&output=1"));
    assert_eq!(exec.uid.as_deref(), Some("uid-1"));
    assert_eq!(exec.container.as_deref(), Some("c"));
    assert_eq!(
        parse("/portForward/ns/p/uid-1", None).uid.as_deref(),
        Some("uid-1")
    );
    assert!(parse("/containerLogs/ns/p/c", Some("follow=true")).follows());
    assert!(!parse("/containerLogs/ns/p/c", Some("follow=false")).follows());
}

#[test]
fn the_rest_of_the_kubelet() {
    assert_eq!(Route::parse("GET", "/healthz", None), Ok(Route::Healthz));
    assert_eq!(Route::parse("GET", "/pods", None), Ok(Route::Pods));
    assert_eq!(
        Route::parse("GET", "/stats/summary", Some("a=b")),
        Ok(Route::Summary)
    );
    assert_eq!(
        Route::parse("GET", "/metrics/resource", None),
        Ok(Route::ResourceMetrics)
    );
}

#[test]
fn what_is_no_path_of_ours_is_not_found() {
    for path in [
        "",
        "/",
        "*",
        "healthz",
        "//healthz",
        "/healthz/",
        "/run/ns/p/c",
        "/logs/",
        "/debug/pprof",
        "/runningpods/",
        "/checkpoint/ns/p/c",
        "/configz",
        "/metrics",
        "/metrics/cadvisor",
        "/stats",
        "/exec",
        "/exec/ns",
        "/exec/ns/p",
        "/exec/ns/p/c/",
        "/exec//p/c",
        "/exec/ns//c",
        "/exec/ns/p/u/c/x",
        "/exec/ns/p/u//c",
        "/containerLogs/ns/p",
        "/containerLogs/ns/p/u/c",
        "/portForward/ns",
        "/portForward/ns/p/u/c",
        "/portForward/ns/p/",
        "/exec/../p/c",
        "/exec/ns/../c",
        "/exec/ns/./c",
        "/exec/ns/%2e%2e/c",
        "/exec/ns/%2E/c",
        "/exec/ns/p%2f..%2fx/c",
        "/exec/ns%2Fp/c",
        "/exec/ns/p;x=1/c",
        "/exec/ns/p%3bx/c",
        "/exec/ns/p%00/c",
        "/exec/ns/p%0d%0a/c",
        "/exec/ns/p%0A/c",
        "/exec/ns/p%7f/c",
        "/exec/ns/%2570/c",
        "/exec/ns/p%25/c",
        "/exec/ns/%252e%252e/c",
        "/exec/ns/%252f/c",
        "/exec/ns/%c3%28/c",
        "/exec/ns/%ff/c",
        "/exec/ns/p%/c",
        "/exec/ns/p%2/c",
        "/exec/ns/p%zz/c",
        "/exec/ns/p%+1/c",
        "/exec/ns/P/c",
        "/exec/NS/p/c",
        "/exec/n.s/p/c",
        "/exec/ns/p/c.d",
        "/exec/ns/p/C",
        "/exec/ns/-p/c",
        "/exec/ns/p-/c",
        "/exec/ns/p..q/c",
        "/exec/ns/.p/c",
        "/exec/ns/p./c",
        "/exec/ns/p_q/c",
        "/exec/ns/p+q/c",
        "/exec/ns/p q/c",
        "/exec/ns/ä/c",
        "/exec/ns/p/u_u/c",
        "/exec/ns/p/%2e%2e/c",
        "/exec/ns/p?x/c",
        "/EXEC/ns/p/c",
        "/exec\\ns/p/c",
    ] {
        let parsed = Route::parse("GET", path, Some("command=a&output=1"));
        assert_eq!(parsed, Err(RouteError::NotFound), "{path}");
    }
    for too_long in [
        format!("/exec/{}/p/c", "n".repeat(64)),
        format!("/exec/ns/{}/c", "p".repeat(254)),
        format!("/exec/ns/p/{}", "c".repeat(64)),
        format!("/exec/ns/p/{}/c", "u".repeat(64)),
    ] {
        assert_eq!(
            Route::parse("GET", &too_long, None),
            Err(RouteError::NotFound)
        );
    }
}

#[test]
fn a_segment_is_decoded_once() {
    becomes("GET", "/containerLogs/n%73/%70/c", "log?container=c");
}

#[test]
fn other_methods_are_not_allowed() {
    for (method, path) in [
        ("POST", "/healthz"),
        ("HEAD", "/healthz"),
        ("POST", "/pods"),
        ("DELETE", "/stats/summary"),
        ("PUT", "/metrics/resource"),
        ("POST", "/containerLogs/ns/p/c"),
        ("HEAD", "/containerLogs/ns/p/c"),
        ("PUT", "/exec/ns/p/c"),
        ("get", "/exec/ns/p/c"),
        ("OPTIONS", "/portForward/ns/p"),
        ("CONNECT", "/attach/ns/p/c"),
    ] {
        let parsed = Route::parse(method, path, None);
        assert_eq!(parsed, Err(RouteError::MethodNotAllowed), "{method} {path}");
    }
}

#[test]
fn a_query_that_says_nothing_sensible_is_refused_without_its_values() {
    for path_and_query in [
        "/exec/ns/p/c",
        "/exec/ns/p/c?command=secret",
        "/exec/ns/p/c?output=1",
        "/exec/ns/p/c?command=secret&output=true",
        "/exec/ns/p/c?command=secret&tty=1&error=1",
        "/exec/ns/p/c?command=secret;output=1&output=1",
        "/exec/ns/p/c?command=secret%&output=1",
        "/attach/ns/p/c?command=secret",
        "/containerLogs/ns/p/c?follow=secret",
        "/containerLogs/ns/p/c?tailLines=-1",
        "/containerLogs/ns/p/c?tailLines=",
        "/containerLogs/ns/p/c?limitBytes=99999999999999999999",
        "/containerLogs/ns/p/c?sinceTime=secret",
        "/containerLogs/ns/p/c?sinceTime=",
        "/containerLogs/ns/p/c?stream=secret",
        "/portForward/ns/p?port=0",
        "/portForward/ns/p?port=",
        "/portForward/ns/p?port=80,",
        "/portForward/ns/p?port=%2B80",
        "/portForward/ns/p?port=65536",
    ] {
        match relayed("GET", path_and_query) {
            Err(RouteError::BadQuery(text)) => assert!(!text.contains("secret"), "{text}"),
            other => panic!("{path_and_query}: {other:?}"),
        }
    }
}

#[test]
fn unknown_keys_go_no_further() {
    becomes(
        "GET",
        "/containerLogs/ns/p/c?container=other&insecureSkipTLSVerifyBackend=true&tail=1&pretty=1&%66ollow=true",
        "log?container=c&follow=true",
    );
    becomes(
        "POST",
        "/exec/ns/p/c?container=other&stdin=true&fieldManager=x&command=a&output=1",
        "exec?container=c&command=a&stdin=false&stdout=true&stderr=false&tty=false",
    );
}

#[test]
fn arguments_are_bytes_and_no_separator_escapes() {
    becomes(
        "POST",
        "/exec/ns/p/c?command=%FF%00%26container%3Dx%23%3F/&output=1",
        "exec?container=c&command=%FF%00%26container%3Dx%23%3F%2F&stdin=false&stdout=true\
         &stderr=false&tty=false",
    );
}

#[test]
fn a_command_is_never_printed() {
    let route = Route::parse("POST", "/exec/ns/p/c", Some("command=hunter2&output=1")).unwrap();
    assert!(!format!("{route:?}").contains("hunter2"), "{route:?}");
}

fn has_only_valid_names(request: &PodRequest) -> bool {
    let is_name = |text: &str| {
        !text.is_empty()
            && text.len() <= 253
            && !text.contains("..")
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
            && !text.starts_with(['-', '.'])
            && !text.ends_with(['-', '.'])
    };
    let is_uid = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_name(&request.namespace)
        && !request.namespace.contains('.')
        && is_name(&request.pod)
        && request.uid.as_deref().is_none_or(is_uid)
        && request
            .container
            .as_deref()
            .is_none_or(|name| is_name(name) && !name.contains('.'))
}

/// Paths that look like routes, with what attackers put into them.
fn hostile_path() -> impl Strategy<Value = String> {
    let first = prop::sample::select(vec![
        "exec",
        "attach",
        "containerLogs",
        "portForward",
        "run",
        "",
    ]);
    let piece = prop::sample::select(vec![
        "a", "ns", "web-0", "a.b", "..", ".", "", "%2e", "%2f", "%2F", "%252f", "%25", "%", "%00",
        ";", "%3b", "%0a", "\\", "%61", "%ff", "+", " ", "A", "ä", "?", "#", "-", "*",
    ]);
    let segment = prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    (first, prop::collection::vec(segment, 0..6))
        .prop_map(|(first, segments)| format!("/{first}/{}", segments.join("/")))
}

proptest! {
    #[test]
    fn anything_at_all_is_read_without_a_panic(method in ".*", path in ".*", query in ".*") {
        drop(Route::parse(&method, &path, Some(&query)));
        drop(Route::parse("GET", &path, Some(&query)));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        drop(Route::parse("POST", &format!("/exec/{text}"), Some(&text)));
        drop(Route::parse("POST", "/exec/ns/p/c", Some(&text)));
        drop(Route::parse("GET", "/containerLogs/ns/p/c", Some(&text)));
        drop(Route::parse("GET", "/portForward/ns/p", Some(&text)));
    }

    #[test]
    fn what_is_accepted_has_valid_names_alone(path in hostile_path()) {
        let parsed = Route::parse("GET", &path, Some("command=a&output=1"));
        if let Ok(Route::Pod(request)) = parsed {
            prop_assert!(has_only_valid_names(&request), "{path}");
            let lower = path.to_ascii_lowercase();
            for refused in ["%2f", "%25", "%00", "%3b", ";", "//", "..", "%0a", "\\"] {
                prop_assert!(!lower.contains(refused), "{path}");
            }
            let host = to_host(&request);
            prop_assert!(host.starts_with("/api/v1/namespaces/host/pods/twin/"), "{host}");
            prop_assert!(host.parse::<http::Uri>().is_ok(), "{host}");
        }
    }

    /// What the host is asked with decodes to what was asked, whatever the argument is.
    #[test]
    fn arguments_arrive_as_they_were(argument in prop::collection::vec(any::<u8>(), 1..40)) {
        let query = format!("command={}&output=1", percent_encode(&argument, NON_ALPHANUMERIC));
        let host = relayed("POST", &format!("/exec/ns/p/c?{query}")).unwrap();
        let sent = host.split("command=").nth(1).unwrap().split('&').next().unwrap();
        prop_assert_eq!(decode(sent), Some(argument));
    }
}
