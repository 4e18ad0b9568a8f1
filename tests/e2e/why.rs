//! `vc why` finds the cause of what goes wrong, on whichever side it is.

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, agent, until};

fn pod(name: &str, change: &Value) -> Value {
    let mut container = agent();
    let spec = json!({"terminationGracePeriodSeconds": 0});
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec,
    });
    for (field, value) in change.as_object().unwrap() {
        match field.as_str() {
            "nodeSelector" | "volumes" => pod["spec"][field] = value.clone(),
            _ => container[field] = value.clone(),
        }
    }
    pod["spec"]["containers"] = json!([container]);
    pod
}

fn claim(name: &str, class: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": class,
            "resources": {"requests": {"storage": "1Mi"}},
        },
    })
}

fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
            },
        },
    })
}

/// Waits until `vc why` has found this cause; what is behind it comes about by and by.
fn because(cluster: &Cluster, line: &str, reason: &str) -> Value {
    let mut found = Value::Null;
    until(&format!("{line}: {reason}"), || {
        found = cluster
            .sandbox
            .vc(&format!("why {line} -o json"))
            .ok()
            .json();
        found["cause"]["reason"] == reason
    });
    found
}

#[track_caller]
fn check(report: &Value, cause: &str, next: &str) {
    let message = report["cause"]["message"].as_str().unwrap();
    assert!(message.contains(cause), "`{cause}`: {report:#}");
    let commands = report["next"].as_array().unwrap().iter();
    let mut commands = commands.filter_map(Value::as_str);
    assert!(
        commands.any(|command| command.contains(next)),
        "`{next}`: {report:#}"
    );
    assert_eq!(report["healthy"], false, "{report:#}");
}

#[test]
fn the_cause_of_a_pod_that_does_not_run_is_told() {
    let cluster = Cluster::shared("why");
    cluster.kubectl("create namespace why").ok();
    cluster.has_account("why");
    let broken = json!({"command": ["sh", "-c", "echo it is broken; exit 3"]});
    let variable =
        json!([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "a"}}}]);
    let volume = json!([{"name": "v", "secret": {"secretName": "gone"}}]);
    let mounts = json!([{"name": "v", "mountPath": "/v"}]);
    for object in [
        pod("image", &json!({"image": "localhost:1/absent:1"})),
        pod("crash", &broken),
        pod("variable", &json!({ "env": variable })),
        pod(
            "volume",
            &json!({"volumes": volume, "volumeMounts": mounts}),
        ),
        pod("selector", &json!({"nodeSelector": {"e2e": "nowhere"}})),
        pod("fine", &json!({})),
    ] {
        cluster
            .kubectl("-n why create -f -")
            .stdin(&object.to_string())
            .ok();
    }
    let because = |object: &str, reason| because(&cluster, &format!("{object} -n why"), reason);
    let image = because("pod/image", "BadImage");
    check(
        &image,
        "localhost:1/absent:1",
        "set image pod/image c=IMAGE",
    );
    let sides: Vec<&Value> = image["chain"].as_array().unwrap().iter().collect();
    assert_eq!(sides[0]["side"], "virtual", "{image:#}");
    assert_eq!(sides[1]["side"], "host", "{image:#}");
    assert_eq!(
        sides[1]["namespace"],
        cluster.namespace.as_str(),
        "{image:#}"
    );
    check(
        &because("pod/variable", "MissingSecret"),
        "container `c` needs Secret `absent`",
        "create secret generic absent",
    );
    check(
        &because("pod/volume", "MissingSecret"),
        "volume `v` needs Secret `gone`",
        "create secret generic gone",
    );
    check(
        &because("pod/selector", "NoNodeMatches"),
        "`e2e=nowhere`",
        "get nodes --show-labels",
    );
    let crash = because("pod/crash", "CrashLoop");
    check(&crash, "exit code 3", "logs crash -c c");
    until("its log is told", || {
        let report = because("pod/crash", "CrashLoop");
        let mut evidence = report["evidence"].as_array().unwrap().iter();
        evidence.any(|one| one["message"] == "it is broken")
    });
    assert_eq!(because("pod/fine", "Healthy")["healthy"], true);

    let page = cluster.sandbox.vc("why pod/image -n why").ok();
    for part in [
        "Cause: BadImage",
        "Next:\n  kubectl -n why set image pod/image",
    ] {
        assert!(page.stdout.contains(part), "{part}: {page}");
    }
    cluster
        .sandbox
        .vc("why pod/absent -n why")
        .exits(5)
        .says("pod `absent` does not exist in namespace `why`")
        .says("hint: ");
    cluster.kubectl("delete namespace why --wait=false").ok();
}

