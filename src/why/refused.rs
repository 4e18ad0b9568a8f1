//! What an API server means when it refuses an object.
//!
//! The texts are those of Kubernetes' admission plugins and authorizer; they have been the same for years, and
//! what is not among them is told as it is.

use serde_json::Value;

use super::facts::Facts;
use super::fields::{between, text};
use super::report::{Evidence, Finding, Reason, Side};

/// What a refusal means, and the command that leads on.
pub(super) fn finding(facts: &Facts, object: &Value, event: &Value, by: Side) -> Finding {
    let message = text(event, "/message");
    let (reason, words) = meaning(message, by);
    let next = next(facts, object, message, reason, by);
    let finding = Finding::new(reason, words).shown_by([Evidence::of_event(event)]);
    next.into_iter().fold(finding, Finding::then)
}

/// Which side refuses, in words.
fn who(by: Side) -> &'static str {
    match by {
        Side::Virtual => "the virtual cluster",
        Side::Host => "the host",
    }
}

fn meaning(message: &str, by: Side) -> (Reason, String) {
    let who = who(by);
    // `pkg/quota/v1/...` by `plugin/pkg/admission/resourcequota/controller.go`
    if let Some((_, rest)) = message.split_once("exceeded quota: ") {
        let (quota, numbers) = rest.split_once(", ").unwrap_or((rest, ""));
        let words = format!("ResourceQuota `{quota}` of {who} has no room for it: {numbers}");
        return (Reason::QuotaExceeded, words);
    }
    if message.contains("failed quota: ") {
        let rest = message
            .split_once("failed quota: ")
            .map_or("", |(_, rest)| rest);
        let words = format!("a ResourceQuota of {who} wants more to be said of it: {rest}");
        return (Reason::QuotaExceeded, words);
    }
    // `apiserver/pkg/admission/plugin/webhook/errors/statuserror.go`
    if let Some(webhook) = between(message, "admission webhook \"", "\" denied the request") {
        let why = message.split_once("denied the request").map(|(_, why)| why);
        let why = why.unwrap_or_default().trim_start_matches([':', ' ']);
        let words = format!("admission webhook `{webhook}` of {who} denies it: {why}");
        return (Reason::WebhookDenied, words);
    }
    if let Some(policy) = between(message, "ValidatingAdmissionPolicy '", "'") {
        let why = message.split_once("denied request").map(|(_, why)| why);
        let why = why.unwrap_or_default().trim_start_matches([':', ' ']);
        let words = format!("ValidatingAdmissionPolicy `{policy}` of {who} denies it: {why}");
        return (Reason::WebhookDenied, words);
    }
    if let Some(webhook) = between(message, "failed calling webhook \"", "\"") {
        let words = format!("admission webhook `{webhook}` of {who} does not answer");
        return (Reason::WebhookUnreachable, words);
    }
    // `k8s.io/pod-security-admission/admission/admission.go`
    if let Some((_, rest)) = message.split_once("violates PodSecurity ") {
        let words = format!("Pod Security of the namespace on {who} forbids it: {rest}");
        return (Reason::PodSecurity, words);
    }
    if let Some((_, rest)) = message.split_once("the pod violates profile ") {
        let words = format!("the Pod Security profile of this virtual cluster forbids it: {rest}");
        return (Reason::PodSecurity, words);
    }
    // `apiserver/pkg/endpoints/handlers/responsewriters/errors.go`
    if message.contains(" cannot ") && message.contains("resource \"") {
        let verb = between(message, " cannot ", " ").unwrap_or("write");
        let resource = between(message, "resource \"", "\"").unwrap_or("it");
        let words = format!("on {who} the right to {verb} {resource} is missing");
        return (Reason::MissingRight, words);
    }
    if let Some(right) = between(message, "without the right to `", "`") {
        let words = format!("the syncer was not given the right to `{right}` on the host");
        return (Reason::MissingRight, words);
    }
    // `plugin/pkg/admission/limitranger/admission.go`
    if ["maximum ", "minimum "]
        .iter()
        .any(|word| message.contains(word))
        && message.contains(" usage per ")
    {
        let rest = message
            .rsplit_once("is forbidden: ")
            .map_or(message, |(_, rest)| rest);
        let words = format!("a LimitRange of {who} does not allow it: {rest}");
        return (Reason::OutOfLimits, words);
    }
    if message.contains("error looking up service account") {
        let account = between(message, "serviceaccount \"", "\"").unwrap_or_default();
        let words = format!("ServiceAccount `{account}` does not exist");
        return (Reason::MissingServiceAccount, words);
    }
    (Reason::HostRefused, message.to_owned())
}

fn next(facts: &Facts, object: &Value, message: &str, reason: Reason, by: Side) -> Vec<String> {
    let on_side = |rest: &str| match by {
        Side::Virtual => facts.kubectl(object, rest),
        Side::Host => facts.host(rest),
    };
    let in_namespace = match by {
        Side::Virtual => super::fields::namespace(object),
        Side::Host => &facts.place.host_namespace,
    };
    match reason {
        Reason::QuotaExceeded => {
            let quota = between(message, "exceeded quota: ", ", ").unwrap_or_default();
            let describe = format!("describe resourcequota {quota}");
            vec![on_side(describe.trim_end())]
        }
        Reason::OutOfLimits => vec![on_side("describe limitranges")],
        Reason::WebhookDenied if message.contains("ValidatingAdmissionPolicy") => {
            vec![on_side("get validatingadmissionpolicies")]
        }
        Reason::WebhookDenied | Reason::WebhookUnreachable => {
            vec![on_side(
                "get validatingwebhookconfigurations,mutatingwebhookconfigurations",
            )]
        }
        Reason::PodSecurity if message.contains("violates PodSecurity") => {
            vec![on_side(&format!(
                "get namespace {in_namespace} --show-labels"
            ))]
        }
        Reason::PodSecurity => vec![facts.vc("describe", "")],
        Reason::MissingRight if by == Side::Host => {
            let cluster = &facts.place.cluster;
            let verb = between(message, " cannot ", " ").unwrap_or("create");
            let resource = between(message, "resource \"", "\"").unwrap_or("pods");
            let account = format!("system:serviceaccount:{in_namespace}:vc-{cluster}");
            vec![
                on_side(&format!("auth can-i {verb} {resource} --as {account}")),
                on_side(&format!("get role vc-{cluster} -o yaml")),
            ]
        }
        Reason::MissingServiceAccount => vec![on_side("get serviceaccounts")],
        _ => Vec::new(),
    }
}
