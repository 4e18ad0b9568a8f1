//! Whatever the webhook is asked, the answer is to that request, and a host Service draws no traffic but its own.
#![expect(
    clippy::indexing_slicing,
    reason = "a panic is how a broken promise is told"
)]

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::super::json::{at, text};
use super::super::{Scope, hides_host, services};
use super::{Answer, Asked, answered, asked};
use crate::fuzz::Choices;
use crate::labels;

/// Fields of a Service and of what is in it.
const KEYS: [&str; 44] = [
    "metadata",
    "spec",
    "status",
    "name",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "generateName",
    "ports",
    "port",
    "targetPort",
    "nodePort",
    "protocol",
    "appProtocol",
    "selector",
    "clusterIP",
    "clusterIPs",
    "type",
    "externalIPs",
    "loadBalancerIP",
    "externalName",
    "ipFamilies",
    "ipFamilyPolicy",
    "sessionAffinity",
    "sessionAffinityConfig",
    "clientIP",
    "timeoutSeconds",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "trafficDistribution",
    "publishNotReadyAddresses",
    "healthCheckNodePort",
    "allocateLoadBalancerNodePorts",
    "loadBalancerClass",
    "loadBalancerSourceRanges",
    "newField",
    "app",
    "vc.internal/cluster",
    "vc.internal/namespace",
    "v.vc.internal/cluster",
    "loadBalancer",
    "conditions",
    "ingress",
];

const WORDS: [&str; 18] = [
    "",
    "web",
    "shop",
    "None",
    "ClusterIP",
    "NodePort",
    "LoadBalancer",
    "ExternalName",
    "10.0.0.1",
    "fd00::1",
    "TCP",
    "UDP",
    "Local",
    "Cluster",
    "dev",
    "default",
    "kubernetes",
    "1",
];

/// What a host Service may say; all else could be somebody else's traffic.
const NEVER: [&str; 4] = ["externalIPs", "loadBalancerIP", "externalName", "newField"];

/// An AdmissionReview as JSON, or one that is made of the bytes by choice.
pub fn admission(bytes: &[u8]) {
    let Some(scope) = scope() else {
        return;
    };
    let review = if bytes.first() == Some(&b'{') {
        let Ok(review) = serde_json::from_slice(bytes) else {
            return;
        };
        review
    } else {
        chosen(Choices::new(bytes))
    };
    let Some(asked) = asked(&review) else {
        return;
    };
    let request = &review["request"];
    assert_eq!(text(request, "uid"), asked.uid);
    assert_eq!(
        text(&asked.service["metadata"], "namespace"),
        asked.namespace
    );
    assert_eq!(text(request, "namespace"), asked.namespace);
    assert_eq!(request["dryRun"] == true, asked.is_dry_run);
    let is_label = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    assert!(asked.namespace.chars().all(is_label), "{}", asked.namespace);
    check_answers(&asked, &scope);
}

/// A review about two Services that are alike.
fn chosen(mut choices: Choices<'_>) -> Value {
    let service = |choices: &mut Choices<'_>| {
        let mut object = choices.object(&KEYS, &WORDS, 2);
        let mut metadata = choices.object(&KEYS, &WORDS, 2);
        metadata.insert("name".to_owned(), choices.text(&WORDS).into());
        object.insert("metadata".to_owned(), metadata.into());
        let mut spec = Map::new();
        for _ in 0..choices.byte() % 10 {
            spec.insert(choices.text(&KEYS), choices.json(&KEYS, &WORDS, 3));
        }
        let ports = (0..choices.byte() % 4).map(|_| choices.object(&KEYS[10..15], &WORDS, 1));
        spec.insert("ports".to_owned(), ports.map(Value::from).collect());
        object.insert("spec".to_owned(), spec.into());
        Value::from(object)
    };
    let object = service(&mut choices);
    let before = if choices.is_one_in(2) {
        service(&mut choices)
    } else {
        Value::Null
    };
    json!({"request": {
        "uid": choices.text(&[]),
        "operation": "UPDATE",
        "namespace": choices.text(&WORDS),
        "dryRun": choices.is_one_in(2),
        "userInfo": {"username": choices.text(&[])},
        "resource": {"group": "", "version": "v1", "resource": "services"},
        "object": object,
        "oldObject": before,
    }})
}

