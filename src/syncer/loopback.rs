//! A server for the virtual API server alone, on the loopback address of the pod that both are in.
//!
//! In: connections, and what is answered. Out: answers. Never: reads a request before the one certificate that
//! it takes was shown.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::context::Shared;

/// Connections at once. The API server keeps a few and uses them again; each open request is one.
const MAX_CONNECTIONS: usize = 256;

/// Deadline of a handshake. Both ends are in one pod.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Delay before accepting again after the operating system refused.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// An answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Where a server listens, and whom it takes.
pub(crate) struct Loopback {
    /// What it is, for the log: `webhook`.
    pub(crate) what: &'static str,
    pub(crate) listener: TcpListener,
    /// Takes one certificate alone. A connection uses what is the latest when it comes.
    pub(crate) tls: watch::Receiver<Arc<ServerConfig>>,
}

/// Listens on a port of the loopback address.
///
/// # Errors
/// When the port is taken: by another syncer in this pod, which has to end first.
pub(crate) async fn listener(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

impl Loopback {
    /// Serves, for good.
    pub(crate) async fn serve<F>(
        self,
        ctx: &Shared,
        respond: impl Fn(Shared, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Answer> + Send + 'static,
    {
        let what = self.what;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, _)) if connections.len() < MAX_CONNECTIONS => {
                        let tls = Arc::clone(&self.tls.borrow());
                        let ctx = Arc::clone(ctx);
                        let respond = respond.clone();
                        let respond = move |request| respond(Arc::clone(&ctx), request);
                        connections.spawn(connection(what, socket, tls, respond));
                    }
                    Ok(_) => warn!("closed a connection of the {what}: {MAX_CONNECTIONS} are open"),
                    Err(error) => {
                        warn!(%error, "cannot accept a connection of the {what}");
                        sleep(ACCEPT_DELAY).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        warn!(%error, "the task of a connection of the {what} failed");
                    }
                }
            }
        }
    }
}

async fn connection<F>(
    what: &'static str,
    socket: TcpStream,
    tls: Arc<ServerConfig>,
    respond: impl Fn(Request<Incoming>) -> F,
) where
    F: Future<Output = Answer>,
{
    if let Err(error) = socket.set_nodelay(true) {
        debug!(%error, "cannot turn off Nagle's algorithm");
    }
    let stream = match timeout(HANDSHAKE_DEADLINE, TlsAcceptor::from(tls).accept(socket)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return warn!(%error, "refused a TLS client of the {what}"),
        Err(_) => return warn!("a TLS client of the {what} did not finish its handshake"),
    };
    let service = service_fn(|request| {
        let answer = respond(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // No deadline for the head of a further request: the API server keeps connections for later.
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        debug!(%error, "a connection of the {what} ended early");
    }
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, text: String) -> Answer {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
