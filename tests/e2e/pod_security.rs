//! A pod that wants more of the host than the cluster's profile allows never gets there, whatever its
//! namespace says.

use serde_json::{Value, json};

use crate::harness::{Cluster, agent};

fn pod(name: &str, change: &Value) -> Value {
    let mut spec = json!({"terminationGracePeriodSeconds": 0, "containers": [agent()]});
    merge(&mut spec, change);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "labels": {"e2e/refused": "true"}},
        "spec": spec,
    })
}

/// What a change says of `container` is about the first one.
fn merge(spec: &mut Value, change: &Value) {
    for (field, value) in change.as_object().unwrap() {
        if field == "container" {
            for (field, value) in value.as_object().unwrap() {
                spec["containers"][0][field] = value.clone();
            }
        } else {
            spec[field] = value.clone();
        }
    }
}

fn context(security: &Value) -> Value {
    json!({"container": {"securityContext": security}})
}

/// What is wanted, and Kubernetes' word for it.
fn attempts() -> Vec<(&'static str, Value, &'static str)> {
    let mut privileged_init = agent();
    privileged_init["name"] = "init".into();
    privileged_init["securityContext"] = json!({"privileged": true});
    let host_path = json!({"volumes": [{"name": "h", "hostPath": {"path": "/"}}]});
    let sysctl = json!([{"name": "kernel.msgmax", "value": "1"}]);
    vec![
        ("host-path", host_path, "hostPath volumes"),
        (
            "privileged",
            context(&json!({"privileged": true})),
            "privileged",
        ),
        (
            "init",
            json!({"initContainers": [privileged_init]}),
            "privileged",
        ),
        ("network", json!({"hostNetwork": true}), "host namespaces"),
        ("pid", json!({"hostPID": true}), "host namespaces"),
        ("ipc", json!({"hostIPC": true}), "host namespaces"),
        (
            "port",
            json!({"container": {"ports": [{"containerPort": 80, "hostPort": 80}]}}),
            "hostPort",
        ),
        (
            "capability",
            context(&json!({"capabilities": {"add": ["SYS_ADMIN"]}})),
            "non-default capabilities",
        ),
        (
            "seccomp",
            context(&json!({"seccompProfile": {"type": "Unconfined"}})),
            "seccompProfile",
        ),
        (
            "apparmor",
            context(&json!({"appArmorProfile": {"type": "Unconfined"}})),
            "forbidden AppArmor profile",
        ),
        (
            "sysctl",
            json!({"securityContext": {"sysctls": sysctl}}),
            "forbidden sysctls",
        ),
        (
            "selinux",
            context(&json!({"seLinuxOptions": {"user": "system_u"}})),
            "seLinuxOptions",
        ),
    ]
}

#[test]
fn a_pod_beyond_baseline_is_refused_at_once_and_where_it_is_not_it_never_reaches_the_host() {
    let cluster = Cluster::shared("baseline");
    let refused = "violates PodSecurity \"baseline:latest\"";
    cluster.kubectl("create namespace tame").ok();
    cluster.kubectl("create namespace wild").ok();
    cluster
        .kubectl("label namespace wild pod-security.kubernetes.io/enforce=privileged")
        .ok();
    cluster.has_account("tame");
    cluster.has_account("wild");
    for (name, change, word) in attempts() {
        let pod = pod(name, &change).to_string();
        cluster
            .kubectl("-n tame create -f -")
            .stdin(&pod)
            .exits(1)
            .says(refused)
            .says(word);
        cluster.kubectl("-n wild create -f -").stdin(&pod).ok();
    }
    // Kubernetes itself wants user namespaces for this one.
    cluster
        .kubectl("-n wild create -f -")
        .stdin(&pod("proc", &context(&json!({"procMount": "Unmasked"}))).to_string())
        .exits(1)
        .says("procMount");
    for (name, _, word) in attempts() {
        cluster.told("wild", name, "PodSecurity", word);
        assert!(
            cluster.find_twin("pod", "wild", name).is_none(),
            "{name} is on the host"
        );
    }

    for namespace in ["tame", "wild"] {
        let mut plain = pod("plain", &json!({}));
        plain["metadata"]["labels"] = json!({});
        cluster
            .kubectl(&format!("-n {namespace} create -f -"))
            .stdin(&plain.to_string())
            .ok();
        cluster.running(namespace, "plain");
    }
    let debug = |namespace: &str| {
        cluster
            .kubectl(&format!(
                "-n {namespace} debug plain --image=docker.io/library/busybox:1.36 --profile=sysadmin -- true"
            ))
            .env("TERM", "dumb")
    };
    debug("tame").exits(1).says(refused).says("privileged");
    debug("wild").ok();
    cluster.told("wild", "plain", "PodSecurity", "privileged");
    let twin = cluster.twin("pod", "wild", "plain");
    assert_eq!(twin["spec"]["ephemeralContainers"], Value::Null);
    assert!(cluster.is_syncer_ready());
    cluster
        .kubectl("delete namespace tame wild --wait=false")
        .ok();
}

#[test]
fn another_profile_is_enforced_instead_when_it_was_asked_for() {
    let cluster = Cluster::create("profile", "--ephemeral --pod-security privileged");
    let mut open = pod("open", &json!({"hostNetwork": true}));
    open["metadata"]["labels"] = json!({});
    cluster.apply(&open);
    cluster.running("default", "open");
    let twin = cluster.twin("pod", "default", "open");
    assert_eq!(twin["spec"]["hostNetwork"], true);

    let Cluster {
        sandbox, namespace, ..
    } = cluster;
    sandbox.vc("disconnect").ok();
    let strict = Cluster::create_in(
        sandbox,
        namespace,
        "strict",
        "--ephemeral --pod-security restricted",
    );
    strict
        .kubectl("create -f -")
        .stdin(&pod("plain", &json!({})).to_string())
        .exits(1)
        .says("violates PodSecurity \"restricted:latest\"")
        .says("runAsNonRoot");
    let hardened = pod(
        "hardened",
        &json!({
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
            },
            "container": {"securityContext": {
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
            }},
        }),
    );
    strict.apply(&hardened);
    strict.running("default", "hardened");
}
