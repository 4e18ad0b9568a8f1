//! `vc wait`.

use serde_json::Value;

use crate::fake_host::FakeHost;
use crate::sandbox::Session;

#[test]
fn what_does_not_exist_is_gone_and_will_not_be_ready() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("wait nobody --for=deleted");
    session.vc("wait nobody");
    session.about("its parts are missing");
    session.vc("wait ci");
    session.assert_matches("wait/at_once");
}

#[test]
fn a_condition_is_waited_for_as_with_kubectl() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("wait dev --for=condition=Ready");
    session.vc("wait dev --for=condition=syncerready=FALSE");
    session.about("what is not so, what cannot be, what is not there");
    session.vc("wait dev --for=condition=Paused --timeout 0s");
    session.vc("wait nobody --for=condition=Ready");
    session.vc("wait dev --for=condition=Bound");
    session.vc("wait dev --for=condition=Ready=maybe");
    session.vc("wait dev --for=paused");
    session.assert_matches("wait/conditions");
}

#[test]
fn a_condition_that_does_not_come_in_time_is_waited_for_that_long() {
    let host = FakeHost::answering(crate::list::quiet);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let outcome =
        session
            .sandbox
            .run(&["wait", "dev", "--for=condition=paused", "--timeout", "2s"]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    let message = "condition `Paused` was not True after 2s";
    assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
}

#[test]
fn everybody_shows_the_same_conditions() {
    let host = FakeHost::answering(crate::list::clusters);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let conditions = |command: &[&str]| {
        let outcome = session.sandbox.run(command);
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
        json["conditions"].clone()
    };
    let of_get = conditions(&["get", "dev", "-o", "json"]);
    assert_eq!(of_get, conditions(&["describe", "dev", "-o", "json"]));
    let all = of_get.as_array().unwrap();
    assert!(all.len() >= 8, "{of_get}");
    for condition in all {
        let (name, status) = (&condition["type"], &condition["status"]);
        let aim = format!(
            "--for=condition={}={}",
            name.as_str().unwrap(),
            status.as_str().unwrap()
        );
        let outcome = session.sandbox.run(&["wait", "dev", &aim]);
        assert_eq!(outcome.code, Some(0), "{aim}: {}", outcome.stderr);
    }
}
