//! A virtual cluster of a test's own, and both sides of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::host::variable;
use super::invariant::{self, Foreign};
use super::process::Call;
use super::{Sandbox, shared, until};

/// An image that every host of these tests has or can pull.
const IMAGE: &str = "docker.io/library/busybox:1.36";

/// A number among the tests' own settings.
pub(crate) mod settings {
    use std::hash::{BuildHasher, RandomState};
    use std::time::Duration;

    /// How often a syncer is killed: `VC_TEST_KILLS`.
    pub(crate) fn kills() -> u32 {
        number("VC_TEST_KILLS").map_or(20, |kills| u32::try_from(kills).expect("a small number"))
    }

    /// Where chance begins: `VC_TEST_SEED`, or anywhere. It is said, so that a run can be repeated.
    pub(crate) fn seed() -> u64 {
        let seed = number("VC_TEST_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
        eprintln!("VC_TEST_SEED={seed}");
        seed
    }

    /// For how long chaos is made: `VC_TEST_MINUTES`, or an hour.
    pub(crate) fn minutes() -> Duration {
        Duration::from_mins(number("VC_TEST_MINUTES").unwrap_or(60))
    }

    /// Which steps of a plan are played, by their numbers: `VC_TEST_STEPS`, or all.
    pub(crate) fn steps() -> Option<Vec<usize>> {
        let steps = super::variable("VC_TEST_STEPS")?;
        let steps = steps.split(',').map(str::parse);
        Some(steps.collect::<Result<_, _>>().expect("numbers"))
    }

    fn number(name: &str) -> Option<u64> {
        super::variable(name).map(|text| text.parse().expect("a number"))
    }
}

/// A virtual cluster whose user is connected to it.
pub(crate) struct Cluster {
    pub sandbox: Sandbox,
    pub name: String,
    pub namespace: String,
    /// By which its host objects are known.
    uid: String,
}

impl Cluster {
    /// A new one, in a namespace of its own. `options` are those of `vc create`.
    pub(crate) fn create(test: &str, options: &str) -> Self {
        let sandbox = Sandbox::new(test);
        let namespace = sandbox.namespace(test);
        Self::create_in(sandbox, namespace, test, options)
    }

    /// A new one in a namespace that is there.
    pub(crate) fn create_in(
        sandbox: Sandbox,
        namespace: String,
        test: &str,
        options: &str,
    ) -> Self {
        let name = sandbox.name(test);
        sandbox
            .vc(&format!("create {name} -n {namespace} {options}"))
            .ok();
        let cluster = Self::found(sandbox, name, namespace);
        cluster.has_account("default");
        cluster
    }

    /// The one that all tests share, whose user this test is.
    pub(crate) fn shared(test: &str) -> Self {
        let cluster = shared();
        let (name, namespace) = (cluster.name.clone(), cluster.namespace.clone());
        Self::found(cluster.connected(test), name, namespace)
    }

    fn found(sandbox: Sandbox, name: String, namespace: String) -> Self {
        let marker = format!("-n {namespace} get configmap vc-{name}");
        let uid = sandbox
            .host(&format!("{marker} -o jsonpath={{.metadata.uid}}"))
            .ok();
        let uid = uid.output().to_owned();
        Self {
            sandbox,
            name,
            namespace,
            uid,
        }
    }

    /// Pods are refused until their namespace has an account for them: waits for that.
    pub(crate) fn has_account(&self, namespace: &str) {
        until("the default ServiceAccount", || {
            let get = format!("-n {namespace} get serviceaccount default");
            self.kubectl(&get).run().code == 0
        });
    }

    /// `kubectl` in the virtual cluster.
    pub(crate) fn kubectl(&self, line: &str) -> Call {
        self.sandbox.kubectl(line)
    }

    /// `kubectl` as the host's administrator in the host namespace.
    pub(crate) fn host(&self, line: &str) -> Call {
        self.sandbox.host(&format!("-n {} {line}", self.namespace))
    }

    /// Applies in the virtual cluster.
    pub(crate) fn apply(&self, object: &Value) {
        self.kubectl("apply -f -").stdin(&object.to_string()).ok();
    }

    /// What `kubectl get LINE -o json` shows in the virtual cluster.
    pub(crate) fn get(&self, line: &str) -> Value {
        self.kubectl(&format!("get {line} -o json")).ok().json()
    }

