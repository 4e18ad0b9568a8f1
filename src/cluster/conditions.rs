//! The conditions of a virtual cluster, as far as the host tells them: what `vc get -o json` and `vc describe` show,
//! and what `vc wait --for=condition=…` waits for.
//!
//! In: a [`Cluster`], the time. Out: every condition, each with its status and why. Never: one that is not known to
//! everybody who may see the cluster at all, so none about what stands in Secrets.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;

use super::{Cluster, Status};

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConditionType {
    /// The control plane is ready: STATUS is `Running`.
    Ready,
    /// Its etcd is.
    StoreReady,
    /// Its API server is.
    APIServerReady,
    /// Its controller manager is.
    ControllerManagerReady,
    /// Its syncer is.
    SyncerReady,
    /// It is scaled to nothing.
    Paused,
    /// The time for which it was made is over.
    Expired,
    /// It cannot become ready without somebody's doing.
    Failed,
}

impl ConditionType {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::StoreReady,
        Self::APIServerReady,
        Self::ControllerManagerReady,
        Self::SyncerReady,
        Self::Paused,
        Self::Expired,
        Self::Failed,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::StoreReady => "StoreReady",
            Self::APIServerReady => "APIServerReady",
            Self::ControllerManagerReady => "ControllerManagerReady",
            Self::SyncerReady => "SyncerReady",
            Self::Paused => "Paused",
            Self::Expired => "Expired",
            Self::Failed => "Failed",
        }
    }

    /// Whether it says that something is ready.
    pub const fn is_readiness(self) -> bool {
        !matches!(self, Self::Paused | Self::Expired | Self::Failed)
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for ConditionType {
    type Err = String;

    /// In whatever case, as kubectl takes it.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|known| known.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is no condition of a virtual cluster; there are {names}")
        })
    }
}

/// Whether a condition is met. What the host does not tell is not met, so there is no third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConditionStatus {
    /// It is.
    True,
    /// It is not.
    False,
}

impl From<bool> for ConditionStatus {
    fn from(is_met: bool) -> Self {
        if is_met { Self::True } else { Self::False }
    }
}

impl fmt::Display for ConditionStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// A condition, in Kubernetes' words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// What it is about.
    #[serde(rename = "type")]
    pub type_: ConditionType,
    /// Whether it is met.
    pub status: ConditionStatus,
    /// Why, in one word.
    pub reason: &'static str,
    /// Why, in words, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What `vc wait` is told to wait for: `SyncerReady`, `paused=false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Which condition.
    pub type_: ConditionType,
    /// What it is to be.
    pub status: ConditionStatus,
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.type_, self.status)
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, status) = match text.split_once('=') {
            Some((name, status)) => (name, status),
            // As with kubectl.
            None => (text, "true"),
        };
        let status = match status {
            status if status.eq_ignore_ascii_case("true") => ConditionStatus::True,
            status if status.eq_ignore_ascii_case("false") => ConditionStatus::False,
            other => return Err(format!("`{other}` is neither `true` nor `false`")),
        };
        Ok(Self {
            type_: name.parse()?,
            status,
        })
    }
}

impl Cluster {
    /// Every condition, in the order of [`ConditionType::ALL`].
    pub fn conditions(&self, now: Timestamp) -> Vec<Condition> {
        let all = ConditionType::ALL.into_iter();
        all.map(|type_| self.condition(type_, now)).collect()
    }

