//! Certificates renew themselves: nobody is refused, nothing is started again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, within};

/// The shortest that there is.
const LIFE: &str = "--certificate-life 2m";

/// From an expiry to everything in use again, on a host that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// For how long somebody writes: more than a life and a half.
const WRITING: Duration = Duration::from_secs(185);

/// Between two writes: others have work to do, too.
const PACE: Duration = Duration::from_millis(500);

/// When each certificate expires.
fn expiries(cluster: &Cluster) -> Vec<(String, jiff::Timestamp)> {
    let line = format!("describe {} -n {} -o json", cluster.name, cluster.namespace);
    let all = cluster.sandbox.vc(&line).ok().json();
    let all = all["certificates"].as_array().unwrap().clone();
    let of = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        (text("name"), text("expires").parse().unwrap())
    };
    all.iter().map(of).collect()
}

/// The one that a certificate of this name had, and whether it has moved on since.
fn moved(before: &[(String, jiff::Timestamp)], now: &[(String, jiff::Timestamp)]) -> Vec<String> {
    let later = now.iter().filter(|(name, at)| {
        let old = before.iter().find(|(old, _)| old == name);
        old.is_some_and(|(_, old)| old < at)
    });
    later.map(|(name, _)| name.clone()).collect()
}

fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [agent()], "terminationGracePeriodSeconds": 0},
    })
}

#[test]
fn nobody_is_refused_while_certificates_are_renewed() {
    let cluster = Cluster::create("certs", &format!("--ephemeral {LIFE}"));
    // A controller manager that had to be started again while the API server came up is counted by then.
    let ready = format!("wait --for=condition=Ready pod/vc-{}-0", cluster.name);
    cluster.host(&format!("{ready} --timeout=120s")).ok();
    cluster
        .kubectl("create configmap written --from-literal=n=0")
        .ok();
    let watch = cluster.kubectl("get configmap written --watch -o jsonpath={.data.n}{'\\n'}");
    let watch = watch.within(WRITING + PATIENCE).start();
    assert!(watch.prints("0\n"));
    let restarts = |cluster: &Cluster| {
        let pod = cluster.host_get(&format!("pod vc-{}-0", cluster.name));
        let all = pod["status"]["containerStatuses"]
            .as_array()
            .unwrap()
            .clone();
        let sum = all.iter().map(|one| one["restartCount"].as_i64().unwrap());
        sum.sum::<i64>()
    };
    let (at_first, restarts_at_first) = (expiries(&cluster), restarts(&cluster));

    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < WRITING {
        count += 1;
        let patch = json!({"data": {"n": count.to_string()}}).to_string();
        let patched = cluster.kubectl("patch configmap written --type=merge -p");
        patched.arg(&patch).ok();
        std::thread::sleep(PACE);
    }
    // Every change came by the one watch that was opened before.
    assert!(watch.prints(&format!("\n{count}\n")));
    drop(watch);

    let now = expiries(&cluster);
    let mut leaves = moved(&at_first, &now);
    leaves.sort();
    assert_eq!(
        leaves,
        [
            "administrator",
            "apiserver",
            "controller-manager",
            "etcd-server",
            "front-proxy-client",
            "kubelet",
            "syncer"
        ]
    );
    cluster.apply(&pod("later"));
    cluster.running("default", "later");
    cluster.kubectl("logs later").ok();
    assert_eq!(cluster.kubectl("exec later -- echo in").ok().output(), "in");
    assert_eq!(restarts(&cluster), restarts_at_first);
}

#[test]
fn a_cluster_that_was_away_for_longer_than_its_certificates_live_comes_back() {
    let cluster = Cluster::create("away", &format!("--ephemeral {LIFE}"));
    let set = format!("statefulset/vc-{}", cluster.name);
    cluster.host(&format!("scale {set} --replicas=0")).ok();
    let pod_of_plane = format!("pod/vc-{}-0", cluster.name);
    cluster
        .host(&format!("wait --for=delete {pod_of_plane} --timeout=120s"))
        .ok();
    within(
        PATIENCE,
        "the administrator's certificate has expired",
        || {
            let all = expiries(&cluster);
            let own = all
                .iter()
                .find(|(name, _)| name == "administrator")
                .unwrap();
            own.1 < jiff::Timestamp::now()
        },
    );
    let expired = expiries(&cluster);
    cluster.host(&format!("scale {set} --replicas=1")).ok();
    within(PATIENCE, "its user is let in", || {
        cluster.kubectl("get serviceaccount default").run().code == 0
    });
    cluster.apply(&pod("back"));
    within(PATIENCE, "its pods run", || {
        cluster
            .kubectl("get pod back -o jsonpath={.status.phase}")
            .run()
            .output()
            == "Running"
    });
    assert!(moved(&expired, &expiries(&cluster)).len() == 7);
}
