//! What both sides say of an object and of what it needs.
//!
//! In: an object's name. Out: [`Facts`]. Never: decides what they mean; reads the content of a Secret.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::super::inside::Inside;
use crate::error::{Failure, Kind};
use crate::kinds::{self, Kind as ObjectKind, Reference};
use crate::why::references::needed;
use crate::why::{self, Facts, Log, Missing, Seen, items, name, text, uid};

/// Of how many pods the host is asked: those that are worst off come first.
const PODS: usize = 3;

/// How many lines of a log are read.
const LOG_LINES: usize = 8;

/// Gathers them.
///
/// # Errors
/// When the object does not exist, or one of both sides does not answer.
pub(super) async fn facts(inside: &Inside, object: &Reference) -> anyhow::Result<Facts> {
    let Reference { kind, name } = object;
    let namespace = inside.namespace.as_str();
    let Some(subject) = inside.get(kind, namespace, name).await? else {
        return Err(absent(inside, object).into());
    };
    let (between, mut pods) = below(inside, &subject).await?;
    why::order(&mut pods);
    let mut claims = Vec::new();
    if kind.kind == kinds::CLAIM.kind {
        claims.push(subject.clone());
    }
    let mut missing = Vec::new();
    if let Some(pod) = pods.first() {
        needs(inside, pod, &mut claims, &mut missing).await?;
    }
    let with_twin = pods.iter().take(PODS).chain(&claims);
    let mut twins = BTreeMap::new();
    for object in with_twin.chain([&subject]).chain(&between) {
        if let Some(kind) = carried(object) {
            let host_name = inside.scope.host_name(namespace, why::name(object));
            let twin = inside.host_get(kind, &host_name).await?;
            twins.insert(uid(object).to_owned(), ours(inside, object, twin));
        }
    }
    let control_plane = inside
        .host_get(&kinds::POD, &inside.cluster.name.pod())
        .await?;
    let mut facts = Facts {
        place: inside.place.clone(),
        now: Timestamp::now(),
        node: node(inside, pods.first()).await?,
        logs: logs(inside, pods.first()).await,
        subject,
        between,
        pods,
        claims,
        events: Vec::new(),
        twins,
        missing,
        control_plane,
        unseen: Vec::new(),
    };
    tell(inside, &mut facts).await?;
    Ok(facts)
}

fn absent(inside: &Inside, object: &Reference) -> Failure {
    let Reference { kind, name } = object;
    let namespace = &inside.namespace;
    let words = format!(
        "{} `{name}` does not exist in namespace `{namespace}` of virtual cluster `{}`",
        kind.word(),
        inside.cluster.name
    );
    let kubectl = &inside.place.virtual_kubectl;
    let hint = format!("{kubectl} get {} --all-namespaces", kind.plural);
    Failure::new(Kind::NotFound, words).hint(hint)
}

/// The kind of the host object that stands for a virtual one.
fn carried(object: &Value) -> Option<&'static ObjectKind> {
    let kind = ObjectKind::named(text(object, "/kind"))?;
    let kinds = [&kinds::POD, &kinds::CLAIM, &kinds::SERVICE, &kinds::INGRESS];
    kinds.contains(&kind).then_some(kind)
}

/// A host object of that name that stands for another is not there, for us.
fn ours(inside: &Inside, object: &Value, twin: Seen<Option<Value>>) -> Seen<Option<Value>> {
    let Seen::Known(twin) = twin else { return twin };
    let mark = |twin: &Value, key: &str| {
        let marks = twin.pointer("/metadata/annotations");
        marks
            .and_then(|marks| marks.get(key)?.as_str())
            .map(str::to_owned)
    };
    Seen::Known(twin.filter(|twin| {
        mark(twin, crate::labels::CLUSTER_UID).as_ref() == Some(&inside.scope.uid)
            && mark(twin, crate::labels::VIRTUAL_UID).is_none_or(|found| found == uid(object))
    }))
}

/// What stands between an object and its pods, and the pods.
async fn below(inside: &Inside, subject: &Value) -> anyhow::Result<(Vec<Value>, Vec<Value>)> {
    let namespace = Some(inside.namespace.as_str());
    let owned = |all: Vec<Value>, owners: &BTreeSet<String>| -> Vec<Value> {
        let is_owned = |object: &Value| {
            let mut owners_of = items(object, "/metadata/ownerReferences").iter();
            owners_of.any(|owner| owners.contains(text(owner, "/uid")))
        };
        all.into_iter().filter(is_owned).collect()
    };
    let own = BTreeSet::from([uid(subject).to_owned()]);
    Ok(match text(subject, "/kind") {
        "Pod" => (Vec::new(), vec![subject.clone()]),
        "PersistentVolumeClaim" => (Vec::new(), Vec::new()),
        "Service" => (Vec::new(), selected(inside, subject).await?),
        "Ingress" => {
            let names = why::backends(subject);
            let gets = names
                .into_iter()
                .map(|name| inside.get(&kinds::SERVICE, &inside.namespace, name));
            let services: Vec<Value> = try_join_all(gets).await?.into_iter().flatten().collect();
            let pods = match services.first() {
                Some(service) => selected(inside, service).await?,
                None => Vec::new(),
            };
            (services, pods)
        }
        "Deployment" => {
            let sets = inside.list(&kinds::REPLICA_SET, namespace, "").await?;
            let mut sets = owned(sets, &own);
            let owners = sets.iter().map(|set| uid(set).to_owned()).collect();
            let pods = owned(inside.list(&kinds::POD, namespace, "").await?, &owners);
            // Those of earlier revisions are scaled to nothing.
            sets.retain(|set| set.pointer("/spec/replicas").and_then(Value::as_i64) != Some(0));
            (sets, pods)
        }
        _ => {
            let pods = inside.list(&kinds::POD, namespace, "").await?;
            (Vec::new(), owned(pods, &own))
        }
    })
}

