//! Kinds that are synced by option: Ingresses, NetworkPolicies and budgets by default, classes of the host and
//! custom resources when they are asked for.

use serde_json::{Value, json};

use crate::harness::{AGNHOST, Cluster, Sandbox, Space, software, until};

/// A web server of two pods with all that people put around one.
fn web() -> String {
    format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: web-tls}}
type: Opaque
stringData: {{tls.crt: a, tls.key: b}}
---
{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: main, image: {AGNHOST}, args: [pause]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: kube-system/of-somebody-else
spec:
  tls: [{{hosts: [web.example.com], secretName: web-tls}}]
  rules:
  - host: web.example.com
    http:
      paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: web}}
spec:
  podSelector: {{matchLabels: {{app: web}}}}
  ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{team: a}}}}}}]}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web}}
spec:
  maxUnavailable: 50%
  selector: {{matchLabels: {{app: web}}}}
"
    )
}

fn host_name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

#[test]
fn what_people_put_around_a_deployment_works_on_the_host_and_follows() {
    let space = Space::new("around");
    space.create_from(&web());
    let on_host = format!("-n {}", space.host_namespace);

    // An Ingress names the host's Service and Secret, and that comes with it.
    let ingress = space.await_host("ingress", "web");
    let backend = "/spec/rules/0/http/paths/0/backend/service/name";
    let service = host_name(&space.await_host("service", "web"));
    assert_eq!(ingress.pointer(backend).unwrap(), &json!(service));
    let secret = host_name(&space.await_host("secret", "web-tls"));
    assert_eq!(ingress["spec"]["tls"][0]["secretName"], secret);
    assert!(
        !ingress.to_string().contains("of-somebody-else"),
        "{ingress}"
    );
    until("it is told what is left out", || {
        let told = space.field(
            "events --field-selector=involvedObject.kind=Ingress",
            ".items[*].message",
        );
        told.contains("auth-tls-secret")
    });
    let status = json!({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}});
    let name = host_name(&ingress);
    space
        .host(&format!(
            "{on_host} patch ingress {name} --subresource=status --type=merge -p"
        ))
        .arg(&status.to_string())
        .ok();
    space.await_field(
        "ingress web",
        ".status.loadBalancer.ingress[0].ip",
        "192.0.2.7",
    );

    // A policy is about pods of this namespace, and what is done to it by hand is undone.
    let policy = space.await_host("networkpolicy", "web");
    let selector = &policy["spec"]["podSelector"];
    assert_eq!(
        selector["matchLabels"]["vc.internal/cluster"],
        space.cluster
    );
    for by_hand in [
        "patch networkpolicy NAME --type=merge -p {\"spec\":{\"podSelector\":{\"matchLabels\":{\"app\":null}}}}",
        "delete networkpolicy NAME",
    ] {
        let line = by_hand.replace("NAME", &host_name(&policy));
        space.host(&format!("{on_host} {line}")).ok();
        until("the policy is as it was", || {
            let found = space.find_host("networkpolicy", "web");
            found.is_some_and(|found| found["spec"] == policy["spec"])
        });
    }

    space.await_ready("pod -l app=web");
    check_budget(&space, &on_host);
    follow_and_go(&space);
}

/// The host may evict as many pods as the budget inside allows.
fn check_budget(space: &Space, on_host: &str) {
    until("the budget counts", || {
        let found = space.find_host("pdb", "web");
        found.is_some_and(|found| {
            found["spec"]["minAvailable"] == 1 && found["status"]["disruptionsAllowed"] == 1
        })
    });
    let pods = space.host_objects("pod");
    let evict = |pod: &Value| {
        let name = host_name(pod);
        let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"name": name, "namespace": space.host_namespace}});
        let path = format!(
            "/api/v1/namespaces/{}/pods/{name}/eviction",
            space.host_namespace
        );
        let line = format!("{on_host} create --raw {path} -f -");
        space.host(&line).stdin(&eviction.to_string()).run()
    };
    assert_eq!(evict(&pods[0]).code, 0);
    let second = evict(&pods[1]);
    assert!(
        second.stderr.contains("disruption budget"),
        "{}",
        second.stderr
    );
}

