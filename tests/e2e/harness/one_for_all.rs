//! One virtual cluster for all tests that only look, or change nothing that another would mind.

use std::sync::OnceLock;

use super::Sandbox;

/// The shared virtual cluster. It goes when the run ends, by the reaper.
pub(crate) struct Shared {
    pub name: String,
    pub namespace: String,
    sandbox: Sandbox,
}

/// The shared virtual cluster, ready.
pub(crate) fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let sandbox = Sandbox::new("shared");
        let (name, namespace) = (sandbox.name("shared"), sandbox.namespace("shared"));
        sandbox
            .vc(&format!("create {name} -n {namespace} --ephemeral"))
            .ok();
        Shared {
            name,
            namespace,
            sandbox,
        }
    })
}

impl Shared {
    /// A test's user with a kubeconfig of its own. All of them are one user of this machine: they share
    /// the cluster's tunnel.
    pub(crate) fn user(&self, test: &str) -> Sandbox {
        Sandbox::with_state_of(&self.sandbox, test)
    }

    /// A user who is connected to it.
    pub(crate) fn connected(&self, test: &str) -> Sandbox {
        let sandbox = self.user(test);
        sandbox.vc(&self.connect()).ok();
        sandbox
    }

    /// `connect NAME -n NAMESPACE`.
    pub(crate) fn connect(&self) -> String {
        format!("connect {} -n {}", self.name, self.namespace)
    }
}
