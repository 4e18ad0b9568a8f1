//! What is told of failures. Messages are those of a host with Kubernetes 1.35.

use serde_json::{Value, json};

use super::{Facts, Log, Missing, Place, Reason, Report, Seen, diagnose, order};

fn pod(status: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
        "spec": {
            "nodeSelector": {"disk": "ssd"},
            "containers": [{"name": "main", "image": "localhost:1/absent:1"}],
        },
        "status": status,
    })
}

fn event(reason: &str, message: &str) -> Value {
    json!({
        "metadata": {"name": reason}, "type": "Warning", "reason": reason, "message": message,
        "involvedObject": {"kind": "Pod", "name": "web", "uid": "u"},
        "lastTimestamp": "2026-01-01T00:00:00Z", "count": 2,
    })
}

/// Of an object that is on the host.
fn facts(subject: Value) -> Facts {
    let mut twin = subject.clone();
    twin["metadata"]["name"] = "web-shop-dev-smlbdj3i34edmypy".into();
    let is_pod = subject["kind"] == "Pod";
    let is_claim = subject["kind"] == "PersistentVolumeClaim";
    Facts {
        place: Place {
            cluster: "dev".to_owned(),
            host_namespace: "team".to_owned(),
            virtual_kubectl: "kubectl".to_owned(),
            host_kubectl: "kubectl --context host -n team".to_owned(),
        },
        now: "2026-01-01T00:01:00Z".parse().unwrap(),
        between: Vec::new(),
        pods: is_pod.then(|| subject.clone()).into_iter().collect(),
        claims: is_claim.then(|| subject.clone()).into_iter().collect(),
        events: Vec::new(),
        twins: [("u".to_owned(), Seen::Known(Some(twin)))].into(),
        missing: Vec::new(),
        node: None,
        logs: Vec::new(),
        control_plane: Seen::Known(Some(json!({
            "status": {"containerStatuses": [{"name": "syncer", "ready": true}]},
        }))),
        unseen: Vec::new(),
        subject,
    }
}

#[track_caller]
fn check(facts: &Facts, reason: Reason, cause: &str, next: &str) -> Report {
    let report = diagnose(facts);
    assert_eq!(report.cause.reason, reason, "{report:#?}");
    assert!(report.cause.message.contains(cause), "{cause}: {report:#?}");
    let first = report.next.first().map(String::as_str).unwrap_or_default();
    assert!(first.contains(next), "{next}: {report:#?}");
    report
}

#[test]
fn the_report_has_chain_cause_evidence_and_next_command() {
    let waiting = json!({"reason": "ErrImagePull", "message": "failed to pull and unpack image"});
    let mut facts = facts(pod(&json!({
        "phase": "Pending",
        "containerStatuses": [{"name": "main", "state": {"waiting": waiting}}],
    })));
    let told = "Failed to pull image \"localhost:1/absent:1\": connection refused";
    facts.events.push(event("Failed", told));
    facts.unseen.push("cannot list events".to_owned());
    let report = diagnose(&facts);
    let expected = json!({
        "cluster": "dev",
        "hostNamespace": "team",
        "object": {"kind": "Pod", "namespace": "shop", "name": "web"},
        "healthy": false,
        "chain": [
            {"side": "virtual", "kind": "Pod", "namespace": "shop", "name": "web",
             "state": "Pending: ErrImagePull"},
            {"side": "host", "kind": "Pod", "namespace": "team", "name": "web-shop-dev-smlbdj3i34edmypy",
             "state": "Pending: ErrImagePull"},
        ],
        "cause": {
            "reason": "BadImage",
            "message": format!("container `main` cannot have its image `localhost:1/absent:1`: {told}"),
        },
        "evidence": [
            {"about": "pod/web", "reason": "ErrImagePull", "time": null, "count": 1,
             "message": "failed to pull and unpack image"},
            {"about": "pod/web", "reason": "Failed", "time": "2026-01-01T00:00:00Z", "count": 2, "message": told},
        ],
        "next": ["kubectl -n shop set image pod/web main=IMAGE"],
        "unknown": ["cannot list events"],
    });
    assert_eq!(serde_json::to_value(report).unwrap(), expected);
}

