//! What is secret stays so: not even a syncer that logs everything tells a Secret or a token.

use data_encoding::BASE64;
use serde_json::json;

use crate::harness::{Cluster, agent, until};

const MARKER: &str = "e2e-planted-marker-7391";

#[test]
fn no_secret_and_no_token_is_in_a_log_that_tells_everything_or_in_an_event() {
    let cluster = Cluster::create("secrecy", "--storage-size 1Gi");
    let name = &cluster.name;
    cluster
        .host(&format!(
            "set env statefulset/vc-{name} -c syncer VC_LOG=trace"
        ))
        .ok();
    cluster
        .host(&format!(
            "rollout status statefulset/vc-{name} --timeout=90s"
        ))
        .ok();
    until("a log that tells everything", || {
        cluster.syncer_log().contains("TRACE")
    });
    cluster
        .kubectl(&format!(
            "create secret generic planted --from-literal=k={MARKER}"
        ))
        .ok();
    let mut container = agent();
    container["envFrom"] = json!([{"secretRef": {"name": "planted"}}]);
    // One that fails on the host, so that the host has something to say.
    let mut failing = container.clone();
    failing["name"] = "failing".into();
    failing["command"] = json!(["sh", "-c", "exit 1"]);
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user"},
        "spec": {
            "terminationGracePeriodSeconds": 0, "containers": [container, failing],
            "volumes": [{"name": "v", "secret": {"secretName": "planted"}}],
        },
    }));
    cluster.told("default", "user", "BackOff", "failing");
    let twin = cluster.twin("secret", "default", "planted");
    let encoded = BASE64.encode(MARKER.as_bytes());
    assert_eq!(twin["data"]["k"], *encoded);
    let path = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    let token = cluster
        .kubectl(&format!("exec user -c c -- cat {path}"))
        .ok();
    let token = token.output().to_owned();
    let host_token = cluster
        .host("get secret -l vc.internal/tokens -o jsonpath={.items[0].data}")
        .ok();
    // Changed, made again, deleted: every way of writing is logged.
    cluster
        .kubectl("patch secret planted -p")
        .arg(&json!({"stringData": {"k": format!("{MARKER}-2")}}).to_string())
        .ok();
    until("the change is on the host", || {
        cluster.twin("secret", "default", "planted")["data"]["k"] != *encoded
    });
    let token_values = host_token
        .output()
        .split('"')
        .filter(|part| part.len() > 100);
    let mut secrets: Vec<&str> = token_values.collect();
    assert!(!secrets.is_empty(), "{host_token}");
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let begin = encoded[..20].to_owned();
    secrets.extend([MARKER, &begin, &signature]);
    let log = cluster.syncer_log();
    let events = cluster.kubectl("get events -A -o json").ok().stdout;
    let host_events = cluster.host("get events -o json").ok().stdout;
    for (place, text) in [
        ("log", log),
        ("events", events),
        ("host events", host_events),
    ] {
        assert!(!text.is_empty());
        for secret in &secrets {
            assert!(!text.contains(secret), "`{secret}` is in the {place}");
        }
    }
}
