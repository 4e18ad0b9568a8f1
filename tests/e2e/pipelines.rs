//! What pipelines are given is run here as their runners run it: the action for GitHub's workflows, the lines of
//! `docs/ci.md` for GitLab's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Call, Done, Sandbox};

/// The checkout.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner's job with one step, the action.
/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#environment-files>
struct Job<'a> {
    sandbox: &'a Sandbox,
    directory: PathBuf,
    action: Value,
    inputs: BTreeMap<&'static str, String>,
}

impl<'a> Job<'a> {
    fn new(sandbox: &'a Sandbox, name: &str, inputs: &[(&'static str, &str)]) -> Self {
        let directory = sandbox.file(name);
        fs::create_dir(&directory).unwrap();
        let action = fs::read_to_string(repository().join("action.yml")).unwrap();
        let inputs = inputs
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()));
        Self {
            sandbox,
            directory,
            action: serde_saphyr::from_str(&action).unwrap(),
            inputs: inputs.collect(),
        }
    }

    /// What the runner starts for `main` or `post`.
    fn starts(&self, part: &str) -> Call {
        let script = self.action["runs"][part].as_str().unwrap();
        let script = repository().join(script);
        let mut call = self.sandbox.program("node", &script.display().to_string());
        for file in [
            "GITHUB_ENV",
            "GITHUB_OUTPUT",
            "GITHUB_PATH",
            "GITHUB_STATE",
            "GITHUB_STEP_SUMMARY",
        ] {
            call = call.env(file, self.directory.join(file));
        }
        for (name, input) in self.action["inputs"].as_object().unwrap() {
            let given = self.inputs.get(name.as_str()).map(String::as_str);
            let value = given.unwrap_or_else(|| input["default"].as_str().unwrap());
            call = call.env(&format!("INPUT_{}", name.to_uppercase()), value);
        }
        for (key, value) in self.told("GITHUB_STATE") {
            call = call.env(&format!("STATE_{key}"), value);
        }
        for (key, value) in self.told("GITHUB_ENV") {
            call = call.env(&key, value);
        }
        call.env("RUNNER_TEMP", &self.directory)
            .env("GITHUB_RUN_ID", "4711")
            .env("GITHUB_REPOSITORY", "shop/web")
    }

    /// What was written to one of the runner's files.
    fn told(&self, file: &str) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.directory.join(file)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// A later step of the job.
    fn step(&self, script: &str) -> Done {
        let mut call = self.sandbox.program("bash", "-e -c").arg(script);
        for (key, value) in self.told("GITHUB_ENV") {
            call = call.env(&key, value);
        }
        call.run()
    }
}

#[test]
fn a_job_has_a_cluster_by_the_action_until_it_ends() {
    let sandbox = Sandbox::new("action");
    let namespace = sandbox.namespace("action");
    let before = sandbox.objects(&namespace);
    let host = fs::read_to_string(sandbox.kubeconfig()).unwrap();
    let inputs = [
        ("namespace", namespace.as_str()),
        ("host-kubeconfig", &host),
    ];
    let job = Job::new(&sandbox, "job", &inputs);
    job.starts("main").ok();
    let outputs = job.told("GITHUB_OUTPUT");
    assert!(outputs["name"].starts_with("ci-4711-"), "{outputs:?}");
    assert_eq!(outputs["namespace"], namespace);
    let summary = fs::read_to_string(job.directory.join("GITHUB_STEP_SUMMARY")).unwrap();
    assert!(summary.contains(&outputs["name"]), "{summary}");
    assert!(summary.contains("| v1."), "{summary}");
    let kubeconfig = &job.told("GITHUB_ENV")["KUBECONFIG"];
    let step = job.step("kubectl get namespaces -o name && stat -c %a \"$KUBECONFIG\"");
    let step = step.exits(0);
    assert_eq!(
        step.lines(),
        [
            "namespace/default",
            "namespace/kube-node-lease",
            "namespace/kube-public",
            "namespace/kube-system",
            "600"
        ]
    );

    // Another job that would have a cluster of that name fails, and does not take it with it.
    let mut inputs = inputs.to_vec();
    inputs.push(("name", &outputs["name"]));
    let other = Job::new(&sandbox, "other", &inputs);
    let failed = other.starts("main").run();
    assert_ne!(failed.code, 0);
    assert!(
        failed.stdout.contains("::error title=vc::"),
        "{}",
        failed.stdout
    );
    other.starts("post").ok();
    job.step("kubectl get namespace default -o name").exits(0);

    job.starts("post").ok();
    assert_eq!(sandbox.objects(&namespace), before);
    assert!(!Path::new(kubeconfig).exists());
}

