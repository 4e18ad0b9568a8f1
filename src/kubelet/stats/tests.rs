//! Usage of host pods, told of virtual ones. Expected values are written out.

use std::sync::Arc;

use serde_json::json;

use super::*;

fn pair() -> PodPair {
    PodPair {
        virtual_pod: Arc::new(json!({
            "metadata": { "namespace": "shop", "name": "web", "uid": "u1" },
            "spec": { "nodeName": "node-a", "containers": [{ "name": "app" }, { "name": "idle" }] },
        })),
        host_pod: Arc::new(json!({
            "metadata": { "name": "web-twin" },
            "status": {
                "startTime": "2026-11-24T09:59:00Z",
                "containerStatuses": [
                    { "name": "app", "state": { "running": { "startedAt": "2026-11-24T09:59:01Z" } } },
                    { "name": "idle", "state": { "waiting": {} } },
                    { "name": "injected", "state": { "running": { "startedAt": "2026-11-24T09:59:01Z" } } },
                ],
            },
        })),
    }
}

fn list(timestamp: &str, cpu: &str) -> Vec<u8> {
    json!({
        "kind": "PodMetricsList",
        "items": [
            {
                "metadata": { "name": "web-twin", "namespace": "team-a" },
                "timestamp": timestamp,
                "window": "15.5s",
                "containers": [
                    { "name": "app", "usage": { "cpu": cpu, "memory": "2Mi" } },
                    { "name": "injected", "usage": { "cpu": "1", "memory": "1Gi" } },
                    { "name": "broken", "usage": { "cpu": "1" } },
                ],
            },
            {
                "metadata": { "name": "foreign" },
                "timestamp": timestamp,
                "window": "1m0s",
                "containers": [{ "name": "app", "usage": { "cpu": "7", "memory": "7" } }],
            },
        ],
    })
    .to_string()
    .into_bytes()
}

fn sampled(counters: &mut Counters, timestamp: &str, cpu: &str) -> Vec<PodSample> {
    samples(&[pair()], &parse(&list(timestamp, cpu)).unwrap(), counters)
}

