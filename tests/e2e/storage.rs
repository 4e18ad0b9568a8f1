//! Volumes: claims of a virtual cluster are claims of the host, with what belongs to them, and nothing
//! that is not their own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Cluster, Sandbox, Space, agent, until};

/// A StatefulSet each of whose pods appends its name to a file of its own volume when it starts.
fn stateful_set() -> String {
    format!(
        "
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  replicas: 2
  podManagementPolicy: Parallel
  persistentVolumeClaimRetentionPolicy: {{whenDeleted: Delete, whenScaled: Retain}}
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: {BUSYBOX}
        command: [sh, -c, 'echo $HOSTNAME >> /data/starts; exec sleep 100000']
        volumeMounts: [{{name: data, mountPath: /data}}]
  volumeClaimTemplates:
  - metadata: {{name: data, labels: {{tier: store}}}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
"
    )
}

fn starts(space: &Space, pod: &str) -> usize {
    let read = space.sh(pod, "cat /data/starts");
    let lines = read.lines();
    assert!(lines.iter().all(|line| *line == pod), "{lines:?}");
    lines.len()
}

fn scale(space: &Space, replicas: usize) {
    let line = format!("scale statefulset db --replicas={replicas}");
    space.kubectl(&line).ok();
    await_replicas(space, replicas);
}

fn await_replicas(space: &Space, replicas: usize) {
    until(&format!("{replicas} pods"), || {
        let ready = space.field("statefulset db", ".status.readyReplicas");
        let names = space.field("pods -l app=db", ".items[*].metadata.name");
        ready == replicas.to_string() && names.split(' ').count() == replicas
    });
}

#[test]
fn a_stateful_set_keeps_the_data_of_its_pods_when_they_are_replaced_and_scaled() {
    let space = Space::new("stateful");
    space.create_from(&stateful_set());
    await_replicas(&space, 2);
    assert_eq!(starts(&space, "db-0"), 1);

    // It looks as on any cluster.
    let claim = space.get("pvc data-db-0");
    let (spec, status) = (&claim["spec"], &claim["status"]);
    assert_eq!(status["phase"], "Bound", "{claim}");
    assert_eq!(status["capacity"], json!({"storage": "16Mi"}));
    assert_eq!(
        claim["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"],
        "yes"
    );
    let volume_name = spec["volumeName"].as_str().unwrap();
    let volume = space.get(&format!("pv {volume_name}"));
    assert_eq!(volume["status"]["phase"], "Bound", "{volume}");
    assert_eq!(volume["spec"]["claimRef"]["uid"], claim["metadata"]["uid"]);
    for (of_volume, of_claim) in [
        (&volume["spec"]["capacity"], &status["capacity"]),
        (&volume["spec"]["accessModes"], &spec["accessModes"]),
        (
            &volume["spec"]["storageClassName"],
            &spec["storageClassName"],
        ),
    ] {
        assert_eq!(of_volume, of_claim);
    }
    let class = space.get(&format!(
        "storageclass {}",
        spec["storageClassName"].as_str().unwrap()
    ));
    let is_default = "storageclass.kubernetes.io/is-default-class";
    assert_eq!(class["metadata"]["annotations"][is_default], "true");
    let on_host = space.await_host("pvc", "data-db-0");
    assert_eq!(on_host["metadata"]["labels"]["tier"], "store");
    let host_volume = on_host["spec"]["volumeName"].as_str().unwrap();
    let told = space.get("events").to_string() + &volume.to_string() + &claim.to_string();
    assert!(told.contains("ProvisioningSucceeded"), "{told}");
    assert!(!told.contains(host_volume), "{host_volume} in {told}");
    let host_name = on_host["metadata"]["name"].as_str().unwrap();
    assert!(!told.contains(host_name), "{host_name} in {told}");

    space.kubectl("delete pod db-0").ok();
    until("it has started again", || {
        space.field("pod db-0", ".status.phase") == "Running"
    });
    space.await_ready("pod/db-0");
    assert_eq!(starts(&space, "db-0"), 2);
    assert_eq!(starts(&space, "db-1"), 1);
    scale(&space, 1);
    assert_eq!(space.host_objects("pvc").len(), 2);
    scale(&space, 2);
    assert_eq!(starts(&space, "db-1"), 2);
    assert_eq!(starts(&space, "db-0"), 2);

    // The retention policy says that claims go with the set.
    space.kubectl("delete statefulset db").ok();
    until("no claim on either side, and no volume", || {
        space.host_objects("pvc").is_empty()
            && space.field("pvc", ".items[*].metadata.name").is_empty()
            && space.kubectl(&format!("get pv {volume_name}")).run().code != 0
    });
}

#[test]
fn ephemeral_volumes_work_and_a_claim_in_use_stays_until_its_pod_ends() {
    let space = Space::new("in-use");
    space.create_from(&format!(
        "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: user}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sh, -c, 'echo x > /data/x && echo x > /scratch/x && exec sleep 100000']
    volumeMounts: [{{name: data, mountPath: /data}}, {{name: scratch, mountPath: /scratch}}]
  volumes:
  - {{name: data, persistentVolumeClaim: {{claimName: data}}}}
  - name: scratch
    ephemeral:
      volumeClaimTemplate:
        spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
"
    ));
    space.await_ready("pod/user");
    space.sh("user", "test -s /data/x && test -s /scratch/x");
    for claim in ["data", "user-scratch"] {
        space.await_field(&format!("pvc {claim}"), ".status.phase", "Bound");
    }
    let volume = space.field("pvc data", ".spec.volumeName");

    // Somebody deletes it with its volume, and by hand on the host, while it is in use.
    let host_claim = space.await_host("pvc", "data");
    let host_name = host_claim["metadata"]["name"].as_str().unwrap();
    space.kubectl("delete pvc data --wait=false").ok();
    space
        .kubectl(&format!("delete pv {volume} --wait=false"))
        .ok();
    space
        .host(&format!(
            "-n {} delete pvc {host_name} --wait=false",
            space.host_namespace
        ))
        .ok();
    assert!(
        !space
            .field("pvc data", ".metadata.deletionTimestamp")
            .is_empty()
    );
    space.sh("user", "echo y >> /data/x");
    assert_eq!(space.field("pvc data", ".status.phase"), "Bound");

    space.kubectl("delete pod user").ok();
    until(
        "both claims and their volumes are gone on both sides",
        || {
            space.host_objects("pvc").is_empty()
                && space.field("pvc", ".items[*].metadata.name").is_empty()
                && space.kubectl(&format!("get pv {volume}")).run().code != 0
        },
    );
}

#[test]
fn a_claim_grows_and_follows_and_the_host_has_the_last_word() {
    let space = Space::new("grows");
    let growing = space.growing_class();
    let claim = |name: &str, class: &str| {
        format!(
            "
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: {class}
  resources: {{requests: {{storage: 16Mi}}}}
"
        )
    };
    space.create_from(&format!(
        "{}{}
---
apiVersion: v1
kind: Pod
metadata: {{name: user}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '100000']
    volumeMounts: [{{name: a, mountPath: /a}}, {{name: b, mountPath: /b}}]
  volumes:
  - {{name: a, persistentVolumeClaim: {{claimName: a}}}}
  - {{name: b, persistentVolumeClaim: {{claimName: b}}}}
",
        claim("a", &growing),
        claim("b", "local-path"),
    ));
    space.await_ready("pod/user");
    for name in ["a", "b"] {
        space.await_field(&format!("pvc {name}"), ".status.phase", "Bound");
    }
    let grow = r#"{"spec":{"resources":{"requests":{"storage":"32Mi"}}}}"#;
    for name in ["a", "b"] {
        until("the class is there, and grows", || {
            let patch = format!("patch pvc {name} -p");
            space.kubectl(&patch).arg(grow).run().code == 0
        });
        space.kubectl(&format!("label pvc {name} grown=yes")).ok();
    }
    until("the larger request is on the host, with the label", || {
        let host = space.await_host("pvc", "a");
        host["spec"]["resources"]["requests"]["storage"] == "32Mi"
            && host["metadata"]["labels"]["grown"] == "yes"
    });
    // As the host's resizer would say it.
    let host_claim = space.await_host("pvc", "a");
    let host_name = host_claim["metadata"]["name"].as_str().unwrap();
    let status = json!({"status": {"capacity": {"storage": "32Mi"}, "conditions": [{
        "type": "FileSystemResizePending", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z",
        "message": format!("{} waits", host_claim["spec"]["volumeName"].as_str().unwrap()),
    }]}});
    space
        .host(&format!(
            "-n {} patch pvc {host_name} --subresource=status --type=merge -p",
            space.host_namespace
        ))
        .arg(&status.to_string())
        .ok();
    space.await_field("pvc a", ".status.capacity.storage", "32Mi");
    let volume = space.field("pvc a", ".spec.volumeName");
    space.await_field(&format!("pv {volume}"), ".spec.capacity.storage", "32Mi");
    assert_eq!(
        space.field("pvc a", ".status.conditions[0].message"),
        format!("{volume} waits")
    );

    // The host's own class does not grow: its words are told, and all else goes on.
    let told = "events --field-selector=involvedObject.name=b,reason=HostRefused";
    until("the host's refusal", || {
        let message = space.field(told, ".items[0].message");
        message.contains("must support resize")
    });
    until("the label has followed all the same", || {
        space.await_host("pvc", "b")["metadata"]["labels"]["grown"] == "yes"
    });
    space.kubectl("delete pod user pvc/a pvc/b").run();
}

/// Claims by which somebody could get at a volume that is not his own.
fn hostile(claim: &str, volume: &str) -> Vec<(&'static str, Value)> {
    let source = |kind: &str, group: Value| json!({"kind": kind, "apiGroup": group, "name": claim});
    vec![
        ("volumeName", json!({"volumeName": volume})),
        ("selector", json!({"selector": {"matchLabels": {"a": "b"}}})),
        ("storageClassName", json!({"storageClassName": ""})),
        (
            "dataSource",
            json!({"dataSource": source("VolumeSnapshot", json!("snapshot.storage.k8s.io"))}),
        ),
        (
            "dataSourceRef",
            json!({"dataSourceRef": source("Populator", json!("example.com"))}),
        ),
    ]
}

#[test]
fn what_could_lead_to_the_volume_of_another_never_reaches_the_host() {
    let space = Space::new("hostile");
    // The control plane's own claim would be called like this; a volume of one's own has the host's root.
    let foreign = format!("data-vc-{}-0", space.cluster);
    let own = space.name("own");
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": own},
        "spec": {
            "capacity": {"storage": "16Mi"}, "accessModes": ["ReadWriteOnce"],
            "storageClassName": "", "hostPath": {"path": "/"},
        },
    });
    space.create_from(&volume.to_string());
    for (field, more) in hostile(&foreign, &own) {
        let mut claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": field.to_lowercase()},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}},
        });
        for (key, value) in more.as_object().unwrap() {
            claim["spec"][key.as_str()] = value.clone();
        }
        space.create_from(&claim.to_string());
    }
    for (field, _) in hostile(&foreign, &own) {
        let name = field.to_lowercase();
        let events =
            format!("events --field-selector=involvedObject.name={name},reason=UnsupportedClaim");
        until(&format!("the refusal of {field}"), || {
            let message = space.field(&events, ".items[0].message");
            message.starts_with(&format!("spec.{}", field.trim_end_matches("Ref")))
        });
    }
    // A clone of a claim of this namespace can only be one of this namespace on the host.
    let clone = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "clone"},
        "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}},
            "dataSource": {"kind": "PersistentVolumeClaim", "name": foreign},
        },
    });
    space.create_from(&clone.to_string());
    let on_host = space.await_host("pvc", "clone");
    let source = on_host["spec"]["dataSource"]["name"].as_str().unwrap();
    assert!(
        source.starts_with(&format!("{foreign}-hostile-")),
        "{source}"
    );
    assert_eq!(space.host_objects("pvc").len(), 1);
    assert_ne!(space.host(&format!("get pv {own}")).run().code, 0);
    space.kubectl(&format!("delete pv {own}")).ok();
    space.kubectl("delete pvc --all").ok();
    space.await_no_host("pvc", "clone");
}

