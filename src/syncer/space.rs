//! Room in the store: a store that was full takes writes again when something has been deleted.
//!
//! In: what etcd says of itself, by its socket file. Out: old revisions dropped, the file made small, the
//! alarm `NOSPACE` taken back; in the marker, since when somebody has to delete something. Never: a key read
//! or written; anything in the store while there is no alarm.
//!
//! A full etcd raises that alarm, refuses what would make it grow, serves the rest, and stays so until
//! somebody does these three things: nothing of it happens by itself.
//! <https://etcd.io/docs/v3.6/op-guide/maintenance/#space-quota>

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use http::Request;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use super::lead::{annotate_marker, annotation, read_marker};
use super::rest::{Rest, RestError};
use super::translate::Scope;
use crate::labels;

/// How often the store is asked, which tells nobody of its alarms by itself: a request of a millisecond within the pod.
const PERIOD: Duration = Duration::from_secs(15);

/// An answer may take as long as a store takes to write itself anew: about a second for 100 MiB.
const DEADLINE: Duration = Duration::from_mins(5);

/// Answers are some hundred bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// With more than this part of the quota in use, in percent, the store would be full again at once.
const FULL_PERCENT: u64 = 90;

/// What etcd says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Status {
    /// The member that was asked; a number, which JSON has as text.
    member: String,
    revision: u64,
    /// Whether it refuses writes for want of room.
    is_full: bool,
    used_bytes: u64,
    quota_bytes: u64,
}

impl Status {
    /// None if it is not what etcd from 3.6 on says.
    fn parse(answer: &Value) -> Option<Self> {
        let number = |value: &Value| value.as_str()?.parse().ok();
        let header = answer.get("header")?;
        let errors = answer.get("errors").and_then(Value::as_array);
        let mut errors = errors.into_iter().flatten().filter_map(Value::as_str);
        Some(Self {
            member: header.get("member_id")?.as_str()?.to_owned(),
            revision: number(header.get("revision")?)?,
            is_full: errors.any(|error| error.contains("alarm:NOSPACE")),
            used_bytes: number(answer.get("dbSizeInUse")?)?,
            quota_bytes: number(answer.get("dbSizeQuota")?)?,
        })
    }

    fn has_room(&self) -> bool {
        self.used_bytes.saturating_mul(100) <= self.quota_bytes.saturating_mul(FULL_PERCENT)
    }
}

/// Whether the store is full and somebody has to delete something; none as long as it has not said.
pub(crate) type Fullness = Option<bool>;

/// Looks after a store, by its socket file, for good, and tells whether it is full.
pub(crate) async fn keep(socket: &Path, fullness: &watch::Sender<Fullness>) {
    let mut store = Store::new(socket);
    loop {
        sleep(PERIOD).await;
        match store.look().await {
            Ok(is_full) => {
                let is_new = |told: &mut Fullness| told.replace(is_full) != Some(is_full);
                fullness.send_if_modified(is_new);
            }
            Err(error) => debug!("cannot look after the store: {error:#}"),
        }
    }
}

/// Notes in the marker since when the store is full, for whoever looks from outside, for good.
pub(crate) async fn note(host: &Rest, scope: &Scope, mut fullness: watch::Receiver<Fullness>) {
    loop {
        let told = *fullness.borrow_and_update();
        let noted = match told {
            Some(is_full) => write_note(host, scope, is_full).await,
            None => Ok(()),
        };
        if let Err(error) = noted {
            warn!("cannot note in the marker whether the store is full: {error}");
            sleep(PERIOD).await;
        } else if fullness.changed().await.is_err() {
            // Nobody looks after the store any more, and that ends the process.
            return std::future::pending().await;
        }
    }
}

/// Brings the note in step.
///
/// # Errors
/// What the host says; a conflict when somebody else has just written.
async fn write_note(host: &Rest, scope: &Scope, is_full: bool) -> Result<(), RestError> {
    let Some(marker) = read_marker(host, scope).await? else {
        return Ok(());
    };
    let noted = annotation(&marker, labels::STORE_FULL_SINCE);
    match noted_anew(noted, is_full, Timestamp::now()) {
        Some(note) => {
            let update = json!({labels::STORE_FULL_SINCE: note});
            annotate_marker(host, scope, &marker, &update).await
        }
        None => Ok(()),
    }
}

/// What the note has to be; none when it is so. What an earlier syncer has noted goes on to be true.
fn noted_anew(noted: Option<&str>, is_full: bool, now: Timestamp) -> Option<Value> {
    match (noted, is_full) {
        (None, true) => Some(now.to_string().into()),
        (Some(_), false) => Some(Value::Null),
        _ => None,
    }
}

struct Store {
    socket: PathBuf,
    /// Whether it has been said that it is full and that somebody has to delete something.
    is_told: bool,
    /// What has been compacted already.
    compacted: u64,
}

