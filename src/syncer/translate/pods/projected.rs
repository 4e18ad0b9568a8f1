//! Projected volumes, and the service account tokens in them.
//!
//! In: projected sources of a virtual pod. Out: the same for the host, with tokens taken from a Secret
//! that the syncer fills. Never: a token of the host's API server.

use serde_json::{Map, Value, json};

use super::super::json::{at, list, object_mut, objects_mut, set_keys, text};
use super::super::{Refusal, Scope};
use super::{Token, downward, refusal, volumes};

/// The kinds of source that may reach the host, with all their fields.
const SOURCES: [(&str, &[&str]); 4] = [
    ("configMap", &["name", "items", "optional"]),
    ("secret", &["name", "items", "optional"]),
    ("downwardAPI", &["items"]),
    (TOKEN, &["audience", "expirationSeconds", "path"]),
];

const TOKEN: &str = "serviceAccountToken";

/// Life of a token that does not say how long it wants: one hour, the API's default.
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>
const EXPIRATION_SECONDS: i64 = 3600;

/// The API server issues none that lives shorter.
const EXPIRATION_MIN_SECONDS: i64 = 600;

/// Mode of a token's file when the pod has an `fsGroup`: 0600, which the kubelet then opens for the
/// group. The kubelet also does so when all containers run as one user, and gives that user the file;
/// a Secret's file belongs to root, whom nobody else could read, so there the volume's mode stays.
/// (`collectData` in k8s.io/kubernetes/pkg/volume/projected/projected.go)
const GROUP_MODE: u32 = 0o600;

/// Checks the sources and changes the field paths in them.
pub(super) fn translate(projected: &mut Map<String, Value>, volume: &str) -> Result<(), Refusal> {
    for source in objects_mut(projected, "sources") {
        check(source, volume)?;
        if let Some(downward_api) = object_mut(source, "downwardAPI") {
            objects_mut(downward_api, "items").for_each(downward::field_ref);
        }
    }
    Ok(())
}

fn check(source: &Map<String, Value>, volume: &str) -> Result<(), Refusal> {
    let keys: Vec<&str> = set_keys(source).collect();
    let &[key] = keys.as_slice() else {
        let why = "a projected source has one type, not more or fewer";
        return Err(refusal::volume(volume, why));
    };
    let Some((_, fields)) = SOURCES.iter().find(|(known, _)| *known == key) else {
        let why = format!("projected source `{key}` does not work in a virtual cluster");
        return Err(refusal::volume(volume, &why));
    };
    match source.get(key).and_then(Value::as_object) {
        Some(content) => volumes::known_fields(content, fields, key, volume),
        None => Ok(()),
    }
}

/// Takes the tokens from the pod's token Secret. After the other names were mapped: this one is
/// already the host's.
pub(super) fn tokens_from_secret(
    spec: &mut Map<String, Value>,
    scope: &Scope,
    (namespace, pod_name): (&str, &str),
) {
    let secret = scope.token_secret_name(namespace, pod_name);
    let has_group = spec
        .get("securityContext")
        .is_some_and(|context| !context["fsGroup"].is_null());
    for volume in objects_mut(spec, "volumes") {
        let name = volumes::name(volume);
        let Some(projected) = object_mut(volume, "projected") else {
            continue;
        };
        for (index, source) in objects_mut(projected, "sources").enumerate() {
            if let Some(token) = source.shift_remove(TOKEN).filter(|token| !token.is_null()) {
                let mut item = json!({"key": key(&name, index), "path": at(&token, &["path"])});
                if let Some(item) = item.as_object_mut().filter(|_| has_group) {
                    item.insert("mode".to_owned(), GROUP_MODE.into());
                }
                let from = json!({"name": secret, "items": [item]});
                source.insert("secret".to_owned(), from);
            }
        }
    }
}

/// The tokens that a pod's volumes ask for.
pub(super) fn tokens(pod: &Value) -> Vec<Token> {
    let mut tokens = Vec::new();
    for volume in list(&pod["spec"], "volumes") {
        let sources = list(&volume["projected"], "sources").iter();
        let objects = sources.filter(|source| source.is_object());
        for (index, source) in objects.enumerate() {
            let token = &source[TOKEN];
            if !token.is_null() {
                tokens.push(Token {
                    key: key(text(volume, "name"), index),
                    audience: Some(text(token, "audience").to_owned())
                        .filter(|audience| !audience.is_empty()),
                    expiration_seconds: token["expirationSeconds"]
                        .as_i64()
                        .unwrap_or(EXPIRATION_SECONDS)
                        .max(EXPIRATION_MIN_SECONDS),
                });
            }
        }
    }
    tokens
}

/// Key of a token in the Secret: a volume's name is unique in its pod, and the sources of a volume
/// never change.
fn key(volume: &str, index: usize) -> String {
    format!("{volume}.{index}")
}
