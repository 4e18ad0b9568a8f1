//! The tokens of a pod's virtual ServiceAccount, in one host Secret per pod.
//!
//! In: a virtual pod and the tokens that it asks for. Out: the Secret, made or renewed, and when to
//! look again. Never: a token in a log, an error or an annotation.
//!
//! # Guarantees
//! Every token is bound to the virtual pod: it dies with it. It lives as long as was asked for, one
//! hour by default, and is renewed at four fifths of that, as a kubelet does.
//! <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens>

use std::time::Duration;

use data_encoding::BASE64;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cache::Name;
use super::context::Context;
use super::feed;
use super::pods::{is_ours, parse};
use super::rest::{RestError, SECRETS, SERVICE_ACCOUNTS};
use super::translate::configs::digest;
use super::translate::pods::Token;
use crate::labels;

/// A token is renewed when this part of its life is over, in percent.
const RENEW_AT_PERCENT: i64 = 80;

/// Longest time until a Secret is looked at again: tokens may be asked for that live for years.
const LOOK_AGAIN_MAX: Duration = Duration::from_hours(6);

/// An issued token.
struct Issued {
    key: String,
    token: String,
    expires: Timestamp,
}

/// The part of a TokenRequest's answer that counts.
#[derive(Deserialize)]
struct Answer {
    status: AnswerStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerStatus {
    token: String,
    expiration_timestamp: Timestamp,
}

/// Sees that a pod's tokens are there and fresh; says after how long to look again.
///
/// # Errors
/// What the virtual API server says to the request for a token, or the host to the Secret.
pub(crate) async fn ensure(
    ctx: &Context,
    pod: &Value,
    tokens: &[Token],
) -> Result<Option<Duration>, RestError> {
    if tokens.is_empty() {
        return Ok(None);
    }
    let text = |pointer: &str| {
        pod.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let owner = Name::new(text("/metadata/namespace"), text("/metadata/name"));
    let secret = secret_name(ctx, &owner);
    let found = ctx.known().host_secrets.get(&secret);
    let found = found.filter(|secret| is_ours(ctx, &secret.value()));
    let now = Timestamp::now();
    if let Some(found) = &found
        && let Some(left) = freshness(&found.value(), text("/metadata/uid"), tokens, now)
    {
        return Ok(Some(left));
    }
    let issued = try_join_all(tokens.iter().map(|token| request(ctx, pod, token))).await?;
    let renew_at = issued
        .iter()
        .map(|issued| renewal(now, issued.expires))
        .min()
        .unwrap_or(now);
    let object = secret_object(ctx, &owner, text("/metadata/uid"), &issued, renew_at);
    write(
        ctx,
        &secret,
        found.map(|found| found.uid.to_string()),
        object,
    )
    .await?;
    Ok(Some(until(now, renew_at)))
}

/// Removes the Secret of a pod that is no more.
///
/// # Errors
/// What the host says.
pub(crate) async fn remove(ctx: &Context, pod: &Name) -> Result<(), RestError> {
    let secret = secret_name(ctx, pod);
    let found = ctx.known().host_secrets.get(&secret);
    let Some(found) = found.filter(|secret| is_ours(ctx, &secret.value())) else {
        return Ok(());
    };
    let path = SECRETS.one(&secret.namespace, &secret.name);
    match ctx.host.delete_this(&path, &*found.uid).await {
        // Another of that name, for another pod.
        Err(error) if error.is_conflict() => Ok(()),
        other => {
            other?;
            ctx.known().host_secrets.forget(&secret, &found.uid);
            Ok(())
        }
    }
}

/// The Secret of a virtual pod's tokens.
pub(crate) fn secret_name(ctx: &Context, pod: &Name) -> Name {
    let scope = ctx.scope();
    Name::new(
        scope.host_namespace.as_str(),
        &scope.token_secret_name(&pod.namespace, &pod.name),
    )
}

/// How long the Secret may be left alone; none when it has to be written.
fn freshness(secret: &Value, pod_uid: &str, tokens: &[Token], now: Timestamp) -> Option<Duration> {
    let mark = |key: &str| secret.pointer("/metadata/annotations")?.get(key)?.as_str();
    let is_whole = mark(labels::DIGEST)? == secret.get("digest")?.as_str()?;
    let keys: Vec<&str> = tokens.iter().map(|token| token.key.as_str()).collect();
    let has_all = mark(labels::TOKENS)? == keys.join(",");
    let renew_at: Timestamp = mark(labels::RENEW_AT)?.parse().ok()?;
    let is_fresh = is_whole && has_all && mark(labels::VIRTUAL_UID)? == pod_uid && renew_at > now;
    is_fresh.then(|| until(now, renew_at))
}

fn until(now: Timestamp, moment: Timestamp) -> Duration {
    let left: Duration = moment.duration_since(now).try_into().unwrap_or_default();
    left.min(LOOK_AGAIN_MAX)
}

fn renewal(now: Timestamp, expires: Timestamp) -> Timestamp {
    let life = expires.as_second().saturating_sub(now.as_second());
    let part = now.as_second() + life * RENEW_AT_PERCENT / 100;
    Timestamp::from_second(part).unwrap_or(now)
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
async fn request(ctx: &Context, pod: &Value, token: &Token) -> Result<Issued, RestError> {
    let text = |pointer: &str| {
        pod.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let account = match text("/spec/serviceAccountName") {
        "" => "default",
        name => name,
    };
    let audiences: Vec<&String> = token.audience.iter().collect();
    let body = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {
            "audiences": audiences,
            "expirationSeconds": token.expiration_seconds,
            "boundObjectRef": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": text("/metadata/name"),
                "uid": text("/metadata/uid"),
            },
        },
    });
    let account = SERVICE_ACCOUNTS.one(text("/metadata/namespace"), account);
    let answer = ctx
        .virtual_cluster
        .create(&format!("{account}/token"), &body)
        .await?;
    // The error must not have the answer in it.
    let answer: Answer = serde_json::from_str(&answer)
        .map_err(|_| RestError::Unreachable("the answer has no token in it".to_owned()))?;
    Ok(Issued {
        key: token.key.clone(),
        token: answer.status.token,
        expires: answer.status.expiration_timestamp,
    })
}

fn secret_object(
    ctx: &Context,
    owner: &Name,
    pod_uid: &str,
    issued: &[Issued],
    renew_at: Timestamp,
) -> Value {
    let scope = ctx.scope();
    let data: Map<String, Value> = issued
        .iter()
        .map(|one| (one.key.clone(), BASE64.encode(one.token.as_bytes()).into()))
        .collect();
    let keys: Vec<&str> = issued.iter().map(|one| one.key.as_str()).collect();
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": scope.token_secret_name(&owner.namespace, &owner.name),
            "namespace": scope.host_namespace.as_str(),
            "labels": {
                labels::CLUSTER: scope.cluster.as_str(),
                labels::NAMESPACE: &*owner.namespace,
                labels::TOKENS: "true",
            },
            "annotations": {
                labels::CLUSTER_UID: &scope.uid,
                labels::VIRTUAL_NAME: &*owner.name,
                labels::VIRTUAL_NAMESPACE: &*owner.namespace,
                labels::VIRTUAL_UID: pod_uid,
                labels::RENEW_AT: renew_at.to_string(),
                labels::TOKENS: keys.join(","),
            },
            "ownerReferences": scope.owner(),
        },
        "type": "Opaque",
        "data": data,
    });
    let digest = digest(&object);
    if let Some(annotations) = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.insert(labels::DIGEST.to_owned(), digest.into());
    }
    object
}

