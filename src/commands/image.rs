//! `vc image`: which images there are, and this program as one, in a file or in a registry.

mod list;
mod push;

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::App;
use crate::cli::{ImageCommand, ImageSaveArgs};
use crate::error::{Failure, Kind};
use crate::image::{self, Image, ProgramError, Reference, ReferenceError};

/// What builds a program that runs alone.
const BUILD: &str = "cargo rustc --release --bin vc -- -C target-feature=+crt-static";

/// Does what was asked for.
///
/// # Errors
/// Those of the command.
pub(super) async fn run(app: &App, command: &ImageCommand) -> anyhow::Result<()> {
    match command {
        ImageCommand::List(args) => list::run(app, args).await,
        ImageCommand::Push(args) => push::run(app, args).await,
        ImageCommand::Save(args) => save(app, args),
    }
}

/// Writes the image.
///
/// # Errors
/// When the program would not run alone in an image, or the archive cannot be written.
fn save(app: &App, args: &ImageSaveArgs) -> anyhow::Result<()> {
    let reference = reference(args.tag.as_deref())?;
    let to_file = args
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    if to_file.is_none() && app.ui.shows_data() {
        return Err(
            Failure::new(Kind::Usage, "cannot write an image archive to a terminal")
                .hint("vc image save --output vc.tar")
                .into(),
        );
    }
    let attempt = || format!("cannot save image `{}`", reference.as_str());
    let (path, program) = program(app, args.binary.as_deref()).with_context(attempt)?;
    let image = Image::new(&program, &reference)
        .map_err(|error| unusable(&path, error))
        .with_context(attempt)?;
    match to_file {
        Some(file) => write(file, &image).with_context(attempt)?,
        None => app.ui.data_with(|out| image.write(out))?,
    }
    let binary = args.binary.as_deref();
    say_what_next(app, &image, program.len(), to_file, binary);
    Ok(())
}

/// The name that was given, or else the one that `create` takes by itself, or the one it is told.
fn reference(tag: Option<&str>) -> Result<Reference, Failure> {
    let name = match (tag, image::built_in()) {
        (Some(tag), _) => tag.to_owned(),
        (None, Some(built_in)) => built_in.to_owned(),
        (None, None) => image::local_name(),
    };
    name.parse()
        .map_err(|error| unnamed(&error, |full| format!("--tag {full}")))
}

/// What is typed instead of something that is no full name.
fn unnamed(error: &ReferenceError, typed: impl Fn(&str) -> String) -> Failure {
    let failure = Failure::new(Kind::Usage, error.to_string());
    match error {
        ReferenceError::Short { full, .. } => {
            failure.hint(format!("write it in full: `{}`", typed(full)))
        }
        ReferenceError::Malformed(_) => failure,
    }
}

/// The program that was named, or this one.
fn program(app: &App, named: Option<&Path>) -> anyhow::Result<(PathBuf, Vec<u8>)> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => PathBuf::from(app.environment.executable()?),
    };
    let program =
        fs::read(&path).with_context(|| format!("cannot read program `{}`", path.display()))?;
    Ok((path, program))
}

/// Why this program cannot be in the image, and which one could.
fn unusable(path: &Path, error: ProgramError) -> Failure {
    let hint = match error {
        ProgramError::Dynamic => {
            format!("build one that runs alone: {BUILD}, and pass `--binary target/release/vc`")
        }
        _ => "name a static Linux build of `vc` with `--binary`".to_owned(),
    };
    Failure::new(Kind::Preflight, format!("`{}` {error}", path.display())).hint(hint)
}

/// Writes the archive so that the file is whole or not there. What is no file (a pipe, a device)
/// is written to as it is.
fn write(path: &Path, image: &Image<'_>) -> anyhow::Result<()> {
    let attempt = || format!("cannot write `{}`", path.display());
    let written = match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|file| image.write(BufWriter::new(file))),
        _ => write_file(path, image),
    };
    written.with_context(attempt)
}

fn write_file(path: &Path, image: &Image<'_>) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // Asked first, because the next error would name the temporary file.
    fs::metadata(directory)?;
    let mut file = tempfile::Builder::new()
        .prefix(".vc-image-")
        .tempfile_in(directory)?;
    let mut buffered = BufWriter::new(&mut file);
    image.write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    file.persist(path)?;
    Ok(())
}

/// What was written, and how it comes to the nodes.
fn say_what_next(
    app: &App,
    image: &Image<'_>,
    size: usize,
    file: Option<&Path>,
    binary: Option<&Path>,
) {
    let name = image.name();
    let what = format!(
        "image `{name}` ({}, {} MiB)",
        image.platform(),
        size.div_ceil(1 << 20)
    );
    if let Some(file) = file {
        let file = file.display();
        app.ui.note(&format!("wrote {what} to `{file}`"));
        app.ui.note(&format!(
            "load it to the nodes: `kind load image-archive {file}`, or on each `ctr -n k8s.io images import {file}`"
        ));
        // The name of nobody's registry is none to push to.
        let to = if name == image::local_name() {
            "registry.example.com/team/vc"
        } else {
            name
        };
        let binary = binary.map(|path| format!(" --binary {}", path.display()));
        app.ui.note(&format!(
            "or push it to a registry: `vc image push {to}{}`",
            binary.unwrap_or_default()
        ));
    } else {
        app.ui.note(&format!("wrote {what}"));
    }
    if image::built_in() != Some(name) {
        app.ui
            .note(&format!("then: `vc create dev --image {name}`"));
    }
}
