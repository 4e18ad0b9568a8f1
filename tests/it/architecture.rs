//! Who may know whom: the absences that ARCHITECTURE.md promises, read from the source itself.

use std::path::Path;

use crate::golden;

/// One file of `src`, without its tests and comments.
struct Source {
    /// `kubeconfig/file.rs`.
    path: String,
    code: String,
}

impl Source {
    /// Whether it is one of these modules, or below it: `kubeconfig` is `kubeconfig.rs` and all of
    /// `kubeconfig/`.
    fn is_in(&self, modules: &[&str]) -> bool {
        modules.iter().any(|module| {
            let rest = self.path.strip_prefix(module);
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    }

    /// The lines that have one of these words.
    fn lines_with<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let has = move |line: &&str| words.iter().any(|word| line.contains(word));
        self.code.lines().map(str::trim).filter(has)
    }
}

/// Every file of `src` that is not a test.
fn sources() -> Vec<Source> {
    let root = golden::repository("src");
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    assert!(sources.len() > 30, "{}", sources.len());
    sources
}

fn collect(root: &Path, directory: &Path, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap();
        if stem == "tests" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, sources);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests within a file are its last part.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let lines: Vec<&str> = code.lines().filter(is_code).collect();
        sources.push(Source {
            path: path.strip_prefix(root).unwrap().display().to_string(),
            code: lines.join("\n"),
        });
    }
}

