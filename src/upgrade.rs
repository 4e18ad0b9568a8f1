//! Whether a virtual cluster may get another Kubernetes release, and what is noted of it on the way.
//!
//! In: the release that it has and the one that is wanted; the note in its marker; what etcd's tools say. Out: what
//! is to be done, or why not. Never: talks to a cluster, reads a clock.
//!
//! The rules are those of <https://kubernetes.io/releases/version-skew-policy/>: an API server is upgraded by one
//! minor release at a time, also where there is only one of it, because a release reads what the one before has
//! stored, and no promise goes further. A release back there is no such promise at all. Within a minor release
//! nothing about what is stored changes, so any patch release may follow any other.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::names::KubernetesVersion;

/// What the marker notes of an upgrade, from its snapshot on; the way back goes by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// The release before.
    pub from: KubernetesVersion,
    /// The release after.
    pub to: KubernetesVersion,
    /// When the snapshot was taken (RFC 3339).
    pub saved_at: String,
    /// The snapshot of the store as it was before.
    pub snapshot: Snapshot,
    /// How far it is.
    pub state: State,
}

/// How far an upgrade is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is", content = "store")]
pub enum State {
    /// The store is saved; the control plane has not been seen ready with the new release.
    UnderWay,
    /// The control plane was ready with the new release.
    Done,
    /// It is being taken back: the store was restored under this name, and is to take the place of the present one.
    GoingBack(String),
}

/// What `etcdutl snapshot status` says of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Of all keys and values: by it, a snapshot is known again.
    pub hash: u64,
    /// The store's revision.
    pub revision: u64,
    /// How many keys it has, counting each of their revisions.
    pub total_key: u64,
    /// Its size in bytes.
    pub total_size: u64,
}

impl Snapshot {
    /// Reads what the tool prints with `-w json`; none if it is something else, or if nothing is in the snapshot.
    pub fn parse(text: &str) -> Option<Self> {
        let snapshot: Self = serde_json::from_str(text).ok()?;
        (snapshot.total_key > 0 && snapshot.total_size > 0).then_some(snapshot)
    }
}

/// Size of a store's file in bytes, from what `etcdctl endpoint status -w json` prints.
pub fn store_bytes(text: &str) -> Option<u64> {
    let status: Value = serde_json::from_str(text).ok()?;
    status.pointer("/0/Status/dbSize")?.as_u64()
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// It has that release.
    Nothing,
    /// The store is to be saved first.
    Begin,
    /// The store is saved, by an earlier run.
    GoOn(Upgrade),
}

/// Why a cluster does not get a release.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// More than one minor release further.
    #[error(
        "an API server is upgraded by one minor release at a time: from {from} first to {step}.x"
    )]
    Skips {
        /// The release that it has.
        from: KubernetesVersion,
        /// The next one: `v1.33`.
        step: String,
    },
    /// An older minor release.
    #[error(
        "{to} cannot be relied on to read what {from} has stored: an older minor release is not gone back to"
    )]
    Older {
        /// The release that it has.
        from: KubernetesVersion,
        /// The release that is wanted.
        to: KubernetesVersion,
    },
    /// An upgrade to another release has not come to its end.
    #[error("an upgrade from {from} to {to} was begun, and has not come to its end")]
    OtherUnderWay {
        /// The release before that.
        from: KubernetesVersion,
        /// The release after that.
        to: KubernetesVersion,
    },
    /// It is being taken back.
    #[error("its upgrade to {to} is being taken back, and that has not come to its end")]
    GoingBack {
        /// The release after that upgrade.
        to: KubernetesVersion,
    },
}

