//! Why a claim is not bound.

use serde_json::Value;

use super::facts::Facts;
use super::fields::{between, name, text};
use super::pods::no_host_object;
use super::refused;
use super::report::{Evidence, Finding, Reason, Side};

pub(super) fn find(facts: &Facts, claim: &Value) -> Finding {
    if text(claim, "/status/phase") == "Bound" {
        let volume = text(claim, "/spec/volumeName");
        return Finding::fine(Reason::Healthy, format!("it is bound to volume `{volume}`"));
    }
    if !text(claim, "/metadata/deletionTimestamp").is_empty() {
        return Finding::new(
            Reason::Terminating,
            "it is being deleted, and pods may still use it",
        )
        .then(facts.describe(claim));
    }
    if text(claim, "/status/phase") == "Lost" {
        let words = "its volume is gone, with all that was in it";
        return Finding::new(Reason::ProvisioningFailed, words).then(facts.describe(claim));
    }
    refused(facts, claim)
        .or_else(|| told(facts, claim))
        .or_else(|| without_class(facts, claim))
        .or_else(|| no_host_object(facts, claim))
        .unwrap_or_else(|| {
            let words = "the host has not bound it yet, and says nothing about it";
            let twin = facts.twin(claim).map(name).unwrap_or_default();
            let describe = format!("describe persistentvolumeclaim {twin}");
            Finding::new(Reason::Unknown, words).then(facts.host(&describe))
        })
}

fn refused(facts: &Facts, claim: &Value) -> Option<Finding> {
    if facts.is_on_host(claim) == Some(true) {
        return None;
    }
    let event = facts.event(claim, &["HostRefused", "UnsupportedClaim"])?;
    if text(event, "/reason") == "UnsupportedClaim" {
        let words = text(event, "/message");
        let finding = Finding::new(Reason::Unsupported, words);
        return Some(finding.shown_by([Evidence::of_event(event)]));
    }
    Some(refused::finding(facts, claim, event, Side::Host))
}

/// The class that the host goes by.
fn class<'a>(facts: &'a Facts, claim: &'a Value) -> &'a str {
    let twin = facts.twin(claim).unwrap_or(claim);
    match text(twin, "/spec/storageClassName") {
        "" => text(claim, "/spec/storageClassName"),
        class => class,
    }
}

/// By what the host's volume controller and provisioner say
/// (`pkg/controller/volume/persistentvolume/pv_controller.go`).
fn told(facts: &Facts, claim: &Value) -> Option<Finding> {
    let reasons = [
        "ProvisioningFailed",
        "ExternalProvisioning",
        "FailedBinding",
        "WaitForFirstConsumer",
        "WaitForPodScheduled",
    ];
    let event = facts.event(claim, &reasons)?;
    let message = text(event, "/message");
    let class = class(facts, claim);
    let finding = match text(event, "/reason") {
        "ProvisioningFailed"
            if message.contains("storageclass") && message.contains("not found") =>
        {
            let class = between(message, "\"", "\"").unwrap_or(class);
            no_class(facts, class)
        }
        "ProvisioningFailed" => {
            let words = format!("no volume of StorageClass `{class}` could be made: {message}");
            Finding::new(Reason::ProvisioningFailed, words).then(get_class(facts, class))
        }
        "ExternalProvisioning" => {
            let provisioner = between(message, "external provisioner '", "'").unwrap_or("?");
            let words = format!(
                "provisioner `{provisioner}` of the host's StorageClass `{class}` has made no volume: it does not \
                 run, or takes its time"
            );
            Finding::new(Reason::NoProvisioner, words).then(get_class(facts, class))
        }
        "FailedBinding" if class.is_empty() => no_default(facts),
        "FailedBinding" => {
            let words = format!("no volume for StorageClass `{class}`: {message}");
            Finding::new(Reason::NoProvisioner, words).then(get_class(facts, class))
        }
        _ => {
            let words = "its volume is made when a pod that uses it has a node";
            return Some(Finding::fine(Reason::WaitsForPod, words));
        }
    };
    Some(finding.shown_by([Evidence::of_event(event)]))
}

/// The host's binder says nothing of a claim that has no class until it looks at it again.
fn without_class(facts: &Facts, claim: &Value) -> Option<Finding> {
    facts.twin(claim)?;
    class(facts, claim).is_empty().then(|| no_default(facts))
}

fn no_class(facts: &Facts, class: &str) -> Finding {
    let words = format!("StorageClass `{class}` does not exist on the host");
    Finding::new(Reason::NoStorageClass, words).then(facts.host("get storageclasses"))
}

fn no_default(facts: &Facts) -> Finding {
    let words = "it names no StorageClass, and the host has no default one";
    Finding::new(Reason::NoStorageClass, words).then(facts.host("get storageclasses"))
}

fn get_class(facts: &Facts, class: &str) -> String {
    facts.host(&format!("describe storageclass {class}"))
}
