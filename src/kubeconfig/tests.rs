use std::collections::BTreeSet;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::{self, Document, Section};
use super::*;

const FOREIGN: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority: ca.crt
contexts:
- name: prod
  context:
    cluster: prod
    user: admin
users:
- name: admin
  user:
    token: secret
current-context: prod
unknown-key:
- 1
";

fn file(path: &str, text: &str) -> File {
    File::parse(path, text).unwrap()
}

fn files(text: &str) -> Files {
    Files::new(vec![file("/home/a/.kube/config", text)])
}

/// What the files would be after writing and reading them again.
fn written(files: &Files) -> Files {
    let texts: Vec<_> = files.changes().unwrap();
    let files =
        files.files.iter().map(
            |old| match texts.iter().find(|(path, _)| *path == old.path) {
                Some((path, text)) => File::parse(*path, text).unwrap(),
                None => old.clone(),
            },
        );
    Files::new(files.collect())
}

fn record(name: &str, uid: &str) -> Record {
    Record {
        uid: uid.to_owned(),
        name: name.parse().unwrap(),
        namespace: "team-a".parse().unwrap(),
        port: 20_001,
        host: HostOrigin {
            context: Some("prod".to_owned()),
            kubeconfig: vec![PathBuf::from("/home/a/.kube/config")],
            nested: false,
        },
        previous: None,
    }
}

fn entry(name: &str, uid: &str) -> Entry {
    Entry {
        record: record(name, uid),
        context_name: None,
        certificate_authority: "PEM".to_owned(),
        exec: Exec {
            command: "/usr/bin/vc".to_owned(),
            args: vec!["credential".to_owned(), uid.to_owned()],
            env: vec![("A".to_owned(), "b".to_owned())],
            install_hint: "install vc".to_owned(),
        },
    }
}

fn wished(name: &str, uid: &str, context: &str) -> Entry {
    Entry {
        context_name: Some(context.to_owned()),
        ..entry(name, uid)
    }
}

fn put(files: &mut Files, entry: &Entry) -> String {
    files.upsert(entry).unwrap().context_name
}

#[test]
fn clusters_inside_a_cluster_are_found_by_the_context_that_they_were_made_in() {
    let mut files = Files::new(vec![File::missing("/c")]);
    let inside = |name: &str, host: &str| {
        let mut entry = entry(name, name);
        entry.record.host.context = Some(host.to_owned());
        entry.record.host.nested = true;
        entry
    };
    put(&mut files, &entry("outer", "outer"));
    put(&mut files, &inside("inner", "vc-outer"));
    put(&mut files, &inside("beside", "vc-other"));
    put(&mut files, &inside("third", "vc-inner"));
    let files = written(&files);
    assert_eq!(files.inside("outer"), ["third", "inner"]);
    assert_eq!(files.inside("inner"), ["third"]);
    assert_eq!(files.inside("third"), [""; 0]);
    assert_eq!(files.inside("unknown"), [""; 0]);
}

#[test]
fn clusters_that_are_said_to_be_inside_each_other_are_each_found_once() {
    let mut files = Files::new(vec![File::missing("/c")]);
    for (name, host) in [("a", "vc-b"), ("b", "vc-a")] {
        let mut entry = entry(name, name);
        entry.record.host.context = Some(host.to_owned());
        entry.record.host.nested = true;
        put(&mut files, &entry);
    }
    assert_eq!(files.inside("a"), ["b"]);
}

fn section_names(file: &File, section: Section) -> Vec<&str> {
    let entries = document::entries(&file.document, section).iter();
    entries.filter_map(document::name).collect()
}

fn malformed(text: &str) -> (Option<u64>, String) {
    let Malformed { line, message } = File::parse("/c", text).unwrap_err();
    (line, message)
}

#[test]
fn the_three_entries_are_written_as_clients_expect_them() {
    let mut files = Files::new(vec![File::missing("/c")]);
    assert_eq!(put(&mut files, &entry("dev", "u1")), "vc-dev");
    let changes = files.changes().unwrap();
    let record = "      extension:
        uid: u1
        name: dev
        namespace: team-a
        port: 20001
        host:
          context: prod
          kubeconfig:
          - /home/a/.kube/config
";
    let expected = format!(
        "\
apiVersion: v1
kind: Config
clusters:
- name: vc-dev
  cluster:
    server: https://127.0.0.1:20001
    certificate-authority-data: UEVN
    extensions:
    - name: vc.internal
{record}users:
- name: vc-dev
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: /usr/bin/vc
      args:
      - credential
      - u1
      env:
      - name: A
        value: b
      installHint: install vc
      interactiveMode: IfAvailable
      provideClusterInfo: false
    extensions:
    - name: vc.internal
{record}contexts:
- name: vc-dev
  context:
    cluster: vc-dev
    user: vc-dev
    extensions:
    - name: vc.internal
{record}"
    );
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].1, expected);
}

