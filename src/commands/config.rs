//! `vc config`: the cluster file's schema, one to start from, and what comes of it.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

use super::App;
use crate::cli::{ConfigFormat, ConfigInitArgs, ConfigViewArgs};
use crate::config::{self, Layer, UserFile};
use crate::error::{Failure, Kind};

/// Prints the schema.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn schema(app: &App) -> anyhow::Result<()> {
    app.ui.data(&format!("{:#}\n", config::schema()))
}

/// Writes a cluster file to start from.
///
/// # Errors
/// When the file exists, or cannot be written.
pub(super) fn init(app: &App, args: &ConfigInitArgs) -> anyhow::Result<()> {
    let text = config::starter();
    let path = args
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    let Some(path) = path else {
        return app.ui.data(&text);
    };
    write(path, &text, args.force)?;
    app.ui.note(&format!(
        "wrote `{0}`; then: `vc create NAME -f {0}`",
        path.display()
    ));
    Ok(())
}

fn write(path: &Path, text: &str, may_replace: bool) -> anyhow::Result<()> {
    let attempt = || format!("cannot write `{}`", path.display());
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if may_replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Failure::new(Kind::Exists, "the file exists")
                .hint(format!("vc config init -o {} --force", path.display())))
            .with_context(attempt)
        }
        written => written.with_context(attempt),
    }
}

/// Prints what `create` would go by.
///
/// # Errors
/// When a file cannot be read, or the settings cannot be meant.
pub(super) fn view(app: &App, args: &ConfigViewArgs) -> anyhow::Result<()> {
    let mut layers = Vec::new();
    let mut file = UserFile::default();
    if let Some(path) = &args.typed.args.spec.file {
        let text = config::read_cluster_file(path, crate::ui::read_stdin)?;
        file = UserFile::of_cluster(path, &text)?;
        layers.push(Layer::cluster(path.display().to_string(), &text, &file));
    }
    let user_file = app.user_file()?;
    if let Some(path) = &app.environment.config_file {
        // It has just been read, or it is not there; what is missing here is a line's number.
        let text = fs::read_to_string(path).unwrap_or_default();
        layers.push(Layer::user(path.display().to_string(), &text, &user_file));
    }
    let view = config::view(&args.typed, &file.or(user_file), &layers)?;
    app.ui.data(&match args.output {
        ConfigFormat::Yaml => view.to_yaml(args.origins)?,
        ConfigFormat::Json => format!("{:#}\n", view.to_json(args.origins)),
    })
}
