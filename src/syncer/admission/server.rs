//! Where the virtual API server asks.
//!
//! In: requests on the loopback address. Out: an AdmissionReview for each. Never: an answer that takes longer
//! than the API server waits.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::timeout;

use super::super::context::Shared;
use super::super::loopback::{Answer, json};
use super::super::translate::admission as translate;
use super::answer;

/// Deadline of an answer: shorter than the API server's patience, so that it hears why.
const DEADLINE: Duration = Duration::from_secs(8);

/// Longest request: the object twice, each no larger than etcd takes (1.5 MiB), and what is around them.
const MAX_BYTES: usize = 4 << 20;

/// The answer to a request of the virtual API server's.
pub(crate) async fn respond(ctx: Shared, request: Request<Incoming>) -> Answer {
    if request.method() != Method::POST || request.uri().path() != translate::PATH {
        return plain(StatusCode::NOT_FOUND, "there is nothing here");
    }
    let body = Limited::new(request.into_body(), MAX_BYTES);
    let Ok(Ok(body)) = timeout(DEADLINE, body.collect()).await else {
        return plain(StatusCode::BAD_REQUEST, "the request cannot be read");
    };
    let review: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    let Some(asked) = translate::asked(&review) else {
        return plain(StatusCode::BAD_REQUEST, "this is no AdmissionReview");
    };
    let answer = timeout(DEADLINE, answer::answer(&ctx, &asked)).await;
    let answer = answer.unwrap_or_else(|_| translate::Answer::No {
        code: 503,
        message: format!("the host cluster did not answer within {DEADLINE:?}; try again"),
    });
    let review = translate::answered(&asked.uid, &answer).to_string();
    json(StatusCode::OK, review)
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(Full::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
