//! Every input that is kept, through the function that it is kept for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    entries.map(name).collect()
}

#[test]
fn every_input_that_is_kept_keeps_the_promises() {
    for (name, target) in TARGETS {
        let directory = fuzz().join("corpus").join(name);
        let mut count = 0;
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            // The last line before a failure says which input it was.
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= 10, "{name}: {count}");
    }
}

/// So that `make fuzz` leaves none out, and each builds: what it calls is compiled here.
#[test]
fn each_target_has_a_program_that_calls_it() {
    let expected: BTreeSet<String> = TARGETS.map(|(name, _)| name.to_owned()).into();
    assert_eq!(names(&fuzz().join("fuzz_targets")), expected);
    assert_eq!(names(&fuzz().join("corpus")), expected);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in expected {
        let program = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        let call = format!("fuzz_target!(|bytes: &[u8]| vc::fuzz::{name}(bytes));");
        assert!(program.contains(&call), "{program}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
