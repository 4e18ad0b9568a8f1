//! Names are those of the virtual cluster: what its pods look up is found there, and nothing of the host.

use std::time::{Duration, Instant};

use crate::harness::{BUSYBOX, Cluster, Faults, Sandbox, Space, until};

/// A client, and pods of every policy.
fn pods() -> String {
    format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: client}}
spec:
  terminationGracePeriodSeconds: 1
  dnsConfig: {{searches: [corp.example], options: [{{name: ndots, value: '3'}}, {{name: edns0}}]}}
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: as-the-node}}
spec:
  terminationGracePeriodSeconds: 1
  dnsPolicy: Default
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: alone}}
spec:
  terminationGracePeriodSeconds: 1
  dnsPolicy: None
  dnsConfig: {{nameservers: [192.0.2.53], searches: [corp.example]}}
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: whole}}
spec:
  terminationGracePeriodSeconds: 1
  hostname: whole
  subdomain: db
  setHostnameAsFQDN: true
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: unserved}}
spec:
  terminationGracePeriodSeconds: 1
  subdomain: nobody
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    )
}

/// One of each kind of name.
fn services() -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: db}}
  ports: [{{name: http, port: 80}}, {{name: dns, protocol: UDP, port: 53}}]
---
apiVersion: v1
kind: Service
metadata: {{name: db}}
spec:
  clusterIP: None
  selector: {{app: db}}
  ports: [{{name: sql, port: 5432}}]
---
apiVersion: v1
kind: Service
metadata: {{name: early}}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{app: never-ready}}
---
apiVersion: v1
kind: Service
metadata: {{name: late}}
spec:
  clusterIP: None
  selector: {{app: never-ready}}
