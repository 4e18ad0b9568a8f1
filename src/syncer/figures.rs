//! What the syncer counts of its own work, told on the loopback address of its pod.
//!
//! In: how long changes took, what failed; requests. Out: [`Figures`] as text. Never: listens on the pod's address,
//! which other tenants reach.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;

use super::context::Context;
use super::plain;
use crate::figures::{BUCKETS, Figures, bucket};

/// What is counted as work goes on.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    buckets: [AtomicU64; BUCKETS],
    sum_micros: AtomicU64,
    errors: AtomicU64,
}

impl Counters {
    /// A change has been written, this long after it was seen.
    pub(crate) fn written(&self, took: Duration) {
        if let Some(bucket) = self.buckets.get(bucket(took)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Work has failed.
    pub(crate) fn failed(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    fn figures(&self, (queue, retrying): (usize, usize)) -> Figures {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Figures {
            buckets: std::array::from_fn(|index| {
                let bucket = self.buckets.get(index);
                bucket.map_or(0, |count| count.load(Ordering::Relaxed))
            }),
            sum_micros: self.sum_micros.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            queue: count(queue),
            retrying: count(retrying),
        }
    }
}

tokio::task_local! {
    /// Whether the work that goes on has written anything.
    static HAS_WRITTEN: Cell<bool>;
}

/// Does the work; says whether it has written anything. Most work only finds that nothing is to be done, as for
/// the events of our own writes, and would make every figure too good.
pub(crate) async fn noting_writes<T>(work: impl Future<Output = T>) -> (T, bool) {
    let noting = async {
        let result = work.await;
        (result, HAS_WRITTEN.with(Cell::get))
    };
    HAS_WRITTEN.scope(Cell::new(false), noting).await
}

/// Something was written; of no matter outside of [`noting_writes`].
pub(crate) fn note_write() {
    // An error is that nobody wants to know.
    HAS_WRITTEN
        .try_with(|has_written| has_written.set(true))
        .unwrap_or_default();
}

/// Answers for good.
pub(crate) async fn serve(ctx: &Context, listener: TcpListener) {
    let respond = |request: &[u8]| respond(request, &ctx.counters.figures(ctx.queue.depth()));
    plain::serve(listener, respond).await;
}

/// The whole answer to a request.
fn respond(request: &[u8], figures: &Figures) -> String {
    let (status, body) = if request.starts_with(b"GET /metrics ") {
        ("200 OK", figures.text())
    } else {
        ("404 Not Found", "not found\n".to_owned())
    };
    plain::text(status, "; version=0.0.4", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_under_one_path() {
        let counters = Counters::default();
        counters.written(Duration::from_millis(7));
        counters.written(Duration::from_secs(100));
        counters.failed();
        let figures = counters.figures((3, 1));
        assert_eq!((figures.changes(), figures.errors), (2, 1));
        let answer = respond(b"GET /metrics HTTP/1.0\r\n\r\n", &figures);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        assert_eq!(Figures::parse(body), Some(figures.clone()));
        assert!(respond(b"GET / HTTP/1.0\r\n\r\n", &figures).starts_with("HTTP/1.1 404"));
        assert!(respond(b"", &figures).starts_with("HTTP/1.1 404"));
    }

    #[tokio::test]
    async fn work_that_writes_is_told_from_work_that_does_not() {
        note_write();
        assert_eq!(noting_writes(async { 1 }).await, (1, false));
        let writes = async {
            note_write();
            2
        };
        assert_eq!(noting_writes(writes).await, (2, true));
    }
}