/// Creates the Secret, or writes over the one with this UID.
async fn write(
    ctx: &Context,
    name: &Name,
    uid: Option<String>,
    mut object: Value,
) -> Result<(), RestError> {
    let path = SECRETS.one(&name.namespace, &name.name);
    let written = match uid {
        Some(uid) => {
            set_uid(&mut object, uid);
            ctx.host.replace(&path, &object).await
        }
        None => {
            ctx.host
                .create(&SECRETS.all(&name.namespace), &object)
                .await
        }
    };
    let text = match written {
        Err(error) if error.is_conflict() || error.is_not_found() => {
            let Some(text) = ctx.host.get(&path).await? else {
                return Err(error);
            };
            let found = parse(&text)?;
            if !is_ours(ctx, &found.value()) {
                return Err(error);
            }
            set_uid(&mut object, found.uid.to_string());
            ctx.host.replace(&path, &object).await?
        }
        other => other?,
    };
    let object = feed::digested(parse(&text)?);
    ctx.known().host_secrets.wrote(object);
    Ok(())
}

/// Makes a replacement one of this very object.
pub(crate) fn set_uid(object: &mut Value, uid: String) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("uid".to_owned(), uid.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn secret(renew_at: &str, digest: &str) -> Value {
        json!({"metadata": {"annotations": {
            labels::VIRTUAL_UID: "u", labels::RENEW_AT: renew_at, labels::DIGEST: digest, labels::TOKENS: "a.0",
        }}, "digest": "d"})
    }

    #[test]
    fn a_token_is_renewed_when_four_fifths_of_its_life_are_over() {
        let now = moment("2026-01-01T00:00:00Z");
        assert_eq!(
            renewal(now, moment("2026-01-01T01:00:00Z")),
            moment("2026-01-01T00:48:00Z")
        );
        assert!(renewal(now, moment("2025-01-01T00:00:00Z")) < now);
    }

    #[test]
    fn a_secret_is_left_alone_while_it_is_whole_fresh_and_of_this_pod() {
        let now = moment("2026-01-01T00:00:00Z");
        let tokens = [Token {
            key: "a.0".to_owned(),
            audience: None,
            expiration_seconds: 3600,
        }];
        let fresh = secret("2026-01-01T00:00:10Z", "d");
        assert_eq!(
            freshness(&fresh, "u", &tokens, now),
            Some(Duration::from_secs(10))
        );
        assert_eq!(freshness(&fresh, "another", &tokens, now), None);
        assert_eq!(freshness(&fresh, "u", &[], now), None);
        assert_eq!(
            freshness(&secret("2026-01-01T00:00:00Z", "d"), "u", &tokens, now),
            None
        );
        assert_eq!(
            freshness(&secret("2026-01-01T00:00:10Z", "x"), "u", &tokens, now),
            None
        );
        assert_eq!(freshness(&json!({}), "u", &tokens, now), None);
    }
}
