//! Whatever happens, and in whatever order: afterwards both sides come in step, and nothing that was
//! acknowledged is lost.
//!
//! A round is a new cluster and a plan that comes of a seed. `make chaos` plays rounds for an hour, and
//! shortens the plan of one that fails. `VC_TEST_SEED` and `VC_TEST_STEPS`, both of which a failure says, play it again.

mod manifests;
mod play;
mod steps;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::harness::{Chance, Cluster, Faults, settings};
use play::Player;
use steps::{Step, plan};

/// Quiet moments in a round, and steps before each.
const BOUTS: u64 = 3;
const STEPS: u64 = 30;

/// How often a plan that fails is played with some of it left out.
const SHORTENINGS: u32 = 16;

/// The seed of every run of all tests, whose plan has each kind of fault and nearly each of the rest. What is to
/// be found by chance is looked for by `make chaos`.
const SEED: u64 = 12818;

#[test]
fn after_a_minute_of_chaos_both_sides_come_in_step() {
    round(&numbered(plan(SEED, 2, 20)));
}

#[test]
#[ignore = "an hour long: make chaos"]
fn after_each_of_many_rounds_of_chaos_both_sides_come_in_step() {
    if let Some(steps) = settings::steps() {
        let all = numbered(plan(settings::seed(), BOUTS, STEPS));
        let chosen = all.into_iter().filter(|(number, _)| steps.contains(number));
        return round(&chosen.collect::<Vec<_>>());
    }
    // The first round is that of the seed itself, so that any round can be played again.
    let mut seed = settings::seed();
    let mut seeds = Chance::new(seed);
    let (began, lasts) = (Instant::now(), settings::minutes());
    let mut rounds = 0;
    while rounds == 0 || began.elapsed() < lasts {
        rounds += 1;
        eprintln!(
            "round {rounds}, after {:?}: VC_TEST_SEED={seed}",
            began.elapsed()
        );
        let all = numbered(plan(seed, BOUTS, STEPS));
        if is_wrong(&all) {
            let few = shorten(all);
            let numbers: Vec<String> = few.iter().map(|(number, _)| number.to_string()).collect();
            panic!(
                "round {rounds} failed; so does VC_TEST_SEED={seed} VC_TEST_STEPS={}:\n{few:#?}",
                numbers.join(",")
            );
        }
        seed = seeds.below(u64::MAX);
    }
    eprintln!("{rounds} rounds in {:?}", began.elapsed());
}

fn numbered(plan: Vec<Step>) -> Vec<(usize, Step)> {
    plan.into_iter().enumerate().collect()
}

/// Plays a plan; fails if what must hold does not.
fn round(plan: &[(usize, Step)]) {
    let cluster = Cluster::create("chaos", "--storage-size 1Gi");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let began = Instant::now();
    let mut player = Player::new(&cluster, &faults);
    for (number, step) in plan {
        eprintln!("{:>8.1?} {number} {step:?}", began.elapsed());
        player.play(*step);
    }
    player.play(Step::Quiet);
    drop(player);
    cluster
        .sandbox
        .vc(&format!("delete {} -n {}", cluster.name, cluster.namespace))
        .ok();
    // What was planted there has the cluster's labels, and `vc delete` goes by those.
    let left = cluster.sandbox.objects(&cluster.namespace);
    assert_eq!(left, Vec::<String>::new(), "what is left of the cluster");
}

fn is_wrong(plan: &[(usize, Step)]) -> bool {
    catch_unwind(AssertUnwindSafe(|| round(plan))).is_err()
}

/// A part of a plan that fails as it does: ever smaller pieces are left out as long as it still fails.
fn shorten(mut plan: Vec<(usize, Step)>) -> Vec<(usize, Step)> {
    let mut size = plan.len() / 2;
    let mut start = 0;
    for _ in 0..SHORTENINGS {
        if size == 0 {
            break;
        }
        let end = (start + size).min(plan.len());
        let mut without = plan.clone();
        without.drain(start..end);
        eprintln!("again without {} of {} steps", end - start, plan.len());
        if !without.is_empty() && is_wrong(&without) {
            plan = without;
        } else {
            start = end;
        }
        if start >= plan.len() {
            (start, size) = (0, size / 2);
        }
    }
    plan
}
