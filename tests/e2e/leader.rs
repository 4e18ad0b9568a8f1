//! One syncer writes: one that finds another named in the marker stops, and takes over if that is gone.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cluster, agent, within};

/// From the loss to the take-over, by whoever is entitled.
const TAKE_OVER: Duration = Duration::from_secs(15);

#[test]
fn a_syncer_that_another_was_named_in_place_of_stops_and_takes_over_when_that_is_no_pod() {
    let cluster = Cluster::create("leader", "--ephemeral");
    let foreign = cluster.foreign();
    cluster.apply(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
            },
        },
    }));
    cluster
        .kubectl("rollout status deployment/web --timeout=90s")
        .ok();
    let marker = format!("configmap vc-{}", cluster.name);
    let holder = || {
        let marker = cluster.host_get(&marker);
        marker["metadata"]["annotations"]["vc.internal/syncer"].clone()
    };
    let own = holder();
    let pod = cluster.host_get(&format!("pod vc-{}-0", cluster.name));
    assert_eq!(own, pod["metadata"]["uid"]);
    let before = cluster.container_id("syncer");

    cluster
        .host(&format!(
            "annotate {marker} --overwrite vc.internal/syncer=nobody"
        ))
        .ok();
    cluster.kubectl("scale deployment/web --replicas=4").ok();
    within(
        TAKE_OVER,
        "another syncer at work, named in the marker",
        || {
            let now = cluster.container_id("syncer");
            !now.is_empty() && now != before && holder() == own && cluster.is_syncer_ready()
        },
    );
    let log = cluster
        .host(&format!("logs vc-{}-0 -c syncer --previous", cluster.name))
        .ok();
    assert!(
        log.stdout.contains("another syncer has taken over"),
        "{log}"
    );

    cluster
        .kubectl("rollout status deployment/web --timeout=60s")
        .ok();
    assert_eq!(cluster.twins("pod").len(), 4);
    cluster.in_step_within(Duration::from_secs(5), &foreign);
}
