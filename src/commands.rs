//! Matches the command and calls its module.
//!
//! In: what was typed. Out: the effect of one command. Never: does the work itself.

mod apply;
mod change;
mod child;
mod complete;
mod completions;
mod config;
mod connect;
mod create;
mod credential;
mod delete;
mod describe;
mod diff;
mod disconnect;
mod doctor;
mod events;
mod explain;
mod get;
mod image;
mod inside;
mod kubeconfig;
mod list;
mod logs;
mod man;
mod pause;
mod place_store;
mod prune;
mod rbac;
mod render;
mod resume;
mod run;
mod selection;
mod syncer;
mod top;
mod tree;
mod tunnel;
mod upgrade;
mod version;
mod wait;
mod whereabouts;
mod why;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::{Cli, Command, ConfigCommand, GlobalArgs, SpecArgs};
use crate::config::{Environment, UserFile, read_cluster_file};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::kubeconfig::{Files, file};
use crate::ui::Ui;

/// What every command works with.
#[derive(Debug)]
pub struct App {
    /// Options of every command.
    pub global: GlobalArgs,
    /// The process's environment.
    pub environment: Environment,
    /// The terminal.
    pub ui: Ui,
    /// Whether the command deals with signals itself from now on.
    handles_signals: AtomicBool,
}

impl App {
    /// Puts together what every command works with.
    pub fn new(global: GlobalArgs, environment: Environment, ui: Ui) -> Self {
        Self {
            global,
            environment,
            ui,
            handles_signals: AtomicBool::new(false),
        }
    }

    /// Starts logging to stderr, if that is wanted: `-vv`, or a filter in `VC_LOG`, such as `info` or
    /// `info,vc::syncer=debug`.
    pub fn log(&self) {
        let everything = || Targets::new().with_default(LevelFilter::DEBUG);
        let filter = match (&self.environment.log, self.global.verbose) {
            (Some(filter), _) => filter.parse().unwrap_or_else(|error| {
                self.ui
                    .warn(&format!("VC_LOG=`{filter}` is not a filter: {error}"));
                everything()
            }),
            (None, 0 | 1) => return,
            (None, _) => everything(),
        };
        tracing_subscriber::registry()
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
            .with(filter)
            .init();
    }

    /// Resolves when the user interrupts a command that does not deal with signals itself.
    ///
    /// The listeners stay for good, so that a second signal finds the process ending, not hanging:
    /// after the first one nothing is waited for any more.
    #[cfg(unix)]
    pub async fn interrupted(&self) -> Kind {
        use tokio::signal::unix::{SignalKind, signal};

        let (Ok(mut interrupts), Ok(mut terminations)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return std::future::pending().await;
        };
        loop {
            let kind = tokio::select! {
                _ = interrupts.recv() => Kind::Signal(2),
                _ = terminations.recv() => Kind::Signal(15),
            };
            if !self.handles_signals.load(Ordering::Relaxed) {
                return kind;
            }
        }
    }

    /// Resolves when the user interrupts a command that does not deal with signals itself.
    #[cfg(not(unix))]
    pub async fn interrupted(&self) -> Kind {
        loop {
            if tokio::signal::ctrl_c().await.is_err() {
                return std::future::pending().await;
            }
            if !self.handles_signals.load(Ordering::Relaxed) {
                return Kind::Signal(2);
            }
        }
    }

    /// From now on the command deals with signals itself.
    fn handles_signals(&self) {
        self.handles_signals.store(true, Ordering::Relaxed);
    }

    /// The same for one of several things that are done at once, whose lines begin with this.
    fn labelled(&self, label: String) -> Self {
        let ui = self.ui.labelled(label);
        let app = Self::new(self.global.clone(), self.environment.clone(), ui);
        app.handles_signals();
        app
    }

    /// Where the tunnels of this user are registered.
    fn tunnels_dir(&self) -> Result<PathBuf, Failure> {
        Ok(self.environment.state_dir()?.join("tunnels"))
    }

    /// The kubeconfig files that are read and written.
    fn kubeconfig_paths(&self) -> Vec<PathBuf> {
        file::paths(
            self.global.kubeconfig.as_deref(),
            self.environment.kubeconfig.as_deref(),
            self.environment.home.as_deref(),
        )
    }

    /// Reads the kubeconfig files and finds the host; says so when it is not the current context.
    async fn connect(&self) -> anyhow::Result<(Host, Files)> {
        let files = file::load(&self.kubeconfig_paths())?;
        let host = Host::connect(&self.global, &self.environment, &files).await?;
        if let Some(left) = &host.left {
            self.ui.note(&format!(
                "`{left}` is a virtual cluster: acting on its host, {}",
                host.describe()
            ));
        }
        Ok((host, files))
    }

