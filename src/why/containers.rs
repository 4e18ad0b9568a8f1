//! Why a container of a pod does not run.

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::facts::Facts;
use super::fields::{items, name, number, text, uid};
use super::report::{Evidence, Finding, Reason};

/// A container that has ended with an error within this long, in seconds, is not taken for one that runs.
const LATELY_SECONDS: i64 = 600;

/// Longest text of a message that the cause repeats, in characters; the whole is in the evidence.
const MESSAGE_MAX: usize = 300;

/// What the kubelet says of one container.
struct Container<'a> {
    status: &'a Value,
    /// What comes before its name.
    word: &'static str,
}

impl<'a> Container<'a> {
    /// Those of a pod, in the order in which they are started.
    fn all(pod: &'a Value) -> impl Iterator<Item = Self> {
        let lists = [
            ("init container", "/status/initContainerStatuses"),
            ("container", "/status/containerStatuses"),
        ];
        lists.into_iter().flat_map(|(word, list)| {
            let statuses = items(pod, list).iter();
            statuses.map(move |status| Self { status, word })
        })
    }

    fn name(&self) -> &'a str {
        text(self.status, "/name")
    }

    fn called(&self) -> String {
        format!("{} `{}`", self.word, self.name())
    }

    /// How it ended with an error: now, or the last time.
    fn ended(&self) -> Option<&'a Value> {
        let ends = ["/state/terminated", "/lastState/terminated"];
        let mut ends = ends.into_iter().filter_map(|end| self.status.pointer(end));
        ends.find(|end| !end.is_null() && number(end, "/exitCode") != Some(0))
    }
}

/// A container that runs at the moment, and has just ended with an error.
pub(super) fn unstable(facts: &Facts, pod: &Value) -> Option<Finding> {
    Container::all(pod).find_map(|container| {
        container.status.pointer("/state/running")?;
        let end = container.status.pointer("/lastState/terminated")?;
        let finished: Timestamp = text(end, "/finishedAt").parse().ok()?;
        let is_late = facts.now - LATELY_SECONDS.seconds() <= finished;
        let failed = is_late && number(end, "/exitCode") != Some(0);
        failed.then(|| crash(facts, pod, &container, end))
    })
}

pub(super) fn find(facts: &Facts, pod: &Value) -> Option<Finding> {
    let waiting = Container::all(pod).find_map(|container| waits(facts, pod, &container));
    let ended = || {
        Container::all(pod).find_map(|container| {
            let end = container.status.pointer("/state/terminated")?;
            let failed = number(end, "/exitCode") != Some(0);
            failed.then(|| crash(facts, pod, &container, end))
        })
    };
    waiting.or_else(ended).or_else(|| unmounted(facts, pod))
}

/// By the kubelet's reasons for a container that waits (`pkg/kubelet/container/sync_result.go`,
/// `pkg/kubelet/images/types.go`, `pkg/kubelet/kuberuntime/kuberuntime_container.go`).
fn waits(facts: &Facts, pod: &Value, container: &Container<'_>) -> Option<Finding> {
    let waiting = container.status.pointer("/state/waiting")?;
    let (reason, message) = (text(waiting, "/reason"), text(waiting, "/message"));
    let called = container.called();
    let shown = Evidence::of(pod, reason, message);
    let finding = match reason {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError"
        | "RegistryUnavailable"
        | "SignatureValidationFailed" => image(facts, pod, container, message),
        "CreateContainerConfigError" => config(facts, pod, container, message),
        "CrashLoopBackOff" => match container.ended() {
            Some(end) => return Some(crash(facts, pod, container, end)),
            None => Finding::new(
                Reason::CrashLoop,
                format!(
                    "{called} ends again and again, and with no error: it has nothing to stay for"
                ),
            )
            .then(previous_log(facts, pod, container)),
        },
        "RunContainerError"
        | "CreateContainerError"
        | "PostStartHookError"
        | "PreCreateHookError"
        | "PreStartHookError" => {
            let words = format!("{called} cannot be started: {}", shortened(message));
            Finding::new(Reason::CannotStart, words).then(facts.describe(pod))
        }
        // `ContainerCreating` and `PodInitializing` are no reasons.
        _ => return None,
    };
    let says_more = !message.is_empty();
    Some(finding.shown_by(says_more.then_some(shown)))
}