/// What it takes to bring a cluster that has this release to that one.
///
/// # Errors
/// That it is against the rules, or that something else has been begun.
pub fn plan(
    from: KubernetesVersion,
    to: KubernetesVersion,
    noted: Option<&Upgrade>,
) -> Result<Plan, Refusal> {
    match noted.map(|noted| (noted, &noted.state)) {
        Some((noted, State::GoingBack(_))) => return Err(Refusal::GoingBack { to: noted.to }),
        Some((noted, State::UnderWay)) if noted.to == to => return Ok(Plan::GoOn(noted.clone())),
        Some((noted, State::UnderWay)) => {
            return Err(Refusal::OtherUnderWay {
                from: noted.from,
                to: noted.to,
            });
        }
        Some((_, State::Done)) | None => {}
    }
    if from == to {
        return Ok(Plan::Nothing);
    }
    let minor = |version: KubernetesVersion| (version.major, version.minor);
    let next = (from.major, from.minor.saturating_add(1));
    if minor(to) < minor(from) {
        return Err(Refusal::Older { from, to });
    }
    if minor(to) > next {
        let step = format!("v{}.{}", next.0, next.1);
        return Err(Refusal::Skips { from, step });
    }
    Ok(Plan::Begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> KubernetesVersion {
        text.parse().unwrap()
    }

    fn noted(state: State) -> Upgrade {
        Upgrade {
            from: version("v1.34.1"),
            to: version("v1.35.4"),
            saved_at: "2026-01-01T00:00:00Z".to_owned(),
            snapshot: Snapshot {
                hash: 7,
                revision: 9,
                total_key: 3,
                total_size: 4096,
            },
            state,
        }
    }

    #[test]
    fn one_minor_release_up_and_any_patch_release_is_allowed() {
        for (from, to) in [
            ("v1.34.1", "v1.35.0"),
            ("v1.34.9", "v1.35.4"),
            ("v1.34.1", "v1.34.2"),
            ("v1.34.1", "v1.34.12"),
            ("v1.34.2", "v1.34.1"),
            ("v1.9.0", "v1.10.0"),
        ] {
            let plan = plan(version(from), version(to), None);
            assert_eq!(plan, Ok(Plan::Begin), "{from} to {to}");
        }
        let same = plan(version("v1.34.1"), version("1.34.1"), None);
        assert_eq!(same, Ok(Plan::Nothing));
    }

    #[test]
    fn a_skipped_minor_release_is_named() {
        for (from, to, step) in [
            ("v1.32.13", "v1.35.4", "v1.33"),
            ("v1.32.13", "v1.34.0", "v1.33"),
            ("v1.99.0", "v2.0.0", "v1.100"),
        ] {
            let refusal = plan(version(from), version(to), None).unwrap_err();
            let from = version(from);
            let step = step.to_owned();
            assert_eq!(refusal, Refusal::Skips { from, step }, "{from} to {to}");
        }
        let refusal = plan(version("v1.32.13"), version("v1.35.4"), None).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "an API server is upgraded by one minor release at a time: from v1.32.13 first to v1.33.x"
        );
    }

    #[test]
    fn an_older_minor_release_is_refused() {
        for (from, to) in [
            ("v1.35.4", "v1.34.9"),
            ("v1.35.4", "v1.9.0"),
            ("v2.0.0", "v1.40.0"),
        ] {
            let (from, to) = (version(from), version(to));
            let refusal = plan(from, to, None).unwrap_err();
            assert_eq!(refusal, Refusal::Older { from, to });
        }
    }

    #[test]
    fn what_was_begun_comes_first() {
        let (before, after) = (version("v1.34.1"), version("v1.35.4"));
        let under_way = noted(State::UnderWay);
        for is in [before, after] {
            assert_eq!(
                plan(is, after, Some(&under_way)),
                Ok(Plan::GoOn(under_way.clone()))
            );
            assert_eq!(
                plan(is, before, Some(&under_way)),
                Err(Refusal::OtherUnderWay {
                    from: before,
                    to: after
                })
            );
        }
        let back = noted(State::GoingBack("1".to_owned()));
        assert_eq!(
            plan(before, after, Some(&back)),
            Err(Refusal::GoingBack { to: after })
        );
        let done = noted(State::Done);
        assert_eq!(plan(after, after, Some(&done)), Ok(Plan::Nothing));
        assert_eq!(
            plan(after, version("v1.36.0"), Some(&done)),
            Ok(Plan::Begin)
        );
    }

    #[test]
    fn a_note_is_read_back_as_it_was_written() {
        for state in [
            State::UnderWay,
            State::Done,
            State::GoingBack("1767225600".to_owned()),
        ] {
            let noted = noted(state);
            let text = serde_json::to_string(&noted).unwrap();
            assert_eq!(serde_json::from_str::<Upgrade>(&text).unwrap(), noted);
        }
    }

    #[test]
    fn what_etcds_tools_say_is_read_and_an_empty_snapshot_is_none() {
        let text = r#"{"hash":2474521043,"revision":412,"totalKey":523,"totalSize":2301952,"version":"3.6.0"}"#;
        assert_eq!(
            Snapshot::parse(text),
            Some(Snapshot {
                hash: 2_474_521_043,
                revision: 412,
                total_key: 523,
                total_size: 2_301_952,
            })
        );
        let empty = r#"{"hash":1,"revision":0,"totalKey":0,"totalSize":20480,"version":""}"#;
        assert_eq!(Snapshot::parse(empty), None);
        assert_eq!(Snapshot::parse("Error: no such file"), None);
        let status = r#"[{"Endpoint":"unix:///run/etcd/etcd.sock","Status":{"header":{"revision":5},"dbSize":20480}}]"#;
        assert_eq!(store_bytes(status), Some(20480));
        assert_eq!(store_bytes("[]"), None);
    }
}
