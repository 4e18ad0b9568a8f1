//! The program: reads what was typed, runs it, ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use vc::cli::Cli;
use vc::commands::{self, App};
use vc::config::Environment;
use vc::error::{Kind, report};
use vc::ui::Ui;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::read();
    let ui = Ui::new(&cli.global, &environment);
    let app = App::new(cli.global, environment, ui);
    app.log();
    // Everything that kube does goes through rustls, which has to be told once whose cryptography to
    // use; a second provider in the process would make it panic.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        app.ui.warn("a TLS provider was installed already");
    }
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let error = anyhow::Error::new(error).context("cannot start");
            app.ui.report(&report(&error));
            return ExitCode::from(Kind::Failed.exit_code());
        }
    };
    let code = runtime.block_on(async {
        tokio::select! {
            result = commands::run(&app, cli.command) => match result {
                Ok(code) => code,
                Err(error) => {
                    let report = report(&error);
                    app.ui.report(&report);
                    report.kind.exit_code()
                }
            },
            kind = app.interrupted() => {
                app.ui.interrupted();
                kind.exit_code()
            }
        }
    });
    // A thread that still reads the terminal must not hold up the end.
    runtime.shutdown_background();
    ExitCode::from(code)
}
