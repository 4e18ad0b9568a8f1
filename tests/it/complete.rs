//! Names at Tab: what `vc complete` prints, and that bash, zsh and fish ask for it.

use std::process::Command;
use std::time::{Duration, Instant};

use expectrl::Expect;
use serde_json::json;

use crate::fake_host::{Answer, FakeHost, Request};
use crate::list::clusters;
use crate::sandbox::{Sandbox, VC};

/// A host with clusters `dev` and `ci` and two namespaces.
fn host(request: &Request) -> Answer {
    if request.resource() == "namespaces" {
        let items = ["team-a", "team-b"].map(|name| json!({"metadata": {"name": name}}));
        return Answer::ok(&json!({"metadata": {"resourceVersion": "1"}, "items": items}));
    }
    clusters(request)
}

/// What is printed; nothing is ever said.
fn names(sandbox: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let outcome = sandbox.run(&[&["complete"], words.as_slice()].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    outcome.stdout
}

#[test]
fn names_are_those_of_where_the_line_leads() {
    let host = FakeHost::answering(host);
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    for (words, expected) in [
        ("clusters", "ci\ndev\n"),
        ("clusters -- get -n team-a", "dev\n"),
        ("clusters -- get --namespace = team-b", "ci\n"),
        ("clusters -- get --context host", "ci\ndev\n"),
        ("clusters -- get --context missing", ""),
        ("clusters -- get --nested", ""),
        ("clusters -- get --kubeconfig missing", ""),
        ("namespaces -- get -n", "team-a\nteam-b\n"),
        ("contexts -- get --context", "host\n"),
    ] {
        assert_eq!(names(&sandbox, words), expected, "{words}");
    }
}

#[test]
fn where_anything_is_in_the_way_there_are_none_and_nothing_is_said() {
    let nowhere = Sandbox::new();
    let broken = Sandbox::with_kubeconfig("{ not a kubeconfig");
    let denying = FakeHost::answering(Answer::forbidden);
    let denying = Sandbox::with_kubeconfig(&denying.kubeconfig());
    for kind in ["clusters", "namespaces", "contexts"] {
        for sandbox in [&nowhere, &broken] {
            assert_eq!(names(sandbox, kind), "", "{kind}");
        }
    }
    assert_eq!(names(&denying, "clusters"), "");
    assert_eq!(names(&denying, "namespaces"), "");
}

#[test]
fn a_host_that_says_nothing_is_not_waited_for() {
    let host = FakeHost::silent();
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    let began = Instant::now();
    assert_eq!(names(&sandbox, "clusters"), "");
    // A request would be given up after half a minute; the deadline is within a second.
    assert!(began.elapsed() < Duration::from_secs(5), "{began:?}");
}

/// `PATH`, with `vc` in it.
fn path() -> String {
    let directory = std::path::Path::new(VC).parent().unwrap();
    format!("{}:/usr/bin:/bin", directory.display())
}

/// The sandbox of a user whose shell has the script; nothing where there is no such shell.
fn with_script(host: &FakeHost, shell: &str) -> Option<Sandbox> {
    Command::new(shell).arg("--version").output().ok()?;
    let sandbox = Sandbox::with_kubeconfig(&host.kubeconfig());
    let script = sandbox.run(&["completions", shell]).stdout;
    sandbox.write("home/script", script);
    Some(sandbox)
}

/// What the line becomes at Tab, on a terminal.
fn at_tab(sandbox: &Sandbox, shell: &[&str], setup: &str, line: &str, expected: &str) {
    let mut command = Command::new(shell[0]);
    command
        .args(&shell[1..])
        .env_clear()
        .envs(sandbox.environment())
        .env("PATH", path())
        .env("TERM", "dumb")
        .current_dir(sandbox.path("home"));
    let mut terminal = expectrl::Session::spawn(command).unwrap();
    terminal.set_expect_timeout(Some(Duration::from_secs(20)));
    // Bash shows nothing on a terminal that does not echo. The word is whole only when the line was run: in the
    // line itself it is in two pieces.
    terminal
        .send_line(format!("stty echo; {setup}; echo rea'dy'"))
        .unwrap();
    terminal.expect("ready").unwrap();
    terminal.send(format!("{line}\t")).unwrap();
    if let Err(error) = terminal.expect(expected) {
        panic!(
            "{}: `{line}` did not become `{expected}`: {error}",
            shell[0]
        );
    }
}

/// What is typed, and what it becomes.
const LINES: [(&str, &str); 6] = [
    ("vc get d", "vc get dev"),
    ("vc delete -n team-b ", "vc delete -n team-b ci"),
    ("vc list --context h", "vc list --context host"),
    ("vc connect --context=h", "vc connect --context=host"),
    ("vc why pod/web --cluster d", "vc why pod/web --cluster dev"),
    ("vc dis", "vc disconnect"),
];

#[test]
fn bash_completes_names() {
    let host = FakeHost::answering(host);
    let Some(sandbox) = with_script(&host, "bash") else {
        println!("skipped: bash cannot be started");
        return;
    };
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    for (line, expected) in LINES {
        at_tab(&sandbox, &shell, "source ./script", line, expected);
    }
    // A name of a new cluster is none of those there are: the files are offered, as before.
    let setup = "source ./script; touch dev-file";
    at_tab(&sandbox, &shell, setup, "vc create d", "vc create dev-file");
}

#[test]
fn zsh_completes_names() {
    let host = FakeHost::answering(host);
    let Some(sandbox) = with_script(&host, "zsh") else {
        println!("skipped: zsh cannot be started");
        return;
    };
    std::fs::create_dir(sandbox.path("home/functions")).unwrap();
    std::fs::rename(
        sandbox.path("home/script"),
        sandbox.path("home/functions/_vc"),
    )
    .unwrap();
    let setup = "fpath=(~/functions $fpath); autoload -U compinit; compinit -u";
    for (line, expected) in LINES {
        at_tab(&sandbox, &["zsh", "-f", "-i"], setup, line, expected);
    }
}

#[test]
fn fish_completes_names() {
    let host = FakeHost::answering(host);
    let Some(sandbox) = with_script(&host, "fish") else {
        println!("skipped: fish cannot be started");
        return;
    };
    for (line, expected) in [
        ("vc get ", "ci\ndev\n"),
        ("vc delete -n team-b ", "ci\n"),
        ("vc list --context ", "host\n"),
        ("vc get -n ", "team-a\nteam-b\n"),
        ("vc why pod/web --cluster d", "dev\n"),
        ("vc create d", ""),
    ] {
        let output = Command::new("fish")
            .args([
                "--no-config",
                "-c",
                "source ./script; complete -C $argv[1]",
                line,
            ])
            .env_clear()
            .envs(sandbox.environment())
            .env("PATH", path())
            .current_dir(sandbox.path("home"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let offered = String::from_utf8_lossy(&output.stdout);
        // A description may stand behind a tab. Options that can stand there, too, are no names.
        let names = offered.lines().filter(|line| !line.starts_with('-'));
        let names = names.filter_map(|line| line.split('\t').next());
        let names: String = names.flat_map(|name| [name, "\n"]).collect();
        assert_eq!(names, expected, "{line}: {output:?}");
    }
}
