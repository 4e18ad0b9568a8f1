//! What happens while the syncer sees nothing is found when it sees again, also where the API server no
//! longer remembers the changes one by one.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cluster, Faults, agent, until};

const IN_STEP: Duration = Duration::from_secs(10);

#[test]
fn what_was_deleted_while_nobody_watched_is_found_from_a_place_that_is_too_old() {
    let cluster = Cluster::create("gap", "--ephemeral");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    for name in ["stays", "goes", "loses"] {
        cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
        }));
    }
    cluster
        .kubectl("wait pod --all --for=condition=Ready --timeout=60s")
        .ok();
    let twin = |name: &str| {
        let twins = cluster.twins("pod").into_iter();
        let mut named =
            twins.filter(|twin| twin["metadata"]["annotations"]["vc.internal/name"] == name);
        named
            .next()
            .map(|twin| twin["metadata"]["name"].as_str().unwrap().to_owned())
    };
    let syncer = cluster.container_id("syncer");
    let (stays, loses) = (twin("stays"), twin("loses").unwrap());

    let pause = faults.pause(&cluster, "syncer");
    cluster
        .kubectl("delete pod goes --force --grace-period=0")
        .ok();
    cluster.kubectl("label pod stays seen=yes").ok();
    let delete = format!(
        "-n {} delete pod {loses} --force --grace-period=0",
        cluster.namespace
    );
    cluster.sandbox.host(&delete).ok();
    // A new one knows of no change before its start: whoever asks for one is told to list again.
    faults.kill(&cluster, "kube-apiserver");
    until("the API server's answer", || {
        cluster.kubectl("get --raw /readyz").run().code == 0
    });
    pause.end();

    cluster.in_step_within(IN_STEP, &foreign);
    assert_eq!(
        (twin("stays"), twin("goes"), twin("loses")),
        (stays, None, None)
    );
    assert_eq!(
        cluster.kubectl("get pods -o name").ok().output(),
        "pod/stays"
    );
    assert_eq!(
        cluster.container_id("syncer"),
        syncer,
        "the syncer was started anew"
    );
}
