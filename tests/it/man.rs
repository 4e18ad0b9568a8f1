//! `vc man`, and the pages in `docs/man/`.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::golden;
use crate::sandbox::{Sandbox, Session};

/// Every command that is not hidden, as words.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        all.push(path.to_vec());
        for command in command.get_subcommands() {
            if !command.is_hide_set() {
                let path = [path, &[command.get_name().to_owned()]].concat();
                below(command, &path, all);
            }
        }
    }
    let mut all = Vec::new();
    below(&vc::commands::parser(), &[], &mut all);
    all
}

#[test]
fn the_pages_in_the_repository_are_those_that_vc_prints() {
    let sandbox = Sandbox::new();
    let mut files = BTreeSet::new();
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let outcome = sandbox.run(&[&["man"], words.as_slice()].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        let file = format!("{}.1", [&["vc"], words.as_slice()].concat().join("-"));
        golden::assert_matches(&format!("docs/man/{file}"), &outcome.stdout);
        files.insert(file);
    }
    assert!(files.len() > 30, "{files:?}");
    let there = std::fs::read_dir(golden::repository("docs/man")).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<String>>(), files);
}

#[test]
fn man_takes_the_pages() {
    let page = Sandbox::new().run(&["man", "create"]).stdout;
    assert!(page.contains("vc\\-create"), "{page}");
    assert!(page.contains(".TH vc-create 1 \"\" vc vc\n"), "{page}");
    let formatter = Command::new("groff")
        .args(["-man", "-Tascii", "-ww", "-z"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut formatter = match formatter {
        Ok(formatter) => formatter,
        Err(error) => {
            println!("skipped: groff cannot be started: {error}");
            return;
        }
    };
    std::io::Write::write_all(&mut formatter.stdin.take().unwrap(), page.as_bytes()).unwrap();
    let output = formatter.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_is_no_command_has_no_page() {
    let mut session = Session::new();
    session.vc("man image pull");
    session.vc("man syncer");
    session.assert_matches("man/unknown");
}
