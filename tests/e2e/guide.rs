//! What the guide tells people to type works, line by line, in its order.

use crate::harness::Sandbox;

/// The lines after the prompt in a document's `console` blocks.
fn typed(document: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut is_console = false;
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            is_console = language == "console";
        } else if is_console && let Some(line) = line.strip_prefix("$ ") {
            lines.push(line);
        }
    }
    lines
}

/// Types a document, with a cluster and a namespace of the test's own in place of those it names.
fn follow(document: &str, lines: usize) {
    let sandbox = Sandbox::new("guide");
    let (name, namespace) = (sandbox.name("guide"), sandbox.namespace("guide"));
    let typed = typed(document);
    assert_eq!(typed.len(), lines, "{typed:#?}");
    for line in typed {
        let line = line.replace("shop", &name).replace("team-a", &namespace);
        eprintln!("$ {line}");
        let typing = format!("cd {} && {{ {line}\n}}", sandbox.file("").display());
        sandbox.program("sh", "-c").arg(&typing).ok();
    }
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}

#[test]
fn what_the_first_steps_say_works() {
    follow(include_str!("../../docs/start.md"), 23);
}

#[test]
fn the_ways_to_a_cluster_work() {
    follow(include_str!("../../docs/connect.md"), 15);
}
