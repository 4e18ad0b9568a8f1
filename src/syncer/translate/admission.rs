//! The admission webhook's side of the conversation with the virtual API server.
//!
//! In: an AdmissionReview, and what came of it. Out: the request's facts, the AdmissionReview of the answer,
//! and the configuration by which the API server asks at all. Never: decides.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::json::text;
use crate::cluster::WEBHOOK_PORT;
use crate::names::{DNS_LABEL_MAX_BYTES, check_label};

/// Name of the configuration in the virtual cluster.
pub const CONFIGURATION: &str = "vc-services";

/// Path of the webhook.
pub const PATH: &str = "/services";

/// How long the API server waits for us, in seconds: one or two writes to the host.
const DEADLINE_SECONDS: u32 = 10;

/// What is asked about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// By which the answer is known.
    pub uid: String,
    /// `CREATE` or `UPDATE`.
    pub operation: String,
    /// The virtual namespace.
    pub namespace: String,
    /// Who has sent the request.
    pub user: String,
    /// Whether nothing may be stored.
    pub is_dry_run: bool,
    /// The Service as it would be stored, with a namespace; of a `generateName` without a name.
    pub service: Value,
    /// The Service as it is; null when it is created.
    pub before: Value,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The request goes on as it is.
    AsIs,
    /// The Service gets this spec, and this name if it had none.
    With {
        /// The whole spec.
        spec: Value,
        /// The name that was made for `generateName`.
        name: Option<String>,
        /// What whoever asked is told.
        warnings: Vec<String>,
    },
    /// The request is refused.
    No {
        /// HTTP status.
        code: u16,
        /// Why, in the user's words.
        message: String,
    },
}

/// Reads an AdmissionReview about a Service; none when it is none. The object in it may lack its kind.
///
/// The API server's user may make the API server send us anything: by a webhook configuration of his own, or
/// by the proxy of a Node with our port. What comes of it is no more than what he may do anyway, namely
/// Services of his own cluster, as long as names are what they should be.
pub fn asked(review: &Value) -> Option<Asked> {
    let request = review.get("request")?;
    let resource = &request["resource"];
    let is_of_services = text(resource, "group").is_empty()
        && text(resource, "resource") == "services"
        && text(request, "subResource").is_empty();
    if !is_of_services || check_label(text(request, "namespace"), DNS_LABEL_MAX_BYTES).is_err() {
        return None;
    }
    let owned = |key: &str| text(request, key).to_owned();
    let mut service = request.get("object")?.clone();
    let namespace = owned("namespace");
    let metadata = service.get_mut("metadata")?.as_object_mut()?;
    metadata.insert("namespace".to_owned(), namespace.as_str().into());
    Some(Asked {
        uid: owned("uid"),
        operation: owned("operation"),
        namespace,
        user: text(&request["userInfo"], "username").to_owned(),
        is_dry_run: request["dryRun"] == true,
        service,
        before: request.get("oldObject").cloned().unwrap_or_default(),
    })
}

/// The AdmissionReview of an answer.
pub fn answered(uid: &str, answer: &Answer) -> Value {
    let response = match answer {
        Answer::AsIs => json!({"uid": uid, "allowed": true}),
        Answer::With {
            spec,
            name,
            warnings,
        } => {
            let mut patch = vec![json!({"op": "replace", "path": "/spec", "value": spec})];
            if let Some(name) = name {
                patch.push(json!({"op": "add", "path": "/metadata/name", "value": name}));
            }
            json!({
                "uid": uid,
                "allowed": true,
                "patchType": "JSONPatch",
                "patch": BASE64.encode(Value::from(patch).to_string().as_bytes()),
                "warnings": warnings,
            })
        }
        Answer::No { code, message } => json!({
            "uid": uid,
            "allowed": false,
            "status": {"code": code, "message": message},
        }),
    };
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": response,
    })
}

/// The configuration by which the API server asks us about Services. Every field is written out that the
/// API server would fill in, so that one that somebody has changed can be told.
pub fn configuration(ca_pem: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": CONFIGURATION},
        "webhooks": [{
            "name": "services.vc.internal",
            "clientConfig": {
                "url": format!("https://localhost:{WEBHOOK_PORT}{PATH}"),
                "caBundle": BASE64.encode(ca_pem.as_bytes()),
            },
            "rules": [{
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"],
                "resources": ["services"],
                "scope": "Namespaced",
            }],
            "failurePolicy": "Fail",
            "matchPolicy": "Equivalent",
            "namespaceSelector": {},
            "objectSelector": {},
            "sideEffects": "NoneOnDryRun",
            "timeoutSeconds": DEADLINE_SECONDS,
            "admissionReviewVersions": ["v1"],
            "reinvocationPolicy": "Never",
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_without_a_kind_in_its_object() {
        let review = json!({"request": {
            "uid": "u", "operation": "CREATE", "namespace": "a", "dryRun": true,
            "userInfo": {"username": "ann"},
            "resource": {"group": "", "version": "v1", "resource": "services"},
            "object": {"metadata": {"generateName": "x-"}, "spec": {}}, "oldObject": null,
        }});
        assert_eq!(
            asked(&review),
            Some(Asked {
                uid: "u".to_owned(),
                operation: "CREATE".to_owned(),
                namespace: "a".to_owned(),
                user: "ann".to_owned(),
                is_dry_run: true,
                service: json!({"metadata": {"generateName": "x-", "namespace": "a"}, "spec": {}}),
                before: Value::Null,
            })
        );
        let changed = |field: &str, value: Value| {
            let mut review = review.clone();
            review["request"][field] = value;
            review
        };
        for other in [
            json!({}),
            json!([1]),
            json!({"request": {}}),
            changed("object", json!(1)),
            changed("namespace", json!("../a")),
            changed("subResource", json!("status")),
            changed(
                "resource",
                json!({"group": "", "version": "v1", "resource": "pods"}),
            ),
            changed(
                "resource",
                json!({"group": "x", "version": "v1", "resource": "services"}),
            ),
        ] {
            assert_eq!(asked(&other), None, "{other}");
        }
    }

    #[test]
    fn an_answer_is_a_review() {
        let review = answered("u", &Answer::AsIs);
        assert_eq!(review["response"], json!({"uid": "u", "allowed": true}));
        let no = Answer::No {
            code: 422,
            message: "because".to_owned(),
        };
        assert_eq!(
            answered("u", &no)["response"],
            json!({"uid": "u", "allowed": false, "status": {"code": 422, "message": "because"}})
        );
        let with = Answer::With {
            spec: json!({"clusterIP": "10.0.0.1"}),
            name: Some("x-1".to_owned()),
            warnings: vec!["hm".to_owned()],
        };
        let review = answered("u", &with);
        let patch = review["response"]["patch"].as_str().unwrap();
        let patch = BASE64.decode(patch.as_bytes()).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&patch).unwrap(),
            json!([
                {"op": "replace", "path": "/spec", "value": {"clusterIP": "10.0.0.1"}},
                {"op": "add", "path": "/metadata/name", "value": "x-1"},
            ])
        );
        assert_eq!(review["response"]["warnings"], json!(["hm"]));
    }
}
