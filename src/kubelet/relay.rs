//! What the host API does for one pod, relayed.
//!
//! In: a request for a virtual pod, and the host pod that stands for it. Out: the host's answer, as it
//! comes. Never: decides which host pod that is, passes a header or an option on that is not on a
//! list.

use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use kube::client::Body;
use serde_json::Value;

use super::answer::{self, Answer};
use super::carry::carry;
use super::host::{self, Host, Refusal};
use super::route::PodRequest;
use super::scrub::Names;

/// The stream protocols that a kubelet speaks. Another, as `h2c`, would be a way around the parser.
const PROTOCOLS: [&str; 2] = ["SPDY/3.1", "websocket"];

/// Version of what is spoken within SPDY: `k8s.io/apimachinery/pkg/util/httpstream`,
/// `HeaderProtocolVersion`.
const STREAM_PROTOCOL_VERSION: HeaderName = HeaderName::from_static("x-stream-protocol-version");

/// Headers that negotiate an upgrade, in either direction. All the others stay where they are: those
/// of a request may have credentials in them.
const NEGOTIATION: [HeaderName; 7] = [
    UPGRADE,
    STREAM_PROTOCOL_VERSION,
    SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION,
];

/// Longest error of the host's that is passed on. It is a Status, of a few hundred bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Both ends of a connection after the upgrade.
pub(super) struct Upgrade {
    client: OnUpgrade,
    host: Upgraded,
}

impl Upgrade {
    /// Carries bytes until they end.
    pub(super) async fn carry(self) {
        match self.client.await {
            Ok(client) => carry(TokioIo::new(client), TokioIo::new(self.host)).await,
            Err(error) => tracing::debug!(%error, "the client went away before its upgrade"),
        }
    }
}

/// The log of a container, streamed.
///
/// # Errors
/// When the host is away, or has no log: with its status and its reason, as the kubelet has it, in
/// plain text. kube-apiserver makes its own Status of it.
pub(super) async fn log(
    host: &Host,
    host_pod: &str,
    request: &PodRequest,
) -> Result<Answer, Refusal> {
    let asked = host::get(&request.host_path(&host.namespace, host_pod))?;
    let response = host.send(asked).await?;
    if response.status() == StatusCode::OK {
        let mut answer = Response::new(Either::Right(response.into_body()));
        let content_type = HeaderValue::from_static("text/plain");
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
        return Ok(answer);
    }
    let names = Names {
        request,
        host_pod,
        host_namespace: &host.namespace,
    };
    let (status, text) = complaint(response, &names).await?;
    let message = serde_json::from_str::<Value>(&text).ok();
    let message = message
        .as_ref()
        .and_then(|status| status.get("message")?.as_str());
    Err(Refusal::new(status, message.unwrap_or(&text)))
}

/// An exec, attach or port-forward: the answer, and the host's end of the connection when it is an
/// upgrade.
///
/// # Errors
/// When the client asks for no upgrade that is known, or the host is away.
pub(super) async fn upgrade(
    host: &Host,
    host_pod: &str,
    request: &PodRequest,
    mut asked: Request<Incoming>,
) -> Result<(Answer, Option<Upgrade>), Refusal> {
    check_protocol(asked.headers())?;
    let mut sent = host::get(&request.host_path(&host.namespace, host_pod))?;
    *sent.method_mut() = asked.method().clone();
    sent.headers_mut().remove(ACCEPT_ENCODING);
    negotiate(asked.headers(), sent.headers_mut());
    let response = host.send(sent).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let names = Names {
            request,
            host_pod,
            host_namespace: &host.namespace,
        };
        return Ok((refused(response, &names).await?, None));
    }
    let mut answer = answer::empty(StatusCode::SWITCHING_PROTOCOLS);
    negotiate(response.headers(), answer.headers_mut());
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| {
        tracing::warn!(%error, "the host API broke an upgrade off");
        Refusal::bad_gateway("the host cluster's API broke the connection off")
    })?;
    let client = hyper::upgrade::on(&mut asked);
    Ok((
        answer,
        Some(Upgrade {
            client,
            host: upgraded,
        }),
    ))
}

/// Whether exactly one protocol is asked for, and it is one of [`PROTOCOLS`].
fn check_protocol(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut asked = headers.get_all(UPGRADE).iter();
    let is_known = asked
        .next()
        .and_then(|protocol| protocol.to_str().ok())
        .is_some_and(|asked| {
            PROTOCOLS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(asked))
        });
    if is_known && asked.next().is_none() {
        return Ok(());
    }
    let message = "an upgrade to SPDY/3.1 or websocket is required";
    Err(Refusal::new(StatusCode::BAD_REQUEST, message))
}

/// Copies the headers of an upgrade; one that is repeated stays repeated.
fn negotiate(from: &HeaderMap, to: &mut HeaderMap) {
    to.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    for name in NEGOTIATION {
        for value in from.get_all(&name) {
            to.append(name.clone(), value.clone());
        }
    }
}

/// The host's answer to an upgrade that it did not make. Its Status stays one, because the API server
/// passes it to the client as it is, which reads it.
async fn refused(response: Response<Body>, names: &Names<'_>) -> Result<Answer, Refusal> {
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let (status, text) = complaint(response, names).await?;
    let mut answer = answer::text(status, text);
    if let Some(content_type) = content_type {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    Ok(answer)
}

/// Status and text of an answer that is no success, in virtual names.
///
/// # Errors
/// When the answer is none that a kubelet gives: then it is a bad gateway. A 401 is one, too: it is
/// the syncer's own credential that was refused, and the user's would be doubted.
async fn complaint(
    response: Response<Body>,
    names: &Names<'_>,
) -> Result<(StatusCode, String), Refusal> {
    let status = response.status();
    if status == StatusCode::UNAUTHORIZED {
        tracing::warn!("the host API does not accept the syncer's credential");
        return Err(Refusal::bad_gateway(
            "the host cluster does not know the syncer (any more)",
        ));
    }
    if !status.is_client_error() && !status.is_server_error() {
        tracing::warn!(%status, "the host API gave an answer that is none");
        return Err(Refusal::bad_gateway(
            "the host cluster's API gave no sensible answer",
        ));
    }
    let body = host::whole(response.into_body(), MAX_ERROR_BYTES)
        .await
        .unwrap_or_default();
    Ok((status, names.scrub(&String::from_utf8_lossy(&body))))
}
