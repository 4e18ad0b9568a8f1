//! `vc image list`: what a mirror needs.

use serde::Serialize;

use super::App;
use crate::cli::{ImageListArgs, ImageListFormat};
use crate::config;
use crate::preflight;
use crate::render::Images;

/// One image as programs read it.
#[derive(Serialize)]
struct Row<'a> {
    component: &'a str,
    image: &'a str,
}

/// Prints the images. The host is asked only for its version, and only if none is given.
///
/// # Errors
/// When nothing names the syncer's image, or the host is needed and does not answer.
pub(super) async fn run(app: &App, args: &ImageListArgs) -> anyhow::Result<()> {
    let file = app.files_with(args.file.as_deref())?;
    let options = config::image_options(args.registry.as_deref(), args.image.as_deref(), &file);
    let syncer = options.syncer_image()?;
    let version = match config::kubernetes_version(args.kubernetes_version, &file) {
        Some(version) => version,
        None => preflight::version(&app.connect().await?.0).await?,
    };
    let images = Images::new(&options.registry, version, syncer);
    let rows = images
        .by_container()
        .map(|(component, image)| Row { component, image });
    app.ui.data(&text(&rows, args.output)?)
}

fn text(rows: &[Row<'_>], format: ImageListFormat) -> anyhow::Result<String> {
    Ok(match format {
        ImageListFormat::Table => table(rows),
        ImageListFormat::Json => format!("{}\n", serde_json::to_string_pretty(rows)?),
        ImageListFormat::Yaml => serde_saphyr::to_string(&rows)?,
        ImageListFormat::Name => rows.iter().flat_map(|row| [row.image, "\n"]).collect(),
    })
}

/// Aligned columns with a gap of three, as in `vc list`.
fn table(rows: &[Row<'_>]) -> String {
    let header = Row {
        component: "COMPONENT",
        image: "IMAGE",
    };
    let lines = [&header].into_iter().chain(rows);
    let width = rows.iter().map(|row| row.component.len()).max();
    let width = width.unwrap_or_default() + 3;
    let lines = lines.map(|Row { component, image }| format!("{component:<width$}{image}"));
    lines.collect::<Vec<String>>().join("\n") + "\n"
}