#[test]
fn a_second_upsert_changes_nothing() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    files.switch_to("vc-dev").unwrap();
    let mut again = written(&files);
    assert_eq!(put(&mut again, &entry("dev", "u1")), "vc-dev");
    again.switch_to("vc-dev").unwrap();
    assert_eq!(again.changes().unwrap(), []);
}

#[test]
fn what_is_not_ours_is_kept_and_our_removal_leaves_no_trace() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    files.switch_to("vc-dev").unwrap();
    let mut files = written(&files);
    assert_eq!(
        files.remove("u1"),
        Removed {
            contexts: vec!["vc-dev".to_owned()],
            switched_back: Some(SwitchedBack::To("prod".to_owned())),
        }
    );
    let (before, after) = (file("/c", FOREIGN), written(&files));
    assert_eq!(after.files[0].document, before.document);
}

#[test]
fn the_first_definition_wins() {
    let files = Files::new(vec![
        File::missing("/missing"),
        file("/1", "contexts: [{name: a, context: {cluster: first}}]"),
        file(
            "/2",
            "contexts: [{name: a, context: {cluster: second}}, {name: b, context: {cluster: x}}]\n\
             current-context: b",
        ),
        file("/3", "current-context: a"),
    ]);
    assert_eq!(files.current_context(), Some("b"));
    assert_eq!(files.context_names(), ["a", "b"]);
    let kube = files.to_kube().unwrap();
    let clusters: Vec<_> = kube
        .contexts
        .iter()
        .map(|named| named.context.as_ref().unwrap().cluster.as_str())
        .collect();
    assert_eq!(clusters, ["first", "x"]);
    assert_eq!(kube.current_context.as_deref(), Some("b"));
}

#[test]
fn relative_paths_are_those_of_the_file_that_has_them() {
    let text = "\
clusters: [{name: c, cluster: {certificate-authority: ca.crt}}]
users:
- {name: files, user: {client-certificate: ../c.crt, client-key: /abs.key, tokenFile: t}}
- {name: relative, user: {exec: {command: ./bin/login}}}
- {name: looked-up, user: {exec: {command: aws}}}
- {name: empty, user: {tokenFile: ''}}
";
    let kube = Files::new(vec![file("/etc/kube/config", text)])
        .to_kube()
        .unwrap();
    let cluster = kube.clusters[0].cluster.as_ref().unwrap();
    assert_eq!(
        cluster.certificate_authority.as_deref(),
        Some("/etc/kube/ca.crt")
    );
    let users: Vec<_> = kube
        .auth_infos
        .iter()
        .map(|named| named.auth_info.as_ref().unwrap())
        .collect();
    assert_eq!(
        users[0].client_certificate.as_deref(),
        Some("/etc/kube/../c.crt")
    );
    assert_eq!(users[0].client_key.as_deref(), Some("/abs.key"));
    assert_eq!(users[0].token_file.as_deref(), Some("/etc/kube/t"));
    let command = |index: usize| users[index].exec.as_ref().unwrap().command.as_deref();
    assert_eq!(command(1), Some("/etc/kube/./bin/login"));
    assert_eq!(command(2), Some("aws"));
    assert_eq!(users[3].token_file.as_deref(), Some(""));
}

#[test]
fn an_unusable_entry_is_named_without_its_value() {
    let error = files("users: [{name: me, user: {token: 123456}}]")
        .to_kube()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "user `me` in `/home/a/.kube/config` has a field of the wrong type"
    );
}

