//! Whether we may do what `vc create` does.
//!
//! In: a host, a namespace. Out: nothing, or every right that is missing. Never: tries whether a
//! right is there by using it.

use std::fmt;

use futures::future::{join_all, try_join_all};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, ResourceRule, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
    SelfSubjectRulesReview, SelfSubjectRulesReviewSpec,
};
use kube::Api;
use kube::api::PostParams;

use super::NamespaceState;
use crate::cluster::{Grants, Shown};
use crate::config::SpecOptions;
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::names::Namespace;
use crate::render::installer::{self, Right, Wanted};
use crate::render::rbac;
use crate::sync::{self, Known, Sync};

/// Checks that we may do what `vc create` does, and names what we may not, verb by verb.
///
/// One question shows most people's rights. Only what it does not show is asked for one by one:
/// rights in the whole cluster, and those of hosts that cannot list them (a webhook decides).
///
/// # Errors
/// When a right is missing.
pub async fn rights(
    host: &Host,
    namespace: &Namespace,
    state: NamespaceState,
    options: &SpecOptions,
) -> anyhow::Result<()> {
    let missing = missing(host, namespace, state, options).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        Kind::Denied,
        format!("{} is missing rights on the host", host.describe()),
    );
    for right in missing {
        failure = failure.detail(right.to_string());
    }
    let grant = format!(
        "kubectl -n {namespace} create rolebinding vc-admin --clusterrole=admin --user=YOU"
    );
    let besides = if options.quota.is_empty() {
        ""
    } else {
        "; those on resourcequotas and limitranges, which `--quota` takes, are not part of `admin`"
    };
    Err(failure
        .hint(format!(
            "an administrator can grant them with `{grant}`{besides}; the least that does is printed by \
             `vc rbac -n {namespace}`"
        ))
        .into())
}

