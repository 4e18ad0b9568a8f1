//! A cluster that was made for a time ends itself: a process that was killed leaks nothing.

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Chance, Sandbox, settings, until, within};

/// How long the host's garbage collector may take beside other tests, with what a cluster takes to end.
const PATIENCE: Duration = Duration::from_mins(2);

/// The row of a cluster in `vc list -o json`.
fn row(sandbox: &Sandbox, name: &str) -> Value {
    let list = sandbox.vc("list -A -o json").ok().json();
    let rows = list.as_array().unwrap().clone();
    let mut rows = rows.into_iter();
    rows.find(|row| row["name"] == name).unwrap_or_default()
}

fn seconds_between(from: &Value, to: &Value) -> i64 {
    let time = |value: &Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    time(to).as_second() - time(from).as_second()
}

#[test]
fn runs_that_are_killed_leave_nothing_after_their_ttl() {
    let sandbox = Sandbox::new("ttl");
    let namespace = sandbox.namespace("ttl");
    // While it writes and while it waits; then, with more time for a slow host, while its command runs with a
    // workload and while it deletes.
    let moments = [
        ("[2/4]", "15s"),
        ("[3/4]", "15s"),
        ("running `sh`", "10m"),
        ("deleting `", "10m"),
    ];
    let names: Vec<String> = moments.iter().map(|_| sandbox.name("ttl")).collect();
    let kubectl = sandbox.kubectl_path();
    let script = format!(
        "{kubectl} create deployment w --image=docker.io/library/busybox:1.36 -- sleep 1000 >/dev/null
         {kubectl} create configmap c --from-literal=a=b >/dev/null
         echo made; exec >/dev/null 2>&1; sleep 3"
    );
    let start = |(name, (_, ttl)): (&String, (&str, &str))| {
        let line = format!("run --name {name} -n {namespace} --ephemeral --ttl {ttl} -- sh -c");
        sandbox.vc(&line).arg(&script).start()
    };
    let runs: Vec<_> = names.iter().zip(moments).map(start).collect();
    for (run, (moment, _)) in runs.into_iter().zip(moments) {
        assert!(run.says(moment), "{moment}");
        if moment.starts_with("running") {
            assert!(run.prints("made"));
        }
        run.kill_hard();
    }
    // The ten minutes are over; the marker of the last one may be gone by now.
    for name in &names[2..] {
        let line = format!("-n {namespace} annotate cm vc-{name} --overwrite");
        sandbox.host(&line).arg("vc.internal/ttl-seconds=1").run();
    }
    let of_first = format!("vc-{}", names[0]);
    within(PATIENCE, "nothing is left of those with a pod", || {
        let objects = sandbox.objects(&namespace);
        objects.iter().all(|object| object.contains(&of_first))
    });
    // The first may not have come to the StatefulSet: then there is no syncer to end it.
    within(PATIENCE, "what has expired is pruned", || {
        sandbox.vc(&format!("prune -n {namespace}")).ok();
        sandbox.objects(&namespace).is_empty()
    });
}

#[test]
#[ignore = "five minutes long: make chaos"]
fn runs_that_are_killed_at_any_moment_leave_nothing_two_minutes_later() {
    let sandbox = Sandbox::new("kills");
    let namespace = sandbox.namespace("kills");
    let mut chance = Chance::new(settings::seed());
    let mut unbegun = 0;
    for number in 0..settings::kills() {
        let name = sandbox.name("kill");
        let line = format!("run --name {name} -n {namespace} --ephemeral --ttl 1m -- sleep 3");
        let run = sandbox.vc(&line).start();
        let millis = chance.below(10_000);
        sleep(Duration::from_millis(millis));
        eprintln!("{number}: killed after {millis} ms: {}", run.talk());
        run.kill_hard();
        let pods = format!("-n {namespace} get statefulset vc-{name}");
        unbegun += u32::from(sandbox.host(&pods).run().code != 0);
    }
    // Of those that have not come to the StatefulSet, something may be there that only `vc prune` takes.
    within(PATIENCE, "nothing with a pod is left", || {
        let objects = sandbox.objects(&namespace);
        let is_of_pod =
            |object: &String| object.starts_with("pod/") || object.starts_with("statefulset");
        !objects.iter().any(is_of_pod)
    });
    let left = sandbox.objects(&namespace);
    eprintln!("{unbegun} had no StatefulSet, or none any more; left: {left:?}");
    within(PATIENCE, "what has expired is pruned", || {
        sandbox.vc(&format!("prune -n {namespace}")).ok();
        sandbox.objects(&namespace).is_empty()
    });
}

#[test]
fn what_a_ttl_cannot_take_along_is_pruned() {
    let sandbox = Sandbox::new("prune");
    let name = sandbox.name("prune");
    sandbox
        .vc(&format!(
            "create {name} --ephemeral --sync-nodes --ttl 1h --switch=false"
        ))
        .ok();
    let made = row(&sandbox, &name);
    assert_eq!(seconds_between(&made["created"], &made["expires"]), 3_600);
    let host = format!("-n vc-{name}");
    let prune = |line: &str| sandbox.vc(&format!("prune {line} -n vc-{name}"));
    prune("--dry-run").ok().says("nothing to prune");

    // Whoever may change the marker may change its mind.
    sandbox
        .host(&format!(
            "{host} annotate cm vc-{name} --overwrite vc.internal/ttl-seconds=1"
        ))
        .ok();
    within(PATIENCE, "the cluster is gone", || {
        sandbox.objects(&format!("vc-{name}")).is_empty()
    });
    let planned = prune("--dry-run").ok();
    let role = format!("clusterrole/vc-vc-{name}.{name} (its cluster is gone)");
    assert_eq!(planned.output(), role);
    prune("").ok().says("is deleted");
    until("no role is left", || {
        let roles = "get clusterroles,clusterrolebindings -o name";
        !sandbox.host(roles).ok().stdout.contains(&name)
    });
    prune("").ok().says("nothing to prune");
}

#[test]
fn a_run_whose_time_is_over_ends_its_command_and_tells_so() {
    let sandbox = Sandbox::new("late");
    let name = sandbox.name("late");
    let dir = sandbox.file("late");
    let line = format!(
        "run --name {name} --ephemeral --ttl 40s --artifacts {} -- sh -c",
        dir.display()
    );
    sandbox
        .vc(&line)
        .arg("trap 'echo asked; exit 7' TERM; while :; do sleep 0.05; done")
        .exits(7)
        .says("the life of virtual cluster");
    assert!(dir.join("events.txt").exists());
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}

#[test]
fn a_deletion_that_was_interrupted_is_pruned() {
    let sandbox = Sandbox::new("half");
    let (name, namespace) = (sandbox.name("half"), sandbox.namespace("half"));
    let create = format!("create {name} -n {namespace} --ephemeral --no-wait");
    sandbox.vc(&create).ok();
    let held = sandbox.hold(&namespace, &format!("vc.internal/cluster={name}"));
    sandbox
        .vc(&format!("delete {name} -n {namespace} --timeout 2s"))
        .exits(3);
    drop(held);
    let planned = sandbox.vc(&format!("prune -n {namespace} --dry-run")).ok();
    let line = format!("virtualcluster/{name} in {namespace} (half deleted)");
    assert_eq!(planned.output(), line);
    sandbox.vc(&format!("prune -n {namespace}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}
