//! The host cluster, and the one thing that has to happen when the run ends.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::PipeWriter;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Label of the namespaces that a run of these tests made; its value is the run's.
pub(super) const RUN_LABEL: &str = "vc-e2e/run";

/// What ends a run, however it ends: a shell that waits for this process to go.
///
/// Every name has the run's random part in it, so nothing of anybody else is touched. It says nothing,
/// but keeps stderr open until it is done: whoever reads that to its end (`tests/run`) waits for it.
const REAPER: &str = r#"
exec 3>&2 >/dev/null 2>/dev/null
cat
"$KUBECTL" get namespaces -o name | grep -e "-$RUN-" |
    xargs -r "$KUBECTL" delete --ignore-not-found --timeout=60s
"$KUBECTL" delete storageclass,crd,priorityclass,ingressclass,node,validatingadmissionpolicy,validatingadmissionpolicybinding -l "vc-e2e/run=$RUN"
for pid in $(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$DIR"/*/state/vc/tunnels/*.json); do
    ! grep -q tunnel "/proc/$pid/cmdline" || kill "$pid"
done
rm -rf -- "$DIR"
"#;

/// The host cluster, as every test may use it.
pub(super) struct TestHost {
    /// Directory of this run.
    pub dir: PathBuf,
    /// Kubeconfig with the one context `host`; never written to after it is made.
    pub kubeconfig: PathBuf,
    /// The program under test.
    pub vc: String,
    /// Its image, which the host's nodes have; none if it brings its own.
    pub image: String,
    /// The program.
    pub kubectl: String,
    /// Where programs are found.
    pub path: String,
    /// Random part of every name that this run gives.
    pub run: String,
    /// What raises and breaks the host, if it is the one that comes with these tests.
    pub breaker: Option<PathBuf>,
    /// Whether everything is left as it is at the end, to be looked at.
    pub keep: bool,
    /// The reaper, and what it waits for to be closed, by the end of this process.
    _reaper: Option<(Child, PipeWriter)>,
}

/// The host of this run.
pub(super) fn host() -> &'static TestHost {
    static HOST: OnceLock<TestHost> = OnceLock::new();
    HOST.get_or_init(find)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings, which the product does not know"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn find() -> TestHost {
    let Some(kubeconfig) = variable("VC_TEST_KUBECONFIG") else {
        panic!("VC_TEST_KUBECONFIG is not set: `make e2e` raises a host cluster and sets it");
    };
    let vc = variable("VC_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_vc").to_owned());
    let image = variable("VC_IMAGE").unwrap_or_default();
    assert!(
        !image.is_empty() || vc::image::built_in().is_some(),
        "VC_IMAGE is not set: `make e2e` makes the image, loads it to its host and sets it"
    );
    let kubectl = variable("VC_TEST_KUBECTL").unwrap_or_else(|| "kubectl".to_owned());
    let path = variable("PATH").unwrap_or_default();
    let run = format!("{:06x}", RandomState::new().hash_one(0) & 0xff_ffff);
    let dir = std::env::temp_dir().join(format!("vc-e2e-{run}"));
    fs::create_dir(&dir).expect("a directory for the run");
    let own = dir.join("host.kubeconfig");
    copy(&kubectl, &kubeconfig, &own);
    let keep = variable("VC_TEST_KEEP").is_some();
    let reaper = (!keep).then(|| {
        let (reader, alive) = std::io::pipe().expect("a pipe");
        let child = Command::new("sh")
            .args(["-c", REAPER])
            .envs([
                ("RUN", run.as_str()),
                ("KUBECTL", &kubectl),
                ("KUBECONFIG", &own.to_string_lossy()),
                ("DIR", &dir.to_string_lossy()),
            ])
            .stdin(reader)
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("sh");
        (child, alive)
    });
    let breaker = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/host/host"));
    let breaker = is_raised_by(&breaker, &kubeconfig).then_some(breaker);
    TestHost {
        dir,
        breaker,
        kubeconfig: own,
        vc,
        image,
        kubectl,
        path,
        run,
        keep,
        _reaper: reaper,
    }
}

/// Whether the host of this kubeconfig is one that this script has raised.
fn is_raised_by(script: &PathBuf, kubeconfig: &str) -> bool {
    let status = Command::new(script).arg("status").output();
    status.is_ok_and(|status| {
        status.status.success() && String::from_utf8_lossy(&status.stdout).contains(kubeconfig)
    })
}

/// Copies the current context, whatever it is called, to a file of its own under the name `host`.
fn copy(kubectl: &str, from: &str, to: &PathBuf) {
    let view = |more: &[&str]| {
        let output = Command::new(kubectl)
            .args(["config", "--kubeconfig", from])
            .args(more)
            .output()
            .expect("kubectl");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "VC_TEST_KUBECONFIG: {said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let text = view(&["view", "--raw", "--flatten", "--minify", "-o", "json"]);
    let mut config: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for (section, reference) in [("clusters", "cluster"), ("users", "user")] {
        config[section][0]["name"] = "host".into();
        config["contexts"][0]["context"][reference] = "host".into();
    }
    config["contexts"][0]["name"] = "host".into();
    config["current-context"] = "host".into();
    fs::write(to, config.to_string()).expect("the run's kubeconfig");
}
