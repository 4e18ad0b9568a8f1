//! `vc config`.

use crate::golden;
use crate::sandbox::{Sandbox, Session};

#[test]
fn the_schema_in_the_repository_is_the_one_that_vc_prints() {
    let outcome = Sandbox::new().run(&["config", "schema"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    golden::assert_matches("docs/cluster-file.schema.json", &outcome.stdout);
}

#[test]
fn a_file_to_start_from_is_written_once_and_can_be_used() {
    let mut session = Session::new();
    session.vc("config init");
    session.vc("config init -o vc.yaml");
    session.vc("config view -f vc.yaml --origins");
    session.about("it may have been changed");
    session.vc("config init -o vc.yaml");
    session.vc("config init -o vc.yaml --force");
    session.vc("config init -o nowhere/vc.yaml");
    session.vc("config init --force");
    session.assert_matches("config/init");
}

#[test]
fn what_comes_of_flags_variables_and_files_is_shown_with_its_origin() {
    let mut session = Session::new();
    session.sandbox.write(
        "home/vc.yaml",
        "apiVersion: vc.internal/v1alpha1\nkind: VirtualCluster\nspec:\n  cpu: 2\n  \
         sync: {kinds: [ingresses]}\n  ephemeral: true\n",
    );
    session.sandbox.write(
        "config/vc/config.yaml",
        "# mine\nregistry: mirror.example.com/\ncpu: 3\nisolate: true\n",
    );
    session.vc("config view");
    session.sandbox.set("VC_MEMORY", "1Gi");
    session.sandbox.set("VC_ISOLATE", "false");
    session.sandbox.set("VC_LABELS", "team=shop,stage=prod");
    session.vc("config view -f vc.yaml --origins --no-sync pdb --ttl 2h");
    session.vc("config view -f vc.yaml --origins -o json --cpu 500m --storage-class fast");
    session.about("what create would refuse");
    session.vc("config view --cpu 4 --cpu-limit 1");
    session.vc("config view -f nothing.yaml");
    session.vc("config view --no-wait");
    session.assert_matches("config/view");
}

#[test]
fn what_is_shown_may_be_given_to_vc_again() {
    let sandbox = Sandbox::new();
    let shown = sandbox.run(&[
        "config", "view", "--cpu", "1500m", "--label", "a=b", "--quota", "pods=9",
    ]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    sandbox.write("home/vc.yaml", &shown.stdout);
    let again = sandbox.run(&["config", "view", "-f", "vc.yaml"]);
    assert_eq!(again.stdout, shown.stdout);
}

#[test]
fn a_cluster_file_that_says_everything_needs_no_host() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "home/vc.yaml",
        "apiVersion: vc.internal/v1alpha1\nkind: VirtualCluster\nspec:\n  kubernetesVersion: v1.34.2\n  \
         serviceCidrs: [10.97.0.0/16]\n  image: example.com/vc:v1\n  ephemeral: true\n",
    );
    let render = ["render", "dev", "-f", "vc.yaml", "--pki=none", "-o", "json"];
    let outcome = sandbox.run(&render);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    for said in ["/kube-apiserver:v1.34.2\"", "=10.97.0.0/16\""] {
        assert!(outcome.stdout.contains(said), "{said}: {}", outcome.stdout);
    }
    let typed = sandbox.run(&[&render[..], &["--kubernetes-version=v1.35.4"]].concat());
    assert!(
        typed.stdout.contains("/kube-apiserver:v1.35.4\""),
        "{}",
        typed.stdout
    );
}
