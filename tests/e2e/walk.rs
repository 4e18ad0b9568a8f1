//! The first five minutes: create, list, use, leave, delete; nothing is left, and it works again.

use crate::harness::Sandbox;

#[test]
fn the_first_walk_works_twice_in_a_row_and_leaves_nothing() {
    let sandbox = Sandbox::new("walk");
    let (a, b) = (sandbox.name("a"), sandbox.name("b"));
    let kubeconfig = sandbox.kubeconfig_content();
    for _ in 0..2 {
        walk(&sandbox, &a, &b);
        assert_eq!(sandbox.traces(&a), Vec::<String>::new());
        assert_eq!(sandbox.traces(&b), Vec::<String>::new());
        assert_eq!(sandbox.kubeconfig_content(), kubeconfig);
        assert_eq!(sandbox.tunnels(), Vec::<i32>::new());
    }
}

fn walk(sandbox: &Sandbox, a: &str, b: &str) {
    sandbox
        .vc(&format!("create {a}"))
        .ok()
        .says(&format!("virtual cluster `{a}` is ready after"))
        .says("go back with `vc disconnect`");
    // The current context is that of `a` now; `b` is made on the same host all the same.
    sandbox
        .vc(&format!("create {b} -n vc-{a} --ephemeral"))
        .ok()
        .says(&format!(
            "`vc-{a}` is a virtual cluster: acting on its host"
        ));
    let list = sandbox.vc("list -A -o json").ok().json();
    for (name, connected, persistent) in [(a, false, true), (b, true, false)] {
        let rows = list.as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(row["namespace"], format!("vc-{a}"));
        assert_eq!(row["status"], "Running");
        assert_eq!(row["connected"], connected);
        assert_eq!(row["persistent"], persistent);
    }
    for context in [a, b] {
        let namespaces = sandbox
            .kubectl(&format!("get namespaces -o name --context vc-{context}"))
            .ok();
        assert_eq!(
            namespaces.lines(),
            [
                "namespace/default",
                "namespace/kube-node-lease",
                "namespace/kube-public",
                "namespace/kube-system"
            ]
        );
    }
    assert_eq!(sandbox.current_context(), format!("vc-{b}"));
    sandbox
        .vc("disconnect")
        .ok()
        .says("context is `host` again");
    assert_eq!(sandbox.current_context(), "host");
    sandbox.vc(&format!("delete {a} {b}")).ok();
}
