//! The ConfigMaps and Secrets that pods use are on the host as they are in the virtual cluster, for as
//! long as a pod uses them.

use data_encoding::BASE64;

use crate::harness::{BUSYBOX, Space, until};

#[test]
fn what_a_pod_uses_is_on_the_host_follows_and_goes_with_the_pod() {
    let space = Space::new("followed");
    space
        .kubectl("create configmap used --from-literal=key=first")
        .ok();
    space
        .kubectl("create configmap unused --from-literal=key=never")
        .ok();
    space
        .kubectl("create secret generic used --from-literal=key=hidden")
        .ok();
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: user}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    volumeMounts: [{{name: config, mountPath: /config}}, {{name: secret, mountPath: /secret}}]
  volumes:
  - {{name: config, configMap: {{name: used}}}}
  - {{name: secret, secret: {{secretName: used}}}}
"
    ));
    space.await_ready("pod/user");
    assert_eq!(space.sh("user", "cat /config/key").output(), "first");
    assert_eq!(space.sh("user", "cat /secret/key").output(), "hidden");
    let on_host = space.await_host("configmap", "used");
    assert_eq!(on_host["data"], serde_json::json!({"key": "first"}));
    assert!(space.find_host("configmap", "unused").is_none());

    let patch = |kind: &str, patch: &str| {
        let line = format!("patch {kind} used -p");
        space.kubectl(&line).arg(patch).ok();
    };
    patch("configmap", r#"{"data":{"key":"second","more":"x"}}"#);
    patch("secret", r#"{"stringData":{"key":"changed"}}"#);
    until("the changed ConfigMap in the pod", || {
        space.sh("user", "cat /config/*").output() == "secondx"
    });
    until("the changed Secret in the pod", || {
        space.sh("user", "cat /secret/key").output() == "changed"
    });

    // Somebody on the host removes it and changes the other: both are as they were.
    let name = |object: &serde_json::Value| object["metadata"]["name"].as_str().unwrap().to_owned();
    let host = |line: &str| {
        space
            .host(&format!("-n {} {line}", space.host_namespace))
            .ok()
    };
    host(&format!("delete configmap {}", name(&on_host)));
    until("the ConfigMap on the host again", || {
        let found = space.find_host("configmap", "used");
        found.is_some_and(|found| found["data"]["more"] == "x")
    });
    let secret = name(&space.await_host("secret", "used"));
    host(&format!(
        "patch secret {secret} -p {{\"stringData\":{{\"key\":\"forged\"}}}}"
    ));
    until("the Secret on the host as it was", || {
        space.await_host("secret", "used")["data"]["key"] == BASE64.encode(b"changed")
    });

    space.kubectl("delete pod user").ok();
    space.await_no_host("configmap", "used");
    space.await_no_host("secret", "used");
    let kept = space.field("configmap used", ".data.key");
    assert_eq!(kept, "second");
}

#[test]
fn every_way_of_using_them_works() {
    let space = Space::new("used");
    space.create_from(&format!(
        "
apiVersion: v1
kind: ConfigMap
metadata: {{name: plain}}
data: {{first: one, second: two}}
binaryData: {{bytes: /wAB/g==}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: fixed}}
immutable: true
data: {{key: fixed}}
---
apiVersion: v1
kind: Secret
metadata: {{name: hidden}}
stringData: {{password: swordfish}}
---
apiVersion: v1
kind: Pod
metadata: {{name: user}}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - name: before
    image: {BUSYBOX}
    command: [sh, -c, 'test $KEY = fixed']
    env: [{{name: KEY, valueFrom: {{configMapKeyRef: {{name: fixed, key: key}}}}}}]
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    envFrom:
    - {{prefix: ALL_, configMapRef: {{name: plain}}}}
    - {{secretRef: {{name: hidden}}}}
    - {{configMapRef: {{name: nowhere, optional: true}}}}
    env:
    - {{name: ONE, valueFrom: {{configMapKeyRef: {{name: plain, key: first}}}}}}
    - {{name: NONE, valueFrom: {{secretKeyRef: {{name: hidden, key: nothing, optional: true}}}}}}
    - {{name: BOTH, value: $(ONE)-$(ONE)}}
    volumeMounts:
    - {{name: plain, mountPath: /etc/second.conf, subPath: second}}
    - {{name: all, mountPath: /all}}
    - {{name: nowhere, mountPath: /nowhere}}
  volumes:
  - {{name: plain, configMap: {{name: plain}}}}
  - name: all
    projected:
      defaultMode: 0440
      sources:
      - {{configMap: {{name: plain, items: [{{key: bytes, path: deep/bytes}}]}}}}
      - {{secret: {{name: hidden, items: [{{key: password, path: password, mode: 0400}}]}}}}
      - {{configMap: {{name: fixed}}}}
  - {{name: nowhere, secret: {{secretName: nowhere, optional: true}}}}
"
    ));
    space.await_ready("pod/user");
    assert_eq!(
        space
            .sh(
                "user",
                "env | grep -E '^(ALL_|password|ONE|NONE|BOTH)' | sort"
            )
            .lines(),
        [
            "ALL_first=one",
            "ALL_second=two",
            "BOTH=one-one",
            "ONE=one",
            "password=swordfish"
        ]
    );
    assert_eq!(space.sh("user", "cat /etc/second.conf").output(), "two");
    assert_eq!(
        space.sh("user", "od -An -tx1 /all/deep/bytes").output(),
        "ff 00 01 fe"
    );
    assert_eq!(space.sh("user", "cat /all/key").output(), "fixed");
    assert_eq!(
        space
            .sh("user", "stat -Lc %a /all/password /all/key")
            .lines(),
        ["400", "440"]
    );
    assert_eq!(space.sh("user", "ls /nowhere").output(), "");
    let fixed = space.await_host("configmap", "fixed");
    assert_eq!(fixed["immutable"], true, "{fixed}");

    // An immutable one can be made anew, as upstream.
    space.kubectl("delete configmap fixed").ok();
    space
        .kubectl("create configmap fixed --from-literal=key=renewed")
        .ok();
    until("the new ConfigMap in place of the immutable one", || {
        let found = space.find_host("configmap", "fixed");
        found.is_some_and(|found| found["data"]["key"] == "renewed")
    });
}

