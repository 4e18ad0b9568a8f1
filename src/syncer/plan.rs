//! What is to be done about one virtual pod and its host pod.
//!
//! In: what is known of the two. Out: steps, in order, as values. Never: asks, writes, translates.
//!
//! # Guarantees
//! What is not known is not acted on. Nothing is deleted on one side because it is missing on the
//! other before a live read has confirmed that, and then only the object with the UID that was seen.
//! The plan depends on nothing but what both sides show, so a syncer that was killed at any point and
//! started again goes on with the same steps.

/// What is known of one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<T> {
    /// The cache is not complete yet.
    Unknown,
    /// The cache is complete and has none; it may lag behind.
    Unseen,
    /// A live read, or the watch itself, has shown that there is none.
    Absent,
    /// This is how it was last.
    Present(T),
}

/// What counts of a virtual pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct VirtualPod {
    pub(crate) uid: String,
    /// Seconds of grace, if it is being deleted.
    pub(crate) deletion_grace: Option<i64>,
    pub(crate) node: Option<String>,
    /// Whether a kubelet has ever taken it up, as its status says: then it must not start twice.
    pub(crate) was_started: bool,
    /// Succeeded or Failed: it never runs again.
    pub(crate) has_ended: bool,
    /// It only shows what a kubelet runs by itself, or waits for a scheduler of its own.
    pub(crate) is_not_ours_to_run: bool,
}

/// What counts of a host pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HostPod {
    pub(crate) uid: String,
    /// UID of the virtual pod that it was made for.
    pub(crate) virtual_uid: String,
    /// Seconds of grace, if it is being deleted.
    pub(crate) deletion_grace: Option<i64>,
    pub(crate) node: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Read the virtual pod live, and plan again.
    ConfirmVirtual,
    /// Read the host pod live, and plan again.
    ConfirmHost,
    /// Make the host pod, and what it needs.
    CreateHost,
    /// Delete the host pod, with this grace or its own.
    DeleteHost { uid: String, grace: Option<i64> },
    /// Delete the virtual pod as a user would, with this grace or its own: its host pod is going.
    DeleteVirtual { uid: String, grace: Option<i64> },
    /// The virtual pod's end: nothing of it runs any more.
    FinishVirtual { uid: String },
    /// Tell the virtual pod its node.
    Bind { node: String },
    /// Bring labels, annotations and the changeable spec of the host pod in step.
    Adjust,
    /// See that the host pod's tokens are there and fresh.
    KeepTokens,
    /// Bring the virtual pod's status in step.
    Report,
    /// Remove what is left of a pod that is on neither side.
    CleanUp,
}

impl Step {
    /// Whether it writes only where two sides differ, so that it need not be taken again before something has
    /// changed.
    pub(crate) fn compares(&self) -> bool {
        matches!(self, Self::Adjust | Self::KeepTokens | Self::Report)
    }
}

/// Plans.
pub(crate) fn plan(virtual_pod: &Known<VirtualPod>, host_pod: &Known<HostPod>) -> Vec<Step> {
    match (virtual_pod, host_pod) {
        (Known::Unknown, _) | (_, Known::Unknown) => Vec::new(),
        (Known::Unseen, Known::Present(_)) => vec![Step::ConfirmVirtual],
        (Known::Absent, Known::Present(host)) => delete_once(host, None),
        (Known::Unseen | Known::Absent, Known::Unseen | Known::Absent) => vec![Step::CleanUp],
        (Known::Present(pod), Known::Present(host)) if host.virtual_uid != pod.uid => {
            // An earlier pod of the name; the new one waits for its end.
            delete_once(host, None)
        }
        (Known::Present(pod), Known::Present(host)) => both(pod, host),
        (Known::Present(pod), Known::Unseen) => without_host(pod, false),
        (Known::Present(pod), Known::Absent) => without_host(pod, true),
    }
}

/// Deletes a host pod unless it is being deleted at least as soon.
fn delete_once(host: &HostPod, grace: Option<i64>) -> Vec<Step> {
    let is_going = match (host.deletion_grace, grace) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(going), Some(grace)) => going <= grace,
    };
    if is_going {
        return Vec::new();
    }
    let uid = host.uid.clone();
    vec![Step::DeleteHost { uid, grace }]
}

fn both(pod: &VirtualPod, host: &HostPod) -> Vec<Step> {
    let mut steps = Vec::new();
    match (pod.deletion_grace, host.deletion_grace) {
        (Some(grace), _) => steps.extend(delete_once(host, Some(grace))),
        (None, Some(grace)) => steps.push(Step::DeleteVirtual {
            uid: pod.uid.clone(),
            grace: Some(grace),
        }),
        (None, None) => {
            steps.push(Step::Adjust);
            if !pod.has_ended {
                steps.push(Step::KeepTokens);
            }
        }
    }
    if let (None, Some(node)) = (&pod.node, &host.node) {
        steps.push(Step::Bind { node: node.clone() });
    }
    steps.push(Step::Report);
    steps
}

fn without_host(pod: &VirtualPod, is_confirmed: bool) -> Vec<Step> {
    let uid = pod.uid.clone();
    match pod.deletion_grace {
        // It is held by finalizers alone.
        Some(0) => return Vec::new(),
        Some(_) if is_confirmed => return vec![Step::FinishVirtual { uid }],
        Some(_) => return vec![Step::ConfirmHost],
        None => {}
    }
    if pod.has_ended || pod.is_not_ours_to_run {
        return Vec::new();
    }
    match (pod.was_started, is_confirmed) {
        (false, _) => vec![Step::CreateHost],
        (true, false) => vec![Step::ConfirmHost],
        // It ran and is gone: whoever made it makes another, as when a node is lost.
        (true, true) => vec![Step::DeleteVirtual { uid, grace: None }],
    }
}

#[cfg(test)]
mod tests;
