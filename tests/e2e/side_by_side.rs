//! Two virtual clusters in one host namespace run the same workload, and neither knows of the other.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use expectrl::process::unix::WaitStatus;
use expectrl::{Eof, Expect};
use serde_json::json;

use crate::harness::{BUSYBOX, Sandbox, Space, until};

/// The workload: the same names and labels in both; `whose` is what tells them apart.
fn workload(whose: &str) -> String {
    format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{name: web, labels: {{app: web}}}}
data: {{whose: {whose}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: web, labels: {{app: web}}}}
stringData: {{password: of-{whose}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{app: web}}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      initContainers:
      - name: before
        image: {BUSYBOX}
        command: [sh, -c, 'cp /config/whose /site/index.html']
        volumeMounts: [{{name: work, mountPath: /site}}, {{name: config, mountPath: /config}}]
      - name: beside
        image: {BUSYBOX}
        restartPolicy: Always
        command: [sh, -c, 'while true; do echo tick; sleep 0.2; done']
      containers:
      - name: main
        image: {BUSYBOX}
        command: [sh, -c, 'echo up; exec httpd -f -p 8080 -h /site']
        env: [{{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: web, key: password}}}}}}]
        readinessProbe: {{httpGet: {{path: /index.html, port: 8080}}, periodSeconds: 1}}
        volumeMounts: [{{name: work, mountPath: /site}}, {{name: token, mountPath: /token}}]
      volumes:
      - {{name: work, emptyDir: {{}}}}
      - {{name: config, configMap: {{name: web}}}}
      - name: token
        projected: {{sources: [{{serviceAccountToken: {{path: token, audience: web}}}}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: once, labels: {{app: web}}}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - {{name: main, image: {BUSYBOX}, command: [sh, -c, 'echo job of $WHOSE'],
          env: [{{name: WHOSE, valueFrom: {{configMapKeyRef: {{name: web, key: whose}}}}}}]}}
"
    )
}

#[test]
fn two_virtual_clusters_in_one_namespace_run_the_same_workload_each_its_own() {
    let (user_of_a, user_of_b) = (Sandbox::new("side-a"), Sandbox::new("side-b"));
    let namespace = user_of_a.namespace("side");
    user_of_a
        .host(&format!("-n {namespace} create configmap of-the-host"))
        .ok();
    {
        let a = Space::create(user_of_a, "team", &namespace);
        let b = Space::create(user_of_b, "team", &namespace);
        thread::scope(|both| {
            for (space, whose) in [(&a, "a"), (&b, "b")] {
                both.spawn(move || {
                    check_workload(space, whose);
                    check_streams(space, whose);
                    check_terminal(space);
                    check_attach_and_debug(space);
                    check_changes(space);
                });
            }
        });
        check_tokens(&a, &b);
        a.vc(&format!("delete {} -n {namespace}", a.cluster)).ok();
        // The other one goes on.
        check_alone(&b, "b");
        b.vc(&format!("delete {} -n {namespace}", b.cluster)).ok();
        assert_eq!(a.objects(&namespace), ["configmap/of-the-host"]);
    }
}

/// Name of one of the Deployment's pods.
fn one(space: &Space) -> String {
    let of_pods = "pods -l app=web --field-selector=status.phase=Running";
    let running = space.field(of_pods, ".items[*].metadata.name");
    running.split(' ').next().unwrap_or_default().to_owned()
}

/// Each of three pods is this cluster's own, by its files, its environment and its answer.
fn check_alone(space: &Space, whose: &str) {
    let pods = space.field("pods -A -l app=web", ".items[*].metadata.name");
    let pods: Vec<&str> = pods.split(' ').collect();
    assert_eq!(pods.len(), 3, "{pods:?}");
    for pod in pods {
        let script = "cat /site/index.html; echo; echo $PASSWORD";
        let said = space
            .kubectl(&format!("exec {pod} -c main -- sh -c"))
            .arg(script)
            .ok();
        assert_eq!(said.lines(), [whose, &format!("of-{whose}")]);
    }
}

fn check_workload(space: &Space, whose: &str) {
    space.create_from(&workload(whose));
    space
        .kubectl("rollout status deployment/web --timeout=120s")
        .ok();
    space
        .kubectl("wait --for=condition=Complete --timeout=90s job/once")
        .ok();
    check_alone(space, whose);
    let log = space.kubectl("logs job/once").ok();
    assert_eq!(log.output(), format!("job of {whose}"));
    let others = space.kubectl("get pods -A -o name").ok();
    assert_eq!(others.lines().len(), 4, "{others}");
}

