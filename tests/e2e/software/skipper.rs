//! Skipper, a reverse proxy that serves the Ingresses of the cluster that it runs in.

use crate::harness::{AGNHOST, SKIPPER, Space, until};

fn manifest(namespace: &str) -> String {
    let backends = ["a", "b"].map(backend).join("---");
    format!(
        "
apiVersion: v1
kind: ServiceAccount
metadata: {{name: skipper}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: skipper}}
rules:
- {{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list]}}
- {{apiGroups: [''], resources: [namespaces, services, endpoints, pods], verbs: [get, list]}}
- {{apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: skipper}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: skipper}}
subjects: [{{kind: ServiceAccount, name: skipper, namespace: {namespace}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: skipper}}
spec:
  selector: {{matchLabels: {{app: skipper}}}}
  template:
    metadata: {{labels: {{app: skipper}}}}
    spec:
      serviceAccountName: skipper
      terminationGracePeriodSeconds: 1
      containers:
      - name: skipper
        image: {SKIPPER}
        args: [skipper, -kubernetes, -kubernetes-in-cluster, -enable-kubernetes-endpointslices,
          -kubernetes-path-mode=path-prefix, '-address=:9999', -wait-first-route-load,
          -proxy-preserve-host, -reverse-source-predicate, -source-poll-timeout=500]
        ports: [{{name: ingress, containerPort: 9999}}]
        readinessProbe: {{httpGet: {{path: /kube-system/healthz, port: ingress}}, periodSeconds: 1}}
        securityContext: {{readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: 1000}}
---
apiVersion: v1
kind: Service
metadata: {{name: skipper}}
spec:
  selector: {{app: skipper}}
  ports: [{{port: 80, targetPort: ingress}}]
---
{backends}"
    )
}

/// Pods that say their name, and their Service.
fn backend(name: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: main, image: {AGNHOST}, args: [netexec, --http-port=8080]}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
"
    )
}

/// One host that both backends share by path, and one of `b` alone.
const INGRESSES: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shared}
spec:
  rules:
  - host: shared.example.com
    http:
      paths:
      - {path: /hostname, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
      - {path: /hostName, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: alone}
spec:
  rules:
  - host: b.example.com
    http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}]
";

/// Installs it, then makes the Ingresses.
pub(super) fn is_of_use(space: &Space) {
    space.create_from(&manifest(&space.name));
    space.pod("visitor", "exec sleep 100000");
    for name in ["skipper", "a", "b"] {
        space
            .kubectl(&format!("rollout status deployment/{name} --timeout=90s"))
            .ok();
    }
    assert_eq!(
        ask(space, "b.example.com", "/hostname"),
        "wget: server returned error: HTTP/1.1 404 Not Found"
    );
    space.create_from(INGRESSES);
    serves(space);
}

/// What is behind a Service becomes more.
pub(super) fn follows(space: &Space) {
    serves(space);
    space.kubectl("scale deployment b --replicas=2").ok();
    let mut seen = std::collections::BTreeSet::new();
    until("both pods of b have answered", || {
        seen.insert(ask(space, "b.example.com", "/hostname"));
        seen.len() == 2
    });
}

/// Waits until hosts and paths lead where the Ingresses say.
fn serves(space: &Space) {
    for (host, path, backend) in [
        ("shared.example.com", "/hostname", "a-"),
        ("shared.example.com", "/hostName", "b-"),
        ("b.example.com", "/hostname", "b-"),
    ] {
        until(&format!("{backend} answers for {host}{path}"), || {
            ask(space, host, path).starts_with(backend)
        });
    }
}

/// What the proxy answers to a pod that asks it by its Service's address; its error, if it is one.
fn ask(space: &Space, host: &str, path: &str) -> String {
    let script = format!(
        "wget -q -O - --header 'Host: {host}' http://$SKIPPER_SERVICE_HOST{path} 2>&1; true"
    );
    space.sh("visitor", &script).output().to_owned()
}
