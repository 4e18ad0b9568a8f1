//! `vc version`: which `vc` this is.

use serde_json::json;

use super::App;
use crate::cli::{VersionArgs, VersionFormat};

/// Prints the version.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn run(app: &App, args: &VersionArgs) -> anyhow::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let data = json!({
        "version": format!("v{version}"),
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
    });
    let text = match args.output {
        None => format!("vc v{version}\n"),
        Some(VersionFormat::Json) => format!("{data:#}\n"),
        Some(VersionFormat::Yaml) => serde_saphyr::to_string(&data)?,
    };
    app.ui.data(&text)
}
