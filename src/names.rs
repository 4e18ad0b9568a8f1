//! Names as types: what parsed once is valid ever after.
//!
//! In: text typed by a person or read from a cluster. Out: names that Kubernetes accepts in every
//! place they are used. Never: talks to anything.

mod label;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use label::Label;

/// Longest name of a virtual cluster, in bytes.
///
/// The StatefulSet is called `vc-NAME` and its pods carry the label `controller-revision-hash:
/// vc-NAME-HASH` with a hash of 10 characters; a label value holds 63 bytes, so 63 - 3 - 11 = 49
/// are left. One is kept in reserve for a second digit of the pod's ordinal.
pub const CLUSTER_NAME_MAX_BYTES: usize = 48;

/// Longest DNS label, in bytes (RFC 1123).
pub(crate) const DNS_LABEL_MAX_BYTES: usize = 63;

/// Why a text is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// The text is longer than the place it is used in allows.
    #[error("it has {length} characters and at most {max} fit")]
    TooLong {
        /// Bytes it has.
        length: usize,
        /// Bytes that fit.
        max: usize,
    },
    /// The text has a character that may not stand there.
    #[error("`{found}` is not allowed at position {position}: {rule}")]
    Character {
        /// The offending character.
        found: char,
        /// Where it stands, counted from 1.
        position: usize,
        /// What would be allowed.
        rule: &'static str,
    },
    /// The text is not a Kubernetes version.
    #[error("it is not of the form `v1.35.4`")]
    Version,
}

/// Name of a virtual cluster: a DNS-1035 label of at most [`CLUSTER_NAME_MAX_BYTES`] bytes.
///
/// DNS-1035 (letter first), because Services are named after it.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterName(String);

impl ClusterName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `vc-NAME`: the marker ConfigMap, the StatefulSet, the Service and the ServiceAccount.
    pub fn object(&self) -> String {
        format!("vc-{}", self.0)
    }

    /// `vc-NAME-dns`: the Service under which the cluster's pods reach its DNS.
    pub fn dns_service(&self) -> String {
        format!("vc-{}-dns", self.0)
    }

    /// `vc-NAME-pki`: the Secret with every key and certificate of the control plane.
    pub fn pki_secret(&self) -> String {
        format!("vc-{}-pki", self.0)
    }

    /// `vc-NAME-kubeconfig`: the Secret with the admin's self-contained kubeconfig.
    pub fn kubeconfig_secret(&self) -> String {
        format!("vc-{}-kubeconfig", self.0)
    }

    /// `vc-NAME-0`: the control-plane pod.
    pub fn pod(&self) -> String {
        format!("vc-{}-0", self.0)
    }

    /// `vc-NAME-workload`: the host ServiceAccount, without any right, that the cluster's pods run as.
    pub fn workload_account(&self) -> String {
        format!("vc-{}-workload", self.0)
    }

    /// `vc-NAMESPACE-NAME`: the ClusterRole of a cluster that shows the host's nodes, and its binding.
    /// The two parts are in it with a dot between them, which neither can have.
    pub fn cluster_wide(&self, namespace: &Namespace) -> String {
        format!("vc-{namespace}.{}", self.0)
    }

    /// The host namespace used when none is named.
    pub fn default_namespace(&self) -> Namespace {
        Namespace(self.object())
    }

    /// The kubeconfig context's name, unless it is taken or another is asked for.
    pub fn context(&self) -> String {
        self.object()
    }
}

