//! Names in the completion scripts: of clusters, host namespaces and contexts, which only `vc complete` knows.
//!
//! In: a script as the generator makes it. Out: the same, which asks `vc complete` where one of these names can
//! stand. Never: asks anything itself.

use clap::{Arg, Command};

/// Commands whose NAME is one that is not there yet.
const NAMES_NEW: [&str; 3] = ["create", "new", "render"];

/// What the help of `--namespace` says where it is one of the host's.
const HOST_NAMESPACE: &str = "Host namespace of the virtual cluster";

/// Gives bash's script a function before its own.
///
/// Nothing is expanded (`compgen -W` would), and what was typed may have `:` or `=` in it, which bash takes for
/// the end of a word.
pub(super) fn bash(script: &str, root: &Command) -> String {
    let clusters = patterns(clusters(root).map(str::to_owned));
    let inside = patterns(inside(root).map(str::to_owned));
    let valued = patterns(flags(root, |arg| arg.get_action().takes_values()));
    let of_cluster = patterns(flags(root, is_cluster));
    let register = script
        .lines()
        .skip_while(|line| !line.starts_with("if [["))
        .map(|line| line.replace("complete -F _vc ", "complete -F _vc_with_names "));
    let register: Vec<String> = register.collect();
    let own = script.lines().take_while(|line| !line.starts_with("if [["));
    let own: Vec<&str> = own.collect();
    let names = format!(
        r#"
# Names of clusters, host namespaces and contexts: _vc_names KIND TYPED CUR.
_vc_names() {{
    local name rest="${{2%"$3"}}"
    COMPREPLY=()
    while IFS= read -r name; do
        [[ "$name" == "$2"* ]] && COMPREPLY+=("${{name#"$rest"}}")
    done < <(vc complete "$1" -- "${{COMP_WORDS[@]:1:COMP_CWORD-1}}" 2>/dev/null </dev/null)
}}

_vc_with_names() {{
    local cur="$2" line="${{COMP_LINE:0:COMP_POINT}}" typed word flag="" previous="" command=""
    typed="${{line##*[[:space:]]}}"
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        [[ "$word" == "=" ]] && continue
        if [[ "$word" == "--" ]]; then
            _vc "$@"
            return
        fi
        case "$previous" in
            {valued}) previous=""; continue ;;
        esac
        case "$word" in
            -*) previous="$word" ;;
            *) previous=""; [[ -n "$command" ]] || command="$word" ;;
        esac
    done
    if [[ "$typed" == --*=* ]]; then
        flag="${{typed%%=*}}" typed="${{typed#*=}}"
        [[ "$cur" == "=" ]] && cur=""
    else
        flag="$previous"
    fi
    case "$flag" in
        --context) _vc_names contexts "$typed" "$cur"; return ;;
        -n | --namespace)
            case "$command" in
                {inside}) ;;
                *) _vc_names namespaces "$typed" "$cur"; return ;;
            esac
            ;;
        {of_cluster}) _vc_names clusters "$typed" "$cur"; return ;;
        {valued}) ;;
        *)
            case "$command" in
                {clusters})
                    if [[ "$typed" != -* ]]; then
                        _vc_names clusters "$typed" "$cur"
                        return
                    fi
                    ;;
            esac
            ;;
    esac
    _vc "$@"
}}
"#
    );
    format!("{}\n{names}\n{}\n", own.join("\n"), register.join("\n"))
}