    /// The user's file.
    fn user_file(&self) -> anyhow::Result<UserFile> {
        UserFile::read(self.environment.config_file.as_deref())
    }

    /// The user's file, and what the cluster file says before it.
    fn files(&self, args: &SpecArgs) -> anyhow::Result<UserFile> {
        self.files_with(args.file.as_deref())
    }

    /// See [`App::files`].
    fn files_with(&self, cluster_file: Option<&Path>) -> anyhow::Result<UserFile> {
        let user_file = self.user_file()?;
        match cluster_file {
            Some(path) => {
                let text = read_cluster_file(path, crate::ui::read_stdin)?;
                Ok(UserFile::of_cluster(path, &text)?.or(user_file))
            }
            None => Ok(user_file),
        }
    }
}

/// Runs one command; the number is its exit code.
///
/// # Errors
/// Whatever made the command fail.
pub async fn run(app: &App, command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Create(args) => create::run(app, args).await.map(|()| 0),
        Command::List(args) => list::run(app, &args).await.map(|()| 0),
        Command::Top(args) => Box::pin(top::run(app, &args)).await,
        Command::Get(args) => get::run(app, &args).await.map(|()| 0),
        Command::Describe(args) => Box::pin(describe::run(app, &args)).await.map(|()| 0),
        Command::Logs(args) => Box::pin(logs::run(app, &args)).await.map(|()| 0),
        Command::Why(args) => Box::pin(why::run(app, &args)).await.map(|()| 0),
        Command::Tree(args) => Box::pin(tree::run(app, &args)).await.map(|()| 0),
        Command::Where(args) => Box::pin(whereabouts::run(app, &args)).await.map(|()| 0),
        Command::Events(args) => Box::pin(events::run(app, &args)).await.map(|()| 0),
        Command::Connect(args) => Box::pin(connect::run(app, args)).await,
        Command::Run(args) => Box::pin(run::run(app, args)).await,
        Command::Disconnect => disconnect::run(app).await.map(|()| 0),
        Command::Kubeconfig(args) => kubeconfig::run(app, &args).await.map(|()| 0),
        Command::Delete(args) => delete::run(app, args).await.map(|()| 0),
        Command::Pause(args) => Box::pin(pause::run(app, args)).await.map(|()| 0),
        Command::Resume(args) => Box::pin(resume::run(app, args)).await.map(|()| 0),
        Command::Wait(args) => wait::run(app, &args).await.map(|()| 0),
        Command::Prune(args) => Box::pin(prune::run(app, args)).await.map(|()| 0),
        Command::Apply(args) => Box::pin(apply::run(app, args)).await.map(|()| 0),
        Command::Upgrade(args) => Box::pin(upgrade::run(app, args)).await.map(|()| 0),
        Command::Diff(args) => Box::pin(diff::run(app, args)).await,
        Command::Render(args) => Box::pin(render::run(app, &args)).await.map(|()| 0),
        Command::Doctor(args) => Box::pin(doctor::run(app, &args)).await.map(|()| 0),
        Command::Explain(args) => explain::run(app, &args).map(|()| 0),
        Command::Rbac(args) => rbac::run(app, &args).map(|()| 0),
        Command::Config { command } => match command {
            ConfigCommand::Schema => config::schema(app),
            ConfigCommand::Init(args) => config::init(app, &args),
            ConfigCommand::View(args) => config::view(app, &args),
        }
        .map(|()| 0),
        Command::Image { command } => Box::pin(image::run(app, &command)).await.map(|()| 0),
        Command::Completions(args) => completions::run(app, &args).map(|()| 0),
        Command::Man(args) => man::run(app, &args).map(|()| 0),
        Command::Complete(args) => Box::pin(complete::run(app, &args)).await.map(|()| 0),
        Command::Version(args) => version::run(app, &args).map(|()| 0),
        Command::Credential(args) => credential::run(app, &args).await.map(|()| 0),
        Command::Tunnel(args) => tunnel::run(app, &args).await.map(|()| 0),
        Command::Syncer(args) => Box::pin(syncer::run(app, args)).await.map(|()| 0),
        Command::PlaceStore(args) => place_store::run(&args).map(|()| 0),
    }
}

/// The text of the command line's own parser, for completions and tests.
pub fn parser() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}