fn follow_and_go(space: &Space) {
    space
        .kubectl("patch ingress web --type=json -p")
        .arg(r#"[{"op":"remove","path":"/spec/tls"},{"op":"replace","path":"/spec/rules/0/host","value":"b.example.com"}]"#)
        .ok();
    until(
        "the change is on the host, and the Secret that nothing uses is not",
        || {
            let found = space.find_host("ingress", "web").unwrap();
            found["spec"]["tls"].is_null()
                && found["spec"]["rules"][0]["host"] == "b.example.com"
                && space.find_host("secret", "web-tls").is_none()
        },
    );
    for kind in ["ingress", "networkpolicy", "pdb"] {
        space.kubectl(&format!("delete {kind} web")).ok();
        space.await_no_host(kind, "web");
    }
}

fn definition(group: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {
            "group": group,
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {"spec": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": true,
                        "properties": {"replicas": {"type": "integer", "default": 3}},
                    }},
                }},
            }],
        },
    })
}

fn widget(group: &str, spec: &Value) -> Value {
    json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": "w", "namespace": "default"},
        "spec": spec})
}

#[test]
fn custom_resources_go_by_a_description_and_classes_of_the_host_are_shown() {
    let sandbox = Sandbox::new("custom");
    let word = sandbox.word();
    let group = format!("{word}.example.com");
    sandbox.host_wide(
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": word}, "value": 1000, "description": "of the host"}),
    );
    sandbox.host_wide(
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
        "metadata": {"name": word}, "spec": {"controller": "example.com/c"}}),
    );
    let file = sandbox.file("vc.yaml");
    let cluster_file = format!(
        "
apiVersion: vc.internal/v1alpha1
kind: VirtualCluster
spec:
  ephemeral: true
  sync:
    kinds: [priorityclasses, ingressclasses]
    without: [ingresses]
    custom:
    - group: {group}
      version: v1
      kind: Widget
      plural: widgets
      references: [{{path: spec.secretName, kind: Secret}}]
      selectors: [spec.selector]
"
    );
    std::fs::write(&file, cluster_file).unwrap();
    let namespace = sandbox.namespace("custom");
    let options = format!("-f {}", file.display());
    let cluster = Cluster::create_in(sandbox, namespace, "custom", &options);
    custom(&cluster, &group);
    classes(&cluster, &word);
    let name = &cluster.name;
    cluster.sandbox.vc(&format!("delete {name}")).ok();
    assert_eq!(cluster.sandbox.objects(&cluster.namespace), [""; 0]);
    let roles = cluster
        .sandbox
        .host("get clusterroles,clusterrolebindings -o name")
        .ok();
    assert!(!roles.output().contains(name), "{}", roles.output());
}

