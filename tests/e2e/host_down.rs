//! A host that is away, silent or somebody else is said to be so, soon; one that comes back is used.

use std::thread::sleep;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::json;

use crate::harness::{Proxy, Sandbox, Way};

/// A proxy to the host that the test's user goes through.
fn proxied(sandbox: &Sandbox) -> Proxy {
    let server = sandbox.host_server();
    let proxy = Proxy::to(server.trim_start_matches("https://"));
    sandbox.reach_host_at(&proxy.url());
    proxy
}

#[test]
fn a_host_that_is_away_for_two_seconds_while_a_cluster_comes_up_is_not_noticed() {
    let sandbox = Sandbox::new("away");
    let (name, namespace) = (sandbox.name("away"), sandbox.namespace("away"));
    let proxy = proxied(&sandbox);
    let create = sandbox
        .vc(&format!("create {name} -n {namespace} --ephemeral"))
        .start();
    assert!(create.says("[3/4]"));
    proxy.set(Way::Closed);
    sleep(Duration::from_secs(2));
    proxy.set(Way::Open);
    create.wait().exits(0);
    sandbox.kubectl("get namespaces").ok();
    sandbox.vc(&format!("delete {name} -n {namespace}")).ok();
}

#[test]
fn a_host_that_dies_while_a_cluster_comes_up_ends_the_wait() {
    let sandbox = Sandbox::new("dies");
    let (name, namespace) = (sandbox.name("dies"), sandbox.namespace("dies"));
    let class = sandbox.class_without_provisioner();
    let proxy = proxied(&sandbox);
    let create = sandbox
        .vc(&format!(
            "create {name} -n {namespace} --storage-class {class}"
        ))
        .within(Duration::from_secs(75))
        .start();
    assert!(create.says("[3/4]"));
    proxy.set(Way::Closed);
    create
        .wait()
        .exits(8)
        .says(&format!("the host cluster at {}/", proxy.url()))
        .says("hint: kubectl --context host cluster-info");
}

#[test]
fn a_host_that_cannot_be_reached_is_said_at_once() {
    let sandbox = Sandbox::new("refused");
    // Nothing listens on port 1, and nothing but a superuser could.
    sandbox.reach_host_at("https://127.0.0.1:1");
    for command in ["create x", "list", "connect x", "delete x", "kubeconfig x"] {
        sandbox
            .vc(command)
            .within(Duration::from_secs(20))
            .exits(8)
            .says("the host cluster at https://127.0.0.1:1/ cannot be reached")
            .says("Connection refused")
            .says("hint: kubectl --context host cluster-info");
    }
}

#[test]
fn a_host_that_accepts_and_never_answers_is_given_up() {
    let sandbox = Sandbox::new("silent");
    let proxy = proxied(&sandbox);
    proxy.set(Way::Silent);
    sandbox
        .vc("create x")
        .within(Duration::from_secs(45))
        .exits(8)
        .says(&format!("the host cluster at {}/", proxy.url()));
    assert!(proxy.accepted() > 0);
}

#[test]
fn a_host_with_another_certificate_is_not_talked_to() {
    let sandbox = Sandbox::new("tls");
    let mut content = sandbox.kubeconfig_content();
    let cluster = &mut content["clusters"][0]["cluster"];
    let other = rcgen::generate_simple_self_signed(vec!["other".to_owned()]).unwrap();
    let pem = other.cert.pem();
    cluster["certificate-authority-data"] = BASE64.encode(pem.as_bytes()).into();
    std::fs::write(sandbox.kubeconfig(), content.to_string()).unwrap();
    sandbox
        .vc("create x")
        .within(Duration::from_secs(20))
        .exits(8)
        .says("certificate")
        .says("hint: kubectl --context host cluster-info");
}

#[test]
fn a_host_that_does_not_know_us_is_said_so() {
    let sandbox = Sandbox::new("unknown");
    sandbox.become_bearer_of("garbage");
    sandbox
        .vc("create x")
        .exits(4)
        .says("hint: log in to the host cluster again");

    let other = rcgen::generate_simple_self_signed(vec!["other".to_owned()]).unwrap();
    let (certificate, key) = (other.cert.pem(), other.signing_key.serialize_pem());
    let mut content = sandbox.kubeconfig_content();
    content["users"][0]["user"] = json!({
        "client-certificate-data": BASE64.encode(certificate.as_bytes()),
        "client-key-data": BASE64.encode(key.as_bytes()),
    });
    std::fs::write(sandbox.kubeconfig(), content.to_string()).unwrap();
    sandbox
        .vc("create x")
        .exits(4)
        .says("hint: log in to the host cluster again");
}
