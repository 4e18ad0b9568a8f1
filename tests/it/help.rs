//! `--help` of every command, and what stands in it.

use crate::sandbox::{Sandbox, Session};

#[test]
fn vc_alone_shows_its_help_as_a_usage_error() {
    let mut session = Session::new();
    session.vc("");
    session.assert_matches("help/alone");
}

#[test]
fn help_of_vc_lists_the_commands() {
    let mut session = Session::new();
    session.vc("--help");
    session.assert_matches("help/vc");
}

#[test]
fn hidden_commands_are_not_listed() {
    let help = Sandbox::new().run(&["--help"]).stdout;
    assert!(help.contains("  connect"), "{help}");
    assert!(!help.contains("credential"), "{help}");
    assert!(!help.contains("tunnel"), "{help}");
}

#[test]
fn help_of_every_command() {
    let commands = [
        "create",
        "list",
        "top",
        "get",
        "describe",
        "logs",
        "why",
        "events",
        "tree",
        "where",
        "connect",
        "run",
        "disconnect",
        "kubeconfig",
        "delete",
        "wait",
        "prune",
        "render",
        "rbac",
        "doctor",
        "explain",
        "config",
        "config schema",
        "config init",
        "config view",
        "image",
        "image save",
        "completions",
        "version",
        "credential",
        "tunnel",
    ];
    for command in commands {
        let mut session = Session::new();
        session.vc(&format!("{command} --help"));
        session.assert_matches(&format!("help/{}", command.replace(' ', "_")));
    }
}

#[test]
fn an_alias_is_the_command() {
    let sandbox = Sandbox::new();
    for (alias, command) in [("new", "create"), ("ls", "list"), ("rm", "delete")] {
        let of_alias = sandbox.run(&[alias, "--help"]);
        let of_command = sandbox.run(&[command, "--help"]);
        assert_eq!(of_alias.stdout, of_command.stdout, "{alias}");
        assert_eq!(of_alias.code, Some(0));
    }
}
