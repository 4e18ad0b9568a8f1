//! Whether we may do what `vc create` does.
//!
//! In: a host, a namespace. Out: nothing, or every right that is missing. Never: tries whether a
//! right is there by using it.

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
use crate::render::rbac;
use crate::sync::{self, Known, Sync};

/// What `vc create` does in the host namespace, as (verbs, group, resource, subresource). What it gives
/// to the syncer comes on top: nobody can grant what he has not himself.
///
/// Everything here is part of Kubernetes' own namespaced `admin` role.
const RIGHTS: [(&[&str], &str, &str, &str); 11] = [
    (
        &[
            "get",
            "list",
            "watch",
            "create",
            "patch",
            "deletecollection",
        ],
        "",
        "configmaps",
        "",
    ),
    (
        &["get", "create", "patch", "deletecollection"],
        "",
        "secrets",
        "",
    ),
    (
        &["create", "patch", "deletecollection"],
        "",
        "serviceaccounts",
        "",
    ),
    (&["create", "patch", "deletecollection"], "", "services", ""),
    (
        &["create", "patch", "deletecollection"],
        "rbac.authorization.k8s.io",
        "roles",
        "",
    ),
    (
        &["create", "patch", "deletecollection"],
        "rbac.authorization.k8s.io",
        "rolebindings",
        "",
    ),
    (
        &["list", "create", "patch", "deletecollection"],
        "apps",
        "statefulsets",
        "",
    ),
    (
        &["list", "watch", "create", "deletecollection"],
        "",
        "pods",
        "",
    ),
    (&["get", "create"], "", "pods", "portforward"),
    (
        &["list", "create", "deletecollection"],
        "",
        "persistentvolumeclaims",
        "",
    ),
    (&["list"], "", "events", ""),
];

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
    let rules = rules(host, namespace).await?;
    // Those that come by default come by the right to them.
    let asked = options.sync.resolve(|_| false);
    let bounds = bounds(options)
        .into_iter()
        .map(|right| attributes(namespace, right));
    let unseen = in_namespace(namespace)
        .into_iter()
        .chain(synced(namespace, &asked))
        .chain(bounds)
        .filter(|right| !is_allowed(&rules, right));
    let create_namespace = (state == NamespaceState::Missing).then(|| ResourceAttributes {
        verb: Some("create".to_owned()),
        resource: Some("namespaces".to_owned()),
        ..ResourceAttributes::default()
    });
    let asked = unseen
        .chain(create_namespace)
        .chain(cluster_wide(&options.shown));
    let answers = try_join_all(asked.map(|right| review(host, right))).await?;
    let missing: Vec<String> = answers.into_iter().flatten().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        Kind::Denied,
        format!("{} is missing rights on the host", host.describe()),
    );
    for right in missing {
        failure = failure.detail(right);
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
            "an administrator can grant them with `{grant}`{besides}"
        ))
        .into())
}

/// What it takes to bound a cluster, where that was asked for.
fn bounds(options: &SpecOptions) -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let quota: &[(&str, &str)] = if options.quota.is_empty() {
        &[]
    } else {
        &[("", "resourcequotas"), ("", "limitranges")]
    };
    let policies: &[(&str, &str)] = if options.isolate {
        &[("networking.k8s.io", "networkpolicies")]
    } else {
        &[]
    };
    let all = quota.iter().chain(policies);
    all.flat_map(|(group, resource)| {
        ["create", "patch", "deletecollection"].map(|verb| (verb, *group, *resource, ""))
    })
    .collect()
}

/// [`RIGHTS`] and what the syncer is given, one by one, each once.
fn in_namespace(namespace: &Namespace) -> Vec<ResourceAttributes> {
    let ours = RIGHTS
        .iter()
        .flat_map(|(verbs, group, resource, subresource)| {
            verbs
                .iter()
                .map(|verb| (*verb, *group, *resource, *subresource))
        });
    let given = rbac::RULES.iter().flat_map(|rule| {
        let resources = rule.resources.iter();
        resources.flat_map(|resource| {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let verbs = rule.verbs.iter();
            verbs.map(move |verb| (*verb, "", resource, subresource))
        })
    });
    let mut all: Vec<(&str, &str, &str, &str)> = Vec::new();
    for right in ours.chain(given) {
        if !all.contains(&right) {
            all.push(right);
        }
    }
    all.into_iter()
        .map(|right| attributes(namespace, right))
        .collect()
}

