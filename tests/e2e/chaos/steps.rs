//! What may happen, by chance: the plan of a round. Pure: the same seed, the same plan.
//!
//! Every step can be played whatever was played before it, so that any part of a plan is a plan, too.

use crate::harness::Chance;

/// Namespaces that objects are in. The second one comes and goes.
pub(super) const NAMESPACES: [&str; 2] = ["default", "side"];

/// Names of objects of a kind in a namespace: few, so that names come again.
const NAMES: u64 = 3;

/// An object of a virtual namespace, of whatever kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub namespace: &'static str,
    pub number: u64,
}

/// What a pod mounts or reads of what may be there or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Uses {
    pub config: u64,
    pub secret: u64,
    pub claim: Option<u64>,
    pub has_token: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Removal {
    Background,
    Foreground,
    Orphan,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    // In the virtual cluster.
    WriteConfig(&'static str, Place, u64),
    DeleteConfig(&'static str, Place),
    CreatePod(Place, Uses),
    DeletePod(Place, bool),
    LabelPod(Place, u64),
    Deploy(Place, u64, Uses),
    Scale(Place, u64),
    DeleteDeployment(Place, Removal),
    StatefulSet(Place, u64),
    DeleteStatefulSet(Place),
    Job(Place, u64),
    WriteService(Place, &'static str, u64),
    DeleteService(Place),
    CreateClaim(Place),
    DeleteClaim(Place),
    /// Some dozen objects in one request.
    Flood(Place, u64),
    CreateNamespace,
    DeleteNamespace,
    // By somebody's hands on the host: to the twin of this number of a kind.
    DeleteTwin(&'static str, u64),
    UnlabelTwin(&'static str, u64),
    EmptyTwin(&'static str, u64),
    // Faults.
    Kill(&'static str),
    /// A container stands still for so many milliseconds.
    Hold(&'static str, u64),
    /// The host's API cannot be reached for so many milliseconds.
    CutOff(u64),
    DeleteControlPlane,
    /// Milliseconds in which nothing is done.
    Wait(u64),
    /// Everything is mended, and both sides must come in step.
    Quiet,
}

/// A plan of this many bouts, each of this many steps and a quiet moment.
pub(super) fn plan(seed: u64, bouts: u64, steps: u64) -> Vec<Step> {
    let mut chance = Chance::new(seed);
    let mut plan = Vec::new();
    for _ in 0..bouts {
        for _ in 0..steps {
            plan.push(match chance.below(20) {
                0..=12 => object(&mut chance),
                13..=14 => hands(&mut chance),
                15..=16 => fault(&mut chance),
                _ => Step::Wait(chance.below(1500)),
            });
        }
        plan.push(Step::Quiet);
    }
    plan
}

fn place(chance: &mut Chance) -> Place {
    Place {
        namespace: chance.one(&NAMESPACES),
        number: chance.below(NAMES),
    }
}

fn uses(chance: &mut Chance) -> Uses {
    Uses {
        config: chance.below(NAMES),
        secret: chance.below(NAMES),
        claim: (chance.below(4) == 0).then(|| chance.below(NAMES)),
        has_token: chance.below(2) == 0,
    }
}

fn object(chance: &mut Chance) -> Step {
    let place = place(chance);
    let config = chance.one(&["configmap", "secret"]);
    match chance.below(32) {
        0..=4 => Step::WriteConfig(config, place, chance.below(1000)),
        5..=6 => Step::DeleteConfig(config, place),
        7..=10 => Step::CreatePod(place, uses(chance)),
        11..=12 => Step::DeletePod(place, chance.below(2) == 0),
        13 => Step::LabelPod(place, chance.below(1000)),
        14..=15 => Step::Deploy(place, chance.below(4), uses(chance)),
        16 => Step::Scale(place, chance.below(5)),
        17 => Step::DeleteDeployment(
            place,
            chance.one(&[Removal::Background, Removal::Foreground, Removal::Orphan]),
        ),
        18 => Step::StatefulSet(place, chance.below(3)),
        19 => Step::DeleteStatefulSet(place),
        20 => Step::Job(place, chance.below(1000)),
        21..=23 => Step::WriteService(
            place,
            chance.one(&["ClusterIP", "NodePort", "LoadBalancer", "None"]),
            1 + chance.below(1000),
        ),
        24..=25 => Step::DeleteService(place),
        26 => Step::CreateClaim(place),
        27 => Step::DeleteClaim(place),
        28 => Step::Flood(place, chance.below(1000)),
        29..=30 => Step::CreateNamespace,
        _ => Step::DeleteNamespace,
    }
}

fn hands(chance: &mut Chance) -> Step {
    let which = chance.below(64);
    match chance.below(4) {
        0..=1 => Step::DeleteTwin(
            chance.one(&["pod", "configmap", "secret", "service"]),
            which,
        ),
        2 => Step::UnlabelTwin(
            chance.one(&["pod", "configmap", "secret", "service"]),
            which,
        ),
        _ => Step::EmptyTwin(chance.one(&["configmap", "secret"]), which),
    }
}

fn fault(chance: &mut Chance) -> Step {
    match chance.below(10) {
        0..=3 => Step::Kill("syncer"),
        4 => Step::Kill("kube-apiserver"),
        5 => Step::Kill("etcd"),
        6 => Step::Kill("kube-controller-manager"),
        7 => Step::Hold(
            chance.one(&["syncer", "kube-apiserver", "kube-controller-manager"]),
            500 + chance.below(6000),
        ),
        8 => Step::CutOff(500 + chance.below(8000)),
        _ => Step::DeleteControlPlane,
    }
}
