//! A Service has one address, inside and on the host, from the moment that it exists.

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Sandbox, Space, until};

/// What both sides have to agree on.
fn choices(service: &Value) -> Value {
    let spec = &service["spec"];
    let ports = spec["ports"].as_array().cloned().unwrap_or_default();
    let node_ports: Vec<&Value> = ports.iter().map(|port| &port["nodePort"]).collect();
    json!({
        "type": spec["type"],
        "clusterIPs": spec["clusterIPs"],
        "ipFamilies": spec["ipFamilies"],
        "ipFamilyPolicy": spec["ipFamilyPolicy"],
        "nodePorts": node_ports,
        "healthCheckNodePort": spec["healthCheckNodePort"],
    })
}

/// Asserts that both sides agree now, without waiting; answers with the virtual Service.
#[track_caller]
fn assert_one(space: &Space, name: &str) -> Value {
    let here = space.get(&format!("service {name}"));
    let there = space.find_host("service", name);
    let there = there.unwrap_or_else(|| panic!("{name} is not on the host"));
    assert_eq!(choices(&here), choices(&there), "{name}");
    here
}

fn await_one(space: &Space, name: &str) -> Value {
    until(&format!("service {name} is one on both sides"), || {
        let here = space.get(&format!("service {name}"));
        space
            .find_host("service", name)
            .is_some_and(|there| choices(&here) == choices(&there))
    });
    assert_one(space, name)
}

fn address(service: &Value) -> String {
    service["spec"]["clusterIP"].as_str().unwrap().to_owned()
}

fn patch(space: &Space, name: &str, patch: &Value) {
    let line = format!("patch service {name} --type=merge -p");
    space.kubectl(&line).arg(&patch.to_string()).ok();
}

fn on_host(space: &Space, line: &str) {
    let line = format!("-n {} {line}", space.host_namespace);
    space.host(&line).ok();
}

fn host_name(space: &Space, name: &str) -> String {
    let service = space.await_host("service", name);
    service["metadata"]["name"].as_str().unwrap().to_owned()
}

const EVERY_TYPE: &str = "
{apiVersion: v1, kind: Service, metadata: {name: plain},
 spec: {selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: headless},
 spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: nodes},
 spec: {type: NodePort, selector: {app: web},
        ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: balanced},
 spec: {type: LoadBalancer, selector: {app: web}, externalTrafficPolicy: Local,
        loadBalancerClass: example.com/none, loadBalancerSourceRanges: [10.0.0.0/8],
        sessionAffinity: ClientIP, trafficDistribution: PreferClose,
        ports: [{port: 80, targetPort: web, appProtocol: http}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: portless},
 spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, loadBalancerClass: example.com/none,
        selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: selectorless}, spec: {ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: neither}, spec: {clusterIP: None}}
---
{apiVersion: v1, kind: Service, metadata: {name: elsewhere},
 spec: {type: ExternalName, externalName: example.com}}
";

