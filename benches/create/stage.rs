//! Where it is measured: a namespace of its own on the host, and a home of its own for `vc`.
//!
//! In: the kubeconfig of a host. Out: a host to ask and a `vc` to run. Never: touches what was on
//! the host or in the user's home before.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use k8s_openapi::api::core::v1::{Namespace as HostNamespace, ServiceAccount};
use kube::Api;
use kube::api::{DeleteParams, ObjectMeta, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use vc::cli::GlobalArgs;
use vc::config::Environment;
use vc::host::Host;
use vc::kubeconfig::file;
use vc::names::Namespace;

use crate::machine;

/// Deadline of every single wait: many times what any of them takes on a slow machine.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// What is measured, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct Where {
    /// Kubeconfig of the host cluster; it is copied, never written
    #[arg(long)]
    kubeconfig: PathBuf,

    /// Image of the syncer, which the host's nodes have
    #[arg(long, default_value = "")]
    image: String,

    /// The program under test
    #[arg(long, default_value = env!("CARGO_BIN_EXE_vc"))]
    vc: PathBuf,
}

/// One run's place.
pub(crate) struct Stage {
    /// The host, as `vc` sees it.
    pub(crate) host: Host,
    /// The namespace that exists before any virtual cluster is made in it.
    pub(crate) namespace: Namespace,
    /// A part for names that no other run has.
    pub(crate) run: String,
    image: String,
    /// The program under test, as it is released.
    pub(crate) program: PathBuf,
    home: TempDir,
}

impl Stage {
    /// Copies the kubeconfig and makes the namespace.
    pub(crate) async fn set(scene: &Where) -> anyhow::Result<Self> {
        let Where {
            kubeconfig,
            image,
            vc,
        } = scene;
        let home = tempfile::Builder::new().prefix("vc-bench-").tempdir()?;
        let copy = home.path().join("kubeconfig");
        std::fs::copy(kubeconfig, &copy)
            .with_context(|| format!("cannot copy kubeconfig `{}`", kubeconfig.display()))?;
        let files = file::load(std::slice::from_ref(&copy))?;
        let environment = Environment::default();
        let host = Host::connect(&GlobalArgs::default(), &environment, &files).await?;
        let since_epoch = std::time::UNIX_EPOCH.elapsed()?;
        let run = format!("b{:x}", since_epoch.as_millis() & 0xff_ffff);
        let namespace: Namespace = format!("vc-bench-{run}").parse()?;
        let stage = Self {
            host,
            namespace,
            run,
            image: image.clone(),
            program: vc.clone(),
            home,
        };
        stage.make_namespace(&stage.namespace).await?;
        Ok(stage)
    }

    /// What it is measured on.
    pub(crate) async fn machine(&self) -> Value {
        let version = self.host.client.apiserver_version().await.ok();
        machine::describe(version.as_ref().map(|version| version.git_version.as_str()))
    }

    /// The copy of the kubeconfig that `vc` writes to.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.home.path().join("kubeconfig")
    }

    /// Makes a namespace and waits until it is whole.
    pub(crate) async fn make_namespace(&self, name: &Namespace) -> anyhow::Result<()> {
        let namespaces: Api<HostNamespace> = Api::all(self.host.client.clone());
        let object = HostNamespace {
            metadata: ObjectMeta {
                name: Some(name.to_string()),
                ..ObjectMeta::default()
            },
            ..HostNamespace::default()
        };
        namespaces.create(&PostParams::default(), &object).await?;
        let accounts: Api<ServiceAccount> =
            Api::namespaced(self.host.client.clone(), name.as_str());
        let exists = await_condition(accounts, "default", |found: Option<&ServiceAccount>| {
            found.is_some()
        });
        timeout(DEADLINE, exists)
            .await
            .with_context(|| format!("namespace `{name}` has no default ServiceAccount"))??;
        Ok(())
    }

    /// Deletes a namespace and waits until it is gone.
    pub(crate) async fn remove_namespace(&self, name: &Namespace) -> anyhow::Result<()> {
        let namespaces: Api<HostNamespace> = Api::all(self.host.client.clone());
        let deleted = namespaces
            .delete(name.as_str(), &DeleteParams::default())
            .await?;
        let Some(uid) = deleted.left().and_then(|namespace| namespace.metadata.uid) else {
            return Ok(());
        };
        let gone = await_condition(namespaces, name.as_str(), conditions::is_deleted(&uid));
        timeout(DEADLINE, gone)
            .await
            .with_context(|| format!("namespace `{name}` does not go away"))??;
        Ok(())
    }

    /// Runs `vc` and returns what it took; a failure of it is one of the run.
    pub(crate) fn vc(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        self.run(&self.program, arguments)
    }

    /// Runs a program as `vc` would be run by somebody with this stage's kubeconfig.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<Ran> {
        let mut command = Command::new(program);
        // The user's own settings of `vc` are not what is measured.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VC_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("VC_IMAGE", &self.image)
            .env("KUBECONFIG", self.kubeconfig())
            .env("KUBECACHEDIR", self.home.path().join("kubectl"))
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"));
        let began = Instant::now();
        let output = command
            .output()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        let took = began.elapsed();
        let Output {
            status,
            stderr,
            stdout,
        } = output;
        ensure!(
            status.success(),
            "`{} {}` ended with {status}: {}",
            program.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&stderr).trim()
        );
        Ok(Ran {
            took,
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
        })
    }

    /// Removes whatever the run left: nothing, unless it failed.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        let own = self.own_name();
        let namespace = self.namespace.as_str();
        let all = self.vc(&["delete", "--all", "--yes", "--namespace", namespace]);
        let own = self.vc(&["delete", &own, "--yes", "--ignore-not-found"]);
        // What `vc` could not delete goes with the namespace.
        self.remove_namespace(&self.namespace).await?;
        all.and(own).map(drop)
    }

    /// Name of the virtual cluster that has a namespace of its own.
    pub(crate) fn own_name(&self) -> String {
        format!("{}-own", self.run)
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Stage({})", self.namespace)
    }
}

/// A program that ran and succeeded.
pub(crate) struct Ran {
    /// From before its start to after its end.
    pub(crate) took: Duration,
    /// What it printed.
    pub(crate) stdout: String,
}

/// Runs a part of the benchmark; how it ended is the program's exit code.
pub(crate) fn run_to_the_end(part: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    match block_on(part) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn block_on(part: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let provider = rustls::crypto::ring::default_provider();
    ensure!(
        provider.install_default().is_ok(),
        "a TLS provider was installed already"
    );
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(part)
}

/// The unit in which times are told.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Returns when the run shall end before it has.
pub(crate) async fn interruption() {
    let Ok(mut termination) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = termination.recv() => {}
    }
}

/// Tells who waits how far it is.
pub(crate) fn say(line: &str) {
    // A stderr that is gone is silence.
    drop(writeln!(io::stderr(), "{line}"));
}