#[test]
fn own_containers_alone_are_told_under_virtual_names() {
    let samples = sampled(&mut Counters::default(), "2026-11-24T10:00:00Z", "100m");
    let text = exposition(Some(&samples));
    assert_eq!(
        text,
        "# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container=\"app\",namespace=\"shop\",pod=\"web\"} 1.550000000 1795514400000
# HELP container_memory_working_set_bytes Current working set of the container in bytes
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container=\"app\",namespace=\"shop\",pod=\"web\"} 2097152 1795514400000
# HELP container_start_time_seconds Start time of the container since unix epoch in seconds
# TYPE container_start_time_seconds gauge
container_start_time_seconds{container=\"app\",namespace=\"shop\",pod=\"web\"} 1795514341.000000000
# HELP pod_cpu_usage_seconds_total Cumulative cpu time consumed by the pod in core-seconds
# TYPE pod_cpu_usage_seconds_total counter
pod_cpu_usage_seconds_total{namespace=\"shop\",pod=\"web\"} 1.550000000 1795514400000
# HELP pod_memory_working_set_bytes Current working set of the pod in bytes
# TYPE pod_memory_working_set_bytes gauge
pod_memory_working_set_bytes{namespace=\"shop\",pod=\"web\"} 2097152 1795514400000
# HELP resource_scrape_error 1 if there was an error while getting container metrics, 0 otherwise
# TYPE resource_scrape_error gauge
resource_scrape_error 0
# HELP scrape_error 1 if there was an error while getting container metrics, 0 otherwise
# TYPE scrape_error gauge
scrape_error 0
"
    );
}

#[test]
fn a_summary_has_the_node_and_the_pods() {
    let samples = sampled(&mut Counters::default(), "2026-11-24T10:00:00Z", "100m");
    let usage = |value: &mut Value| {
        let object = value.as_object_mut().unwrap();
        object.insert(
            "cpu".to_owned(),
            json!({
                "time": "2026-11-24T10:00:00Z",
                "usageNanoCores": 100_000_000,
                "usageCoreNanoSeconds": 1_550_000_000,
            }),
        );
        object.insert(
            "memory".to_owned(),
            json!({ "time": "2026-11-24T10:00:00Z", "workingSetBytes": 2_097_152 }),
        );
    };
    let mut app = json!({ "name": "app", "startTime": "2026-11-24T09:59:01Z" });
    usage(&mut app);
    let mut pod = json!({
        "podRef": { "name": "web", "namespace": "shop", "uid": "u1" },
        "startTime": "2026-11-24T09:59:00Z",
        "containers": [app, { "name": "idle", "startTime": null }],
    });
    usage(&mut pod);
    let expected = json!({ "node": { "nodeName": "node-a" }, "pods": [pod] });
    assert_eq!(summary(&samples, "vc-dev"), expected);
}

#[test]
fn without_a_metrics_api_pods_are_there_and_usage_is_not() {
    let samples = samples(&[pair()], &HostUsage::new(), &mut Counters::default());
    let summary = summary(&samples, "vc-dev");
    assert_eq!(summary["pods"][0]["podRef"]["name"], "web");
    assert_eq!(summary["pods"][0].get("cpu"), None);
    let text = exposition(None);
    assert!(text.ends_with("scrape_error 1\n"), "{text}");
    assert!(text.contains("\nresource_scrape_error 1\n"), "{text}");
    assert!(!text.contains('{'), "{text}");
}

#[test]
fn pods_on_two_nodes_are_of_none() {
    let mut other = pair();
    Arc::make_mut(&mut other.virtual_pod)["spec"]["nodeName"] = json!("node-b");
    let samples = samples(
        &[pair(), other],
        &HostUsage::new(),
        &mut Counters::default(),
    );
    assert_eq!(summary(&samples, "vc-dev")["node"]["nodeName"], "vc-dev");
    assert_eq!(summary(&[], "vc-dev")["node"]["nodeName"], "vc-dev");
}

/// The count of the one container that has one.
fn counted(samples: &[PodSample]) -> u64 {
    samples[0].containers[0].usage.unwrap().core_nanoseconds
}

#[test]
fn cpu_time_is_counted_from_rates_and_each_sample_once() {
    let mut counters = Counters::default();
    // 15.5 s of 0.1 cores, then 20 s of 0.2.
    assert_eq!(
        counted(&sampled(&mut counters, "2026-11-24T10:00:00Z", "100m")),
        1_550_000_000
    );
    for _ in 0..2 {
        assert_eq!(
            counted(&sampled(&mut counters, "2026-11-24T10:00:20Z", "200m")),
            5_550_000_000
        );
    }
    assert_eq!(
        counted(&sampled(&mut counters, "2026-11-24T10:00:10Z", "9")),
        5_550_000_000
    );
    // No answer of the host in between is no new start, but a pod that is gone is.
    drop(samples(&[pair()], &HostUsage::new(), &mut counters));
    assert_eq!(
        counted(&sampled(&mut counters, "2026-11-24T10:00:20Z", "200m")),
        5_550_000_000
    );
    drop(samples(&[], &HostUsage::new(), &mut counters));
    assert_eq!(
        counted(&sampled(&mut counters, "2026-11-24T10:00:40Z", "0")),
        1_000
    );
}

#[test]
fn a_restarted_container_counts_anew() {
    let mut counters = Counters::default();
    let usage = parse(&list("2026-11-24T10:00:00Z", "1")).unwrap();
    assert_eq!(
        counted(&samples(&[pair()], &usage, &mut counters)),
        15_500_000_000
    );
    let mut restarted = pair();
    let status = &mut Arc::make_mut(&mut restarted.host_pod)["status"]["containerStatuses"][0];
    status["state"]["running"]["startedAt"] = json!("2026-11-24T10:00:05Z");
    let usage = parse(&list("2026-11-24T10:00:20Z", "100m")).unwrap();
    assert_eq!(
        counted(&samples(&[restarted], &usage, &mut counters)),
        1_550_000_000
    );
}

#[test]
fn what_is_no_list_of_metrics_is_no_usage() {
    for text in ["", "{}", "{\"items\":[{}]}", "[]"] {
        assert!(parse(text.as_bytes()).is_none(), "{text}");
    }
}