#[test]
fn a_service_of_every_type_has_one_address_and_the_same_node_ports_at_once() {
    let space = Space::new("types");
    space.create_from(EVERY_TYPE);
    for name in [
        "plain",
        "headless",
        "nodes",
        "balanced",
        "portless",
        "selectorless",
        "neither",
    ] {
        assert_one(&space, name);
    }
    assert!(space.find_host("service", "elsewhere").is_none());
    let nodes = choices(&space.get("service nodes"));
    assert!(nodes["nodePorts"][1].is_u64(), "{nodes}");
    let host = space.find_host("service", "balanced").unwrap();
    assert_eq!(
        host["spec"]["selector"],
        json!({"app": "web", "vc.internal/cluster": space.cluster, "vc.internal/namespace": "types"})
    );
    for (field, value) in [
        ("externalTrafficPolicy", json!("Local")),
        ("loadBalancerClass", json!("example.com/none")),
        ("loadBalancerSourceRanges", json!(["10.0.0.0/8"])),
        ("sessionAffinity", json!("ClientIP")),
        ("trafficDistribution", json!("PreferClose")),
    ] {
        assert_eq!(host["spec"][field], value, "{field}");
    }
    let port = &host["spec"]["ports"][0];
    assert_eq!(
        (&port["targetPort"], &port["appProtocol"]),
        (&json!("web"), &json!("http"))
    );

    // A dry run leaves nothing, and a Service whose name is generated is one, too.
    let before = space.host_objects("service").len();
    space
        .kubectl("create service nodeport never --tcp=80 --dry-run=server")
        .ok();
    assert_eq!(space.host_objects("service").len(), before);
    let generated = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"generateName": "some-"}, "spec": {"ports": [{"port": 80}]},
    });
    let made = space.kubectl("create -f - -o name");
    let made = made.stdin(&generated.to_string()).ok();
    let made = made.output().trim_start_matches("service/").to_owned();
    assert!(made.len() == "some-".len() + 5, "{made}");
    assert_one(&space, &made);

    // What the host refuses is refused, in its words and with the names that the user knows.
    let taken = address(&space.get("service plain"));
    let refused = space
        .kubectl(&format!(
            "create service clusterip clash --tcp=80 --clusterip={taken}"
        ))
        .run();
    assert_ne!(refused.code, 0);
    refused
        .says("Service \"clash\" is invalid")
        .says("already allocated");

    space.kubectl("delete service --all").ok();
    until("no Service on the host", || {
        space.host_objects("service").is_empty()
    });
}

#[test]
fn a_service_follows_its_changes_and_the_hosts_word_comes_back() {
    let space = Space::new("follows");
    space
        .kubectl("create service clusterip web --tcp=80:8080")
        .ok();
    let first = address(&assert_one(&space, "web"));
    patch(&space, "web", &json!({"spec": {"type": "NodePort"}}));
    assert_one(&space, "web");
    patch(
        &space,
        "web",
        &json!({"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local",
            "loadBalancerClass": "example.com/none"}}),
    );
    let balanced = assert_one(&space, "web");
    assert_eq!(address(&balanced), first);
    assert!(balanced["spec"]["healthCheckNodePort"].is_u64());

    // The host's load balancer tells where it is; the Service is drawn to nobody else's address.
    let status = r#"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.7"}]}}}"#;
    let host = host_name(&space, "web");
    let line = format!(
        "-n {} patch service {host} --subresource=status --type=merge -p",
        space.host_namespace
    );
    space.host(&line).arg(status).ok();
    let ip = ".status.loadBalancer.ingress[0].ip";
    space.await_field("service web", ip, "192.0.2.7");
    let line = "patch service web -p";
    let asks = r#"{"spec":{"externalIPs":["192.0.2.8"],"loadBalancerIP":"192.0.2.9"}}"#;
    space.kubectl(line).arg(asks).ok();
    until("an Event tells what is left out", || {
        let event = "get events --field-selector=involvedObject.name=web,reason=FieldsLeftOut";
        let told = space.kubectl(&format!("{event} -o jsonpath={{.items[*].message}}"));
        told.ok().output().contains("externalIPs, loadBalancerIP")
    });
    let there = space.await_host("service", "web");
    assert!(there["spec"].get("externalIPs").is_none(), "{there}");
    assert!(there["spec"].get("loadBalancerIP").is_none(), "{there}");

    patch(
        &space,
        "web",
        &json!({"spec": {"type": "ExternalName", "externalName": "example.com",
            "externalIPs": null, "loadBalancerIP": null}}),
    );
    space.await_no_host("service", "web");
    patch(
        &space,
        "web",
        &json!({"spec": {"type": "ClusterIP", "externalName": null}}),
    );
    let last = address(&assert_one(&space, "web"));

    // Every field follows, also when it goes.
    patch(
        &space,
        "web",
        &json!({
            "metadata": {"labels": {"tier": "front"}, "annotations": {"note": "x"}},
            "spec": {
                "selector": {"app": null, "tier": "front"}, "sessionAffinity": "ClientIP",
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
                "publishNotReadyAddresses": true, "internalTrafficPolicy": "Local",
                "ports": [{"name": "a", "port": 81}, {"name": "b", "port": 82, "protocol": "UDP"}],
            },
        }),
    );
    until("every field on the host", || {
        let spec = &space.await_host("service", "web")["spec"];
        spec["selector"]["tier"] == "front"
            && spec["selector"].get("app").is_none()
            && spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"] == 60
            && spec["publishNotReadyAddresses"] == true
            && spec["internalTrafficPolicy"] == "Local"
            && spec["ports"][1]["port"] == 82
    });
    patch(
        &space,
        "web",
        &json!({"metadata": {"labels": {"tier": null}}, "spec": {"selector": null,
            "sessionAffinity": "None", "sessionAffinityConfig": null, "publishNotReadyAddresses": null}}),
    );
    until("what is gone is gone on the host", || {
        let host = space.await_host("service", "web");
        let spec = &host["spec"];
        host["metadata"]["labels"].get("tier").is_none()
            && spec.get("selector").is_none()
            && spec.get("publishNotReadyAddresses").is_none()
            && spec["sessionAffinity"] == "None"
    });

    // Somebody on the host changes it, and then removes it.
    let forged = r#"{"spec":{"selector":{"app":"forged"},"ports":[{"port":99}]}}"#;
    let line = format!(
        "-n {} patch service {host} --type=merge -p",
        space.host_namespace
    );
    space.host(&line).arg(forged).ok();
    until("the Service on the host as it was", || {
        let spec = &space.await_host("service", "web")["spec"];
        spec.get("selector").is_none() && spec["ports"][0]["port"] == 81
    });
    on_host(&space, &format!("delete service {host}"));
    let again = await_one(&space, "web");
    assert_eq!(address(&again), last);
}

