//! What `vc render` prints can be applied by anything, and is a cluster like any other.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Sandbox, until};

#[test]
fn a_cluster_that_was_applied_by_kubectl_is_listed_connected_to_and_deleted() {
    let sandbox = Sandbox::new("gitops");
    let (name, namespace) = (sandbox.name("gitops"), sandbox.namespace("gitops"));
    let manifests = sandbox
        .vc(&format!("render {name} -n {namespace} --ephemeral"))
        .ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
    sandbox.kubectl("apply -f -").stdin(&manifests.stdout).ok();
    sandbox.vc(&format!("connect {name} -n {namespace}")).ok();
    let list = sandbox.vc("list -o json").ok().json();
    let rows = list.as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row["status"], "Running");
    assert_eq!(row["connected"], true);
    sandbox.kubectl("get serviceaccount default").ok();
    // A second `apply` of the same manifests changes nothing.
    let again = sandbox.host("apply -f -").stdin(&manifests.stdout).ok();
    assert!(
        again
            .lines()
            .iter()
            .all(|line| line.ends_with(" unchanged")),
        "{again}"
    );
    sandbox.vc(&format!("delete {name}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

/// Argo CD and Flux are not here, but what they would use is used: from a pod of another namespace, and from
/// the outside.
#[test]
fn the_secrets_for_argo_cd_and_flux_reach_the_cluster() {
    let sandbox = Sandbox::new("tools");
    let (name, namespace) = (sandbox.name("tools"), sandbox.namespace("tools"));
    let elsewhere = sandbox.namespace("tools-flux");
    let manifests = sandbox
        .vc(&format!(
            "render {name} -n {namespace} --ephemeral --argocd={elsewhere} --flux={elsewhere}"
        ))
        .ok();
    sandbox.host("apply -f -").stdin(&manifests.stdout).ok();
    sandbox.vc(&format!("wait {name} -n {namespace}")).ok();

    let secret = format!("vc-{name}.{namespace}-flux");
    let image = sandbox.image();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "flux"}, "spec": {
        "restartPolicy": "Never",
        "automountServiceAccountToken": false,
        "containers": [{
            "name": "flux", "image": image,
            "command": ["/usr/local/bin/vc", "list", "-A", "-o", "json", "--kubeconfig", "/flux/value"],
            "volumeMounts": [{"name": "flux", "mountPath": "/flux"}],
        }],
        "volumes": [{"name": "flux", "secret": {"secretName": secret}}],
    }});
    sandbox
        .host(&format!("-n {elsewhere} create -f -"))
        .stdin(&pod.to_string())
        .ok();
    let phase = || {
        let get = format!("-n {elsewhere} get pod flux -o jsonpath={{.status.phase}}");
        sandbox.host(&get).ok().output().to_owned()
    };
    until("the pod's end", || {
        ["Succeeded", "Failed"].contains(&phase().as_str())
    });
    let log = sandbox.host(&format!("-n {elsewhere} logs flux")).ok();
    assert_eq!(
        (phase().as_str(), log.output()),
        ("Succeeded", "[]"),
        "{log}"
    );

    let get = format!("-n {elsewhere} get secret vc-{name}.{namespace}-argocd -o json");
    let argocd = sandbox.host(&get).ok().json();
    let entry = |key: &str| decoded(&argocd["data"][key]);
    assert_eq!(
        entry("server"),
        format!("https://vc-{name}.{namespace}.svc")
    );
    let config: Value = serde_json::from_str(&entry("config")).unwrap();
    let file = |key: &str| {
        let path = sandbox.file(key);
        fs::write(&path, decoded(&config["tlsClientConfig"][key])).unwrap();
        path.display().to_string()
    };
    let address = format!("-n {namespace} get service vc-{name} -o jsonpath={{.spec.clusterIP}}");
    let address = sandbox.host(&address).ok().output().to_owned();
    let tls = format!(
        "--certificate-authority={} --client-certificate={} --client-key={}",
        file("caData"),
        file("certData"),
        file("keyData")
    );
    let whoami = format!(
        "--kubeconfig=/dev/null --server=https://{address} --tls-server-name=vc-{name}.{namespace}.svc {tls} \
         auth can-i * * --all-namespaces"
    );
    assert_eq!(sandbox.kubectl(&whoami).ok().output(), "yes");
    sandbox.vc(&format!("delete {name} -n {namespace}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

/// The text of an entry that is written in Base64.
fn decoded(entry: &Value) -> String {
    let bytes = data_encoding::BASE64.decode(entry.as_str().unwrap().as_bytes());
    String::from_utf8(bytes.unwrap()).unwrap()
}