fn check_streams(space: &Space, whose: &str) {
    let pod = one(space);
    let log = space.kubectl(&format!("logs -f {pod} -c beside")).start();
    assert!(log.prints("tick\ntick\n"), "streamed before its end");
    log.kill_hard();

    let piped = space
        .kubectl(&format!("exec -i {pod} -c main -- sh -c"))
        .arg("cat; exit 7")
        .stdin("through a pipe")
        .exits(7);
    assert_eq!(piped.stdout, "through a pipe");

    let (there, back) = (space.file("there"), space.file("back"));
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    std::fs::write(&there, &bytes).unwrap();
    let (there, back_file) = (there.display(), back.display());
    space
        .kubectl(&format!("cp -c main {there} {pod}:/tmp/copied"))
        .ok();
    space
        .kubectl(&format!("cp -c main {pod}:/tmp/copied {back_file}"))
        .ok();
    assert!(std::fs::read(&back).unwrap() == bytes, "not the same bytes");

    let forward = space
        .kubectl(&format!("port-forward pod/{pod} :8080"))
        .start();
    assert!(forward.prints("-> 8080"));
    let said = forward.output();
    let port = said
        .split([':', ' '])
        .find_map(|word| word.parse::<u16>().ok());
    let port = port.unwrap_or_else(|| panic!("no port in {said}"));
    for _ in 0..3 {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .write_all(b"GET /index.html HTTP/1.0\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") || answer.starts_with("HTTP/1.0 200 OK"),
            "{answer}"
        );
        assert!(answer.ends_with(&format!("\r\n\r\n{whose}")), "{answer}");
    }
    forward.kill_hard();
}

/// A shell on a terminal: what is typed reaches it, it is a terminal, and its code comes back.
fn check_terminal(space: &Space) {
    let pod = one(space);
    let mut terminal = space
        .kubectl(&format!("exec -it {pod} -c main -- sh"))
        .on_terminal();
    terminal.expect("# ").unwrap();
    terminal
        .send_line("test -t 0 && echo a-$((40 + 2))-terminal")
        .unwrap();
    terminal.expect("a-42-terminal").unwrap();
    terminal.send_line("exit 5").unwrap();
    terminal.expect(Eof).unwrap();
    match terminal.get_process().wait().unwrap() {
        WaitStatus::Exited(_, code) => assert_eq!(code, 5),
        other => panic!("{other:?}"),
    }
}

fn check_attach_and_debug(space: &Space) {
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: listens}}
spec:
  restartPolicy: Never
  containers:
  - {{name: main, image: {BUSYBOX}, stdin: true, stdinOnce: true, command: [sh, -c, 'sed s/^/heard:/']}}
"
    ));
    space.await_ready("pod/listens");
    let attached = space
        .kubectl("attach -i listens -c main")
        .stdin("one\ntwo\n")
        .ok();
    assert!(
        attached.stdout.contains("heard:one\nheard:two\n"),
        "{attached}"
    );
    space.await_field("pod listens", ".status.phase", "Succeeded");
    space.kubectl("delete pod listens").ok();

    let pod = one(space);
    space
        .kubectl(&format!(
            "debug {pod} --image={BUSYBOX} -c looks -- echo looking"
        ))
        .ok();
    until("the ephemeral container has run", || {
        let log = space.kubectl(&format!("logs {pod} -c looks")).run();
        log.stdout == "looking\n"
    });
    let ended = ".status.ephemeralContainerStatuses[0].state.terminated.exitCode";
    space.await_field(&format!("pod {pod}"), ended, "0");
}

fn check_changes(space: &Space) {
    let uids = || space.field("pods -l app=web", ".items[*].metadata.uid");
    let settled = || {
        space
            .kubectl("rollout status deployment/web --timeout=120s")
            .ok();
        until("three pods and no other", || uids().split(' ').count() == 3);
        uids()
    };
    let before = settled();
    space.kubectl("rollout restart deployment/web").ok();
    let restarted = settled();
    assert!(before.split(' ').all(|uid| !restarted.contains(uid)));

    space.kubectl("scale deployment/web --replicas=1").ok();
    until("one pod is left, on both sides", || {
        let on_host = space.host_objects("pod");
        let of_web = |pod: &&serde_json::Value| pod["metadata"]["labels"]["app"] == "web";
        uids().split(' ').count() == 1 && on_host.iter().filter(of_web).count() == 1
    });
    space.kubectl("scale deployment/web --replicas=3").ok();
    let scaled = settled();

    let node = space.field("nodes", ".items[0].metadata.name");
    space
        .kubectl(&format!(
            "drain {node} --pod-selector=app=web --delete-emptydir-data --timeout=90s"
        ))
        .ok();
    space.kubectl(&format!("uncordon {node}")).ok();
    let drained = settled();
    assert!(scaled.split(' ').all(|uid| !drained.contains(uid)));
    space.await_ready("pod -l app=web");
}

/// What is one cluster's identity is nothing to the other.
fn check_tokens(a: &Space, b: &Space) {
    let pod = one(a);
    let token = a
        .kubectl(&format!("exec {pod} -c main -- cat /token/token"))
        .ok();
    for (space, is_known) in [(a, true), (b, false)] {
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token.output(), "audiences": ["web"]},
        });
        let answer = space
            .kubectl("create -f - -o json")
            .stdin(&review.to_string())
            .ok()
            .json();
        let is_authenticated = answer["status"]["authenticated"] == true;
        assert_eq!(is_authenticated, is_known, "{answer}");
    }
}
