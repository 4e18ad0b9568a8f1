//! `vc render`: needs no host when everything is said.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fake_host::{Answer, FakeHost};
use crate::golden;
use crate::sandbox::{Sandbox, Session, VC};

/// Everything is said, so no host is asked; there is no kubeconfig that could lead to one.
const OFFLINE: [&str; 11] = [
    "render",
    "dev",
    "-n",
    "team-a",
    "--kubernetes-version",
    "v1.35.4",
    "--service-cidr",
    "10.96.0.0/16",
    "--image",
    "registry.example.com/vc:v1.2.3",
    "--ephemeral",
];

fn render(sandbox: &Sandbox, more: &[&str]) -> String {
    let outcome = sandbox.run(&[&OFFLINE, more].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    outcome.stdout
}

/// The objects of a JSON list, without and with the Secrets.
fn objects(json: &str) -> (Vec<Value>, Vec<Value>) {
    let list: Value = serde_json::from_str(json).unwrap();
    assert_eq!(list["kind"], "List");
    let items = list["items"].as_array().unwrap().clone();
    items.into_iter().partition(|item| item["kind"] != "Secret")
}

#[test]
fn without_keys_it_is_the_same_every_time() {
    let (first, second) = (Sandbox::new(), Sandbox::new());
    let manifests = render(&first, &["--pki=none"]);
    assert_eq!(manifests, render(&second, &["--pki=none"]));
    let version = format!("vc-version: \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(manifests.contains(&version), "{manifests}");
    golden::assert_matches(
        "tests/data/command/render/offline.yaml",
        &manifests.replace(&version, "vc-version: \"VERSION\""),
    );
}

#[test]
fn two_runs_with_new_keys_differ_in_secrets_and_the_hash_of_them_alone() {
    let sandbox = Sandbox::new();
    let (mut first, first_secrets) = objects(&render(&sandbox, &["-o", "json"]));
    let (mut second, second_secrets) = objects(&render(&sandbox, &["-o", "json"]));
    assert_eq!(first_secrets.len(), 2);
    for (first, second) in first_secrets.iter().zip(&second_secrets) {
        assert_eq!(first["metadata"]["name"], second["metadata"]["name"]);
        assert_ne!(first["data"], second["data"]);
    }
    let hash = "/spec/template/metadata/annotations/vc.internal~1pki-hash";
    let hashes: Vec<Value> = [&mut first, &mut second]
        .into_iter()
        .flat_map(|objects| objects.iter_mut())
        .filter_map(|object| object.pointer_mut(hash).map(Value::take))
        .collect();
    assert_eq!(hashes.len(), 2);
    assert_ne!(hashes[0], hashes[1]);
    assert_eq!(first, second);
}

#[test]
fn json_and_yaml_say_the_same() {
    let sandbox = Sandbox::new();
    let (objects, secrets) = objects(&render(&sandbox, &["--pki=none", "-o", "json"]));
    assert_eq!(secrets, Vec::<Value>::new());
    let yaml = render(&sandbox, &["--pki=none"]);
    let documents: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap();
    assert_eq!(documents, objects);
}

#[test]
fn what_is_for_argo_cd_and_flux_comes_last_and_has_no_key_that_the_cluster_has_not() {
    let sandbox = Sandbox::new();
    let manifests = render(&sandbox, &["--argocd", "--flux=team-flux", "-o", "json"]);
    let (_, secrets) = objects(&manifests);
    let places = secrets.iter().map(|secret| {
        let text = |key: &str| secret["metadata"][key].as_str().unwrap();
        format!("{}/{}", text("namespace"), text("name"))
    });
    assert_eq!(
        places.collect::<Vec<String>>(),
        [
            "team-a/vc-dev-pki",
            "team-a/vc-dev-kubeconfig",
            "argocd/vc-dev.team-a-argocd",
            "team-flux/vc-dev.team-a-flux",
        ]
    );
    assert_eq!(secrets[1]["data"]["config"], secrets[3]["data"]["value"]);
    let text = |encoded: &Value| {
        let bytes = data_encoding::BASE64.decode(encoded.as_str().unwrap().as_bytes());
        String::from_utf8(bytes.unwrap()).unwrap()
    };
    let config: Value = serde_json::from_str(&text(&secrets[2]["data"]["config"])).unwrap();
    for (theirs, ours) in [
        ("caData", "ca.crt"),
        ("certData", "client.crt"),
        ("keyData", "client.key"),
    ] {
        assert_eq!(config["tlsClientConfig"][theirs], secrets[1]["data"][ours]);
    }
    let labels = &secrets[2]["metadata"]["labels"];
    assert_eq!(labels["argocd.argoproj.io/secret-type"], "cluster");
    assert_eq!(
        text(&secrets[2]["data"]["server"]),
        "https://vc-dev.team-a.svc"
    );
    assert_eq!(text(&secrets[2]["data"]["name"]), "vc-dev.team-a");
}

#[test]
fn credentials_are_not_printed_where_none_are_wanted() {
    let mut session = Session::new();
    let offline = OFFLINE.join(" ");
    session.vc(&format!("{offline} --pki=none --argocd"));
    session.vc(&format!("{offline} --pki=none --flux=team-a"));
    session.assert_matches("render/gitops_without_keys");
}

#[test]
fn a_build_without_an_image_says_how_to_come_by_one() {
    if vc::image::built_in().is_some() {
        println!("skipped: this is a release's build");
        return;
    }
    let mut session = Session::new();
    let is_image = |word: &&str| word.contains("--image") || word.contains("vc:");
    let words = OFFLINE.into_iter().filter(|word| !is_image(word));
    let words: Vec<&str> = words.collect();
    session.vc_args(&words);
    session.about("an empty name is none");
    session.export("VC_IMAGE", "");
    session.vc_args(&words);
    session.assert_matches("render/no_image");
}

#[test]
fn the_host_is_asked_for_what_is_not_said() {
    let mut session = Session::new();
    session.vc("render dev");
    session.assert_matches("render/no_host");
}

#[test]
fn a_host_that_does_not_say_its_service_range_is_told_about() {
    let host = FakeHost::answering(|request| {
        if request.path.starts_with("/api/v1/namespaces/vc-dev") {
            return Answer::status(404, "NotFound", "namespaces \"vc-dev\" not found");
        }
        Answer::status(
            422,
            "Invalid",
            "Service \"vc-probe\" is invalid: no address is good enough",
        )
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("render dev --kubernetes-version v1.35.4 --ephemeral --image example.com/vc:v1");
    session.assert_matches("render/no_service_range");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(VC)
        .args(OFFLINE)
        .env_clear()
        .envs(sandbox.environment())
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let sandbox = Sandbox::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(VC)
        .args(OFFLINE)
        .env_clear()
        .envs(sandbox.environment())
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: cannot write to stdout\n\
         caused by: No space left on device (os error 28)\n"
    );
    assert_eq!(output.status.code(), Some(1));
}
