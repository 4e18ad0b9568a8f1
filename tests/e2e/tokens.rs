//! A pod is somebody in its own cluster, by a token that dies with it, and nobody on the host.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::harness::{AGNHOST, BUSYBOX, Space, until};

/// Where a pod has its account's token.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The virtual API server's word on a token.
fn review(space: &Space, token: &str, audiences: &[&str]) -> Value {
    let review = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": {"token": token, "audiences": audiences},
    });
    let call = space
        .kubectl("create -f - -o json")
        .stdin(&review.to_string());
    let Value::Object(mut answer) = call.ok().json() else {
        panic!("a TokenReview is an object");
    };
    answer.remove("status").unwrap_or_default()
}

/// What a token claims.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64");
    serde_json::from_slice(&payload).expect("JSON")
}

#[test]
fn a_client_inside_a_pod_reaches_its_own_api_server_over_verified_tls() {
    let space = Space::new("inside");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: client}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {AGNHOST}
    args: [inclusterclient, --poll-interval, '1']
"
    ));
    space.await_ready("pod/client");
    let mut log = String::new();
    until("a second question of the client in the pod", || {
        log = space.kubectl("logs client").ok().stdout;
        log.matches("calling /healthz").count() > 1
    });
    // It says nothing of an answer that is good.
    assert!(!log.contains("failed"), "{log}");
}

#[test]
fn its_token_is_bound_to_the_pod_and_has_the_audience_and_the_life_that_it_asked_for() {
    let space = Space::new("bound");
    space.create_from(&format!(
        "
apiVersion: v1
kind: ServiceAccount
metadata: {{name: worker}}
---
apiVersion: v1
kind: Pod
metadata: {{name: bound}}
spec:
  serviceAccountName: worker
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    volumeMounts: [{{name: vault, mountPath: /vault}}]
  volumes:
  - name: vault
    projected:
      sources:
      - serviceAccountToken: {{audience: vault.example.com, expirationSeconds: 1200, path: token}}
"
    ));
    space.await_ready("pod/bound");
    let user = "system:serviceaccount:bound:worker";
    let uid = space.field("pod bound", ".metadata.uid");

    let own = space.sh("bound", &format!("cat {TOKEN}"));
    let own = own.output();
    let said = review(&space, own, &[]);
    assert_eq!(said["authenticated"], true, "{said}");
    assert_eq!(said["user"]["username"], user, "{said}");
    let pod = &claims(own)["kubernetes.io"]["pod"];
    assert_eq!(*pod, json!({"name": "bound", "uid": uid}));

    let vault = space.sh("bound", "cat /vault/token");
    let vault = vault.output();
    let claimed = claims(vault);
    assert_eq!(claimed["aud"], json!(["vault.example.com"]), "{claimed}");
    assert_eq!(claimed["sub"], user, "{claimed}");
    let moment = |claim: &str| claimed[claim].as_i64().unwrap();
    assert_eq!(moment("exp") - moment("iat"), 1200, "{claimed}");
    let said = review(&space, vault, &["vault.example.com"]);
    assert_eq!(said["authenticated"], true, "{said}");
    let said = review(&space, vault, &[]);
    assert_ne!(said["authenticated"], true, "another audience: {said}");

    space.kubectl("delete pod bound").ok();
    for (token, audiences) in [(own, [].as_slice()), (vault, &["vault.example.com"])] {
        until("the token's end", || {
            review(&space, token, audiences)["authenticated"] != true
        });
    }
    until("the end of its Secret on the host", || {
        space.host_objects("secret").is_empty()
    });
}

#[test]
fn the_files_of_a_token_are_readable_by_whom_they_are_for() {
    let space = Space::new("modes");
    let pod = |name: &str, context: &str, mode: &str| {
        format!(
            "
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 1
  securityContext: {{{context}}}
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    volumeMounts: [{{name: token, mountPath: /token}}]
  volumes:
  - name: token
    projected:
      defaultMode: {mode}
      sources: [{{serviceAccountToken: {{path: token}}}}]
"
        )
    };
    let group = pod(
        "group",
        "runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000",
        "0444",
    );
    let plain = pod("plain", "runAsUser: 1000", "0444");
    let root = pod("root", "", "0400");
    space.create_from(&format!("{group}{plain}{root}"));
    space.await_ready("pod/group pod/plain pod/root");
    let stat = |pod: &str| {
        space
            .sh(pod, "stat -Lc '%a %g' /token/token")
            .output()
            .to_owned()
    };
    // As upstream: a group's token is the group's alone.
    assert_eq!(stat("group"), "640 2000");
    assert_eq!(stat("plain"), "444 0");
    assert_eq!(stat("root"), "400 0");
    for name in ["group", "plain", "root"] {
        let token = space.sh(name, "cat /token/token");
        assert_eq!(claims(token.output())["kubernetes.io"]["pod"]["name"], name);
        space.sh(name, &format!("test -r {TOKEN}"));
    }
}

