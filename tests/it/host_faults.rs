//! A host that does not answer, or not as it should.

use crate::fake_host::{Answer, FakeHost, kubeconfig};
use crate::sandbox::Session;

/// Nobody listens at port 1.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn a_refused_connection_is_an_unreachable_host() {
    let mut session = Session::with_kubeconfig(&kubeconfig(NOBODY));
    for command in [
        "list",
        "list --watch",
        "get dev",
        "describe dev",
        "logs dev",
        "create dev",
        "connect dev",
        "delete dev",
        "kubeconfig dev",
        "render dev",
    ] {
        session.vc(command);
    }
    session.assert_matches("host_faults/refused");
}

#[test]
fn a_host_that_never_answers_is_an_unreachable_host() {
    let host = FakeHost::silent();
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("list --request-timeout 300ms");
    session.export("VC_REQUEST_TIMEOUT", "200ms");
    session.vc("create dev");
    session.assert_matches("host_faults/silent");
}

#[test]
fn a_certificate_that_is_not_trusted_is_an_unreachable_host() {
    let host = FakeHost::impostor();
    let text = kubeconfig(&format!("https://127.0.0.1:{}", host.port));
    let mut session = Session::with_kubeconfig(&text);
    session.vc("list");
    session.assert_matches("host_faults/certificate");
}

#[test]
fn a_name_that_leads_nowhere_is_an_unreachable_host() {
    // RFC 6761: this domain never exists.
    let text = kubeconfig("https://host.invalid");
    let sandbox = crate::sandbox::Sandbox::with_kubeconfig(&text);
    let outcome = sandbox.run(&["list"]);
    // The resolver's own words differ from one system to the next.
    assert_eq!(outcome.code, Some(8), "{}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("the host cluster at https://host.invalid/ cannot be reached"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn expired_credentials_are_denied_with_a_hint_to_log_in() {
    let host = FakeHost::answering(|_| Answer::status(401, "Unauthorized", "Unauthorized"));
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    for command in ["list", "create dev", "delete dev"] {
        session.vc(command);
    }
    session.assert_matches("host_faults/unauthorized");
}

#[test]
fn what_is_forbidden_is_named() {
    let host = FakeHost::answering(Answer::forbidden);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    for command in [
        "list",
        "list -A",
        "list -n team-b",
        "create dev",
        "delete dev",
    ] {
        session.vc(command);
    }
    session.assert_matches("host_faults/forbidden");
}

#[test]
fn an_error_of_the_host_is_told_in_its_own_words() {
    let host = FakeHost::answering(|_| {
        Answer::status(500, "InternalError", "etcdserver: request timed out")
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("list");
    session.assert_matches("host_faults/internal");
}

#[test]
fn something_that_is_no_kubernetes_is_told_apart() {
    let mut session = Session::new();
    let bodies = [
        (200, "<html>it works</html>"),
        (200, "{\"items\": 1}"),
        (404, "404 page not found\n"),
        (502, "<html>Bad Gateway</html>"),
    ];
    for (status, body) in bodies {
        let host = FakeHost::answering(move |_| Answer {
            status,
            body: body.to_owned(),
        });
        session.about(&format!("{status} {}", body.trim()));
        session
            .sandbox
            .write("home/.kube/config", host.kubeconfig());
        session.vc("list");
    }
    session.assert_matches("host_faults/garbage");
}

/// A kubeconfig whose user has a credential plugin.
fn with_plugin(command: &str, args: &str) -> String {
    let exec = format!(
        "exec:
      apiVersion: client.authentication.k8s.io/v1
      command: {command}
      args: {args}
      interactiveMode: Never"
    );
    kubeconfig(NOBODY).replace("token: a-token", &exec)
}

#[test]
fn a_credential_plugin_that_fails_is_denied() {
    let mut session = Session::new();
    let plugins = [
        ("not installed", "/nowhere/login", "[]"),
        ("fails", "/bin/sh", "[-c, 'echo please log in >&2; exit 3']"),
        ("says nothing", "/bin/true", "[]"),
    ];
    for (what, command, args) in plugins {
        session.about(what);
        session
            .sandbox
            .write("home/.kube/config", with_plugin(command, args));
        session.vc("list");
    }
    session.assert_matches("host_faults/plugin");
}
