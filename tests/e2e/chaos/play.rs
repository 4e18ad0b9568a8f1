//! Plays steps on a cluster, and knows what was acknowledged.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::manifests;
use super::steps::{NAMESPACES, Place, Removal, Step};
use crate::harness::{Cluster, CutOff, Faults, Foreign, Pause, until};

/// How soon both sides are in step once everything is mended.
const IN_STEP: Duration = Duration::from_secs(30);

/// Whoever does not get an answer within this does not know what came of it.
const PATIENCE: &str = "--request-timeout=5s";

/// What nobody touches.
const CALM: &str = "calm";

/// What an object has to be, as far as somebody was told so.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    There(String),
    Gone,
}

/// A fault that has an end.
enum Fault<'a> {
    Hold(Pause<'a>),
    CutOff(CutOff<'a>),
}

pub(super) struct Player<'a> {
    cluster: &'a Cluster,
    faults: &'a Faults<'a>,
    foreign: Foreign,
    calm: Vec<Value>,
    known: BTreeMap<(&'static str, Place), Known>,
    /// Whether the second namespace is there and nobody has asked for its end.
    has_side: bool,
    running: Vec<(Instant, Fault<'a>)>,
}

impl<'a> Player<'a> {
    pub(super) fn new(cluster: &'a Cluster, faults: &'a Faults<'a>) -> Self {
        let foreign = cluster.foreign();
        cluster
            .kubectl("create secret generic calm --from-literal=value=1")
            .ok();
        cluster.kubectl("create namespace side").ok();
        cluster.apply(&manifests::calm());
        cluster
            .kubectl("rollout status deployment/calm --timeout=90s")
            .ok();
        let mut player = Self {
            cluster,
            faults,
            foreign,
            calm: Vec::new(),
            known: BTreeMap::new(),
            has_side: true,
            running: Vec::new(),
        };
        player.calm = player.calm_pods();
        player
    }

    pub(super) fn play(&mut self, step: Step) {
        match step {
            Step::Wait(millis) => std::thread::sleep(Duration::from_millis(millis)),
            Step::Quiet => self.quiet(),
            Step::DeleteTwin(kind, which) => self.to_twin(kind, which, "delete --wait=false", ""),
            Step::UnlabelTwin(kind, which) => {
                self.to_twin(kind, which, "label", "vc.internal/namespace-");
            }
            Step::EmptyTwin(kind, which) => {
                self.to_twin(kind, which, "patch -p", r#"{"data":null}"#);
            }
            Step::Kill(part) => {
                self.end_faults(|_| true);
                self.faults.strike(self.cluster, part);
            }
            Step::Hold(part, millis) => {
                self.end_faults(|_| true);
                if !self.cluster.container_id(part).is_empty() {
                    let hold = Fault::Hold(self.faults.pause(self.cluster, part));
                    self.running.push((end(millis), hold));
                }
            }
            Step::CutOff(millis) => {
                self.end_faults(|_| true);
                if !self.cluster.container_id("syncer").is_empty() {
                    let cut = Fault::CutOff(self.faults.cut_off(self.cluster));
                    self.running.push((end(millis), cut));
                }
            }
            Step::DeleteControlPlane => {
                self.end_faults(|_| true);
                let pod = format!("delete pod vc-{}-0", self.cluster.name);
                let how = "--force --grace-period=0 --ignore-not-found";
                self.cluster.host(&format!("{pod} {how}")).run();
            }
            step => self.change(step),
        }
        self.end_faults(|end| end <= Instant::now());
    }

    /// What somebody does in the virtual cluster.
    fn change(&mut self, step: Step) {
        match step {
            Step::WriteConfig(kind, place, value) => {
                let is_done = self.apply(&manifests::config(kind, place, value));
                self.learn(kind, place, is_done.then(|| value.to_string()));
            }
            Step::DeleteConfig(kind, place) => self.delete(kind, "config", place, ""),
            Step::CreatePod(place, uses) => {
                self.known.remove(&("pod", place));
                self.create(&manifests::pod(place, uses));
            }
            Step::DeletePod(place, is_forced) => {
                let force = if is_forced {
                    "--force --grace-period=0"
                } else {
                    ""
                };
                self.delete("pod", "pod", place, force);
            }
            Step::LabelPod(place, value) => {
                let of = named(place, "pod");
                let set = format!("label pod {of} run={value} --overwrite");
                self.does(&set);
                self.does(&format!("annotate pod {of} run={value} --overwrite"));
            }
            Step::Deploy(place, replicas, uses) => {
                self.apply(&manifests::deployment(place, replicas, uses));
            }
            Step::Scale(place, replicas) => {
                let of = named(place, "web");
                self.does(&format!("scale deployment {of} --replicas={replicas}"));
            }
            Step::DeleteDeployment(place, removal) => {
                let cascade = match removal {
                    Removal::Background => "background",
                    Removal::Foreground => "foreground",
                    Removal::Orphan => "orphan",
                };
                let how = format!("--cascade={cascade}");
                self.delete("deployment", "web", place, &how);
            }
            Step::StatefulSet(place, replicas) => {
                self.apply(&manifests::stateful_set(place, replicas));
            }
            Step::DeleteStatefulSet(place) => self.delete("statefulset", "db", place, ""),
            Step::Job(place, run) => self.create(&manifests::job(place, run)),
            Step::WriteService(place, kind, port) => {
                let is_done = self.apply(&manifests::service(place, kind, port));
                self.learn("service", place, is_done.then(|| port.to_string()));
            }
            Step::DeleteService(place) => self.delete("service", "service", place, ""),
            Step::CreateClaim(place) => self.create(&manifests::claim(place)),
            Step::DeleteClaim(place) => self.delete("claim", "claim", place, ""),
            Step::Flood(place, run) => self.create(&manifests::flood(place, run)),
            Step::CreateNamespace => {
                self.has_side |= self.does("create namespace side");
            }
            Step::DeleteNamespace => {
                self.has_side = false;
                self.known
                    .retain(|(_, place), _| place.namespace == NAMESPACES[0]);
                self.does("delete namespace side --wait=false");
            }
            step => unreachable!("{step:?} is no change"),
        }
    }

    /// Whether it was acknowledged.
    fn does(&self, line: &str) -> bool {
        let call = self.cluster.kubectl(&format!("{line} {PATIENCE}"));
        call.run().code == 0
    }

    fn apply(&self, object: &Value) -> bool {
        let call = format!("apply --validate=false -f - {PATIENCE}");
        let call = self.cluster.kubectl(&call).stdin(&object.to_string());
        call.run().code == 0
    }

    fn create(&self, object: &Value) {
        let call = format!("create --validate=false -f - {PATIENCE}");
        let call = self.cluster.kubectl(&call).stdin(&object.to_string());
        call.run();
    }

    fn delete(&mut self, kind: &'static str, stem: &str, place: Place, how: &str) {
        let of = named(place, stem);
        let resource = if kind == "claim" { "pvc" } else { kind };
        let is_gone = self.does(&format!(
            "delete {resource} {of} --wait=false --ignore-not-found {how}"
        ));
        self.known.remove(&(kind, place));
        // Others go when nobody needs them any more, or are made again.
        if is_gone && matches!(kind, "configmap" | "secret" | "service" | "pod") {
            self.known.insert((kind, place), Known::Gone);
        }
    }

    /// Of what was not acknowledged, or is in a namespace that may be going, nothing is known.
    fn learn(&mut self, kind: &'static str, place: Place, value: Option<String>) {
        self.known.remove(&(kind, place));
        if let Some(value) = value
            && (place.namespace == NAMESPACES[0] || self.has_side)
        {
            self.known.insert((kind, place), Known::There(value));
        }
    }

    /// Something is done on the host by hand to one of the twins of a kind.
    fn to_twin(&self, kind: &str, which: u64, line: &str, argument: &str) {
        let mut names: Vec<String> = self
            .cluster
            .twins(kind)
            .iter()
            .filter_map(touchable)
            .collect();
        names.sort();
        let Some(count) = u64::try_from(names.len()).ok().filter(|count| *count > 0) else {
            return;
        };
        let name = &names[usize::try_from(which % count).expect("it is an index")];
        let (verb, options) = line.split_once(' ').unwrap_or((line, ""));
        let call = self
            .cluster
            .host(&format!("{verb} {kind} {name} {options}"));
        let call = if argument.is_empty() {
            call
        } else {
            call.arg(argument)
        };
        call.run();
    }

    /// Ends the faults whose end is so.
    fn end_faults(&mut self, is_due: impl Fn(Instant) -> bool) {
        let running = std::mem::take(&mut self.running);
        for (end, fault) in running {
            match fault {
                fault if !is_due(end) => self.running.push((end, fault)),
                Fault::Hold(hold) => hold.end_if_there(),
                Fault::CutOff(cut) => cut.end(),
            }
        }
    }

    fn quiet(&mut self) {
        self.end_faults(|_| true);
        let cluster = self.cluster;
        until("the control plane works", || {
            cluster.is_syncer_ready() && cluster.kubectl("get --raw /readyz").run().code == 0
        });
        until("no namespace is going", || {
            let all = cluster.kubectl("get namespaces -o yaml").run();
            let is_going = all.code != 0 || all.stdout.contains("Terminating");
            if is_going {
                // For whoever reads why it stays.
                let kinds = "pods,services,pvc,configmaps,secrets,deployments,replicasets";
                cluster.kubectl(&format!("-n side get {kinds}")).run();
            }
            !is_going
        });
        cluster.in_step_within(IN_STEP, &self.foreign);
        for ((kind, place), known) in &self.known {
            self.is_so(kind, *place, known);
        }
        assert_eq!(self.calm_pods(), self.calm, "pods that nobody touched");
        let log = cluster.syncer_log();
        assert!(!log.contains("panicked"), "{log}");
    }

    fn is_so(&self, kind: &str, place: Place, known: &Known) {
        let (stem, path) = match kind {
            "service" => ("service", ".spec.ports[0].port"),
            "pod" => ("pod", ".metadata.uid"),
            _ => ("config", ".data.value"),
        };
        let of = named(place, stem);
        let path = format!("-o jsonpath={{{path}}}");
        let get = format!("get {kind} {of} --ignore-not-found {path}");
        let found = self.cluster.kubectl(&get).ok();
        let value = match known {
            Known::Gone => String::new(),
            Known::There(value) if kind == "secret" => {
                data_encoding::BASE64.encode(value.as_bytes())
            }
            Known::There(value) => value.clone(),
        };
        assert_eq!(found.output(), value, "{kind} {of}, which was acknowledged");
    }

    /// The calm pods' UIDs, host UIDs and containers.
    fn calm_pods(&self) -> Vec<Value> {
        let twins = self.cluster.twins("pod").into_iter();
        let calm = twins.filter(|twin| touchable(twin).is_none());
        let mut calm: Vec<Value> = calm
            .map(|twin| {
                json!([
                    twin["metadata"]["annotations"]["vc.internal/uid"],
                    twin["metadata"]["uid"],
                    twin["status"]["containerStatuses"][0]["containerID"],
                ])
            })
            .collect();
        calm.sort_by_key(Value::to_string);
        assert_eq!(calm.len(), 2, "{calm:?}");
        calm
    }
}

/// Its name, unless it is of what nobody touches.
fn touchable(twin: &Value) -> Option<String> {
    let metadata = &twin["metadata"];
    let name = metadata["annotations"]["vc.internal/name"].as_str()?;
    let twin_name = metadata["name"].as_str()?;
    (!name.starts_with(CALM)).then(|| twin_name.to_owned())
}

fn named(place: Place, stem: &str) -> String {
    let Place { namespace, number } = place;
    format!("{stem}-{number} -n {namespace}")
}

fn end(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}