#[test]
fn a_name_taken_by_another_gets_the_namespace_and_then_a_hash() {
    let mut files = files("users: [{name: vc-dev, user: {token: x}}]");
    assert_eq!(put(&mut files, &entry("dev", "u1")), "vc-dev.team-a");
    let elsewhere = |uid: &str| {
        let mut entry = entry("dev", uid);
        entry.record.host.context = Some("staging".to_owned());
        entry
    };
    // The first eight digits of the SHA-256 of `u2`.
    assert_eq!(put(&mut files, &elsewhere("u2")), "vc-dev-6ca202c8");
    let file = &files.files[0];
    let all = ["vc-dev.team-a", "vc-dev-6ca202c8"];
    assert_eq!(section_names(file, Section::Clusters), all);
    assert_eq!(section_names(file, Section::Contexts), all);
    assert_eq!(
        section_names(file, Section::Users),
        ["vc-dev", all[0], all[1]]
    );
}

#[test]
fn a_wished_name_that_is_taken_is_refused() {
    for section in ["clusters", "users", "contexts"] {
        let body = section.trim_end_matches('s');
        let mut files = files(&format!("{section}: [{{name: mine, {body}: {{}}}}]"));
        let error = files.upsert(&wished("dev", "u1", "mine")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("context name `mine` is taken by another {body} in `/home/a/.kube/config`")
        );
        assert_eq!(files.changes().unwrap(), []);
    }
    let error = files(FOREIGN).upsert(&wished("dev", "u1", ""));
    assert!(matches!(error, Err(Error::EmptyName)));
}

#[test]
fn a_wish_renames_our_context_and_keeps_it_current() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    files.switch_to("vc-dev").unwrap();
    assert_eq!(put(&mut files, &wished("dev", "u1", "mine")), "mine");
    assert_eq!(files.context_names(), ["prod", "mine"]);
    assert_eq!(files.current_context(), Some("mine"));
    assert_eq!(
        files.switch_back(),
        Some(SwitchedBack::To("prod".to_owned()))
    );
}

#[test]
fn a_cluster_created_again_takes_over_its_entries() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    files.switch_to("vc-dev").unwrap();
    let mut again = entry("dev", "u2");
    again.record.port = 20_002;
    assert_eq!(put(&mut files, &again), "vc-dev");
    assert_eq!(files.context_of("u1"), None);
    let found = files.record("vc-dev").unwrap();
    assert_eq!((found.uid.as_str(), found.port), ("u2", 20_002));
    assert_eq!(found.previous.as_deref(), Some("prod"));
    let kube = files.to_kube().unwrap();
    let cluster = kube.clusters[1].cluster.as_ref().unwrap();
    assert_eq!(cluster.server.as_deref(), Some("https://127.0.0.1:20002"));
    assert_eq!((kube.clusters.len(), kube.auth_infos.len()), (2, 2));
}

#[test]
fn what_the_user_did_to_our_context_stays() {
    let mut first = files(FOREIGN);
    put(&mut first, &entry("dev", "u1"));
    // As `kubectl config rename-context` and `set-context --namespace` leave it.
    let context = document::entries_mut(&mut first.files[0].document, Section::Contexts)
        .last()
        .unwrap();
    context["name"] = json!("renamed");
    context["context"]["namespace"] = json!("shop");
    let mut entry = entry("dev", "u1");
    entry.record.port = 20_007;
    assert_eq!(put(&mut first, &entry), "renamed");
    let context = &document::entries(&first.files[0].document, Section::Contexts)[1];
    assert_eq!(context["context"]["namespace"], json!("shop"));
    assert_eq!(context["context"]["cluster"], json!("vc-dev"));
    assert_eq!(first.record("renamed").unwrap().port, 20_007);
}

