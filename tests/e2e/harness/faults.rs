//! Faults that take more than a kubectl: ends processes on the host's node by force.
//!
//! Only the host that comes with these tests lets one do that. On any other, a test that needs it says
//! that it was skipped.

use std::process::{Command, Stdio};

use super::{Cluster, until};

/// The right to break things.
pub(crate) struct Faults<'a> {
    script: &'a std::path::Path,
}

/// A container that is held; it goes on at the latest when this is dropped.
pub(crate) struct Pause<'a> {
    faults: &'a Faults<'a>,
    id: String,
    is_over: bool,
}

/// A control plane that cannot reach the host; it can again at the latest when this is dropped.
pub(crate) struct CutOff<'a> {
    faults: &'a Faults<'a>,
    rule: Vec<String>,
    is_over: bool,
}

impl<'a> Faults<'a> {
    /// None if the host is not ours to break, which is said.
    pub(crate) fn on(cluster: &'a Cluster) -> Option<Self> {
        let breaker = cluster.sandbox.breaker();
        if breaker.is_none() {
            let test = std::thread::current();
            let test = test.name().unwrap_or_default().to_owned();
            eprintln!(
                "SKIPPED: {test}: it ends processes on the node, and the host is not tests/host"
            );
        }
        breaker.map(|script| Self { script })
    }

    fn run(&self, arguments: &[&str]) -> bool {
        let status = Command::new(self.script)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.expect("tests/host/host").success()
    }

    /// Ends a container of the control plane as `kill -9` does; answers once it is another.
    pub(crate) fn kill(&self, cluster: &Cluster, container: &str) {
        let id = cluster.container_id(container);
        self.kill_id(&id);
        until("another container instead of the killed one", || {
            let now = cluster.container_id(container);
            !now.is_empty() && now != id
        });
    }

    /// Ends a container of the control plane as `kill -9` does, if it runs just now; does not wait for the next one.
    pub(crate) fn strike(&self, cluster: &Cluster, container: &str) -> bool {
        let id = cluster.container_id(container);
        !id.is_empty() && self.kill_id(&id)
    }

    /// Holds a container of the control plane: it neither does nor notices anything. Its kubelet ends it
    /// after some 30 s of that.
    pub(crate) fn pause(&'a self, cluster: &Cluster, container: &str) -> Pause<'a> {
        let id = cluster.container_id(container);
        let id = id.trim_start_matches("containerd://").to_owned();
        assert!(self.task("pause", &id), "{container} cannot be held");
        Pause {
            faults: self,
            id,
            is_over: false,
        }
    }

    fn task(&self, command: &str, id: &str) -> bool {
        self.run(&["enter", "ctr", "-n", "k8s.io", "tasks", command, id])
    }

    fn kill_id(&self, id: &str) -> bool {
        let id = id.trim_start_matches("containerd://");
        self.run(&[
            "enter", "ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", id,
        ])
    }

    /// Takes the host's API server away from a cluster's control plane, and from nobody else: what the
    /// syncer sends there is refused, as if nothing listened.
    pub(crate) fn cut_off(&'a self, cluster: &Cluster) -> CutOff<'a> {
        let pod = cluster.host_get(&format!("pod vc-{}-0", cluster.name));
        let address = pod["status"]["podIP"]
            .as_str()
            .expect("an address")
            .to_owned();
        let host = cluster.sandbox.host_server();
        let port = host.rsplit(':').next().expect("a port").to_owned();
        let cut = CutOff {
            faults: self,
            rule: [
                "-s",
                &address,
                "-p",
                "tcp",
                "--dport",
                &port,
                "-j",
                "REJECT",
                "--reject-with",
                "tcp-reset",
            ]
            .map(str::to_owned)
            .into(),
            is_over: false,
        };
        assert!(cut.iptables("-I"), "iptables does not take the rule");
        cut
    }
}

impl Pause<'_> {
    /// The container goes on.
    pub(crate) fn end(mut self) {
        self.resume();
    }

    /// The container goes on, unless its kubelet has ended it by now.
    pub(crate) fn end_if_there(mut self) {
        self.is_over = true;
        self.faults.task("resume", &self.id);
    }

    fn resume(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            let resumed = self.faults.task("resume", &self.id);
            assert!(resumed || std::thread::panicking(), "it stays held");
        }
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.resume();
    }
}

impl CutOff<'_> {
    fn iptables(&self, command: &str) -> bool {
        let mut arguments = vec!["enter", "iptables", command, "INPUT"];
        arguments.extend(self.rule.iter().map(String::as_str));
        self.faults.run(&arguments)
    }

    /// The host is there again.
    pub(crate) fn end(mut self) {
        self.mend();
    }

    fn mend(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            let removed = self.iptables("-D");
            assert!(
                removed || std::thread::panicking(),
                "the rule cannot be removed"
            );
        }
    }
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        self.mend();
    }
}
