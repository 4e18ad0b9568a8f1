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
    spawn_on_a_terminal(sandbox, VC, args)
}

fn spawn_on_a_terminal(
    sandbox: &Sandbox,
    program: &str,
    args: &[&str],
) -> expectrl::session::OsSession {
    let mut command = Command::new(program);
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

/// `vc delete` from a shell that tells the terminal's settings before and after.
fn told_by_a_shell(sandbox: &Sandbox) -> expectrl::session::OsSession {
    let script =
        "stty -a; echo be'fore'; \"$0\" delete dev; code=$?; echo after; stty -a; exit $code";
    spawn_on_a_terminal(sandbox, "sh", &["-c", script, VC])
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

/// Whenever the signal comes, and whoever sends it.
#[test]
fn a_terminal_is_as_before_when_a_question_is_interrupted() {
    let host = FakeHost::answering(crate::list::clusters);
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    for typed in [true, true, true, true, false] {
        let mut terminal = told_by_a_shell(&sandbox);
        let before = terminal.expect("before").unwrap();
        let before = String::from_utf8_lossy(before.before()).into_owned();
        terminal.expect("on context `host`?").unwrap();
        if typed {
            terminal.send("\x03").unwrap();
        } else {
            // Of the shell and what it has started, one asks.
            let shell = terminal.get_process().pid().as_raw().to_string();
            let ended = Command::new("pkill").args(["-TERM", "-P", &shell]).status();
            assert!(ended.unwrap().success());
        }
        let (rest, code) = end(terminal);
        assert_eq!(code, if typed { 130 } else { 143 }, "{rest}");
        let (ours, after) = rest.split_once("after").unwrap();
        let (hidden, shown) = (ours.rfind("\x1b[?25l"), ours.rfind("\x1b[?25h"));
        assert!(shown.is_some() && shown > hidden, "{ours:?}");
        assert_eq!(before.trim(), after.trim());
    }
    assert_nothing_written(&host);
}
