//! `vc top` shows what clusters use and how they do: a table off a terminal, live on one.

use expectrl::process::unix::WaitStatus;
use expectrl::{ControlCode, Eof, Expect};
use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

fn row(cluster: &Cluster) -> Value {
    let line = format!("top -n {} -o json", cluster.namespace);
    let rows = cluster.sandbox.vc(&line).ok().json();
    rows[0].clone()
}

#[test]
fn a_cluster_is_shown_with_what_it_uses_and_how_it_does() {
    let cluster = Cluster::create("top", "--storage-size 1Gi");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"},
        "spec": {"containers": [agent()], "terminationGracePeriodSeconds": 0},
    }));
    cluster.running("default", "a");
    // The host measures every few seconds.
    until("the host tells what the control plane uses", || {
        row(&cluster)["controlPlane"]["memoryBytes"].as_u64() > Some(1 << 20)
    });
    let all = row(&cluster);
    assert_eq!(all["name"], json!(name), "{all:#}");
    assert_eq!(all["status"], "Running", "{all:#}");
    assert_eq!(all["pods"], 1, "{all:#}");
    // The pod was written to the host, and its state back.
    let sync = &all["sync"];
    assert!(sync["changes"].as_u64() >= Some(2), "{all:#}");
    assert!(sync["p99Seconds"].as_f64() > Some(0.0), "{all:#}");
    assert!(sync["p99Seconds"].as_f64() >= sync["p50Seconds"].as_f64());

    let table = cluster.sandbox.vc(&format!("top -n {namespace}")).ok();
    let lines = table.lines();
    assert!(lines[0].starts_with("NAME "), "{lines:?}");
    assert!(lines[1].starts_with(name), "{lines:?}");
    assert!(lines[1].contains("Mi "), "{lines:?}");
    assert_eq!(lines.len(), 2, "{lines:?}");

    keys_alone(&cluster);
    on_loopback_alone(&cluster);

    cluster
        .sandbox
        .vc(&format!("pause {name} -n {namespace}"))
        .ok();
    let paused = row(&cluster);
    assert_eq!(paused["status"], "Paused", "{paused:#}");
    assert_eq!(paused["sync"], Value::Null, "{paused:#}");
}

/// It is used by keys alone, and leaves the terminal as it was.
fn keys_alone(cluster: &Cluster) {
    let live = format!("top -n {} --interval 1s", cluster.namespace);
    let mut terminal = cluster.sandbox.vc(&live).on_terminal();
    // The name alone is said before there is a screen that takes keys, too.
    terminal.expect("Running").unwrap();
    terminal.send("\r").unwrap();
    terminal.expect("syncer").unwrap();
    terminal.expect("EVENTS").unwrap();
    terminal.send("q").unwrap();
    ends(terminal, 0);
    let mut terminal = cluster.sandbox.vc(&live).on_terminal();
    terminal.expect("Running").unwrap();
    terminal.send(ControlCode::EndOfText).unwrap();
    ends(terminal, 130);
}

fn ends(mut terminal: expectrl::session::OsSession, wanted: i32) {
    // The other screen is left.
    terminal.expect("\u{1b}[?1049l").unwrap();
    terminal.expect(Eof).unwrap();
    match terminal.get_process().wait().unwrap() {
        WaitStatus::Exited(_, code) => assert_eq!(code, wanted),
        other => panic!("{other:?}"),
    }
}

/// Other tenants of the host reach the pod's address, and must not be told.
fn on_loopback_alone(cluster: &Cluster) {
    let pod = cluster.host_get(&format!("pod vc-{}-0", cluster.name));
    let address = pod["status"]["podIP"].as_str().expect("address");
    let twin = cluster.twin("pod", "default", "a");
    let own = twin["metadata"]["name"].as_str().expect("name");
    let is_reached = |port: u16| {
        let script = format!("nc -w 5 {address} {port} </dev/null");
        let line = format!("exec {own} -- sh -c");
        cluster.host(&line).arg(&script).run().code == 0
    };
    assert!(is_reached(6443), "the API server's port");
    assert!(!is_reached(10253));
}
