//! The control plane has no power over the host, and its keys are in Secrets alone.

use data_encoding::BASE64;
use serde_json::Value;

use crate::harness::{Sandbox, shared};

fn get(sandbox: &Sandbox, line: &str) -> Value {
    let namespace = &shared().namespace;
    sandbox
        .host(&format!("-n {namespace} get {line} -o json"))
        .ok()
        .json()
}

#[test]
fn its_pod_runs_as_nobody_in_particular_and_holds_no_token() {
    let (cluster, sandbox) = (shared(), Sandbox::new("pod"));
    let pod = get(&sandbox, &format!("pod vc-{}-0", cluster.name));
    let spec = &pod["spec"];
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
    assert_eq!(spec["securityContext"]["runAsUser"], 65532);
    for volume in spec["volumes"].as_array().unwrap() {
        assert!(volume.get("projected").is_none(), "a token in {volume}");
        assert!(
            volume.get("hostPath").is_none(),
            "the node's files in {volume}"
        );
    }
    for container in spec["containers"].as_array().unwrap() {
        let context = &container["securityContext"];
        assert_eq!(context["allowPrivilegeEscalation"], false);
        assert_eq!(context["readOnlyRootFilesystem"], true);
        assert_eq!(context["capabilities"]["drop"], serde_json::json!(["ALL"]));
    }
}

#[test]
fn its_account_may_do_nothing_on_the_host() {
    let (cluster, sandbox) = (shared(), Sandbox::new("account"));
    let account = format!(
        "system:serviceaccount:{}:vc-{}",
        cluster.namespace, cluster.name
    );
    for right in ["get secrets", "create pods", "list configmaps"] {
        let answer = sandbox
            .host(&format!(
                "-n {} auth can-i {right} --as={account}",
                cluster.namespace
            ))
            .exits(1);
        assert_eq!(answer.output(), "no");
    }
}

#[test]
fn no_key_is_anywhere_but_in_secrets() {
    let (cluster, sandbox) = (shared(), Sandbox::new("keys"));
    let secret = get(&sandbox, &format!("secret vc-{}-pki", cluster.name));
    let data = secret["data"].as_object().unwrap();
    let keys: Vec<&str> = data
        .iter()
        .filter(|(name, _)| name.rsplit_once('.').is_some_and(|(_, end)| end == "key"))
        .map(|(_, value)| value.as_str().unwrap())
        .collect();
    assert!(!keys.is_empty());
    let kinds = "configmap,statefulset,controllerrevision,pod,service,serviceaccount,event";
    let all = get(&sandbox, kinds).to_string();
    assert!(!all.contains("PRIVATE KEY"));
    for key in keys {
        assert!(!all.contains(key));
        // The body of the PEM, in case it was put somewhere without its frame.
        let pem = String::from_utf8(BASE64.decode(key.as_bytes()).unwrap()).unwrap();
        assert!(!all.contains(pem.lines().nth(1).unwrap()));
    }
    let annotations = &secret["metadata"]["annotations"];
    assert!(!annotations.to_string().contains("PRIVATE KEY"));
}
