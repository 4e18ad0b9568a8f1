//! A store that is full refuses writes and serves reads, and goes on when something has been deleted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, Done, agent, until, within};

/// Of a volume of 512 MiB the store may take a sixteenth: 32 MiB. Each of these has near to 1 MiB.
const BATCH: usize = 8;

/// The store is looked at four times a minute; all that on a machine that does much else.
const SLOW: Duration = Duration::from_mins(10);

/// What the API server says, and etcd before it.
const REFUSED: &str = "etcdserver: mvcc: database space exceeded";

/// Puts a batch of large ConfigMaps into namespace `full`.
fn fill(cluster: &Cluster, batch: usize) -> Done {
    let text = "x".repeat(1_000_000);
    let items: Vec<Value> = (0..BATCH)
        .map(|count| {
            json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {
                    "name": format!("large-{batch}-{count}"), "namespace": "full",
                    "labels": {"size": "large"},
                },
                "data": {"text": text},
            })
        })
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let call = cluster.kubectl("create -o name -f -");
    call.stdin(&list.to_string()).run()
}

#[test]
fn a_full_store_serves_reads_and_takes_writes_again_when_something_is_deleted() {
    let cluster = Cluster::create("full", "--storage-size 512Mi");
    cluster.kubectl("create namespace full").ok();
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stays"},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
    }));
    cluster.running("default", "stays");
    cluster.kubectl("create configmap before").ok();

    // Where pages that are free between others make room, the syncer does so: then there is room for more.
    let mut batch = 0;
    within(SLOW, "the store is full, and the syncer says so", || {
        batch += 1;
        let done = fill(&cluster, batch);
        done.stderr.contains(REFUSED)
            && cluster
                .syncer_log()
                .contains("the store is full: writes are refused")
    });
    // Nothing changes as long as nothing is deleted. A store that is only just full may find a last bit of room.
    within(SLOW, "what would grow is refused", || {
        batch += 1;
        fill(&cluster, batch);
        let create = format!("create configmap refused-{batch}");
        let label = format!("label configmap before batch=b{batch} --overwrite");
        [create, label].iter().all(|line| {
            let done = cluster.kubectl(line).run();
            done.code == 1 && done.stderr.contains(REFUSED)
        })
    });
    let place = format!("{} -n {}", cluster.name, cluster.namespace);
    let described = || {
        let line = format!("describe {place} -o json");
        cluster.sandbox.vc(&line).ok().json()["storeFullSince"].clone()
    };
    until("who looks from outside is told", || described().is_string());
    let page = cluster.sandbox.vc(&format!("describe {place}")).ok();
    assert!(
        page.stdout.contains("\nStore:          full since "),
        "{page}"
    );
    let doctor = cluster.sandbox.vc(&format!("doctor {place}")).exits(1);
    assert!(doctor.stdout.contains("VC315"), "{doctor}");
    cluster.get("configmap before");
    cluster.kubectl("logs stays").ok();
    cluster.running("default", "stays");

    cluster
        .kubectl("-n full delete configmap -l size=large --wait=false")
        .ok();
    within(SLOW, "writes are taken again", || {
        cluster.kubectl("create configmap after").run().code == 0
    });
    until("and that it is over", || described().is_null());
    cluster.kubectl("label configmap before a=b").ok();
    cluster.get("configmap after");
    cluster.kubectl("delete pod stays --timeout=60s").ok();
    cluster.kubectl("delete namespace full --timeout=120s").ok();
}