/// The rights that `vc create` needs and that we do not have.
///
/// # Errors
/// When the host does not answer.
pub async fn missing(
    host: &Host,
    namespace: &Namespace,
    state: NamespaceState,
    options: &SpecOptions,
) -> anyhow::Result<Vec<MissingRight>> {
    let rules = rules(host, namespace).await?;
    // Those that come by default come by the right to them.
    let asked = options.sync.resolve(|_| false);
    let wanted = Wanted {
        shown: &options.shown,
        sync: &asked,
        has_quota: !options.quota.is_empty(),
        is_isolated: options.isolate,
        sleeps: options.sleep_after.is_some(),
    };
    let unseen = installer::in_namespace(&wanted)
        .iter()
        .map(|right| attributes(namespace, right))
        .filter(|right| !is_allowed(&rules, right))
        .collect::<Vec<_>>();
    let create_namespace = (state == NamespaceState::Missing).then(|| ResourceAttributes {
        verb: Some("create".to_owned()),
        resource: Some("namespaces".to_owned()),
        ..ResourceAttributes::default()
    });
    let wide = installer::cluster_wide(&options.shown);
    let asked = unseen
        .into_iter()
        .chain(create_namespace)
        .chain(wide.iter().map(in_whole_cluster));
    let answers = try_join_all(asked.map(|right| review(host, right))).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// Which of the kinds that are synced by default we may let the syncer sync.
async fn may_sync(host: &Host, namespace: &Namespace, rules: &[ResourceRule]) -> Vec<Known> {
    let may = async |kind: Known| {
        let sync = Sync {
            kinds: vec![kind],
            ..Sync::default()
        };
        let rights = installer::synced(&sync);
        has_all(host, rules, of(namespace, &rights)).await
    };
    let answers = join_all(sync::BY_DEFAULT.map(may)).await;
    let granted = sync::BY_DEFAULT.into_iter().zip(answers);
    granted
        .filter_map(|(kind, may)| may.then_some(kind))
        .collect()
}

fn of(namespace: &Namespace, rights: &[Right]) -> Vec<ResourceAttributes> {
    let rights = rights.iter();
    rights.map(|right| attributes(namespace, right)).collect()
}

fn attributes(namespace: &Namespace, right: &Right) -> ResourceAttributes {
    ResourceAttributes {
        namespace: Some(namespace.to_string()),
        ..in_whole_cluster(right)
    }
}

fn in_whole_cluster(right: &Right) -> ResourceAttributes {
    let split = right.resource.split_once('/');
    let (resource, subresource) = split.unwrap_or((&right.resource, ""));
    ResourceAttributes {
        verb: Some(right.verb.clone()),
        group: Some(right.group.clone()),
        resource: Some(resource.to_owned()),
        subresource: Some(subresource.to_owned()),
        ..ResourceAttributes::default()
    }
}

/// Which of the rights that the syncer can do without we have, and so can grant. What the host does not
/// tell counts as not there: without it the cluster is as good but for one thing. With them, which of the kinds
/// that are synced by default we may let it sync.
pub async fn grants(host: &Host, namespace: &Namespace, shown: &Shown) -> (Grants, Vec<Known>) {
    let rules = rules(host, namespace).await.unwrap_or_default();
    let may = async |rule: rbac::Rule| {
        has_all(host, &rules, of(namespace, &installer::of_rule(&rule))).await
    };
    let patch = |resources| rbac::Rule {
        verbs: &["patch"],
        resources,
    };
    let of_nodes = async {
        let everywhere = installer::of_rule(&rbac::NODE_METRICS);
        let everywhere = everywhere.iter().map(in_whole_cluster).collect();
        shown.nodes && has_all(host, &[], everywhere).await
    };
    let (ephemeral_containers, resize, status, endpoint_slices, pod_metrics, node_metrics, kinds) = tokio::join!(
        may(patch(&["pods/ephemeralcontainers"])),
        may(patch(&["pods/resize"])),
        may(patch(&["pods/status"])),
        may(rbac::ENDPOINT_SLICES),
        may(rbac::POD_METRICS),
        of_nodes,
        may_sync(host, namespace, &rules)
    );
    let grants = Grants {
        ephemeral_containers,
        resize,
        status,
        endpoint_slices,
        pod_metrics,
        node_metrics,
    };
    (grants, kinds)
}

/// Whether we have all of these rights, by the rules or by the host's word on each that they do not show.
async fn has_all(host: &Host, rules: &[ResourceRule], rights: Vec<ResourceAttributes>) -> bool {
    let unseen = rights.into_iter().filter(|right| !is_allowed(rules, right));
    let answers = try_join_all(unseen.map(|right| review(host, right))).await;
    answers.is_ok_and(|answers| answers.iter().all(Option::is_none))
}

/// What the host says that we may do in a namespace; need not be all of it.
async fn rules(host: &Host, namespace: &Namespace) -> anyhow::Result<Vec<ResourceRule>> {
    let api: Api<SelfSubjectRulesReview> = Api::all(host.client.clone());
    let review = SelfSubjectRulesReview {
        spec: SelfSubjectRulesReviewSpec {
            namespace: Some(namespace.to_string()),
        },
        ..SelfSubjectRulesReview::default()
    };
    let answer = host
        .call(
            "ask the host for our rights",
            api.create(&PostParams::default(), &review),
        )
        .await;
    match answer {
        Ok(answer) => Ok(answer.status.unwrap_or_default().resource_rules),
        // Whoever may not ask for all of them may still ask for one.
        Err(error) if kind(&error) == Kind::Denied => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether one of these rules grants a right, in the whole namespace.
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>
fn is_allowed(rules: &[ResourceRule], right: &ResourceAttributes) -> bool {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let (verb, group) = (part(&right.verb), part(&right.group));
    let subresource = part(&right.subresource);
    let mut resource = part(&right.resource);
    let mut any_resource = "*".to_owned();
    if !subresource.is_empty() {
        resource = format!("{resource}/{subresource}");
        any_resource = format!("*/{subresource}");
    }
    let has = |granted: Option<&Vec<String>>, wanted: &[&str]| {
        granted.is_some_and(|granted| {
            granted
                .iter()
                .any(|one| one == "*" || wanted.contains(&one.as_str()))
        })
    };
    rules.iter().any(|rule| {
        rule.resource_names.as_ref().is_none_or(Vec::is_empty)
            && has(Some(&rule.verbs), &[&verb])
            && has(rule.api_groups.as_ref(), &[&group])
            && has(rule.resources.as_ref(), &[&resource, &any_resource])
    })
}

/// Asks for one right; answers with its name when we do not have it.
async fn review(host: &Host, right: ResourceAttributes) -> anyhow::Result<Option<MissingRight>> {
    let named = MissingRight::new(&right);
    let api: Api<SelfSubjectAccessReview> = Api::all(host.client.clone());
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(right),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let answer = host
        .call(
            "ask the host for our rights",
            api.create(&PostParams::default(), &review),
        )
        .await?;
    let allowed = answer.status.is_some_and(|status| status.allowed);
    Ok((!allowed).then_some(named))
}

/// A right that we do not have; prints as `create pods/portforward in namespace `a``, `create namespaces`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRight {
    /// `create`
    pub verb: String,
    /// `pods/portforward`, `statefulsets.apps`
    pub resource: String,
    /// None for a right in the whole host cluster.
    pub namespace: Option<String>,
}

impl MissingRight {
    fn new(right: &ResourceAttributes) -> Self {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let mut resource = part(&right.resource);
        for (separator, more) in [("/", part(&right.subresource)), (".", part(&right.group))] {
            if !more.is_empty() {
                resource = format!("{resource}{separator}{more}");
            }
        }
        Self {
            verb: part(&right.verb),
            resource,
            namespace: right.namespace.clone(),
        }
    }
}

impl fmt::Display for MissingRight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.verb, self.resource)?;
        match &self.namespace {
            Some(namespace) => write!(formatter, " in namespace `{namespace}`"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_missing_right_is_named_as_kubectl_would() {
        let right = ResourceAttributes {
            namespace: Some("a".to_owned()),
            verb: Some("create".to_owned()),
            group: Some(String::new()),
            resource: Some("pods".to_owned()),
            subresource: Some("portforward".to_owned()),
            ..ResourceAttributes::default()
        };
        assert_eq!(
            MissingRight::new(&right).to_string(),
            "create pods/portforward in namespace `a`"
        );
        let right = ResourceAttributes {
            group: Some("apps".to_owned()),
            resource: Some("statefulsets".to_owned()),
            subresource: Some(String::new()),
            ..right
        };
        assert_eq!(
            MissingRight::new(&right).to_string(),
            "create statefulsets.apps in namespace `a`"
        );
    }

    #[test]
    fn a_rule_grants_what_it_names_in_the_whole_namespace() {
        let right = |verb: &str, group: &str, resource: &str, subresource: &str| {
            serde_json::from_value::<ResourceAttributes>(json!({
                "verb": verb, "group": group, "resource": resource, "subresource": subresource,
            }))
            .unwrap()
        };
        let rule = |verb: &str, group: &str, resource: &str| {
            let rule = json!({"verbs": [verb], "apiGroups": [group], "resources": [resource]});
            vec![serde_json::from_value::<ResourceRule>(rule).unwrap()]
        };
        let forward = right("create", "", "pods", "portforward");
        assert!(is_allowed(&rule("*", "*", "*"), &forward));
        assert!(is_allowed(
            &rule("create", "", "pods/portforward"),
            &forward
        ));
        assert!(is_allowed(&rule("create", "", "*/portforward"), &forward));
        assert!(!is_allowed(&rule("create", "", "pods"), &forward));
        assert!(!is_allowed(&rule("get", "", "pods/portforward"), &forward));
        let sets = right("list", "apps", "statefulsets", "");
        assert!(is_allowed(&rule("list", "apps", "statefulsets"), &sets));
        assert!(!is_allowed(&rule("list", "", "statefulsets"), &sets));
        assert!(!is_allowed(&[], &sets));
        let mut one = rule("list", "apps", "statefulsets");
        one[0].resource_names = Some(vec!["mine".to_owned()]);
        assert!(!is_allowed(&one, &sets));
    }
}
