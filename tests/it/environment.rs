//! Flag before `VC_*` before the user's file before the default.

use crate::sandbox::{Sandbox, Session};

/// Renders without asking a host.
const RENDER: [&str; 8] = [
    "render",
    "dev",
    "--ephemeral",
    "--pki=none",
    "--service-cidr=10.96.0.0/16",
    "--kubernetes-version=v1.35.4",
    "--image=example.com/vc:v1",
    "--output=json",
];

/// Where the API server's image comes from.
fn registry(sandbox: &Sandbox, more: &[&str]) -> String {
    let outcome = sandbox.run(&[&RENDER, more].concat());
    assert_eq!(outcome.stderr, "");
    let image = outcome.stdout.split('"').find_map(|word| {
        word.strip_suffix("/kube-apiserver:v1.35.4")
            .map(str::to_owned)
    });
    image.unwrap_or_else(|| panic!("no image in {}", outcome.stdout))
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file_and_that_over_the_default() {
    let mut sandbox = Sandbox::new();
    assert_eq!(registry(&sandbox, &[]), "registry.k8s.io");
    sandbox.write("config/vc/config.yaml", "registry: from.file\n");
    assert_eq!(registry(&sandbox, &[]), "from.file");
    sandbox.set("VC_REGISTRY", "from.environment");
    assert_eq!(registry(&sandbox, &[]), "from.environment");
    assert_eq!(registry(&sandbox, &["--registry=from.flag/"]), "from.flag");
}

#[test]
fn without_xdg_config_home_the_file_is_in_the_home_directory() {
    let mut sandbox = Sandbox::new();
    sandbox.unset("XDG_CONFIG_HOME");
    sandbox.write("home/.config/vc/config.yaml", "registry: at.home\n");
    assert_eq!(registry(&sandbox, &[]), "at.home");
    // The specification of XDG has relative paths ignored.
    sandbox.set("XDG_CONFIG_HOME", "relative");
    assert_eq!(registry(&sandbox, &[]), "at.home");
}

#[test]
fn an_empty_file_says_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("config/vc/config.yaml", "# nothing yet\n");
    assert_eq!(registry(&sandbox, &[]), "registry.k8s.io");
}

