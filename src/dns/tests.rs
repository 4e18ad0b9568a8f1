//! The module's promises, without a cluster.

mod names;
mod robust;
mod serving;

use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use serde_json::{Value, json};

use super::answer::Found;
use super::index::Index;

/// Something of everything.
fn index() -> Index {
    let mut index = Index::new("cluster.local");
    for namespace in ["default", "kube-system", "shop", "empty"] {
        index.set_namespace(namespace, true);
    }
    for service in services() {
        let text = |field: &str| service["metadata"][field].as_str().unwrap().to_owned();
        index.set_service(&text("namespace"), &text("name"), &service);
    }
    for slice in slices() {
        let text = |field: &str| slice["metadata"][field].as_str().unwrap().to_owned();
        index.set_slice(&text("namespace"), &text("name"), &slice);
    }
    let own = IpAddr::from([10, 96, 0, 7]);
    index.set_fixed("vc-dev.team.svc.cluster.local", vec![own]);
    index
}

fn service(namespace: &str, name: &str, spec: &Value) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name}, "spec": spec})
}

fn services() -> Vec<Value> {
    let http = json!([
        {"name": "http", "protocol": "TCP", "port": 80},
        {"name": "metrics", "protocol": "TCP", "port": 9090},
        {"name": "http", "protocol": "UDP", "port": 443},
        {"protocol": "TCP", "port": 7},
    ]);
    vec![
        service(
            "kube-system",
            "kube-dns",
            &json!({"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"]}),
        ),
        service(
            "shop",
            "web",
            &json!({"clusterIP": "10.96.1.1", "clusterIPs": ["10.96.1.1", "fd00::1"], "ports": http}),
        ),
        service(
            "shop",
            "db",
            &json!({"clusterIP": "None", "clusterIPs": ["None"], "ports": [{"name": "sql", "port": 5432}]}),
        ),
        service("shop", "idle", &json!({"clusterIP": "None"})),
        service("shop", "portless", &json!({"clusterIP": "None"})),
        service(
            "shop",
            "inside",
            &json!({"type": "ExternalName", "externalName": "web.shop.svc.cluster.local"}),
        ),
        service(
            "shop",
            "outside",
            &json!({"type": "ExternalName", "externalName": "www.Example.com"}),
        ),
        service(
            "shop",
            "nowhere",
            &json!({"type": "ExternalName", "externalName": "not.there.svc.cluster.local"}),
        ),
        service(
            "shop",
            "round",
            &json!({"type": "ExternalName", "externalName": "round.shop.svc.cluster.local"}),
        ),
        service(
            "shop",
            "address",
            &json!({"type": "ExternalName", "externalName": "192.0.2.1"}),
        ),
        service("shop", "new", &json!({"type": "ClusterIP", "ports": null})),
    ]
}

fn slice(namespace: &str, name: &str, of: &str, rest: &Value) -> Value {
    let mut slice = json!({"metadata": {
        "namespace": namespace, "name": name, "labels": {"kubernetes.io/service-name": of}}});
    let fields = slice.as_object_mut().unwrap();
    fields.extend(rest.as_object().unwrap().clone());
    slice
}

fn slices() -> Vec<Value> {
    vec![
        slice(
            "shop",
            "db-1",
            "db",
            &json!({
                "addressType": "IPv4",
                "ports": [{"name": "sql", "protocol": "TCP", "port": 5432}],
                "endpoints": [
                    {"addresses": ["10.0.0.1"], "hostname": "db-0", "conditions": {"ready": true}},
                    {"addresses": ["10.0.0.2"], "hostname": "db-1", "conditions": {}},
                    {"addresses": ["10.0.0.3"], "hostname": "db-2", "conditions": {"ready": false}},
                    {"addresses": ["10.0.0.4"]},
                ],
            }),
        ),
        slice(
            "shop",
            "db-2",
            "db",
            &json!({
                "addressType": "IPv6",
                "ports": [{"name": "sql", "protocol": "TCP", "port": 5432}],
                "endpoints": [{"addresses": ["fd00::a"], "hostname": "db-0"}],
            }),
        ),
        slice("shop", "idle-1", "idle", &json!({"endpoints": null})),
        slice(
            "shop",
            "portless-1",
            "portless",
            &json!({"ports": null, "endpoints": [{"addresses": ["10.0.0.9"]}]}),
        ),
        slice(
            "shop",
            "web-1",
            "web",
            &json!({
                "ports": [{"name": "http", "port": 8080}],
                "endpoints": [{"addresses": ["10.0.0.5"]}],
            }),
        ),
        slice(
            "shop",
            "orphan",
            "gone",
            &json!({"endpoints": [{"addresses": ["10.0.0.6"]}]}),
        ),
    ]
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// The answer in words: the code unless it is all right, the records, `=>` where it goes on.
fn ask(index: &Index, text: &str, kind: RecordType) -> Vec<String> {
    let answer = match index.answer(&name(text), kind, 0) {
        Found::Elsewhere => return vec!["elsewhere".to_owned()],
        Found::Answer(answer) => answer,
    };
    let mut said = Vec::new();
    if answer.code != ResponseCode::NoError {
        said.push(format!("{:?}", answer.code));
    }
    said.extend(answer.answers.iter().map(ToString::to_string));
    said.extend(answer.additionals.iter().map(|more| format!("+ {more}")));
    said.extend(
        answer
            .authorities
            .iter()
            .map(|zone| format!("- {} {}", zone.name, zone.record_type())),
    );
    said.extend(answer.follow.map(|target| format!("=> {target}")));
    said
}