fn check_answers(asked: &Asked, scope: &Scope) {
    let service = services::with_inherited(&asked.before, &asked.service);
    let wanted = services::to_host(&service, scope);
    assert_eq!(
        wanted,
        services::to_host(&service, scope),
        "it is not decided by the Service alone"
    );
    check_host(asked, &service, &wanted, scope);
    assert_eq!(
        services::changes(&wanted, &wanted),
        None,
        "it is in step with itself"
    );
    // The earlier Service stands for what the host has made of this one.
    let before = services::to_host(&asked.before, scope);
    drop(services::changes(&wanted, &before));
    drop(services::without_choices(&wanted));
    let _is_asked = services::needs_host(&asked.before, &asked.service);
    drop(services::status(&service, &asked.before));
    let spec = services::with_choices(&service, &before);
    let told = hides_host(&wanted["metadata"]["name"].to_string(), &service, scope);
    assert!(
        !told.contains(&scope.host_name(&asked.namespace, name(&service))),
        "{told}"
    );

    let warnings = services::left_out(&service);
    let with = Answer::With {
        spec: spec.clone(),
        name: Some("x".to_owned()),
        warnings: warnings.clone(),
    };
    let no = Answer::No {
        code: 403,
        message: told,
    };
    for answer in [&Answer::AsIs, &with, &no] {
        let review = answered(&asked.uid, answer);
        let response = &review["response"];
        assert_eq!(response["uid"], asked.uid.as_str());
        assert_eq!(response["allowed"], !matches!(answer, Answer::No { .. }));
    }
    let review = answered(&asked.uid, &with);
    let patch = BASE64.decode(text(&review["response"], "patch").as_bytes());
    let patch: Value = serde_json::from_slice(&patch.unwrap_or_default()).unwrap_or_default();
    assert_eq!(
        patch[0],
        json!({"op": "replace", "path": "/spec", "value": spec})
    );
}

fn check_host(asked: &Asked, service: &Value, wanted: &Value, scope: &Scope) {
    let metadata = &wanted["metadata"];
    assert_eq!(text(metadata, "namespace"), scope.host_namespace.as_str());
    assert_eq!(
        text(metadata, "name"),
        scope.host_name(&asked.namespace, name(service))
    );
    assert_eq!(
        text(&metadata["labels"], labels::CLUSTER),
        scope.cluster.as_str()
    );
    assert_eq!(
        text(&metadata["annotations"], labels::CLUSTER_UID),
        scope.uid
    );
    for field in NEVER {
        assert!(
            wanted["spec"].get(field).is_none(),
            "{field} is on the host"
        );
    }
    if let Some(selector) = wanted["spec"].get("selector") {
        assert_eq!(text(selector, labels::CLUSTER), scope.cluster.as_str());
        assert_eq!(text(selector, labels::NAMESPACE), asked.namespace);
    }
    let is_selected = at(service, &["spec", "selector"])
        .as_object()
        .is_some_and(|labels| !labels.is_empty());
    assert!(
        !is_selected || wanted["spec"]["selector"].is_object(),
        "a selector is lost"
    );
}

fn name(service: &Value) -> &str {
    text(&service["metadata"], "name")
}

fn scope() -> Option<Scope> {
    Some(Scope {
        cluster: "dev".parse().ok()?,
        uid: "5f6f9b4e-7a0e-4a1b-9d0f-1c2d3e4f5a6b".to_owned(),
        host_namespace: "team-a".parse().ok()?,
    })
}
