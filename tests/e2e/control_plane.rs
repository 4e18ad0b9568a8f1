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
fn its_pod_runs_as_nobody_in_particular_and_only_its_syncer_has_a_token() {
    let (cluster, sandbox) = (shared(), Sandbox::new("pod"));
    let pod = get(&sandbox, &format!("pod vc-{}-0", cluster.name));
    let spec = &pod["spec"];
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
    assert_eq!(spec["securityContext"]["runAsUser"], 65532);
    let volumes = spec["volumes"].as_array().unwrap();
    for volume in volumes {
        assert!(
            volume.get("hostPath").is_none(),
            "the node's files in {volume}"
        );
    }
    let has_token = |volume: &&Value| volume.get("projected").is_some();
    let tokens: Vec<&Value> = volumes.iter().filter(has_token).collect();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    for container in spec["containers"].as_array().unwrap() {
        let context = &container["securityContext"];
        assert_eq!(context["allowPrivilegeEscalation"], false);
        assert_eq!(context["readOnlyRootFilesystem"], true);
        assert_eq!(context["capabilities"]["drop"], serde_json::json!(["ALL"]));
        let mounts = container["volumeMounts"].as_array().unwrap();
        assert_eq!(
            mounts
                .iter()
                .any(|mount| mount["name"] == tokens[0]["name"]),
            container["name"] == "syncer",
            "{container}"
        );
    }
}

#[test]
fn the_syncer_may_do_its_work_in_its_namespace_and_the_pods_account_nothing() {
    let (cluster, sandbox) = (shared(), Sandbox::new("account"));
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let may = |account: &str, right: &str| {
        let account = format!("system:serviceaccount:{namespace}:{account}");
        let answer = sandbox
            .host(&format!("auth can-i {right} --as={account}"))
            .run();
        answer.output().to_owned()
    };
    let syncer = format!("vc-{name}");
    for (right, answer) in [
        ("create pods -n NAMESPACE", "yes"),
        ("get pods/log -n NAMESPACE", "yes"),
        ("list secrets -n NAMESPACE", "yes"),
        ("create roles -n NAMESPACE", "no"),
        ("create serviceaccounts/token -n NAMESPACE", "no"),
        ("patch secrets -n NAMESPACE", "no"),
        ("list pods -n default", "no"),
        ("list nodes", "no"),
        ("list namespaces", "no"),
    ] {
        let right = right.replace("NAMESPACE", namespace);
        assert_eq!(may(&syncer, &right), answer, "{right}");
    }
    let workload = format!("vc-{name}-workload");
    for right in ["get secrets", "create pods", "list configmaps", "get pods"] {
        let right = format!("{right} -n {namespace}");
        assert_eq!(may(&workload, &right), "no", "{right}");
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
