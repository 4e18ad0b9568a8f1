//! Runs the program where nothing of this machine reaches it, and writes down what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::golden;

/// The program under test.
pub(crate) const VC: &str = env!("CARGO_BIN_EXE_vc");

/// No command of these tests takes this long; one that does hangs.
const DEADLINE: Duration = Duration::from_secs(20);

/// A home, a configuration and a state directory of its own, and no other environment.
pub(crate) struct Sandbox {
    root: TempDir,
    environment: BTreeMap<String, String>,
}

/// How one run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("vc-it-").tempdir().unwrap();
        std::fs::create_dir(root.path().join("home")).unwrap();
        let mut sandbox = Self {
            root,
            environment: BTreeMap::new(),
        };
        let at = |place: &str| sandbox.path(place).to_str().unwrap().to_owned();
        let environment = [
            ("HOME", at("home")),
            ("XDG_CONFIG_HOME", at("config")),
            ("XDG_STATE_HOME", at("state")),
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("COLUMNS", "100".to_owned()),
        ];
        sandbox.environment = environment.map(|(k, v)| (k.to_owned(), v)).into();
        sandbox
    }

    /// A sandbox whose `~/.kube/config` says this.
    pub(crate) fn with_kubeconfig(text: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("home/.kube/config", text);
        sandbox
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap()
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// The environment, for tests that start the program by other means.
    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        let output = Command::new(VC)
            .args(args)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.path("home"))
            .timeout(DEADLINE)
            .output()
            .unwrap();
        assert!(
            output.status.code().is_some(),
            "vc {args:?} was ended by a signal, after {DEADLINE:?} or on its own: {output:?}"
        );
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Takes out what differs from one run to the next: where the sandbox is, ports, the version.
    pub(crate) fn normal(&self, text: &str) -> String {
        let root = self.root.path().to_str().unwrap();
        let version = concat!("v", env!("CARGO_PKG_VERSION"));
        let text = text
            .replace(&format!("{root}/home"), "~")
            .replace(root, "/sandbox")
            .replace(version, "vVERSION")
            .replace(concat!("vc ", env!("CARGO_PKG_VERSION")), "vc VERSION");
        let mut pieces = text.split("127.0.0.1:");
        let mut normal = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            normal += "127.0.0.1:PORT";
            normal += piece.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        normal
    }
}

/// A sandbox in which everything that is typed and said is written down: stdout as it is, lines of
/// stderr after `!`, then the exit code.
pub(crate) struct Session {
    pub(crate) sandbox: Sandbox,
    transcript: String,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self::in_sandbox(Sandbox::new())
    }

    pub(crate) fn with_kubeconfig(text: &str) -> Self {
        Self::in_sandbox(Sandbox::with_kubeconfig(text))
    }

    pub(crate) fn in_sandbox(sandbox: Sandbox) -> Self {
        Self {
            sandbox,
            transcript: String::new(),
        }
    }

    /// Writes down what the next lines are about.
    pub(crate) fn about(&mut self, what: &str) {
        self.write(&format!("# {what}"));
    }

    pub(crate) fn export(&mut self, name: &str, value: &str) {
        self.sandbox.set(name, value);
        let value = quoted(&self.sandbox.normal(value));
        self.write(&format!("$ export {name}={value}"));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.sandbox.unset(name);
        self.write(&format!("$ unset {name}"));
    }

    /// Runs `vc` with these words.
    pub(crate) fn vc(&mut self, args: &str) -> Outcome {
        self.vc_args(&args.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs `vc` with these arguments, which may hold blanks or nothing.
    pub(crate) fn vc_args(&mut self, args: &[&str]) -> Outcome {
        let outcome = self.sandbox.run(args);
        let words: Vec<String> = args
            .iter()
            .map(|arg| quoted(&self.sandbox.normal(arg)))
            .collect();
        self.write(&format!("$ vc {}", words.join(" ")));
        for line in self.sandbox.normal(&outcome.stdout).lines() {
            self.write(line);
        }
        for line in self.sandbox.normal(&outcome.stderr).lines() {
            self.write(&format!("! {line}"));
        }
        self.write(&format!("[exit {}]\n", outcome.code.unwrap()));
        outcome
    }

    fn write(&mut self, line: &str) {
        // Blanks at the end of a line are not seen, and editors take them away.
        self.transcript.push_str(line.trim_end_matches(' '));
        self.transcript.push('\n');
    }

    /// Compares all that was written down with `tests/data/command/NAME.txt`.
    #[track_caller]
    pub(crate) fn assert_matches(self, name: &str) {
        let text = self.transcript.trim_end().to_owned() + "\n";
        golden::assert_matches(&format!("tests/data/command/{name}.txt"), &text);
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:~@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}