    /// One of them.
    pub fn condition(&self, type_: ConditionType, now: Timestamp) -> Condition {
        let because = |is_met: bool, reason: &'static str, message: Option<String>| Condition {
            type_,
            status: is_met.into(),
            reason,
            message,
        };
        let container = |name: &str| {
            let message = || Some(format!("container `{name}` is not ready"));
            match (self.containers.get(name), self.status) {
                (_, Status::Paused) => because(false, Status::Paused.name(), None),
                (Some(true), _) => because(true, "ContainerReady", None),
                (Some(false), _) => because(false, "ContainerNotReady", message()),
                (None, _) => because(false, "NotStarted", message()),
            }
        };
        match type_ {
            ConditionType::Ready => {
                let is_ready = self.status == Status::Running;
                because(is_ready, self.status.name(), self.reason.clone())
            }
            ConditionType::StoreReady => container("etcd"),
            ConditionType::APIServerReady => container("kube-apiserver"),
            ConditionType::ControllerManagerReady => container("kube-controller-manager"),
            ConditionType::SyncerReady => container("syncer"),
            ConditionType::Paused => {
                let is_paused = self.status == Status::Paused;
                because(is_paused, self.status.name(), None)
            }
            ConditionType::Expired => match self.expires {
                None => because(false, "NoTimeToLive", None),
                Some(end) if now < end => because(false, "TimeLeft", Some(format!("until {end}"))),
                Some(end) => because(true, "TimeOver", Some(format!("since {end}"))),
            },
            ConditionType::Failed => {
                let is_failed = self.status == Status::Failed;
                let message = self.reason.clone().filter(|_| is_failed);
                because(is_failed, self.status.name(), message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(status: Status, containers: &[(&str, bool)]) -> Cluster {
        Cluster {
            expires: Some("2026-01-01T00:01:00Z".parse().unwrap()),
            reason: Some("why".to_owned()),
            store_full_since: None,
            containers: containers
                .iter()
                .map(|(name, is_ready)| ((*name).to_owned(), *is_ready))
                .collect(),
            ..Cluster::example(status)
        }
    }

    /// `Ready=False Degraded`.
    fn told(cluster: &Cluster, now: &str) -> Vec<String> {
        let all = cluster.conditions(now.parse().unwrap());
        all.into_iter()
            .map(|it| format!("{}={} {}", it.type_, it.status, it.reason))
            .collect()
    }

    #[test]
    fn conditions_say_what_is_ready() {
        let containers = [("etcd", true), ("kube-apiserver", true), ("syncer", false)];
        let cluster = cluster(Status::Degraded, &containers);
        assert_eq!(
            told(&cluster, "2026-01-01T00:00:00Z"),
            [
                "Ready=False Degraded",
                "StoreReady=True ContainerReady",
                "APIServerReady=True ContainerReady",
                "ControllerManagerReady=False NotStarted",
                "SyncerReady=False ContainerNotReady",
                "Paused=False Degraded",
                "Expired=False TimeLeft",
                "Failed=False Degraded",
            ]
        );
        let ready = cluster.condition(ConditionType::Ready, Timestamp::UNIX_EPOCH);
        assert_eq!(ready.message.as_deref(), Some("why"));
    }

    #[test]
    fn a_paused_cluster_has_nothing_that_is_ready() {
        // The pod is still ending.
        let paused = cluster(Status::Paused, &[("etcd", true)]);
        assert_eq!(
            told(&paused, "2026-01-01T00:01:00Z"),
            [
                "Ready=False Paused",
                "StoreReady=False Paused",
                "APIServerReady=False Paused",
                "ControllerManagerReady=False Paused",
                "SyncerReady=False Paused",
                "Paused=True Paused",
                "Expired=True TimeOver",
                "Failed=False Paused",
            ]
        );
    }

    #[test]
    fn what_is_waited_for_is_read_as_kubectl_reads_it() {
        let read = |text: &str| text.parse::<Wanted>().map(|wanted| wanted.to_string());
        assert_eq!(read("Ready"), Ok("Ready=True".to_owned()));
        assert_eq!(
            read("syncerready=FALSE"),
            Ok("SyncerReady=False".to_owned())
        );
        assert_eq!(
            read("apiserverready=true"),
            Ok("APIServerReady=True".to_owned())
        );
        for (wrong, told) in [
            ("", "StoreReady, APIServerReady"),
            ("Bound", "`Bound` is no condition"),
            ("Ready=unknown", "neither `true` nor `false`"),
            ("Ready=", "neither"),
        ] {
            let refused = read(wrong).unwrap_err();
            assert!(refused.contains(told), "{wrong}: {refused}");
        }
    }
}
