//! Requests to the host API that end.
//!
//! In: a request. Out: the host's answer, or a [`Refusal`] that says what the user should know.
//! Never: retries, tells the user of the host's addresses or accounts.

use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Bytes;
use kube::client::Body;
use tokio::time::timeout;

use crate::names::Namespace;

/// How long the host may take for the head of an answer before it is asked whether it is there at
/// all. With [`PROBE_DEADLINE`] ten seconds: as long as a person waits without a word.
const ANSWER_DELAY: Duration = Duration::from_secs(7);

/// Deadline of that question.
const PROBE_DEADLINE: Duration = Duration::from_secs(3);

/// Deadline of the body of a short answer.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// What the user reads when the host is away. A status of 502 and no other: kube-apiserver puts its
/// own words in the place of those that come with 503 and 504
/// (`k8s.io/apimachinery/pkg/api/errors`, `NewGenericServerResponse`).
const UNREACHABLE: &str = "the host cluster's API cannot be reached, so its pods cannot be either";

/// An answer that is a sentence, as plain text.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(super) fn bad_gateway(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, message)
    }
}

/// The host API, as the syncer may use it.
pub(super) struct Host {
    client: kube::Client,
    pub(super) namespace: Namespace,
    answer_delay: Duration,
    probe_deadline: Duration,
}

impl Host {
    pub(super) fn new(client: kube::Client, namespace: Namespace) -> Self {
        Self {
            client,
            namespace,
            answer_delay: ANSWER_DELAY,
            probe_deadline: PROBE_DEADLINE,
        }
    }

    /// Sends a request and returns the answer when its head is there.
    ///
    /// A host that is away is told from one that has nothing to say yet: the first byte of a log that
    /// is followed may be hours away, and until then the host's kubelet sends no head. So there is no
    /// deadline for the answer, but a question on the side whether the host is there.
    ///
    /// # Errors
    /// When the host cannot be reached.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let mut answer = std::pin::pin!(self.client.send(request));
        let result = match timeout(self.answer_delay, &mut answer).await {
            Ok(result) => result,
            Err(_) if self.is_there().await => answer.await,
            Err(_) => {
                tracing::warn!("the host API does not answer");
                return Err(Refusal::bad_gateway(UNREACHABLE));
            }
        };
        result.map_err(|error| {
            tracing::warn!(%error, "cannot reach the host API");
            Refusal::bad_gateway(UNREACHABLE)
        })
    }

    /// Whether the host answers anything, a refusal included.
    async fn is_there(&self) -> bool {
        let request = get("/version").map(|request| self.client.send(request));
        match request {
            Ok(request) => matches!(timeout(self.probe_deadline, request).await, Ok(Ok(_))),
            Err(_) => false,
        }
    }
}

/// A request without a body. Compression is declined: a compressed log would come in blocks.
pub(super) fn get(path: &str) -> Result<Request<Body>, Refusal> {
    Request::builder()
        .method(Method::GET)
        .uri(path)
        .header(http::header::ACCEPT_ENCODING, "identity")
        .body(Body::empty())
        .map_err(|error| {
            tracing::error!(%error, "cannot make a request to the host API");
            Refusal::bad_gateway("the request cannot be relayed to the host cluster")
        })
}

/// A body as a whole; `None` when it is larger than this, broken or late.
pub(super) async fn whole(body: Body, max_bytes: usize) -> Option<Bytes> {
    let collected = timeout(BODY_DEADLINE, Limited::new(body, max_bytes).collect()).await;
    Some(collected.ok()?.ok()?.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{client_of, head};
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    async fn impatient() -> (Host, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Host {
            answer_delay: Duration::from_millis(50),
            probe_deadline: Duration::from_millis(50),
            ..Host::new(client_of(&listener), "team-a".parse().unwrap())
        };
        (host, listener)
    }

    #[tokio::test]
    async fn a_host_that_says_nothing_at_all_is_away() {
        let (host, _listener) = impatient().await;
        let refusal = host.send(get("/log").unwrap()).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::BAD_GATEWAY);
        assert_eq!(refusal.message, UNREACHABLE);
    }

    #[tokio::test]
    async fn a_log_that_says_nothing_yet_is_waited_for() {
        let (host, listener) = impatient().await;
        let serve = async {
            let (mut log, _) = listener.accept().await.unwrap();
            assert!(head(&mut log).await.starts_with("GET /log "));
            let (mut probe, _) = listener.accept().await.unwrap();
            assert!(head(&mut probe).await.starts_with("GET /version "));
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            probe.write_all(answer).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
            log.write_all(answer).await.unwrap();
            (log, probe)
        };
        let (_open, answer) = tokio::join!(serve, host.send(get("/log").unwrap()));
        assert_eq!(answer.unwrap().status(), StatusCode::OK);
    }
}
