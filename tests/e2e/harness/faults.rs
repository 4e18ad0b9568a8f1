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

/// A component of the host that was stopped; it is started again at the latest when this is dropped.
pub(crate) struct Stopped<'a> {
    faults: &'a Faults<'a>,
    component: &'static str,
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

    /// Ends the syncer as `kill -9` does, if it runs just now; does not wait for the next one.
    pub(crate) fn strike_syncer(&self, cluster: &Cluster) -> bool {
        let id = cluster.container_id("syncer");
        !id.is_empty() && self.kill_id(&id)
    }

    fn kill_id(&self, id: &str) -> bool {
        let id = id.trim_start_matches("containerd://");
        self.run(&[
            "enter", "ctr", "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", id,
        ])
    }

    /// Stops a component of the host.
    pub(crate) fn stop(&'a self, component: &'static str) -> Stopped<'a> {
        assert!(self.run(&["kill", component]), "{component} does not stop");
        Stopped {
            faults: self,
            component,
            is_over: false,
        }
    }
}

impl Stopped<'_> {
    /// Starts it again.
    pub(crate) fn start(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            let is_up = self.faults.run(&["start", self.component]);
            assert!(is_up, "{} does not start again", self.component);
        }
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