/// What somebody removes on the host comes back as it was: a host tells that a Service is gone before its
/// address and its node ports are free again.
#[test]
fn services_that_go_on_the_host_all_at_once_come_back_at_their_addresses() {
    let space = Space::new("comeback");
    let names: Vec<String> = (0..20).map(|number| format!("web-{number}")).collect();
    let each = |name: &String| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        })
    };
    let all: Vec<Value> = names.iter().map(each).collect();
    space.create_from(&json!({"apiVersion": "v1", "kind": "List", "items": all}).to_string());
    let before: Vec<Value> = names
        .iter()
        .map(|name| choices(&assert_one(&space, name)))
        .collect();
    let uids = |space: &Space| -> Vec<Value> {
        let host = space.host_objects("service");
        let uid = |service: &Value| service["metadata"]["uid"].clone();
        host.iter().map(uid).collect()
    };
    let old = uids(&space);
    let hosts: Vec<String> = names.iter().map(|name| host_name(&space, name)).collect();
    on_host(&space, &format!("delete service {}", hosts.join(" ")));
    until("all are made again", || {
        let new = uids(&space);
        new.len() == names.len() && new.iter().all(|uid| !old.contains(uid))
    });
    for (name, before) in names.iter().zip(before) {
        assert_eq!(choices(&await_one(&space, name)), before, "{name}");
    }
}

/// A pod that answers on port 8080 with its name.
fn server(name: &str, labels: &str, says: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {labels}}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sh, -c, 'mkdir /w; echo {says} > /w/index.html; exec httpd -f -p 8080 -h /w']
    ports: [{{name: web, containerPort: 8080}}]
    readinessProbe: {{exec: {{command: [test, '!', -e, /unready]}}, periodSeconds: 1, failureThreshold: 1}}
---
"
    )
}

/// What is heard at an address, empty when nobody answers.
fn heard(space: &Space, client: &str, address: &str) -> String {
    let (host, port) = address.split_once(':').unwrap_or((address, "80"));
    let script = format!("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {host} {port} | tail -n 1");
    space.sh(client, &script).output().to_owned()
}

