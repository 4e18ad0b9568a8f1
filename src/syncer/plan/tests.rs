//! The planner against a model: two stores, caches that lag behind them, a kubelet, a user, a host's
//! administrator and a syncer that may be killed between any two steps. Whatever happened, once nobody
//! interferes any more the two sides agree.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Names of pods: few, so that they are made again under the same name.
const NAMES: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pod {
    facts: VirtualPod,
    /// What its status tells: the phase of the host pod that was reported last.
    reported: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    facts: HostPod,
    /// Grows with every change of its status.
    state: u32,
    has_ended: bool,
}

/// The world: what is stored, and what the syncer's caches have of it.
#[derive(Debug, Clone, Default)]
struct World {
    next_uid: u32,
    pods: BTreeMap<usize, Pod>,
    hosts: BTreeMap<usize, Host>,
    seen_pods: BTreeMap<usize, Pod>,
    seen_hosts: BTreeMap<usize, Host>,
    /// UIDs of virtual pods that were started although their status told of a start already.
    started_twice: Vec<String>,
}

/// What may happen.
#[derive(Debug, Clone, Copy)]
enum Happening {
    UserCreates(usize),
    UserDeletes(usize),
    UserDeletesByForce(usize),
    HostDeletes(usize),
    HostDeletesByForce(usize),
    KubeletWorks(usize),
    ContainersEnd(usize),
    /// The watches catch up for one name.
    SeePod(usize),
    SeeHost(usize),
    /// The syncer looks at one name and performs this many of its steps before it is killed.
    Reconcile(usize, usize),
    /// The syncer starts anew: it lists everything.
    Restart,
}

fn happening() -> impl Strategy<Value = Happening> {
    let name = 0..NAMES;
    prop_oneof![
        1 => name.clone().prop_map(Happening::UserCreates),
        1 => name.clone().prop_map(Happening::UserDeletes),
        1 => name.clone().prop_map(Happening::UserDeletesByForce),
        1 => name.clone().prop_map(Happening::HostDeletes),
        1 => name.clone().prop_map(Happening::HostDeletesByForce),
        3 => name.clone().prop_map(Happening::KubeletWorks),
        1 => name.clone().prop_map(Happening::ContainersEnd),
        3 => name.clone().prop_map(Happening::SeePod),
        3 => name.clone().prop_map(Happening::SeeHost),
        4 => (name, 0..4_usize).prop_map(|(name, steps)| Happening::Reconcile(name, steps)),
        1 => Just(Happening::Restart),
    ]
}

