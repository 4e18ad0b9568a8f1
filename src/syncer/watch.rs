//! Keeps up with one collection of objects of one side.
//!
//! In: an API server, a path. Out: every object, then every change, as [`Seen`]. Never: ends, but with
//! whoever polls it; decides what an object means.
//!
//! # Guarantees
//! A list is told as a whole: what was known and is not in it, is gone. A watch that ends is taken up
//! where it ended; one whose place is too old (410) begins with a list again. A watch that stalls is
//! noticed within [`Times::stall`], because the API server is asked to end each one sooner than that.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use std::time::Duration;

use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::{debug, warn};

use super::object::Object;
use super::rest::{Rest, RestError};

/// After this long the API server ends a watch, which is then taken up again.
const WATCH_SECONDS: u64 = 40;

/// When a watch is given up, and how long an API server is left alone then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    /// A watch on which nothing has come for this long is dead: its end is overdue.
    stall: Duration,
    /// A watch that ends within this long and brought nothing was not served.
    at_once: Duration,
    /// Shortest pause after a failure. An API server that comes back is not run down by those who waited.
    pause_min: Duration,
    /// Longest pause after a failure: whoever comes back is found within seconds.
    pause_max: Duration,
}

const TIMES: Times = Times {
    stall: Duration::from_secs(WATCH_SECONDS + 10),
    at_once: Duration::from_secs(1),
    pause_min: Duration::from_secs(1),
    pause_max: Duration::from_secs(5),
};

/// Objects to a page of a list: what bounds the memory that a list takes.
const PAGE: usize = 250;

/// What is seen of a collection.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A list begins.
    ListBegins,
    /// An object of the list.
    Listed(Object),
    /// The list was whole, as of this version.
    ListEnds(u64),
    /// An object is new or has changed.
    Changed(Object),
    /// An object was deleted; this is how it was last.
    Deleted(Object),
}

/// A collection to keep up with.
pub(crate) struct Watch {
    pub(crate) rest: Rest,
    /// For messages: `host pods`.
    pub(crate) what: &'static str,
    /// `/api/v1/namespaces/a/pods`.
    pub(crate) path: String,
    /// `labelSelector=…`, percent-encoded; empty for all.
    pub(crate) selector: String,
    /// Whether only metadata is asked for.
    pub(crate) metadata_only: bool,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(default)]
    metadata: ListMetadata,
    /// Null when a list of metadata is empty.
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ListMetadata {
    resource_version: String,
    #[serde(rename = "continue")]
    more: String,
}

#[derive(Deserialize)]
struct ErrorStatus {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

/// Why a watch ended.
enum End {
    /// The API server ended it, or it stalled: goes on from this version.
    Pause(String),
    /// The version is too old.
    TooOld,
    /// It ended at once with nothing in it. So are watches of Events from too old a version answered.
    Empty,
    /// Something else, after which it is left alone for a moment.
    Failed(String, RestError),
}

impl Watch {
    /// Tells everything to `tell`, for good.
    pub(crate) async fn run(self, tell: impl FnMut(Seen)) {
        self.run_with(TIMES, tell).await;
    }

    async fn run_with(self, times: Times, mut tell: impl FnMut(Seen)) {
        let mut version = None;
        let mut pause = times.pause_min;
        loop {
            let failure = match version.take() {
                None => match self.list(&mut tell).await {
                    Ok(listed) => {
                        version = Some(listed);
                        None
                    }
                    Err(error) => Some(error),
                },
                Some(from) => match self.watch(from, times, &mut tell, &mut pause).await {
                    End::Pause(at) => {
                        version = Some(at);
                        None
                    }
                    End::TooOld => {
                        debug!("{}: version too old, listing again", self.what);
                        None
                    }
                    End::Empty => {
                        Some(RestError::Unreachable("the watch ended at once".to_owned()))
                    }
                    End::Failed(at, error) => {
                        version = Some(at);
                        Some(error)
                    }
                },
            };
            if let Some(error) = failure {
                warn!("{}: {error}", self.what);
                tokio::time::sleep(jittered(pause)).await;
                pause = (pause * 2).min(times.pause_max);
            }
        }
    }

