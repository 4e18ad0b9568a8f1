//! `vc doctor` and `vc explain`: what is told, and how.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use vc::doctor::codes;

use crate::fake_host::{Answer, FakeHost, Request};
use crate::golden;
use crate::sandbox::Session;

/// A host on which all is well, but for what `other` says.
fn host(other: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> FakeHost {
    FakeHost::answering(move |request| other(request).unwrap_or_else(|| well(request)))
}

fn well(request: &Request) -> Answer {
    let is_read = request.method == "GET";
    match request.resource() {
        "version" => Answer::ok(&json!({
            "major": "1", "minor": "35", "gitVersion": "v1.35.4", "gitCommit": "", "gitTreeState": "",
            "buildDate": "", "goVersion": "", "compiler": "", "platform": "",
        })),
        "team-a" => Answer::ok(&json!({"metadata": {"name": "team-a"}})),
        "selfsubjectrulesreviews" => {
            let anything = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
            let status =
                json!({"resourceRules": [anything], "nonResourceRules": [], "incomplete": false});
            Answer::ok(&json!({"spec": {}, "status": status}))
        }
        "selfsubjectaccessreviews" => {
            Answer::ok(&json!({"spec": {}, "status": {"allowed": false}}))
        }
        _ if is_read => Answer::ok(&json!({"metadata": {}, "items": []})),
        _ => Answer::status(403, "Forbidden", "the canned host admits nothing"),
    }
}

/// A dry run of anything is admitted.
fn admitted(request: &Request) -> Option<Answer> {
    let is_write = request.method != "GET" && !request.path.contains("selfsubject");
    is_write.then(|| Answer::ok(&json!({"metadata": {"name": "x"}})))
}

/// Where nobody has a kubectl, and the kubeconfig is its owner's alone.
fn session(host: &FakeHost) -> Session {
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    let home = session.sandbox.path("home");
    session.sandbox.set("PATH", home.to_str().unwrap());
    set_mode(&session, "home/.kube/config", 0o600);
    session
}

fn set_mode(session: &Session, path: &str, mode: u32) {
    let path = session.sandbox.path(path);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const OPTIONS: &str =
    "--ephemeral --image registry.example.com/vc:v1.2.3 --service-cidr 10.96.0.0/16";

#[test]
fn what_a_host_refuses_is_told_in_every_form() {
    let host = host(|request| match request.resource() {
        "team-a" => Some(Answer::ok(&json!({"metadata": {
            "name": "team-a", "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        }}))),
        "resourcequotas" => Some(Answer::ok(&json!({"metadata": {}, "items": [{
            "metadata": {"name": "small"}, "spec": {"hard": {"pods": "3", "requests.memory": "1Gi"}},
            "status": {"used": {"pods": "3", "requests.memory": "0"}},
        }]}))),
        _ => None,
    });
    let mut session = session(&host);
    for form in ["table", "yaml", "json"] {
        session.vc(&format!("doctor -n team-a {OPTIONS} -o {form}"));
    }
    session.about("in the host's words, when nothing is known of a reason");
    let refusing = self::host(|_| None);
    session
        .sandbox
        .write("home/.kube/config", refusing.kubeconfig());
    session.vc(&format!("doctor -n team-a {OPTIONS}"));
    session.assert_matches("doctor/refused");
    let writes = |request: &String| request.starts_with("DELETE") || request.starts_with("PUT");
    assert!(!host.requests().iter().any(writes));
}

#[test]
fn what_may_not_be_seen_is_unknown_and_no_error() {
    let host = host(|request| {
        let hidden = ["resourcequotas", "nodes", "secrets"];
        let is_hidden = request.method == "GET" && hidden.contains(&request.resource());
        is_hidden
            .then(|| Answer::forbidden(request))
            .or_else(|| admitted(request))
    });
    let mut session = session(&host);
    session.vc("doctor -n team-a --ephemeral --image vc.local/vc:v1 --service-cidr 10.96.0.0/16");
    session.assert_matches("doctor/unknown");
}

#[test]
fn a_host_that_is_not_there_is_an_error_among_others() {
    let mut session = Session::new();
    session.vc("doctor");
    session.sandbox.write("home/.kube/config", "{");
    set_mode(&session, "home/.kube/config", 0o600);
    session.vc("doctor dev -o yaml");
    session.assert_matches("doctor/no_host");
}

#[test]
fn fix_does_what_is_safe_and_nothing_else() {
    let host = host(admitted);
    let mut session = session(&host);
    set_mode(&session, "home/.kube/config", 0o644);
    session.sandbox.write("state/vc/tunnels/u-gone.json", "{}");
    session.sandbox.write("state/vc/tunnels/u-gone.log", "");
    set_mode(&session, "state/vc", 0o700);
    let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
    let pid = child.id();
    child.wait().unwrap();
    let lock = format!("{pid} {}\n", vc::holder::machine());
    session.sandbox.write("home/.kube/config.lock", lock);
    let line = format!("doctor -n team-a {OPTIONS}");
    let found = session.sandbox.run(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    for code in ["VC103", "VC104", "VC105"] {
        assert!(found.stdout.contains(code), "{}", found.stdout);
    }
    session.vc(&format!("{line} --fix -o yaml"));
    session.vc(&line);
    assert!(!session.sandbox.path("home/.kube/config.lock").exists());
    let tunnels = fs::read_dir(session.sandbox.path("state/vc/tunnels")).unwrap();
    assert_eq!(tunnels.count(), 0);
    session.about("a lock that does not say whose it is");
    session.sandbox.write("home/.kube/config.lock", "");
    let lock = session.sandbox.path("home/.kube/config.lock");
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
    let file = fs::File::options().write(true).open(&lock).unwrap();
    file.set_modified(old).unwrap();
    let line = format!("{line} --fix -o json");
    let told = session.sandbox.run(&line.split(' ').collect::<Vec<_>>());
    let told: Value = serde_json::from_str(&told.stdout).expect(&told.stderr);
    let codes: Vec<&str> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert!(codes.contains(&"VC103"), "{told:#}");
    assert!(lock.exists());
    session.assert_matches("doctor/fix");
}

#[test]
fn a_cluster_is_looked_at_by_name() {
    let host = FakeHost::answering(|request| match request.resource() {
        "events" | "secrets" | "services" | "persistentvolumeclaims" => {
            Answer::ok(&json!({"metadata": {}, "items": []}))
        }
        _ => crate::list::clusters(request),
    });
    let mut session = session(&host);
    session.vc("doctor ci");
    session.vc("doctor dev");
    session.vc("doctor nobody");
    session.assert_matches("doctor/cluster");
}

#[test]
fn codes_are_explained() {
    let mut session = Session::new();
    session.vc("explain");
    session.vc("explain vc203");
    session.vc("explain VC999");
    session.assert_matches("explain/explain");
}

/// The page for people says what the command does.
#[test]
fn the_page_on_troubleshooting_has_every_code() {
    let section = |code: &codes::Code| {
        format!(
            "### {} ({}): {}\n\n{}\n\n**What to do:** {}\n\n",
            code.id, code.severity, code.title, code.why, code.remedy
        )
    };
    let group = |(prefix, title): (&str, &str)| {
        let codes = codes::ALL.iter().filter(|code| code.id.starts_with(prefix));
        let sections: String = codes.map(section).collect();
        format!("## {prefix}xx: {title}\n\n{sections}")
    };
    let text: String = codes::GROUPS.map(group).concat();
    let path = "docs/troubleshooting.md";
    let (begin, end) = ("<!-- codes: begin -->\n\n", "<!-- codes: end -->");
    let page = fs::read_to_string(golden::repository(path)).unwrap();
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    golden::assert_matches(path, &format!("{before}{begin}{text}{end}{after}"));
}
