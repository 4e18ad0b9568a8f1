//! What the command line takes by itself, beside kubectl.
//!
//! In: a stage. Out: figures (P13). Never: counts a run that did not print what it is there for.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use kube::config::Kubeconfig;
use vc::labels;

use crate::record::{Figure, Is, Of, Part};
use crate::stage::{Ran, Stage, ms, say};

const HELP: &str = "vc --help";
/// Beside `kubectl get` of the same objects.
const LIST: &str = "vc list";
const CREDENTIAL: &str = "vc credential, tunnel up";

/// Runs every command `repetitions` times, in turns, with one virtual cluster there.
pub(crate) fn measure(
    stage: &Stage,
    kubectl: &Path,
    repetitions: u32,
    part: &mut Part,
) -> anyhow::Result<()> {
    part.plan(Figure::new("P13", HELP, "ms").at_most(3.0));
    let list = Figure::new("P13", LIST, "ms").at_most(20.0);
    part.plan(list.bound(Of::Ratio, Is::AtMost, 1.0));
    part.detail(LIST, "bare: kubectl get of the same objects");
    part.plan(Figure::new("P13", CREDENTIAL, "ms").at_most(50.0));
    say(&format!("commands, {repetitions} times each"));
    let name = format!("{}-cli", stage.run);
    let namespace = stage.namespace.as_str();
    stage.vc(&["create", &name, "--ephemeral", "--namespace", namespace])?;
    let credential = credential_arguments(stage)?;
    let credential: Vec<&str> = credential.iter().map(String::as_str).collect();
    // Starts the tunnel, which is up whenever anybody works.
    stage.vc(&credential)?;
    let list = ["list", "--namespace", namespace];
    let get = [
        "get",
        "statefulsets,pods,configmaps",
        "--selector",
        labels::CLUSTER,
        "--namespace",
        namespace,
        // The current context is the virtual cluster's now.
        "--context",
        stage.host.origin.context.as_deref().unwrap_or_default(),
    ];
    stage.run(kubectl, &get)?;
    for _ in 0..repetitions {
        let ran = stage.vc(&["--help"])?;
        expect(&ran, "Usage: vc")?;
        part.sample(HELP, ms(ran.took));
        let ran = stage.vc(&list)?;
        expect(&ran, &name)?;
        part.sample(LIST, ms(ran.took));
        let ran = stage.run(kubectl, &get)?;
        expect(&ran, &name)?;
        part.bare(LIST, ms(ran.took));
        let ran = stage.vc(&credential)?;
        expect(&ran, "clientCertificateData")?;
        part.sample(CREDENTIAL, ms(ran.took));
    }
    stage.vc(&["delete", &name, "--yes", "--namespace", namespace])?;
    Ok(())
}

/// What kubectl runs before it dials, as `vc create` wrote it into the kubeconfig.
fn credential_arguments(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let kubeconfig = Kubeconfig::read_from(stage.kubeconfig())?;
    let arguments = kubeconfig
        .auth_infos
        .into_iter()
        .filter_map(|user| user.auth_info?.exec?.args)
        .find(|arguments| arguments.first().is_some_and(|first| first == "credential"))
        .context("`vc create` wrote no credential plugin into the kubeconfig")?;
    ensure!(
        arguments
            .iter()
            .any(|argument| argument.starts_with("--port=")),
        "the credential plugin names no port"
    );
    Ok(arguments)
}

/// Fails unless a command printed what it is there for: a fast nothing would be no figure.
fn expect(ran: &Ran, text: &str) -> anyhow::Result<()> {
    if ran.stdout.contains(text) {
        return Ok(());
    }
    bail!("the output lacks `{text}`: {}", ran.stdout)
}