#[test]
fn the_cause_of_what_has_no_pods_or_no_volume_is_told() {
    let cluster = Cluster::shared("whynot");
    let nobody = cluster.sandbox.class_without_provisioner();
    for namespace in ["whynot", "whyfull", "whywild"] {
        cluster
            .kubectl(&format!("create namespace {namespace}"))
            .ok();
        cluster.has_account(namespace);
    }
    cluster
        .kubectl("label namespace whywild pod-security.kubernetes.io/enforce=privileged")
        .ok();
    let full = "-n whyfull create quota full --hard=pods=0";
    cluster.kubectl(full).ok();
    until("the quota is in force", || {
        let quota = cluster.get("-n whyfull resourcequota full");
        quota["status"]["hard"]["pods"] == "0"
    });
    let privileged = json!({"securityContext": {"privileged": true}});
    let volumes = json!([{"name": "d", "persistentVolumeClaim": {"claimName": "absent"}}]);
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "absent"}, "ports": [{"port": 80}]},
    });
    for (namespace, object) in [
        ("whynot", claim("absent", "absent")),
        ("whynot", claim("nobody", &nobody)),
        ("whynot", pod("waits", &json!({ "volumes": volumes }))),
        ("whynot", service),
        ("whyfull", deployment("web")),
        ("whywild", pod("wild", &privileged)),
    ] {
        cluster
            .kubectl(&format!("-n {namespace} create -f -"))
            .stdin(&object.to_string())
            .ok();
    }
    check(
        &because(&cluster, "pvc/absent -n whynot", "NoStorageClass"),
        "StorageClass `absent` does not exist on the host",
        "get storageclasses",
    );
    check(
        &because(&cluster, "pod/waits -n whynot", "NoStorageClass"),
        "claim `absent`: StorageClass `absent`",
        "get storageclasses",
    );
    check(
        &because(&cluster, "pvc/nobody -n whynot", "NoProvisioner"),
        "provisioner `example.com/nobody`",
        &format!("describe storageclass {nobody}"),
    );
    check(
        &because(&cluster, "service/web -n whynot", "NoPods"),
        "`app=absent`",
        "get pods --show-labels",
    );
    check(
        &because(&cluster, "deploy/web -n whyfull", "QuotaExceeded"),
        "ResourceQuota `full` of the virtual cluster",
        "-n whyfull describe resourcequota full",
    );
    check(
        &because(&cluster, "pod/wild -n whywild", "PodSecurity"),
        "privileged",
        "vc describe",
    );
    cluster
        .kubectl("delete namespace whynot whyfull whywild --wait=false")
        .ok();
}

#[test]
fn what_the_host_refuses_is_told_with_who_refuses_it() {
    let cluster = Cluster::create("whyhost", "--ephemeral");
    let (name, namespace) = (&cluster.name, &cluster.namespace);

    cluster.host("create quota full --hard=pods=1").ok();
    until("the host has counted the control plane", || {
        cluster.host_get("resourcequota full")["status"]["used"]["pods"] == "1"
    });
    cluster.apply(&deployment("quota"));
    check(
        &because(&cluster, "deployment/quota", "QuotaExceeded"),
        "ResourceQuota `full` of the host",
        &format!("-n {namespace} describe resourcequota full"),
    );
    cluster.host("delete quota full").ok();
    cluster.kubectl("delete deployment quota").ok();

    let policy = deny(&cluster);
    let mut number = 0;
    until("the policy is in force", || {
        number += 1;
        let probe = format!("create configmap probe-{number} --dry-run=server");
        cluster.host(&probe).run().code != 0
    });
    cluster.apply(&pod("policy", &json!({})));
    check(
        &because(&cluster, "pod/policy", "WebhookDenied"),
        &format!("`{policy}` of the host denies it: no such thing here"),
        "get validatingadmissionpolicies",
    );
    cluster
        .sandbox
        .host(&format!("delete validatingadmissionpolicybinding {policy}"))
        .ok();
    cluster
        .sandbox
        .host(&format!("delete validatingadmissionpolicy {policy}"))
        .ok();
    cluster.running("default", "policy");

    take_right(&cluster);
    cluster.apply(&pod("right", &json!({})));
    check(
        &because(&cluster, "pod/right", "MissingRight"),
        "on the host the right to create pods is missing",
        &format!("auth can-i create pods --as system:serviceaccount:{namespace}:vc-{name}"),
    );
}

