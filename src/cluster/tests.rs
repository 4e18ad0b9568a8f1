use serde_json::json;

use super::*;

impl Cluster {
    /// A cluster of which nothing is said but its state; tests change what they are about.
    pub(crate) fn example(status: Status) -> Self {
        Self {
            name: "dev".parse().unwrap(),
            namespace: "team-a".parse().unwrap(),
            uid: Some("u".to_owned()),
            begun_as: None,
            spec: None,
            labels: BTreeMap::new(),
            created: None,
            expires: None,
            store_full_since: None,
            is_half_deleted: false,
            was_ready: true,
            status,
            reason: None,
            containers: BTreeMap::new(),
        }
    }
}

fn pod(status: &serde_json::Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "vc-dev-0", "namespace": "team-a", "labels": {"vc.internal/cluster": "dev"}},
        "spec": {"containers": [{"name": "etcd"}, {"name": "kube-apiserver"}]},
        "status": status,
    }))
    .unwrap()
}

fn container(name: &str, ready: bool, state: &serde_json::Value) -> serde_json::Value {
    json!({"name": name, "ready": ready, "restartCount": 0, "image": "r/x:1", "imageID": "", "state": state})
}

fn marker(metadata: serde_json::Value) -> ConfigMap {
    let mut marker: ConfigMap = serde_json::from_value(json!({
        "metadata": {"name": "vc-dev", "namespace": "team-a", "uid": "u-1", "labels": {"vc.internal/cluster": "dev"}},
    }))
    .unwrap();
    let extra: ObjectMeta = serde_json::from_value(metadata).unwrap();
    marker.metadata.annotations = extra.annotations;
    marker.metadata.deletion_timestamp = extra.deletion_timestamp;
    marker
}

fn stateful_set() -> StatefulSet {
    serde_json::from_value(json!({
        "metadata": {"name": "vc-dev", "namespace": "team-a", "labels": {"vc.internal/cluster": "dev"}},
    }))
    .unwrap()
}

fn only(objects: &HostObjects) -> (Status, Option<String>) {
    let clusters = find_clusters(objects);
    assert_eq!(clusters.len(), 1, "{clusters:?}");
    (clusters[0].status, clusters[0].reason.clone())
}

fn running_pod() -> Pod {
    let running = json!({"running": {}});
    pod(&json!({"containerStatuses": [
        container("etcd", true, &running),
        container("kube-apiserver", true, &running),
    ]}))
}

fn starting_pod() -> Pod {
    let running = json!({"running": {}});
    pod(&json!({"containerStatuses": [
        container("etcd", true, &running),
        container("kube-apiserver", false, &running),
    ]}))
}

#[test]
fn a_ready_pod_makes_a_running_cluster() {
    let objects = HostObjects {
        markers: vec![marker(json!({}))],
        stateful_sets: vec![stateful_set()],
        pods: vec![running_pod()],
    };
    assert_eq!(only(&objects), (Status::Running, None));
}

#[test]
fn a_pod_that_is_not_ready_is_creating_before_and_degraded_after_the_first_time() {
    let mut objects = HostObjects {
        markers: vec![marker(json!({}))],
        stateful_sets: vec![stateful_set()],
        pods: vec![starting_pod()],
    };
    let reason = Some("1/2 ready, starting kube-apiserver".to_owned());
    assert_eq!(only(&objects), (Status::Creating, reason.clone()));
    objects.markers = vec![marker(
        json!({"annotations": {"vc.internal/ready-since": "2026-01-01T00:00:00Z"}}),
    )];
    assert_eq!(only(&objects), (Status::Degraded, reason));
}

/// The cluster with a pod made at `made`, unready since `unready`, whose containers run since
/// `started`; it was seen to serve at 10:00:09.
fn seen_serving(made: &str, unready: &str, started: &str) -> Status {
    let time = |second: &str| format!("2026-01-01T10:00:{second}Z");
    let running = json!({"running": {"startedAt": time(started)}});
    let mut pod = pod(&json!({
        "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": time(unready)}],
        "containerStatuses": [
            container("etcd", true, &running),
            container("kube-apiserver", false, &running),
        ],
    }));
    pod.metadata.creation_timestamp = serde_json::from_value(json!(time(made))).unwrap();
    only(&HostObjects {
        markers: vec![marker(
            json!({"annotations": {"vc.internal/ready-since": time("09")}}),
        )],
        stateful_sets: vec![stateful_set()],
        pods: vec![pod],
    })
    .0
}

#[test]
fn a_cluster_that_was_just_seen_serving_runs_before_its_pod_is_ready() {
    assert_eq!(seen_serving("05", "05", "06"), Status::Running);
    // It was ready until second 30.
    assert_eq!(seen_serving("05", "30", "06"), Status::Degraded);
    // Another pod took its place.
    assert_eq!(seen_serving("30", "30", "31"), Status::Degraded);
}

