//! Bytes both ways between two streams, until they end.
//!
//! In: two streams. Out: what each said to the other. Never: looks into the bytes, gives up on a
//! stream because it is quiet.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::time::timeout;

/// Bytes carried at once: a full TLS record.
const CHUNK_BYTES: usize = 16 * 1024;

/// How long a direction may be silent after the other one ended.
///
/// Whoever ended its half may still want to read the answer, so the other half goes on while there is
/// something to carry; who has gone without a word must not hold the connection for ever.
const SILENCE_AFTER_END: Duration = Duration::from_secs(10);

/// Carries bytes both ways.
///
/// The end of one direction is passed on as such, and ends the other when it has nothing more to
/// say. An error of either ends both.
pub(super) async fn carry<A, B>(a: A, b: B)
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (from_a, to_a) = split(a);
    let (from_b, to_b) = split(b);
    let carried = AtomicU64::new(0);
    let mut there = std::pin::pin!(pump(from_a, to_b, &carried));
    let mut back = std::pin::pin!(pump(from_b, to_a, &carried));
    let result = tokio::select! {
        ended = &mut there => match ended {
            Ok(()) => drain(back, &carried).await,
            Err(error) => Err(error),
        },
        ended = &mut back => match ended {
            Ok(()) => drain(there, &carried).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = result {
        tracing::debug!(%error, "an upgraded connection broke");
    }
}

/// Carries one direction and passes its end on.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    carried: &AtomicU64,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk).await?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(bytes).await?;
        to.flush().await?;
        carried.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lets the direction that is left go on while it has something to carry.
async fn drain(
    mut left: impl Future<Output = io::Result<()>> + Unpin,
    carried: &AtomicU64,
) -> io::Result<()> {
    loop {
        let before = carried.load(Ordering::Relaxed);
        match timeout(SILENCE_AFTER_END, &mut left).await {
            Ok(ended) => return ended,
            Err(_) if carried.load(Ordering::Relaxed) == before => return Ok(()),
            Err(_) => {}
        }
    }
}