/// A policy that lets no pod and no probe into the host namespace.
fn deny(cluster: &Cluster) -> String {
    let name = cluster.sandbox.word();
    let version = "admissionregistration.k8s.io/v1";
    let matches = json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": cluster.namespace}},
        "resourceRules": [{
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
            "resources": ["pods", "configmaps"],
        }],
    });
    cluster.sandbox.host_wide(json!({
        "apiVersion": version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {
            "matchConstraints": matches,
            "validations": [{"expression": "!(object.kind == 'Pod' || object.metadata.name.startsWith('probe'))",
                             "message": "no such thing here"}],
        },
    }));
    cluster.sandbox.host_wide(json!({
        "apiVersion": version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }));
    name
}

/// Takes from the syncer the right to make pods on the host, and waits until that is so.
fn take_right(cluster: &Cluster) {
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let mut role = cluster.host_get(&format!("role vc-{name}"));
    for rule in role["rules"].as_array_mut().unwrap() {
        let is_of_pods = rule["resources"]
            .as_array()
            .unwrap()
            .contains(&json!("pods"));
        if is_of_pods {
            let verbs = rule["verbs"].as_array_mut().unwrap();
            verbs.retain(|verb| verb != "create");
        }
    }
    cluster.host("replace -f -").stdin(&role.to_string()).ok();
    until("the right is gone", || {
        let account = format!("system:serviceaccount:{namespace}:vc-{name}");
        let asked = cluster
            .host(&format!("auth can-i create pods --as {account}"))
            .run();
        asked.output() == "no"
    });
}

#[test]
fn what_the_caller_may_not_see_is_said_and_the_rest_is_told() {
    let cluster = Cluster::shared("whyrights");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    cluster.kubectl("create namespace whyrights").ok();
    cluster.has_account("whyrights");
    let selector = pod("selector", &json!({"nodeSelector": {"e2e": "nowhere"}}));
    cluster
        .kubectl("-n whyrights create -f -")
        .stdin(&selector.to_string())
        .ok();
    because(&cluster, "pod/selector -n whyrights", "NoNodeMatches");

    let caller = Sandbox::new("caller");
    let home = caller.namespace("home");
    caller.become_account(&home, "eve");
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "eve"},
        "rules": [
            {"apiGroups": ["", "apps"], "resources": ["configmaps", "statefulsets"], "verbs": ["get", "list"]},
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create", "get"]},
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"],
             "resourceNames": [format!("vc-{name}-kubeconfig")]},
        ],
    });
    let binding = format!("create rolebinding eve --role=eve --serviceaccount={home}:eve");
    let why = format!("why pod/selector -n whyrights --cluster {namespace}/{name}");
    caller
        .vc(&why)
        .exits(4)
        .says("cannot explain pod `selector`");
    cluster.host("create -f -").stdin(&role.to_string()).ok();
    cluster.host(&binding).ok();
    let mut report = Value::Null;
    until("the caller may look", || {
        let done = caller.vc(&format!("{why} -o json")).run();
        if done.code == 0 {
            report = done.json();
        }
        done.code == 0
    });
    assert_eq!(report["cause"]["reason"], "NoNodeMatches", "{report:#}");
    let unknown = report["unknown"][0].as_str().unwrap();
    assert!(unknown.contains("cannot list events"), "{report:#}");

    caller.become_bearer_of("expired");
    caller
        .vc(&why)
        .exits(4)
        .says("hint: log in to the host cluster again");
    caller
        .vc("why pod/selector")
        .exits(2)
        .says("switch to one with `vc connect NAME`, or name it");
    cluster
        .kubectl("delete namespace whyrights --wait=false")
        .ok();
}