impl World {
    fn uid(&mut self) -> String {
        self.next_uid += 1;
        format!("u{}", self.next_uid)
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::UserCreates(name) => {
                if !self.pods.contains_key(&name) {
                    let facts = VirtualPod {
                        uid: self.uid(),
                        ..VirtualPod::default()
                    };
                    self.pods.insert(
                        name,
                        Pod {
                            facts,
                            reported: None,
                        },
                    );
                }
            }
            Happening::UserDeletes(name) => self.delete_virtual(name, None, 30),
            Happening::UserDeletesByForce(name) => self.delete_virtual(name, None, 0),
            Happening::HostDeletes(name) => self.delete_host(name, None, 30),
            Happening::HostDeletesByForce(name) => {
                self.hosts.remove(&name);
            }
            Happening::KubeletWorks(name) => self.kubelet(name),
            Happening::ContainersEnd(name) => {
                if let Some(host) = self
                    .hosts
                    .get_mut(&name)
                    .filter(|host| host.facts.node.is_some())
                {
                    host.has_ended = true;
                    host.state += 1;
                }
            }
            Happening::SeePod(name) => see(&self.pods, &mut self.seen_pods, name),
            Happening::SeeHost(name) => see(&self.hosts, &mut self.seen_hosts, name),
            Happening::Reconcile(name, steps) => self.reconcile(name, steps),
            Happening::Restart => {
                self.seen_pods = self.pods.clone();
                self.seen_hosts = self.hosts.clone();
            }
        }
    }

    /// As an API server deletes: a pod that no kubelet has is gone at once.
    fn delete_virtual(&mut self, name: usize, uid: Option<&str>, grace: i64) {
        let Some(pod) = self.pods.get_mut(&name) else {
            return;
        };
        if uid.is_some_and(|uid| uid != pod.facts.uid) {
            return;
        }
        if grace == 0 || pod.facts.node.is_none() || pod.facts.has_ended {
            self.pods.remove(&name);
        } else {
            let shorter = pod
                .facts
                .deletion_grace
                .map_or(grace, |before| before.min(grace));
            pod.facts.deletion_grace = Some(shorter);
        }
    }

    fn delete_host(&mut self, name: usize, uid: Option<&str>, grace: i64) {
        let Some(host) = self.hosts.get_mut(&name) else {
            return;
        };
        if uid.is_some_and(|uid| uid != host.facts.uid) {
            return;
        }
        if host.facts.node.is_none() || host.has_ended {
            self.hosts.remove(&name);
        } else {
            let shorter = host
                .facts
                .deletion_grace
                .map_or(grace, |before| before.min(grace));
            host.facts.deletion_grace = Some(shorter);
        }
    }

    /// Takes a pod up, or sees one that is being deleted to its end.
    fn kubelet(&mut self, name: usize) {
        let Some(host) = self.hosts.get_mut(&name) else {
            return;
        };
        if host.facts.deletion_grace.is_some() {
            self.hosts.remove(&name);
        } else if host.facts.node.is_none() {
            host.facts.node = Some("n".to_owned());
            host.state += 1;
            let uid = &host.facts.virtual_uid;
            let pod = self.pods.get(&name);
            if pod.is_some_and(|pod| pod.facts.uid == *uid && pod.facts.was_started) {
                self.started_twice.push(uid.clone());
            }
        } else {
            host.state += 1;
        }
    }

    fn reconcile(&mut self, name: usize, limit: usize) {
        let (mut no_pod, mut no_host) = (false, false);
        let mut performed = 0;
        loop {
            let pod = known(
                self.seen_pods.get(&name).map(|pod| pod.facts.clone()),
                no_pod,
            );
            let host = known(
                self.seen_hosts.get(&name).map(|host| host.facts.clone()),
                no_host,
            );
            let steps = plan(&pod, &host);
            match steps.first() {
                Some(Step::ConfirmVirtual) if self.pods.contains_key(&name) => return,
                Some(Step::ConfirmVirtual) => no_pod = true,
                Some(Step::ConfirmHost) => match self.hosts.get(&name) {
                    Some(host) => {
                        self.seen_hosts.insert(name, host.clone());
                    }
                    None => no_host = true,
                },
                _ => {
                    for step in steps {
                        if performed == limit {
                            return;
                        }
                        performed += 1;
                        self.perform(name, step);
                    }
                    return;
                }
            }
        }
    }

    /// As the API servers answer: with UID preconditions, and a create of what exists refused.
    fn perform(&mut self, name: usize, step: Step) {
        match step {
            Step::ConfirmVirtual | Step::ConfirmHost => unreachable!("performed before"),
            Step::CreateHost => {
                let virtual_uid = self.seen_pods[&name].facts.uid.clone();
                if !self.hosts.contains_key(&name) {
                    let facts = HostPod {
                        uid: self.uid(),
                        virtual_uid,
                        ..HostPod::default()
                    };
                    let host = Host {
                        facts,
                        state: 0,
                        has_ended: false,
                    };
                    self.hosts.insert(name, host);
                }
                see(&self.hosts, &mut self.seen_hosts, name);
            }
            Step::DeleteHost { uid, grace } => {
                self.delete_host(name, Some(&uid), grace.unwrap_or(30));
            }
            Step::DeleteVirtual { uid, grace } => {
                self.delete_virtual(name, Some(&uid), grace.unwrap_or(30).max(1));
            }
            Step::FinishVirtual { uid } => self.delete_virtual(name, Some(&uid), 0),
            Step::Bind { node } => {
                let seen = &self.seen_pods[&name].facts.uid;
                if let Some(pod) = self
                    .pods
                    .get_mut(&name)
                    .filter(|pod| pod.facts.uid == *seen)
                {
                    pod.facts.node.get_or_insert(node);
                }
            }
            Step::Report => self.report(name),
            Step::Adjust | Step::KeepTokens | Step::CleanUp => {}
        }
    }

    fn report(&mut self, name: usize) {
        let (seen, host) = (&self.seen_pods[&name], &self.seen_hosts[&name]);
        let pod = self
            .pods
            .get_mut(&name)
            .filter(|pod| pod.facts.uid == seen.facts.uid);
        if let Some(pod) = pod {
            pod.reported = Some(host.state);
            pod.facts.was_started |= host.facts.node.is_some();
            pod.facts.has_ended |= host.has_ended;
            see(&self.pods, &mut self.seen_pods, name);
        }
    }

    /// Nobody interferes any more: watches catch up, the kubelet works, the syncer goes on.
    fn quiet(&mut self) {
        for _ in 0..12 {
            for name in 0..NAMES {
                self.happens(Happening::SeePod(name));
                self.happens(Happening::SeeHost(name));
                self.reconcile(name, usize::MAX);
                let is_going =
                    |host: &Host| host.facts.deletion_grace.is_some() || host.facts.node.is_none();
                if self.hosts.get(&name).is_some_and(is_going) {
                    self.kubelet(name);
                }
            }
        }
    }
}

fn see<T: Clone>(from: &BTreeMap<usize, T>, to: &mut BTreeMap<usize, T>, name: usize) {
    match from.get(&name) {
        Some(object) => {
            to.insert(name, object.clone());
        }
        None => {
            to.remove(&name);
        }
    }
}