#[test]
fn every_option_of_a_specification_has_its_variable() {
    let mut sandbox = Sandbox::new();
    for (name, value) in [
        ("VC_NAMESPACE", "team-a"),
        ("VC_KUBERNETES_VERSION", "1.34.1"),
        ("VC_IMAGE", "example.com/vc:v1"),
        ("VC_EPHEMERAL", "true"),
        ("VC_CPU", "100m"),
        ("VC_CPU_LIMIT", "2"),
        ("VC_MEMORY", "1Gi"),
        ("VC_MEMORY_LIMIT", "2Gi"),
        ("VC_SERVICE_CIDR", "10.0.0.0/24,fd00::/112"),
        ("VC_POD_SECURITY", "restricted"),
        ("VC_SYNC_NODES", "true"),
        ("VC_SYNC_STORAGE_CLASSES", "true"),
        ("VC_QUOTA", "cpu=10,pods=50"),
        ("VC_ISOLATE", "true"),
        ("VC_CERTIFICATE_LIFE", "48h"),
    ] {
        sandbox.set(name, value);
    }
    let outcome = sandbox.run(&["render", "dev", "--pki=none", "--output=json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let manifests: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let marker = &manifests["items"][0];
    assert_eq!(marker["metadata"]["namespace"], "team-a");
    let spec: serde_json::Value =
        serde_json::from_str(marker["data"]["spec"].as_str().unwrap()).unwrap();
    assert_eq!(
        spec,
        serde_json::json!({
            "name": "dev",
            "namespace": "team-a",
            "kubernetesVersion": "v1.34.1",
            "registry": "registry.k8s.io",
            "syncerImage": "example.com/vc:v1",
            "storage": {"type": "ephemeral"},
            "resources": {
                "cpuRequestMillicores": 100,
                "cpuLimitMillicores": 2000,
                "memoryRequestMebibytes": 1024,
                "memoryLimitMebibytes": 2048,
            },
            "serviceCidrs": ["10.0.0.0/24", "fd00::/112"],
            "podSecurity": "restricted",
            "syncNodes": true,
            "syncStorageClasses": true,
            "grants": {"ephemeralContainers": false, "resize": false, "status": false, "endpointSlices": false, "podMetrics": false, "nodeMetrics": false},
            "quota": {"pods": "50", "requests.cpu": "10"},
            "isolate": true, "certificateLifeSeconds": 172_800,
        })
    );
}

#[test]
fn a_cluster_sleeps_after_what_flag_variable_or_file_say_and_not_if_it_is_ephemeral() {
    let mut sandbox = Sandbox::new();
    let asleep = |sandbox: &Sandbox, more: &[&str]| {
        let kept = RENDER.map(|it| it.replace("--ephemeral", "--storage-class=fast"));
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        let outcome = sandbox.run(&[&kept, more].concat());
        assert_eq!(outcome.stderr, "");
        let manifests: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let spec = manifests["items"][0]["data"]["spec"].as_str().unwrap();
        let spec: serde_json::Value = serde_json::from_str(spec).unwrap();
        spec["sleepAfterSeconds"].clone()
    };
    assert_eq!(asleep(&sandbox, &[]), serde_json::Value::Null);
    sandbox.write("config/vc/config.yaml", "sleepAfter: 30m\n");
    assert_eq!(asleep(&sandbox, &[]), 1_800);
    sandbox.set("VC_SLEEP_AFTER", "1h");
    assert_eq!(asleep(&sandbox, &[]), 3_600);
    assert_eq!(asleep(&sandbox, &["--sleep-after=2h"]), 7_200);
    for (refused, why) in [
        ("--cpu=1", "cannot pause itself"),
        ("--sleep-after=9s", "from 10 seconds"),
    ] {
        let outcome = sandbox.run(&[&RENDER[..], &[refused]].concat());
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
}

/// Which profile the marker says.
fn pod_security(sandbox: &Sandbox, more: &[&str]) -> String {
    let outcome = sandbox.run(&[&RENDER, more].concat());
    assert_eq!(outcome.stderr, "");
    let manifests: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let spec = manifests["items"][0]["data"]["spec"].as_str().unwrap();
    let spec: serde_json::Value = serde_json::from_str(spec).unwrap();
    spec["podSecurity"].as_str().unwrap().to_owned()
}

#[test]
fn pods_have_to_be_baseline_unless_something_else_is_said() {
    let mut sandbox = Sandbox::new();
    assert_eq!(pod_security(&sandbox, &[]), "baseline");
    sandbox.write("config/vc/config.yaml", "podSecurity: privileged\n");
    assert_eq!(pod_security(&sandbox, &[]), "privileged");
    sandbox.set("VC_POD_SECURITY", "restricted");
    assert_eq!(pod_security(&sandbox, &[]), "restricted");
    assert_eq!(
        pod_security(&sandbox, &["--pod-security=baseline"]),
        "baseline"
    );
}

#[test]
fn a_variable_that_cannot_be_read_is_a_usage_error() {
    let mut session = Session::new();
    session.export("VC_NAMESPACE", "Team_A");
    session.vc("list");
    session.unset("VC_NAMESPACE");
    session.export("VC_TIMEOUT", "soon");
    session.vc("create dev");
    session.unset("VC_TIMEOUT");
    session.export("VC_POD_SECURITY", "strict");
    session.vc("create dev");
    session.assert_matches("environment/variables");
}

#[test]
fn a_file_that_cannot_be_read_is_a_usage_error_with_the_line() {
    let mut session = Session::new();
    let file = "config/vc/config.yaml";
    session.about("an unknown key");
    session
        .sandbox
        .write(file, "registry: mirror.example\nregistri: x\n");
    session.vc("create dev");
    session.about("a value of the wrong type");
    session.sandbox.write(file, "\nswitch: perhaps\n");
    session.vc("create dev");
    session.about("no YAML");
    session.sandbox.write(file, "registry: [\n");
    session.vc("create dev");
    session.about("no duration");
    session.sandbox.write(file, "timeout: soon\n");
    session.vc("create dev");
    session.about("no profile");
    session.sandbox.write(file, "podSecurity: strict\n");
    session.vc("create dev");
    session.about("no file");
    std::fs::remove_file(session.sandbox.path(file)).unwrap();
    std::fs::create_dir(session.sandbox.path(file)).unwrap();
    session.vc("create dev");
    session.assert_matches("environment/file");
}
