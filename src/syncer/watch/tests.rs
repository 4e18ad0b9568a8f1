use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::Frame;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::*;
use crate::syncer::client::Clients;

/// One answer of the API server.
enum Answer {
    /// A code and a body.
    Whole(u16, String),
    /// These lines, and then the end.
    Ended(Vec<String>),
    /// These lines, and then nothing, for ever.
    Silent(Vec<String>),
}

const SHORT: Times = Times {
    stall: Duration::from_millis(200),
    at_once: Duration::from_millis(50),
    pause_min: Duration::from_millis(20),
    pause_max: Duration::from_millis(80),
};

/// What the API server was asked, and when.
type Asked = Arc<Mutex<Vec<(Duration, String)>>>;

fn whole(text: String) -> stream::BoxStream<'static, Result<Frame<Bytes>, Infallible>> {
    let frame = (!text.is_empty()).then(|| Ok(Frame::data(Bytes::from(text))));
    stream::iter(frame).boxed()
}

/// An API server that gives these answers in turn, and none afterwards, which it says.
fn server(answers: Vec<Answer>) -> (Rest, Asked, Arc<Notify>) {
    let asked = Asked::default();
    let used_up = Arc::new(Notify::new());
    let end = Arc::clone(&used_up);
    let answers = Mutex::new(VecDeque::from(answers));
    let (log, began) = (Arc::clone(&asked), Instant::now());
    let service = tower::service_fn(move |request: Request<Body>| {
        let path = request.uri().path_and_query().unwrap().to_string();
        log.lock().unwrap().push((began.elapsed(), path));
        let answer = answers.lock().unwrap().pop_front();
        if answer.is_none() {
            end.notify_one();
        }
        async move {
            let (code, body) = match answer {
                Some(Answer::Whole(code, text)) => (code, whole(text)),
                Some(Answer::Ended(lines)) => (200, whole(lines.concat())),
                Some(Answer::Silent(lines)) => {
                    (200, whole(lines.concat()).chain(stream::pending()).boxed())
                }
                None => return std::future::pending().await,
            };
            let response = Response::builder().status(code);
            Ok::<_, Infallible>(response.body(StreamBody::new(body)).unwrap())
        }
    });
    let client = Client::new(service, "default");
    (Rest::new(Clients::of(client)), asked, used_up)
}

fn object(name: &str, version: u32) -> Value {
    json!({"metadata": {"name": name, "uid": name, "resourceVersion": version.to_string()}})
}

fn list(version: u32, objects: &[(&str, u32)]) -> Answer {
    let items: Vec<Value> = objects.iter().map(|(name, at)| object(name, *at)).collect();
    let list = json!({"metadata": {"resourceVersion": version.to_string()}, "items": items});
    Answer::Whole(200, list.to_string())
}

fn line(kind: &str, name: &str, version: u32) -> String {
    format!(
        "{}\n",
        json!({"type": kind, "object": object(name, version)})
    )
}

fn too_old() -> String {
    let status = json!({"kind": "Status", "metadata": {}, "code": 410, "message": "too old"});
    format!("{}\n", json!({"type": "ERROR", "object": status}))
}

/// Watches until the answers are used up; returns what was seen and what was asked.
async fn watched(answers: Vec<Answer>) -> (Vec<String>, Vec<(Duration, String)>) {
    let (rest, asked, used_up) = server(answers);
    let watch = Watch {
        rest,
        what: "pods",
        path: "/api/v1/pods".to_owned(),
        selector: String::new(),
        metadata_only: false,
    };
    let mut seen = Vec::new();
    let watching = watch.run_with(SHORT, |one| {
        seen.push(match one {
            Seen::ListBegins => "begins".to_owned(),
            Seen::Listed(object) => format!("listed {}", object.name),
            Seen::ListEnds(version) => format!("ends {version}"),
            Seen::Changed(object) => format!("changed {}", object.name),
            Seen::Deleted(object) => format!("deleted {}", object.name),
        });
    });
    tokio::select! {
        () = watching => {}
        () = used_up.notified() => {}
    }
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    (seen, asked)
}

/// From which version each request wants to watch; none for a list.
fn versions(asked: &[(Duration, String)]) -> Vec<Option<&str>> {
    let mut versions = Vec::new();
    for (_, path) in asked {
        let rest = path.split_once("resourceVersion=").map(|(_, rest)| rest);
        versions.push(rest.and_then(|rest| rest.split('&').next()));
    }
    versions
}

#[tokio::test]
async fn a_watch_goes_on_where_it_ended() {
    let (seen, asked) = watched(vec![
        list(5, &[("a", 3)]),
        Answer::Ended(vec![line("ADDED", "b", 7), line("DELETED", "a", 9)]),
        Answer::Silent(vec![line("MODIFIED", "b", 11)]),
    ])
    .await;
    assert_eq!(
        seen,
        [
            "begins",
            "listed a",
            "ends 5",
            "changed b",
            "deleted a",
            "changed b"
        ]
    );
    assert_eq!(versions(&asked)[..3], [None, Some("5"), Some("9")]);
}

#[tokio::test]
async fn a_watch_that_falls_silent_is_taken_up_again() {
    let (_, asked) = watched(vec![
        list(5, &[]),
        Answer::Silent(vec![line("ADDED", "a", 7)]),
        Answer::Silent(vec![]),
    ])
    .await;
    assert_eq!(versions(&asked)[..3], [None, Some("5"), Some("7")]);
    let silence = asked[2].0.saturating_sub(asked[1].0);
    assert!(silence >= SHORT.stall, "{silence:?}");
}

#[tokio::test]
async fn a_place_that_is_too_old_begins_with_a_list() {
    let refusal = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"});
    for answer in [
        Answer::Ended(vec![too_old()]),
        Answer::Whole(410, refusal.to_string()),
    ] {
        let (seen, asked) = watched(vec![
            list(5, &[("a", 3), ("b", 4)]),
            answer,
            list(9, &[("b", 4)]),
        ])
        .await;
        assert_eq!(
            seen,
            [
                "begins", "listed a", "listed b", "ends 5", "begins", "listed b", "ends 9"
            ]
        );
        assert_eq!(versions(&asked)[..4], [None, Some("5"), None, Some("9")]);
    }
}

#[tokio::test]
async fn an_api_server_that_does_not_serve_is_asked_less_and_less_often() {
    let refused = || Answer::Whole(503, String::new());
    let (seen, asked) = watched(vec![
        refused(),
        refused(),
        refused(),
        refused(),
        list(5, &[]),
        // As an API server ends a watch of Events whose place it no longer has.
        Answer::Ended(vec![]),
    ])
    .await;
    assert!(seen.contains(&"ends 5".to_owned()), "{seen:?}");
    let pauses: Vec<Duration> = asked
        .windows(2)
        .map(|two| two[1].0.saturating_sub(two[0].0))
        .collect();
    for (pause, least) in pauses.iter().zip([1, 2, 4, 4]) {
        assert!(*pause >= SHORT.pause_min * least, "{pauses:?}");
    }
    assert!(pauses[5] >= SHORT.pause_min, "{pauses:?}");
}
