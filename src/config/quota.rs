//! What `--quota` says: hard limits of a ResourceQuota.
//!
//! In: `cpu=10,pods=50`. Out: the limits by the names that a ResourceQuota has for them. Never: a name that
//! Kubernetes could not know, a number that it could not read, a limit that the control plane is above.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>

use std::collections::BTreeMap;

use crate::cluster::{Resources, SHORT_QUOTAS};
use crate::error::{Failure, Kind};
use crate::quantity::{NANOS_PER_UNIT, nanos};

/// What is counted by its own name, in whole numbers.
const COUNTED: [&str; 9] = [
    "pods",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "replicationcontrollers",
    "resourcequotas",
];

/// What has a limit besides a request.
const LIMITED: [&str; 2] = ["limits.cpu", "limits.memory"];

/// Hard limits, by a ResourceQuota's names.
pub(super) type Quota = BTreeMap<String, String>;

/// Reads `KEY=QUANTITY` one by one.
///
/// # Errors
/// When one is none, or two are about the same.
pub(super) fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Quota, Failure> {
    let mut quota = Quota::new();
    for entry in entries {
        let entry = entry.trim();
        let Some((key, quantity)) = entry.split_once('=') else {
            return Err(wrong(&format!(
                "`--quota {entry}` is not of the form KEY=QUANTITY"
            )));
        };
        let name = name(key).ok_or_else(|| wrong(&format!("`--quota {key}=…` is not known")))?;
        let amount = nanos(quantity).ok_or_else(|| {
            wrong(&format!(
                "`{quantity}` of `--quota {key}` is not a quantity"
            ))
        })?;
        if is_counted(&name) && amount % NANOS_PER_UNIT != 0 {
            let message = format!("`{quantity}` of `--quota {key}` is not a whole number");
            return Err(wrong(&message));
        }
        if quota.insert(name.clone(), quantity.to_owned()).is_some() {
            return Err(wrong(&format!("`--quota` says `{name}` twice")));
        }
    }
    Ok(quota)
}

fn wrong(message: &str) -> Failure {
    let short: Vec<&str> = SHORT_QUOTAS.iter().map(|(short, _)| *short).collect();
    Failure::new(Kind::Usage, message).hint(format!(
        "`--quota cpu=10,memory=20Gi,pods=50`; keys are {}, {}, or a name of a ResourceQuota such as \
         requests.nvidia.com/gpu, limits.memory or count/jobs.batch",
        short.join(", "),
        "pods, services, persistentvolumeclaims"
    ))
}

/// What the control plane does not say of itself, and a default for it might end it.
const NOT_SAID: &str = "requests.ephemeral-storage";

/// A ResourceQuota's name for a key.
fn name(key: &str) -> Option<String> {
    let short = SHORT_QUOTAS.iter().find(|(short, _)| *short == key);
    if let Some((_, name)) = short {
        return Some((*name).to_owned());
    }
    let is_of_name = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-./".contains(letter)
    };
    let is_name = |part: &str| {
        let is_edge = |letter: char| letter.is_ascii_alphanumeric();
        part.starts_with(is_edge)
            && part.ends_with(is_edge)
            && part.to_ascii_lowercase().chars().all(is_of_name)
            && part.matches('/').count() <= 1
    };
    let known = COUNTED.contains(&key)
        || LIMITED.contains(&key)
        || key.strip_prefix("requests.").is_some_and(is_name)
        || key
            .strip_prefix("count/")
            .is_some_and(|rest| is_name(rest) && !rest.contains('/'))
        || (key.contains(".storageclass.storage.k8s.io/") && is_name(key));
    (known && key != NOT_SAID).then(|| key.to_owned())
}

/// A regular expression for the form of the whole text; what it lets through may still be no quota.
pub(super) fn pattern() -> String {
    let words = |names: &[&str]| names.join("|").replace('.', r"\.");
    let short = SHORT_QUOTAS.map(|(short, _)| short);
    let part = "[a-z0-9A-Z]([a-z0-9A-Z.-]*[a-z0-9A-Z])?";
    let named = format!("{part}(/{part})?");
    let key = format!(
        r"({}|{}|{}|requests\.{named}|count/{part}|{part}\.storageclass\.storage\.k8s\.io/{part})",
        words(&short),
        words(&COUNTED),
        words(&LIMITED),
    );
    let amount = r"([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?";
    format!(r"^\s*{key}={amount}\s*(,\s*{key}={amount}\s*)*$")
}

fn is_counted(name: &str) -> bool {
    COUNTED.contains(&name)
        || name.starts_with("count/")
        || name.ends_with("/persistentvolumeclaims")
}

