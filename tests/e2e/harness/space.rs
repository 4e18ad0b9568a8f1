//! A namespace of one test's own in a virtual cluster, and the same objects as the host has them.

use std::ops::Deref;
use std::path::PathBuf;

use serde_json::Value;

use super::host::variable;
use super::{Done, Sandbox, shared, until};

/// Image of the containers that need a shell.
pub(crate) const BUSYBOX: &str = "docker.io/library/busybox:1.36";
/// Image of Kubernetes' own tests.
pub(crate) const AGNHOST: &str = "registry.k8s.io/e2e-test-images/agnhost:2.59";
/// Image of etcd, with `etcdctl`.
pub(crate) const ETCD: &str = "registry.k8s.io/etcd:3.6.5-0";
/// Image of Debian's PostgreSQL, and of its client.
pub(crate) const POSTGRESQL: &str = "vc.test/postgresql:15";
/// Image of the reverse proxy.
pub(crate) const SKIPPER: &str = "registry.opensource.zalan.do/teapot/skipper:v0.22.0";

/// Image of the registry.
pub(crate) const REGISTRY: &str = "docker.io/library/registry:3.0.0";

/// A Kubernetes three minor releases older than the host's, whose images the host has.
pub(crate) const OLDER_KUBERNETES: &str = "v1.32.13";
/// The last minor release before the host's, whose images the host has.
pub(crate) const PREVIOUS_KUBERNETES: &str = "v1.34.12";

/// Where the manifests are that others publish with their software, and the registry as a program: `VC_TEST_SOFTWARE`.
pub(crate) fn software() -> PathBuf {
    let directory = variable("VC_TEST_SOFTWARE");
    directory.map_or_else(
        || panic!("VC_TEST_SOFTWARE is not set: `make e2e` sets it, see tests/host/README.md"),
        PathBuf::from,
    )
}

/// A user of a virtual cluster, whose context's namespace is one that nobody else has.
pub(crate) struct Space {
    sandbox: Sandbox,
    /// The namespace in the virtual cluster.
    pub name: String,
    /// Name of the virtual cluster.
    pub cluster: String,
    /// Where the host has it: the virtual cluster outside of it, if it is nested.
    pub host_namespace: String,
}

impl Deref for Space {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl Space {
    /// A namespace of the shared virtual cluster.
    pub(crate) fn new(test: &str) -> Self {
        let cluster = shared();
        let sandbox = cluster.connected(test);
        Self::with(sandbox, &cluster.name, &cluster.namespace, test)
    }

    /// A namespace of a virtual cluster of the test's own, in a host namespace of its own.
    pub(crate) fn alone(test: &str) -> Self {
        let sandbox = Sandbox::new(test);
        let host_namespace = sandbox.namespace(test);
        Self::create(sandbox, test, &host_namespace)
    }

    /// A namespace of a new virtual cluster in this host namespace.
    pub(crate) fn create(sandbox: Sandbox, test: &str, host_namespace: &str) -> Self {
        Self::create_with(sandbox, test, host_namespace, "")
    }

    /// The same, of a virtual cluster that is made with these options.
    pub(crate) fn create_with(
        sandbox: Sandbox,
        test: &str,
        host_namespace: &str,
        options: &str,
    ) -> Self {
        let cluster = sandbox.name(test);
        let line = format!("create {cluster} -n {host_namespace} --ephemeral {options}");
        sandbox.vc(&line).ok();
        Self::with(sandbox, &cluster, host_namespace, test)
    }

    /// A namespace of a new virtual cluster inside the one whose user the sandbox's is.
    pub(crate) fn nested(sandbox: Sandbox, test: &str) -> Self {
        let cluster = sandbox.name(test);
        sandbox
            .vc(&format!("create {cluster} --ephemeral --nested"))
            .ok();
        let namespace = format!("vc-{cluster}");
        Self::with(sandbox, &cluster, &namespace, test)
    }

