//! `vc disconnect`: needs the kubeconfig and nothing else.

use crate::sandbox::{Sandbox, Session};

/// A kubeconfig in which our context `vc-dev` is current, made while `previous` was.
pub(crate) fn connected(previous: &str) -> String {
    let record = |previous: &str| {
        format!(
            "    extensions:
    - name: vc.internal
      extension:
        uid: u-1
        name: dev
        namespace: team-a
        port: 20001
        host:
          context: host
          kubeconfig: []
{previous}"
        )
    };
    let in_entry = record("");
    let in_context = record(&format!("        previous: {previous}\n"));
    format!(
        "apiVersion: v1
kind: Config
current-context: vc-dev
clusters:
- name: host
  cluster:
    server: http://127.0.0.1:1
- name: vc-dev
  cluster:
    server: https://127.0.0.1:20001
{in_entry}contexts:
- name: host
  context:
    cluster: host
    user: me
- name: vc-dev
  context:
    cluster: vc-dev
    user: vc-dev
{in_context}users:
- name: me
  user:
    token: a-token
- name: vc-dev
  user:
{in_entry}"
    )
}

const FILE: &str = "home/.kube/config";

#[test]
fn it_leads_back_to_the_context_before() {
    let mut session = Session::with_kubeconfig(&connected("host"));
    session.vc("disconnect");
    session.about("a second time there is nothing to do, and nothing is written");
    let after = session.sandbox.read(FILE);
    session.vc("disconnect");
    assert_eq!(session.sandbox.read(FILE), after);
    assert!(after.contains("current-context: host\n"), "{after}");
    session.about("without a word");
    session.sandbox.write(FILE, connected("host"));
    session.vc("disconnect --quiet");
    session.assert_matches("disconnect/back");
}

#[test]
fn only_the_current_context_changes() {
    let sandbox = Sandbox::with_kubeconfig(&connected("host"));
    let parse = |text: &str| -> serde_json::Value { serde_saphyr::from_str(text).unwrap() };
    let mut before = parse(&sandbox.read(FILE));
    assert_eq!(sandbox.run(&["disconnect"]).code, Some(0));
    let after = parse(&sandbox.read(FILE));
    before["current-context"] = "host".into();
    assert_eq!(after, before);
}

#[test]
fn a_context_that_is_gone_leaves_none() {
    let mut session = Session::with_kubeconfig(&connected("gone"));
    session.vc("disconnect");
    session.vc("disconnect");
    session.assert_matches("disconnect/gone");
}

#[test]
fn somebody_else_s_context_is_left_alone() {
    let text = connected("host").replace("current-context: vc-dev", "current-context: host");
    let mut session = Session::with_kubeconfig(&text);
    let written = std::fs::metadata(session.sandbox.path(FILE)).unwrap();
    session.vc("disconnect");
    let still = std::fs::metadata(session.sandbox.path(FILE)).unwrap();
    assert_eq!(session.sandbox.read(FILE), text);
    assert_eq!(written.modified().unwrap(), still.modified().unwrap());
    session.assert_matches("disconnect/foreign");
}

#[test]
fn no_context_is_nothing_to_leave() {
    let text = connected("host").replace("current-context: vc-dev", "current-context: \"\"");
    let mut session = Session::with_kubeconfig(&text);
    session.vc("disconnect");
    assert_eq!(session.sandbox.read(FILE), text);
    session.assert_matches("disconnect/blank");
}

#[test]
fn a_file_that_does_not_exist_is_not_made() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["disconnect"]).code, Some(0));
    assert!(!sandbox.path(FILE).exists());
}
