//! Whatever makes pods makes them in a virtual cluster as in any, and pods live and end as in any.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{BUSYBOX, Space, until};

/// Names of the pods with this label, in order.
fn pods(space: &Space, label: &str) -> Vec<String> {
    let list = space.kubectl(&format!(
        "get pods -l {label} -o name --sort-by=.metadata.name"
    ));
    list.ok().lines().into_iter().map(str::to_owned).collect()
}

/// A condition of a pod, as its status has it.
fn condition(space: &Space, pod: &str, kind: &str) -> Value {
    let pod = space.get(&format!("pod {pod}"));
    let all = pod["status"]["conditions"].as_array().cloned();
    let mut all = all.unwrap_or_default().into_iter();
    all.find(|one| one["type"] == kind).unwrap_or_default()
}

#[test]
fn a_job_completes_and_one_that_fails_says_so() {
    let space = Space::new("jobs");
    let job = |name: &str, script: &str, more: &str| {
        format!(
            "
---
apiVersion: batch/v1
kind: Job
metadata: {{name: {name}}}
spec:
  {more}
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: {BUSYBOX}
        command: [sh, -c, {script:?}]
"
        )
    };
    let good = job("good", "echo done", "completions: 2");
    let bad = job("bad", "exit 3", "backoffLimit: 1");
    let policy =
        "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [7]}}]}";
    let fatal = job("fatal", "exit 7", policy);
    space.create_from(&format!("{good}{bad}{fatal}"));
    space
        .kubectl("wait --for=condition=Complete --timeout=90s job/good")
        .ok();
    assert_eq!(space.field("job good", ".status.succeeded"), "2");
    assert_eq!(
        space.kubectl("logs -l job-name=good").ok().lines(),
        ["done", "done"]
    );

    space
        .kubectl("wait --for=condition=Failed --timeout=90s job/bad job/fatal")
        .ok();
    let reason = |job: &str| {
        space.field(
            &format!("job {job}"),
            ".status.conditions[?(@.type==\"Failed\")].reason",
        )
    };
    assert_eq!(reason("bad"), "BackoffLimitExceeded");
    assert_eq!(space.field("job bad", ".status.failed"), "2");
    assert_eq!(reason("fatal"), "PodFailurePolicy");
    assert_eq!(space.field("job fatal", ".status.failed"), "1");
    let codes = space.field(
        "pods -l job-name=bad",
        ".items[*].status.containerStatuses[0].state.terminated.exitCode",
    );
    assert_eq!(codes, "3 3");

    // What is removed here is removed on the host.
    space.kubectl("delete job good bad fatal").ok();
    until("no pod on the host", || {
        space.host_objects("pod").is_empty()
    });
}

#[test]
fn a_cron_job_makes_jobs() {
    let space = Space::new("cron");
    space
        .kubectl(&format!("create cronjob tick --image={BUSYBOX} --schedule"))
        .arg("* * * * *")
        .arg("--")
        .arg("echo")
        .arg("tick")
        .ok();
    space.kubectl("create job now --from=cronjob/tick").ok();
    space
        .kubectl("wait --for=condition=Complete --timeout=90s job/now")
        .ok();
    assert_eq!(space.kubectl("logs job/now").ok().output(), "tick");
    until("a job by the schedule", || {
        !space
            .field("cronjob tick", ".status.lastScheduleTime")
            .is_empty()
    });
    space.kubectl("delete cronjob tick").ok();
}