#[test]
fn what_a_pod_waits_for_is_brought_when_it_comes() {
    let space = Space::new("late");
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: waiting}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    envFrom: [{{secretRef: {{name: late}}}}]
"
    ));
    let reason = ".status.containerStatuses[0].state.waiting.reason";
    space.await_field("pod waiting", reason, "CreateContainerConfigError");
    let message = space.field(
        "pod waiting",
        ".status.containerStatuses[0].state.waiting.message",
    );
    assert_eq!(message, "secret \"late\" not found");
    space
        .kubectl("create secret generic late --from-literal=CAME=yes")
        .ok();
    space.await_ready("pod/waiting");
    assert_eq!(space.sh("waiting", "echo $CAME").output(), "yes");
}

#[test]
fn a_secret_of_one_mebibyte_and_names_of_253_characters_round_trip() {
    let space = Space::new("bounds");
    // Bytes of every value, in no order that compresses well.
    let mut state: u32 = 1;
    let bytes: Vec<u8> = (0..1 << 20)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    std::fs::write(space.file("big"), &bytes).unwrap();
    let long = format!("{}.{}", "a".repeat(126), "b".repeat(126));
    assert_eq!(long.len(), 253);
    let file = space.file("big");
    let from = format!("--from-file=data={}", file.display());
    space
        .kubectl(&format!("create secret generic {long} {from}"))
        .ok();
    space
        .kubectl(&format!(
            "create configmap {long} --from-literal=key=x-{long}"
        ))
        .ok();
    space.create_from(&format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: {long}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    env: [{{name: LONG, valueFrom: {{configMapKeyRef: {{name: {long}, key: key}}}}}}]
    volumeMounts: [{{name: big, mountPath: /big}}]
  volumes:
  - {{name: big, secret: {{secretName: {long}}}}}
"
    ));
    space.await_ready(&format!("pod/{long}"));
    let here = space.file("here");
    space
        .kubectl(&format!("cp {long}:/big/..data/data {}", here.display()))
        .ok();
    assert!(std::fs::read(&here).unwrap() == bytes, "not the same bytes");

    assert_eq!(space.sh(&long, "echo $LONG").output(), format!("x-{long}"));

    // The host name is as the kubelet cuts it: 63 characters.
    assert_eq!(space.sh(&long, "hostname").output(), "a".repeat(63));
}
