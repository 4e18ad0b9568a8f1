//! A kubeconfig that cannot be used: one clear error, the right exit code, and the file as it was.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::fake_host::{Answer, FakeHost, kubeconfig};
use crate::sandbox::{Sandbox, Session};

/// Nobody listens here: what gets this far has read the kubeconfig.
const NOBODY: &str = "http://127.0.0.1:1";

/// Runs the commands that read the kubeconfig, and the one that would write it first.
fn assert_refused(mut session: Session, name: &str) {
    let file = "home/.kube/config";
    let before = std::fs::read(session.sandbox.path(file)).ok();
    session.vc("list");
    session.vc("create dev");
    session.vc("disconnect");
    let after = std::fs::read(session.sandbox.path(file)).ok();
    assert_eq!(before, after, "{name}");
    let lock = session.sandbox.path("home/.kube/config.lock");
    assert!(!lock.exists(), "{name}");
    session.assert_matches(&format!("kubeconfig_faults/{name}"));
}

#[test]
fn none_at_all() {
    assert_refused(Session::new(), "none");
}

#[test]
fn an_empty_one() {
    assert_refused(Session::with_kubeconfig(""), "empty");
}

#[test]
fn a_malformed_one() {
    let text = "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {server: \"x\n";
    assert_refused(Session::with_kubeconfig(text), "malformed");
}

#[test]
fn one_that_is_no_mapping() {
    assert_refused(Session::with_kubeconfig("- a\n- b\n"), "a_list");
}

#[test]
fn one_with_a_list_that_is_none() {
    let text = "apiVersion: v1\nkind: Config\ncontexts:\n  host: {}\n";
    assert_refused(Session::with_kubeconfig(text), "wrong_shape");
}

#[test]
fn one_that_is_not_text() {
    let session = Session::new();
    session
        .sandbox
        .write("home/.kube/config", b"apiVersion: v1\n\xff\xfe\n");
    assert_refused(session, "binary");
}

#[test]
fn a_directory_in_its_place() {
    let session = Session::new();
    std::fs::create_dir_all(session.sandbox.path("home/.kube/config")).unwrap();
    assert_refused(session, "directory");
}

#[test]
fn no_current_context() {
    let text = kubeconfig(NOBODY).replace("current-context: host\n", "");
    assert_refused(Session::with_kubeconfig(&text), "no_current_context");
}

#[test]
fn a_current_context_that_does_not_exist() {
    let text = kubeconfig(NOBODY).replace("current-context: host", "current-context: gone");
    assert_refused(Session::with_kubeconfig(&text), "dangling_current_context");
}

#[test]
fn a_context_that_was_asked_for_and_does_not_exist() {
    let mut session = Session::with_kubeconfig(&kubeconfig(NOBODY));
    session.vc("list --context elsewhere");
    session.export("VC_CONTEXT", "nowhere");
    session.vc("list");
    session.assert_matches("kubeconfig_faults/unknown_context");
}

#[test]
fn a_context_without_its_cluster() {
    let text = kubeconfig(NOBODY).replace("    cluster: host\n", "    cluster: gone\n");
    assert_refused(Session::with_kubeconfig(&text), "missing_cluster");
}

#[test]
fn a_context_without_its_user() {
    let text = kubeconfig(NOBODY).replace("    user: me\n", "    user: gone\n");
    assert_refused(Session::with_kubeconfig(&text), "missing_user");
}

#[test]
fn a_field_of_the_wrong_type_is_named_without_its_value() {
    let text = kubeconfig(NOBODY).replace("token: a-token", "token: [a-secret]");
    assert_refused(Session::with_kubeconfig(&text), "wrong_type");
}

#[test]
fn a_server_that_is_no_address() {
    let text = kubeconfig("not an address");
    assert_refused(Session::with_kubeconfig(&text), "bad_server");
}

#[test]
fn a_certificate_file_that_is_not_there() {
    let text = kubeconfig(NOBODY).replace(
        "    server:",
        "    certificate-authority: ca.crt\n    server:",
    );
    assert_refused(Session::with_kubeconfig(&text), "missing_ca");
}

#[test]
fn a_namespace_that_is_no_name() {
    let text = kubeconfig(NOBODY).replace("namespace: team-a", "namespace: Team_A");
    assert_refused(Session::with_kubeconfig(&text), "bad_namespace");
}

#[test]
fn in_a_pod_without_a_token() {
    if std::path::Path::new("/var/run/secrets/kubernetes.io/serviceaccount/token").exists() {
        println!("skipped: this is a pod that has a token");
        return;
    }
    let mut session = Session::new();
    session.export("KUBERNETES_SERVICE_HOST", "10.96.0.1");
    session.export("KUBERNETES_SERVICE_PORT", "443");
    session.vc("list");
    session.assert_matches("kubeconfig_faults/in_cluster");
}

/// Answers every list with nothing.
fn empty_host() -> FakeHost {
    FakeHost::answering(|_| Answer::ok(&serde_json::json!({"metadata": {}, "items": []})))
}

#[test]
fn windows_line_ends_are_read() {
    let host = empty_host();
    let mut session = Session::with_kubeconfig(&host.kubeconfig().replace('\n', "\r\n"));
    session.vc("list");
    session.assert_matches("kubeconfig_faults/crlf");
}

#[test]
fn a_link_is_followed() {
    let host = empty_host();
    let mut session = Session::new();
    let target = session.sandbox.write("elsewhere/config", host.kubeconfig());
    std::fs::create_dir(session.sandbox.path("home/.kube")).unwrap();
    symlink(target, session.sandbox.path("home/.kube/config")).unwrap();
    session.vc("list");
    session.assert_matches("kubeconfig_faults/link");
}

#[test]
fn of_several_files_those_that_are_missing_are_skipped() {
    let host = empty_host();
    let mut session = Session::new();
    session.sandbox.write("one", "current-context: host\n");
    session.sandbox.write("two", host.kubeconfig());
    let paths = ["one", "missing", "two"].map(|name| session.sandbox.path(name));
    let joined = std::env::join_paths(paths).unwrap();
    session.export("KUBECONFIG", joined.to_str().unwrap());
    session.vc("list");
    session.about("a flag means this file alone");
    let one = session.sandbox.path("one");
    session.vc_args(&["list", "--kubeconfig", one.to_str().unwrap()]);
    session.assert_matches("kubeconfig_faults/several");
}

#[test]
fn a_read_only_one_is_not_replaced() {
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may write everywhere");
        return;
    }
    let session = Session::with_kubeconfig(&crate::disconnect::connected("host"));
    let file = session.sandbox.path("home/.kube/config");
    let directory = session.sandbox.path("home/.kube");
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&file, 0o400);
    mode(&directory, 0o500);
    let before = std::fs::read(&file).unwrap();
    let mut session = session;
    session.vc("disconnect");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    mode(&directory, 0o700);
    session.assert_matches("kubeconfig_faults/read_only");
}

#[test]
fn nothing_secret_is_shown() {
    // The token stands where the error is.
    let text = kubeconfig(NOBODY).replace("token: a-token", "token: {hidden: \"s3cret");
    let sandbox = Sandbox::with_kubeconfig(&text);
    let outcome = sandbox.run(&["list", "-vv"]);
    assert_eq!(outcome.code, Some(1));
    assert!(!outcome.stderr.contains("s3cret"), "{}", outcome.stderr);
}