---
apiVersion: v1
kind: Service
metadata: {{name: alias}}
spec: {{type: ExternalName, externalName: web.names.svc.cluster.local}}
---
apiVersion: v1
kind: Service
metadata: {{name: abroad}}
spec: {{type: ExternalName, externalName: www.example.com}}
---
apiVersion: v1
kind: Pod
metadata: {{name: never-ready, labels: {{app: never-ready}}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sleep, '3600']
    readinessProbe: {{exec: {{command: ['false']}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  replicas: 2
  podManagementPolicy: Parallel
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
"
    )
}

/// What a pod is told about names of a kind, for each in order, sorted: addresses, `name = …`, and what
/// the server says when there is nothing. One script for all, because each takes a second to start.
fn look_up_all(space: &Space, pod: &str, names: &[(&str, &str)]) -> Vec<Vec<String>> {
    let lines = names
        .iter()
        .map(|(kind, name)| format!("nslookup -type={kind} {name}; echo next"));
    let said = space.sh(pod, &lines.collect::<Vec<_>>().join("\n"));
    let said = said.stdout.trim_end().trim_end_matches("next");
    said.split("next\n").map(findings).collect()
}

/// The same for one.
fn look_up(space: &Space, pod: &str, kind: &str, name: &str) -> Vec<String> {
    look_up_all(space, pod, &[(kind, name)]).remove(0)
}

/// What one `nslookup` has said, after the lines about the server.
fn findings(said: &str) -> Vec<String> {
    let lines = said.lines().skip(2).filter_map(|line| {
        let is_answer = line.starts_with("Address: ")
            || line.contains('=')
            || line.contains("can't find")
            || line.contains("SERVFAIL");
        let line = line.trim_start_matches("Address: ");
        let line = line.trim_start_matches("** server can't find ");
        is_answer.then(|| line.replace('\t', " "))
    });
    let mut found: Vec<String> = lines.collect();
    found.sort();
    found.dedup();
    found
}

fn address(space: &Space, what: &str, path: &str) -> String {
    let path = format!(".{path}");
    until(&format!("{what} has {path}"), || {
        !space.field(what, &path).is_empty()
    });
    space.field(what, &path)
}

fn reversed(address: &str) -> String {
    let mut parts: Vec<&str> = address.split('.').collect();
    parts.reverse();
    format!("{}.in-addr.arpa", parts.join("."))
}

#[test]
fn what_pods_look_up_is_found_in_the_virtual_cluster() {
    let space = Space::new("names");
    space.create_from(&pods());
    space.create_from(&services());
    space.await_ready(
        "pod/client pod/whole pod/unserved pod/db-0 pod/db-1 pod/as-the-node pod/alone",
    );
    until("the pod that is never ready runs", || {
        !space.field("pod never-ready", ".status.podIP").is_empty()
    });
    check_services(&space);
    check_pods(&space);
    check_outside(&space);
    check_policies(&space);
}

fn check_services(space: &Space) {
    let web = address(space, "service web", "spec.clusterIP");
    let script = "for name in web web.names web.names.svc web.names.svc.cluster.local \
         web.names.svc.cluster.local. WEB.names.SVC.cluster.LOCAL; do \
         ping -c1 -w1 $name | head -1 | cut -d: -f1; done";
    let said = space.sh("client", script);
    let found: Vec<&str> = said.lines();
    assert_eq!(found.len(), 6, "{said}");
    for line in found {
        assert!(line.contains(&format!("({web})")), "{said}");
    }
    let whole = "web.names.svc.cluster.local";
    let (http, dns) = (format!("_http._tcp.{whole}"), format!("_dns._udp.{whole}"));
    let back = reversed(&web);
    let (alias, gone) = (
        "alias.names.svc.cluster.local",
        "gone.names.svc.cluster.local",
    );
    let version = "dns-version.cluster.local";
    let found = look_up_all(
        space,
        "client",
        &[
            ("a", whole),
            // A name that is there, without an address of this kind.
            ("aaaa", whole),
            ("srv", &http),
            ("srv", &dns),
            ("ptr", &back),
            ("a", alias),
            ("a", "kubernetes.default.svc.cluster.local"),
            ("a", gone),
            ("txt", version),
        ],
    );
    let kubernetes = space.field("-n default service kubernetes", ".spec.clusterIP");
    let expected = [
        vec![web.clone()],
        vec![],
        vec![format!("{http} service = 0 100 80 {whole}")],
        vec![format!("{dns} service = 0 100 53 {whole}")],
        vec![format!("{back} name = {whole}")],
        vec![web, format!("{alias} canonical name = {whole}")],
        vec![kubernetes],
        vec![format!("{gone}: NXDOMAIN")],
        vec![format!("{version} text = \"1.1.0\"")],
    ];
    assert_eq!(found, expected);
    let own = space.field("-n kube-system service kube-dns", ".spec.clusterIP");
    let dns = format!(
        "-n {} get service vc-{}-dns -o jsonpath={{.spec.clusterIP}}",
        space.host_namespace, space.cluster
    );
    assert_eq!(space.host(&dns).ok().output(), own);
}

fn check_pods(space: &Space) {
    let pod = |name: &str| address(space, &format!("pod {name}"), "status.podIP");
    let (first, second) = (pod("db-0"), pod("db-1"));
    let db = "db.names.svc.cluster.local";
    let mut both = [first.clone(), second.clone()];
    both.sort();
    until("both endpoints", || {
        look_up(space, "client", "a", db) == both
    });
    // A peer by its short name, from its peer.
    let said = space.sh("db-0", "hostname; ping -c1 -w1 db-1.db | head -1");
    assert!(said.stdout.starts_with("db-0\n"), "{said}");
    assert!(said.output().contains(&format!("({second})")), "{said}");

    let never = pod("never-ready");
    let early = "early.names.svc.cluster.local";
    until("a pod that is not ready but published", || {
        look_up(space, "client", "a", early) == [never.as_str()]
    });
    let (sql, back) = (format!("_sql._tcp.{db}"), reversed(&first));
    let dashed = first.replace('.', "-");
    let late = "late.names.svc.cluster.local";
    let found = look_up_all(
        space,
        "client",
        &[
            ("srv", &sql),
            ("a", &format!("{dashed}.names.pod.cluster.local")),
            ("a", &format!("{dashed}.web.names.svc.cluster.local")),
            ("a", late),
            ("ptr", &back),
        ],
    );
    let srv = |pod: &str| format!("{sql} service = 0 50 5432 {pod}.{db}");
    assert_eq!(found[0], [srv("db-0"), srv("db-1")]);
    assert_eq!(found[1], [first.as_str()]);
    assert_eq!(found[2], [first.as_str()]);
    assert_eq!(found[3], [format!("{late}: NXDOMAIN")]);
    let name = format!("{back} name = db-0.{db}");
    assert!(found[4].contains(&name), "{:?}", found[4]);
    // A pod knows its own whole name, whether there is a Service of its subdomain or not; nobody else does.
    let (own, name) = (pod("unserved"), "unserved.nobody.names.svc.cluster.local");
    assert_eq!(look_up(space, "unserved", "a", name), [own]);
    let found = look_up(space, "client", "a", name);
    assert_eq!(found, [format!("{name}: NXDOMAIN")]);
    // Kubernetes 1.35 lets a pod be called by any whole name.
    assert_eq!(
        space.sh("whole", "hostname; hostname -f").lines(),
        ["whole.db.names.svc.cluster.local"; 2]
    );
}

fn check_outside(space: &Space) {
    // A Service of the host has neither a name nor a way back to one.
    let own = format!("-n {}", space.host_namespace);
    let seen = "of-the-host";
    space
        .host(&format!("{own} create service clusterip {seen} --tcp=80"))
        .ok();
    let line = format!("{own} get service {seen} -o jsonpath={{.spec.clusterIP}}");
    let back = reversed(space.host(&line).ok().output());
    let hidden = format!("{seen}.{}.svc.cluster.local", space.host_namespace);
    let abroad = "abroad.names.svc.cluster.local";
    let found = look_up_all(
        space,
        "client",
        &[
            // The host's resolver is asked, and says that there is none: the test host knows no others.
            ("a", "www.example.com"),
            ("cname", abroad),
            ("a", &hidden),
            ("ptr", &back),
        ],
    );
    space.host(&format!("{own} delete service {seen}")).ok();
    let expected = [
        "www.example.com: NXDOMAIN".to_owned(),
        format!("{abroad} canonical name = www.example.com"),
        format!("{hidden}: NXDOMAIN"),
        format!("{back}: NXDOMAIN"),
    ];
    assert_eq!(found, expected.map(|line| vec![line]));
}

/// Options come in any order.
fn ordered(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    if line.starts_with("options ") {
        words[1..].sort_unstable();
    }
    words.join(" ")
}

fn check_policies(space: &Space) {
    let own = space.field("-n kube-system service kube-dns", ".spec.clusterIP");
    let lines = |pod: &str| {
        let said = space.sh(pod, "cat /etc/resolv.conf");
        let mut lines: Vec<String> = said.lines().into_iter().map(ordered).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        lines("client"),
        [
            format!("nameserver {own}"),
            "options edns0 ndots:3".to_owned(),
            "search names.svc.cluster.local svc.cluster.local cluster.local corp.example"
                .to_owned(),
        ]
    );
    let of_node = lines("as-the-node").join("\n");
    assert!(!of_node.contains(&own), "{of_node}");
    assert!(!of_node.contains("cluster.local"), "{of_node}");
    assert_eq!(
        lines("alone"),
        ["nameserver 192.0.2.53", "search corp.example"]
    );
}

#[test]
fn two_clusters_in_one_namespace_have_their_own_names_and_have_them_again_after_a_crash() {
    let (user_of_a, user_of_b) = (Sandbox::new("names-a"), Sandbox::new("names-b"));
    let namespace = user_of_a.namespace("names");
    let a = Cluster::create_in(user_of_a, namespace.clone(), "names-a", "--ephemeral");
    let b = Cluster::create_in(user_of_b, namespace, "names-b", "--ephemeral");
    let mut addresses = Vec::new();
    for cluster in [&a, &b] {
        cluster
            .kubectl("create service clusterip web --tcp=80")
            .ok();
        cluster
            .kubectl(&format!(
                "run client --image={BUSYBOX} --command -- sleep 3600"
            ))
            .ok();
    }
    for cluster in [&a, &b] {
        cluster
            .kubectl("wait --for=condition=Ready --timeout=90s pod/client")
            .ok();
        let service = cluster.get("service web");
        let own = service["spec"]["clusterIP"].as_str().unwrap().to_owned();
        assert_eq!(ask(cluster), own);
        addresses.push(own);
    }
    assert_ne!(addresses[0], addresses[1]);
    // What only the other has.
    b.kubectl("delete service web").ok();
    until("the name is gone", || ask(&b).is_empty());
    assert_eq!(ask(&a), addresses[0]);

    let Some(faults) = Faults::on(&a) else {
        return;
    };
    faults.kill(&a, "syncer");
    let began = Instant::now();
    until("the name again", || ask(&a) == addresses[0]);
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// The address of `web`, as a pod finds it; empty when there is none.
fn ask(cluster: &Cluster) -> String {
    let line = "exec client -- sh -c";
    let script = "nslookup -type=a web.default.svc.cluster.local | grep ^Address: | tail -n +2";
    let said = cluster.kubectl(line).arg(script).run();
    said.stdout
        .trim_start_matches("Address: ")
        .trim()
        .to_owned()
}