#[test]
fn pods_reach_one_another_and_their_api_server_by_the_addresses_of_services() {
    let space = Space::new("reach");
    space.create_from(
        "{apiVersion: v1, kind: Service, metadata: {name: my-web},
          spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: web}]}}",
    );
    let service = assert_one(&space, "my-web");
    let ip = address(&service);
    space.create_from(&format!(
        "{}{}{}",
        server("one", "{app: web}", "one"),
        server("two", "{app: other}", "two"),
        server("client", "{app: client}", "nothing"),
    ));
    space.await_ready("pod/one pod/two pod/client");
    until("the Service leads to its pod", || {
        heard(&space, "client", &ip) == "one"
    });
    let node = ".items[0].status.addresses[?(@.type==\"InternalIP\")].address";
    let node = space.field("nodes", node);
    let node_port = &service["spec"]["ports"][0]["nodePort"];
    assert_eq!(
        heard(&space, "client", &format!("{node}:{node_port}")),
        "one"
    );
    let variables = space.sh("client", "env | grep ^MY_WEB | sort");
    assert_eq!(
        variables.lines(),
        [
            format!("MY_WEB_PORT=tcp://{ip}:80"),
            format!("MY_WEB_PORT_80_TCP=tcp://{ip}:80"),
            format!("MY_WEB_PORT_80_TCP_ADDR={ip}"),
            "MY_WEB_PORT_80_TCP_PORT=80".to_owned(),
            "MY_WEB_PORT_80_TCP_PROTO=tcp".to_owned(),
            format!("MY_WEB_SERVICE_HOST={ip}"),
            "MY_WEB_SERVICE_PORT=80".to_owned(),
            "MY_WEB_SERVICE_PORT_HTTP=80".to_owned(),
        ]
    );

    // The API server, by the address of its Service, which is what pods are told as well.
    let api = space.field("-n default service/kubernetes", ".spec.clusterIP");
    let slice = space.get("-n default endpointslice/kubernetes");
    assert_eq!(slice["ports"][0]["port"], 6443, "{slice}");
    let endpoints = space.get("-n default endpoints/kubernetes");
    let before = &endpoints["subsets"][0];
    assert_eq!(
        before["addresses"][0]["ip"], slice["endpoints"][0]["addresses"][0],
        "{endpoints}"
    );
    assert_eq!(before["ports"][0]["port"], 6443, "{endpoints}");
    let line = format!(
        "-n {} get service vc-{}",
        space.host_namespace, space.cluster
    );
    let there = space.host(&format!("{line} -o json")).ok().json();
    assert_eq!(api, address(&there));
    let told = space
        .sh("client", "echo $KUBERNETES_SERVICE_HOST")
        .output()
        .to_owned();
    assert_eq!(told, api);
    let answer = heard(&space, "client", &format!("{api}:443"));
    assert_eq!(answer, "Client sent an HTTP request to an HTTPS server.");

    // A pod that is not ready gets nothing; one that gets the labels does.
    space.sh("one", "touch /unready");
    until("nobody answers", || heard(&space, "client", &ip).is_empty());
    space.kubectl("label pod two app=web --overwrite").ok();
    until("the other pod answers", || {
        heard(&space, "client", &ip) == "two"
    });
    check_selectorless(&space);
}

/// A Service without a selector leads to the pods that its EndpointSlices name, and nowhere else.
fn check_selectorless(space: &Space) {
    let pod = space.field("pod two", ".status.podIP");
    let slice = |name: &str, address: &str| {
        format!(
            "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}, labels: {{kubernetes.io/service-name: by-hand}}}}
addressType: IPv4
endpoints: [{{addresses: [{address}]}}]
ports: [{{port: 8080}}]
---
"
        )
    };
    // Before their Service; and one with an address of nobody here.
    space.create_from(&format!(
        "{}{}",
        slice("ours", &pod),
        slice("foreign", "192.0.2.1")
    ));
    space.create_from("{apiVersion: v1, kind: Service, metadata: {name: by-hand}, spec: {ports: [{port: 80, targetPort: 8080}]}}");
    let ip = address(&assert_one(space, "by-hand"));
    until("the Service leads to the pod that was named", || {
        heard(space, "client", &ip) == "two"
    });
    until(
        "an Event tells that the foreign address is left out",
        || {
            let event =
                "get events --field-selector=involvedObject.name=by-hand,reason=EndpointsLeftOut";
            let told = space.kubectl(&format!("{event} -o jsonpath={{.items[*].message}}"));
            told.ok().output().contains("192.0.2.1")
        },
    );
    let foreign = space.await_host("endpointslice", "foreign");
    assert!(foreign["endpoints"].is_null(), "{foreign}");
    // An address that was a pod's is nobody's when the pod is gone.
    space.kubectl("delete pod two").ok();
    until("the pod's address is not named any more", || {
        space.await_host("endpointslice", "ours")["endpoints"].is_null()
    });
    space.kubectl("delete endpointslice ours").ok();
    space.await_no_host("endpointslice", "ours");
    // Endpoints are mirrored by the virtual cluster's own controller.
    let one = space.field("pod one", ".status.podIP");
    space.create_from(&format!(
        "{{apiVersion: v1, kind: Endpoints, metadata: {{name: by-hand}}, subsets: [{{addresses: [{{ip: {one}}}], ports: [{{port: 8080}}]}}]}}"
    ));
    until("the Service leads to the pod of its Endpoints", || {
        heard(space, "client", &ip) == "one"
    });
    space.kubectl("delete service by-hand").ok();
    space.await_no_host("endpointslice", "foreign");
}

