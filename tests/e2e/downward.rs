//! What a pod is told about itself by the downward API is what its own cluster says, now and later.

use crate::harness::{BUSYBOX, Space, until};

/// A ready pod `told` that asks for everything about itself.
fn told(test: &str) -> Space {
    let space = Space::new(test);
    space.create_from(&format!(
        r#"
apiVersion: v1
kind: ServiceAccount
metadata: {{name: teller}}
---
apiVersion: v1
kind: Pod
metadata:
  name: told
  labels: {{app: told, tier: one, example.com/tier: two}}
  annotations: {{note: "a \"quoted\" note", example.com/note: other}}
spec:
  serviceAccountName: teller
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, "3600"]
    resources: {{limits: {{memory: 32Mi}}}}
    env:
    - {{name: TOLD_NAME, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}
    - {{name: TOLD_NAMESPACE, valueFrom: {{fieldRef: {{fieldPath: metadata.namespace}}}}}}
    - {{name: TOLD_UID, valueFrom: {{fieldRef: {{fieldPath: metadata.uid}}}}}}
    - {{name: TOLD_ACCOUNT, valueFrom: {{fieldRef: {{fieldPath: spec.serviceAccountName}}}}}}
    - {{name: TOLD_LABEL, valueFrom: {{fieldRef: {{fieldPath: "metadata.labels['example.com/tier']"}}}}}}
    - {{name: TOLD_ANNOTATION, valueFrom: {{fieldRef: {{fieldPath: "metadata.annotations['note']"}}}}}}
    - {{name: TOLD_NODE, valueFrom: {{fieldRef: {{fieldPath: spec.nodeName}}}}}}
    - {{name: TOLD_IP, valueFrom: {{fieldRef: {{fieldPath: status.podIP}}}}}}
    - {{name: TOLD_LIMIT, valueFrom: {{resourceFieldRef: {{resource: limits.memory}}}}}}
    volumeMounts: [{{name: info, mountPath: /info}}, {{name: projected, mountPath: /projected}}]
  volumes:
  - name: info
    downwardAPI:
      items:
      - {{path: labels, fieldRef: {{fieldPath: metadata.labels}}}}
      - {{path: annotations, fieldRef: {{fieldPath: metadata.annotations}}}}
      - {{path: name, fieldRef: {{fieldPath: metadata.name}}}}
      - {{path: uid, fieldRef: {{fieldPath: metadata.uid}}}}
  - name: projected
    projected:
      sources:
      - downwardAPI:
          items:
          - {{path: namespace, fieldRef: {{fieldPath: metadata.namespace}}}}
          - {{path: tier, fieldRef: {{fieldPath: "metadata.labels['tier']"}}}}
"#
    ));
    space.await_ready("pod/told");
    space
}

#[test]
fn environment_and_volumes_tell_the_pods_own_name_labels_and_annotations() {
    let space = told("downward");
    let pod = space.get("pod told");
    let of_pod = |pointer: &str| pod.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let (uid, node) = (of_pod("/metadata/uid"), of_pod("/spec/nodeName"));
    let address = of_pod("/status/podIP");
    assert_eq!(
        space.sh("told", "env | grep ^TOLD_ | sort").lines(),
        [
            "TOLD_ACCOUNT=teller",
            "TOLD_ANNOTATION=a \"quoted\" note",
            &format!("TOLD_IP={address}"),
            "TOLD_LABEL=two",
            "TOLD_LIMIT=33554432",
            "TOLD_NAME=told",
            "TOLD_NAMESPACE=downward",
            &format!("TOLD_NODE={node}"),
            &format!("TOLD_UID={uid}"),
        ]
    );
    assert_eq!(
        space.sh("told", "cat /info/labels").output(),
        "app=\"told\"\nexample.com/tier=\"two\"\ntier=\"one\""
    );
    assert_eq!(
        space.sh("told", "cat /info/annotations").output(),
        "example.com/note=\"other\"\nnote=\"a \\\"quoted\\\" note\""
    );
    assert_eq!(space.sh("told", "cat /info/name").output(), "told");
    assert_eq!(space.sh("told", "cat /info/uid").output(), uid);
    assert_eq!(
        space.sh("told", "cat /projected/namespace").output(),
        "downward"
    );
    assert_eq!(space.sh("told", "cat /projected/tier").output(), "one");
    assert_eq!(space.sh("told", "hostname").output(), "told");
}

#[test]
fn a_label_that_changes_is_told_to_the_pod_and_to_the_host() {
    let space = told("relabelled");
    space
        .kubectl("label pod told tier=three --overwrite app-")
        .ok();
    until("the new label in the pod", || {
        space.sh("told", "cat /info/labels").output() == "example.com/tier=\"two\"\ntier=\"three\""
    });
    until("the new label in the projected volume", || {
        space.sh("told", "cat /projected/tier").output() == "three"
    });
    let host_pod = space.await_host("pod", "told");
    let labels = &host_pod["metadata"]["labels"];
    assert_eq!(labels["tier"], "three", "{labels}");
    assert!(labels.get("app").is_none(), "{labels}");

    space.kubectl("annotate pod told note-").ok();
    until("the annotation's end in the pod", || {
        space.sh("told", "cat /info/annotations").output() == "example.com/note=\"other\""
    });
}

#[test]
fn a_namespaces_labels_are_on_its_pods_on_the_host() {
    /// `team`, as base32 of its SHA-256.
    const TEAM: &str = "namespace.vc.internal/zkfsfug3qorc3mldwvqlhzhfcu";
    let space = Space::new("labelled");
    space.kubectl("label namespace labelled team=blue").ok();
    space.pod("one", "sleep 3600");
    let team = || space.await_host("pod", "one")["metadata"]["labels"][TEAM].clone();
    assert_eq!(team(), "blue");

    space
        .kubectl("label namespace labelled team=red --overwrite")
        .ok();
    until("the namespace's new label on the host", || team() == "red");
    space.kubectl("label namespace labelled team-").ok();
    until("the end of the namespace's label on the host", || {
        team().is_null()
    });
    // It is the host's to know, not the pod's.
    let own = space.get("pod one");
    assert!(own["metadata"].get("labels").is_none(), "{own}");
}