/// Asserts that no line outside of `except` has one of the words. An exception is a file and what
/// the line that is allowed there has in it.
#[track_caller]
fn assert_absent(sources: &[&Source], words: &[&str], except: &[(&str, &str)]) {
    let mut faults = Vec::new();
    let mut used = vec![false; except.len()];
    for source in sources {
        for line in source.lines_with(words) {
            let exception = except
                .iter()
                .position(|(path, allowed)| source.path == *path && line.contains(allowed));
            match exception {
                Some(index) => used[index] = true,
                None => faults.push(format!("src/{}: {line}", source.path)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (is_used, exception) in used.iter().zip(except) {
        assert!(is_used, "no longer needed: {exception:?}");
    }
}

/// What makes the same input give another output.
const OUTSIDE_WORLD: [&str; 12] = [
    "std::fs",
    "std::env",
    "std::net::Tcp",
    "std::net::Udp",
    "std::process",
    // `use std::{env, fs}` would hide from the words above.
    "use std::{",
    "tokio",
    "Timestamp::now",
    "SystemTime",
    "Instant::now",
    "kube::",
    "crate::host",
];

#[test]
fn pure_modules_know_nothing_of_the_outside_world() {
    let all = sources();
    let pure: Vec<&Source> = all
        .iter()
        .filter(|source| {
            source.is_in(&[
                "names",
                "kinds",
                "why",
                "tree",
                "labels",
                "quantity",
                "cluster",
                "change",
                "upgrade",
                "image",
                "render",
                "sync",
                "pki",
                "pod_security",
                "doctor",
                "kubeconfig",
                "exec_credential",
                "commands/doctor/page",
                "commands/describe/description",
                "commands/describe/page",
                "commands/why/page",
                "commands/events/row",
                "commands/top/row",
                "commands/top/model",
                "commands/top/draw",
                "figures",
                "commands/logs/lines",
                "syncer/translate",
                "syncer/plan",
                "kubelet/route",
                "kubelet/scrub",
                "kubelet/stats/counters",
                "kubelet/stats/report",
                "dns/index",
                "dns/answer",
                "dns/message",
                "dns/recent",
                "distribution/challenge",
                "distribution/docker_config",
            ])
        })
        .filter(|source| !source.is_in(&["kubeconfig/file"]))
        .collect();
    assert!(pure.len() > 15, "{}", pure.len());
    assert_absent(
        &pure,
        &OUTSIDE_WORLD,
        &[
            // Data types alone.
            ("kubeconfig/merged.rs", "use kube::config::Kubeconfig;"),
        ],
    );
}

#[test]
fn what_is_below_the_commands_does_not_know_them() {
    let all = sources();
    let below: Vec<&Source> = all
        .iter()
        .filter(|source| {
            source.is_in(&[
                "names",
                "kinds",
                "why",
                "tree",
                "labels",
                "error",
                "cluster",
                "image",
                "render",
                "sync",
                "pki",
                "pod_security",
                "kubeconfig",
                "exec_credential",
                "tunnel",
                "apply",
                "claim",
                "find",
                "doctor",
                "holder",
                "serving",
                "preflight",
                "distribution",
                "syncer",
                "kubelet",
                "dns",
            ])
        })
        .collect();
    let above = ["crate::cli", "crate::ui", "crate::commands", "clap::"];
    assert_absent(&below, &above, &[]);
}

#[test]
fn only_apply_writes_to_the_host() {
    let all = sources();
    let with_client: Vec<&Source> = all
        .iter()
        .filter(|source| source.code.contains("kube::") && !source.path.starts_with("apply"))
        .collect();
    assert!(with_client.len() > 5, "{}", with_client.len());
    let writes = [
        ".create(",
        ".patch(",
        ".patch_status(",
        ".replace(",
        ".replace_status(",
        ".delete(",
        ".delete_this(",
        ".delete_collection(",
        ".delete_opt(",
        ".evict(",
        ".exec(",
    ];
    assert_absent(
        &with_client,
        &writes,
        &[
            // A question that Kubernetes has one POST: nothing is stored.
            (
                "preflight/rights.rs",
                "api.create(&PostParams::default(), &review)",
            ),
        ],
    );
}

#[test]
fn only_ui_talks_to_the_terminal() {
    let all = sources();
    let others: Vec<&Source> = all.iter().filter(|source| !source.is_in(&["ui"])).collect();
    let words = [
        "println!",
        "print!(",
        "dbg!",
        "io::stdout",
        "io::stderr",
        "io::stdin",
        "anstream::",
        "dialoguer",
        "indicatif",
        "crossterm",
        "DefaultTerminal",
    ];
    assert_absent(
        &others,
        &words,
        &[
            // The one word that a tunnel in the background says to whoever started it.
            ("commands/tunnel.rs", "&mut io::stdout(),"),
            // The log of the libraries.
            ("commands.rs", ".with_writer(std::io::stderr)"),
        ],
    );
}

#[test]
fn only_config_reads_the_environment() {
    let all = sources();
    let others: Vec<&Source> = all
        .iter()
        .filter(|source| source.path != "config.rs")
        .collect();
    let words = [
        "env::var",
        "env::temp_dir",
        "env::current_dir",
        "current_exe",
        "dirs::",
    ];
    assert_absent(&others, &words, &[]);
}

#[test]
fn only_main_ends_the_process() {
    let all = sources();
    let others: Vec<&Source> = all
        .iter()
        .filter(|source| source.path != "main.rs")
        .collect();
    let words = ["process::exit", "process::abort", "ExitCode", "_exit("];
    assert_absent(&others, &words, &[]);
}

#[test]
fn no_module_is_named_after_nothing() {
    let empty_names = [
        "util", "utils", "helper", "helpers", "common", "misc", "shared", "base",
    ];
    let mut all = sources();
    let tests = golden::repository("tests");
    for directory in ["it", "e2e"] {
        let directory = tests.join(directory);
        if directory.exists() {
            collect(&tests, &directory, &mut all);
        }
    }
    for source in all {
        let path = source.path.trim_end_matches(".rs");
        for part in path.split('/') {
            assert!(!empty_names.contains(&part), "{}", source.path);
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for path in sources().iter().map(|source| &source.path) {
        let text = std::fs::read_to_string(golden::repository("src").join(path)).unwrap();
        assert!(text.starts_with("//! "), "src/{path}");
    }
}
