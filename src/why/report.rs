//! What is said of an object.

use serde::Serialize;
use serde_json::Value;

use super::fields::{name, namespace, number, text};

/// Everything. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The virtual cluster.
    pub cluster: String,
    /// Its host namespace.
    pub host_namespace: String,
    /// What was asked about.
    pub object: Named,
    /// Whether there is nothing to explain.
    pub healthy: bool,
    /// From the object to the host's node.
    pub chain: Vec<Link>,
    /// Why it is as it is.
    pub cause: Cause,
    /// What shows that, the oldest first.
    pub evidence: Vec<Evidence>,
    /// Commands to try, the best first.
    pub next: Vec<String>,
    /// What was not to be seen, with the reason.
    pub unknown: Vec<String>,
}

/// A virtual object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// `Pod`
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Named {
    pub(super) fn of(object: &Value) -> Self {
        Self {
            kind: text(object, "/kind").to_owned(),
            namespace: namespace(object).to_owned(),
            name: name(object).to_owned(),
        }
    }
}

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// In the virtual cluster.
    Virtual,
    /// On the host.
    Host,
}

/// One step from the object to the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// On which side.
    pub side: Side,
    /// `Pod`
    pub kind: String,
    /// Its namespace on that side; none if it has none.
    pub namespace: Option<String>,
    /// Its name on that side.
    pub name: String,
    /// `Pending: ImagePullBackOff`
    pub state: String,
}

/// Why an object is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// For programs.
    pub reason: Reason,
    /// For people.
    pub message: String,
}

macro_rules! reasons {
    ($($name:ident: $meaning:literal,)*) => {
        /// The causes that are told apart. Names are only ever added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub enum Reason {
            $(#[doc = $meaning] $name,)*
        }
    };
}

reasons! {
    Healthy: "Nothing is wrong.",
    Unknown: "Nothing that was seen says why.",
    BadImage: "An image cannot be had.",
    QuotaExceeded: "A ResourceQuota has no room for it.",
    OutOfLimits: "A LimitRange does not allow it.",
    WebhookDenied: "An admission webhook or policy refuses it.",
    WebhookUnreachable: "An admission webhook does not answer.",
    PodSecurity: "A Pod Security profile forbids it.",
    MissingRight: "Whoever is to make it lacks a right.",
    HostRefused: "The host refuses it for another reason.",
    Unsupported: "It wants what a virtual cluster cannot have.",
    MissingSecret: "A Secret does not exist.",
    MissingConfigMap: "A ConfigMap does not exist.",
    MissingClaim: "A PersistentVolumeClaim does not exist.",
    MissingKey: "A Secret or ConfigMap lacks a key.",
    MissingService: "A Service does not exist.",
    MissingServiceAccount: "A ServiceAccount does not exist.",
    NoStorageClass: "The StorageClass does not exist, or none was named and there is no default.",
    ProvisioningFailed: "No volume could be made.",
    NoProvisioner: "Nobody has made the volume yet.",
    VolumeNotMounted: "A volume cannot be mounted.",
    WaitsForPod: "A claim is bound when a pod uses it.",
    NoNodeMatches: "No node is as the pod wants it.",
    NoRoom: "No node has room for it.",
    NodeTainted: "All nodes that would do are tainted.",
    Unschedulable: "The scheduler finds no node for another reason.",
    SchedulingGated: "The pod waits for its scheduling gates.",
    OtherScheduler: "The pod waits for a scheduler of its own.",
    CrashLoop: "A container ends again and again.",
    OutOfMemory: "A container took more memory than it may.",
    ContainerFailed: "A container ended with an error.",
    CannotStart: "A container cannot be started.",
    NotReady: "A container runs and is not ready.",
    Evicted: "The pod was evicted or deleted by its node.",
    DeadlineExceeded: "It took longer than it may.",
    NodeNotReady: "The pod's node is not ready.",
    Terminating: "It is being deleted.",
    Starting: "It is on its way.",
    ScaledToZero: "No pods are wanted.",
    NoPods: "No pod is there that would be needed.",
    NoAddress: "The host has not given it an address.",
    SyncerNotWorking: "The syncer does not work.",
}

/// Something that shows the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it is about: `pod/web`.
    pub about: String,
    /// `Failed`, `Log`
    pub reason: String,
    /// When it happened last; none if that is not known.
    pub time: Option<String>,
    /// How often.
    pub count: i64,
    /// In the words of whoever said it.
    pub message: String,
}

impl Evidence {
    /// What an event says.
    pub(super) fn of_event(event: &Value) -> Self {
        let about = |field: &str| text(event, &format!("/involvedObject/{field}"));
        let message = text(event, "/message").split_whitespace();
        Self {
            about: format!("{}/{}", about("kind").to_lowercase(), about("name")),
            reason: text(event, "/reason").to_owned(),
            time: happened(event),
            count: number(event, "/count").unwrap_or(1),
            message: message.collect::<Vec<_>>().join(" "),
        }
    }

    /// What an object itself says.
    pub(super) fn of(object: &Value, reason: &str, message: impl Into<String>) -> Self {
        Self {
            about: format!("{}/{}", text(object, "/kind").to_lowercase(), name(object)),
            reason: reason.to_owned(),
            time: None,
            count: 1,
            message: message.into(),
        }
    }
}

/// When an event happened last; none if it does not say.
pub fn happened(event: &Value) -> Option<String> {
    let times = [
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/eventTime",
        "/metadata/creationTimestamp",
    ];
    let mut times = times.into_iter().map(|time| text(event, time));
    times.find(|time| !time.is_empty()).map(str::to_owned)
}

/// What a rule has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) reason: Reason,
    pub(super) message: String,
    pub(super) is_fine: bool,
    pub(super) evidence: Vec<Evidence>,
    pub(super) next: Vec<String>,
}

impl Finding {
    /// A cause.
    pub(super) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            is_fine: false,
            evidence: Vec::new(),
            next: Vec::new(),
        }
    }

    /// That there is none.
    pub(super) fn fine(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            is_fine: true,
            ..Self::new(reason, message)
        }
    }

    /// Adds what shows it.
    pub(super) fn shown_by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Adds a command.
    pub(super) fn then(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    /// What it means for something that depends on it.
    pub(super) fn for_the_sake_of(mut self, whose: &str) -> Self {
        self.message = format!("{whose}: {}", self.message);
        self
    }
}
