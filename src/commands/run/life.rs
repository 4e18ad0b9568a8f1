//! How long the cluster of a run lives when nobody is there any more to delete it.
//!
//! With `--ttl` it is that long from its creation, and the command is asked to end a little before. Without,
//! it is an hour from when this process was last known to live: the end is put off while it does. Both are
//! written as seconds after the creation, so that no clock but the host's matters. See decision 0020.

use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::apply;
use crate::commands::App;
use crate::host::Host;
use crate::wait::Target;

/// How long a cluster stays behind a process that was killed.
const LEASE: Duration = Duration::from_hours(1);

/// How often the end is put off. One that fails leaves several more.
const RENEWAL: Duration = Duration::from_mins(10);

/// The most that is kept of a given life for the deletion; of a short one it is a twentieth.
const MARGIN_MOST: Duration = Duration::from_secs(30);

/// What a run whose time is over gets for evidence and deletion.
const AFTERMATH: Duration = Duration::from_mins(10);

/// One life, from a moment before the cluster's creation.
pub(super) struct Life {
    began: Instant,
    /// With `--ttl`.
    given: Option<Duration>,
    /// What the marker says, from the creation.
    noted: Cell<Duration>,
}

impl Life {
    /// Begins now; `timeout` is what creating it may take.
    pub(super) fn begin(given: Option<Duration>, timeout: Duration) -> Self {
        let noted = given.unwrap_or_else(|| LEASE.saturating_add(timeout));
        Self {
            began: Instant::now(),
            given,
            noted: Cell::new(noted),
        }
    }

    /// What the marker has to say at first.
    pub(super) fn ttl(&self) -> Duration {
        self.noted.get()
    }

    /// When the command is asked to end; never, if its time was not given.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let given = self.given?;
        let margin = (given / 20).min(MARGIN_MOST);
        self.began.checked_add(given.saturating_sub(margin))
    }

    /// Puts the end off for as long as this is awaited, if it may.
    pub(super) async fn renew(&self, app: &App, host: &Host, target: Target<'_>) -> Infallible {
        if self.given.is_some() {
            return std::future::pending().await;
        }
        loop {
            sleep(RENEWAL).await;
            if let Err(error) = self.put_off(host, target, LEASE).await {
                let left = humantime::format_duration(self.left());
                app.ui.warn(&format!(
                    "the end of `{}` in {left} cannot be put off: {error:#}",
                    target.name
                ));
            }
        }
    }

    /// Gives a run whose time is over, or whose cluster is kept, what it needs.
    pub(super) async fn grant_aftermath(
        &self,
        host: &Host,
        target: Target<'_>,
    ) -> anyhow::Result<()> {
        self.put_off(host, target, AFTERMATH).await
    }

    /// Gives a cluster that is kept to be looked at its whole lease.
    pub(super) async fn keep(&self, host: &Host, target: Target<'_>) -> anyhow::Result<()> {
        match self.given {
            Some(_) => Ok(()),
            None => self.put_off(host, target, LEASE).await,
        }
    }

    async fn put_off(
        &self,
        host: &Host,
        target: Target<'_>,
        from_now: Duration,
    ) -> anyhow::Result<()> {
        let ttl = self.began.elapsed().saturating_add(from_now);
        apply::set_ttl(host, target.namespace, target.name, ttl).await?;
        self.noted.set(ttl);
        Ok(())
    }

    /// What is left of it, in whole seconds.
    pub(super) fn left(&self) -> Duration {
        let left = self.noted.get().saturating_sub(self.began.elapsed());
        Duration::from_secs(left.as_secs())
    }
}
