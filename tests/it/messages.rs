//! How messages look: colour, quiet, annotations; and the form that all of them have.

use std::path::Path;

use crate::fake_host::kubeconfig;
use crate::golden;
use crate::sandbox::{Sandbox, Session};

const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn quiet_keeps_errors_and_data_alone() {
    let mut session = Session::with_kubeconfig(&kubeconfig(NOBODY));
    session.vc("create dev");
    session.vc("create dev --quiet");
    session.vc("version --quiet");
    session.assert_matches("messages/quiet");
}

#[test]
fn github_gets_groups_and_annotations() {
    let mut session = Session::with_kubeconfig(&kubeconfig(NOBODY));
    session.export("GITHUB_ACTIONS", "true");
    session.vc("create dev");
    session.vc("create dev --quiet");
    session.assert_matches("messages/github");
}

/// The error of a command, as it is coloured.
fn error(variables: &[(&str, &str)]) -> String {
    let mut sandbox = Sandbox::new();
    for (name, value) in variables {
        sandbox.set(name, *value);
    }
    sandbox.run(&["list"]).stderr
}

#[test]
fn colour_is_only_for_terminals_unless_it_is_forced() {
    let escape = '\x1b';
    assert!(!error(&[]).contains(escape));
    assert!(error(&[("CLICOLOR_FORCE", "1")]).starts_with("\x1b[1;31merror:\x1b[0m"));
    assert!(!error(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains(escape));
    assert!(!error(&[("NO_COLOR", "1")]).contains(escape));
    assert!(!error(&[("TERM", "dumb")]).contains(escape));
}

#[test]
fn verbose_twice_logs_to_stderr_and_not_to_stdout() {
    let sandbox = Sandbox::with_kubeconfig(&kubeconfig(NOBODY));
    let outcome = sandbox.run(&["list", "-vv"]);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("DEBUG"), "{}", outcome.stderr);
    let plain = sandbox.run(&["list"]);
    assert!(!plain.stderr.contains("DEBUG"), "{}", plain.stderr);
}

/// Every transcript, with its path.
pub(crate) fn transcripts() -> Vec<(String, String)> {
    transcripts_below(&golden::repository("tests/data/command"))
}

fn transcripts_below(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(transcripts_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
    found
}

/// What is wrong with the form of a line of stderr.
fn fault(line: &str) -> Option<&'static str> {
    const OF_RUST: [&str; 9] = [
        "kube::",
        "vc::",
        "Error {",
        "Error(",
        "Os {",
        "Some(",
        "Status {",
        "panicked",
        "RUST_BACKTRACE",
    ];
    if OF_RUST.iter().any(|word| line.contains(word)) {
        return Some("says something in Rust");
    }
    let text = line.strip_prefix("error: ")?;
    if text.starts_with(|c: char| c.is_uppercase()) {
        return Some("does not start in lower case");
    }
    text.ends_with('.').then_some("ends with a full stop")
}

#[test]
fn every_error_has_the_form_that_style_asks_for() {
    let transcripts = transcripts();
    assert!(transcripts.len() > 30, "{}", transcripts.len());
    let mut errors = 0;
    for (path, text) in transcripts {
        for (line, number) in text.lines().zip(1..) {
            let Some(said) = line.strip_prefix("! ") else {
                continue;
            };
            errors += usize::from(said.starts_with("error: "));
            assert_eq!(fault(said), None, "{path}:{number}: {said}");
        }
    }
    assert!(errors > 60, "{errors}");
}

#[test]
fn every_exit_code_of_a_failure_comes_with_an_error() {
    for (path, text) in transcripts() {
        for run in text.split("\n\n$ ") {
            let failed = run
                .lines()
                .any(|line| line.starts_with("[exit ") && line != "[exit 0]");
            let says = run.contains("! error: ") || run.contains("! Usage: ");
            assert!(!failed || says, "{path}: {run}");
        }
    }
}
