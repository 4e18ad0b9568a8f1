//! `vc rbac`: what an administrator of the host has to grant.

use super::{App, render};
use crate::cli::RbacArgs;
use crate::config;
use crate::render::installer::{self, Holder, Wanted};

/// Prints the Role, and its binding if somebody is named. The host is not asked.
///
/// # Errors
/// When the options cannot be meant, or stdout cannot be written.
pub(super) fn run(app: &App, args: &RbacArgs) -> anyhow::Result<()> {
    let options = config::spec_options(&args.spec, &app.files(&args.spec)?)?;
    let sync = options.sync.resolve(|_| false);
    let mut rights = installer::in_namespace(&Wanted {
        shown: &options.shown,
        sync: &sync,
        has_quota: !options.quota.is_empty(),
        is_isolated: options.isolate,
        sleeps: options.sleep_after.is_some(),
    });
    if args.optional {
        rights.extend(installer::optional());
    }
    let users = args.user.iter().cloned().map(Holder::User);
    let groups = args.group.iter().cloned().map(Holder::Group);
    let accounts = args.serviceaccount.iter().cloned();
    let holders: Vec<Holder> = users.chain(groups).chain(accounts).collect();
    let manifests = installer::roles(
        app.global.namespace.as_ref(),
        &rights,
        &installer::cluster_wide(&options.shown),
        &holders,
    )?;
    render::print(app, &manifests, args.output)
}