    fn with(sandbox: Sandbox, cluster: &str, host_namespace: &str, name: &str) -> Self {
        sandbox.kubectl(&format!("create namespace {name}")).ok();
        sandbox
            .kubectl(&format!("config set-context --current --namespace={name}"))
            .ok();
        until("the virtual namespace's own objects", || {
            let own = sandbox.kubectl("get sa/default cm/kube-root-ca.crt -o name");
            own.run().code == 0
        });
        Self {
            sandbox,
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            host_namespace: host_namespace.to_owned(),
        }
    }

    /// Makes these objects, which are not there yet.
    pub(crate) fn create_from(&self, manifest: &str) {
        self.kubectl("create -f -").stdin(manifest).ok();
    }

    /// One object, or a list of them, in the virtual cluster.
    pub(crate) fn get(&self, what: &str) -> Value {
        self.kubectl(&format!("get {what} -o json")).ok().json()
    }

    /// One field of an object in the virtual cluster, empty when it has none.
    pub(crate) fn field(&self, what: &str, path: &str) -> String {
        let line = format!("get {what} --ignore-not-found -o jsonpath={{{path}}}");
        self.kubectl(&line).ok().output().to_owned()
    }

    /// Waits until a field of an object in the virtual cluster is this.
    pub(crate) fn await_field(&self, what: &str, path: &str, value: &str) {
        until(&format!("{path} of {what} is `{value}`"), || {
            self.field(what, path) == value
        });
    }

    /// Waits until these pods are ready: `pod/a`, or `pod -l app=a`.
    pub(crate) fn await_ready(&self, pods: &str) {
        let line = format!("wait --for=condition=Ready --timeout=90s {pods}");
        self.kubectl(&line).ok();
    }

    /// A pod with one container `main`, ready, that runs this script in a shell.
    pub(crate) fn pod(&self, name: &str, script: &str) {
        self.create_from(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sh, -c, {script:?}]
"
        ));
        self.await_ready(&format!("pod/{name}"));
    }

    /// Runs a script in a pod's only container.
    pub(crate) fn sh(&self, pod: &str, script: &str) -> Done {
        let line = format!("exec {pod} -- sh -c");
        self.kubectl(&line).arg(script).ok()
    }

    /// What the host has of this kind for this namespace: all of them.
    pub(crate) fn host_objects(&self, kind: &str) -> Vec<Value> {
        let line = format!(
            "-n {} get {kind} -l vc.internal/cluster={},vc.internal/namespace={} -o json",
            self.host_namespace, self.cluster, self.name
        );
        let mut list = self.host(&line).ok().json();
        match list["items"].take() {
            Value::Array(items) => items,
            other => panic!("{line}: {other}"),
        }
    }

    /// The host's object for one of this kind and name, if there is one.
    pub(crate) fn find_host(&self, kind: &str, name: &str) -> Option<Value> {
        let mut all = self.host_objects(kind).into_iter();
        all.find(|object| object["metadata"]["annotations"]["vc.internal/name"] == name)
    }

    /// The host's object for one of this kind and name, as soon as there is one.
    pub(crate) fn await_host(&self, kind: &str, name: &str) -> Value {
        let mut found = None;
        until(&format!("{kind} {name} on the host"), || {
            found = self.find_host(kind, name);
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits until the host has no object for one of this kind and name.
    pub(crate) fn await_no_host(&self, kind: &str, name: &str) {
        until(&format!("{kind} {name} is not on the host"), || {
            self.find_host(kind, name).is_none()
        });
    }

    fn dump(&self) {
        for line in [
            "get all,cm -o wide",
            "get events --sort-by=.lastTimestamp",
            "get pods -o yaml",
        ] {
            let done = self.kubectl(line).run();
            eprintln!("===== in the virtual cluster: {line}\n{}", done.stdout);
        }
        let own = format!("-n {}", self.host_namespace);
        for line in [
            format!("{own} get pods -o wide"),
            format!("{own} logs vc-{}-0 -c syncer --tail=200", self.cluster),
        ] {
            let done = self.host(&line).run();
            eprintln!("===== on the host: {line}\n{}{}", done.stdout, done.stderr);
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.dump();
        }
        if !self.sandbox.keeps() {
            self.kubectl(&format!("delete namespace {} --wait=false", self.name))
                .run();
        }
    }
}
