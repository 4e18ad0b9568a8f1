//! Any cluster file is taken, and then means the same when it is written out again, or is refused in words.

use std::path::Path;
use std::sync::OnceLock;

use clap::{Args, FromArgMatches};

use super::{Layer, UserFile, View, view};
use crate::cli::{SettingArgs, Typed};
use crate::error::{Kind, report};

/// The text of a cluster file.
pub fn cluster_file(bytes: &[u8]) {
    let (Ok(text), Some(typed)) = (str::from_utf8(bytes), typed()) else {
        return;
    };
    let Some(file) = read(text) else {
        return;
    };
    let layer = Layer::cluster("vc.yaml".to_owned(), text, &file);
    let found = match view(typed, &file, &[layer]) {
        Ok(found) => found,
        Err(failure) => return check_refusal(&failure.into()),
    };
    for has_origins in [false, true] {
        let again = yaml(&found, has_origins);
        let Some(file) = read(&again) else {
            // Seen as a refusal of what this program itself has written.
            assert!(again.is_empty(), "it cannot be read again:\n{again}");
            return;
        };
        let second =
            view(typed, &file, &[]).map(|second| (second.to_json(false), yaml(&second, false)));
        assert!(second.is_ok(), "it cannot be meant again:\n{again}");
        let first = (found.to_json(false), yaml(&found, false));
        assert_eq!(second.unwrap_or_default(), first, "{again}");
    }
}

fn read(text: &str) -> Option<UserFile> {
    match UserFile::of_cluster(Path::new("vc.yaml"), text) {
        Ok(file) => Some(file),
        Err(error) => {
            check_refusal(&error);
            None
        }
    }
}

fn yaml(view: &View, has_origins: bool) -> String {
    let text = view.to_yaml(has_origins);
    assert!(text.is_ok(), "it cannot be written: {text:?}");
    text.unwrap_or_default()
}

/// It is the user's to mend, and says what.
fn check_refusal(error: &anyhow::Error) {
    let report = report(error);
    assert_eq!(report.kind, Kind::Usage, "{}", report.text);
    assert!(report.text.len() > "error: ".len(), "{}", report.text);
}

/// Nothing is typed, and no variable is set.
fn typed() -> Option<&'static Typed<SettingArgs>> {
    static TYPED: OnceLock<Option<Typed<SettingArgs>>> = OnceLock::new();
    let none = || {
        let command = clap::Command::new("fuzz").no_binary_name(true);
        let command = Typed::<SettingArgs>::augment_args(command);
        let command = command.mut_args(|argument| argument.env(None));
        let matches = command.try_get_matches_from([""; 0]).ok()?;
        Typed::from_arg_matches(&matches).ok()
    };
    TYPED.get_or_init(none).as_ref()
}
