//! etcd, three members of a StatefulSet that know each other by their names, each with its own volume.

use serde_json::Value;

use crate::harness::{ETCD, Space, until};

/// How many members there are.
const MEMBERS: usize = 3;

fn manifest() -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{name: etcd}}
spec:
  selector: {{app: etcd}}
  ports: [{{name: client, port: 2379}}]
---
apiVersion: v1
kind: Service
metadata: {{name: etcd-peers}}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{app: etcd}}
  ports: [{{name: client, port: 2379}}, {{name: peer, port: 2380}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: etcd}}
spec:
  serviceName: etcd-peers
  replicas: {MEMBERS}
  podManagementPolicy: Parallel
  selector: {{matchLabels: {{app: etcd}}}}
  template:
    metadata: {{labels: {{app: etcd}}}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: etcd
        image: {ETCD}
        command:
        - etcd
        - --name=$(NAME)
        - --data-dir=/var/lib/etcd/data
        - --listen-client-urls=http://0.0.0.0:2379
        - --listen-peer-urls=http://0.0.0.0:2380
        - --advertise-client-urls=http://$(NAME).etcd-peers:2379
        - --initial-advertise-peer-urls=http://$(NAME).etcd-peers:2380
        - --initial-cluster=etcd-0=http://etcd-0.etcd-peers:2380,etcd-1=http://etcd-1.etcd-peers:2380,etcd-2=http://etcd-2.etcd-peers:2380
        - --initial-cluster-token=of-this-test
        env: [{{name: NAME, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}]
        ports: [{{name: client, containerPort: 2379}}, {{name: peer, containerPort: 2380}}]
        readinessProbe: {{httpGet: {{path: /readyz, port: client}}, periodSeconds: 1}}
        volumeMounts: [{{name: data, mountPath: /var/lib/etcd}}]
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 64Mi}}}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: watcher}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {ETCD}
    command: [etcdctl, --endpoints=http://etcd:2379, watch, --rev=1, --prefix, key]
"
    )
}

/// Installs it, writes and reads.
pub(super) fn is_of_use(space: &Space) {
    space.create_from(&manifest());
    await_members(space);
    space.await_ready("pod/watcher");
    put(space, "key-1", "one");
    put(space, "key-2", "two");
    serves(space);
    watcher_was_told(space, &["one", "two"]);
}

/// Loses its leader, then is stopped and started as a whole.
pub(super) fn survives(space: &Space) {
    loses_its_leader(space);
    space.kubectl("scale statefulset etcd --replicas=0").ok();
    space
        .kubectl("wait pods -l app=etcd --for=delete --timeout=90s")
        .ok();
    let scale = format!("scale statefulset etcd --replicas={MEMBERS}");
    space.kubectl(&scale).ok();
    await_members(space);
    serves(space);
}

/// Waits until what was written is read.
fn serves(space: &Space) {
    for (key, value) in [("key-1", "one"), ("key-2", "two")] {
        until(&format!("{key} is read"), || {
            let read = etcdctl(space, &format!("--endpoints=http://etcd:2379 get {key}"));
            read.is_some_and(|read| read == format!("{key}\n{value}"))
        });
    }
}

fn loses_its_leader(space: &Space) {
    let before = await_status(space);
    let leader = &before.leader;
    let uid = |what: &str| space.field(what, ".metadata.uid");
    let (pod, claim) = (format!("pod/{leader}"), format!("pvc/data-{leader}"));
    let (pod_uid, claim_uid) = (uid(&pod), uid(&claim));
    space
        .kubectl(&format!("delete {pod} --grace-period=0 --force"))
        .ok();
    put(space, "key-3", "three");

    space
        .kubectl(&format!("wait {pod} --for=create --timeout=90s"))
        .ok();
    space.await_ready(&pod);
    assert_ne!(uid(&pod), pod_uid);
    // It is the member that it was, with its volume, and has what was written in its absence.
    let after = await_status(space);
    assert!(after.term > before.term, "nobody was elected");
    assert_eq!(after.members, before.members);
    assert_eq!(uid(&claim), claim_uid);
    let own = format!("http://{leader}.etcd-peers:2379");
    let line = format!("--endpoints={own} get --print-value-only --consistency=s key-3");
    assert_eq!(etcdctl(space, &line).as_deref(), Some("three"));
    watcher_was_told(space, &["one", "two", "three"]);
}

/// Waits until the client that watches has seen these values written, to keys that are numbered from 1. A value may
/// have been written again, where the answer to the first time was lost.
fn watcher_was_told(space: &Space, values: &[&str]) {
    until("the watcher was told", || {
        let log = space.kubectl("logs watcher").ok();
        let mut lines = log.lines();
        lines.retain(|line| values.contains(line));
        lines.dedup();
        lines == values
    });
}

fn await_members(space: &Space) {
    let ready = format!("--for=jsonpath={{.status.readyReplicas}}={MEMBERS}");
    let line = format!("wait statefulset/etcd {ready} --timeout=90s");
    space.kubectl(&line).ok();
}

/// What `etcdctl` says in the watcher's pod, if it succeeds.
fn etcdctl(space: &Space, line: &str) -> Option<String> {
    let done = space.kubectl(&format!(
        "exec watcher -- etcdctl --command-timeout=3s {line}"
    ));
    let done = done.run();
    (done.code == 0).then(|| done.output().to_owned())
}

fn put(space: &Space, key: &str, value: &str) {
    until(&format!("{key} is written"), || {
        let line = format!("--endpoints=http://etcd:2379 put {key} {value}");
        etcdctl(space, &line).is_some()
    });
}

/// What the members say of themselves.
struct Status {
    /// The pod that leads.
    leader: String,
    /// How often one was elected.
    term: u64,
    /// Who the members are, sorted.
    members: Vec<u64>,
}

/// Nothing as long as one of them does not answer, or they are not at one.
fn status(space: &Space) -> Option<Status> {
    let line = "--endpoints=http://etcd:2379 endpoint status --cluster -w json";
    let said: Value = serde_json::from_str(&etcdctl(space, line)?).ok()?;
    let (mut members, mut leader) = (Vec::new(), None);
    for member in said.as_array()? {
        let (endpoint, status) = (member["Endpoint"].as_str()?, &member["Status"]);
        members.push(status["header"]["member_id"].as_u64()?);
        if status["leader"] == status["header"]["member_id"] {
            leader = Some((endpoint, status["raftTerm"].as_u64()?));
        }
    }
    members.sort_unstable();
    let (endpoint, term) = leader?;
    let leader = endpoint.strip_prefix("http://")?.split('.').next()?;
    (members.len() == MEMBERS).then(|| Status {
        leader: leader.to_owned(),
        term,
        members,
    })
}

fn await_status(space: &Space) -> Status {
    let mut found = None;
    until("all members answer", || {
        found = status(space);
        found.is_some()
    });
    found.unwrap()
}
