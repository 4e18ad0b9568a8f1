//! What a request for metrics asks for.
//!
//! In: the method, path and query of a request line. Out: a [`Route`], or why there is none, as a Status.
//! Never: looks anything up.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::super::json::{at, text};
use super::selector::{LabelSelector, NotASelector};
use super::{GROUP_PATH, VERSION_PATH};
use crate::names::{DNS_LABEL_MAX_BYTES, check_label};

/// Longest name of a pod or a node, in bytes (RFC 1123).
const DNS_SUBDOMAIN_MAX_BYTES: usize = 253;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The schemas of OpenAPI 2 or 3, which have nothing in them.
    OpenApi(u8),
    /// The group.
    Group,
    /// What the version has.
    Version,
    /// Pods, of one namespace or of all.
    Pods {
        /// The virtual namespace.
        namespace: Option<String>,
        /// Which of them.
        selection: Selection,
    },
    /// One pod.
    Pod {
        /// The virtual namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Nodes.
    Nodes {
        /// Which of them.
        selection: Selection,
    },
    /// One node.
    Node {
        /// Its name.
        name: String,
    },
}

/// A refusal, as Kubernetes says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP's.
    pub code: u16,
    /// Kubernetes' word for it.
    reason: &'static str,
    message: String,
}

impl Refusal {
    /// metrics-server's words for what it has no figures of.
    pub fn not_found(resource: &str, name: &str) -> Self {
        Self {
            code: 404,
            reason: "NotFound",
            message: format!("{resource}.metrics.k8s.io \"{name}\" not found"),
        }
    }

    /// The host does not tell, for whatever reason.
    pub fn unavailable() -> Self {
        Self {
            code: 503,
            reason: "ServiceUnavailable",
            message: "the host cluster tells no metrics at the moment".to_owned(),
        }
    }

    fn no_such_path() -> Self {
        Self {
            code: 404,
            reason: "NotFound",
            message: "the server could not find the requested resource".to_owned(),
        }
    }

    fn no_such_method(what: &str) -> Self {
        Self {
            code: 405,
            reason: "MethodNotAllowed",
            message: format!("{what} is not supported on metrics"),
        }
    }

    fn bad_request(message: String) -> Self {
        Self {
            code: 400,
            reason: "BadRequest",
            message,
        }
    }

    /// As a Status.
    pub fn status(&self) -> Value {
        json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        })
    }
}

/// Which of several objects are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    labels: LabelSelector,
    fields: Vec<Field>,
}

/// What a field of the metadata has to be, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    key: &'static str,
    value: String,
    is_wanted: bool,
}

impl Selection {
    /// The one object of this name.
    pub fn named(name: &str) -> Self {
        let field = Field {
            key: "name",
            value: name.to_owned(),
            is_wanted: true,
        };
        Self {
            fields: vec![field],
            ..Self::default()
        }
    }

    /// Whether this virtual object is one of them.
    pub fn selects(&self, object: &Value) -> bool {
        let metadata = at(object, &["metadata"]);
        let is_field =
            |field: &Field| (text(metadata, field.key) == field.value) == field.is_wanted;
        self.labels.matches(at(metadata, &["labels"])) && self.fields.iter().all(is_field)
    }

    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut selection = Self::default();
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value = value.map_err(|_| Refusal::bad_request(format!("`{key}` is not UTF-8")))?;
            match key {
                "labelSelector" => {
                    selection.labels = LabelSelector::parse(&value)
                        .map_err(|NotASelector(why)| Refusal::bad_request(why))?;
                }
                "fieldSelector" => selection.fields = fields(&value)?,
                "watch" if matches!(&*value, "1" | "true") => {
                    return Err(Refusal::no_such_method("a watch"));
                }
                // Pages, versions and timeouts: a list of figures is always whole and new.
                _ => {}
            }
        }
        Ok(selection)
    }
}

/// Reads a field selector. k8s.io/apimachinery/pkg/fields/selector.go, `ParseSelector`.
fn fields(text: &str) -> Result<Vec<Field>, Refusal> {
    let terms = text.split(',').filter(|term| !term.is_empty());
    terms
        .map(|term| {
            let split = ["!=", "==", "="]
                .into_iter()
                .find_map(|operator| Some((operator, term.split_once(operator)?)));
            let Some((operator, (key, value))) = split else {
                let why = format!("invalid selector: '{text}'; can't understand '{term}'");
                return Err(Refusal::bad_request(why));
            };
            let key = match key {
                "metadata.name" => "name",
                "metadata.namespace" => "namespace",
                _ => {
                    let why = format!(
                        "field label not supported: {key}: only metadata.name and metadata.namespace are"
                    );
                    return Err(Refusal::bad_request(why));
                }
            };
            Ok(Field {
                key,
                value: value.to_owned(),
                is_wanted: operator != "!=",
            })
        })
        .collect()
}

impl Route {
    /// Reads a request line.
    ///
    /// # Errors
    /// When there is nothing there, or a selector is none.
    pub fn parse(method: &str, path: &str, query: Option<&str>) -> Result<Self, Refusal> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let route = match path {
            "/openapi/v2" => Self::OpenApi(2),
            "/openapi/v3" => Self::OpenApi(3),
            GROUP_PATH => Self::Group,
            VERSION_PATH => Self::Version,
            _ => Self::resource(path, query.unwrap_or_default())?,
        };
        if method == "GET" {
            Ok(route)
        } else {
            Err(Refusal::no_such_method(method))
        }
    }

    fn resource(path: &str, query: &str) -> Result<Self, Refusal> {
        let rest = path.strip_prefix(VERSION_PATH);
        let rest = rest.and_then(|rest| rest.strip_prefix('/'));
        let segments: Vec<&str> = rest.map_or_else(Vec::new, |rest| rest.split('/').collect());
        let owned = |name: &str| name.to_owned();
        match *segments {
            ["pods"] => Ok(Self::Pods {
                namespace: None,
                selection: Selection::parse(query)?,
            }),
            ["namespaces", namespace, "pods"] if is_label(namespace) => Ok(Self::Pods {
                namespace: Some(owned(namespace)),
                selection: Selection::parse(query)?,
            }),
            ["namespaces", namespace, "pods", name] if is_label(namespace) && is_name(name) => {
                Ok(Self::Pod {
                    namespace: owned(namespace),
                    name: owned(name),
                })
            }
            ["nodes"] => Ok(Self::Nodes {
                selection: Selection::parse(query)?,
            }),
            ["nodes", name] if is_name(name) => Ok(Self::Node { name: owned(name) }),
            _ => Err(Refusal::no_such_path()),
        }
    }
}

fn is_label(text: &str) -> bool {
    check_label(text, DNS_LABEL_MAX_BYTES).is_ok()
}

fn is_name(text: &str) -> bool {
    let mut labels = text.split('.');
    text.len() <= DNS_SUBDOMAIN_MAX_BYTES
        && labels.all(|label| check_label(label, DNS_SUBDOMAIN_MAX_BYTES).is_ok())
}
