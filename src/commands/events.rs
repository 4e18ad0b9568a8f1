//! `vc events`: what happened to virtual objects, as the virtual cluster and the host tell it.

mod follow;
mod row;

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

use self::row::{Row, merged};
use super::App;
use super::inside::Inside;
use crate::cli::EventsArgs;
use crate::kinds::{self, Kind as ObjectKind};
use crate::labels;
use crate::why::{Seen, Side, uid};

/// The kinds whose host objects the host has something to say about.
static KINDS: [&ObjectKind; 4] = [&kinds::POD, &kinds::CLAIM, &kinds::SERVICE, &kinds::INGRESS];

/// Prints them.
///
/// # Errors
/// When the cluster does not exist, or one of both sides does not answer. What we may not see of the host is said.
pub(super) async fn run(app: &App, args: &EventsArgs) -> anyhow::Result<()> {
    events(app, args)
        .await
        .context("cannot tell what happened in the virtual cluster")
}

async fn events(app: &App, args: &EventsArgs) -> anyhow::Result<()> {
    let inside = Inside::open(app, &args.inside).await?;
    let namespace = (!args.all_namespaces).then_some(inside.namespace.as_str());
    let rows = so_far(app, &inside, namespace).await?;
    if args.follow {
        return follow::run(app, args, &inside, namespace, rows).await;
    }
    app.ui.data(&match args.output {
        None => rows.iter().map(|row| row.line() + "\n").collect(),
        Some(_) => format!("{}\n", serde_json::to_string_pretty(&rows)?),
    })?;
    if rows.is_empty() {
        app.ui.note("nothing happened lately");
    }
    Ok(())
}

/// What both sides have told up to now, the oldest first.
async fn so_far(app: &App, inside: &Inside, namespace: Option<&str>) -> anyhow::Result<Vec<Row>> {
    let told = inside.list(&kinds::EVENT, namespace, "").await?;
    let told = told.iter().map(|event| Row::of(event, Side::Virtual));
    let host = match inside.host_list(&kinds::EVENT, "").await? {
        Seen::Known(events) => of_host(inside, namespace, &events).await?,
        Seen::Unknown(why) => {
            app.ui
                .note(&format!("the host's events are left out: {why}"));
            Vec::new()
        }
    };
    Ok(merged(told.collect(), host))
}

/// What the host tells of objects that stand for virtual ones.
async fn of_host(
    inside: &Inside,
    namespace: Option<&str>,
    events: &[Value],
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for kind in KINDS {
        let objects = inside.list(kind, namespace, "").await?;
        let objects: BTreeMap<&str, &Value> = objects.iter().map(|one| (uid(one), one)).collect();
        if objects.is_empty() {
            continue;
        }
        let Seen::Known(twins) = inside.host_list(kind, "").await? else {
            continue;
        };
        for twin in &twins {
            let found = virtual_uid(inside, twin).and_then(|uid| objects.get(uid));
            let Some(object) = found else { continue };
            let told = events
                .iter()
                .filter_map(|event| inside.told(object, twin, event));
            rows.extend(told.map(|event| Row::of(&event, Side::Host)));
        }
    }
    Ok(rows)
}

/// UID of the virtual object that a host object stands for, if it is of this cluster.
fn virtual_uid<'a>(inside: &Inside, twin: &'a Value) -> Option<&'a str> {
    let marks = twin.pointer("/metadata/annotations")?;
    let mark = |key: &str| marks.get(key)?.as_str();
    let is_ours = mark(labels::CLUSTER_UID)? == inside.scope.uid;
    is_ours.then(|| mark(labels::VIRTUAL_UID)).flatten()
}