#[test]
fn new_entries_go_to_the_first_file_that_exists_and_old_ones_stay_where_they_are() {
    let mut files = Files::new(vec![
        File::missing("/missing"),
        file("/1", ""),
        file("/2", FOREIGN),
    ]);
    put(&mut files, &entry("dev", "u1"));
    let paths = |files: &Files| {
        let changes = files.changes().unwrap();
        let paths = changes.iter().map(|(path, _)| path.to_str().unwrap());
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(paths(&files), ["/1"]);

    let mut files = written(&files);
    files.files.swap(1, 2);
    let mut entry = entry("dev", "u1");
    entry.record.port = 20_009;
    put(&mut files, &entry);
    assert_eq!(paths(&files), ["/1"]);

    let mut nothing = Files::new(vec![File::missing("/1"), File::missing("/2")]);
    put(&mut nothing, &entry);
    assert_eq!(paths(&nothing), ["/2"]);
    assert!(matches!(
        Files::new(Vec::new()).upsert(&entry),
        Err(Error::NoFile)
    ));
}

#[test]
fn our_context_behind_a_foreign_one_of_its_name_is_not_used() {
    let mut ours = Files::new(vec![File::missing("/2")]);
    put(&mut ours, &entry("dev", "u1"));
    let text = ours.changes().unwrap()[0].1.clone();
    let foreign = "contexts: [{name: vc-dev, context: {cluster: other}}]";
    let mut files = Files::new(vec![file("/1", foreign), file("/2", &text)]);
    assert_eq!(files.records(), []);
    assert_eq!(put(&mut files, &entry("dev", "u1")), "vc-dev.team-a");
    assert_eq!(files.context_of("u1").as_deref(), Some("vc-dev.team-a"));
    // Our cluster and user were in force and stay where they are.
    let (kube, changed) = (files.to_kube().unwrap(), written(&files));
    let context = kube.contexts.last().unwrap().context.as_ref().unwrap();
    assert_eq!(context.cluster, "vc-dev");
    assert_eq!(changed.context_names(), ["vc-dev", "vc-dev.team-a"]);
}

#[test]
fn switching_back_always_leads_out_of_our_contexts() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("a", "u1"));
    put(&mut files, &entry("b", "u2"));
    for context in ["vc-a", "vc-b", "vc-a", "vc-a", "vc-b"] {
        files.switch_to(context).unwrap();
        assert_eq!(files.current_context(), Some(context));
        let previous = files.record(context).unwrap().previous;
        assert_eq!(previous.as_deref(), Some("prod"));
    }
    assert_eq!(
        files.switch_back(),
        Some(SwitchedBack::To("prod".to_owned()))
    );
    assert_eq!(files.current_context(), Some("prod"));
    assert_eq!(files.switch_back(), None);
    assert_eq!(files.current_context(), Some("prod"));
}

#[test]
fn a_loop_of_records_ends_in_a_blank_context() {
    let mut files = files("");
    put(&mut files, &entry("a", "u1"));
    put(&mut files, &entry("b", "u2"));
    let record = |files: &mut Files, index: usize, previous: &str| {
        let mut contexts = document::entries_mut(&mut files.files[0].document, Section::Contexts);
        let record = document::record_mut(Section::Contexts, contexts.nth(index).unwrap());
        record.unwrap()["previous"] = json!(previous);
    };
    record(&mut files, 0, "vc-b");
    record(&mut files, 1, "vc-a");
    files.files[0]
        .document
        .insert("current-context".to_owned(), json!("vc-a"));
    assert_eq!(files.switch_back(), Some(SwitchedBack::Blank));
    assert_eq!(files.current_context(), None);
}

#[test]
fn a_previous_context_that_is_gone_is_not_replaced_by_another() {
    let mut first = files(FOREIGN);
    put(&mut first, &entry("dev", "u1"));
    first.switch_to("vc-dev").unwrap();
    let text = first.changes().unwrap()[0].1.clone();
    let text = text.replace("- name: prod\n  context", "- name: other\n  context");
    // A second file's own current context must not come into force either.
    let mut files = Files::new(vec![
        file("/1", &text),
        file("/2", "current-context: other"),
    ]);
    assert_eq!(files.remove("u1").switched_back, Some(SwitchedBack::Blank));
    assert_eq!(files.current_context(), None);
    assert_eq!(files.context_names(), ["other"]);
}

#[test]
fn removing_what_is_not_there_or_not_current_switches_nothing() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    let nothing = Removed {
        contexts: Vec::new(),
        switched_back: None,
    };
    assert_eq!(files.remove("u9"), nothing);
    assert_eq!(files.remove("u1").switched_back, None);
    assert_eq!(files.remove("u1"), nothing);
    assert_eq!(files.current_context(), Some("prod"));
}

#[test]
fn switching_to_a_context_that_does_not_exist_is_an_error() {
    let mut files = files(FOREIGN);
    assert_eq!(
        files.switch_to("nowhere").unwrap_err().to_string(),
        "context `nowhere` does not exist in the kubeconfig"
    );
}

#[test]
fn clusters_are_found_by_name_and_namespace() {
    let mut files = files(FOREIGN);
    put(&mut files, &entry("dev", "u1"));
    let (dev, other) = ("dev".parse().unwrap(), "other".parse().unwrap());
    let (here, elsewhere) = ("team-a".parse().unwrap(), "team-b".parse().unwrap());
    assert_eq!(
        files.find(&dev, None),
        [("vc-dev".to_owned(), record("dev", "u1"))]
    );
    assert_eq!(files.find(&dev, Some(&here)).len(), 1);
    assert_eq!(files.find(&dev, Some(&elsewhere)), []);
    assert_eq!(files.find(&other, None), []);
    assert_eq!(files.record("prod"), None);
}

