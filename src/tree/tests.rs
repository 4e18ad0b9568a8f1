use serde_json::{Value, json};

use super::{Forest, Wood, dot, grow, mermaid, text};

fn object(kind: &str, name: &str, owner: &str, rest: &Value) -> Value {
    let mut object = json!({
        "kind": kind,
        "metadata": {"namespace": "shop", "name": name, "uid": name},
    });
    if !owner.is_empty() {
        object["metadata"]["ownerReferences"] = json!([{"uid": owner, "controller": true}]);
    }
    for (field, value) in rest.as_object().unwrap() {
        object[field] = value.clone();
    }
    object
}

fn twin(kind: &str, name: &str, of: &str, cluster: &str) -> Value {
    json!({
        "kind": kind, "metadata": {"name": name, "annotations": {
            "vc.internal/cluster-uid": cluster, "vc.internal/uid": of,
        }},
        "status": {"phase": "Pending"},
    })
}

fn forest() -> Forest {
    let ready = json!([{"type": "Ready", "status": "True"}]);
    let running = json!({"phase": "Running", "conditions": ready});
    let wood = Wood {
        objects: vec![
            object(
                "Service",
                "web",
                "",
                &json!({"spec": {"type": "ClusterIP", "clusterIP": "10.0.0.1"}}),
            ),
            object(
                "Deployment",
                "web-d",
                "",
                &json!({"spec": {"replicas": 2}, "status": {"readyReplicas": 1}}),
            ),
            object(
                "ReplicaSet",
                "web-1",
                "web-d",
                &json!({"spec": {"replicas": 2}, "status": {"readyReplicas": 1}}),
            ),
            object(
                "ReplicaSet",
                "web-0",
                "web-d",
                &json!({"spec": {"replicas": 0}}),
            ),
            object(
                "Pod",
                "web-1-b",
                "web-1",
                &json!({"spec": {}, "status": {"phase": "Pending"}}),
            ),
            object(
                "Pod",
                "web-1-a",
                "web-1",
                &json!({"spec": {"nodeName": "n1"}, "status": running}),
            ),
            object(
                "Pod",
                "alone",
                "gone",
                &json!({"status": {"phase": "Succeeded"}}),
            ),
        ],
        host_objects: vec![
            twin("Pod", "web-1-a-shop-dev-smlbdj3i34edmypy", "web-1-a", "c"),
            twin(
                "Pod",
                "web-1-b-shop-other-smlbdj3i34edmypy",
                "web-1-b",
                "another",
            ),
        ],
        nodes: vec![
            json!({"kind": "Node", "metadata": {"name": "n1"}, "status": {"conditions": ready}}),
            json!({"kind": "Node", "metadata": {"name": "n2"}}),
        ],
    };
    let (namespaces, nodes) = grow(&wood, "c");
    Forest {
        cluster: "dev".to_owned(),
        host_namespace: "team".to_owned(),
        namespaces,
        nodes,
        unknown: Vec::new(),
    }
}

#[test]
fn a_tree_has_owners_over_what_they_own_and_host_objects_below_their_own() {
    let expected = "\
virtual cluster dev in namespace team
namespace/shop
├─deployment/web-d       1/2 ready
│ └─replicaset/web-1     1/2 ready
│   ├─pod/web-1-a        Running on n1
│   │   → web-1-a-shop-dev-smlbdj3i34edmypy  Pending
│   └─pod/web-1-b        Pending
├─pod/alone              Succeeded
└─service/web            ClusterIP 10.0.0.1
node/n1                  Ready
";
    let text = text(&forest());
    let without_padding = |text: &str| -> Vec<String> {
        let words = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        words.collect()
    };
    assert_eq!(without_padding(&text), without_padding(expected));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn a_tree_for_programs_has_the_same() {
    let all = serde_json::to_value(forest()).unwrap();
    let web = &all["namespaces"][0]["objects"][0];
    assert_eq!(
        (&web["kind"], &web["name"]),
        (&json!("Deployment"), &json!("web-d"))
    );
    assert_eq!(
        web["children"][0]["children"][0],
        json!({
            "kind": "Pod", "name": "web-1-a", "state": "Running", "node": "n1", "children": [],
            "host": {"name": "web-1-a-shop-dev-smlbdj3i34edmypy", "state": "Pending"},
        })
    );
    assert_eq!(all["nodes"], json!([{"name": "n1", "state": "Ready"}]));
    assert_eq!(all["hostNamespace"], "team");
}

#[test]
fn a_graph_has_an_edge_for_each_owner_host_object_and_node() {
    let mermaid = mermaid(&forest());
    assert!(
        mermaid.starts_with("flowchart LR\n  subgraph g0[\"shop in dev\"]\n"),
        "{mermaid}"
    );
    for line in [
        "    n1[\"deployment/web-d<br/>1/2 ready\"]\n",
        "  n1 --> n2\n",
        "  n2 --> n3\n",
        "  n3 -.-> n4\n",
        "  n4 --> n8\n",
        "    n8[\"node/n1<br/>Ready\"]\n",
    ] {
        assert!(mermaid.contains(line), "{line}: {mermaid}");
    }
    let dot = dot(&forest());
    for line in [
        "digraph {\n",
        "    n1 [label=\"deployment/web-d\\n1/2 ready\"]\n",
        "  n3 -> n4 [style=dashed]\n",
    ] {
        assert!(dot.contains(line), "{line}: {dot}");
    }
    assert!(dot.ends_with("}\n"));
}

#[test]
fn owners_in_a_circle_do_not_go_on_for_ever() {
    let wood = Wood {
        objects: vec![
            object("Pod", "a", "b", &json!({})),
            object("Pod", "b", "a", &json!({})),
            object("Pod", "c", "c", &json!({})),
        ],
        ..Wood::default()
    };
    let (groves, _) = grow(&wood, "c");
    assert_eq!(groves[0].objects.len(), 1);
}
