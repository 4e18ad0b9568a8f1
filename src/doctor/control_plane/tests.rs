use serde_json::{Value, json};

use super::*;

fn cluster(status: Status) -> Cluster {
    Cluster {
        created: Some(time("2026-01-01T00:00:00Z")),
        ..Cluster::example(status)
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn codes_of(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// A control-plane pod with these statuses of the API server and the syncer.
fn a_pod(api_server: &Value, syncer: &Value) -> Pod {
    let status = |name: &str, more: &Value| {
        let mut status = json!({
            "name": name, "ready": true, "restartCount": 0, "image": "i", "imageID": "i",
            "state": {"running": {}},
        });
        let fields = status.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        status
    };
    serde_json::from_value(json!({
        "metadata": {"name": "vc-dev-0"},
        "spec": {"containers": [{"name": "kube-apiserver"}, {"name": "syncer"}]},
        "status": {"phase": "Running", "containerStatuses": [
            status("kube-apiserver", api_server), status("syncer", syncer),
        ]},
    }))
    .unwrap()
}

#[test]
fn a_healthy_cluster_has_nothing_to_tell() {
    let running = cluster(Status::Running);
    let now = time("2026-01-02T00:00:00Z");
    assert_eq!(state(&running, now), []);
    let healthy = a_pod(&json!({}), &json!({}));
    assert_eq!(pod(&running, Some(&healthy), None), []);
}

#[test]
fn a_store_that_is_full_is_an_error_whether_the_cluster_runs_or_is_paused() {
    for (status, codes) in [
        (Status::Running, vec!["VC315"]),
        (Status::Paused, vec!["VC305", "VC315"]),
    ] {
        let full = Cluster {
            store_full_since: Some(time("2026-01-01T12:00:00Z")),
            ..cluster(status)
        };
        let found = state(&full, time("2026-01-02T00:00:00Z"));
        assert_eq!(codes_of(&found), codes);
        let told = found.last().unwrap();
        assert_eq!(
            told.message,
            "its store is full since 2026-01-01T12:00:00Z: writes are refused"
        );
    }
}

#[test]
fn states_have_codes() {
    let now = time("2026-01-02T00:00:00Z");
    let of = |cluster: Cluster| {
        let found = state(&cluster, now);
        codes_of(&found).join(" ")
    };
    assert_eq!(of(cluster(Status::Paused)), "VC305");
    assert_eq!(of(cluster(Status::Deleting)), "VC313");
    assert_eq!(of(cluster(Status::Incomplete)), "VC311");
    let no_marker = Cluster {
        uid: None,
        created: None,
        ..cluster(Status::Incomplete)
    };
    assert_eq!(of(no_marker), "VC312");
    let young = Cluster {
        created: Some(time("2026-01-01T23:59:00Z")),
        was_ready: false,
        ..cluster(Status::Incomplete)
    };
    assert_eq!(of(young), "VC302");
}

#[test]
fn the_end_of_a_cluster_is_told_before_and_after_it() {
    let now = time("2026-01-02T00:00:00Z");
    let of = |expires: &str| {
        let cluster = Cluster {
            expires: Some(time(expires)),
            ..cluster(Status::Running)
        };
        codes_of(&state(&cluster, now)).join(" ")
    };
    assert_eq!(of("2026-01-02T01:00:01Z"), "");
    assert_eq!(of("2026-01-02T01:00:00Z"), "VC310");
    assert_eq!(of("2026-01-01T23:56:00Z"), "VC310");
    assert_eq!(of("2026-01-01T23:55:00Z"), "VC309");
}

#[test]
fn an_image_that_cannot_be_pulled_is_an_error_with_the_host_s_words() {
    let waiting = json!({
        "ready": false, "image": "vc.local/no:1",
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such host"}},
    });
    let found = pod(
        &cluster(Status::Failed),
        Some(&a_pod(&json!({}), &waiting)),
        None,
    );
    assert_eq!(codes_of(&found), ["VC301"]);
    let finding = &found[0];
    assert_eq!(finding.object, "pod/vc-dev-0");
    assert!(finding.message.contains("vc.local/no:1"), "{finding:?}");
    assert!(finding.message.contains("no such host"), "{finding:?}");
}

#[test]
fn a_syncer_that_alone_is_not_ready_is_told_as_such() {
    let (ready, unready) = (json!({}), json!({"ready": false}));
    let running = cluster(Status::Degraded);
    let found = |pods: &Pod| pod(&running, Some(pods), None);
    let alone = found(&a_pod(&ready, &unready));
    assert_eq!(codes_of(&alone), ["VC308"]);
    let new = Cluster {
        was_ready: false,
        ..cluster(Status::Creating)
    };
    let coming = pod(&new, Some(&a_pod(&ready, &unready)), None);
    assert_eq!(codes_of(&coming), ["VC302"]);
    let both = found(&a_pod(&unready, &unready));
    assert_eq!(codes_of(&both), ["VC302"]);
}

#[test]
fn restarts_tell_how_a_container_ended() {
    let restarted = json!({"restartCount": 2, "lastState": {"terminated": {
        "reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-01T12:00:00Z"}}});
    let found = pod(
        &cluster(Status::Running),
        Some(&a_pod(&restarted, &json!({}))),
        None,
    );
    assert_eq!(codes_of(&found), ["VC304"]);
    assert_eq!(
        found[0].message,
        "it was started again 2 times; the last time OOMKilled, exit code 137 at 2026-01-01T12:00:00Z"
    );
}

#[test]
fn a_missing_pod_is_told_with_the_refusal() {
    let found = pod(
        &cluster(Status::Degraded),
        None,
        Some("exceeded quota: small"),
    );
    assert_eq!(codes_of(&found), ["VC303"]);
    assert_eq!(found[0].message, "it has no pod: exceeded quota: small");
    assert_eq!(pod(&cluster(Status::Paused), None, None), []);
}

#[test]
fn certificates_are_told_when_they_are_late_or_over() {
    let certificate = Certificate {
        name: "apiserver".to_owned(),
        expires: time("2026-04-01T00:00:00Z"),
        renew_at: Some(time("2026-03-01T00:00:00Z")),
    };
    let of = |status: Status, now: &str| {
        let found = certificates(
            &cluster(status),
            std::slice::from_ref(&certificate),
            time(now),
        );
        codes_of(&found).join(" ")
    };
    assert_eq!(of(Status::Running, "2026-03-10T00:00:00Z"), "");
    assert_eq!(of(Status::Running, "2026-03-20T00:00:00Z"), "VC307");
    assert_eq!(of(Status::Paused, "2026-03-20T00:00:00Z"), "");
    assert_eq!(of(Status::Running, "2026-04-01T00:00:00Z"), "VC306");
    assert_eq!(of(Status::Paused, "2026-04-01T00:00:00Z"), "VC306");
}
