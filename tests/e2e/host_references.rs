//! A pod cannot name anything of the host: neither a Secret nor an account, in whatever field.

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

/// Every text anywhere in a value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(elements) => elements.iter().for_each(|element| texts(element, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn a_pod_that_names_secrets_of_the_host_gets_none_of_them() {
    let cluster = Cluster::shared("steal");
    cluster.kubectl("create namespace thief").ok();
    cluster.has_account("thief");
    let targets = [
        format!("vc-{}-pki", cluster.name),
        format!("vc-{}-kubeconfig", cluster.name),
        "vc-another-pki".to_owned(),
    ];
    for secret in &targets[..2] {
        // They are there to be stolen.
        cluster.host(&format!("get secret {secret}")).ok();
    }
    let marker = format!("vc-{}", cluster.name);
    let volumes = |target: &str| {
        json!([
            {"name": "a", "secret": {"secretName": target}},
            {"name": "b", "projected": {"sources": [
                {"secret": {"name": target}}, {"configMap": {"name": marker}},
            ]}},
            {"name": "d", "configMap": {"name": marker}},
            {"name": "e", "csi": {"driver": "example.com", "nodePublishSecretRef": {"name": target}}},
        ])
    };
    let env = |target: &str| {
        json!([
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": target, "key": "ca.key"}}},
            {"name": "B", "valueFrom": {"configMapKeyRef": {"name": marker, "key": "spec"}}},
        ])
    };
    for (index, target) in targets.iter().enumerate() {
        let mut with_env = agent();
        with_env["env"] = env(target);
        with_env["envFrom"] =
            json!([{"secretRef": {"name": target}}, {"configMapRef": {"name": marker}}]);
        // A volume that no container mounts is not even looked for.
        let mut with_mounts = agent();
        with_mounts["volumeMounts"] = ["a", "b", "d"]
            .map(|volume| json!({"name": volume, "mountPath": format!("/{volume}")}))
            .into();
        let mut init = with_env.clone();
        init["name"] = "init".into();
        let mut all = volumes(target);
        // Without a name in the end: it is refused as a whole, with an Event.
        let csi = all.as_array_mut().unwrap().pop().unwrap();
        let pods = [
            (
                format!("env-{index}"),
                json!({
                    "containers": [with_env], "initContainers": [init],
                    "imagePullSecrets": [{"name": target}],
                }),
            ),
            (
                format!("volume-{index}"),
                json!({"containers": [with_mounts], "volumes": all}),
            ),
            (
                format!("csi-{index}"),
                json!({"containers": [agent()], "volumes": [csi]}),
            ),
        ];
        for (name, spec) in pods {
            cluster.apply(&json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": "thief"}, "spec": spec,
            }));
        }
    }
    for (index, target) in targets.iter().enumerate() {
        for name in [format!("env-{index}"), format!("volume-{index}")] {
            let twin = cluster.twin("pod", "thief", &name);
            let mut found = Vec::new();
            texts(&twin["spec"], &mut found);
            for name in [target.as_str(), &marker] {
                assert!(!found.contains(&name), "{name} in {}", twin["spec"]);
            }
        }
        cluster.told(
            "thief",
            &format!("volume-{index}"),
            "FailedMount",
            "not found",
        );
        until("the container waits for what is not there", || {
            let pod = cluster.get(&format!("-n thief pod env-{index}"));
            let waiting = &pod["status"]["initContainerStatuses"][0]["state"]["waiting"];
            waiting["reason"] == "CreateContainerConfigError"
        });
        let pod = cluster.get(&format!("-n thief pod volume-{index}"));
        assert_eq!(pod["status"]["phase"], "Pending");
        let csi = cluster.find_twin("pod", "thief", &format!("csi-{index}"));
        let csi = csi.map(|twin| twin["spec"].to_string()).unwrap_or_default();
        assert!(!csi.contains(&format!("\"{target}\"")), "{csi}");
    }
    cluster.kubectl("delete namespace thief --wait=false").ok();
}

#[test]
fn a_pod_that_names_an_account_of_the_host_runs_as_one_without_rights_and_holds_no_token_of_the_host()
 {
    let cluster = Cluster::shared("account");
    let account = format!("vc-{}", cluster.name);
    cluster.host(&format!("get serviceaccount {account}")).ok();
    cluster.kubectl("create namespace posing").ok();
    cluster.has_account("posing");
    cluster
        .kubectl(&format!("-n posing create serviceaccount {account}"))
        .ok();
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "poser", "namespace": "posing"},
        "spec": {
            "serviceAccountName": account, "automountServiceAccountToken": true,
            "containers": [agent()],
        },
    }));
    cluster.running("posing", "poser");
    let twin = cluster.twin("pod", "posing", "poser");
    let workload = format!("vc-{}-workload", cluster.name);
    assert_eq!(twin["spec"]["serviceAccountName"], workload);
    assert_eq!(twin["spec"]["automountServiceAccountToken"], false);
    assert!(!twin["spec"].to_string().contains("serviceAccountToken\":{"));
    let namespace = &cluster.namespace;
    let rights =
        format!("auth can-i --list --as=system:serviceaccount:{namespace}:{workload} --no-headers");
    let rights = cluster.host(&rights).ok();
    assert!(
        !rights.stdout.contains("secrets") && !rights.stdout.contains("pods"),
        "{rights}"
    );

    // The token that it holds is the virtual cluster's, and the host does not know it.
    let path = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    let token = cluster
        .kubectl(&format!("-n posing exec poser -- cat {path}"))
        .ok();
    let me = format!(
        "auth whoami -o jsonpath={{.status.userInfo.username}} --token={}",
        token.output()
    );
    let config = cluster.sandbox.file("nobody.kubeconfig");
    std::fs::write(&config, "").unwrap();
    let config = format!("--kubeconfig {} ", config.display());
    let server = cluster.sandbox.host_server();
    cluster
        .kubectl(&format!(
            "{config} --server {server} --insecure-skip-tls-verify {me}"
        ))
        .exits(1)
        .says("Unauthorized");
    cluster.kubectl("delete namespace posing --wait=false").ok();
}
