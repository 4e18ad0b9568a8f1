//! Whether the syncer works, for the host's kubelet.
//!
//! In: an HTTP request on the pod's address. Out: `ok`, or what is missing. Never: anything about the
//! virtual cluster: whoever reaches the pod's address may ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tracing::debug;

/// A request and its answer take milliseconds; whoever is slower holds up the others no longer.
const DEADLINE: Duration = Duration::from_secs(2);

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    is_ready: Arc<AtomicBool>,
}

impl Health {
    pub(crate) fn set_ready(&self, is_ready: bool) {
        self.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Answers, one request at a time, for good. Only the kubelet asks, once in some seconds.
    pub(crate) async fn serve(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    if timeout(DEADLINE, self.answer(stream)).await.is_err() {
                        debug!("a health request was not finished in time");
                    }
                }
                Err(error) => {
                    debug!("cannot accept: {error}");
                    tokio::time::sleep(DEADLINE).await;
                }
            }
        }
    }

    async fn answer(&self, mut stream: TcpStream) {
        let mut request = [0; 1024];
        let Ok(length) = stream.read(&mut request).await else {
            return;
        };
        let request = request.get(..length).unwrap_or_default();
        let answer = respond(request, self.is_ready.load(Ordering::Relaxed));
        if stream.write_all(answer.as_bytes()).await.is_err() {
            debug!("the one who asked has gone");
        }
    }
}

/// The whole answer to a request.
fn respond(request: &[u8], is_ready: bool) -> String {
    let (status, body) = match request {
        request if request.starts_with(b"GET /livez ") => ("200 OK", "ok"),
        request if request.starts_with(b"GET /readyz ") && is_ready => ("200 OK", "ok"),
        request if request.starts_with(b"GET /readyz ") => {
            ("503 Service Unavailable", "not in step yet")
        }
        _ => ("404 Not Found", "not found"),
    };
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lives_before_it_is_ready_and_tells_nothing_else() {
        assert!(respond(b"GET /livez HTTP/1.1\r\n\r\n", false).starts_with("HTTP/1.1 200"));
        assert!(respond(b"GET /readyz HTTP/1.1\r\n\r\n", false).starts_with("HTTP/1.1 503"));
        assert!(respond(b"GET /readyz HTTP/1.1\r\n\r\n", true).starts_with("HTTP/1.1 200"));
        assert!(respond(b"GET /metrics HTTP/1.1\r\n\r\n", true).starts_with("HTTP/1.1 404"));
        assert!(respond(b"", true).starts_with("HTTP/1.1 404"));
    }
}