#[test]
fn the_action_installs_a_release_and_its_installer_knows_where_it_is_from() {
    let sandbox = Sandbox::new("release");
    let releases = sandbox.file("releases");
    let version = sandbox.vc("version").ok();
    let version = version.output().split_whitespace().nth(1).unwrap();
    let into = releases.join("download").join(version);
    let pack = repository().join("release/pack");
    for platform in ["linux-amd64", "linux-arm64"] {
        let line = format!(
            "{version} {platform} {} {}",
            sandbox.vc_path(),
            into.display()
        );
        sandbox.program(&pack.display().to_string(), &line).ok();
    }
    fs::create_dir(releases.join("latest")).unwrap();
    std::os::unix::fs::symlink(&into, releases.join("latest/download")).unwrap();

    let from = format!("file://{}", releases.display());
    let inputs = [
        ("create", "false"),
        ("base-url", from.as_str()),
        ("version", version),
    ];
    let job = Job::new(&sandbox, "job", &inputs);
    job.starts("main").ok();
    let bin = fs::read_to_string(job.directory.join("GITHUB_PATH")).unwrap();
    let installed = Path::new(bin.trim()).join("vc");
    let said = sandbox
        .program(&installed.display().to_string(), "version")
        .ok();
    assert_eq!(said.output(), format!("vc {version}"));
    job.starts("post").ok();

    // The published copy needs no address.
    let published = repository().join("release/installer").display().to_string();
    let script = sandbox.program(&published, &from).ok();
    let prefix = sandbox.file("prefix");
    let line = format!("-s -- --prefix {}", prefix.display());
    sandbox.program("sh", &line).stdin(&script.stdout).ok();
    let said = sandbox
        .program(&prefix.join("bin/vc").display().to_string(), "version")
        .ok();
    assert_eq!(said.output(), format!("vc {version}"));
}

/// The YAML below this heading of `docs/ci.md`.
fn documented(heading: &str) -> Value {
    let text = fs::read_to_string(repository().join("docs/ci.md")).unwrap();
    let below = text.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let block = below.split_once("```yaml\n").unwrap().1;
    serde_saphyr::from_str(block.split_once("```").unwrap().0).unwrap()
}

#[test]
fn the_lines_for_gitlab_run_a_job_in_a_cluster_of_its_own() {
    let sandbox = Sandbox::new("gitlab");
    let job = &documented("GitLab CI")["e2e"];
    let namespace = sandbox.namespace("gitlab");
    let before = sandbox.objects(&namespace);
    let work = sandbox.file("work");
    fs::create_dir(&work).unwrap();
    let lines = job["script"].as_array().unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    let script = lines.join("\n");
    assert!(script.contains("-n ci "), "{script}");
    let script = script.replace("-n ci ", &format!("-n {namespace} "));
    let run = |job: &str| {
        let tests = format!("#!/bin/sh\n{job}\n");
        let prepare = "umask 022 && printf %s \"$TESTS\" > e2e.sh && chmod +x e2e.sh";
        let whole = format!("cd {} && {prepare} && {script}", work.display());
        let call = sandbox.program("bash", "-e -o pipefail -c").arg(&whole);
        call.env("TESTS", tests).env("CI", "true").run()
    };
    let good = run("kubectl auth can-i '*' '*' && kubectl create configmap made").exits(0);
    assert!(
        good.stdout.contains("configmap/made created"),
        "{}",
        good.stdout
    );
    assert!(!work.join("out").exists());
    let bad = run("kubectl get configmap absent; exit 7").exits(7);
    drop(bad);
    let artifacts = job["artifacts"]["paths"][0].as_str().unwrap();
    assert!(work.join(artifacts).is_dir());
    assert_eq!(sandbox.objects(&namespace), before);
}
