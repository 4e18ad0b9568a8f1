//! Whether the syncer works, for the host's kubelet.
//!
//! In: an HTTP request on the pod's address. Out: `ok`, or what is missing. Never: anything about the
//! virtual cluster: whoever reaches the pod's address may ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpListener;

use super::plain;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    is_ready: Arc<AtomicBool>,
}

impl Health {
    pub(crate) fn set_ready(&self, is_ready: bool) {
        self.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Answers for good. Only the kubelet asks, once in some seconds.
    pub(crate) async fn serve(&self, listener: TcpListener) {
        let respond = |request: &[u8]| respond(request, self.is_ready.load(Ordering::Relaxed));
        plain::serve(listener, respond).await;
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
    plain::text(status, "", body)
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
