//! What is shown, and where it is said to be from.

use clap::Args as _;
use clap::FromArgMatches as _;

use super::*;

/// As typed, with no variable set.
fn typed(arguments: &[&str]) -> Typed<SettingArgs> {
    let command = clap::Command::new("test").no_binary_name(true);
    let command = Typed::<SettingArgs>::augment_args(command);
    let command = command.mut_args(|argument| argument.env(None));
    let matches = command.try_get_matches_from(arguments).unwrap();
    Typed::from_arg_matches(&matches).unwrap()
}

/// What is shown for a cluster file.
fn shown(arguments: &[&str], text: &str) -> View {
    let file = UserFile::parse_cluster(text).unwrap();
    let layer = Layer::cluster("vc.yaml".to_owned(), text, &file);
    view(&typed(arguments), &file, &[layer]).unwrap()
}

const FILE: &str = "apiVersion: vc.internal/v1alpha1
kind: VirtualCluster
spec:
  cpu: 0.5
  memory: 1G
  image: example.com/vc:v1
  ephemeral: true
  isolate: true
  labels:
    team: shop
  sync:
    kinds: [ing]
    custom:
    - {group: example.com, version: v1, kind: Widget, plural: widgets}
";

#[test]
fn each_value_is_shown_as_it_is_meant_with_where_it_is_from() {
    let view = shown(
        &["--memory", "1Gi", "--no-sync", "pdb", "--ttl", "90m"],
        FILE,
    );
    assert_eq!(
        view.to_yaml(true).unwrap(),
        "apiVersion: vc.internal/v1alpha1
kind: VirtualCluster
spec:
  registry: registry.k8s.io  # default
  image: example.com/vc:v1  # vc.yaml:6
  ephemeral: true  # vc.yaml:7
  cpu: 500m  # vc.yaml:4
  memory: 1Gi  # --memory
  memoryLimit: 2Gi  # default
  podSecurity: baseline  # default
  isolate: true  # vc.yaml:8
  syncNodes: false  # default
  syncStorageClasses: false  # default
  sync:
    kinds:  # vc.yaml:12
    - ingresses
    without:  # --no-sync
    - poddisruptionbudgets
    custom:  # vc.yaml:13
    - group: example.com
      version: v1
      kind: Widget
      plural: widgets
      status: true
  ttl: 90m  # --ttl
  labels:  # vc.yaml:9
    team: shop
  certificateLife: 8760h  # default
  switch: true  # default
  timeout: 5m  # default
"
    );
}

#[test]
fn what_is_shown_is_a_cluster_file_with_the_same_effect() {
    let nothing = "apiVersion: vc.internal/v1alpha1\nkind: VirtualCluster\n";
    for (arguments, text) in [
        (&[][..], nothing),
        (&[][..], FILE),
        (
            &[
                "--storage-class",
                "fast",
                "--quota",
                "pods=50",
                "--label",
                "a=b",
            ][..],
            FILE,
        ),
        (
            &[
                "--kubernetes-version",
                "1.35.4",
                "--service-cidr",
                "10.0.0.0/16,fd00::/108",
            ][..],
            nothing,
        ),
    ] {
        let once = shown(arguments, text).to_yaml(false).unwrap();
        let again = shown(&[], &once).to_yaml(false).unwrap();
        assert_eq!(again, once);
        let read = UserFile::parse_cluster(&once).unwrap();
        let file = UserFile::parse_cluster(text).unwrap();
        let of = |arguments, file| spec_options(&typed(arguments).args.spec, file).unwrap();
        let (mut before, after) = (of(arguments, &file), of(&[], &read));
        if before.storage.is_ephemeral() {
            before.storage.class = None;
            before.storage.size = None;
        } else {
            before.storage.size = Some(before.storage.size().to_owned());
        }
        before.certificate_life = before.certificate_life.or(Some(LEAF_LIFE));
        assert_eq!(after, before);
    }
}

#[test]
fn defaults_are_those_of_the_table() {
    let nothing = "apiVersion: vc.internal/v1alpha1\nkind: VirtualCluster\n";
    let shown = shown(&[], nothing).to_json(true);
    for setting in SETTINGS {
        let value = at(&shown["spec"], setting.key);
        if setting.is_default {
            let default = value.map(|value| value.to_string().replace('"', ""));
            assert_eq!(default.as_deref(), Some(setting.example), "{}", setting.key);
            assert_eq!(shown["origins"][setting.key]["from"], "default");
        }
    }
}

#[test]
fn a_class_that_is_named_decides_against_an_ephemeral_file() {
    let view = shown(&["--storage-class", "fast"], FILE).to_json(true);
    assert_eq!(view["spec"]["ephemeral"], false);
    assert_eq!(
        view["origins"]["ephemeral"],
        json!({"from": "flag", "name": "--storage-class"})
    );
    assert_eq!(
        view["origins"]["isolate"],
        json!({"from": "file", "path": "vc.yaml", "line": 8})
    );
}
