//! `vc version`.

use crate::sandbox::{Sandbox, Session};

#[test]
fn the_version_is_printed_alone() {
    let mut session = Session::new();
    session.vc("version");
    session.vc("--version");
    session.assert_matches("version/version");
}

#[test]
fn the_version_is_printed_as_data() {
    let sandbox = Sandbox::new();
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["version", "-o", "json"]).stdout).unwrap();
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    assert_eq!(
        json,
        serde_json::json!({"version": version, "os": os, "arch": arch})
    );
    assert_eq!(
        sandbox.run(&["version", "-o", "yaml"]).stdout,
        format!("version: {version}\nos: {os}\narch: {arch}\n")
    );
}
