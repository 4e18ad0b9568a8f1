//! `vc delete`: who is asked, and who is not.

use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::{Eof, Expect};

use crate::fake_host::FakeHost;
use crate::sandbox::{Sandbox, Session, VC};

#[test]
fn off_a_terminal_all_is_refused_without_yes() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("delete --all");
    session.vc("delete --all -n team-b");
    assert!(host.requests().is_empty(), "{:?}", host.requests());
    session.assert_matches("delete/all");
}

#[test]
fn a_cluster_that_does_not_exist_is_told_unless_that_is_meant() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("delete nobody");
    session.vc("delete nobody --ignore-not-found");
    session.about("several: each is told of");
    session.vc("delete nobody noone");
    session.vc("delete --all --yes -n team-c");
    session.assert_matches("delete/not_found");
}

#[test]
fn deleting_what_does_not_exist_forgets_its_context() {
    let host = FakeHost::answering(crate::list::clusters);
    let text = crate::disconnect::connected("host")
        .replace(
            "http://127.0.0.1:1\n",
            &format!("http://127.0.0.1:{}\n", host.port),
        )
        .replace("name: dev\n", "name: nobody\n")
        .replace("current-context: vc-dev", "current-context: host");
    let mut session = Session::with_kubeconfig(&text);
    session.vc("delete nobody --ignore-not-found");
    let after = session.sandbox.read("home/.kube/config");
    assert!(!after.contains("vc-dev"), "{after}");
    assert!(after.contains("token: a-token"), "{after}");
    session.assert_matches("delete/forgotten");
}

/// `vc` on a terminal of its own.
pub(crate) fn on_a_terminal(sandbox: &Sandbox, args: &[&str]) -> expectrl::session::OsSession {
    let mut command = Command::new(VC);
    command
        .args(args)
        .env_clear()
        .envs(sandbox.environment())
        .env("TERM", "xterm");
    let mut terminal = expectrl::Session::spawn(command).unwrap();
    terminal.set_expect_timeout(Some(Duration::from_secs(20)));
    terminal
}

/// What is on the terminal until the end, and the exit code.
pub(crate) fn end(mut terminal: expectrl::session::OsSession) -> (String, i32) {
    let rest = terminal.expect(Eof).unwrap();
    let rest = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    match terminal.get_process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (rest, code),
        other => panic!("{other:?}: {rest}"),
    }
}

/// Nothing but reading was done.
fn assert_nothing_written(host: &FakeHost) {
    let requests = host.requests();
    assert!(!requests.is_empty());
    assert!(
        requests.iter().all(|request| request.starts_with("GET ")),
        "{requests:?}"
    );
}

#[test]
fn on_a_terminal_no_deletes_nothing() {
    let host = FakeHost::answering(crate::list::clusters);
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    let mut terminal = on_a_terminal(&sandbox, &["delete", "dev"]);
    terminal
        .expect(
            "Delete virtual cluster `dev` (namespace `team-a`) with all data, on context `host`?",
        )
        .unwrap();
    terminal.send("n").unwrap();
    let (rest, code) = end(terminal);
    assert!(rest.contains("nothing was deleted"), "{rest}");
    assert_eq!(code, 1);
    assert_nothing_written(&host);
}

#[test]
fn on_a_terminal_all_asks_too() {
    let host = FakeHost::answering(crate::list::clusters);
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    let mut terminal = on_a_terminal(&sandbox, &["delete", "--all", "-n", "team-a"]);
    terminal.expect("Delete virtual cluster `dev`").unwrap();
    // Enter alone is no.
    terminal.send("\r").unwrap();
    let (_, code) = end(terminal);
    assert_eq!(code, 1);
    assert_nothing_written(&host);
}

#[test]
fn ctrl_c_at_the_prompt_ends_at_once_and_shows_the_cursor() {
    let host = FakeHost::answering(crate::list::clusters);
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    let mut terminal = on_a_terminal(&sandbox, &["delete", "dev"]);
    terminal.expect("on context `host`?").unwrap();
    terminal.send("\x03").unwrap();
    let (rest, code) = end(terminal);
    assert_eq!(code, 130, "{rest}");
    let (hidden, shown) = (rest.rfind("\x1b[?25l"), rest.rfind("\x1b[?25h"));
    assert!(shown.is_some() && shown > hidden, "{rest:?}");
    assert_nothing_written(&host);
}
