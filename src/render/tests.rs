//! What is rendered, as data in `tests/data/render`, and the rules that hold for every cluster.

mod flows;
mod restricted;
mod rules;

use insta::Settings;

use super::*;
use crate::pki::SecretData;

/// Every directory of `tests/data/render`.
const CASES: [&str; 7] = [
    "persistent",
    "ephemeral",
    "mirror-registry",
    "limits",
    "dual-stack",
    "bounded",
    "asleep",
];

fn case_directory(case: &str) -> String {
    format!("{}/tests/data/render/{case}", env!("CARGO_MANIFEST_DIR"))
}

fn spec(case: &str) -> ClusterSpec {
    let json = std::fs::read_to_string(case_directory(case) + "/spec.json").unwrap();
    serde_json::from_str(&json).unwrap()
}

/// Certificates that differ from one run to the next would make no golden data, so each of these
/// only says its own name.
fn pki() -> Pki {
    let stored = |entries: &[&str]| -> SecretData {
        entries
            .iter()
            .map(|&entry| {
                let text = format!("-----BEGIN {entry}-----\n");
                (entry.to_owned(), k8s_openapi::ByteString(text.into_bytes()))
            })
            .collect()
    };
    let control_plane = stored(&[
        "ca.crt",
        "ca.key",
        "apiserver.crt",
        "apiserver.key",
        "apiserver-kubelet-client.crt",
        "apiserver-kubelet-client.key",
        "controller-manager.crt",
        "controller-manager.key",
        "syncer.crt",
        "syncer.key",
        "kubelet.crt",
        "kubelet.key",
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
        "front-proxy-client.crt",
        "front-proxy-client.key",
        "etcd-ca.crt",
        "etcd-ca.key",
        "etcd-server.crt",
        "etcd-server.key",
        "sa.pub",
        "sa.key",
    ]);
    Pki::from_secrets(&control_plane, &stored(&["client.crt", "client.key"])).unwrap()
}

#[test]
fn manifests_are_as_written_down() {
    for case in CASES {
        let mut settings = Settings::clone_current();
        settings.set_snapshot_path(case_directory(case));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // Else every release of `vc` would change every case.
        settings.add_filter(r#"vc-version: "[^"]+""#, "vc-version: [version]");
        let yaml = render(&spec(case), Some(&pki())).unwrap().to_yaml();
        settings.bind(|| insta::assert_snapshot!("manifests", yaml.unwrap()));
    }
}

#[test]
fn every_case_on_disk_is_a_case_of_the_test() {
    let mut on_disk: Vec<String> = std::fs::read_dir(case_directory(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    on_disk.sort();
    let mut tested = CASES;
    tested.sort_unstable();
    assert_eq!(on_disk, tested);
}

#[test]
fn the_dry_run_pod_is_as_written_down() {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(case_directory("persistent"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let pod = pod(&spec("persistent"), Some(&pki())).unwrap();
    let yaml = serde_saphyr::to_string(pod.value()).unwrap();
    settings.bind(|| insta::assert_snapshot!("pod", yaml));
}

#[test]
fn the_secrets_of_gitops_tools_are_as_written_down() {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(case_directory("persistent"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let (spec, pki) = (spec("persistent"), pki());
    for namespace in ["argocd", spec.namespace.as_str()] {
        let namespace = namespace.parse().unwrap();
        let secrets = [
            gitops::argocd(&spec, &pki, &namespace).unwrap(),
            gitops::flux(&spec, &pki, &namespace).unwrap(),
        ];
        // Written out, because nobody reads Base64.
        let texts = secrets.map(|secret| {
            let mut value = secret.into_value();
            for entry in value["data"].as_object_mut().unwrap().values_mut() {
                let bytes = data_encoding::BASE64
                    .decode(entry.as_str().unwrap().as_bytes())
                    .unwrap();
                *entry = String::from_utf8(bytes).unwrap().into();
            }
            serde_saphyr::to_string(&value).unwrap()
        });
        let name = if namespace == spec.namespace {
            "gitops_beside"
        } else {
            "gitops"
        };
        settings.bind(|| insta::assert_snapshot!(name, texts.join("---\n")));
    }
}