/// What it takes to sync more kinds.
fn synced(namespace: &Namespace, sync: &Sync) -> Vec<ResourceAttributes> {
    let rights = sync
        .rights()
        .into_iter()
        .flat_map(|(verbs, group, plural)| {
            let verbs = verbs.iter();
            verbs.map(move |verb| attributes(namespace, (verb, &group, &plural, "")))
        });
    rights.collect()
}

/// Which of the kinds that are synced by default we may let the syncer sync.
async fn may_sync(host: &Host, namespace: &Namespace, rules: &[ResourceRule]) -> Vec<Known> {
    let may = async |kind: Known| {
        let sync = Sync {
            kinds: vec![kind],
            ..Sync::default()
        };
        has_all(host, rules, synced(namespace, &sync)).await
    };
    let answers = join_all(sync::BY_DEFAULT.map(may)).await;
    let granted = sync::BY_DEFAULT.into_iter().zip(answers);
    granted
        .filter_map(|(kind, may)| may.then_some(kind))
        .collect()
}

/// What it takes to show the host as it is.
fn cluster_wide(shown: &Shown) -> Vec<ResourceAttributes> {
    if !shown.is_any() {
        return Vec::new();
    }
    let wide = rbac::cluster_wide(shown);
    let given = wide.iter().flat_map(rights_of);
    let roles = ["clusterroles", "clusterrolebindings"];
    let written = roles.into_iter().flat_map(|resource| {
        ["create", "patch", "delete"].map(|verb| (verb, "rbac.authorization.k8s.io", resource))
    });
    let all = given.chain(written);
    all.map(in_whole_cluster).collect()
}

fn attributes(
    namespace: &Namespace,
    (verb, group, resource, subresource): (&str, &str, &str, &str),
) -> ResourceAttributes {
    ResourceAttributes {
        namespace: Some(namespace.to_string()),
        verb: Some(verb.to_owned()),
        group: Some(group.to_owned()),
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
    let may = async |subresource: &str| {
        has_all(
            host,
            &rules,
            vec![attributes(namespace, ("patch", "", "pods", subresource))],
        )
        .await
    };
    let in_namespace = |rule: &rbac::Rule| {
        let each = rights_of(rule).into_iter();
        each.map(|(verb, group, resource)| attributes(namespace, (verb, group, resource, "")))
            .collect::<Vec<_>>()
    };
    let of_nodes = async {
        let everywhere = rights_of(&rbac::NODE_METRICS).into_iter();
        shown.nodes && has_all(host, &[], everywhere.map(in_whole_cluster).collect()).await
    };
    let (ephemeral_containers, resize, status, endpoint_slices, pod_metrics, node_metrics, kinds) = tokio::join!(
        may("ephemeralcontainers"),
        may("resize"),
        may("status"),
        has_all(host, &rules, in_namespace(&rbac::ENDPOINT_SLICES)),
        has_all(host, &rules, in_namespace(&rbac::POD_METRICS)),
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

/// The rights that a rule gives, one by one: verb, group, resource.
fn rights_of(rule: &rbac::Rule) -> Vec<(&'static str, &'static str, &'static str)> {
    let (resources, group) = rule.resources_and_group();
    let verbs = rule.verbs.iter();
    verbs
        .flat_map(|verb| {
            resources
                .iter()
                .map(move |resource| (*verb, group, *resource))
        })
        .collect()
}

fn in_whole_cluster((verb, group, resource): (&str, &str, &str)) -> ResourceAttributes {
    ResourceAttributes {
        verb: Some(verb.to_owned()),
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        ..ResourceAttributes::default()
    }
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
async fn review(host: &Host, right: ResourceAttributes) -> anyhow::Result<Option<String>> {
    let named = name_right(&right);
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

/// `create pods/portforward in namespace `a``, `create namespaces`.
fn name_right(right: &ResourceAttributes) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let mut resource = part(&right.resource);
    for (separator, more) in [("/", part(&right.subresource)), (".", part(&right.group))] {
        if !more.is_empty() {
            resource = format!("{resource}{separator}{more}");
        }
    }
    match &right.namespace {
        Some(namespace) => format!(
            "{} {resource} in namespace `{namespace}`",
            part(&right.verb)
        ),
        None => format!("{} {resource}", part(&right.verb)),
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
            name_right(&right),
            "create pods/portforward in namespace `a`"
        );
        let right = ResourceAttributes {
            group: Some("apps".to_owned()),
            resource: Some("statefulsets".to_owned()),
            subresource: Some(String::new()),
            ..right
        };
        assert_eq!(
            name_right(&right),
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
