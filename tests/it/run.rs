//! `vc run`: what stops it before there is a cluster.

use crate::create::host;
use crate::fake_host::FakeHost;
use crate::sandbox::Session;

const RUN: &str = "run --name ci -n team-a --ephemeral --kubernetes-version v1.35.4 \
                   --service-cidr 10.96.0.0/16 --image registry.example.com/vc:v1.2.3";

fn writes(host: &FakeHost) -> Vec<String> {
    let requests = host.requests().into_iter();
    requests
        .filter(|request| !request.starts_with("GET ") && !request.contains("/selfsubject"))
        .collect()
}

#[test]
fn what_fails_before_the_first_write_leaves_nothing_to_delete() {
    let host = host(false);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(&format!("{RUN} -- true"));
    let line = format!("{RUN} --keep-on-failure --artifacts out -- true");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(session.sandbox.run(&words).code, Some(125));
    assert_eq!(writes(&host), Vec::<String>::new());
    assert!(!session.sandbox.path("home/out").exists());
    session.assert_matches("run/before_the_first_write");
}

#[test]
fn each_shard_says_who_it_is() {
    let host = host(false);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let line = format!("{RUN} -q --parallel 2 -- true");
    let words: Vec<&str> = line.split_whitespace().collect();
    let outcome = session.sandbox.run(&words);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(125), ""));
    for shard in 0..2 {
        let error = format!("[{shard}] error: cannot run `true` in virtual cluster `ci-{shard}`\n");
        assert!(outcome.stderr.contains(&error), "{}", outcome.stderr);
    }
    let lines = outcome.stderr.lines();
    assert!(
        lines.clone().all(|line| line.starts_with('[')),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_cluster_that_is_there_is_not_taken_for_a_run() {
    let host = FakeHost::answering(crate::list::clusters_and_rights);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    let run = RUN.replace("--name ci -n team-a", "--name dev -n team-a");
    session.vc(&format!("{run} -- true"));
    assert_eq!(writes(&host), Vec::<String>::new());
    session.about("its parts are missing");
    session.vc("run --reuse ci -- true");
    session.assert_matches("run/taken");
}
