//! A virtual cluster whose store is lost does not take its pods on the host with it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, Faults, agent, until, within};

#[test]
fn a_store_that_is_not_the_one_that_host_pods_were_made_from_touches_nothing_until_somebody_decides()
 {
    let cluster = Cluster::create("store", "--storage-size 1Gi");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    let pod = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
        })
    };
    cluster.apply(&pod("old"));
    cluster.running("default", "old");
    let twins = uids(&cluster);
    assert_eq!(twins.len(), 1);

    let marker = format!("configmap vc-{}", cluster.name);
    cluster
        .host(&format!(
            "annotate {marker} --overwrite vc.internal/store-uid=another"
        ))
        .ok();
    faults.kill(&cluster, "syncer");
    until("the syncer says so", || {
        cluster.syncer_log().contains(
            "the virtual cluster's store is not the one that its pods on the host were made from",
        )
    });
    let remedy = format!(
        "kubectl -n {} annotate {marker} vc.internal/store-uid-",
        cluster.namespace
    );
    assert!(cluster.syncer_log().contains(&remedy));
    assert!(!cluster.is_syncer_ready());
    cluster.kubectl("delete pod old --wait=false").ok();
    cluster.apply(&pod("new"));
    // It looks again every 5 s. Nothing may come of it.
    until("a second look", || {
        let log = cluster.syncer_log();
        log.matches("made from").count() >= 2
    });
    assert_eq!(uids(&cluster), twins);
    let marker_now = cluster.host_get(&marker);
    let store = &marker_now["metadata"]["annotations"]["vc.internal/store-uid"];
    assert_eq!(*store, "another");

    cluster
        .host(&format!("annotate {marker} vc.internal/store-uid-"))
        .ok();
    within(Duration::from_secs(15), "the syncer goes on", || {
        cluster.is_syncer_ready()
    });
    cluster.running("default", "new");
    until("the deleted pod is gone", || {
        cluster.kubectl("get pod old").run().code != 0
    });
    cluster.in_step_within(Duration::from_secs(5), &foreign);
}

fn uids(cluster: &Cluster) -> Vec<Value> {
    let twins = cluster.twins("pod").into_iter();
    twins.map(|twin| twin["metadata"]["uid"].clone()).collect()
}
