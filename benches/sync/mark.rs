//! How the host's copy of an object is known, whatever product made it.
//!
//! In: an object's metadata. Out: the name under which the benchmark made it. Never: looks for the labels of any product.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// What all our names begin with, and how many digits they end in. A product may make others of them for the host, but
/// will keep them somewhere.
const STEM: &str = "vcb-";
const DIGITS: usize = 5;

/// Names of objects that are made together: none is a part of another.
pub(crate) fn names(stem: &str, count: u32) -> Vec<String> {
    (0..count)
        .map(|number| format!("{STEM}{stem}-{number:0DIGITS$}"))
        .collect()
}

/// The name under which an object of the benchmark was made, wherever a product keeps it: as part of the copy's name,
/// in an annotation, in a label.
pub(crate) fn made_as(metadata: &ObjectMeta) -> Option<&str> {
    let annotations = metadata.annotations.iter().flat_map(|all| all.values());
    let labels = metadata.labels.iter().flat_map(|all| all.values());
    let mut texts = metadata.name.iter().chain(annotations).chain(labels);
    texts.find_map(|text| within(text))
}

/// The first of our names in a text: `STEM`, letters, a hyphen, digits as many as [`names`] makes.
fn within(text: &str) -> Option<&str> {
    let start = text.find(STEM)?;
    let rest = text.get(start..)?;
    let letters = rest.get(STEM.len()..)?.find('-')?;
    let end = STEM.len() + letters + 1 + DIGITS;
    let name = rest.get(..end)?;
    let digits = name.get(end - DIGITS..)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(name)
}
