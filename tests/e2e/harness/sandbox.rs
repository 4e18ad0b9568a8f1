//! A corner of its own for each test: directories, a kubeconfig, names on the host.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::host::{RUN_LABEL, TestHost, host};
use super::process::{Call, Journal};
use super::until;

/// What a test may write to. Dropping it removes all that the test made, and tells what happened if
/// the test failed.
pub(crate) struct Sandbox {
    host: &'static TestHost,
    dir: PathBuf,
    /// Where `vc` keeps its state: in `dir`, unless it is shared.
    state: PathBuf,
    namespaces: Mutex<Vec<String>>,
    journal: Journal,
}

impl Sandbox {
    /// `test` becomes part of names, so that one sees whose they are.
    pub(crate) fn new(test: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let host = host();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = host.dir.join(format!("{test}-{count}"));
        for part in ["home", "state", "config", "tmp"] {
            fs::create_dir_all(dir.join(part)).expect("a directory");
        }
        let sandbox = Self {
            host,
            state: dir.join("state"),
            dir,
            namespaces: Mutex::default(),
            journal: Arc::default(),
        };
        fs::copy(&host.kubeconfig, sandbox.kubeconfig()).expect("a kubeconfig");
        sandbox
    }

    /// Another kubeconfig of the same user.
    pub(super) fn with_state_of(other: &Self, test: &str) -> Self {
        let mut sandbox = Self::new(test);
        sandbox.state.clone_from(&other.state);
        sandbox
    }

    /// A name for a cluster that nobody else has; its own namespace is seen to at the end.
    pub(crate) fn name(&self, stem: &str) -> String {
        let name = format!("{stem}-{}", self.random());
        self.sees_to(&format!("vc-{name}"));
        name
    }

    /// A new namespace.
    pub(crate) fn namespace(&self, stem: &str) -> String {
        self.namespace_with(stem, "")
    }

    /// A new namespace with labels, `a=b c=d`.
    pub(crate) fn namespace_with(&self, stem: &str, labels: &str) -> String {
        let name = format!("e2e-{stem}-{}", self.random());
        self.sees_to(&name);
        self.host(&format!("create namespace {name}")).ok();
        let run = &self.host.run;
        self.host(&format!(
            "label namespace {name} {RUN_LABEL}={run} {labels}"
        ))
        .ok();
        // A namespace is usable when its default ServiceAccount and the CA of the host are there.
        until("the namespace's own objects", || {
            let own = format!("-n {name} get sa/default cm/kube-root-ca.crt -o name");
            self.host(&own).run().code == 0
        });
        name
    }

    fn random(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        format!("{}-{count}", self.host.run)
    }

    fn sees_to(&self, namespace: &str) {
        let mut namespaces = self.namespaces.lock().expect("no panic while it is held");
        namespaces.push(namespace.to_owned());
    }

    /// `vc` as the test's user.
    pub(crate) fn vc(&self, line: &str) -> Call {
        self.as_user(Call::new(&self.host.vc, line, &self.journal))
            .env("VC_IMAGE", &self.host.image)
    }

    /// `kubectl` as the test's user: in whatever context is current.
    pub(crate) fn kubectl(&self, line: &str) -> Call {
        self.as_user(Call::new(&self.host.kubectl, line, &self.journal))
    }

    /// The image that the nodes have of `vc`.
    pub(crate) fn image(&self) -> &str {
        &self.host.image
    }

    /// Any program as the test's user, who finds `vc` and `kubectl` by their names.
    pub(crate) fn program(&self, name: &str, line: &str) -> Call {
        let bin = self.dir.join("bin");
        fs::create_dir_all(&bin).expect("a directory");
        for (name, program) in [("vc", &self.host.vc), ("kubectl", &self.host.kubectl)] {
            let into = bin.join(name);
            if !into.exists() {
                std::os::unix::fs::symlink(program, into).expect("a link");
            }
        }
        let path = format!("{}:{}", bin.display(), self.host.path);
        self.as_user(Call::new(name, line, &self.journal))
            .env("PATH", path)
            .env("VC_IMAGE", &self.host.image)
    }

    /// Where the program under test is.
    pub(crate) fn vc_path(&self) -> &str {
        &self.host.vc
    }