fn custom(cluster: &Cluster, group: &str) {
    // The kind is defined after the cluster was made, in the virtual cluster first.
    cluster.apply(&definition(group));
    let defined = format!("wait --for=condition=Established crd/widgets.{group}");
    cluster.kubectl(&defined).ok();
    cluster
        .kubectl("create secret generic s --from-literal=a=b")
        .ok();
    let spec = json!({"secretName": "s", "selector": {"matchLabels": {"app": "w"}}, "size": 1, "old": true});
    cluster.apply(&widget(group, &spec));
    cluster.told("default", "w", "HostRefused", "has no widgets");
    cluster.sandbox.host_wide(definition(group));

    let kind = format!("widgets.{group}");
    until("the host knows the kind", || {
        cluster.host(&format!("get {kind}")).run().code == 0
    });
    let twin = cluster.twin(&kind, "default", "w");
    let secret = cluster.twin("secret", "default", "s");
    assert_eq!(twin["spec"]["secretName"], secret["metadata"]["name"]);
    assert_eq!(twin["spec"]["replicas"], 3);
    let labels = &twin["spec"]["selector"]["matchLabels"];
    assert_eq!(labels["vc.internal/cluster"], cluster.name);

    // Somebody on the host works on it: what he adds stays, and his status is told inside.
    let name = host_name(&twin);
    cluster
        .host(&format!("patch {kind} {name} --type=merge -p"))
        .arg(r#"{"spec":{"theirs":true}}"#)
        .ok();
    let status = json!({"status": {"ready": true, "message": format!("made {name}")}});
    cluster
        .host(&format!(
            "patch {kind} {name} --subresource=status --type=merge -p"
        ))
        .arg(&status.to_string())
        .ok();
    until("its status", || {
        cluster.get(&format!("{kind} w"))["status"]["message"] == "made w"
    });
    let spec = json!({"secretName": "s", "selector": {"matchLabels": {"app": "w"}}, "size": 2});
    cluster
        .kubectl("replace -f -")
        .stdin(&widget(group, &spec).to_string())
        .ok();
    until("it follows", || {
        cluster.twin(&kind, "default", "w")["spec"]["size"] == 2
    });
    let twin = cluster.twin(&kind, "default", "w");
    assert_eq!(twin["spec"]["theirs"], true);
    assert!(twin["spec"]["old"].is_null(), "{twin}");
    cluster.kubectl(&format!("delete {kind} w")).ok();
    until("it is gone, and what it used", || {
        cluster.find_twin(&kind, "default", "w").is_none()
            && cluster.find_twin("secret", "default", "s").is_none()
    });
}

fn classes(cluster: &Cluster, word: &str) {
    until("the classes are shown", || {
        let get = format!("get priorityclass/{word} ingressclass/{word}");
        cluster.kubectl(&get).run().code == 0
    });
    // A class of the host's may be chosen; one of the virtual cluster's own means nothing there.
    cluster.kubectl("create priorityclass mine --value=7").ok();
    for (pod, class, priority) in [("high", word, 1000), ("own", "mine", 0)] {
        cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": "default"},
            "spec": {
                "priorityClassName": class, "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "main", "image": AGNHOST, "args": ["pause"]}],
            },
        }));
        cluster.running("default", pod);
        let twin = cluster.twin("pod", "default", pod);
        assert_eq!(twin["spec"]["priority"], priority, "{twin}");
    }
    cluster.host(&format!("delete priorityclass {word}")).ok();
    until("it is not shown any longer", || {
        cluster
            .kubectl(&format!("get priorityclass {word}"))
            .run()
            .code
            != 0
    });
    cluster.kubectl("get priorityclass mine").ok();
    // Without being synced an Ingress stays inside.
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "i", "namespace": "default"},
        "spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}});
    cluster.apply(&ingress);
    assert!(cluster.twins("ingress").is_empty());
}

#[test]
fn snapshots_of_volumes_are_the_hosts_and_claims_may_begin_with_them() {
    let sandbox = Sandbox::new("snapshots");
    let word = sandbox.word();
    let definitions = ["volumesnapshots", "volumesnapshotclasses"].map(|kind| {
        let file = format!("volumesnapshots/snapshot.storage.k8s.io_{kind}.yaml");
        let text = std::fs::read_to_string(software().join(file)).unwrap();
        serde_saphyr::from_str::<Value>(&text).unwrap()
    });
    for definition in &definitions {
        sandbox.host_wide(definition.clone());
    }
    let group = "snapshot.storage.k8s.io";
    let api = format!("{group}/v1");
    until("the host knows snapshots", || {
        let known = format!("get volumesnapshots.{group},volumesnapshotclasses.{group}");
        sandbox.host(&known).run().code == 0
    });
    let class = json!({"apiVersion": api, "kind": "VolumeSnapshotClass", "metadata": {"name": word},
        "driver": "example.com", "deletionPolicy": "Delete"});
    sandbox.host_wide(class);
    let namespace = sandbox.namespace("snapshots");
    let options = "--ephemeral --sync volumesnapshots,volumesnapshotclasses";
    let cluster = Cluster::create_in(sandbox, namespace, "snapshots", options);
    for definition in &definitions {
        cluster.apply(definition);
    }
    until("the class is shown", || {
        let get = format!("get volumesnapshotclass {word}");
        cluster.kubectl(&get).run().code == 0
    });

    let claim = |name: &str, source: &Value| {
        let mut claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}}});
        if !source.is_null() {
            claim["spec"]["dataSource"] = source.clone();
        }
        cluster.apply(&claim);
    };
    let snapshot = |name: &str, source: &Value| {
        cluster.apply(&json!({"apiVersion": api, "kind": "VolumeSnapshot",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"volumeSnapshotClassName": word, "source": source}}));
    };
    claim("data", &Value::Null);
    snapshot("before", &json!({"persistentVolumeClaimName": "data"}));
    let volume = cluster.twin("pvc", "default", "data");
    let twin = cluster.twin("volumesnapshot", "default", "before");
    let source = &twin["spec"]["source"]["persistentVolumeClaimName"];
    assert_eq!(source, &volume["metadata"]["name"]);
    assert_eq!(twin["spec"]["volumeSnapshotClassName"], *word);

    // What the host's snapshot controller says of it is told inside.
    let name = host_name(&twin);
    let status = json!({"status": {"readyToUse": true, "restoreSize": "16Mi",
        "boundVolumeSnapshotContentName": "snapcontent-1", "creationTime": "2026-01-02T03:04:05Z"}});
    cluster
        .host(&format!(
            "patch volumesnapshot {name} --subresource=status --type=merge -p"
        ))
        .arg(&status.to_string())
        .ok();
    until("it can be used", || {
        cluster.get("volumesnapshot before")["status"]["readyToUse"] == true
    });

    let source = json!({"apiGroup": group, "kind": "VolumeSnapshot", "name": "before"});
    claim("again", &source);
    let again = cluster.twin("pvc", "default", "again");
    assert_eq!(again["spec"]["dataSource"]["name"], *name);

    // A snapshot of somebody else's volume cannot be named by what the host calls it.
    snapshot(
        "stolen",
        &json!({"volumeSnapshotContentName": "snapcontent-1"}),
    );
    cluster.told("default", "stolen", "HostRefused", "source");
    assert!(
        cluster
            .find_twin("volumesnapshot", "default", "stolen")
            .is_none()
    );

    cluster.kubectl("delete volumesnapshot before stolen").ok();
    until("it is gone", || cluster.twins("volumesnapshot").is_empty());
}

