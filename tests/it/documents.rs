//! Documents that must not go stale.

use std::path::{Path, PathBuf};

use crate::golden;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// README and everything else that is written for people.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&golden::repository("docs"), &mut found);
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        found.push(golden::repository(file));
    }
    found
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The `vc` commands of a document: lines of its `console` blocks after the prompt, without what
/// the shell makes of them.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut in_console = false;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_console = language == "console";
        } else if in_console && let Some(typed) = line.strip_prefix("$ ") {
            let typed = typed.split(" #").next().unwrap_or_default();
            let parts = typed.split("&&").flat_map(|part| part.split(['|', '>']));
            let of_vc = parts.map(str::trim).filter(|part| part.starts_with("vc "));
            commands.extend(of_vc.map(str::to_owned));
        }
    }
    commands
}

fn parse(command: &str) -> Result<(), clap::Error> {
    use clap::error::ErrorKind;
    match vc::commands::parser().try_get_matches_from(command.split_whitespace()) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

#[test]
fn every_vc_command_in_the_documents_can_be_typed() {
    let mut count = 0;
    for path in documents() {
        for command in commands(&read(&path)) {
            count += 1;
            let parsed = parse(&command);
            assert!(
                parsed.is_ok(),
                "{}: `{command}`: {parsed:?}",
                path.display()
            );
        }
    }
    assert!(count >= 5, "only {count} commands found");
}

#[test]
fn commands_are_found_behind_comments_and_pipes() {
    let text = "```console\n$ vc list -A | head -1   # all\n$ vc create a && vc delete a\nvc no\n```\n\
                ```sh\n$ vc no\n```\n";
    assert_eq!(commands(text), ["vc list -A", "vc create a", "vc delete a"]);
}

#[test]
fn every_vc_command_in_a_message_can_be_typed() {
    let mut count = 0;
    for (path, text) in crate::messages::transcripts() {
        for said in text.lines().filter_map(|line| line.strip_prefix("! ")) {
            let quoted = said.split('`').skip(1).step_by(2);
            for command in quoted.chain(said.strip_prefix("hint: ")) {
                let command = command.split(", ").next().unwrap_or_default();
                if !command.starts_with("vc ") {
                    continue;
                }
                count += 1;
                // `vc create NAME` stands for any name.
                let parsed = parse(&command.replace("NAME", "name"));
                assert!(parsed.is_ok(), "{path}: `{command}`: {parsed:?}");
            }
        }
    }
    assert!(count >= 5, "only {count} commands found");
}

#[test]
fn the_changelog_has_the_form_of_keep_a_changelog() {
    let text = read(&golden::repository("CHANGELOG.md"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("# Changelog"));
    let mut releases = text.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(releases.next(), Some("[Unreleased]"));
    for release in releases {
        assert!(is_release(release), "## {release}");
    }
    let kinds = [
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    ];
    for kind in text.lines().filter_map(|line| line.strip_prefix("### ")) {
        assert!(kinds.contains(&kind), "### {kind}");
    }
    let (_, entries) = text.split_once("## [Unreleased]").unwrap();
    for paragraph in entries.split("\n\n").flat_map(|part| part.split("\n- ")) {
        let paragraph = paragraph.trim();
        let is_link = paragraph.starts_with('[');
        if !paragraph.is_empty() && !paragraph.starts_with('#') && !is_link {
            assert!(paragraph.ends_with('.'), "{paragraph:?}");
        }
    }
}

/// `[1.2.3] - 2026-01-31`.
fn is_release(heading: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    heading
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] - "))
        .is_some_and(|(version, date)| {
            version.split('.').count() == 3
                && version.split('.').all(digits)
                && date.len() == 10
                && date.split('-').count() == 3
                && date.split('-').all(digits)
        })
}

#[test]
fn release_headings_are_told_from_others() {
    assert!(is_release("[0.1.0] - 2026-01-31"));
    assert!(!is_release("0.1.0"));
    assert!(!is_release("[0.1] - 2026-01-31"));
    assert!(!is_release("[0.1.0] - soon"));
}

/// Scripts rely on the numbers, so the help, the README and the code must say the same ones.
#[test]
fn exit_codes_are_documented() {
    let help = crate::sandbox::Sandbox::new().run(&["--help"]).stdout;
    let words: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for code in [
        "0 done",
        "1 failed",
        "2 usage",
        "3 timed out",
        "4 not allowed",
        "5 not found",
        "6 exists already",
        "7 a check before the first write failed",
        "8 host unreachable",
        "125 vc failed before CMD",
        "130/143 interrupted",
    ] {
        assert!(words.contains(code), "{code}: {words}");
    }
}

/// What an administrator reads about rights is what the Role has.
#[test]
fn the_rights_of_the_syncer_are_documented() {
    use vc::cluster::{Grants, Shown};
    use vc::render::rbac;
    use vc::sync::{self, Known};

    let row = |rule: &rbac::Rule, when: &str| {
        let resources: Vec<String> = rule
            .resources
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let verbs = rule.verbs.join(", ");
        format!("| {} | {verbs} | {when} |\n", resources.join(", "))
    };
    let mut table = "| resources | verbs | when |\n| --- | --- | --- |\n".to_owned();
    table.extend(rbac::RULES.iter().map(|rule| row(rule, "always")));
    let grants = rbac::grants(Grants::default());
    table.extend(
        grants
            .iter()
            .map(|(_, rule)| row(rule, "if the installer has it")),
    );
    for kind in Known::all().filter(|kind| !kind.is_shown()) {
        let when = if sync::BY_DEFAULT.contains(&kind) {
            format!("if the installer has it, without `--no-sync {kind}`")
        } else {
            format!("with `--sync {kind}`")
        };
        table += &row(&kind.rule(), &when);
    }
    let shown = |nodes, storage_classes| {
        rbac::cluster_wide(&Shown {
            nodes,
            storage_classes,
            kinds: Vec::new(),
        })
    };
    let classes = Known::all().filter(|kind| kind.is_shown());
    let classes = classes.map(|kind| (vec![kind.rule()], format!("--sync {kind}")));
    for (rules, option) in [
        (shown(true, false), "--sync-nodes".to_owned()),
        (shown(false, true), "--sync-storage-classes".to_owned()),
    ]
    .into_iter()
    .chain(classes)
    {
        let when = format!("with `{option}`, in a ClusterRole");
        table.extend(rules.iter().map(|rule| row(rule, &when)));
    }

    table += &row(
        &rbac::NODE_METRICS,
        "with `--sync-nodes`, in the ClusterRole, if the installer has it",
    );

    table += &row(
        &rbac::SLEEP,
        "with `--sleep-after`, of the control plane's own alone",
    );

    let (begin, end) = ("<!-- rights: begin -->\n", "<!-- rights: end -->");
    let text = read(&golden::repository("docs/sync.md"));
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    golden::assert_matches(
        "docs/sync.md",
        &format!("{before}{begin}{table}{end}{after}"),
    );
}
