//! The cluster file to start from.
//!
//! In: the table of settings, and the words of the command line's help. Out: a cluster file that says nothing, with
//! every setting as a comment: `# ` begins words, `#` alone a setting. Never: a setting that is in force.

use clap::CommandFactory;

use super::cluster_file::{API_VERSION, KIND};
use super::settings::{SETTINGS, Setting};
use crate::cli::Cli;

/// What comes before the settings.
const HEAD: &str = "\
# A virtual cluster, for `vc create NAME -f FILE`, and later `vc diff` and `vc apply`.
#
# Take away the `#` before a setting to have it. A flag of the command line goes before this file, and so does its
# `VC_*` variable; `vc config view -f FILE --origins` shows what comes of them all. For an editor that completes and
# checks this file: `vc config schema`.
";

/// What comes before the settings of a group, of which there is one.
const GROUP: &str = "Which kinds of objects are synced; what is below it needs this line.";

/// Width of the words, with what is before them.
const WIDTH: usize = 100;

/// The file.
pub fn starter() -> String {
    let command = Cli::command();
    let create = command.find_subcommand("create");
    let mut text = format!("{HEAD}apiVersion: {API_VERSION}\nkind: {KIND}\nspec:\n");
    let mut group = None;
    for setting in SETTINGS {
        let words = create.map(|it| setting.words(it)).unwrap_or_default();
        let (of, key) = match setting.key.split_once('.') {
            Some((group, key)) => (Some(group), key),
            None => (None, setting.key),
        };
        if of != group {
            group = of;
            if let Some(group) = group {
                text.extend(["\n  # ", GROUP, "\n  #", group, ":\n"]);
            }
        }
        let indent = if of.is_some() { "    " } else { "  " };
        text += &entry(setting, key, indent, &words);
    }
    text
}

/// One setting, with the words about it.
fn entry(setting: &Setting, key: &str, indent: &str, words: &str) -> String {
    let mut text = String::from("\n");
    let prefix = format!("{indent}# ");
    let mut line = prefix.clone();
    for word in words.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            text += line.trim_end();
            text.push('\n');
            line.clone_from(&prefix);
        }
        line += word;
        line.push(' ');
    }
    text += line.trim_end();
    // `#` takes no place of the setting's own: without it the line stands where it has to.
    text.extend(["\n", indent, "#", key, ": ", setting.example, "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::UserFile;
    use crate::config::settings::Form;

    /// Takes away the `#` before each setting.
    fn in_force(text: &str) -> String {
        let line = |line: &str| match line.split_once('#') {
            Some((before, after))
                if before.trim().is_empty() && !after.is_empty() && !after.starts_with(' ') =>
            {
                format!("{before}{after}\n")
            }
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn the_starter_says_nothing_and_is_valid() {
        let file = UserFile::parse_cluster(&starter()).unwrap();
        assert_eq!(file, UserFile::default());
    }

    #[test]
    fn every_setting_of_the_starter_may_be_in_force() {
        let text = in_force(&starter());
        let file = UserFile::parse_cluster(&text).unwrap();
        let said = serde_json::to_value(&file).unwrap();
        for setting in SETTINGS {
            let value = said.pointer(&format!("/{}", setting.key.replace('.', "/")));
            assert!(
                value.is_some_and(|value| !value.is_null()),
                "{}",
                setting.key
            );
            let is_text = !matches!(
                setting.form,
                Form::Bool
                    | Form::Texts
                    | Form::Labels
                    | Form::Kinds
                    | Form::Described
                    | Form::Imports
            );
            if is_text {
                assert_eq!(value.unwrap(), setting.example);
            }
        }
        assert!(super::super::schema::tests::faults(&text).is_empty());
    }
}