#[test]
fn an_image_is_set_where_the_pod_s_spec_comes_from() {
    let waiting = json!({"reason": "InvalidImageName"});
    let status = json!({
        "phase": "Pending",
        "containerStatuses": [{"name": "main", "state": {"waiting": waiting}}],
    });
    for (kind, name, hash, expected) in [
        (
            "ReplicaSet",
            "web-65db8bdbfd",
            "65db8bdbfd",
            "deployment/web",
        ),
        ("ReplicaSet", "web", "", "replicaset/web"),
        ("StatefulSet", "db", "", "statefulset/db"),
    ] {
        let mut pod = pod(&status);
        pod["metadata"]["ownerReferences"] =
            json!([{"kind": kind, "name": name, "controller": true}]);
        pod["metadata"]["labels"] = json!({"pod-template-hash": hash});
        check(
            &facts(pod),
            Reason::BadImage,
            "main",
            &format!("set image {expected} main=IMAGE"),
        );
    }
}

#[test]
fn a_refusal_of_the_host_is_told_with_who_refuses() {
    let cases = [
        (
            "pods \"web\" is forbidden: exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1",
            Reason::QuotaExceeded,
            "ResourceQuota `full` of the host has no room for it: requested: pods=1, used: pods=1",
            "kubectl --context host -n team describe resourcequota full",
        ),
        (
            "pods \"web\" is forbidden: failed quota: full: must specify memory for: main",
            Reason::QuotaExceeded,
            "full: must specify memory for: main",
            "describe resourcequota",
        ),
        (
            "admission webhook \"images.example.com\" denied the request: registry is not allowed",
            Reason::WebhookDenied,
            "admission webhook `images.example.com` of the host denies it: registry is not allowed",
            "get validatingwebhookconfigurations",
        ),
        (
            "Internal error occurred: failed calling webhook \"images.example.com\": connection refused",
            Reason::WebhookUnreachable,
            "`images.example.com`",
            "get validatingwebhookconfigurations",
        ),
        (
            "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true",
            Reason::PodSecurity,
            "\"restricted:latest\": runAsNonRoot != true",
            "get namespace team --show-labels",
        ),
        (
            "pods is forbidden: User \"vc-dev\" cannot create resource \"pods\" in API group \"\" in the namespace \"shop\"",
            Reason::MissingRight,
            "on the host the right to create pods is missing",
            "auth can-i create pods --as system:serviceaccount:team:vc-dev",
        ),
        (
            "pods \"web\" is forbidden: maximum memory usage per Container is 100Mi, but limit is 1Gi",
            Reason::OutOfLimits,
            "maximum memory usage per Container is 100Mi",
            "describe limitranges",
        ),
        (
            "a word that nobody knows",
            Reason::HostRefused,
            "a word that nobody knows",
            "describe pod web",
        ),
    ];
    for (message, reason, cause, next) in cases {
        let mut facts = facts(pod(&json!({"phase": "Pending"})));
        facts.twins.insert("u".to_owned(), Seen::Known(None));
        let message = format!("the host cluster refuses the pod: {message}");
        facts.events.push(event("HostRefused", &message));
        check(&facts, reason, cause, next);
    }
}

#[test]
fn an_old_refusal_is_no_cause_once_the_pod_is_on_the_host() {
    let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    let mut facts = facts(pod(&status));
    facts
        .events
        .push(event("HostRefused", "exceeded quota: full, a"));
    assert!(diagnose(&facts).healthy);
}

#[test]
fn a_pod_without_a_node_is_told_what_the_scheduler_says() {
    let cases = [
        (
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate",
            Reason::NoNodeMatches,
            "`disk=ssd`",
        ),
        (
            "0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory.",
            Reason::NoRoom,
            "enough cpu",
        ),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint(s).",
            Reason::NodeTainted,
            "taints",
        ),
        (
            "0/1 nodes are available: something else.",
            Reason::Unschedulable,
            "something else",
        ),
    ];
    for (message, reason, cause) in cases {
        let said = json!({
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        });
        let facts = facts(pod(&json!({"phase": "Pending", "conditions": [said]})));
        let report = check(&facts, reason, cause, "kubectl");
        assert_eq!(report.chain[0].state, "Pending: Unschedulable");
        assert_eq!(report.evidence[0].message, message);
    }
}

