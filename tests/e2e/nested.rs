//! A virtual cluster is a host like any other: clusters inside it, three deep.

use crate::harness::{BUSYBOX, Sandbox, until};

#[test]
fn clusters_inside_clusters_serve_pods_and_names_and_go_with_the_outermost() {
    let sandbox = Sandbox::new("nested");
    let kubeconfig = sandbox.kubeconfig_content();
    let [outer, inner, third] = ["outer", "inner", "third"].map(|stem| sandbox.name(stem));
    sandbox.vc(&format!("create {outer} --ephemeral")).ok();
    for name in [&inner, &third] {
        sandbox
            .vc(&format!("create {name} --ephemeral --nested"))
            .ok();
    }
    assert_eq!(sandbox.current_context(), format!("vc-{third}"));
    serves(&sandbox);
    is_listed(&sandbox, [&outer, &inner, &third]);

    sandbox.vc(&format!("delete {outer} --context host")).ok();
    assert_eq!(sandbox.traces(&outer), Vec::<String>::new());
    assert_eq!(sandbox.kubeconfig_content(), kubeconfig);
    assert_eq!(sandbox.tunnels(), Vec::<i32>::new());
}

/// A pod reaches another by a Service's name; its logs are read and a command runs in it.
fn serves(sandbox: &Sandbox) {
    let manifest = format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: web, labels: {{app: web}}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {BUSYBOX}
    command: [sh, -c, 'echo here > /tmp/index.html; echo serving; httpd -f -h /tmp -p 8080']
---
apiVersion: v1
kind: Pod
metadata: {{name: client}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: main, image: {BUSYBOX}, command: [sleep, '3600']}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8080}}]
"
    );
    until("the default ServiceAccount", || {
        sandbox.kubectl("get sa/default").run().code == 0
    });
    sandbox.kubectl("create -f -").stdin(&manifest).ok();
    sandbox
        .kubectl("wait pod/web pod/client --for=condition=Ready --timeout=90s")
        .ok();
    assert_eq!(sandbox.kubectl("logs web").ok().output(), "serving");
    // This busybox can look a name up, but not connect to one.
    let script = "address=$(nslookup -type=a web.default.svc.cluster.local | sed -n 's/^Address: //p' | tail -n 1)
        printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 $address 80 | tail -n 1";
    until("an answer by the Service's name", || {
        let answer = sandbox.kubectl("exec client -- sh -c").arg(script).run();
        answer.code == 0 && answer.output() == "here"
    });
}

fn is_listed(sandbox: &Sandbox, [outer, inner, third]: [&str; 3]) {
    let list = sandbox.vc("list --context host -o json").ok().json();
    for (name, inside) in [
        (inner, outer.to_owned()),
        (third, format!("{outer}/{inner}")),
    ] {
        let rows = list.as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name);
        assert_eq!(row.unwrap()["inside"], inside, "{list}");
        assert_eq!(row.unwrap()["status"], "Running", "{list}");
    }
    // From inside, what is in the cluster of the current context.
    let inside = sandbox.vc("list --nested -o name").ok();
    assert_eq!(inside.output(), "");
}
