//! How large the program is (P14).
//!
//! In: the stage. Out: the size of the program under test, and of the image that it makes of itself.

use crate::record::{Figure, Part};
use crate::stage::Stage;

const PROGRAM: &str = "vc, the program";
const IMAGE: &str = "vc, its image as an archive";

const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// Looks at both.
pub(crate) fn measure(stage: &Stage, part: &mut Part) -> anyhow::Result<()> {
    for name in [PROGRAM, IMAGE] {
        part.plan(Figure::new("P14", name, "MiB").at_most(15.0));
    }
    part.sample(PROGRAM, mebibytes(&stage.program)?);
    let archive = stage.kubeconfig().with_file_name("vc.tar");
    stage.vc(&["image", "save", "--output", &archive.display().to_string()])?;
    part.sample(IMAGE, mebibytes(&archive)?);
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a file of 2^53 bytes is far away"
)]
fn mebibytes(file: &std::path::Path) -> anyhow::Result<f64> {
    Ok(std::fs::metadata(file)?.len() as f64 / MEBIBYTE)
}