impl Store {
    fn new(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
            is_told: false,
            compacted: 0,
        }
    }

    /// Makes room if there is an alarm and it can; answers whether the store still is full.
    async fn look(&mut self) -> anyhow::Result<bool> {
        let status = self.status().await?;
        if !status.is_full {
            self.is_told = false;
            return Ok(false);
        }
        // What was deleted stays until then as history, of which the API server keeps five minutes.
        if status.revision > self.compacted {
            let compact = json!({"revision": status.revision, "physical": true});
            if let Err(error) = self.ask("/v3/kv/compaction", &compact).await {
                debug!("the store's history is not dropped: {error:#}");
            }
            self.compacted = status.revision;
        }
        let status = self.status().await?;
        if !status.has_room() {
            self.tell(&status);
            return Ok(true);
        }
        // Only a file that is written anew becomes smaller, and the file's size is what counts.
        self.ask("/v3/maintenance/defragment", &json!({})).await?;
        let end = json!({"action": "DEACTIVATE", "alarm": "NOSPACE", "memberID": status.member});
        self.ask("/v3/maintenance/alarm", &end).await?;
        info!(
            used_bytes = status.used_bytes,
            quota_bytes = status.quota_bytes,
            "the store has room again: writes are taken"
        );
        Ok(false)
    }

    /// Once, as long as it lasts.
    fn tell(&mut self, status: &Status) {
        if !self.is_told {
            warn!(
                used_bytes = status.used_bytes,
                quota_bytes = status.quota_bytes,
                "the store is full: writes are refused until something is deleted"
            );
            self.is_told = true;
        }
    }

    async fn status(&self) -> anyhow::Result<Status> {
        let answer = self.ask("/v3/maintenance/status", &json!({})).await?;
        Status::parse(&answer).context("the store's status cannot be read")
    }

    async fn ask(&self, path: &str, question: &Value) -> anyhow::Result<Value> {
        timeout(DEADLINE, post(&self.socket, path, question))
            .await
            .with_context(|| format!("no answer to {path}"))?
    }
}

/// One request of etcd's JSON gateway, on a connection of its own.
async fn post(socket: &Path, path: &str, question: &Value) -> anyhow::Result<Value> {
    let stream = UnixStream::connect(socket)
        .await
        .with_context(|| format!("cannot connect to `{}`", socket.display()))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(path)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(question.to_string())))?;
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_ANSWER)
            .collect()
            .await
            .map_err(|error| anyhow::anyhow!("{path}: {error}"))?
            .to_bytes();
        if !status.is_success() {
            bail!("{path}: {status}, {}", String::from_utf8_lossy(&body));
        }
        Ok(serde_json::from_slice(&body)?)
    };
    let (answer, ended) = tokio::join!(answer, connection);
    if let Err(error) = ended {
        debug!("the connection to the store: {error}");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(errors: &Value, used: &str) -> Value {
        json!({
            "header": {"cluster_id": "1", "member_id": "11631565608897254104", "revision": "39", "raft_term": "2"},
            "version": "3.6.5", "dbSize": "19632128", "dbSizeInUse": used, "dbSizeQuota": "20000000",
            "errors": errors,
        })
    }

    #[test]
    fn a_full_store_is_known_by_its_alarm_and_has_room_when_a_tenth_is_free() {
        let full = json!(["memberID:11631565608897254104 alarm:NOSPACE "]);
        let status = Status::parse(&answer(&full, "18000000")).unwrap();
        assert_eq!(
            status,
            Status {
                member: "11631565608897254104".to_owned(),
                revision: 39,
                is_full: true,
                used_bytes: 18_000_000,
                quota_bytes: 20_000_000,
            }
        );
        assert!(status.has_room());
        let status = Status::parse(&answer(&full, "18000001")).unwrap();
        assert!(!status.has_room());
    }

    #[test]
    fn since_when_a_store_is_full_is_noted_once_and_taken_back() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let noted = |noted, is_full| noted_anew(noted, is_full, now);
        assert_eq!(noted(None, true), Some(json!("2026-01-01T00:00:00Z")));
        assert_eq!(noted(Some("2025-12-31T00:00:00Z"), true), None);
        assert_eq!(
            noted(Some("2025-12-31T00:00:00Z"), false),
            Some(json!(null))
        );
        assert_eq!(noted(None, false), None);
    }

    #[test]
    fn other_alarms_and_none_are_not_for_us() {
        for errors in [json!(null), json!([]), json!(["memberID:1 alarm:CORRUPT "])] {
            assert!(!Status::parse(&answer(&errors, "1")).unwrap().is_full);
        }
        assert_eq!(Status::parse(&json!({"code": 12})), None);
    }
}