/// The pods that a Service selects.
async fn selected(inside: &Inside, service: &Value) -> anyhow::Result<Vec<Value>> {
    let wanted = service.pointer("/spec/selector").and_then(Value::as_object);
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return Ok(Vec::new());
    };
    let pods = inside
        .list(&kinds::POD, Some(&inside.namespace), "")
        .await?;
    let is_selected = |pod: &Value| {
        let labels = pod.pointer("/metadata/labels");
        let mut wanted = wanted.iter();
        wanted.all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
    };
    Ok(pods.into_iter().filter(is_selected).collect())
}

/// The claims of a pod, and what it lacks.
async fn needs(
    inside: &Inside,
    pod: &Value,
    claims: &mut Vec<Value>,
    missing: &mut Vec<Missing>,
) -> anyhow::Result<()> {
    let namespace = inside.namespace.as_str();
    for needed in needed(pod) {
        let exists = match needed.kind {
            "Secret" => {
                inside
                    .exists(&kinds::SECRET, namespace, &needed.name)
                    .await?
            }
            "ConfigMap" => {
                let kind = &kinds::CONFIG_MAP;
                inside.exists(kind, namespace, &needed.name).await?
            }
            _ => {
                let claim = inside.get(&kinds::CLAIM, namespace, &needed.name).await?;
                let exists = claim.is_some();
                claims.extend(claim);
                exists
            }
        };
        if !exists {
            missing.push(Missing {
                pod: uid(pod).to_owned(),
                kind: needed.kind,
                name: needed.name,
                by: needed.by,
            });
        }
    }
    Ok(())
}

async fn node(inside: &Inside, pod: Option<&Value>) -> anyhow::Result<Option<Value>> {
    match pod.map(|pod| text(pod, "/spec/nodeName")) {
        None | Some("") => Ok(None),
        Some(node) => inside.node(node).await,
    }
}

/// The logs of a pod's containers that have ended with an error. One that cannot be read is none.
async fn logs(inside: &Inside, pod: Option<&Value>) -> Vec<Log> {
    let mut logs = Vec::new();
    let Some(pod) = pod else { return logs };
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    for status in lists.into_iter().flat_map(|list| items(pod, list)) {
        let failed = |end: &str| {
            let end = status.pointer(end).filter(|end| !end.is_null());
            end.is_some_and(|end| end.pointer("/exitCode") != Some(&Value::from(0)))
        };
        let previous = match (failed("/state/terminated"), failed("/lastState/terminated")) {
            (true, _) => "",
            (_, true) => "&previous=true",
            _ => continue,
        };
        let container = text(status, "/name");
        let path = kinds::POD.one(&inside.namespace, name(pod));
        let path = format!("{path}/log?container={container}&tailLines={LOG_LINES}{previous}");
        if let Ok(log) = inside.log(&path).await {
            logs.push(Log {
                pod: uid(pod).to_owned(),
                container: container.to_owned(),
                lines: log.lines().map(str::to_owned).collect(),
            });
        }
    }
    logs
}

/// Events of both sides, in the virtual cluster's words. What the syncer has told is not told twice.
async fn tell(inside: &Inside, facts: &mut Facts) -> anyhow::Result<()> {
    let objects = || {
        let pods = facts.pods.iter().take(PODS);
        let all = pods.chain(&facts.claims).chain(&facts.between);
        all.chain([&facts.subject])
    };
    let uids: BTreeSet<&str> = objects().map(uid).collect();
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    let all = inside
        .list(&kinds::EVENT, Some(&inside.namespace), "")
        .await?;
    for event in all {
        if uids.contains(text(&event, "/involvedObject/uid")) {
            told.insert(name(&event).to_owned(), event);
        }
    }
    let mut unseen = Vec::new();
    match inside.host_list(&kinds::EVENT, "").await? {
        Seen::Unknown(why) => unseen.push(why),
        Seen::Known(all) => {
            for object in objects() {
                let twin = facts.twins.get(uid(object)).and_then(Seen::known);
                let Some(Some(twin)) = twin else { continue };
                for event in all
                    .iter()
                    .filter_map(|event| inside.told(object, twin, event))
                {
                    told.entry(name(&event).to_owned()).or_insert(event);
                }
            }
        }
    }
    let mut events: Vec<Value> = told.into_values().collect();
    events.sort_by_key(why::happened);
    facts.events = events;
    facts.unseen = unseen;
    Ok(())
}
