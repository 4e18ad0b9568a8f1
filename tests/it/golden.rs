//! Files that are compared, and written anew with `UPDATE=1`.

use std::path::{Path, PathBuf};

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares `actual` with the file at `path` in the repository.
#[track_caller]
pub(crate) fn assert_matches(path: &str, actual: &str) {
    let file = repository(path);
    if is_updating() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == actual,
        "{path} says otherwise (UPDATE=1 writes it anew, if the new text is meant)\n\
         {}",
        difference(&expected, actual)
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own switch, not the program's"
)]
fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// The first lines that differ, and the whole of what was found.
fn difference(expected: &str, actual: &str) -> String {
    let lines = expected.lines().zip(actual.lines());
    let first = lines.take_while(|(expected, actual)| expected == actual);
    let line = first.count();
    let of = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    format!(
        "line {}\nexpected: {}\n   found: {}\n\nall that was found:\n{actual}",
        line + 1,
        of(expected),
        of(actual),
    )
}
