//! `vc image push`: how one logs in, what is sent again and what is not, and what is said. A registry that is
//! a real one stands in `tests/e2e/registry.rs`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use crate::fake_host::listen;
use crate::image::program;
use crate::sandbox::{Sandbox, Session};

/// The password that must be seen nowhere but in the registry's hands.
const PASSWORD: &str = "s3cret-Word";
/// `me:s3cret-Word`.
const BASIC: &str = "Basic bWU6czNjcmV0LVdvcmQ=";

/// What was asked: `PUT /v2/team/vc/manifests/v1`, and with which credential.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    authorization: String,
    body: String,
}

/// Status, headers and body of an answer.
type Answer = (u16, String, &'static str);

/// Something that listens where a registry should be.
struct FakeRegistry {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeRegistry {
    /// Answers with what `answer` says, which also knows how often the same was asked before.
    fn answering(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let seen = asked.clone();
        let port = listen(move |stream| {
            let Some(request) = read(&stream) else {
                return;
            };
            let before = {
                let mut seen = seen.lock().unwrap();
                let same = seen.iter().filter(|one| one.line == request.line);
                let before = same.count();
                seen.push(request.clone());
                before
            };
            let (status, headers, body) = answer(&request, before);
            let text = format!(
                "HTTP/1.1 {status} Canned\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let mut stream: &TcpStream = &stream;
            drop(stream.write_all(text.as_bytes()));
        });
        Self { port, asked }
    }

    /// What was asked, digests cut short.
    fn lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let lines = asked.iter().map(|asked| {
            let (begin, rest) = asked.line.split_once("sha256").unwrap_or((&asked.line, ""));
            let digest = if rest.is_empty() { "" } else { "DIGEST" };
            format!("{begin}{digest}")
        });
        lines.collect()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.rsplit_once(' ')?.0.to_owned();
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => value.clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        line,
        authorization,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// A registry that takes everything of whoever has a token of its own, and makes one for `allowed`.
fn with_tokens(allowed: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> FakeRegistry {
    let port = Arc::new(Mutex::new(0));
    let own = port.clone();
    let registry = FakeRegistry::answering(move |asked, before| {
        let port = *own.lock().unwrap();
        let none = String::new();
        if asked.line.contains(" /token") {
            return if allowed(asked) {
                (200, none, r#"{"token": "a-token"}"#)
            } else {
                (
                    401,
                    none,
                    r#"{"errors":[{"code":"UNAUTHORIZED","message":"who?"}]}"#,
                )
            };
        }
        if asked.authorization != "Bearer a-token" {
            let header = format!(
                "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"fake\"\r\n"
            );
            return (401, header, "");
        }
        let method = asked.line.split(' ').next().unwrap();
        match method {
            "HEAD" => (404, none, ""),
            // Its first answer is that of a registry that is being restarted.
            "POST" if before == 0 => (503, none, ""),
            "POST" => (202, "Location: /upload?state=abc\r\n".to_owned(), ""),
            "PUT" => (201, none, ""),
            _ => (200, none, "{}"),
        }
    });
    *port.lock().unwrap() = registry.port;
    registry
}

fn session(registry: &FakeRegistry, config: &str) -> Session {
    let session = Session::new();
    session.sandbox.write("home/vc", program(1));
    let config = config.replace("PORT", &registry.port.to_string());
    session.sandbox.write("home/.docker/config.json", config);
    session
}

const PASSWORD_IN_FILE: &str = r#"{"auths": {"127.0.0.1:PORT": {"auth": "bWU6czNjcmV0LVdvcmQ="}}}"#;

#[test]
fn a_token_is_had_for_the_password_and_a_restarting_registry_is_waited_for() {
    let registry = with_tokens(|asked| asked.authorization == BASIC);
    let mut session = session(&registry, PASSWORD_IN_FILE);
    let repository = format!("127.0.0.1:{}/team/vc:v1", registry.port);
    let pushed = session.vc_args(&["image", "push", "--binary", "vc", &repository]);
    assert!(pushed.stdout.starts_with(&format!("{repository}@sha256:")));
    assert_eq!(
        registry.lines(),
        [
            // Without a credential: whether TLS is spoken.
            "GET /v2/",
            "GET /v2/",
            "GET /token?service=fake&scope=repository%3Ateam%2Fvc%3Apull%2Cpush",
            "GET /v2/",
            "HEAD /v2/team/vc/manifests/v1",
            "HEAD /v2/team/vc/blobs/DIGEST",
            "POST /v2/team/vc/blobs/uploads/",
            "POST /v2/team/vc/blobs/uploads/",
            "PUT /upload?state=abc&digest=DIGEST",
            "HEAD /v2/team/vc/blobs/DIGEST",
            "POST /v2/team/vc/blobs/uploads/",
            "PUT /upload?state=abc&digest=DIGEST",
            "PUT /v2/team/vc/manifests/v1",
        ]
    );
    let asked = registry.asked.lock().unwrap();
    let with_password = asked.iter().filter(|one| one.authorization == BASIC);
    assert_eq!(with_password.count(), 1);
    session.assert_matches("image/push");
}

#[test]
fn an_identity_token_goes_to_where_tokens_are_made_alone() {
    let registry = with_tokens(|asked| {
        asked.line == "POST /token"
            && asked.body
                == "grant_type=refresh_token&client_id=vc&service=fake&\
                    scope=repository%3Ateam%2Fvc%3Apull%2Cpush&refresh_token=a%2Brefresh"
    });
    let config = r#"{"auths": {"127.0.0.1:PORT": {"identitytoken": "a+refresh"}}}"#;
    let session = session(&registry, config);
    let repository = format!("127.0.0.1:{}/team/vc:v1", registry.port);
    let sandbox = &session.sandbox;
    let pushed = sandbox.run(&["image", "push", "--dry-run", "--binary", "vc", &repository]);
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    assert!(
        pushed.stderr.contains("would push image"),
        "{}",
        pushed.stderr
    );
    let lines = registry.lines();
    assert!(
        !lines.iter().any(|line| line.starts_with("PUT")),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("uploads")),
        "{lines:?}"
    );
}

#[test]
fn a_helper_is_asked_before_the_file_and_what_it_says_is_not_shown() {
    let registry = with_tokens(|asked| asked.authorization == BASIC);
    let config = r#"{"credHelpers": {"127.0.0.1:PORT": "fake"},
                     "auths": {"127.0.0.1:PORT": {"auth": "b3RoZXI6d3Jvbmc="}}}"#;
    let mut session = session(&registry, config);
    let path = session.sandbox.path("bin");
    session
        .sandbox
        .set("PATH", format!("{}:/usr/bin:/bin", path.display()));
    let repository = format!("127.0.0.1:{}/team/vc:v1", registry.port);
    let mut push = |about: &str, script: &str| {
        let script = format!("#!/bin/sh\nread -r host\n[ \"$1\" = get ] || exit 9\n{script}\n");
        let helper = session.sandbox.write("bin/docker-credential-fake", script);
        std::fs::set_permissions(&helper, PermissionsExt::from_mode(0o755)).unwrap();
        session.about(about);
        let args = ["image", "push", "--dry-run", "--binary", "vc", &repository];
        let outcome = session.vc_args(&args);
        assert!(!outcome.stderr.contains(PASSWORD), "{}", outcome.stderr);
    };
    push(
        "it has it",
        &format!(
            "case $host in 127.0.0.1:*) ;; *) exit 8 ;; esac\n\
             echo '{{\"ServerURL\":\"'$host'\",\"Username\":\"me\",\"Secret\":\"{PASSWORD}\"}}'"
        ),
    );
    push(
        "it has none, and what is in the file is not known to the registry",
        "echo 'credentials not found in native keychain'; exit 1",
    );
    push("it fails", "echo 'the keychain is locked'; exit 1");
    push("it speaks of something else", &format!("echo {PASSWORD}"));
    std::fs::remove_file(session.sandbox.path("bin/docker-credential-fake")).unwrap();
    session.about("it is not there");
    session.vc_args(&["image", "push", "--dry-run", "--binary", "vc", &repository]);
    session.assert_matches("image/push_helper");
}

#[test]
fn a_registry_that_does_not_take_it_is_told_about() {
    for (name, status, headers, body) in [
        (
            "denied",
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#,
        ),
        ("busy", 503, "Retry-After: 0\r\n", ""),
        (
            "missing",
            404,
            "",
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no such repository"}]}"#,
        ),
    ] {
        let registry =
            FakeRegistry::answering(
                move |asked, _| match asked.line.split(' ').next().unwrap() {
                    "HEAD" => (404, String::new(), ""),
                    "POST" => (status, headers.to_owned(), body),
                    _ => (200, String::new(), "{}"),
                },
            );
        let mut session = session(&registry, "{}");
        let repository = format!("127.0.0.1:{}/team/vc:v1", registry.port);
        session.vc_args(&["image", "push", "--binary", "vc", &repository]);
        let posts = registry.lines();
        let posts = posts.iter().filter(|line| line.starts_with("POST"));
        assert_eq!(posts.count(), if name == "busy" { 4 } else { 1 }, "{name}");
        session.assert_matches(&format!("image/push_{name}"));
    }
}

#[test]
fn what_cannot_be_pushed_is_told_at_once() {
    let mut session = Session::new();
    session.sandbox.write("home/vc", program(1));
    session.sandbox.write("home/dynamic", program(3));
    if vc::image::built_in().is_none() {
        session.vc("image push --binary vc");
    }
    session.vc("image push --binary vc me/vc");
    session.vc("image push --binary vc registry.example.com/Team/vc");
    session.vc("image push --binary dynamic registry.example.com/team/vc");
    session.about("nobody listens there");
    session.vc("image push --binary vc 127.0.0.1:1/team/vc");
    session
        .sandbox
        .write("home/.docker/config.json", "{\n\"auths\": 1}");
    session.vc("image push --binary vc 127.0.0.1:1/team/vc");
    session.assert_matches("image/push_usage");
}

#[test]
fn what_a_mirror_needs_is_listed_without_a_host() {
    let mut session = Session::new();
    session.export("VC_IMAGE", "registry.example.com/team/vc:v1");
    for output in ["table", "json", "yaml", "name"] {
        session.vc(&format!(
            "image list --kubernetes-version v1.35.4 -o {output}"
        ));
    }
    let file = "apiVersion: vc.internal/v1alpha1\nkind: VirtualCluster\nspec:\n  \
                registry: file.example.com/k8s/\n  image: file.example.com/vc:v2\n";
    session.sandbox.write("home/vc.yaml", file);
    session.unset("VC_IMAGE");
    session.vc("image list --kubernetes-version v1.34.1 -f vc.yaml -o name");
    session.vc(
        "image list --kubernetes-version v1.34.1 -f vc.yaml --registry flag.example.com -o name",
    );
    session.about("the host says its version");
    session.vc("image list -f vc.yaml");
    session.assert_matches("image/list");
}

#[test]
fn the_images_that_are_listed_are_those_that_are_rendered() {
    let sandbox = Sandbox::new();
    let options =
        "--kubernetes-version v1.35.4 --registry mirror.example.com/k8s --image example.com/vc:v1";
    let run = |line: &str| {
        let line = format!("{line} {options}");
        let outcome = sandbox.run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.stdout
    };
    let manifests = run("render dev --ephemeral --service-cidr 10.96.0.0/16 --pki none -o json");
    let manifests: serde_json::Value = serde_json::from_str(&manifests).unwrap();
    let items = manifests["items"].as_array().unwrap();
    let pods = items.iter().map(|item| &item["spec"]["template"]["spec"]);
    let containers = pods.flat_map(|pod| {
        let of = |key: &str| pod[key].as_array().cloned().unwrap_or_default();
        [of("initContainers"), of("containers")].concat()
    });
    let rendered: Vec<(String, String)> = containers
        .map(|container| {
            let text = |key: &str| container[key].as_str().unwrap().to_owned();
            (text("name"), text("image"))
        })
        .collect();
    let listed: serde_json::Value = serde_json::from_str(&run("image list -o json")).unwrap();
    let listed: Vec<(String, String)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            (text("component"), text("image"))
        })
        .collect();
    assert_eq!(listed, rendered);
    assert_eq!(listed.len(), 4);
}
