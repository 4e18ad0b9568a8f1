//! Answers in plain text to who asks now and then: a kubelet, `vc top`.
//!
//! In: a listener, what to answer. Out: one answer for each connection, one after the other. Never: holds up the
//! others for somebody who is slow.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tracing::debug;

/// A request and its answer take milliseconds; whoever is slower holds up the others no longer.
const DEADLINE: Duration = Duration::from_secs(2);

/// Answers, one request at a time, for good. What is asked is the beginning of the request.
pub(super) async fn serve(listener: TcpListener, respond: impl Fn(&[u8]) -> String) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if timeout(DEADLINE, answer(stream, &respond)).await.is_err() {
                    debug!("a request was not finished in time");
                }
            }
            Err(error) => {
                debug!("cannot accept: {error}");
                sleep(DEADLINE).await;
            }
        }
    }
}

async fn answer(mut stream: TcpStream, respond: impl Fn(&[u8]) -> String) {
    let mut request = [0; 1024];
    let Ok(length) = stream.read(&mut request).await else {
        return;
    };
    let request = request.get(..length).unwrap_or_default();
    let answer = respond(request);
    if stream.write_all(answer.as_bytes()).await.is_err() {
        debug!("the one who asked has gone");
    }
}

/// A whole answer. `form` is what comes after `text/plain`.
pub(super) fn text(status: &str, form: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain{form}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
