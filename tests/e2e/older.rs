//! A virtual cluster may be three minor releases older than its host.

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, OLDER_KUBERNETES, Sandbox, Space, until};

/// What both sides have to agree on in a pod's status, of what the older side knows.
fn said(pod: &Value) -> Value {
    let status = &pod["status"];
    let conditions = status["conditions"].as_array().cloned();
    let mut conditions: Vec<Value> = conditions
        .unwrap_or_default()
        .iter()
        .map(|condition| json!([condition["type"], condition["status"]]))
        .collect();
    conditions.sort_by_key(Value::to_string);
    let containers = |field: &str| -> Vec<Value> {
        let all = status[field].as_array().cloned().unwrap_or_default();
        all.iter()
            .map(|one| json!([one["name"], one["state"], one["ready"], one["restartCount"]]))
            .collect()
    };
    json!({
        "phase": status["phase"],
        "podIPs": status["podIPs"],
        "startTime": status["startTime"],
        "conditions": conditions,
        "containers": containers("containerStatuses"),
        "initContainers": containers("initContainerStatuses"),
    })
}

fn workload() -> String {
    format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{name: site}}
data: {{index.html: hello}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: web
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      initContainers:
      - {{name: first, image: {BUSYBOX}, command: [sh, -c, 'cp /site/index.html /data']
          , volumeMounts: [{{name: site, mountPath: /site}}, {{name: data, mountPath: /data}}]}}
      containers:
      - name: main
        image: {BUSYBOX}
        command: [sh, -c, 'echo up; exec httpd -f -p 8080 -h /data']
        readinessProbe: {{httpGet: {{path: /index.html, port: 8080}}, periodSeconds: 1}}
        volumeMounts: [{{name: data, mountPath: /data}}]
      volumes: [{{name: site, configMap: {{name: site}}}}]
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
"
    )
}

#[test]
fn a_cluster_three_minor_releases_older_than_its_host_runs_what_it_is_given() {
    let sandbox = Sandbox::new("older");
    let host_namespace = sandbox.namespace("older");
    let version = format!("--kubernetes-version {OLDER_KUBERNETES}");
    let space = Space::create_with(sandbox, "older", &host_namespace, &version);
    let there = space.kubectl("version -o json").ok().json();
    assert_eq!(there["serverVersion"]["gitVersion"], OLDER_KUBERNETES);

    // Its host's release is too far away for one step.
    let host = space.host("version -o json").ok().json();
    let newer = host["serverVersion"]["gitVersion"].as_str().unwrap();
    let (name, namespace) = (&space.cluster, &space.host_namespace);
    space
        .vc(&format!(
            "upgrade {name} -n {namespace} --kubernetes-version {newer}"
        ))
        .exits(1)
        .says("first to v1.33.x");

    space.create_from(&workload());
    space.kubectl("rollout status statefulset/web").ok();
    assert!(
        space
            .kubectl("logs web-0 -c main")
            .ok()
            .output()
            .contains("up")
    );
    space.pod("client", "sleep 600");
    until("the Service answers by its name", || {
        let address = "nslookup -type=a web.older.svc.cluster.local | grep ^Address: | tail -n +2";
        let ask = r"printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2";
        let script = format!("{ask} $({address} | cut -d ' ' -f 2) 80");
        let heard = space.kubectl("exec client -- sh -c").arg(&script).run();
        heard.stdout.contains("hello")
    });

    // Statuses are the host's, without what the older side does not know of them.
    until("one status on both sides", || {
        let both = (space.find_host("pod", "web-0"), space.get("pod web-0"));
        matches!(&both, (Some(there), here) if said(there) == said(here))
    });
    let host = space.await_host("pod", "web-0");
    let here = space.get("pod web-0");
    assert!(host["status"].get("observedGeneration").is_some(), "{host}");
    assert!(here["status"].get("observedGeneration").is_none(), "{here}");

    // What only the host knows of an object stays when the virtual side changes it.
    let host = space.await_host("service", "web");
    let name = host["metadata"]["name"].as_str().unwrap();
    space
        .kubectl("patch service web --type=merge -p")
        .arg(r#"{"spec":{"sessionAffinity":"ClientIP"}}"#)
        .ok();
    until("the change is on the host", || {
        space.await_host("service", "web")["spec"]["sessionAffinity"] == "ClientIP"
    });
    let after = space.await_host("service", "web");
    assert_eq!(after["metadata"]["name"], name);
    assert_eq!(after["spec"]["clusterIPs"], host["spec"]["clusterIPs"]);

    space
        .kubectl("delete statefulset/web service/web --cascade=foreground")
        .ok();
    space.await_no_host("pod", "web-0");
    space.await_no_host("service", "web");
}
