//! `vc completions`, and the scripts in `completions/`.

use std::process::Command;

use crate::golden;
use crate::sandbox::Sandbox;

#[test]
fn the_scripts_in_the_repository_are_those_that_vc_prints() {
    let sandbox = Sandbox::new();
    let files = [
        ("bash", "vc.bash"),
        ("zsh", "_vc"),
        ("fish", "vc.fish"),
        ("elvish", "vc.elv"),
        ("powershell", "vc.ps1"),
    ];
    for (shell, file) in files {
        let outcome = sandbox.run(&["completions", shell]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        golden::assert_matches(&format!("completions/{file}"), &outcome.stdout);
    }
}

#[test]
fn bash_takes_its_script() {
    let script = golden::repository("completions/vc.bash");
    match Command::new("bash").arg("-n").arg(&script).output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            assert!(output.stderr.is_empty(), "{output:?}");
        }
        Err(error) => println!("skipped: bash cannot be started: {error}"),
    }
}

#[test]
fn hidden_commands_are_not_completed() {
    let sandbox = Sandbox::new();
    let script = sandbox.run(&["completions", "fish"]).stdout;
    assert!(script.contains("-a \"connect\""), "{script}");
    for hidden in ["complete", "credential", "tunnel"] {
        assert!(
            !script.contains(&format!("-a \"{hidden}\"")),
            "{hidden} in {script}"
        );
    }
}
