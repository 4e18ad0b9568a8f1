//! `vc disconnect`: back to the context that was current before.

use super::App;
use crate::kubeconfig::{SwitchedBack, file};

/// Switches back. Doing so when no virtual cluster is current is success: that is what was wanted.
///
/// # Errors
/// When the kubeconfig cannot be read or written.
pub(super) async fn run(app: &App) -> anyhow::Result<()> {
    let paths = app.kubeconfig_paths();
    let left = file::edit(&paths, |files| {
        let current = files.current_context().map(str::to_owned);
        Ok::<_, anyhow::Error>(current.map(|current| (current, files.switch_back())))
    })
    .await?;
    match left {
        None => app.ui.note("no context is current: nothing to leave"),
        Some((current, None)) => app.ui.note(&format!(
            "context `{current}` is not a virtual cluster: nothing to leave"
        )),
        Some((current, Some(SwitchedBack::To(restored)))) => app
            .ui
            .note(&format!("left `{current}`; context is `{restored}` again")),
        Some((current, Some(SwitchedBack::Blank))) => app.ui.warn(&format!(
            "left `{current}`; the context that was current before no longer exists, so none is now"
        )),
    }
    Ok(())
}