fn known<T>(seen: Option<T>, is_absent: bool) -> Known<T> {
    match seen {
        Some(facts) => Known::Present(facts),
        None if is_absent => Known::Absent,
        None => Known::Unseen,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn both_sides_agree_once_nobody_interferes(
        happenings in proptest::collection::vec(happening(), 0..60)
    ) {
        let mut world = World::default();
        for happening in happenings {
            world.happens(happening);
        }
        world.quiet();
        for name in 0..NAMES {
            let (pod, host) = (world.pods.get(&name), world.hosts.get(&name));
            match (pod, host) {
                (None, None) => {}
                (None, Some(host)) => prop_assert!(false, "left behind: {host:?}"),
                (Some(pod), None) => {
                    prop_assert!(pod.facts.has_ended, "without a host pod: {pod:?}");
                }
                (Some(pod), Some(host)) => {
                    prop_assert_eq!(&pod.facts.uid, &host.facts.virtual_uid);
                    prop_assert_eq!(pod.reported, Some(host.state));
                    prop_assert_eq!(&pod.facts.node, &host.facts.node);
                    prop_assert_eq!(pod.facts.deletion_grace, None);
                }
            }
        }
        prop_assert_eq!(world.started_twice, Vec::<String>::new());
    }

    #[test]
    fn nothing_is_planned_while_a_side_is_unknown(uid in "[a-z]{3}", grace in proptest::option::of(0..60_i64)) {
        let pod = VirtualPod { uid: uid.clone(), deletion_grace: grace, ..VirtualPod::default() };
        let host = HostPod { uid: uid.clone(), virtual_uid: uid, deletion_grace: grace, ..HostPod::default() };
        prop_assert_eq!(plan(&Known::Unknown, &Known::Present(host)), []);
        prop_assert_eq!(plan(&Known::Present(pod), &Known::Unknown), []);
    }
}

fn running() -> (VirtualPod, HostPod) {
    let node = Some("n".to_owned());
    let pod = VirtualPod {
        uid: "v".to_owned(),
        node: node.clone(),
        was_started: true,
        ..VirtualPod::default()
    };
    let host = HostPod {
        uid: "h".to_owned(),
        virtual_uid: "v".to_owned(),
        node,
        ..HostPod::default()
    };
    (pod, host)
}

#[test]
fn a_pod_is_deleted_on_the_host_with_the_same_grace_and_its_end_told_when_it_is_gone() {
    let (mut pod, host) = running();
    pod.deletion_grace = Some(7);
    let both = plan(&Known::Present(pod.clone()), &Known::Present(host));
    let uid = "h".to_owned();
    assert_eq!(
        both,
        [
            Step::DeleteHost {
                uid,
                grace: Some(7)
            },
            Step::Report
        ]
    );
    let gone = plan(&Known::Present(pod), &Known::Absent);
    assert_eq!(
        gone,
        [Step::FinishVirtual {
            uid: "v".to_owned()
        }]
    );
}

#[test]
fn a_host_pod_that_is_deleted_by_hand_takes_its_virtual_pod_with_it() {
    let (pod, mut host) = running();
    host.deletion_grace = Some(9);
    let going = plan(&Known::Present(pod.clone()), &Known::Present(host));
    let uid = "v".to_owned();
    assert_eq!(
        going,
        [
            Step::DeleteVirtual {
                uid,
                grace: Some(9)
            },
            Step::Report
        ]
    );
    assert_eq!(
        plan(&Known::Present(pod.clone()), &Known::Unseen),
        [Step::ConfirmHost]
    );
    let uid = "v".to_owned();
    assert_eq!(
        plan(&Known::Present(pod), &Known::Absent),
        [Step::DeleteVirtual { uid, grace: None }]
    );
}

#[test]
fn a_missing_virtual_pod_is_confirmed_before_anything_is_deleted() {
    let (_, host) = running();
    assert_eq!(
        plan(&Known::Unseen, &Known::Present(host.clone())),
        [Step::ConfirmVirtual]
    );
    let uid = "h".to_owned();
    assert_eq!(
        plan(&Known::Absent, &Known::Present(host)),
        [Step::DeleteHost { uid, grace: None }]
    );
}

#[test]
fn a_new_pod_of_the_same_name_waits_for_the_end_of_the_old_one() {
    let (mut pod, mut host) = running();
    pod.uid = "v2".to_owned();
    let uid = "h".to_owned();
    let steps = plan(&Known::Present(pod.clone()), &Known::Present(host.clone()));
    assert_eq!(steps, [Step::DeleteHost { uid, grace: None }]);
    host.deletion_grace = Some(30);
    assert_eq!(plan(&Known::Present(pod), &Known::Present(host)), []);
}

#[test]
fn a_pod_that_finalizers_hold_after_its_end_is_left_alone() {
    let (mut pod, _) = running();
    pod.deletion_grace = Some(0);
    assert_eq!(plan(&Known::Present(pod.clone()), &Known::Absent), []);
    assert_eq!(plan(&Known::Present(pod), &Known::Unseen), []);
}
