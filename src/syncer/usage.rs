//! Whether somebody uses the virtual cluster: what its API server's audit log says.
//!
//! In: the log, of which the API server's policy keeps out whatever is part of the cluster itself. Out: whether a request
//! has come since the last look, or is still open. Never: who asked for what.
//!
//! A line is an event of a request; one that stays open (a watch, a followed log, exec, a port-forward) has a line when
//! its answer begins and one when it ends, any other only the latter.
//! <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// How long a request that stays open counts as use. Nobody looks at what has been open for a day; and the end of one that
/// was open when the API server was killed is in no log.
const LONGEST_OPEN: SignedDuration = SignedDuration::from_hours(24);

/// A log that is followed, over its replacement by another file.
pub(crate) struct Usage {
    path: PathBuf,
    file: Option<File>,
    /// The beginning of a line whose end is not written yet.
    begun: Vec<u8>,
    requests: Requests,
}

impl Usage {
    /// From the log's beginning.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            begun: Vec::new(),
            requests: Requests::default(),
        }
    }

    /// Whether the cluster was used since the last look, or is being used now.
    ///
    /// # Errors
    /// When the log cannot be read, or does not exist; the API server makes it when it starts.
    pub(crate) fn look(&mut self, now: Timestamp) -> io::Result<bool> {
        let mut is_used = false;
        loop {
            let mut file = match self.file.take() {
                Some(file) => file,
                None => File::open(&self.path)?,
            };
            is_used |= self.read(&mut file)?;
            // Between two files there is none of this name for a moment.
            let is_replaced = fs::metadata(&self.path).is_ok_and(|current| {
                file.metadata()
                    .is_ok_and(|ours| ours.ino() != current.ino())
            });
            if !is_replaced {
                self.file = Some(file);
                return Ok(is_used | self.requests.is_any_open(now));
            }
            // What was written to it before it was replaced.
            is_used |= self.read(&mut file)?;
            self.begun.clear();
        }
    }

    /// Takes in what is new in a file; whether there was anything.
    fn read(&mut self, file: &mut File) -> io::Result<bool> {
        let count = file.read_to_end(&mut self.begun)?;
        let end = self.begun.iter().rposition(|&byte| byte == b'\n');
        let whole = end.map_or(0, |end| end + 1);
        let lines: Vec<u8> = self.begun.drain(..whole).collect();
        for line in lines.split(|&byte| byte == b'\n') {
            self.requests.take(line);
        }
        Ok(count > 0)
    }
}

/// Requests that are open, and since when.
#[derive(Debug, Default)]
struct Requests(HashMap<String, Timestamp>);

/// What of an event matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "auditID")]
    audit_id: String,
    stage: String,
    stage_timestamp: String,
}

impl Requests {
    /// Takes in a line; one that cannot be read tells of no request that is open.
    fn take(&mut self, line: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Event>(line) else {
            return;
        };
        match (&*event.stage, event.stage_timestamp.parse()) {
            ("ResponseStarted", Ok(since)) => {
                self.0.insert(event.audit_id, since);
            }
            _ => {
                self.0.remove(&event.audit_id);
            }
        }
    }

    fn is_any_open(&mut self, now: Timestamp) -> bool {
        self.0
            .retain(|_, since| now.duration_since(*since) < LONGEST_OPEN);
        !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event(id: &str, stage: &str) -> String {
        let event = serde_json::json!({
            "kind": "Event", "level": "Metadata", "auditID": id, "stage": stage, "verb": "watch",
            "stageTimestamp": "2026-01-01T00:00:00.000000Z",
        });
        format!("{event}\n")
    }

    fn log() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        (directory, path)
    }

    fn append(path: &Path, text: &str) {
        let file = File::options().append(true).create(true).open(path);
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_request_is_use_once_and_one_that_is_open_until_its_end() {
        let (_directory, path) = log();
        let mut usage = Usage::new(&path);
        let now = time("2026-01-01T00:10:00Z");
        assert!(usage.look(now).is_err());
        append(&path, "");
        assert!(!usage.look(now).unwrap());
        append(&path, &event("a", "ResponseComplete"));
        assert!(usage.look(now).unwrap());
        assert!(!usage.look(now).unwrap());

        let started = event("b", "ResponseStarted");
        let (one, other) = started.split_at(20);
        append(&path, one);
        assert!(usage.look(now).unwrap());
        append(&path, other);
        for _ in 0..3 {
            assert!(usage.look(now).unwrap());
        }
        append(&path, &event("b", "ResponseComplete"));
        assert!(usage.look(now).unwrap());
        assert!(!usage.look(now).unwrap());
    }

    #[test]
    fn what_is_open_for_a_day_is_no_use() {
        let mut requests = Requests::default();
        requests.take(event("a", "ResponseStarted").as_bytes());
        assert!(requests.is_any_open(time("2026-01-01T23:59:59Z")));
        assert!(!requests.is_any_open(time("2026-01-02T00:00:00Z")));
        requests.take(b"no event");
        assert!(!requests.is_any_open(time("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn nothing_is_missed_when_another_file_is_begun() {
        let (directory, path) = log();
        append(&path, &event("a", "ResponseStarted"));
        let mut usage = Usage::new(&path);
        let now = time("2026-01-01T00:10:00Z");
        assert!(usage.look(now).unwrap());
        let old = directory.path().join("audit-old.log");
        fs::rename(&path, &old).unwrap();
        assert!(usage.look(now).unwrap());
        append(&old, &event("a", "ResponseComplete"));
        append(&path, &event("b", "ResponseStarted"));
        assert!(usage.look(now).unwrap());
        append(&path, &event("b", "Panic"));
        assert!(usage.look(now).unwrap());
        assert!(!usage.look(now).unwrap());
    }
}
