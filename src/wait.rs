//! Named conditions with deadlines.
//!
//! In: a host and what is waited for. Out: that it came to be, or why it did not, with evidence.
//! Never: writes.

mod changes;
mod gone;
mod ready;
mod replaced;
mod store;

use std::time::Duration;

use kube::runtime::watcher;
use tokio::time::{Instant, sleep};

pub use changes::Changes;
pub use gone::{
    await_control_plane_gone, await_deleted, await_gone, await_namespace_gone, await_pods_ended,
};
pub use ready::{await_api_server, await_ready, host_events, time_of};
pub use replaced::await_replaced;
pub use store::await_store;

use crate::error::{Failure, Kind, kind_of_kube};
use crate::host::Host;
use crate::names::{ClusterName, Namespace};

/// A watch that failed is tried again after this long; long enough to cost a struggling host nothing.
pub(crate) const RETRY_DELAY: Duration = Duration::from_millis(500);

/// A host that does not answer for this long is given up, whatever the deadline.
const HOST_PATIENCE: Duration = Duration::from_secs(30);

/// Which virtual cluster is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its name.
    pub name: &'a ClusterName,
    /// Its host namespace.
    pub namespace: &'a Namespace,
}

/// How long the host has not answered.
#[derive(Debug, Default)]
pub(crate) struct Silence(Option<Instant>);

impl Silence {
    pub(crate) fn heard(&mut self) {
        self.0 = None;
    }

    pub(crate) fn lasts(&mut self, host: &Host) -> Result<(), Failure> {
        let since = *self.0.get_or_insert_with(Instant::now);
        if since.elapsed() < HOST_PATIENCE {
            return Ok(());
        }
        let seconds = HOST_PATIENCE.as_secs();
        let message = format!(
            "the host cluster at {} has not answered for {seconds} s",
            host.server
        );
        Err(Failure::new(Kind::Unreachable, message).hint(host.how_to_check()))
    }
}

impl Silence {
    /// After a watch has failed: waits before it is tried again, unless we may not look, which is told in the
    /// caller's words, or this has been so for too long.
    pub(crate) async fn bear(
        &mut self,
        host: &Host,
        error: watcher::Error,
        tell: impl FnOnce(anyhow::Error) -> anyhow::Error,
    ) -> anyhow::Result<()> {
        if let Some(fatal) = denied(error) {
            return Err(tell(fatal.into()));
        }
        self.lasts(host)?;
        sleep(RETRY_DELAY).await;
        Ok(())
    }
}

/// The client's error, when asking again cannot help: we may not look.
pub(crate) fn denied(error: watcher::Error) -> Option<kube::Error> {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => {
            (kind_of_kube(&error) == Some(Kind::Denied)).then_some(error)
        }
        _ => None,
    }
}
