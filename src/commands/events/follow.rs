//! `vc events -f`: what happens from now on.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Event as Told;
use kube::Api;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::super::App;
use super::super::inside::Inside;
use super::row::{Key, Row};
use super::virtual_uid;
use crate::cli::EventsArgs;
use crate::error::{Failure, Kind};
use crate::kinds::Kind as ObjectKind;
use crate::wait::denied;
use crate::why::{Seen, Side, text, uid};

/// How long it is waited for the virtual cluster to tell by itself what the host tells.
const TOLD_WITHIN: Duration = Duration::from_secs(3);

/// A virtual API server that does not answer for this long is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many events are remembered as printed: more than a watch that begins anew tells again of an hour, which is
/// how long an API server keeps them, in all but the busiest clusters.
const REMEMBERED: usize = 20_000;

/// Prints what was told so far and what is told from now on, until nobody reads it any more.
///
/// # Errors
/// When the virtual API server does not answer for too long.
pub(super) async fn run(
    app: &App,
    args: &EventsArgs,
    inside: &Inside,
    namespace: Option<&str>,
    rows: Vec<Row>,
) -> anyhow::Result<()> {
    let mut printer = Printer {
        app,
        is_json: args.output.is_some(),
        printed: HashSet::new(),
        order: VecDeque::new(),
    };
    for row in rows {
        if !printer.print(&row)? {
            return Ok(());
        }
    }
    let host = Api::<Told>::namespaced(
        inside.host.client.clone(),
        inside.cluster.namespace.as_str(),
    );
    let watch = |api| watcher(api, watcher::Config::default()).default_backoff();
    let mut told = watch(inside.events(namespace)).boxed();
    let mut of_host = watch(host).boxed();
    let mut hears_host = true;
    let mut silent_since: Option<Instant> = None;
    // In the order in which they came, so the first is the first that is due.
    let mut aside: VecDeque<(Instant, Row)> = VecDeque::new();
    loop {
        let due = aside.front().map_or_else(Instant::now, |(due, _)| *due);
        tokio::select! {
            event = told.next() => match event {
                Some(Ok(event)) => {
                    silent_since = None;
                    if let Some(event) = value(event)
                        && !printer.print(&Row::of(&event, Side::Virtual))?
                    {
                        return Ok(());
                    }
                }
                Some(Err(error)) => {
                    let since = *silent_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > PATIENCE {
                        return Err(silent(inside).because(error).into());
                    }
                }
                None => return Err(silent(inside).into()),
            },
            event = of_host.next(), if hears_host => match event {
                Some(Ok(event)) => {
                    // What was before is printed, and asking about all of it again is not worth it.
                    if let Event::Apply(event) = event
                        && let Ok(event) = serde_json::to_value(event)
                        && let Some(row) = translated(inside, namespace, &event).await
                    {
                        aside.push_back((Instant::now() + TOLD_WITHIN, row));
                    }
                }
                // Without the host's the rest is told all the same; that is said already.
                Some(Err(error)) => hears_host = denied(error).is_none(),
                None => hears_host = false,
            },
            () = sleep_until(due), if !aside.is_empty() => {
                if let Some((_, row)) = aside.pop_front()
                    && !printer.print(&row)?
                {
                    return Ok(());
                }
            }
        }
    }
}

fn silent(inside: &Inside) -> Failure {
    let name = &inside.cluster.name;
    let words = format!("the API server of virtual cluster `{name}` does not answer");
    Failure::new(Kind::Unreachable, words).hint(inside.describe())
}

/// An event that is new or has changed.
fn value(event: Event<Told>) -> Option<Value> {
    match event {
        Event::Apply(event) | Event::InitApply(event) => serde_json::to_value(event).ok(),
        Event::Delete(_) | Event::Init | Event::InitDone => None,
    }
}

/// What the host tells of an object, in the virtual cluster's words; none when it stands for no virtual object, or
/// is gone.
async fn translated(inside: &Inside, namespace: Option<&str>, event: &Value) -> Option<Row> {
    let about = |field: &str| text(event, &format!("/involvedObject/{field}"));
    let kind = ObjectKind::named(about("kind"))?;
    if !super::KINDS.contains(&kind) {
        return None;
    }
    let Ok(Seen::Known(Some(twin))) = inside.host_get(kind, about("name")).await else {
        return None;
    };
    let wanted = virtual_uid(inside, &twin)?;
    let marks = twin.pointer("/metadata/annotations")?;
    let mark = |key: &str| marks.get(key)?.as_str();
    let place = mark(crate::labels::VIRTUAL_NAMESPACE)?;
    if namespace.is_some_and(|namespace| namespace != place) {
        return None;
    }
    let object = inside.get(kind, place, mark(crate::labels::VIRTUAL_NAME)?);
    let object = object.await.ok().flatten()?;
    let told = inside.told(&object, &twin, event)?;
    (uid(&object) == wanted).then(|| Row::of(&told, Side::Host))
}

struct Printer<'a> {
    app: &'a App,
    is_json: bool,
    /// Watches begin anew with what they have told, and the host tells what the virtual cluster tells.
    printed: HashSet<Key>,
    /// The same in the order in which they were printed.
    order: VecDeque<Key>,
}

impl Printer<'_> {
    /// Prints an event that was not printed yet; whether anybody still reads.
    fn print(&mut self, row: &Row) -> anyhow::Result<bool> {
        if !self.printed.insert(row.key()) {
            return Ok(true);
        }
        self.order.push_back(row.key());
        if self.order.len() > REMEMBERED
            && let Some(first) = self.order.pop_front()
        {
            self.printed.remove(&first);
        }
        let line = if self.is_json {
            serde_json::to_string(row)?
        } else {
            row.line()
        };
        self.app.ui.more_data(&format!("{line}\n"))
    }
}
