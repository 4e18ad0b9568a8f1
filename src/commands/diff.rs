//! `vc diff`: what `vc apply` would change on the host.

use anyhow::Context;

use super::App;
use super::change::{self, Found, all_new};
use super::create;
use crate::cli::{CreateArgs, DiffArgs, DryRun};
use crate::error::{Kind, report};

/// Exit code when something differs, as that of diff(1) and `kubectl diff`.
const DIFFERENT: u8 = 1;
/// Exit code of a failure that has no code of its own: 1 means something else here.
const FAILED: u8 = 2;

/// Prints the differences; the exit code says whether there are any.
///
/// # Errors
/// When it cannot be told, with an exit code other than 1.
pub(super) async fn run(app: &App, args: DiffArgs) -> anyhow::Result<u8> {
    let name = args.change.name.clone();
    let compared = Box::pin(diff(app, &args))
        .await
        .with_context(|| format!("cannot compare virtual cluster `{name}`"));
    app.ui.finish();
    match compared {
        Ok(text) if text.is_empty() => Ok(0),
        Ok(text) => app.ui.data(&text).map(|()| DIFFERENT),
        Err(error) => {
            let report = report(&error);
            if report.kind != Kind::Failed {
                return Err(error);
            }
            app.ui.report(&report);
            Ok(FAILED)
        }
    }
}

async fn diff(app: &App, args: &DiffArgs) -> anyhow::Result<String> {
    app.ui.step("comparing with the host");
    match change::find(app, &args.change, None, false).await? {
        Found::Cluster(change) => {
            let differences = change.changed.iter();
            Ok(differences.map(|it| it.difference.as_str()).collect())
        }
        Found::Nothing(args) => {
            let args = CreateArgs {
                dry_run: Some(DryRun::Client),
                ..*args
            };
            let manifests = create::manifests(app, &args).await?;
            Ok(all_new(&manifests.without("Secret")))
        }
    }
}