    /// Lists everything; returns the version to watch from.
    async fn list(&self, tell: &mut impl FnMut(Seen)) -> Result<String, RestError> {
        tell(Seen::ListBegins);
        let mut more = String::new();
        loop {
            let mut path = format!("{}?limit={PAGE}&{}", self.path, self.selector);
            if !more.is_empty() {
                path = format!("{path}&continue={more}");
            }
            let text = self.text(&path).await?;
            let list: List<'_> = serde_json::from_str(&text).map_err(malformed)?;
            for item in list.items.iter().flatten() {
                tell(Seen::Listed(Object::parse(item.get()).map_err(malformed)?));
            }
            if list.metadata.more.is_empty() {
                tell(Seen::ListEnds(version_of(&list.metadata)));
                return Ok(list.metadata.resource_version);
            }
            more = list.metadata.more;
        }
    }

    async fn text(&self, path: &str) -> Result<String, RestError> {
        let text = if self.metadata_only {
            self.rest.get_metadata(path).await?
        } else {
            self.rest.get(path).await?
        };
        text.ok_or_else(|| RestError::Unreachable(format!("{path} does not exist")))
    }

    /// Watches from a version until it ends.
    async fn watch(
        &self,
        mut version: String,
        times: Times,
        tell: &mut impl FnMut(Seen),
        pause: &mut Duration,
    ) -> End {
        let path = format!(
            "{}?watch=1&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}&{}",
            self.path, self.selector
        );
        let request = self.rest.stream(&path, self.metadata_only);
        let mut stream = match tokio::time::timeout(times.stall, request).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if error.is_gone() => return End::TooOld,
            Ok(Err(error)) => return End::Failed(version, error),
            Err(_) => return End::Failed(version, stalled(times)),
        };
        *pause = times.pause_min;
        let began = tokio::time::Instant::now();
        let mut rest = Vec::new();
        let mut is_empty = true;
        loop {
            let frame = match tokio::time::timeout(times.stall, stream.body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => {
                    return End::Failed(version, RestError::Unreachable(error.to_string()));
                }
                Ok(None) if is_empty && began.elapsed() < times.at_once => return End::Empty,
                Ok(None) => return End::Pause(version),
                Err(_) => return End::Failed(version, stalled(times)),
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            is_empty = false;
            let mut searched = rest.len();
            rest.extend_from_slice(&data);
            let mut first = 0;
            while let Some(length) = rest.iter().skip(searched).position(|&byte| byte == b'\n') {
                let end = searched + length;
                let line = rest.get(first..end).unwrap_or_default();
                (first, searched) = (end + 1, end + 1);
                match read_line(line, tell) {
                    Ok(Some(at)) => version = at,
                    Ok(None) => {}
                    Err(error) if error.is_gone() => return End::TooOld,
                    Err(error) => return End::Failed(version, error),
                }
            }
            rest.drain(..first);
            if rest.is_empty() && rest.capacity() > LINE_CAPACITY {
                rest = Vec::new();
            }
        }
    }
}

/// Room for a line that is kept between events; a larger one is given back.
const LINE_CAPACITY: usize = 32 << 10;

/// Tells one line of a watch; returns the version that it brings.
fn read_line(line: &[u8], tell: &mut impl FnMut(Seen)) -> Result<Option<String>, RestError> {
    if line.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(line).map_err(malformed)?;
    let Line { kind, object } = serde_json::from_str(text).map_err(malformed)?;
    if kind == "ERROR" {
        let status: ErrorStatus = serde_json::from_str(object.get()).map_err(malformed)?;
        return Err(RestError::Refused {
            code: status.code,
            reason: "WatchError".to_owned(),
            message: status.message,
            retry_after: None,
        });
    }
    let object = Object::parse(object.get()).map_err(malformed)?;
    let version = object.resource_version.to_string();
    match kind {
        "ADDED" | "MODIFIED" => tell(Seen::Changed(object)),
        "DELETED" => tell(Seen::Deleted(object)),
        _ => {}
    }
    Ok(Some(version))
}

/// The version of a list; a text that is no number stands for the newest.
fn version_of(list: &ListMetadata) -> u64 {
    list.resource_version.parse().unwrap_or(u64::MAX)
}

fn stalled(times: Times) -> RestError {
    RestError::Unreachable(format!("nothing came for {:?}", times.stall))
}

fn malformed(error: impl std::fmt::Display) -> RestError {
    RestError::Unreachable(format!("the answer cannot be read: {error}"))
}

/// The pause and up to half of it more, so that those that failed together come back one by one.
pub(crate) fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let random = u32::try_from(RandomState::new().hash_one(0) & 0xff).unwrap_or_default();
    pause + pause / 2 * random / 0xff
}

#[cfg(test)]
mod tests;
