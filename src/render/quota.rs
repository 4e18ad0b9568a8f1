//! How much the host gives to a virtual cluster.
//!
//! In: a [`ClusterSpec`]. Out: a ResourceQuota of the host namespace, and a LimitRange by which pods that say
//! nothing are admitted. Never: a default that the control plane would get.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    LimitRange, LimitRangeItem, LimitRangeSpec, ResourceQuota, ResourceQuotaSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::metadata;
use crate::cluster::ClusterSpec;

/// What a container gets that does not say what it requests, of what the quota counts.
const REQUESTS: [(&str, &str); 2] = [("cpu", "50m"), ("memory", "64Mi")];

/// What a container may use that does not say it, of what the quota counts.
const LIMITS: [(&str, &str); 2] = [("cpu", "500m"), ("memory", "256Mi")];

/// The quota; none if there is to be none.
pub(super) fn resource_quota(spec: &ClusterSpec) -> Option<ResourceQuota> {
    if spec.quota.is_empty() {
        return None;
    }
    let hard = spec.quota.iter();
    let hard = hard.map(|(name, quantity)| (name.clone(), Quantity(quantity.clone())));
    Some(ResourceQuota {
        metadata: metadata(spec, spec.name.object()),
        spec: Some(ResourceQuotaSpec {
            hard: Some(hard.collect()),
            ..ResourceQuotaSpec::default()
        }),
        ..ResourceQuota::default()
    })
}

/// Defaults for what the quota counts and a pod has to say therefore; none if there is nothing of the kind.
///
/// The control plane says all of it, so it gets none of these.
pub(super) fn limit_range(spec: &ClusterSpec) -> Option<LimitRange> {
    let counted = |prefix: &str, defaults: [(&str, &str); 2]| {
        let counted = defaults
            .into_iter()
            .filter(|(resource, _)| spec.quota.contains_key(&format!("{prefix}.{resource}")));
        counted
            .map(|(resource, amount)| (resource.to_owned(), Quantity(amount.to_owned())))
            .collect::<BTreeMap<_, _>>()
    };
    let (requests, limits) = (counted("requests", REQUESTS), counted("limits", LIMITS));
    if requests.is_empty() && limits.is_empty() {
        return None;
    }
    Some(LimitRange {
        metadata: metadata(spec, spec.name.object()),
        spec: Some(LimitRangeSpec {
            limits: vec![LimitRangeItem {
                type_: "Container".to_owned(),
                default: Some(limits).filter(|limits| !limits.is_empty()),
                default_request: Some(requests).filter(|requests| !requests.is_empty()),
                ..LimitRangeItem::default()
            }],
        }),
    })
}
