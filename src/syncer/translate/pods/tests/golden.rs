//! Cases in `tests/data/translate`, one directory each. `UPDATE=1` writes the results anew.
//!
//! - `pods/CASE`: `virtual.json` -> `host.json` and `tokens.json`, or `refusal.json`
//! - `pod-changes/CASE`: a host pod made of `before.json` and changed there by `host-patch.json`, now
//!   that the virtual pod is `after.json` -> `changes.json`
//! - `pod-status/CASE`: `virtual.json` and `host.json` -> `status.json`
//!
//! What is around the pod is `Context::new` with `context.json`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::{Change, changes, status, to_host};
use super::{Context, merge};
use crate::syncer::translate::Refusal;

#[test]
fn pods_become_host_pods() {
    for case in cases("pods", 30) {
        let pod = read(&case, "virtual.json");
        let context = context(&case);
        match to_host(&pod, context.around()) {
            Ok(host) => {
                assert_is(&case, "host.json", &host.object);
                let tokens = host.tokens.iter().map(|token| {
                    json!({
                        "key": token.key,
                        "audience": token.audience,
                        "expirationSeconds": token.expiration_seconds,
                    })
                });
                if !host.tokens.is_empty() || case.join("tokens.json").exists() {
                    assert_is(&case, "tokens.json", &tokens.collect());
                }
                assert!(!case.join("refusal.json").exists(), "{}", case.display());
            }
            Err(refusal) => {
                assert_is(&case, "refusal.json", &refusal_json(&refusal));
                assert!(!case.join("host.json").exists(), "{}", case.display());
            }
        }
    }
}

#[test]
fn changes_of_pods_become_patches() {
    for case in cases("pod-changes", 10) {
        let context = context(&case);
        let before = read(&case, "before.json");
        let after = read(&case, "after.json");
        let mut host = to_host(&before, context.around()).unwrap().object;
        if case.join("host-patch.json").exists() {
            merge(&mut host, &read(&case, "host-patch.json"));
        }
        let context = Context::new(&merged_context(&case));
        let found = match changes(&after, &host, context.around()) {
            Ok(changes) => changes.iter().map(change_json).collect(),
            Err(refusal) => refusal_json(&refusal),
        };
        assert_is(&case, "changes.json", &found);
    }
}

#[test]
fn host_status_becomes_virtual_status() {
    for case in cases("pod-status", 8) {
        let pod = read(&case, "virtual.json");
        let context = context(&case);
        let mut host = to_host(&pod, context.around()).unwrap().object;
        merge(&mut host, &read(&case, "host.json"));
        let found = status(&pod, &host, context.around());
        assert_is(&case, "status.json", &found);
    }
}

fn change_json(change: &Change) -> Value {
    match change {
        Change::Pod(patch) => json!({"pod": patch}),
        Change::EphemeralContainers(patch) => json!({"ephemeralcontainers": patch}),
        Change::Resize(patch) => json!({"resize": patch}),
        Change::Status(patch) => json!({"status": patch}),
    }
}

fn refusal_json(refusal: &Refusal) -> Value {
    json!({"reason": refusal.reason, "message": refusal.message})
}

/// The directories of an area; at least so many, so that a wrong path does not pass.
fn cases(area: &str, least: usize) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = root.join("tests/data/translate").join(area);
    let mut cases: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= least, "{area}: {}", cases.len());
    cases
}

fn context(case: &Path) -> Context {
    let mut other = json!({});
    if case.join("context.json").exists() {
        other = read(case, "context.json");
    }
    Context::new(&other)
}

/// The context after the change: `context.json` and what `context-patch.json` changes in it.
fn merged_context(case: &Path) -> Value {
    let mut other = json!({});
    for file in ["context.json", "context-patch.json"] {
        if case.join(file).exists() {
            merge(&mut other, &read(case, file));
        }
    }
    other
}

#[track_caller]
fn read(case: &Path, file: &str) -> Value {
    let path = case.join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
fn assert_is(case: &Path, file: &str, found: &Value) {
    let text = format!("{found:#}\n");
    if is_updating() {
        fs::write(case.join(file), text).unwrap();
        return;
    }
    let expected = read(case, file);
    assert!(
        expected == *found,
        "{}/{file} says otherwise; UPDATE=1 writes it anew. Found:\n{text}",
        case.display()
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own switch, not the program's"
)]
pub(super) fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}