    /// Where kubectl is, for scripts.
    pub(crate) fn kubectl_path(&self) -> &str {
        &self.host.kubectl
    }

    /// `kubectl` as the host's administrator, whatever the test's user did.
    pub(crate) fn host(&self, line: &str) -> Call {
        self.kubectl(line).env("KUBECONFIG", &self.host.kubeconfig)
    }

    fn as_user(&self, call: Call) -> Call {
        call.env("PATH", &self.host.path)
            .env("HOME", self.dir.join("home"))
            .env("TMPDIR", self.dir.join("tmp"))
            .env("XDG_STATE_HOME", &self.state)
            .env("XDG_CONFIG_HOME", self.dir.join("config"))
            .env("KUBECONFIG", self.kubeconfig())
    }

    /// What breaks the host, if it is ours to break.
    pub(super) fn breaker(&self) -> Option<&'static Path> {
        self.host.breaker.as_deref()
    }

    /// The test's kubeconfig file.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.dir.join("kubeconfig")
    }

    /// Any other file of the test.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// What the test's kubeconfig says, secrets included.
    pub(crate) fn kubeconfig_content(&self) -> Value {
        self.kubectl("config view --raw -o json").ok().json()
    }

    pub(crate) fn current_context(&self) -> String {
        let content = self.kubeconfig_content();
        content["current-context"].as_str().unwrap_or("").to_owned()
    }

    /// The host's API server, `https://address:port`.
    pub(crate) fn host_server(&self) -> String {
        let query = "config view -o jsonpath={.clusters[0].cluster.server}";
        self.host(query).ok().output().to_owned()
    }

    /// Makes the test's user reach the host at this address. The certificate is checked against a
    /// name that every API server has.
    pub(crate) fn reach_host_at(&self, url: &str) {
        self.kubectl(&format!(
            "config set-cluster host --server={url} --tls-server-name=kubernetes.default.svc"
        ))
        .ok();
    }

    /// Makes the test's user a ServiceAccount, whose namespace it names, instead of the administrator.
    pub(crate) fn become_account(&self, namespace: &str, account: &str) {
        self.host(&format!("-n {namespace} create serviceaccount {account}"))
            .ok();
        let token = self
            .host(&format!("-n {namespace} create token {account}"))
            .ok();
        self.become_bearer_of(token.output());
    }

    /// Makes the test's user one who has nothing but this token.
    pub(crate) fn become_bearer_of(&self, token: &str) {
        let mut content = self.kubeconfig_content();
        content["users"][0]["user"] = serde_json::json!({ "token": token });
        fs::write(self.kubeconfig(), content.to_string()).expect("the test's kubeconfig");
    }

    /// The pids of the tunnels that run for the test's user.
    pub(crate) fn tunnels(&self) -> Vec<i32> {
        tunnels(&self.state.join("vc/tunnels"))
    }

    /// Kills every tunnel of the test's user so that it cannot do anything about it.
    pub(crate) fn kill_tunnels(&self) -> usize {
        let pids = self.tunnels();
        for pid in &pids {
            kill_process(Pid::from_raw(*pid).expect("a pid"), Signal::KILL).expect("a tunnel");
        }
        let count = pids.len();
        until("the tunnels' end", || self.tunnels().is_empty());
        count
    }

    /// Everything on the host whose kind, namespace or name has this in it, one object a line.
    pub(crate) fn traces(&self, text: &str) -> Vec<String> {
        let columns = "-o custom-columns=K:.kind,NS:.metadata.namespace,N:.metadata.name";
        let kinds = "all,cm,secret,pvc,sa,role,rolebinding,namespace";
        let all = self
            .host(&format!("get {kinds} -A --no-headers {columns}"))
            .ok();
        let lines = all.lines().into_iter().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }

    /// The objects of these kinds in a namespace, `KIND/NAME`, without what Kubernetes puts there.
    pub(crate) fn objects(&self, namespace: &str) -> Vec<String> {
        let kinds = "statefulset,pod,service,cm,secret,pvc,sa,role,rolebinding";
        let all = self
            .host(&format!("-n {namespace} get {kinds} -o name"))
            .ok();
        let own = ["configmap/kube-root-ca.crt", "serviceaccount/default"];
        let lines = all.lines().into_iter().filter(|line| !own.contains(line));
        lines.map(str::to_owned).collect()
    }

    /// An object `configmap/held` in the namespace that does not go until this is dropped.
    pub(crate) fn hold(&self, namespace: &str, label: &str) -> Held<'_> {
        let held = Held {
            sandbox: self,
            namespace: namespace.to_owned(),
        };
        let of = format!("-n {namespace}");
        self.host(&format!("{of} create configmap held")).ok();
        if !label.is_empty() {
            self.host(&format!("{of} label configmap held {label}"))
                .ok();
        }
        held.patch(r#"{"metadata":{"finalizers":["example.com/held"]}}"#);
        held
    }

    /// A StatefulSet's volume of this class is never bound: nobody provides it.
    pub(crate) fn class_without_provisioner(&self) -> String {
        self.class(serde_json::json!({"provisioner": "example.com/nobody"}))
    }

    /// A StorageClass of the host's that takes larger requests; nothing there makes its volumes grow.
    pub(crate) fn growing_class(&self) -> String {
        self.class(serde_json::json!({
            "provisioner": "rancher.io/local-path",
            "allowVolumeExpansion": true,
            "volumeBindingMode": "WaitForFirstConsumer",
        }))
    }

    fn class(&self, mut class: Value) -> String {
        let name = format!("e2e-{}", self.random());
        class["apiVersion"] = "storage.k8s.io/v1".into();
        class["kind"] = "StorageClass".into();
        class["metadata"] = serde_json::json!({ "name": name });
        self.host_wide(class);
        name
    }

    /// Makes an object of the whole host, which goes when all tests have ended.
    pub(crate) fn host_wide(&self, mut object: Value) {
        object["metadata"]["labels"][RUN_LABEL] = self.host.run.as_str().into();
        self.host("create -f -").stdin(&object.to_string()).ok();
    }

    /// A word that nobody else has.
    pub(crate) fn word(&self) -> String {
        format!("e2e-{}", self.random())
    }

    /// Whether everything is left as it is at the end.
    pub(super) fn keeps(&self) -> bool {
        self.host.keep
    }

    fn dump(&self) {
        eprintln!("\n===== what was run");
        eprintln!(
            "{}",
            self.journal.lock().expect("no panic while it is held")
        );
        for namespace in self.namespaces.lock().expect("no panic").iter() {
            for what in [
                "get all,cm,secret,pvc -o wide",
                "get events --sort-by=.lastTimestamp",
                "get pods -o yaml",
            ] {
                let line = format!("-n {namespace} {what}");
                let done = self.host(&line).run();
                if !done.stdout.is_empty() {
                    eprintln!("===== kubectl {line}\n{}", done.stdout);
                }
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.dump();
        }
        if self.host.keep {
            eprintln!("kept: {}", self.dir.display());
            return;
        }
        let namespaces = self.namespaces.lock().expect("no panic").join(" ");
        if !namespaces.is_empty() {
            self.host(&format!(
                "delete namespace --ignore-not-found --wait=false {namespaces}"
            ))
            .run();
        }
        if !self.state.starts_with(&self.dir) {
            // A tunnel that others use may have been started with this kubeconfig: the reaper's.
            return;
        }
        for pid in self.tunnels() {
            // It may end by itself just now.
            let _ = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::KILL));
        }
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// See [`Sandbox::hold`].
pub(crate) struct Held<'a> {
    sandbox: &'a Sandbox,
    namespace: String,
}

impl Held<'_> {
    fn patch(&self, patch: &str) {
        self.sandbox
            .host(&format!("-n {} patch configmap held -p", self.namespace))
            .arg(patch)
            .run();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.patch(r#"{"metadata":{"finalizers":null}}"#);
    }
}

/// The processes that registered themselves in this directory and are what they said.
fn tunnels(dir: &Path) -> Vec<i32> {
    let Ok(files) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let pid = |path: &Path| -> Option<i32> {
        let info: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        i32::try_from(info["pid"].as_i64()?).ok()
    };
    let is_tunnel = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("tunnel")
    };
    files
        .filter_map(|file| pid(&file.ok()?.path()))
        .filter(is_tunnel)
        .collect()
}