#[test]
fn what_is_no_kubeconfig_is_refused_with_its_line() {
    let cases = [
        ("a: 1\nb: 'x\n", 2, "unclosed quote"),
        (
            "a: 1\nclusters: 5\n",
            2,
            "`clusters` is not a list of mappings",
        ),
        ("users:\n- a\n", 2, "`users` is not a list of mappings"),
        ("- a\n", 1, "it is not a mapping"),
        (
            "a: 1\n\na: 2\n",
            3,
            "duplicate mapping key `a` is not allowed here",
        ),
        (
            "a: 1\n---\nb: 2\n",
            3,
            "only single YAML document expected but multiple found",
        ),
        (
            "a: 1\nb: x\u{2028}y\n",
            2,
            "write the character U+2028 as an escape",
        ),
    ];
    for (text, line, message) in cases {
        assert_eq!(
            malformed(text),
            (Some(line), message.to_owned()),
            "{text:?}"
        );
    }
    assert!(File::parse("/c", "a: !mine x\n").is_err());
    assert!(File::parse("/c", "a: .inf\n").is_err());
}

#[test]
fn an_empty_file_is_an_empty_kubeconfig() {
    for text in [
        "",
        "\n",
        "---\n",
        "# nothing\n",
        "null\n",
        "clusters:\nusers: null\n",
        "{}",
    ] {
        let files = files(text);
        assert_eq!(files.context_names(), [""; 0], "{text:?}");
        assert_eq!(files.current_context(), None);
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_read() {
    let text = format!("\u{feff}{}", FOREIGN.replace('\n', "\r\n"));
    assert_eq!(file("/c", &text).document, file("/c", FOREIGN).document);
}

#[test]
fn a_json_kubeconfig_stays_json() {
    let text = "{\n\t\"clusters\": [{\"name\": \"a\\/b\", \"cluster\": {}}],\n\t\"x\": \"\\ud83d\\ude00\"\n}";
    let mut files = files(text);
    put(&mut files, &entry("dev", "u1"));
    let written: Value = serde_json::from_str(&files.changes().unwrap()[0].1).unwrap();
    assert_eq!(written["clusters"][0]["name"], json!("a/b"));
    assert_eq!(written["clusters"][1]["name"], json!("vc-dev"));
    assert_eq!(written["x"], json!("😀"));
}

#[test]
fn scalars_mean_what_kubectl_takes_them_for() {
    let text = "[on, nO, yEs, Yes, y, 0755, 1_000, 0x1F, ~, '~', 'on', 1e3, 2001-01-01, 1:20]";
    let document = file("/c", &format!("a: {text}")).document;
    assert_eq!(
        document["a"],
        json!([
            true,
            "nO",
            "yEs",
            true,
            true,
            493,
            1000,
            31,
            null,
            "~",
            "on",
            1000.0,
            "2001-01-01",
            "1:20"
        ])
    );
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    let document = file("/c", "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n").document;
    assert_eq!(document["c"], json!({"b": 1}));
    assert_eq!(document["d"], json!({"b": 1, "e": 2}));
}

#[test]
fn nothing_secret_is_shown_by_debug() {
    assert!(!format!("{:?}", files(FOREIGN)).contains("secret"));
}

#[test]
fn ten_megabytes_are_read_and_written() {
    let data = "Q".repeat(100_000);
    let cluster = |number: usize| {
        format!("- name: c{number}\n  cluster: {{certificate-authority-data: {data}}}\n")
    };
    let text = format!("clusters:\n{}", (0..100).map(cluster).collect::<String>());
    assert!(text.len() > 10_000_000);
    let mut files = files(&text);
    put(&mut files, &entry("dev", "u1"));
    assert_eq!(
        written(&files).files[0].document["clusters"]
            .as_array()
            .unwrap()
            .len(),
        101
    );
}

#[test]
fn a_change_of_anything_foreign_is_refused() {
    let mut files = files(FOREIGN);
    files.files[0].document["users"][0]["user"]["token"] = json!("other");
    assert!(matches!(files.changes(), Err(Error::Unfaithful { .. })));
}

#[test]
fn ports_are_the_same_for_a_cluster_and_free() {
    let uid = "4f5c1a52-61f3-4a30-9f2e-2b1c0a7d9e11";
    // The SHA-256 of the UID as one number, modulo 10,000.
    assert_eq!(choose_port(uid, &BTreeSet::new()), 20_336);
    assert_eq!(choose_port(uid, &BTreeSet::from([20_336])), 20_337);
    let all_but_one: BTreeSet<u16> = (20_000..=29_999).filter(|port| *port != 23_456).collect();
    assert_eq!(choose_port("any", &all_but_one), 23_456);
}

/// Text that readers of YAML disagree about, and text of every kind.
fn awkward() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "on",
        "no",
        "yes",
        "y",
        "nO",
        "1_000",
        "0x1F",
        "0o17",
        "~",
        "null",
        "",
        " a",
        "a ",
        "007",
        "1e3",
        ".inf",
        "a\nb\n",
        "\n",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "'",
        "\"",
        "\\",
        "<<",
        "=",
        "é😀",
        "\u{85}\u{2028}\u{feff}",
        "\t",
        "\r\n",
        "\0",
        "---",
        "...",
        "!a",
        "&a",
        "*a",
        "%a",
        "2001-01-01",
        "1:20",
        "{a}",
        "[a]",
        "| a",
        "> a",
    ]);
    prop_oneof![
        known.prop_map(str::to_owned),
        ".{0,12}",
        "[A-Za-z0-9+/]{200,300}"
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        4 => awkward().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => (-1e300..1e300_f64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(awkward(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A document with foreign entries of any shape; some take the names we would take.
fn any_document() -> impl Strategy<Value = Document> {
    let name = prop_oneof![
        awkward(),
        prop::sample::select(vec!["vc-dev".to_owned(), "vc-dev.team-a".to_owned()])
    ];
    let list = prop::collection::vec((name, any_value(), any_value()), 0..3).boxed();
    let lists = (list.clone(), list.clone(), list, awkward());
    let rest = prop::collection::hash_map(awkward(), any_value(), 0..3);
    (lists, rest).prop_map(|((clusters, users, contexts, current), rest)| {
        let mut document: Document = rest.into_iter().collect();
        let lists = [
            ("cluster", clusters),
            ("user", users),
            ("context", contexts),
        ];
        for (body, entries) in lists {
            let entries = entries
                .into_iter()
                .map(|(name, value, more)| json!({ "name": name, body: value, "more": more }));
            document.insert(format!("{body}s"), entries.collect());
        }
        document.insert("current-context".to_owned(), json!(current));
        document
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_document_is_the_same_after_writing_and_reading(document in any_document(), json in any::<bool>()) {
        let text = document::print(&document, json).unwrap();
        // Only what we print escapes the line breaks that readers disagree about.
        if !json {
            prop_assert_eq!(document::parse(&text).unwrap(), document);
        } else if let Ok(again) = document::parse(&text) {
            prop_assert_eq!(again, document);
        }
    }

    #[test]
    fn adding_keeps_everything_foreign_and_removing_restores_it(
        document in any_document(),
        second in any_document(),
        command in awkward(),
    ) {
        let texts = [&document, &second].map(|document| document::print(document, false).unwrap());
        let mut files = Files::new(vec![file("/1", &texts[0]), file("/2", &texts[1])]);
        let current = files.current_context().map(str::to_owned);
        let mut entry = entry("dev", "u1");
        entry.exec.command = command;
        let context = put(&mut files, &entry);
        files.switch_to(&context).unwrap();

        let mut again = written(&files);
        prop_assert_eq!(&put(&mut again, &entry), &context);
        again.switch_to(&context).unwrap();
        prop_assert!(again.changes().unwrap().is_empty());

        let removed = again.remove("u1");
        prop_assert_eq!(removed.contexts, [context]);
        let after = written(&again);
        for (file, before) in after.files.iter().zip([&document, &second]) {
            for (key, value) in before {
                let now = file.document.get(key);
                prop_assert!(key == "current-context" || now == Some(value), "{key}");
            }
            for key in file.document.keys() {
                prop_assert!(before.contains_key(key), "{key}");
            }
        }
        let defined = current.filter(|name| after.has_context(name));
        prop_assert_eq!(after.current_context(), defined.as_deref());
    }

    #[test]
    fn reading_never_panics(text in ".{0,80}") {
        drop(File::parse("/c", &text));
    }
}
