//! `vc logs`: what of the control plane's logs is printed, and how.

use crate::fake_host::{Answer, FakeHost, Request};
use crate::list::clusters;
use crate::sandbox::Session;

/// Every container but etcd was started once; the pod of `ci` does not exist.
fn logging(request: &Request) -> Answer {
    if request.resource() != "log" {
        return clusters(request);
    }
    if request.path.contains("/vc-ci-0/") {
        return Answer::status(404, "NotFound", "pods \"vc-ci-0\" not found");
    }
    let query = request.path.split('?').nth(1).unwrap();
    let has = |parameter: &str| query.split('&').any(|one| one == parameter);
    if has("previous=true") && !has("container=etcd") {
        let message = "previous terminated container in pod \"vc-dev-0\" not found";
        return Answer::status(400, "BadRequest", message);
    }
    Answer {
        status: 200,
        body: format!("asked for {query}\nno end"),
    }
}

#[test]
fn logs_are_those_that_were_asked_for() {
    let host = FakeHost::answering(logging);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("logs dev");
    session.vc("logs dev -c syncer --tail 20 --since 90s --timestamps");
    session.vc("logs dev --since 1ms -c etcd");
    session.about("a container that has no such log is no error beside others");
    session.vc("logs dev --previous");
    session.vc("logs dev --previous -c syncer");
    session.about("no pod, no logs");
    session.vc("logs ci");
    session.vc("logs no");
    session.about("what cannot be meant");
    session.vc("logs dev -c kubelet");
    session.vc("logs dev --previous --follow");
    session.assert_matches("logs/forms");
}