#[test]
fn chosen_objects_of_the_host_are_shown_and_can_only_be_read() {
    let sandbox = Sandbox::new("imports");
    let namespace = sandbox.namespace("imports");
    let own = format!("-n {namespace}");
    for line in [
        "create configmap shared --from-literal=a=1",
        "create secret generic shared --from-literal=a=1",
        "create service clusterip shared --tcp=80:8080",
    ] {
        sandbox.host(&format!("{own} {line}")).ok();
    }
    let file = sandbox.file("vc.yaml");
    let cluster_file = "
apiVersion: vc.internal/v1alpha1
kind: VirtualCluster
spec:
  ephemeral: true
  sync:
    fromHost:
    - {kind: ConfigMap, name: shared}
    - {kind: Secret, name: shared, namespace: later, as: theirs}
    - {kind: Service, name: shared}
";
    std::fs::write(&file, cluster_file).unwrap();
    let options = format!("-f {}", file.display());
    let cluster = Cluster::create_in(sandbox, namespace, "imports", &options);
    let data = |what: &str| {
        let found = cluster.kubectl(&format!("get {what} -o json")).run();
        (found.code == 0).then(|| found.json())
    };
    until("the ConfigMap is shown", || {
        data("configmap shared").is_some()
    });
    cluster.kubectl("create namespace later").ok();
    until("the Secret is shown when its namespace is there", || {
        data("-n later secret theirs").is_some_and(|secret| secret["data"]["a"] == "MQ==")
    });
    let on_host = cluster.host_get("service shared");
    until("the Service is shown", || data("service shared").is_some());
    let inside = cluster.get("service shared");
    assert_eq!(inside["spec"]["clusterIP"], on_host["spec"]["clusterIP"]);
    assert!(inside["spec"]["selector"].is_null(), "{inside}");
    cluster
        .kubectl("patch service shared --type=merge -p")
        .arg(r#"{"spec":{"type":"NodePort"}}"#)
        .exits(1)
        .says("can only be read");

    // It follows the host, and what is done to it inside is undone.
    cluster
        .host("patch configmap shared --type=merge -p")
        .arg(r#"{"data":{"a":null,"b":"2"}}"#)
        .ok();
    let is_new = || data("configmap shared").is_some_and(|map| map["data"] == json!({"b": "2"}));
    until("it follows", is_new);
    cluster
        .kubectl("patch configmap shared --type=merge -p")
        .arg(r#"{"data":{"mine":"3"}}"#)
        .ok();
    until("it is as it was", is_new);
    cluster
        .kubectl("delete service/shared configmap/shared")
        .ok();
    until("they are back", || {
        is_new() && data("service shared").is_some()
    });
    assert!(
        cluster
            .twins("service")
            .iter()
            .all(|twin| !twin.to_string().contains("shared"))
    );
    cluster.host("delete secret shared").ok();
    until("it is gone with the host's", || {
        data("-n later secret theirs").is_none()
    });
}