#[test]
fn services_of_two_clusters_in_one_namespace_have_nothing_in_common_and_outlive_their_webhook() {
    let (user_of_a, user_of_b) = (Sandbox::new("svc-a"), Sandbox::new("svc-b"));
    let namespace = user_of_a.namespace("svc");
    let a = Space::create(user_of_a, "team", &namespace);
    let b = Space::create(user_of_b, "team", &namespace);
    for (space, says) in [(&a, "a"), (&b, "b")] {
        space.create_from(&format!(
            "{}{}{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}}}",
            server("web", "{app: web}", says),
            server("client", "{app: client}", "nothing"),
        ));
    }
    let addresses = [&a, &b].map(|space| {
        space.await_ready("pod/web pod/client");
        address(&assert_one(space, "web"))
    });
    assert_ne!(addresses[0], addresses[1]);
    for (space, ip, says) in [(&a, &addresses[0], "a"), (&b, &addresses[1], "b")] {
        until("the Service leads to its pod", || {
            heard(space, "client", ip) == says
        });
        for _ in 0..4 {
            assert_eq!(heard(space, "client", ip), says);
        }
        let line = format!(
            "-n {namespace} get endpointslice -l kubernetes.io/service-name={}",
            host_name(space, "web")
        );
        let slices = space.host(&format!("{line} -o json")).ok().json();
        let endpoints = slices["items"][0]["endpoints"].as_array().map(Vec::len);
        assert_eq!(endpoints, Some(1), "{slices}");
    }

    // The webhook's configuration comes back, and what is made meanwhile is one in the end.
    let configuration = "mutatingwebhookconfiguration/vc-services";
    a.kubectl(&format!("delete {configuration}")).ok();
    a.kubectl("create service nodeport meanwhile --tcp=80").ok();
    await_one(&a, "meanwhile");
    until("the configuration is back", || {
        a.kubectl(&format!("get {configuration}")).run().code == 0
    });
    let weakened = r#"[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]"#;
    let line = format!("patch {configuration} --type=json -p");
    a.kubectl(&line).arg(weakened).ok();
    a.await_field(configuration, ".webhooks[0].failurePolicy", "Fail");

    // So does the API server's own Service.
    let before = a.field("-n default service/kubernetes", ".spec.clusterIP");
    a.kubectl("-n default delete service/kubernetes endpointslice/kubernetes")
        .ok();
    until("the API server's Service is back", || {
        a.field("-n default service/kubernetes", ".spec.clusterIP") == before
            && !a
                .field("-n default endpointslice/kubernetes", ".endpoints")
                .is_empty()
    });
    a.vc(&format!("delete {} -n {namespace}", a.cluster)).ok();
    assert_eq!(heard(&b, "client", &addresses[1]), "b");
    b.vc(&format!("delete {} -n {namespace}", b.cluster)).ok();
    assert_eq!(a.objects(&namespace), Vec::<String>::new());
}
