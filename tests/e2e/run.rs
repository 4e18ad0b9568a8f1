//! `vc run` is the command and nothing else: its exit code, its output, its signals; nothing is left of the
//! cluster, whatever happened, and the user's kubeconfig is as it was.

use std::fs;
use std::path::Path;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::{ControlCode, Eof, Expect};
use rustix::process::Signal;

use crate::harness::{Sandbox, shared};

/// A cluster of a run, in a namespace that is made for it.
struct Run {
    name: String,
    line: String,
}

impl Run {
    fn new(sandbox: &Sandbox, test: &str, options: &str) -> Self {
        let name = sandbox.name(test);
        let line = format!("run --name {name} --ephemeral {options} --");
        Self { name, line }
    }
}

#[test]
fn a_command_has_a_cluster_of_its_own_and_its_exit_code_is_ours() {
    let sandbox = Sandbox::new("run");
    let before = fs::read(sandbox.kubeconfig()).unwrap();
    let run = Run::new(&sandbox, "run", "--artifacts none");
    let script = r#"
        test "$(stat -c %a "$KUBECONFIG")" = 600 || exit 90
        ! grep -q -e client-key -e token "$KUBECONFIG" || exit 91
        kubectl auth can-i '*' '*' || exit 92
        echo "$VC_NAME in $VC_NAMESPACE with $KUBECONFIG"
        read line && echo "read $line"
    "#;
    let done = with_kubectl(&sandbox, &run, script)
        .stdin("from stdin\n")
        .ok();
    let lines = done.lines();
    assert_eq!(lines[0], "yes");
    let own = format!("{0} in vc-{0} with ", run.name);
    let kubeconfig = lines[1].strip_prefix(&own).expect("names");
    assert_eq!(lines[2..], ["read from stdin"]);
    assert!(!Path::new(kubeconfig).exists(), "{kubeconfig}");
    assert!(!Path::new("none").exists(), "artifacts without a failure");
    assert_eq!(fs::read(sandbox.kubeconfig()).unwrap(), before);
    assert_eq!(sandbox.traces(&run.name), Vec::<String>::new());
    assert_eq!(sandbox.tunnels(), Vec::<i32>::new());
}

/// `sh -c SCRIPT`, which finds kubectl.
fn with_kubectl(sandbox: &Sandbox, run: &Run, script: &str) -> crate::harness::Call {
    let script = format!(
        "kubectl() {{ {} \"$@\"; }}\n{script}",
        sandbox.kubectl_path()
    );
    sandbox.vc(&format!("{} sh -c", run.line)).arg(&script)
}

#[test]
fn whatever_ends_a_run_nothing_is_left_of_it() {
    let sandbox = Sandbox::new("ends");
    let runs = [
        Run::new(&sandbox, "early", ""),
        Run::new(&sandbox, "later", ""),
        Run::new(&sandbox, "image", "--image registry.invalid/absent:v1"),
        Run::new(&sandbox, "slow", "--timeout 1s"),
        Run::new(&sandbox, "absent", ""),
    ];
    let [early, later, image, slow, absent] = [&runs[0], &runs[1], &runs[2], &runs[3], &runs[4]];
    let never = |run: &Run| sandbox.vc(&format!("{} echo never", run.line)).start();
    let (early, later, image, slow) = (never(early), never(later), never(image), never(slow));
    let absent = sandbox.vc(&format!("{} /absent/cmd", absent.line)).start();

    assert!(early.says("[2/4]"));
    early.signal(Signal::TERM);
    assert!(later.says("[3/4]"));
    later.signal(Signal::INT);
    let done = early.wait().exits(143).says("interrupted");
    assert_eq!(done.stdout, "");
    let deleted = format!("virtual cluster `{}` is deleted", runs[1].name);
    let done = later.wait().exits(130).says(&deleted);
    assert_eq!(done.stdout, "");
    image
        .wait()
        .exits(125)
        .says("cannot be pulled")
        .says("the virtual cluster was deleted again");
    slow.wait().exits(125).says("was not ready after 1s");
    absent
        .wait()
        .exits(125)
        .says("command `/absent/cmd` cannot be started");
    for run in &runs {
        assert_eq!(sandbox.traces(&run.name), Vec::<String>::new());
    }
}

#[test]
fn every_signal_reaches_all_of_the_command() {
    let cluster = shared();
    let sandbox = cluster.user("signals");
    // The one that is told is not the one that was started.
    let script = r#"sh -c 'trap "echo hangup" HUP; trap "echo terminate" TERM
        trap "n=x\$n; echo interrupt \$n; test \$n != xx || exit 9" INT
        echo listening; while :; do sleep 0.05; done'; exit $?"#;
    let script = format!("trap : HUP TERM INT; {script}");
    let line = format!(
        "run --reuse {} -n {} -- sh -c",
        cluster.name, cluster.namespace
    );
    let running = sandbox.vc(&line).arg(&script).start();
    assert!(running.prints("listening"));
    for (signal, said) in [
        (Signal::HUP, "hangup"),
        (Signal::TERM, "terminate"),
        (Signal::INT, "interrupt x\n"),
        (Signal::INT, "interrupt xx"),
    ] {
        running.signal(signal);
        assert!(running.prints(said), "{said}");
    }
    running.wait().exits(9);
    // One that a signal ends.
    let killed = sandbox.vc(&line).arg("kill -KILL $$");
    killed.exits(137);
    sandbox.vc(&cluster.connect()).ok();
}