fn claim_with_user(cluster: &Cluster) {
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}},
    }));
    let mut container = agent();
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user"},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [container],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        },
    }));
}

fn write(cluster: &Cluster, word: &str) {
    cluster.running("default", "user");
    cluster
        .kubectl("exec user -- sh -c")
        .arg(&format!("test ! -e /data/word && echo {word} > /data/word"))
        .ok();
}

#[test]
fn two_clusters_have_volumes_of_their_own_a_restart_writes_nothing_and_deleting_one_leaves_none() {
    let sandbox = Sandbox::new("volumes");
    let namespace = sandbox.namespace("volumes");
    let one = Cluster::create_in(sandbox, namespace.clone(), "one", "--sync-storage-classes");
    let two = Cluster::create_in(Sandbox::new("volumes-two"), namespace, "two", "--ephemeral");
    for cluster in [&one, &two] {
        claim_with_user(cluster);
    }

    // The one may read the host's classes, the other knows what its claims tell.
    let class = |cluster: &Cluster| cluster.get("storageclass local-path");
    let on_host = two.host_get("storageclass local-path");
    assert_eq!(class(&one)["provisioner"], on_host["provisioner"]);
    assert_eq!(class(&two)["provisioner"], "vc.internal/host");
    let unused = two.sandbox.growing_class();
    until("a class that nobody uses", || {
        one.kubectl(&format!("get sc {unused}")).run().code == 0
    });
    assert_ne!(two.kubectl(&format!("get sc {unused}")).run().code, 0);
    two.host(&format!("delete storageclass {unused}")).ok();
    until("it is gone", || {
        one.kubectl(&format!("get sc {unused}")).run().code != 0
    });
    for (cluster, word) in [(&one, "first"), (&two, "second")] {
        write(cluster, word);
    }
    let word = |cluster: &Cluster| {
        let read = cluster.kubectl("exec user -- cat /data/word").ok();
        read.output().to_owned()
    };
    assert_eq!((word(&one), word(&two)), ("first".into(), "second".into()));

    // What somebody does to the claim on the host by hand is put back.
    let twin = |cluster: &Cluster| cluster.twin("pvc", "default", "data");
    let before = twin(&one);
    let host_name = before["metadata"]["name"].as_str().unwrap();
    one.host(&format!("label pvc {host_name} vc.internal/namespace-"))
        .ok();
    until("its label is back", || {
        let now = one.find_twin("pvc", "default", "data");
        now.is_some_and(|now| now["metadata"]["uid"] == before["metadata"]["uid"])
    });

    let before = one.host_get("pvc")["items"].clone();
    let claims_before = one.get("pvc,pv,sc")["items"].clone();
    // With the pod its store starts again, and the syncer reads everything anew.
    one.host(&format!("delete pod vc-{}-0", one.name)).ok();
    until("the syncer is ready again", || one.is_syncer_ready());
    assert_eq!(one.host_get("pvc")["items"], before);
    assert_eq!(one.get("pvc,pv,sc")["items"], claims_before);

    let foreign = two.foreign();
    two.in_step_within(Duration::from_secs(5), &foreign);

    one.sandbox
        .vc(&format!("delete {} -n {}", one.name, one.namespace))
        .ok();
    let roles = two.host("get clusterrole,clusterrolebinding -o name").ok();
    assert!(!roles.output().contains(&one.name), "{roles}");
    let left = two.host_get("pvc")["items"].clone();
    let left: Vec<&str> = left
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| claim["metadata"]["name"].as_str().unwrap())
        .collect();
    let of_two = twin(&two)["metadata"]["name"].clone();
    assert_eq!(left, [of_two.as_str().unwrap(), "foreign"]);
    assert_eq!(word(&two), "second");
}
