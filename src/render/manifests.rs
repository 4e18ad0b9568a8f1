//! Rendered objects as values.
//!
//! In: typed objects. Out: JSON and YAML, in the order given. Never: reorders, invents a field.

use std::fmt;
use std::time::Duration;

use k8s_openapi::Metadata;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::RenderError;
use crate::labels;
use crate::names::Label;

/// One object as JSON. Its `Debug` form shows kind and name only, because it may be a Secret.
#[derive(Clone, PartialEq)]
pub struct Manifest {
    api_version: &'static str,
    kind: &'static str,
    name: String,
    value: Value,
}

impl Manifest {
    /// From a typed object, so that no field can be misspelt.
    pub(super) fn new<T>(object: &T) -> Result<Self, RenderError>
    where
        T: Metadata<Ty = ObjectMeta> + Serialize,
    {
        let name = object.metadata().name.clone().unwrap_or_default();
        let value = serde_json::to_value(object).map_err(|source| RenderError::Json {
            kind: T::KIND,
            name: name.clone(),
            source,
        })?;
        Ok(Self {
            api_version: T::API_VERSION,
            kind: T::KIND,
            name,
            value,
        })
    }

    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> &'static str {
        self.api_version
    }

    /// `StatefulSet`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// `vc-NAME`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is applied after the rest: a pod is refused without its account and waits for its Secrets, and a
    /// binding needs its role.
    pub fn comes_last(&self) -> bool {
        matches!(
            self.kind,
            "StatefulSet" | "RoleBinding" | "ClusterRoleBinding"
        )
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The whole object, to keep.
    pub fn into_value(self) -> Value {
        self.value
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Manifest({} {})", self.kind, self.name)
    }
}

/// The objects of one virtual cluster in the order in which they are applied; the first is the
/// marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifests {
    objects: Vec<Manifest>,
}

impl Manifests {
    pub(super) fn new(objects: Vec<Manifest>) -> Self {
        Self { objects }
    }

    /// Adds an object that is no part of the cluster.
    pub fn add(&mut self, manifest: Manifest) {
        self.objects.push(manifest);
    }

    /// Iterates in the order of application.
    pub fn iter(&self) -> std::slice::Iter<'_, Manifest> {
        self.objects.iter()
    }

    /// Makes the marker, known to the host by `marker_uid`, the owner of every other object, so
    /// that whatever `vc delete` cannot reach goes with it.
    ///
    /// Not a controller (a pod has that already), and not blocking: setting `blockOwnerDeletion`
    /// needs a right on the owner's finalizers that a user of a namespace may lack. The volume
    /// claim template gets none: it cannot be changed when the cluster is made again with another
    /// marker, and its claims go with the StatefulSet by the retention policy.
    pub fn own(&mut self, marker_uid: &str) {
        let Some((marker, owned)) = self.objects.split_first_mut() else {
            return;
        };
        let reference = json!([{
            "apiVersion": marker.api_version,
            "kind": marker.kind,
            "name": marker.name,
            "uid": marker_uid,
        }]);
        for object in owned {
            if let Some(metadata) = object
                .value
                .get_mut("metadata")
                .and_then(Value::as_object_mut)
                // What is in no namespace cannot be owned by what is in one.
                .filter(|metadata| metadata.contains_key("namespace"))
            {
                metadata.insert("ownerReferences".to_owned(), reference.clone());
            }
        }
    }

    /// Gives the marker these labels, too, and the time that the cluster has to live.
    pub fn mark(&mut self, labels: &[Label], ttl: Option<Duration>) {
        let labels = labels.iter().map(|label| (label.key(), label.value()));
        let ttl = ttl.map(|ttl| ttl.as_secs().to_string());
        let ttl = ttl.iter().map(|ttl| (labels::TTL_SECONDS, ttl.as_str()));
        let marker = self.objects.first_mut();
        let metadata = marker.and_then(|marker| marker.value.get_mut("metadata")?.as_object_mut());
        if let Some(metadata) = metadata {
            extend(metadata, "labels", labels);
            extend(metadata, "annotations", ttl);
        }
    }

    /// The marker with an annotation more.
    pub fn marker_with(&self, annotation: &str, text: &str) -> Option<Value> {
        let mut marker = self.objects.first()?.value.clone();
        let metadata = marker.get_mut("metadata")?.as_object_mut()?;
        extend(metadata, "annotations", [(annotation, text)].into_iter());
        Some(marker)
    }

    /// Leaves out the objects of this kind.
    #[must_use]
    pub fn without(mut self, kind: &str) -> Self {
        self.objects.retain(|object| object.kind != kind);
        self
    }

    /// Leaves the control plane without a pod, as that of a paused cluster is.
    pub fn scale_to_nothing(&mut self) {
        let sets = self
            .objects
            .iter_mut()
            .filter(|it| it.kind == "StatefulSet");
        for set in sets {
            if let Some(replicas) = set.value.pointer_mut("/spec/replicas") {
                *replicas = 0.into();
            }
        }
    }

    /// All objects as one YAML stream.
    ///
    /// # Errors
    ///
    /// When an object cannot be written as YAML, which would be a fault of ours.
    pub fn to_yaml(&self) -> Result<String, RenderError> {
        let documents: Result<Vec<String>, _> = self
            .iter()
            .map(|object| serde_saphyr::to_string(&object.value))
            .collect();
        Ok(documents.map_err(RenderError::Yaml)?.join("---\n"))
    }

    /// All objects as one `v1` List.
    pub fn to_list(&self) -> Value {
        let items: Vec<&Value> = self.iter().map(Manifest::value).collect();
        json!({"apiVersion": "v1", "kind": "List", "items": items})
    }
}

impl<'a> IntoIterator for &'a Manifests {
    type Item = &'a Manifest;
    type IntoIter = std::slice::Iter<'a, Manifest>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Manifests {
    type Item = Manifest;
    type IntoIter = std::vec::IntoIter<Manifest>;

    fn into_iter(self) -> Self::IntoIter {
        self.objects.into_iter()
    }
}

/// Puts more into a map of texts, which is made if there is none.
fn extend<'a>(
    metadata: &mut Map<String, Value>,
    name: &str,
    more: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let mut more = more.peekable();
    if more.peek().is_none() {
        return;
    }
    let map = metadata.entry(name).or_insert_with(|| json!({}));
    if let Some(map) = map.as_object_mut() {
        map.extend(more.map(|(key, value)| (key.to_owned(), value.into())));
    }
}
