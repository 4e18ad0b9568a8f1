//! `vc image save`: an archive, or the reason why there is none.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::delete::{end, on_a_terminal};
use crate::sandbox::{Sandbox, Session, VC};

/// A file that has the header of a Linux program for x86_64, with one part of this type: 1 is loaded,
/// 3 names a loader.
pub(crate) fn program(part: u8) -> Vec<u8> {
    let mut program = vec![0; 120];
    program[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    for (offset, value) in [(16, 3), (18, 62), (32, 64), (54, 56), (56, 1), (64, part)] {
        program[offset] = value;
    }
    // One part, which is the whole file.
    program[96] = 120;
    program
}

#[test]
fn the_archive_is_written_and_what_to_do_with_it_is_said() {
    let mut session = Session::new();
    session.sandbox.write("home/vc", program(1));
    session.vc("image save --binary vc --output vc.tar");
    session.vc("image save --binary vc -o quiet.tar --quiet");
    session.vc("image save --binary vc -o named.tar --tag registry.example.com/team/vc:v1");
    let file = session.sandbox.path("home/vc.tar");
    let archive = std::fs::read(&file).unwrap();
    assert_eq!(
        archive,
        std::fs::read(session.sandbox.path("home/quiet.tar")).unwrap()
    );
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o644);
    let left = std::fs::read_dir(session.sandbox.path("home")).unwrap();
    assert_eq!(left.count(), 4, "the program and three archives");
    session.assert_matches("image/save");
}

#[test]
fn a_pipe_gets_the_archive_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("home/vc", program(1));
    sandbox.run(&["image", "save", "--binary", "vc", "-o", "vc.tar"]);
    let piped = |args: &[&str]| {
        let outcome = sandbox.run(&[&["image", "save", "--binary", "vc"], args].concat());
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(outcome.stderr.starts_with("wrote image `vc.local/vc:v"));
        outcome.stdout
    };
    let archive = sandbox.read("home/vc.tar");
    assert!(archive.contains("manifest.json"));
    assert_eq!(piped(&[]), archive);
    assert_eq!(piped(&["--output", "-"]), archive);
    assert_eq!(piped(&["--output", "/dev/stdout"]), archive);
}

#[test]
fn a_terminal_is_spared_the_archive() {
    let sandbox = Sandbox::new();
    let binary = sandbox.write("home/vc", program(1));
    let binary = binary.to_str().unwrap();
    let (said, code) = end(on_a_terminal(
        &sandbox,
        &["image", "save", "--binary", binary],
    ));
    assert!(
        said.contains("cannot write an image archive to a terminal"),
        "{said}"
    );
    assert!(said.contains("vc image save --output vc.tar"), "{said}");
    assert!(!said.contains("manifest.json"), "{said}");
    assert_eq!(code, 2);
}

#[test]
fn a_device_is_not_replaced_by_a_file() {
    let mut session = Session::new();
    session.sandbox.write("home/vc", program(1));
    session.vc("image save --binary vc -o /dev/null --quiet");
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_program_that_cannot_run_alone_is_refused_at_once() {
    let mut session = Session::new();
    for (name, content) in [
        ("dynamic", program(3)),
        ("mach-o", b"\xcf\xfa\xed\xfe\x0c\0\0\x01".to_vec()),
        ("cut", program(1)[..100].to_vec()),
    ] {
        session.sandbox.write(&format!("home/{name}"), content);
        session.vc(&format!("image save --binary {name} -o vc.tar"));
    }
    session.vc("image save --binary missing -o vc.tar");
    assert!(!session.sandbox.path("home/vc.tar").exists());
    session.assert_matches("image/unusable");
}

#[test]
fn what_cannot_be_meant_is_told() {
    let mut session = Session::new();
    session.sandbox.write("home/vc", program(1));
    session.vc("image save --binary vc -o vc.tar --tag me/vc");
    session.vc("image save --binary vc -o vc.tar --tag Example");
    session.vc("image save --binary vc -o missing/vc.tar");
    session.vc("image save --binary vc -o /");
    session.vc("image");
    session.assert_matches("image/usage");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let binary = sandbox.write("home/vc", program(1));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(VC)
        .args(["image", "save", "--quiet", "--binary"])
        .arg(binary)
        .env_clear()
        .envs(sandbox.environment())
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