    /// The same in the host namespace.
    pub(crate) fn host_get(&self, line: &str) -> Value {
        self.host(&format!("get {line} -o json")).ok().json()
    }

    /// The host twins of a kind: those that have our labels and our mark.
    pub(crate) fn twins(&self, kind: &str) -> Vec<Value> {
        let selector = format!("-l vc.internal/cluster={},vc.internal/namespace", self.name);
        let list = self.host_get(&format!("{kind} {selector}"));
        let all = list["items"].as_array().expect("a list").iter();
        all.filter(|one| one["metadata"]["annotations"]["vc.internal/cluster-uid"] == *self.uid)
            .cloned()
            .collect()
    }

    /// UID of the marker.
    pub(super) fn uid(&self) -> &str {
        &self.uid
    }

    /// The host twin of a virtual object, if there is one.
    pub(crate) fn find_twin(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let mut twins = self.twins(kind).into_iter();
        twins.find(|twin| {
            let marks = &twin["metadata"]["annotations"];
            marks["vc.internal/name"] == name
                && marks["vc.internal/virtual-namespace"] == namespace
                && twin["metadata"]["labels"]["vc.internal/tokens"].is_null()
        })
    }

    /// The host twin of a virtual object, which comes.
    pub(crate) fn twin(&self, kind: &str, namespace: &str, name: &str) -> Value {
        let mut found = None;
        until(
            &format!("the host twin of {kind} {namespace}/{name}"),
            || {
                found = self.find_twin(kind, namespace, name);
                found.is_some()
            },
        );
        found.expect("it was found")
    }

    /// Waits until a pod runs and is ready; returns it.
    pub(crate) fn running(&self, namespace: &str, pod: &str) -> Value {
        self.kubectl(&format!(
            "-n {namespace} wait --for=condition=Ready pod/{pod} --timeout=90s"
        ))
        .ok();
        self.get(&format!("-n {namespace} pod {pod}"))
    }

    /// Waits until an Event of this reason on the object has this in its message.
    pub(crate) fn told(&self, namespace: &str, name: &str, reason: &str, text: &str) {
        until(&format!("Event {reason} on {name}: {text}"), || {
            let events = self.get(&format!(
                "-n {namespace} events --field-selector=involvedObject.name={name},reason={reason}"
            ));
            let events = events["items"].as_array().expect("a list").clone();
            let mut messages = events.iter().filter_map(|event| event["message"].as_str());
            messages.any(|message| message.contains(text))
        });
    }

    /// Whether the syncer is ready.
    pub(crate) fn is_syncer_ready(&self) -> bool {
        self.control_plane("syncer")["ready"] == true
    }

    /// The syncer's log, of its predecessor too if there was one.
    pub(crate) fn syncer_log(&self) -> String {
        let pod = format!("logs vc-{}-0 -c syncer", self.name);
        let before = self.host(&format!("{pod} --previous")).run().stdout;
        before + &self.host(&pod).run().stdout
    }

    fn control_plane(&self, container: &str) -> Value {
        let pod = self
            .host(&format!("get pod vc-{}-0 -o json", self.name))
            .run();
        if pod.code != 0 {
            return Value::Null;
        }
        let pod = pod.json();
        let statuses = pod["status"]["containerStatuses"].as_array();
        let mut statuses = statuses.into_iter().flatten();
        statuses
            .find(|status| status["name"] == container)
            .cloned()
            .unwrap_or_default()
    }

    /// The runtime's name of a running container of the control plane; empty if it does not run.
    pub(crate) fn container_id(&self, container: &str) -> String {
        let status = self.control_plane(container);
        if status["state"]["running"].is_null() {
            return String::new();
        }
        status["containerID"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Fails unless both sides come in step within this long; tells all that is wrong.
    pub(crate) fn in_step_within(&self, patience: Duration, foreign: &Foreign) {
        invariant::holds(self, patience, foreign);
    }

    /// What is in the host namespace and is not ours, with some more put there that looks like it.
    pub(crate) fn foreign(&self) -> Foreign {
        Foreign::plant(self)
    }
}

/// A container that waits.
pub(crate) fn agent() -> Value {
    json!({
        "name": "c",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "1000000"],
    })
}
