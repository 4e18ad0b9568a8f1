//! A virtual cluster gets another Kubernetes release and goes back, and what runs in it goes on.

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Cluster, PREVIOUS_KUBERNETES, agent, until};

fn workload() -> String {
    format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: kept}}
stringData: {{word: hello}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {{name: main, image: {BUSYBOX}, command: [sleep, '100000']
          , env: [{{name: WORD, valueFrom: {{secretKeyRef: {{name: kept, key: word}}}}}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {{name: main, image: {BUSYBOX}, command: [sh, -c, 'echo row > /data/table; exec sleep 100000']
          , volumeMounts: [{{name: data, mountPath: /data}}]}}
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: boats.example.com}}
spec:
  group: example.com
  scope: Namespaced
  names: {{plural: boats, singular: boat, kind: Boat}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"
    )
}

/// What tells whether pods are the same as before and were not started again, on both sides.
fn pods(cluster: &Cluster) -> Vec<Value> {
    let here = cluster.get("pods")["items"].as_array().unwrap().clone();
    let there = cluster.twins("pod");
    let mut all: Vec<Value> = here
        .iter()
        .chain(&there)
        .map(|pod| {
            let containers = pod["status"]["containerStatuses"].as_array().unwrap();
            let restarts: Vec<&Value> = containers.iter().map(|it| &it["restartCount"]).collect();
            json!([pod["metadata"]["name"], pod["metadata"]["uid"], restarts])
        })
        .collect();
    all.sort_by_key(Value::to_string);
    all
}

/// The release that the API answers with.
fn release(cluster: &Cluster) -> String {
    let version = cluster.kubectl("version -o json").ok().json();
    let release = version["serverVersion"]["gitVersion"].as_str();
    release.unwrap().to_owned()
}

fn check_kept(cluster: &Cluster, before: &[Value]) {
    assert_eq!(pods(cluster), before);
    let secret = cluster.get("secret kept");
    assert_eq!(secret["data"]["word"], "aGVsbG8=");
    assert_eq!(cluster.get("boat one")["spec"]["sails"], 2);
    let read = cluster.kubectl("exec db-0 -- cat /data/table").ok();
    assert_eq!(read.output(), "row");
}

#[test]
fn a_cluster_is_upgraded_and_goes_back_and_what_runs_in_it_goes_on() {
    let options = format!("--storage-size 1Gi --kubernetes-version {PREVIOUS_KUBERNETES}");
    let cluster = Cluster::create("upgrade", &options);
    let host = cluster.host("version -o json").ok().json();
    let newer = host["serverVersion"]["gitVersion"].as_str().unwrap();
    cluster.kubectl("create -f -").stdin(&workload()).ok();
    cluster
        .kubectl("wait --for=condition=Established crd/boats.example.com --timeout=60s")
        .ok();
    let boat = |name: &str| {
        json!({
            "apiVersion": "example.com/v1", "kind": "Boat",
            "metadata": {"name": name}, "spec": {"sails": 2},
        })
    };
    cluster.apply(&boat("one"));
    for what in ["deployment/web", "statefulset/db"] {
        cluster
            .kubectl(&format!("rollout status {what} --timeout=90s"))
            .ok();
    }
    let before = pods(&cluster);
    assert_eq!(before.len(), 4, "{before:?}");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let vc = |line: &str| {
        cluster
            .sandbox
            .vc(&format!("upgrade {name} -n {namespace} {line}"))
    };
    let rollback = format!("vc upgrade {name} -n {namespace} --rollback");

    // A release that does not exist: the way back is named, and works.
    let minor = newer.rsplit_once('.').unwrap().0;
    let nothing = format!("{minor}.999");
    let failed = vc(&format!("--kubernetes-version {nothing}")).exits(1);
    let failed = failed
        .says(&format!("registry.k8s.io/kube-apiserver:{nothing}"))
        .says("cannot be pulled");
    failed.says(&rollback);
    let again = vc(&format!("--kubernetes-version {nothing}")).exits(1);
    assert!(
        !again.stderr.contains("saving the store"),
        "what was saved is kept: {again}"
    );
    vc(&format!("--kubernetes-version {newer}"))
        .exits(1)
        .says(&rollback);
    vc("--rollback").ok().says(PREVIOUS_KUBERNETES);
    assert_eq!(release(&cluster), PREVIOUS_KUBERNETES);
    check_kept(&cluster, &before);
    vc("--rollback").exits(1).says("no upgrade of it is noted");

    let apply = format!("apply {name} -n {namespace} --storage-size 1Gi");
    let apply = cluster
        .sandbox
        .vc(&format!("{apply} --kubernetes-version {newer}"));
    apply.exits(1).says("vc upgrade");
    vc(&format!("--kubernetes-version {newer}"))
        .ok()
        .says(&rollback);
    assert_eq!(release(&cluster), newer);
    check_kept(&cluster, &before);
    vc(&format!("--kubernetes-version {newer}"))
        .ok()
        .says("nothing to do");
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "later"},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
    });
    cluster.apply(&pod);
    cluster.running("default", "later");
    cluster.apply(&boat("two"));

    // What came after the snapshot is gone on both sides, and nothing else.
    vc("--rollback").ok().says(PREVIOUS_KUBERNETES);
    assert_eq!(release(&cluster), PREVIOUS_KUBERNETES);
    cluster.kubectl("get boat two").exits(1);
    cluster.kubectl("get pod later").exits(1);
    until("the host has no pod of one that is gone", || {
        cluster.find_twin("pod", "default", "later").is_none()
    });
    check_kept(&cluster, &before);
    cluster.apply(&pod);
    cluster.running("default", "later");
}
