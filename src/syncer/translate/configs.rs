//! ConfigMaps and Secrets, from the virtual side to the host.
//!
//! In: a virtual object. Out: its host object, and a digest by which content is compared. Never:
//! reads what is in it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Scope;

/// Type of a Secret that the host's own controllers would act on: they delete one whose ServiceAccount
/// they do not know. On the host it is a Secret like any other.
/// <https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets>
const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
/// See [`TOKEN_TYPE`]; this one lets nodes join.
const BOOTSTRAP_TYPE: &str = "bootstrap.kubernetes.io/token";
/// The type of a Secret that has none.
const PLAIN_TYPE: &str = "Opaque";

/// The host object of a virtual ConfigMap or Secret. Fields that are newer than this program survive.
pub fn to_host(object: &Value, scope: &Scope) -> Value {
    let mut host = object.clone();
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    if let Some(fields) = host.as_object_mut() {
        fields.insert("metadata".to_owned(), scope.host_metadata(metadata).into());
        let kind = fields.get("type").and_then(Value::as_str);
        if matches!(kind, Some(TOKEN_TYPE | BOOTSTRAP_TYPE)) {
            fields.insert("type".to_owned(), PLAIN_TYPE.into());
        }
    }
    host
}

/// A digest of everything but metadata, whatever the order of the fields.
pub fn digest(object: &Value) -> String {
    let mut hasher = Sha256::new();
    let fields = object.as_object().into_iter().flatten();
    let mut content: Vec<(&String, &Value)> = fields
        .filter(|(name, _)| !matches!(name.as_str(), "metadata" | "apiVersion" | "kind"))
        .collect();
    content.sort_by_key(|(name, _)| *name);
    for (name, value) in content {
        feed(&mut hasher, &Value::String(name.clone()));
        feed(&mut hasher, value);
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}

/// Each value with what it is and how long, so that no two trees read the same.
fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            hasher.update(b"{");
            hasher.update((sorted.len() as u64).to_be_bytes());
            for (name, value) in sorted {
                feed(hasher, &Value::String(name.clone()));
                feed(hasher, value);
            }
        }
        Value::Array(items) => {
            hasher.update(b"[");
            hasher.update((items.len() as u64).to_be_bytes());
            for item in items {
                feed(hasher, item);
            }
        }
        Value::String(text) => {
            hasher.update(b"\"");
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        other => {
            let text = other.to_string();
            hasher.update(b"#");
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        Scope {
            cluster: "dev".parse().unwrap(),
            uid: "11111111-2222".to_owned(),
            host_namespace: "team-a".parse().unwrap(),
        }
    }

    #[test]
    fn a_secret_keeps_its_content_and_loses_a_type_that_the_host_would_act_on() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "t", "namespace": "a", "uid": "u", "finalizers": ["x/y"],
                "labels": {"app": "web", "vc.internal/cluster": "other"},
                "annotations": {"kubernetes.io/service-account.name": "default"}},
            "data": {"token": "eA=="}, "immutable": true, "newField": {"kept": 1},
        });
        let host = to_host(&secret, &scope());
        assert_eq!(host["type"], "Opaque");
        assert_eq!(host["data"], json!({"token": "eA=="}));
        assert_eq!(host["newField"], json!({"kept": 1}));
        assert_eq!(
            host["metadata"]["labels"],
            json!({"app": "web", "v.vc.internal/cluster": "other",
                "vc.internal/cluster": "dev", "vc.internal/namespace": "a"})
        );
        assert!(host["metadata"].get("finalizers").is_none());
        assert!(host["metadata"].get("uid").is_none());
    }

    #[test]
    fn a_digest_is_of_the_content_whatever_its_order() {
        let one = json!({"metadata": {"name": "x"}, "data": {"a": "1", "b": "2"}});
        let same = json!({"data": {"b": "2", "a": "1"}, "metadata": {"name": "y"}});
        assert_eq!(digest(&one), digest(&same));
        for other in [
            json!({"data": {"a": "1", "b": "3"}}),
            json!({"data": {"a": "1"}}),
            json!({"binaryData": {"a": "1", "b": "2"}}),
            json!({"data": {"a": "1", "b": "2"}, "immutable": true}),
        ] {
            assert_ne!(digest(&one), digest(&other));
        }
    }
}