/// Gives zsh's script actions for these names.
pub(super) fn zsh(script: &str) -> String {
    const NAMES: &str = r#"
# Names of clusters, host namespaces and contexts.
_vc_names() {
    # Not `words`, which has lost what the functions before have dealt with.
    local -a names typed=(${(z)LBUFFER})
    names=(${(f)"$(vc complete $1 -- ${typed[2,-1]} 2>/dev/null </dev/null)"})
    compadd -a names
}
_vc_clusters() { _vc_names clusters }
_vc_namespaces() { _vc_names namespaces }
_vc_contexts() { _vc_names contexts }

"#;
    let mut command = "";
    let mut lines = Vec::new();
    for line in script.lines() {
        let trimmed = line.trim();
        if let Some(name) = trimmed
            .strip_prefix('(')
            .and_then(|it| it.strip_suffix(')'))
        {
            command = name;
        }
        let is_cluster = line.contains("name -- Name of the virtual cluster")
            || line.contains("names -- Names of the virtual clusters")
            || line.contains("name -- Virtual cluster to look at")
            || line.starts_with("'--cluster=")
            || line.starts_with("'--reuse=");
        let action = if line.contains("]:CONTEXT:_default'") {
            "_vc_contexts"
        } else if line.contains(&format!("[{HOST_NAMESPACE}]:NAMESPACE:_default'")) {
            "_vc_namespaces"
        } else if is_cluster && !NAMES_NEW.contains(&command) {
            "_vc_clusters"
        } else {
            "_default"
        };
        // The functions stand in front of the one that uses them.
        if line == "_vc() {" {
            lines.push(NAMES.trim_start().to_owned());
        }
        lines.push(line.replace(":_default'", &format!(":{action}'")));
    }
    lines.join("\n") + "\n"
}

/// Gives fish's script arguments for these names.
pub(super) fn fish(script: &str, root: &Command) -> String {
    const NAMES: &str = "
# Names of clusters, host namespaces and contexts.
function __fish_vc_names
    vc complete $argv[1] -- (commandline -opc)[2..] 2>/dev/null </dev/null
end

";
    let lines = script.lines().map(|line| {
        let kind = if line.contains(" -l context -d ") {
            "contexts"
        } else if line.contains(HOST_NAMESPACE) && line.contains(" -l namespace ") {
            "namespaces"
        } else if line.contains(" -l cluster -d ") || line.contains(" -l reuse -d ") {
            "clusters"
        } else {
            return line.to_owned();
        };
        match line.strip_suffix(" -r") {
            Some(line) => format!("{line} -x -a \"(__fish_vc_names {kind})\""),
            None => line.to_owned(),
        }
    });
    let lines: Vec<String> = lines.collect();
    let commands: Vec<&str> = clusters(root).collect();
    format!(
        "{}\n{NAMES}complete -c vc -n \"__fish_vc_using_subcommand {}\" -f -a \"(__fish_vc_names clusters)\"\n",
        lines.join("\n"),
        commands.join(" ")
    )
}

/// The commands, by all their names, whose NAME is a cluster that is there.
fn clusters(root: &Command) -> impl Iterator<Item = &str> {
    let takes = |command: &&Command| {
        let mut positionals = command.get_positionals();
        positionals.any(|arg| matches!(arg.get_id().as_str(), "cluster" | "name" | "names"))
    };
    let names = root.get_subcommands().filter(takes).flat_map(names);
    names.filter(|name| !NAMES_NEW.contains(name))
}

/// The commands for which `-n` is a namespace of the virtual cluster.
fn inside(root: &Command) -> impl Iterator<Item = &str> {
    let is_inside = |command: &&Command| {
        let mut args = command.get_arguments();
        args.any(|arg| {
            let help = arg.get_help().map(ToString::to_string);
            arg.get_long() == Some("namespace") && help.is_some_and(|help| help != HOST_NAMESPACE)
        })
    };
    root.get_subcommands().filter(is_inside).flat_map(names)
}

fn names(command: &Command) -> impl Iterator<Item = &str> {
    std::iter::once(command.get_name()).chain(command.get_visible_aliases())
}

fn is_cluster(arg: &Arg) -> bool {
    matches!(arg.get_long(), Some("cluster" | "reuse"))
}

/// The options of all commands for which this holds, as they are typed.
fn flags(root: &Command, holds: impl Fn(&Arg) -> bool) -> Vec<String> {
    let below = root.get_subcommands();
    let commands = std::iter::once(root)
        .chain(root.get_subcommands())
        .chain(below.flat_map(Command::get_subcommands));
    let args = commands.flat_map(Command::get_arguments);
    let mut flags: Vec<String> = args
        .filter(|arg| !arg.is_positional() && !arg.is_require_equals_set() && holds(arg))
        .flat_map(|arg| {
            let short = arg.get_short().map(|short| format!("-{short}"));
            short
                .into_iter()
                .chain(arg.get_long().map(|long| format!("--{long}")))
        })
        .collect();
    flags.sort();
    flags.dedup();
    flags
}

/// A pattern of the shell's `case`.
fn patterns(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().collect::<Vec<String>>().join(" | ")
}
