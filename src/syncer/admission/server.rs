//! Where the virtual API server asks.
//!
//! In: connections on the loopback address. Out: an AdmissionReview for each. Never: reads a request before
//! the API server's certificate was shown.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::super::context::Shared;
use super::super::translate::admission as translate;
use super::answer;
use crate::cluster::WEBHOOK_PORT;

/// Connections at once. The API server keeps a few and uses them again; each open request is one.
const MAX_CONNECTIONS: usize = 256;

/// Deadline of a handshake and of a request's head. Both ends are in one pod.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// Deadline of an answer: shorter than the API server's patience, so that it hears why.
const DEADLINE: Duration = Duration::from_secs(8);

/// Longest request: the object twice, each no larger than etcd takes (1.5 MiB), and what is around them.
const MAX_BYTES: usize = 4 << 20;

/// Delay before accepting again after the operating system refused.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// Listens where the configuration says that we are.
///
/// # Errors
/// When the port is taken: by another syncer in this pod, which has to end first.
pub(crate) async fn listener() -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, WEBHOOK_PORT))).await
}

/// The webhook's server.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    /// Takes the API server's certificate alone.
    pub(crate) tls: Arc<ServerConfig>,
}

impl Server {
    /// Serves, for good.
    pub(crate) async fn serve(self, ctx: &Shared) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, _)) if connections.len() < MAX_CONNECTIONS => {
                        let (tls, ctx) = (Arc::clone(&self.tls), Arc::clone(ctx));
                        connections.spawn(connection(socket, tls, ctx));
                    }
                    Ok(_) => warn!("closed a webhook connection: {MAX_CONNECTIONS} are open"),
                    Err(error) => {
                        warn!(%error, "cannot accept a webhook connection");
                        sleep(ACCEPT_DELAY).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        warn!(%error, "a webhook connection's task failed");
                    }
                }
            }
        }
    }
}

async fn connection(socket: TcpStream, tls: Arc<ServerConfig>, ctx: Shared) {
    if let Err(error) = socket.set_nodelay(true) {
        debug!(%error, "cannot turn off Nagle's algorithm");
    }
    let stream = match timeout(HEAD_DEADLINE, TlsAcceptor::from(tls).accept(socket)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return warn!(%error, "refused a TLS client of the webhook"),
        Err(_) => return warn!("a TLS client of the webhook did not finish its handshake"),
    };
    let service = service_fn(|request| {
        let ctx = Arc::clone(&ctx);
        async move { Ok::<_, Infallible>(respond(&ctx, request).await) }
    });
    // No deadline for the head of a further request: the API server keeps connections for later.
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        debug!(%error, "a webhook connection ended early");
    }
}

async fn respond(ctx: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
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
    let answer = timeout(DEADLINE, answer::answer(ctx, &asked)).await;
    let answer = answer.unwrap_or_else(|_| translate::Answer::No {
        code: 503,
        message: format!("the host cluster did not answer within {DEADLINE:?}; try again"),
    });
    let review = translate::answered(&asked.uid, &answer).to_string();
    let mut response = Response::new(Full::from(review));
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}
