//! Expected values are written out.

use serde_json::json;

use super::selector::LabelSelector;
use super::*;

fn virtual_pod() -> Value {
    json!({
        "metadata": {
            "name": "web", "namespace": "shop", "uid": "u1", "labels": {"app": "web"},
            "annotations": {"secret": "x"},
        },
        "spec": {
            "nodeName": "node-a",
            "containers": [{"name": "app"}, {"name": "idle"}],
            "initContainers": [{"name": "sidecar"}],
        },
    })
}

fn host_item() -> Value {
    json!({
        "metadata": {
            "name": "web-shop-dev-abc", "namespace": "team-a", "creationTimestamp": "2026-11-24T10:00:07Z",
            "labels": {"vc.internal/cluster": "dev"},
        },
        "timestamp": "2026-11-24T10:00:00Z",
        "window": "15.5s",
        "containers": [
            {"name": "app", "usage": {"cpu": "1500000n", "memory": "2048Ki", "other": "1"}},
            {"name": "sidecar", "usage": {"cpu": "500u", "memory": "1Mi"}},
            {"name": "injected", "usage": {"cpu": "1", "memory": "1Gi"}},
            {"name": "idle", "usage": {"cpu": "1"}},
        ],
    })
}

#[test]
fn own_containers_alone_are_told_under_virtual_names() {
    assert_eq!(
        pod(&virtual_pod(), &host_item()),
        Some(json!({
            "metadata": {
                "name": "web", "namespace": "shop", "labels": {"app": "web"},
                "creationTimestamp": "2026-11-24T10:00:00Z",
            },
            "timestamp": "2026-11-24T10:00:00Z",
            "window": "15.5s",
            "containers": [
                {"name": "app", "usage": {"cpu": "1500000n", "memory": "2048Ki"}},
                {"name": "sidecar", "usage": {"cpu": "500u", "memory": "1Mi"}},
            ],
        }))
    );
}

#[test]
fn without_a_figure_of_its_own_a_pod_has_no_metrics() {
    for (field, value) in [
        (
            "containers",
            json!([{"name": "injected", "usage": {"cpu": "1", "memory": "1"}}]),
        ),
        (
            "containers",
            json!([{"name": "app", "usage": {"cpu": "much", "memory": "1"}}]),
        ),
        ("containers", Value::Null),
        ("timestamp", Value::Null),
        ("window", json!(1)),
    ] {
        let mut item = host_item();
        item[field] = value;
        assert_eq!(pod(&virtual_pod(), &item), None, "{item}");
    }
}

#[test]
fn a_node_uses_what_the_own_pods_on_it_use() {
    let node = json!({"metadata": {"name": "node-a", "labels": {"zone": "a"}, "uid": "n1"}});
    let mut later = host_item();
    later["timestamp"] = json!("2026-11-24T10:00:05Z");
    later["window"] = json!("10s");
    let on = |node: &str, item: &Value| (node.to_owned(), pod(&virtual_pod(), item).unwrap());
    let pods = [
        on("node-a", &later),
        on("node-b", &host_item()),
        on("node-a", &host_item()),
    ];
    let now = "2026-11-24T10:01:00Z";
    assert_eq!(
        node_of_pods(&node, &pods, now),
        json!({
            "metadata": {
                "name": "node-a", "labels": {"zone": "a"}, "creationTimestamp": "2026-11-24T10:00:05Z",
            },
            "timestamp": "2026-11-24T10:00:05Z",
            "window": "10s",
            "usage": {"cpu": "4000000n", "memory": "6144Ki"},
        })
    );
    let idle = node_of_pods(&node, &[], now);
    assert_eq!(idle["usage"], json!({"cpu": "0n", "memory": "0Ki"}));
    assert_eq!(idle["timestamp"], now);
}

#[test]
fn a_node_that_is_shown_as_it_is_uses_what_the_host_says() {
    let virtual_node = json!({"metadata": {"name": "node-a", "labels": {"zone": "a"}}});
    let host_item = json!({
        "metadata": {"name": "node-a", "labels": {"secret": "x"}},
        "timestamp": "2026-11-24T10:00:00Z",
        "window": "10s",
        "usage": {"cpu": "1", "memory": "3Gi"},
    });
    assert_eq!(
        node(&virtual_node, &host_item),
        Some(json!({
            "metadata": {
                "name": "node-a", "labels": {"zone": "a"}, "creationTimestamp": "2026-11-24T10:00:00Z",
            },
            "timestamp": "2026-11-24T10:00:00Z",
            "window": "10s",
            "usage": {"cpu": "1", "memory": "3Gi"},
        }))
    );
}