#[test]
fn an_image_that_cannot_be_pulled_is_named_at_once() {
    let waiting = json!({"waiting": {"reason": "ErrImagePull", "message": "not found\nand more"}});
    for which in ["containerStatuses", "initContainerStatuses"] {
        let diagnosis = diagnose(&pod(&json!({which: [container("etcd", false, &waiting)]})));
        assert_eq!(diagnosis.state, PodState::Stuck, "{which}");
        assert_eq!(
            diagnosis.reason, "image `r/x:1` cannot be pulled (ErrImagePull): not found",
            "{which}"
        );
    }
}

#[test]
fn one_restart_is_part_of_a_slow_start_and_three_are_not() {
    let crashed = |restarts: i32| {
        let mut status = container(
            "kube-controller-manager",
            false,
            &json!({"waiting": {"reason": "CrashLoopBackOff"}}),
        );
        status["restartCount"] = json!(restarts);
        status["lastState"] = json!({"terminated": {"exitCode": 1}});
        diagnose(&pod(&json!({"containerStatuses": [status]})))
    };
    assert_eq!(crashed(1).state, PodState::Starting);
    assert_eq!(crashed(3).state, PodState::Stuck);
    assert_eq!(
        crashed(3).reason,
        "container `kube-controller-manager` ended 3 times, last with exit code 1"
    );
}

#[test]
fn the_scheduler_s_words_are_passed_on() {
    let diagnosis = diagnose(&pod(&json!({"conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"},
    ]})));
    assert_eq!(diagnosis.state, PodState::Starting);
    assert_eq!(
        diagnosis.reason,
        "no node takes its pod: 0/1 nodes are available"
    );
}

#[test]
fn a_volume_that_is_being_made_is_no_fault_of_the_nodes() {
    let diagnosis = diagnose(&pod(&json!({"conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "SchedulerError",
         "message": "running PreBind plugin \"VolumeBinding\": context deadline exceeded"},
    ]})));
    assert_eq!(diagnosis.reason, "waiting for its volume");
}

#[test]
fn an_interrupted_create_or_delete_is_incomplete() {
    let without_set = HostObjects {
        markers: vec![marker(json!({}))],
        ..HostObjects::default()
    };
    let (status, reason) = only(&without_set);
    assert_eq!(status, Status::Incomplete);
    assert_eq!(reason.as_deref(), Some("the StatefulSet is missing"));
    let without_marker = HostObjects {
        stateful_sets: vec![stateful_set()],
        pods: vec![running_pod()],
        ..HostObjects::default()
    };
    assert_eq!(only(&without_marker).0, Status::Incomplete);
}

#[test]
fn a_marker_that_is_being_deleted_makes_a_cluster_deleting() {
    let objects = HostObjects {
        markers: vec![marker(json!({"deletionTimestamp": "2026-01-01T00:00:00Z"}))],
        stateful_sets: vec![stateful_set()],
        pods: vec![running_pod()],
    };
    assert_eq!(only(&objects), (Status::Deleting, None));
}

#[test]
fn clusters_of_several_namespaces_are_told_apart_and_sorted() {
    let mut other = marker(json!({}));
    other.metadata.namespace = Some("a".to_owned());
    let objects = HostObjects {
        markers: vec![marker(json!({})), other],
        ..HostObjects::default()
    };
    let found: Vec<String> = find_clusters(&objects)
        .iter()
        .map(|cluster| format!("{}/{}", cluster.namespace, cluster.name))
        .collect();
    assert_eq!(found, ["a/dev", "team-a/dev"]);
}

#[test]
fn a_control_plane_that_is_scaled_to_nothing_is_paused_whatever_its_pod_still_says() {
    let mut set = stateful_set();
    set.spec = Some(k8s_openapi::api::apps::v1::StatefulSetSpec {
        replicas: Some(0),
        ..Default::default()
    });
    let objects = HostObjects {
        markers: vec![marker(json!({}))],
        stateful_sets: vec![set],
        pods: vec![running_pod()],
    };
    assert_eq!(only(&objects), (Status::Paused, None));
}

#[test]
fn since_when_a_store_is_full_is_read_from_the_marker() {
    let since = |annotations: serde_json::Value| {
        let objects = HostObjects {
            markers: vec![marker(json!({ "annotations": annotations }))],
            ..HostObjects::default()
        };
        find_clusters(&objects)[0].store_full_since
    };
    let key = labels::STORE_FULL_SINCE;
    let time = "2026-01-01T12:00:00Z";
    assert_eq!(since(json!({ key: time })), Some(time.parse().unwrap()));
    assert_eq!(since(json!({ key: "yes" })), None);
    assert_eq!(since(json!({})), None);
}
