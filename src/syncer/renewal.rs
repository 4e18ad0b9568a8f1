//! Certificates are renewed in time.
//!
//! In: the cluster's two Secrets on the host. Out: new leaves in them, and a kubelet that brings the files. Never:
//! asks the virtual API server, which may not take what has expired; makes an authority; writes a Secret that has
//! changed since it was read.
//!
//! # Expected flow
//! ```text
//! Secrets -due?-> new leaves -replace-> Secrets -touch-> pod -kubelet-> files -follow-> connections
//! ```
//! The API server, the controller manager and the store read their files again by themselves.

use std::time::Duration;

use anyhow::Context as _;
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::sleep;
use tracing::{info, warn};

use super::certificates::Certificates;
use super::rest::{Form, PODS, Rest, SECRETS};
use super::start::read_spec;
use super::translate::Scope;
use super::watch::jittered;
use crate::labels;
use crate::pki::{self, Pki, RandomKeys, SecretData};
use crate::render::admin_data;

/// First delay after a failure; doubled up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(1);
/// Longest delay after a failure: a third of the shortest life is 40 s.
const RETRY_MAX: Duration = Duration::from_secs(20);

/// Longest sleep between two looks at the clock and at our files: the timer stands still while a machine does, the
/// time of day does not.
const NAP: Duration = Duration::from_mins(1);

/// Shortest sleep: whatever the clock does, the host is not asked more often.
const LEAST: Duration = Duration::from_secs(5);

/// Naps until the Secrets are read again, in case somebody else has changed them: an hour.
const NAPS: u32 = 60;

/// Period in which new files are looked for once there should be some.
const ARRIVAL_PERIOD: Duration = Duration::from_secs(1);

/// Periods until the kubelet is asked again: it may have read the Secret just before it changed.
const ASK_AGAIN: u32 = 8;

/// Periods until files that do not come are left to later looks.
const ARRIVAL_PERIODS: u32 = 120;

/// Renews the certificates of one cluster.
pub(crate) struct Renewal {
    pub(crate) host: Rest,
    pub(crate) scope: Scope,
    /// UID of the pod that this runs in.
    pub(crate) pod_uid: String,
    pub(crate) certificates: Certificates,
}

/// One of the Secrets, as the host has it.
struct Stored {
    path: String,
    object: Value,
    data: SecretData,
}

impl Stored {
    fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        let is_leaf = |entry: &str| {
            let stem = entry.strip_suffix(".crt");
            stem.is_some_and(|stem| !stem.ends_with("ca"))
        };
        let leaves = self.data.iter().filter(move |(entry, _)| is_leaf(entry));
        leaves.map(|(_, bytes)| &*bytes.0)
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.certificates().any(|leaf| pki::is_due(leaf, now))
    }
}

impl Renewal {
    /// Renews whatever is due, for good.
    pub(crate) async fn run(mut self) {
        let mut pause = RETRY_MIN;
        loop {
            match self.look().await {
                Ok(next) => {
                    pause = RETRY_MIN;
                    self.rest_until(next).await;
                }
                Err(error) => {
                    warn!("certificates cannot be looked after: {error:#}");
                    self.certificates.follow().await;
                    sleep(jittered(pause)).await;
                    pause = (pause * 2).min(RETRY_MAX);
                }
            }
        }
    }

    /// Waits for this time, or for the time to look whether the Secrets are still as they were.
    async fn rest_until(&mut self, next: Timestamp) {
        for _ in 0..NAPS {
            let left = next.duration_since(Timestamp::now());
            let left = Duration::try_from(left).unwrap_or_default();
            sleep(left.clamp(LEAST, NAP)).await;
            self.certificates.follow().await;
            if next <= Timestamp::now() {
                return;
            }
        }
    }

    /// Renews what is due, and has the files brought; returns when the next will be.
    async fn look(&mut self) -> anyhow::Result<Timestamp> {
        let cluster = self.scope.cluster.clone();
        let (mut plane, mut admin) = tokio::try_join!(
            self.read(cluster.pki_secret()),
            self.read(cluster.kubeconfig_secret())
        )?;
        let now = Timestamp::now();
        let (is_plane_due, is_admin_due) = (plane.is_due(now), admin.is_due(now));
        if is_plane_due || is_admin_due {
            let old = Pki::from_secrets(&plane.data, &admin.data)?;
            let spec = read_spec(&self.host, &self.scope).await?;
            let renewed = old.renewed(spec.certificate_life(), now, &mut RandomKeys)?;
            if is_plane_due {
                self.write(&mut plane, renewed.secret_data()).await?;
            }
            if is_admin_due {
                let data = admin_data(&spec, &renewed)?;
                self.write(&mut admin, data).await?;
            }
        }
        let own = plane.data.get("syncer.crt").cloned().unwrap_or_default();
        self.bring_files(&String::from_utf8_lossy(&own.0)).await;
        let leaves = plane.certificates().chain(admin.certificates());
        let next = leaves.filter_map(pki::renew_at).min();
        next.context("there is no certificate to renew")
    }

    async fn read(&self, name: String) -> anyhow::Result<Stored> {
        let path = SECRETS.one(self.scope.host_namespace.as_str(), &name);
        let text = self.host.get(&path).await?;
        let text = text.with_context(|| format!("secret `{name}` does not exist"))?;
        let object: Value = serde_json::from_str(&text)?;
        let data = object.get("data").cloned().unwrap_or_default();
        let data: SecretData = serde_json::from_value(data)?;
        Ok(Stored { path, object, data })
    }

    /// Replaces a Secret as it was read, with these entries.
    async fn write(&self, stored: &mut Stored, new: SecretData) -> anyhow::Result<()> {
        let encoded = new
            .iter()
            .map(|(entry, bytes)| (entry.clone(), json!(BASE64.encode(&bytes.0))));
        let encoded: Map<String, Value> = encoded.collect();
        let data = stored.object.get_mut("data").and_then(Value::as_object_mut);
        data.context("a secret has no data")?.extend(encoded);
        // The version that was read is in it, so that nobody's change is undone.
        self.host.replace(&stored.path, &stored.object).await?;
        stored.data.extend(new);
        info!(secret = %stored.path, "certificates are renewed");
        Ok(())
    }

    /// Waits until the files have come by which this is our certificate.
    async fn bring_files(&mut self, own: &str) {
        for period in 0..ARRIVAL_PERIODS {
            self.certificates.follow().await;
            if self.certificates.are_of(own) {
                if period > 0 {
                    // The volumes of the pod are filled one after the other: those that came before ours may have
                    // what was known before.
                    self.ask_kubelet().await;
                }
                return;
            }
            // Later than the write: the kubelet has to hear of the Secret first.
            sleep(ARRIVAL_PERIOD).await;
            if period % ASK_AGAIN == 0 {
                self.ask_kubelet().await;
            }
        }
        warn!("the kubelet has not brought the new certificates yet");
    }

    /// Changes our pod, so that the kubelet looks at its volumes now. It would by itself within minutes.
    async fn ask_kubelet(&self) {
        let pod = self.scope.cluster.pod();
        let path = PODS.one(self.scope.host_namespace.as_str(), &pod);
        let body = json!({"metadata": {
            "uid": self.pod_uid,
            "annotations": {labels::FILES_ASKED_FOR: Timestamp::now().to_string()},
        }});
        if let Err(error) = self.host.patch(&path, Form::MergePatch, &body).await {
            warn!("the kubelet cannot be asked for new certificates: {error}");
        }
    }
}