impl FromStr for ClusterName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_label(text, CLUSTER_NAME_MAX_BYTES)?;
        if let Some(first) = text.chars().next().filter(|c| !c.is_ascii_lowercase()) {
            return Err(NameError::Character {
                found: first,
                position: 1,
                rule: "a name starts with a letter from a to z",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

/// Name of a namespace: a DNS-1123 label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

impl Namespace {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_label(text, DNS_LABEL_MAX_BYTES)?;
        Ok(Self(text.to_owned()))
    }
}

/// A Kubernetes release, `vMAJOR.MINOR.PATCH`, without the suffixes that vendors add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KubernetesVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl FromStr for KubernetesVersion {
    type Err = NameError;

    /// Reads `1.35.4`, `v1.35.4` and what vendors report: `v1.35.4-gke.1`, `v1.35.4+k3s1`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let bare = text.strip_prefix('v').unwrap_or(text);
        let bare = bare.split(['-', '+']).next().unwrap_or(bare);
        let mut numbers = bare.split('.').map(parse_number);
        match (
            numbers.next(),
            numbers.next(),
            numbers.next(),
            numbers.next(),
        ) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Self {
                major,
                minor,
                patch,
            }),
            _ => Err(NameError::Version),
        }
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

macro_rules! text_conversions {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }
    )*};
}

text_conversions!(ClusterName, Namespace, KubernetesVersion);

impl fmt::Display for ClusterName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Digits only: `str::parse` alone would take a leading `+`.
fn parse_number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// The part that DNS-1035 and DNS-1123 labels share.
pub(crate) fn check_label(text: &str, max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    for (index, found) in text.chars().enumerate() {
        if !(found.is_ascii_lowercase() || found.is_ascii_digit() || found == '-') {
            return Err(NameError::Character {
                found,
                position: index + 1,
                rule: "only a to z, 0 to 9 and `-`",
            });
        }
    }
    for (found, position) in [(text.chars().next(), 1), (text.chars().last(), text.len())] {
        if found == Some('-') {
            return Err(NameError::Character {
                found: '-',
                position,
                rule: "a name starts and ends with a letter or digit",
            });
        }
    }
    if text.len() > max {
        return Err(NameError::TooLong {
            length: text.len(),
            max,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cluster_name_is_a_dns_1035_label() {
        for good in ["a", "dev", "team-a-1", &"x".repeat(48)] {
            assert_eq!(
                good.parse::<ClusterName>().map(String::from),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "-a",
            "a-",
            "1a",
            "A",
            "a_b",
            "a.b",
            "ä",
            "a b",
            "a\n",
            &"x".repeat(49),
        ] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_namespace_may_start_with_a_digit() {
        assert!("1a".parse::<Namespace>().is_ok());
        assert!("x".repeat(63).parse::<Namespace>().is_ok());
        assert!("x".repeat(64).parse::<Namespace>().is_err());
    }

    #[test]
    fn vendor_suffixes_of_versions_are_cut() {
        for text in [
            "v1.35.4",
            "1.35.4",
            "v1.35.4-gke.1092000",
            "v1.35.4+k3s1",
            "v1.35.4-rc.1+a",
        ] {
            let version: KubernetesVersion = text.parse().unwrap();
            assert_eq!(version.to_string(), "v1.35.4");
        }
        for bad in ["", "v", "1.35", "1.35.x", "v1.+5.4", "1.2.3.4", "latest"] {
            assert!(bad.parse::<KubernetesVersion>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        /// Whatever is accepted makes valid names and label values of every derived object.
        #[test]
        fn derived_names_fit_everywhere(text in "[a-z]([-a-z0-9]{0,60}[a-z0-9])?") {
            if let Ok(name) = text.parse::<ClusterName>() {
                let revision_label = format!("{}-0123456789", name.object());
                prop_assert!(revision_label.len() <= 63);
                prop_assert!(name.kubeconfig_secret().len() <= 63);
                prop_assert!(name.workload_account().len() <= 63);
                prop_assert!(name.default_namespace().as_str().parse::<Namespace>().is_ok());
            } else {
                prop_assert!(text.len() > CLUSTER_NAME_MAX_BYTES);
            }
        }

        #[test]
        fn parsing_never_panics(text in ".*") {
            drop(text.parse::<ClusterName>());
            drop(text.parse::<Namespace>());
            drop(text.parse::<KubernetesVersion>());
        }
    }
}
