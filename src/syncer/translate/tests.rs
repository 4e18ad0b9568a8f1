//! Cases in `tests/data/translate`, one directory each. `UPDATE=1` writes the results anew.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Scope;

/// The virtual cluster of all cases.
pub(super) fn scope() -> Scope {
    Scope {
        cluster: "dev".parse().unwrap(),
        uid: "5f6f9b4e-7a0e-4a1b-9d0f-1c2d3e4f5a6b".to_owned(),
        host_namespace: "team-a".parse().unwrap(),
    }
}

/// The directories of an area; at least so many, so that a wrong path does not pass.
pub(super) fn cases(area: &str, least: usize) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = root.join("tests/data/translate").join(area);
    let entries = fs::read_dir(&directory).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= least, "{area}: {}", cases.len());
    cases
}

#[track_caller]
pub(super) fn read(case: &Path, file: &str) -> Value {
    let path = case.join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
pub(super) fn assert_is(case: &Path, file: &str, found: &Value) {
    let text = format!("{found:#}\n");
    if is_updating() {
        fs::write(case.join(file), text).unwrap();
        return;
    }
    assert!(
        read(case, file) == *found,
        "{}/{file} says otherwise; UPDATE=1 writes it anew. Found:\n{text}",
        case.display()
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own switch, not the program's"
)]
fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}