#[test]
fn a_container_that_ends_again_and_again_is_told_with_its_last_words_even_while_it_runs() {
    let end = json!({"exitCode": 3, "reason": "Error", "finishedAt": "2026-01-01T00:00:30Z"});
    for state in [
        json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}),
        json!({"running": {"startedAt": "2026-01-01T00:00:40Z"}}),
    ] {
        let status = json!({"name": "main", "restartCount": 2, "state": state, "lastState": {"terminated": end}});
        let mut facts = facts(pod(&json!({
            "phase": "Running", "containerStatuses": [status],
            "conditions": [{"type": "Ready", "status": "True"}],
        })));
        facts.logs.push(Log {
            pod: "u".to_owned(),
            container: "main".to_owned(),
            lines: vec!["it is broken".to_owned()],
        });
        if facts
            .subject
            .pointer("/status/containerStatuses/0/state/waiting")
            .is_some()
        {
            facts.subject["status"]["conditions"] = json!([]);
        }
        let report = check(
            &facts,
            Reason::CrashLoop,
            "container `main` has been started anew 2 times, and ended with exit code 3",
            "kubectl -n shop logs web -c main --previous",
        );
        assert_eq!(report.evidence[0].message, "it is broken");
    }
}

#[test]
fn what_does_not_exist_is_named_with_where_it_is_needed() {
    let mut facts = facts(pod(&json!({"phase": "Pending"})));
    facts.missing.push(Missing {
        pod: "u".to_owned(),
        kind: "Secret",
        name: "db".to_owned(),
        by: "container `main`".to_owned(),
    });
    check(
        &facts,
        Reason::MissingSecret,
        "container `main` needs Secret `db`, which does not exist in namespace `shop`",
        "create secret generic db",
    );
}

#[test]
fn a_claim_is_told_what_the_volume_controller_says() {
    let cases = [
        (
            "ProvisioningFailed",
            "storageclass.storage.k8s.io \"fast\" not found",
            Reason::NoStorageClass,
            "StorageClass `fast` does not exist on the host",
        ),
        (
            "ExternalProvisioning",
            "Waiting for a volume to be created either by the external provisioner 'example.com/nobody' or manually by the system administrator.",
            Reason::NoProvisioner,
            "provisioner `example.com/nobody`",
        ),
        (
            "ProvisioningFailed",
            "no space left",
            Reason::ProvisioningFailed,
            "no volume of StorageClass `fast` could be made: no space left",
        ),
    ];
    for (told, message, reason, cause) in cases {
        let mut facts = facts(json!({
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
            "spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"},
        }));
        facts.events.push(event(told, message));
        check(&facts, reason, cause, "storageclass");
        facts.events = vec![event("WaitForFirstConsumer", "waiting")];
        assert_eq!(diagnose(&facts).cause.reason, Reason::WaitsForPod);
    }
}

#[test]
fn a_syncer_that_does_not_work_is_told_when_nothing_else_is() {
    let mut facts = facts(pod(&json!({"phase": "Pending"})));
    facts.twins.insert("u".to_owned(), Seen::Known(None));
    check(
        &facts,
        Reason::Starting,
        "syncer",
        "vc logs dev -n team -c syncer",
    );
    facts.control_plane = Seen::Known(None);
    check(
        &facts,
        Reason::SyncerNotWorking,
        "syncer",
        "vc logs dev -n team -c syncer",
    );
    // What is not to be seen is no cause.
    facts
        .twins
        .insert("u".to_owned(), Seen::Unknown("no right".to_owned()));
    let report = check(
        &facts,
        Reason::Unknown,
        "nobody says why",
        "describe pod web",
    );
    assert_eq!(report.unknown, ["no right"]);
}

#[test]
fn pods_that_are_worst_off_come_first() {
    let pod = |name: &str, status: Value| json!({"metadata": {"name": name}, "status": status});
    let ready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    let mut pods = vec![
        pod("ready", ready),
        pod("running", json!({"phase": "Running"})),
        pod("pending-b", json!({"phase": "Pending"})),
        pod("pending-a", json!({"phase": "Pending"})),
        pod("failed", json!({"phase": "Failed"})),
    ];
    order(&mut pods);
    let names: Vec<&str> = pods.iter().map(super::name).collect();
    assert_eq!(
        names,
        ["pending-a", "pending-b", "failed", "running", "ready"]
    );
}
