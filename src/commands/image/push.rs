//! `vc image push`: this program as the syncer's image, in a registry.

use std::time::Duration;

use anyhow::Context;

use super::{App, program, unnamed, unusable};
use crate::cli::ImagePushArgs;
use crate::config;
use crate::distribution::{Plain, Session, credentials};
use crate::error::{Failure, Kind};
use crate::image::{self, Contents, Image, Reference};

/// Pushes the image, and prints its name with its digest.
///
/// # Errors
/// When the program would not run alone in an image, or the registry does not take it.
pub(super) async fn run(app: &App, args: &ImagePushArgs) -> anyhow::Result<()> {
    let reference = reference(args.repository.as_deref())?;
    let attempt = || format!("cannot push image `{}`", reference.as_str());
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let (path, program) = program(app, args.binary.as_deref()).with_context(attempt)?;
    let image = Image::new(&program, &reference)
        .map_err(|error| unusable(&path, error))
        .with_context(attempt)?;
    let contents = image.contents().with_context(attempt)?;
    let platform = image.platform();
    drop(program);

    let pushing = push(app, args, &reference, &contents);
    let pushed = match tokio::time::timeout(timeout, pushing).await {
        Ok(pushed) => pushed,
        Err(_) => Err(too_long(timeout).into()),
    };
    app.ui.finish();
    let was_there = pushed.with_context(attempt)?;

    let name = reference.as_str();
    let size = contents.layer.bytes.len().div_ceil(1 << 20);
    let did = match (args.dry_run, was_there) {
        (_, true) => "is there already:",
        (true, false) => "would push",
        (false, false) => "pushed",
    };
    app.ui
        .note(&format!("{did} image `{name}` ({platform}, {size} MiB)"));
    app.ui
        .data_line(&format!("{name}@{}", contents.manifest.digest))
}

/// Whether the whole image was there before.
async fn push(
    app: &App,
    args: &ImagePushArgs,
    reference: &Reference,
    contents: &Contents,
) -> anyhow::Result<bool> {
    let host = reference.host();
    let request_timeout = config::request_timeout(app.global.request_timeout)?;
    app.ui.step(&format!("1/3 logging in to `{host}`"));
    let file = app.environment.docker_config.as_deref();
    let credential = credentials::find(file, host, request_timeout).await?;
    let plain = if args.plain_http {
        Plain::Always
    } else {
        Plain::Loopback
    };
    let mut session = Session::connect(reference, credential, plain, request_timeout).await?;
    if session.has_manifest(&contents.manifest).await? {
        return Ok(true);
    }
    app.ui.step(&format!("2/3 sending what `{host}` has not"));
    for blob in [&contents.layer, &contents.config] {
        if session.has_blob(&blob.digest).await? {
            app.ui
                .detail(&format!("`{}` is there already", blob.digest));
        } else if !args.dry_run {
            session.upload(blob).await?;
        }
    }
    if !args.dry_run {
        app.ui.step(&format!("3/3 naming it `{}`", reference.tag()));
        session.put_manifest(&contents.manifest).await?;
    }
    Ok(false)
}

/// The name that was given, with this program's version where it has no tag, or else the release's own.
fn reference(repository: Option<&str>) -> Result<Reference, Failure> {
    let Some(name) = repository.or(image::built_in()) else {
        return Err(Failure::new(
            Kind::Usage,
            "this build of `vc` has no image of its own, so it has to be said where to push one",
        )
        .hint("vc image push registry.example.com/team/vc"));
    };
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    Reference::with_tag(name, version)
        .map_err(|error| unnamed(&error, |full| format!("vc image push {full}")))
}

fn too_long(timeout: Duration) -> Failure {
    let limit = humantime::format_duration(timeout);
    Failure::new(Kind::TimedOut, format!("it was not pushed within {limit}"))
        .hint("give it longer with `--timeout`; what was sent whole is not sent again")
}
