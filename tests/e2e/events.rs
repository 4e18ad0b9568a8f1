//! What the host says about a pod is told in the virtual cluster, in its own names.

use serde_json::Value;

use crate::harness::{BUSYBOX, Space, until};

/// Reasons and messages of the Events about a pod.
fn events(space: &Space, pod: &str) -> Vec<(String, String)> {
    let about =
        format!("events --field-selector=involvedObject.name={pod},involvedObject.kind=Pod");
    let list = space.get(&about);
    let text = |event: &Value, field: &str| event[field].as_str().unwrap_or("").to_owned();
    let events = list["items"].as_array().unwrap().iter();
    events
        .map(|event| (text(event, "reason"), text(event, "message")))
        .collect()
}

/// The message of the Event about a pod with this reason, as soon as there is one.
fn await_event(space: &Space, pod: &str, reason: &str) -> String {
    let mut found = None;
    until(&format!("an Event {reason} about {pod}"), || {
        let mut all = events(space, pod).into_iter();
        found = all.find(|(known, _)| known == reason);
        found.is_some()
    });
    found.unwrap().1
}

#[test]
fn a_pods_life_is_told_in_events_without_a_name_of_the_hosts() {
    let space = Space::new("events");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: lives}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    readinessProbe: {{exec: {{command: [sh, -c, 'echo not yet; exit 1']}}, periodSeconds: 1}}
---
apiVersion: v1
kind: Pod
metadata: {{name: lacks}}
spec:
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    volumeMounts: [{{name: config, mountPath: /config}}]
  volumes: [{{name: config, configMap: {{name: absent}}}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: pulls}}
spec:
  containers: [{{name: main, image: nowhere.example.com/none:1}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: forced}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    let node = || space.field("pod lives", ".spec.nodeName");
    let scheduled = await_event(&space, "lives", "Scheduled");
    assert_eq!(
        scheduled,
        format!("Successfully assigned events/lives to {}", node())
    );
    assert_eq!(
        await_event(&space, "lives", "Pulled"),
        format!(
            "Container image \"{BUSYBOX}\" already present on machine and can be accessed by the pod"
        )
    );
    await_event(&space, "lives", "Created");
    await_event(&space, "lives", "Started");
    assert_eq!(
        await_event(&space, "lives", "Unhealthy"),
        "Readiness probe failed: not yet\n"
    );
    assert_eq!(
        await_event(&space, "lacks", "FailedMount"),
        "MountVolume.SetUp failed for volume \"config\" : configmap \"absent\" not found"
    );
    await_event(&space, "pulls", "Failed");
    space.kubectl("delete pod lives").ok();
    await_event(&space, "lives", "Killing");
    // The host can only say it when the virtual pod has long gone.
    await_event(&space, "forced", "Started");
    space
        .kubectl("delete pod forced --force --grace-period=0")
        .ok();
    await_event(&space, "forced", "Killing");

    let host_pods = space.host_objects("pod");
    let mut host_names: Vec<&str> = host_pods
        .iter()
        .map(|pod| pod["metadata"]["name"].as_str().unwrap())
        .collect();
    host_names.extend([space.host_namespace.as_str(), space.cluster.as_str()]);
    let all = space.get("events");
    for event in all["items"].as_array().unwrap() {
        let text = event.to_string();
        for name in &host_names {
            assert!(!text.contains(name), "`{name}` is in {text}");
        }
    }
    // As `kubectl describe` finds them: by the pod's own UID.
    let described = space.kubectl("describe pod lacks").ok();
    assert!(described.stdout.contains("FailedMount"), "{described}");
}

#[test]
fn a_pod_that_the_hosts_quota_refuses_is_told_so_and_runs_when_there_is_room() {
    let space = Space::alone("quota");
    let host = |line: &str| {
        let line = format!("-n {} {line}", space.host_namespace);
        space.host(&line).ok()
    };
    // The control plane is one pod, and there is room for one more.
    host("create quota small --hard=pods=2");
    host("wait quota/small --for=jsonpath={.status.hard.pods}=2");
    space.pod("first", "sleep 3600");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: second}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    let told = await_event(&space, "second", "HostRefused");
    assert_eq!(
        told,
        "the host cluster refuses the pod: pods \"second\" is forbidden: exceeded quota: small, \
         requested: pods=1, used: pods=2, limited: pods=2"
    );
    assert_eq!(space.field("pod second", ".status.phase"), "Pending");

    // Others are not held up.
    assert_eq!(space.sh("first", "echo here").output(), "here");
    space.kubectl("label pod first seen=yes").ok();
    until("a change of another pod on the host", || {
        space.await_host("pod", "first")["metadata"]["labels"]["seen"] == "yes"
    });

    host("patch quota small -p {\"spec\":{\"hard\":{\"pods\":\"3\"}}}");
    space.await_ready("pod/second");
}