#[test]
fn a_pod_finds_the_keys_of_its_token_at_the_issuer_and_checks_it_with_them() {
    let space = Space::new("issuer");
    // Whoever checks tokens needs this right, in any cluster.
    let role = "system:service-account-issuer-discovery";
    space
        .kubectl("create clusterrolebinding issuer")
        .arg(&format!("--clusterrole={role}"))
        .arg("--serviceaccount=issuer:default")
        .ok();
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: checker}}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: {AGNHOST}
    args: [test-service-account-issuer-discovery, --token-path, /token/token, --audience, checker]
    volumeMounts: [{{name: token, mountPath: /token}}]
  volumes:
  - name: token
    projected:
      sources: [{{serviceAccountToken: {{audience: checker, path: token}}}}]
"
    ));
    until("the checker's end", || {
        let phase = space.field("pod checker", ".status.phase");
        ["Succeeded", "Failed"].contains(&phase.as_str())
    });
    let log = space.kubectl("logs checker").ok().stdout;
    assert!(log.contains("OK: Validated signature on JWT"), "{log}");
}

#[test]
fn the_mounted_authority_is_the_virtual_clusters_and_not_the_hosts() {
    let space = Space::new("authority");
    space.pod("one", "sleep 3600");
    let dir = TOKEN.trim_end_matches("/token");
    let mounted = space.sh("one", &format!("cat {dir}/ca.crt"));
    let query =
        "config view --raw --minify -o jsonpath={.clusters[0].cluster.certificate-authority-data}";
    let own = space.kubectl(query).ok();
    let own = String::from_utf8(BASE64.decode(own.output().as_bytes()).unwrap()).unwrap();
    assert_eq!(mounted.output(), own.trim());
    let host = space
        .host(&format!(
            "-n {} get configmap kube-root-ca.crt -o jsonpath={{.data.ca\\.crt}}",
            space.host_namespace
        ))
        .ok();
    assert_ne!(mounted.output(), host.output());
    let namespace = space.sh("one", &format!("cat {dir}/namespace"));
    assert_eq!(namespace.output(), "authority");
    let env = space.sh("one", "env");
    let own_service = format!(
        "-n {} get service vc-{}",
        space.host_namespace, space.cluster
    );
    let address = space
        .host(&format!("{own_service} -o jsonpath={{.spec.clusterIP}}"))
        .ok();
    let line = format!("KUBERNETES_SERVICE_HOST={}", address.output());
    assert!(env.lines().contains(&line.as_str()), "{env}");
}

#[test]
fn on_the_host_the_pod_is_nobody() {
    let space = Space::new("nobody");
    space.create_from(&format!(
        "
apiVersion: v1
kind: ServiceAccount
metadata: {{name: default-of-host}}
---
apiVersion: v1
kind: Pod
metadata: {{name: one}}
spec:
  serviceAccountName: default-of-host
  automountServiceAccountToken: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
"
    ));
    space.await_ready("pod/one");
    let host_pod = space.await_host("pod", "one");
    let spec = &host_pod["spec"];
    assert_eq!(spec["automountServiceAccountToken"], false, "{spec}");
    let account = format!("vc-{}-workload", space.cluster);
    assert_eq!(spec["serviceAccountName"], account, "{spec}");
    for volume in spec["volumes"].as_array().unwrap() {
        assert!(
            !volume.to_string().contains("serviceAccountToken"),
            "{volume}"
        );
    }
    let host = &space.host_namespace;
    let rights = [
        "get secrets",
        "list pods",
        "create pods",
        "get configmaps",
        "create pods/exec",
        "list nodes",
        "list namespaces",
    ];
    for right in rights {
        let line =
            format!("-n {host} auth can-i {right} --as=system:serviceaccount:{host}:{account}");
        assert_eq!(space.host(&line).exits(1).output(), "no", "{right}");
    }
    // A token of the virtual cluster is nothing to the host.
    let token = space.sh("one", &format!("cat {TOKEN}"));
    space
        .host("auth whoami")
        .env("KUBECONFIG", "/dev/null")
        .arg(&format!("--server={}", space.host_server()))
        .arg("--insecure-skip-tls-verify")
        .arg(&format!("--token={}", token.output()))
        .exits(1)
        .says("Unauthorized");
}