#[test]
fn a_daemon_set_has_one_pod_on_the_node() {
    let space = Space::new("daemons");
    space.create_from(&format!(
        "
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: every}}
spec:
  selector: {{matchLabels: {{app: every}}}}
  template:
    metadata: {{labels: {{app: every}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    space
        .kubectl("rollout status daemonset/every --timeout=90s")
        .ok();
    assert_eq!(pods(&space, "app=every").len(), 1);
    let status = space.get("daemonset every");
    let status = &status["status"];
    assert_eq!(status["desiredNumberScheduled"], 1, "{status}");
    assert_eq!(status["numberAvailable"], 1, "{status}");
}

#[test]
fn a_stateful_set_has_named_pods_in_order() {
    let space = Space::new("stateful");
    space.create_from(&format!(
        "
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  replicas: 2
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    space
        .kubectl("rollout status statefulset/db --timeout=90s")
        .ok();
    assert_eq!(pods(&space, "app=db"), ["pod/db-0", "pod/db-1"]);
    assert_eq!(space.sh("db-0", "hostname").output(), "db-0");
    assert_eq!(space.sh("db-1", "hostname").output(), "db-1");

    // A pod that goes comes back under its name, as another.
    let uid = space.field("pod db-0", ".metadata.uid");
    space.kubectl("delete pod db-0").ok();
    until("another db-0", || {
        let now = space.field("pod db-0", ".metadata.uid");
        !now.is_empty() && now != uid
    });
    space.await_ready("pod/db-0");
    space.kubectl("scale statefulset/db --replicas=1").ok();
    until("the last one has gone", || {
        pods(&space, "app=db") == ["pod/db-0"]
    });
    assert_eq!(
        space.field("pod db-0", ".metadata.ownerReferences[0].name"),
        "db"
    );
}

#[test]
fn a_pod_with_a_finalizer_stays_until_that_is_removed() {
    let space = Space::new("finalizers");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: held, finalizers: [example.com/held]}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    space.await_ready("pod/held");
    assert_eq!(
        space.await_host("pod", "held")["metadata"].get("finalizers"),
        None
    );
    space.kubectl("delete pod held --wait=false").ok();
    space.await_no_host("pod", "held");
    let grace = ".metadata.deletionGracePeriodSeconds";
    space.await_field("pod held", grace, "0");
    assert_eq!(space.field("pod held", ".metadata.name"), "held");
    space
        .kubectl("patch pod held --type=merge -p")
        .arg(r#"{"metadata":{"finalizers":null}}"#)
        .ok();
    space
        .kubectl("wait --for=delete pod/held --timeout=60s")
        .ok();
    assert!(space.find_host("pod", "held").is_none());
}

/// A ready pod that takes `seconds` to end when it is told to, and says so.
fn slow(space: &Space, name: &str, seconds: u32) {
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 60
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sh, -c, 'trap \"echo told; sleep {seconds}; echo ended; exit 0\" TERM; echo up; while true; do sleep 0.1; done']
"
    ));
    space.await_ready(&format!("pod/{name}"));
}

#[test]
fn a_container_gets_its_grace_and_a_shorter_one_cuts_it() {
    let space = Space::new("grace");
    slow(&space, "patient", 3);
    let log = space.kubectl("logs -f patient").start();
    assert!(log.prints("up"));
    space.kubectl("delete pod patient").ok();
    assert_eq!(log.wait().exits(0).lines(), ["up", "told", "ended"]);
    assert!(space.find_host("pod", "patient").is_none());

    slow(&space, "cut", 50);
    let log = space.kubectl("logs -f cut").start();
    assert!(log.prints("up"));
    let began = Instant::now();
    space.kubectl("delete pod cut --grace-period=1").ok();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(log.wait().lines(), ["up", "told"]);
    assert!(space.find_host("pod", "cut").is_none());

    // A shorter grace reaches the host also when the pod is ending already.
    slow(&space, "sooner", 50);
    space.kubectl("delete pod sooner --wait=false").ok();
    let grace =
        || space.await_host("pod", "sooner")["metadata"]["deletionGracePeriodSeconds"].clone();
    until("the pod's own grace on the host", || grace() == 60);
    space
        .kubectl("delete pod sooner --grace-period=2 --wait=false")
        .ok();
    until("the shorter grace on the host", || grace() == 2);
    space
        .kubectl("delete pod sooner --grace-period=0 --force")
        .ok();

    slow(&space, "forced", 50);
    space
        .kubectl("delete pod forced --grace-period=0 --force")
        .ok();
    until("nothing of it on the host", || {
        space.find_host("pod", "forced").is_none()
    });
}

#[test]
fn a_gated_pod_runs_when_its_gate_is_removed() {
    let space = Space::new("gates");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: gated}}
spec:
  schedulingGates: [{{name: example.com/gate}}]
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    until("the gate is told", || {
        condition(&space, "gated", "PodScheduled")["reason"] == "SchedulingGated"
    });
    assert_eq!(space.field("pod gated", ".spec.nodeName"), "");
    space
        .kubectl("patch pod gated --type=json -p")
        .arg(r#"[{"op":"remove","path":"/spec/schedulingGates"}]"#)
        .ok();
    space.await_ready("pod/gated");
}

#[test]
fn a_pod_that_fits_nowhere_is_told_why_in_the_schedulers_words() {
    let space = Space::new("nowhere");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: lost}}
spec:
  nodeSelector: {{example.com/no: where}}
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    let words = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
    until("the scheduler's word", || {
        condition(&space, "lost", "PodScheduled")["reason"] == "Unschedulable"
    });
    let told = condition(&space, "lost", "PodScheduled");
    let message = told["message"].as_str().unwrap();
    assert!(message.starts_with(words), "{told}");
    assert!(!message.contains(&space.host_namespace), "{told}");
    assert_eq!(space.field("pod lost", ".status.phase"), "Pending");
    until("an Event with the same words", || {
        let event = "get events --field-selector=involvedObject.name=lost,reason=FailedScheduling";
        let events = space.kubectl(&format!("{event} -o jsonpath={{.items[*].message}}"));
        events.ok().output().starts_with(words)
    });
}

#[test]
fn a_pod_that_names_its_node_runs_there() {
    let space = Space::new("named");
    let node = space.field("nodes", ".items[0].metadata.name");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: here}}
spec:
  nodeName: {node}
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    space.await_ready("pod/here");
    // By the host's scheduler all the same: its quotas and taints count.
    let host_pod = space.await_host("pod", "here");
    let scheduled = host_pod["status"]["conditions"].as_array().unwrap();
    assert!(
        scheduled
            .iter()
            .any(|one| one["type"] == "PodScheduled" && one["status"] == "True"),
        "{host_pod}"
    );
    assert_eq!(host_pod["spec"]["nodeName"], node.as_str());
}

#[test]
fn a_pod_of_another_scheduler_waits_for_it_and_runs_where_that_says() {
    let space = Space::new("scheduler");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: custom}}
spec:
  schedulerName: my-own
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    ));
    // One that comes later is there, so this one would be.
    space.pod("ordinary", "sleep 3600");
    assert!(space.find_host("pod", "custom").is_none());
    assert_eq!(space.field("pod custom", ".status.phase"), "Pending");

    let node = space.field("pod ordinary", ".spec.nodeName");
    let binding = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "custom"},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    });
    let path = "/api/v1/namespaces/scheduler/pods/custom/binding";
    space
        .kubectl(&format!("create --raw {path} -f -"))
        .stdin(&binding.to_string())
        .ok();
    space.await_ready("pod/custom");
}
