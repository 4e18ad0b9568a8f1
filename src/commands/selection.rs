//! Several clusters of which each is treated alike.
//!
//! In: names or a selector, what is done with each. Out: done with all of them even if one fails, and told.

use anyhow::Context;
use futures::future::join_all;

use super::{App, delete};
use crate::cluster::Cluster;
use crate::error::{Kind, kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::names::ClusterName;

/// Which clusters are meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'a> {
    /// By name.
    pub names: &'a [ClusterName],
    /// By labels.
    pub selector: Option<&'a str>,
}

/// How it is told what is done with each.
pub(super) struct Telling<Done> {
    /// The command: `pause`.
    pub attempt: &'static str,
    /// What a cluster may be after Ctrl-C: `half paused`.
    pub midway: &'static str,
    /// Once it is done.
    pub done: Done,
}

impl Selection<'_> {
    /// Does the same with each of the clusters, at once.
    ///
    /// # Errors
    /// What the host answers; that a cluster does not exist; the first of what `work` ends with.
    pub(super) async fn with_each(
        self,
        app: &App,
        telling: Telling<impl Fn(&Cluster) -> String>,
        work: impl AsyncFn(&Host, &Cluster) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (host, files) = app.connect().await?;
        let (clusters, mut errors) = self.find(app, &host, &files).await?;
        let Telling {
            attempt,
            midway,
            done,
        } = telling;
        let interrupted = clusters.iter().map(|Cluster { name, namespace, .. }| {
            format!("virtual cluster `{name}` may be {midway}: `vc {attempt} {name} -n {namespace}` goes on")
        });
        app.ui.on_interrupt(interrupted.collect());
        let results = join_all(clusters.iter().map(|cluster| async {
            work(&host, cluster)
                .await
                .with_context(|| format!("cannot {attempt} virtual cluster `{}`", cluster.name))
        }))
        .await;
        app.ui.finish();
        for (cluster, result) in clusters.iter().zip(results) {
            match result {
                Ok(()) => app.ui.note(&done(cluster)),
                Err(error) => errors.push(error),
            }
        }
        delete::first_of_all(app, errors)
    }

    /// The clusters, and what is wrong with names that mean none.
    async fn find(
        self,
        app: &App,
        host: &Host,
        files: &Files,
    ) -> anyhow::Result<(Vec<Cluster>, Vec<anyhow::Error>)> {
        let scope = Scope::of(app.global.namespace.as_ref());
        if let Some(selector) = self.selector {
            let clusters = find::select(host, files, &scope, selector).await?.clusters;
            if clusters.is_empty() {
                app.ui
                    .note(&format!("no virtual cluster matches `{selector}`"));
            }
            return Ok((clusters, Vec::new()));
        }
        let mut clusters = Vec::new();
        let mut missing = Vec::new();
        for (_, found) in find::each(host, files, &scope, self.names).await {
            match found {
                Ok(cluster) => clusters.push(cluster),
                Err(error) if kind(&error) == Kind::NotFound => missing.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok((clusters, missing))
    }
}