#[test]
fn on_a_terminal_the_command_has_the_terminal() {
    let cluster = shared();
    let sandbox = cluster.user("terminal");
    let line = format!(
        "run --reuse {} -n {} -- sh",
        cluster.name, cluster.namespace
    );
    let mut terminal = sandbox.vc(&line).env("PS1", "here> ").on_terminal();
    terminal.expect("here> ").unwrap();
    terminal
        .send_line("test -t 0 && echo a-$((40 + 2))-terminal")
        .unwrap();
    terminal.expect("a-42-terminal").unwrap();
    terminal
        .send_line("trap 'echo caught' INT; echo set-$((1 + 1))")
        .unwrap();
    terminal.expect("set-2").unwrap();
    // A shell that becomes what sleeps: Ctrl-C ends either.
    terminal
        .send_line("sh -c 'echo asleep-$((1 + 3)); exec sleep 60'")
        .unwrap();
    terminal.expect("asleep-4").unwrap();
    terminal.send(ControlCode::EndOfText).unwrap();
    terminal.expect("caught").unwrap();
    // The shell goes on: Ctrl-C ended what it ran.
    terminal.send_line("echo still-$((2 + 1))-here").unwrap();
    terminal.expect("still-3-here").unwrap();
    terminal.send_line("exit 4").unwrap();
    terminal.expect(Eof).unwrap();
    match terminal.get_process().wait().unwrap() {
        WaitStatus::Exited(_, code) => assert_eq!(code, 4),
        other => panic!("{other:?}"),
    }
}

const SECRET: &str = "c2VjcmV0LXRoYXQtbXVzdC1zdGF5";

#[test]
fn a_failure_leaves_its_evidence_and_on_demand_its_cluster() {
    let sandbox = Sandbox::new("keep");
    let dir = sandbox.file("evidence");
    let options = format!("--keep-on-failure --artifacts {}", dir.display());
    let run = Run::new(&sandbox, "keep", &options);
    let script = format!(
        "
        kubectl create secret generic s --from-literal=k={SECRET} >/dev/null
        kubectl wait --for=create sa/default --timeout=60s >/dev/null
        kubectl apply -f - >/dev/null <<X
apiVersion: v1
kind: Pod
metadata: {{name: talks}}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: docker.io/library/busybox:1.36
    command: [sh, -c, 'echo spoken; cat /var/run/secrets/kubernetes.io/serviceaccount/token | wc -c']
    env: [{{name: S, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}]
X
        kubectl wait --for=jsonpath={{.status.phase}}=Succeeded pod/talks --timeout=60s >/dev/null
        # A kubelet tells what happened when it comes to it, long after the pod on a busy machine.
        kubectl wait --for=create event --field-selector involvedObject.name=talks,reason=Started --timeout=60s >/dev/null
        exit 3"
    );
    let delete = format!("vc delete {0} -n vc-{0}", run.name);
    let done = with_kubectl(&sandbox, &run, &script).exits(3).says(&delete);
    assert_eq!(done.stdout, "");
    let read = |file: &str| fs::read_to_string(dir.join(file)).expect("an artifact");
    assert!(read("logs/default/talks/main.log").contains("spoken"));
    assert!(read("pods.yaml").contains("name: talks"));
    assert!(read("events.txt").contains("pod default/talks"));
    let host_events = read("host-events.txt");
    assert!(host_events.contains("pod default/talks"), "{host_events}");
    assert!(!host_events.contains("talks-x-"), "{host_events}");
    assert!(read("control-plane/syncer.log").contains("in step"));
    assert!(read("control-plane.yaml").contains(&format!("vc-{}-0", run.name)));
    let grep = std::process::Command::new("grep")
        .args(["-rlE", &format!("{SECRET}|eyJ|PRIVATE KEY")])
        .arg(&dir)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&grep.stdout), "");

    let list = sandbox.vc(&format!("list -n vc-{}", run.name)).ok();
    assert!(list.stdout.contains("Running"), "{list}");
    sandbox.vc(&format!("delete {}", run.name)).ok();
    assert_eq!(sandbox.traces(&run.name), Vec::<String>::new());
}

#[test]
fn shards_run_side_by_side_and_the_first_failure_is_told() {
    let sandbox = Sandbox::new("shards");
    let name = sandbox.name("shards");
    // It is made for them, and goes with them.
    let namespace = format!("vc-{name}");
    let line = format!("run --name {name} -n {namespace} --ephemeral --parallel 2 -- sh -c");
    let script =
        "echo out $VC_SHARD of $VC_SHARDS in $VC_NAME; echo err >&2; exit $((VC_SHARD * 5))";
    let done = sandbox
        .vc(&line)
        .arg(script)
        .within(Duration::from_mins(2))
        .exits(5)
        .says("[0] err")
        .says("[1] err")
        .says("1 of 2 shards succeeded; failed: shard 1 with exit code 5");
    let mut lines = done.lines();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            format!("[0] out 0 of 2 in {name}-0"),
            format!("[1] out 1 of 2 in {name}-1"),
        ]
    );
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}