/// Checks that the control plane, which is in the same namespace, is within the quota.
///
/// # Errors
/// When it is not, or the quota wants to know a limit of it that nobody said.
pub(super) fn check(
    quota: &Quota,
    resources: &Resources,
    volume: Option<&str>,
) -> Result<(), Failure> {
    if quota.contains_key("limits.cpu") && resources.cpu_limit_millicores.is_none() {
        let message = "a quota on `limits.cpu` wants to know what CPU the control plane may use";
        return Err(Failure::new(Kind::Usage, message).hint("pass `--cpu-limit`, too"));
    }
    let milli = |millicores: u64| u128::from(millicores) * (NANOS_PER_UNIT / 1_000);
    let mebi = |mebibytes: u64| u128::from(mebibytes) * (1 << 20) * NANOS_PER_UNIT;
    let many = |count: u128| Some(count * NANOS_PER_UNIT);
    let claims = u128::from(volume.is_some());
    let own = [
        (
            "requests.cpu",
            Some(milli(resources.cpu_request_millicores)),
        ),
        ("limits.cpu", resources.cpu_limit_millicores.map(milli)),
        (
            "requests.memory",
            Some(mebi(resources.memory_request_mebibytes)),
        ),
        ("limits.memory", resources.memory_limit_mebibytes.map(mebi)),
        ("requests.storage", volume.and_then(nanos)),
        ("pods", many(1)),
        ("services", many(2)),
        ("persistentvolumeclaims", many(claims)),
        // The keys, and the administrator's.
        ("secrets", many(2)),
        // The marker, and what Kubernetes puts into every namespace.
        ("configmaps", many(2)),
    ];
    for (name, needed) in own {
        let hard = quota.get(name).and_then(|quantity| nanos(quantity));
        let (Some(hard), Some(needed)) = (hard, needed) else {
            continue;
        };
        if hard < needed {
            let message = format!(
                "`--quota` of {name} leaves no room for the control plane, whose own share counts"
            );
            return Err(Failure::new(Kind::Usage, message)
                .hint("allow more, or give the control plane less with `--cpu`, `--memory` and `--storage-size`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<(String, String)>, String> {
        parse(text.split(','))
            .map(|quota| quota.into_iter().collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn short_keys_stand_for_names_of_a_resource_quota() {
        let pair = |name: &str, quantity: &str| (name.to_owned(), quantity.to_owned());
        assert_eq!(
            parsed("cpu=10,memory=20Gi,pods=50,storage=1Ti,limits.memory=30Gi"),
            Ok(vec![
                pair("limits.memory", "30Gi"),
                pair("pods", "50"),
                pair("requests.cpu", "10"),
                pair("requests.memory", "20Gi"),
                pair("requests.storage", "1Ti"),
            ])
        );
        for name in [
            "requests.nvidia.com/gpu",
            "count/deployments.apps",
            "count/pods",
            "gold.storageclass.storage.k8s.io/requests.storage",
            "services.nodeports",
        ] {
            assert_eq!(parsed(&format!("{name}=4")), Ok(vec![pair(name, "4")]));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, told) in [
            ("cpu", "not of the form"),
            ("", "not of the form"),
            ("cpus=4", "`--quota cpus=…` is not known"),
            ("requests.=4", "is not known"),
            ("count/a/b=4", "is not known"),
            ("Pods=4", "is not known"),
            ("requests.ephemeral-storage=1Gi", "is not known"),
            ("limits.ephemeral-storage=1Gi", "is not known"),
            ("cpu=", "is not a quantity"),
            ("cpu=-1", "is not a quantity"),
            ("cpu=4x", "is not a quantity"),
            ("memory=20GiB", "is not a quantity"),
            ("pods=1.5", "is not a whole number"),
            ("count/jobs.batch=100m", "is not a whole number"),
            ("cpu=1,requests.cpu=2", "says `requests.cpu` twice"),
        ] {
            let refused = parsed(text).unwrap_err();
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }

    #[test]
    fn the_control_plane_has_to_be_within_the_quota() {
        let mut resources = Resources {
            cpu_request_millicores: 200,
            cpu_limit_millicores: None,
            memory_request_mebibytes: 384,
            memory_limit_mebibytes: Some(2_048),
        };
        let fits = |resources: &Resources, text: &str, volume| {
            check(&parse(text.split(',')).unwrap(), resources, volume).is_ok()
        };
        for text in [
            "cpu=200m",
            "memory=384Mi",
            "limits.memory=2Gi",
            "pods=1,services=2,secrets=2",
            "persistentvolumeclaims=0",
        ] {
            assert!(fits(&resources, text, None), "{text}");
        }
        for text in [
            "cpu=199m",
            "memory=383Mi",
            "limits.memory=2047Mi",
            "pods=0",
            "services=1",
            "limits.cpu=10",
        ] {
            assert!(!fits(&resources, text, None), "{text}");
        }
        assert!(!fits(&resources, "persistentvolumeclaims=0", Some("5Gi")));
        assert!(!fits(&resources, "storage=4Gi", Some("5Gi")));
        resources.cpu_limit_millicores = Some(2_000);
        assert!(fits(&resources, "limits.cpu=2", None));
        assert!(!fits(&resources, "limits.cpu=1", None));
    }
}
