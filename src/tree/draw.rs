//! A tree as text.
//!
//! In: a [`Forest`]. Out: lines for people, or a graph in Mermaid's or Graphviz' words. Never: colour.

use std::fmt::Write;

use super::{Branch, Forest, Root};

/// Where states begin, at the furthest, so that a line stays within 80 columns.
const STATES_MAX: usize = 52;

/// One line: the tree and a name, then a state.
type Line = (String, String);

/// For people. A host object stands below the object that it is for.
pub fn text(forest: &Forest) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for grove in &forest.namespaces {
        lines.push((format!("namespace/{}", grove.name), String::new()));
        branches(&grove.objects, "", &mut lines);
    }
    for node in &forest.nodes {
        lines.push((format!("node/{}", node.name), node.state.clone()));
    }
    let width = |(name, state): &Line| {
        let takes = if state.is_empty() { 0 } else { 2 };
        takes.min(1) * (name.chars().count() + takes)
    };
    let column = lines.iter().map(width).max().unwrap_or_default();
    let column = column.min(STATES_MAX);
    let mut out = format!(
        "virtual cluster {} in namespace {}\n",
        forest.cluster, forest.host_namespace
    );
    for (name, state) in lines {
        let line = match state.as_str() {
            "" => name,
            state => format!("{:column$}{state}", format!("{name}  ")),
        };
        out += &line;
        out.push('\n');
    }
    for unknown in &forest.unknown {
        let _ = writeln!(out, "unknown: {unknown}");
    }
    out
}

fn branches(all: &[Branch], indent: &str, lines: &mut Vec<Line>) {
    for (index, branch) in all.iter().enumerate() {
        let is_last = index + 1 == all.len();
        let (turn, further) = if is_last {
            ("└─", "  ")
        } else {
            ("├─", "│ ")
        };
        let label = format!("{indent}{turn}{}", label(branch));
        lines.push((label, state(branch)));
        let indent = format!("{indent}{further}");
        if let Some(host) = &branch.host {
            let stem = if branch.children.is_empty() {
                "  "
            } else {
                "│ "
            };
            let differs = host.state != branch.state;
            let state = if differs {
                host.state.clone()
            } else {
                String::new()
            };
            lines.push((format!("{indent}{stem}→ {}", host.name), state));
        }
        branches(&branch.children, &indent, lines);
    }
}

fn label(branch: &Branch) -> String {
    format!("{}/{}", branch.kind.to_lowercase(), branch.name)
}

fn state(branch: &Branch) -> String {
    match &branch.node {
        Some(node) => format!("{} on {node}", branch.state),
        None => branch.state.clone(),
    }
}

/// A graph in the words of Mermaid (<https://mermaid.js.org/syntax/flowchart.html>).
pub fn mermaid(forest: &Forest) -> String {
    let graph = Graph::of(forest);
    let mut out = "flowchart LR\n".to_owned();
    for (group, (title, vertices)) in graph.groups.iter().enumerate() {
        let _ = writeln!(out, "  subgraph g{group}[\"{title}\"]");
        for (id, label) in vertices {
            let label = label.replace('\n', "<br/>");
            let _ = writeln!(out, "    n{id}[\"{label}\"]");
        }
        out += "  end\n";
    }
    for (from, to, kind) in &graph.edges {
        let arrow = match kind {
            Edge::Owns => "-->",
            Edge::Stands => "-.->",
        };
        let _ = writeln!(out, "  n{from} {arrow} n{to}");
    }
    out
}

/// A graph in the words of Graphviz (<https://graphviz.org/doc/info/lang.html>).
pub fn dot(forest: &Forest) -> String {
    let graph = Graph::of(forest);
    let mut out = "digraph {\n  rankdir=LR\n  node [shape=box]\n".to_owned();
    for (group, (title, vertices)) in graph.groups.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{group} {{");
        let _ = writeln!(out, "    label=\"{title}\"");
        for (id, label) in vertices {
            let label = label.replace('\n', "\\n");
            let _ = writeln!(out, "    n{id} [label=\"{label}\"]");
        }
        out += "  }\n";
    }
    for (from, to, kind) in &graph.edges {
        let style = match kind {
            Edge::Owns => "",
            Edge::Stands => " [style=dashed]",
        };
        let _ = writeln!(out, "  n{from} -> n{to}{style}");
    }
    out + "}\n"
}

enum Edge {
    /// From an object to what it owns, from a host pod to its node.
    Owns,
    /// From a virtual object to its host object.
    Stands,
}

/// The same for all who draw.
struct Graph {
    /// What stands together: a title, and vertices by number and label.
    groups: Vec<(String, Vec<(usize, String)>)>,
    edges: Vec<(usize, usize, Edge)>,
    count: usize,
}

/// The vertices of one side while they are found.
#[derive(Default)]
struct Found {
    inside: Vec<(usize, String)>,
    host: Vec<(usize, String)>,
    /// Vertices of host pods, with their nodes.
    on: Vec<(usize, String)>,
}

impl Graph {
    fn of(forest: &Forest) -> Self {
        let mut graph = Self {
            groups: Vec::new(),
            edges: Vec::new(),
            count: 0,
        };
        let mut host = Vec::new();
        let mut on = Vec::new();
        for grove in &forest.namespaces {
            let mut found = Found::default();
            for branch in &grove.objects {
                graph.add(branch, None, &mut found);
            }
            let title = format!("{} in {}", grove.name, forest.cluster);
            graph.groups.push((quoted(&title), found.inside));
            host.append(&mut found.host);
            on.append(&mut found.on);
        }
        let nodes: Vec<(usize, String)> = forest
            .nodes
            .iter()
            .map(|node| {
                (
                    graph.next(),
                    quoted(&format!("node/{}\n{}", node.name, node.state)),
                )
            })
            .collect();
        for (pod, node) in on {
            let mut named = forest.nodes.iter().zip(&nodes);
            if let Some((_, (id, _))) = named.find(|(found, _)| found.name == node) {
                graph.edges.push((pod, *id, Edge::Owns));
            }
        }
        let title = format!("host namespace {}", forest.host_namespace);
        graph.groups.push((quoted(&title), host));
        graph.groups.push(("nodes".to_owned(), nodes));
        graph.groups.retain(|(_, vertices)| !vertices.is_empty());
        graph
    }

    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn add(&mut self, branch: &Branch, owner: Option<usize>, found: &mut Found) {
        let id = self.next();
        let words = format!("{}\n{}", label(branch), branch.state);
        found.inside.push((id, quoted(&words)));
        if let Some(owner) = owner {
            self.edges.push((owner, id, Edge::Owns));
        }
        if let Some(Root { name, state }) = &branch.host {
            let twin = self.next();
            let words = format!("{}/{name}\n{state}", branch.kind.to_lowercase());
            found.host.push((twin, quoted(&words)));
            self.edges.push((id, twin, Edge::Stands));
            found
                .on
                .extend(branch.node.clone().map(|node| (twin, node)));
        }
        for child in &branch.children {
            self.add(child, Some(id), found);
        }
    }
}

/// What may stand between quotes in both languages.
fn quoted(words: &str) -> String {
    words.replace('"', "'").replace('\\', "/")
}