#[test]
fn paths_are_those_of_the_api_and_no_others() {
    let get = |path: &str| Route::parse("GET", path, None);
    assert_eq!(get("/apis/metrics.k8s.io"), Ok(Route::Group));
    assert_eq!(get("/apis/metrics.k8s.io/v1beta1/"), Ok(Route::Version));
    let all = Selection::default();
    for (path, route) in [
        (
            "pods",
            Route::Pods {
                namespace: None,
                selection: all.clone(),
            },
        ),
        (
            "namespaces/shop/pods",
            Route::Pods {
                namespace: Some("shop".to_owned()),
                selection: all.clone(),
            },
        ),
        (
            "namespaces/shop/pods/web.a-0",
            Route::Pod {
                namespace: "shop".to_owned(),
                name: "web.a-0".to_owned(),
            },
        ),
        ("nodes", Route::Nodes { selection: all }),
        (
            "nodes/node-a",
            Route::Node {
                name: "node-a".to_owned(),
            },
        ),
    ] {
        assert_eq!(
            get(&format!("/apis/metrics.k8s.io/v1beta1/{path}")),
            Ok(route)
        );
    }
    for path in [
        "",
        "/",
        "/apis",
        "/apis/metrics.k8s.io/v1",
        "/apis/metrics.k8s.io/v1beta1pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop",
        "/apis/metrics.k8s.io/v1beta1/namespaces//pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/../pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/a%2fb",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web/log",
        "/apis/metrics.k8s.io/v1beta1/nodes/..",
        "/openapi",
    ] {
        assert_eq!(
            get(path).map_err(|refusal| refusal.code),
            Err(404),
            "{path}"
        );
    }
    for (method, path, query) in [
        ("DELETE", "pods", None),
        ("POST", "", None),
        ("GET", "pods", Some("watch=1")),
        ("GET", "nodes", Some("watch=true")),
    ] {
        let path = format!("/apis/metrics.k8s.io/v1beta1/{path}");
        let refused = Route::parse(method, &path, query).unwrap_err();
        assert_eq!(
            refused.status()["reason"],
            "MethodNotAllowed",
            "{method} {path}"
        );
    }
}

#[test]
fn a_list_is_of_what_both_selectors_select() {
    let is_selected = |query: &str| {
        let path = "/apis/metrics.k8s.io/v1beta1/pods";
        match Route::parse("GET", path, Some(query)).unwrap() {
            Route::Pods { selection, .. } => selection.selects(&virtual_pod()),
            other => panic!("{other:?}"),
        }
    };
    for query in [
        "",
        "limit=500&resourceVersion=0",
        "labelSelector=",
        "labelSelector=app%3Dweb",
        "labelSelector=app+in+%28web%2Capi%29,!gone",
        "fieldSelector=metadata.name%3Dweb%2Cmetadata.namespace!=other",
        "labelSelector=app&fieldSelector=metadata.name==web",
    ] {
        assert!(is_selected(query), "{query}");
    }
    for query in [
        "labelSelector=app%3Dapi",
        "labelSelector=app%3Dweb&fieldSelector=metadata.name%3Dx",
        "fieldSelector=metadata.namespace!=shop",
    ] {
        assert!(!is_selected(query), "{query}");
    }
    for query in [
        "labelSelector=app+in+web",
        "labelSelector=%FF",
        "labelSelector=a,,b",
        "fieldSelector=name",
        "fieldSelector=spec.nodeName%3Dx",
    ] {
        let path = "/apis/metrics.k8s.io/v1beta1/pods";
        let refused = Route::parse("GET", path, Some(query)).unwrap_err();
        assert_eq!(refused.code, 400, "{query}");
    }
}

/// The meanings are those of k8s.io/apimachinery/pkg/labels/selector_test.go.
#[test]
fn label_selectors_mean_what_they_mean_to_kubernetes() {
    let labels = json!({"app": "web", "tier": "front", "n": "5", "empty": ""});
    let matches = |text: &str| LabelSelector::parse(text).unwrap().matches(&labels);
    for text in [
        "app=web",
        "app == web",
        "app!=api",
        "other!=x",
        "app",
        "!other",
        "empty=",
        "app in (web)",
        "app in(api , web)",
        "app notin (api)",
        "other notin (x,y)",
        "n>4",
        "n < 6",
        "app=web,tier in (front,back),!other",
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        "app=api",
        "app!=web",
        "other",
        "!app",
        "other=x",
        "app in (api)",
        "app notin (web)",
        "n>5",
        "other>1",
        "app>1",
        "app=web,tier=back",
    ] {
        assert!(!matches(text), "{text}");
    }
    for text in [
        ",", "=x", "a=b=c", "a in b", "a in (b", "a on (b)", "a b", "n>x", "a=b c", "(a)", "!",
    ] {
        assert!(LabelSelector::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_api_service_is_ours_by_the_service_that_it_names() {
    let ours = api_service();
    assert!(is_ours(&ours));
    let mut other = ours.clone();
    other["spec"]["service"]["name"] = json!("metrics-server");
    assert!(!is_ours(&other));
    assert!(!is_ours(&json!({"spec": {"service": null}})));
    // What kubectl finds there has no trace of itself in it.
    let applied = ours["metadata"]["annotations"][LAST_APPLIED]
        .as_str()
        .unwrap();
    let applied: Value = serde_json::from_str(applied).unwrap();
    assert_eq!(applied["spec"], ours["spec"]);
    assert_eq!(
        applied["metadata"],
        json!({"name": "v1beta1.metrics.k8s.io"})
    );
}

#[test]
fn a_host_that_tells_of_pods_says_so() {
    assert!(tells_of_pods(&resources().to_string()));
    assert!(!tells_of_pods(r#"{"resources": [{"name": "nodes"}]}"#));
    assert!(!tells_of_pods("no JSON"));
}