fn image(facts: &Facts, pod: &Value, container: &Container<'_>, message: &str) -> Finding {
    let image = match spec(pod, container.name()).map(|spec| text(spec, "/image")) {
        Some(image) if !image.is_empty() => image,
        _ => text(container.status, "/image"),
    };
    let event = facts.event(pod, &["Failed", "InspectFailed", "ErrImageNeverPull"]);
    let told = event.map(|event| text(event, "/message"));
    let told = told.filter(|told| told.contains(image) && told.len() > message.len());
    let why = shortened(told.unwrap_or(message));
    let words = format!(
        "{} cannot have its image `{image}`: {why}",
        container.called()
    );
    let (kind, owner) = super::chain::workload(pod);
    let name = container.name();
    let set = facts.kubectl(pod, &format!("set image {kind}/{owner} {name}=IMAGE"));
    Finding::new(Reason::BadImage, words).then(set)
}

fn spec<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let lists = ["/spec/initContainers", "/spec/containers"];
    let mut all = lists.into_iter().flat_map(|list| items(pod, list));
    all.find(|spec| text(spec, "/name") == container)
}

/// A container that cannot be put together: something that it refers to is not there.
fn config(facts: &Facts, pod: &Value, container: &Container<'_>, message: &str) -> Finding {
    let words = format!("{} cannot be put together: {message}", container.called());
    let reason = if message.contains("couldn't find key") {
        Reason::MissingKey
    } else if message.starts_with("secret ") {
        Reason::MissingSecret
    } else if message.starts_with("configmap ") {
        Reason::MissingConfigMap
    } else {
        Reason::CannotStart
    };
    Finding::new(reason, words).then(facts.describe(pod))
}

fn crash(facts: &Facts, pod: &Value, container: &Container<'_>, end: &Value) -> Finding {
    let restarts = number(container.status, "/restartCount").unwrap_or_default();
    let called = container.called();
    let code = number(end, "/exitCode").unwrap_or_default();
    let often = match restarts {
        0 => "ended".to_owned(),
        1 => "has been started anew once, and ended".to_owned(),
        restarts => format!("has been started anew {restarts} times, and ended"),
    };
    let (reason, words) = if text(end, "/reason") == "OOMKilled" {
        let words = format!("{called} {often} because it took more memory than it may");
        (Reason::OutOfMemory, words)
    } else {
        let message = shortened(text(end, "/message").trim());
        let colon = if message.is_empty() { "" } else { ": " };
        let reason = if restarts > 0 || text(pod, "/status/phase") == "Running" {
            Reason::CrashLoop
        } else {
            Reason::ContainerFailed
        };
        let words = format!("{called} {often} with exit code {code}{colon}{message}");
        (reason, words)
    };
    let mut logs = facts.logs.iter();
    let log = logs.find(|log| log.pod == uid(pod) && log.container == container.name());
    let lines = log.into_iter().flat_map(|log| &log.lines);
    let lines = lines.map(|line| Evidence::of(pod, "Log", line.as_str()));
    Finding::new(reason, words)
        .shown_by(lines)
        .then(previous_log(facts, pod, container))
}

fn previous_log(facts: &Facts, pod: &Value, container: &Container<'_>) -> String {
    let had_another = number(container.status, "/restartCount").unwrap_or_default() > 0;
    let previous = if had_another { " --previous" } else { "" };
    let line = format!("logs {} -c {}{previous}", name(pod), container.name());
    facts.kubectl(pod, &line)
}

/// The pod has a node, and its volumes are not there.
fn unmounted(facts: &Facts, pod: &Value) -> Option<Finding> {
    if text(pod, "/status/phase") == "Running" {
        return None;
    }
    let event = facts.event(
        pod,
        &[
            "FailedMount",
            "FailedAttachVolume",
            "FailedCreatePodSandBox",
        ],
    )?;
    let message = text(event, "/message");
    let words = match text(event, "/reason") {
        "FailedCreatePodSandBox" => {
            format!("its node cannot make its sandbox: {}", shortened(message))
        }
        _ => format!("a volume of it cannot be mounted: {}", shortened(message)),
    };
    let reason = match text(event, "/reason") {
        "FailedCreatePodSandBox" => Reason::CannotStart,
        _ => Reason::VolumeNotMounted,
    };
    let finding = Finding::new(reason, words).shown_by([Evidence::of_event(event)]);
    Some(finding.then(facts.describe(pod)))
}

fn shortened(message: &str) -> String {
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= MESSAGE_MAX {
        return words;
    }
    words.chars().take(MESSAGE_MAX).chain(['…']).collect()
}
