//! `vc complete`: names for the completion scripts, which call it at each Tab.
//!
//! In: what was typed so far. Out: names, one a line; none where anything is in the way. Never: says a word,
//! takes longer than a second, starts a tunnel, wakes a cluster.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace as HostNamespace;
use kube::Api;
use kube::api::ListParams;

use super::App;
use crate::cli::{CompleteArgs, GlobalArgs, Nameable};
use crate::find::{self, Scope};
use crate::kubeconfig::file;
use crate::ui::Ui;

/// Whoever waits for longer goes on typing. The start of the program and the shell have the rest of a second.
const DEADLINE: Duration = Duration::from_millis(800);

/// Prints them.
///
/// # Errors
/// When stdout cannot be written.
pub(super) async fn run(app: &App, args: &CompleteArgs) -> anyhow::Result<()> {
    let global = typed(&app.global, &args.words);
    let ui = Ui::new(&global, &app.environment);
    let app = App::new(global, app.environment.clone(), ui);
    let names = tokio::time::timeout(DEADLINE, names(&app, args.kind)).await;
    let names = names.ok().and_then(Result::ok).unwrap_or_default();
    let names = names.iter().filter(|name| is_plain(name));
    let lines: String = names.flat_map(|name| [name.as_str(), "\n"]).collect();
    app.ui.data(&lines)
}

async fn names(app: &App, kind: Nameable) -> anyhow::Result<BTreeSet<String>> {
    if kind == Nameable::Contexts {
        let files = file::load(&app.kubeconfig_paths())?;
        let contexts = files.to_kube()?.contexts;
        return Ok(contexts.into_iter().map(|context| context.name).collect());
    }
    // Inside of a virtual cluster is at the other end of a tunnel.
    if app.global.nested {
        return Ok(BTreeSet::new());
    }
    let (host, files) = app.connect().await?;
    if kind == Nameable::Clusters {
        let scope = Scope::of(app.global.namespace.as_ref());
        let found = find::list(&host, &files, &scope, None).await?;
        let names = found.clusters.into_iter();
        return Ok(names.map(|cluster| cluster.name.to_string()).collect());
    }
    let namespaces: Api<HostNamespace> = Api::all(host.client.clone());
    let params = ListParams::default();
    let namespaces = host
        .call("list namespaces", namespaces.list(&params))
        .await?;
    let names = namespaces.items.into_iter();
    Ok(names.filter_map(|it| it.metadata.name).collect())
}

/// The options of every command as far as they were typed. Not by the parser: the line is not finished.
fn typed(given: &GlobalArgs, words: &[OsString]) -> GlobalArgs {
    let mut global = given.clone();
    global.quiet = true;
    // Bash makes three words of `--context=dev`.
    let words = words.iter().filter_map(|word| word.to_str());
    let mut words = words.filter(|word| *word != "=");
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word, None),
        };
        let mut value = || value.or_else(|| words.next());
        match flag {
            "--" => break,
            "-n" | "--namespace" => global.namespace = value().and_then(|text| text.parse().ok()),
            "--context" => global.context = value().map(str::to_owned),
            "--kubeconfig" => global.kubeconfig = value().map(Into::into),
            "--nested" => global.nested = true,
            _ => {}
        }
    }
    global
}

/// Whether every shell takes it as it stands.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=".contains(c);
    !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_counts_also_where_the_line_is_not_finished() {
        for (line, namespace, context, nested) in [
            (
                "get -n team-a --context host",
                Some("team-a"),
                Some("host"),
                false,
            ),
            (
                "get --namespace=team-a --context = host",
                Some("team-a"),
                Some("host"),
                false,
            ),
            ("get --nested -n", None, None, true),
            ("connect dev -- kubectl -n shop", None, None, false),
            ("get -n No/Name", None, None, false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let global = typed(&GlobalArgs::default(), &words);
            let found = global.namespace.as_ref().map(ToString::to_string);
            assert_eq!(found.as_deref(), namespace, "{line}");
            assert_eq!(global.context.as_deref(), context, "{line}");
            assert_eq!(global.nested, nested, "{line}");
        }
    }

    #[test]
    fn a_name_that_a_shell_would_run_is_not_offered() {
        for name in ["dev", "arn:aws:eks:eu:1:cluster/a", "me@host", "kind-a_b.c"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "a b", "$(id)", "`id`", "a;b", "-n", "a'b", "a\\b", "é"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
