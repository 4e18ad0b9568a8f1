//! What `vc image push` pushes is in a real registry, byte for byte what `vc image save` writes, and a node pulls it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{REGISTRY, Running, Sandbox, software, until};

/// `me` and this password, as `htpasswd -B` writes it.
const PASSWORD: &str = "s3cret-Word";
const HTPASSWD: &str = "me:$2b$04$BfNvEfagwtv5DZyTKuWW9.HVzcddO1iSXCccPnljFjulbO39Joglu\n";

/// A registry on this machine, which goes with the test.
struct Registry {
    _process: Running,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Registry {
    /// One that lets everybody in, or with `auth` in its configuration, whom that says.
    fn start(sandbox: &Sandbox, auth: &Value) -> Self {
        Self::with(sandbox, &json!({"addr": "127.0.0.1:0"}), auth)
    }

    /// One that also listens as `http` says.
    fn with(sandbox: &Sandbox, http: &Value, auth: &Value) -> Self {
        let config = json!({
            "version": "0.1",
            "storage": {"filesystem": {"rootdirectory": sandbox.file("registry")}},
            "http": http,
            "auth": auth,
        });
        let file = sandbox.file("registry.json");
        fs::write(&file, config.to_string()).unwrap();
        let line = format!("serve {}", file.display());
        let process = sandbox
            .program(&software().join("registry").display().to_string(), &line)
            .env("OTEL_TRACES_EXPORTER", "none")
            .start();
        assert!(process.says("listening on "), "{}", process.talk());
        let talk = process.talk();
        let (_, address) = talk.split_once("listening on ").unwrap();
        let address: String = address
            .chars()
            .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
            .collect();
        Self {
            _process: process,
            address,
        }
    }

    /// What the registry answers: the first line, and the body.
    fn get(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let accept = "application/vnd.oci.image.manifest.v1+json";
        write!(stream, "GET {path} HTTP/1.0\r\nAccept: {accept}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&answer[..end]);
        let status = head.lines().next().unwrap().to_owned();
        (status, answer[end + 4..].to_vec())
    }

    /// The bytes of something that the registry names by its digest.
    fn get_named(&self, path: &str, digest: &str) -> Vec<u8> {
        let (status, bytes) = self.get(path);
        assert!(status.contains(" 200 "), "{path}: {status}");
        assert_eq!(digest_of(&bytes), digest);
        bytes
    }
}

fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&hash))
}

/// The digest that the index of an archive names.
fn digest_in_archive(sandbox: &Sandbox) -> String {
    let file = sandbox.file("vc.tar");
    sandbox
        .vc(&format!("image save -o {}", file.display()))
        .ok();
    let mut archive = tar::Archive::new(fs::File::open(file).unwrap());
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let index = entries
        .find(|entry| entry.path().unwrap().to_str() == Some("index.json"))
        .unwrap();
    let index: Value = serde_json::from_reader(index).unwrap();
    index["manifests"][0]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_pushed_is_what_is_saved_and_is_sent_once() {
    let sandbox = Sandbox::new("push");
    let registry = Registry::start(&sandbox, &json!({}));
    let name = format!("{}/team/vc:v1", registry.address);
    let digest = digest_in_archive(&sandbox);

    let dry = sandbox.vc(&format!("image push {name} --dry-run")).ok();
    assert_eq!(dry.output(), format!("{name}@{digest}"));
    let (status, _) = registry.get("/v2/team/vc/manifests/v1");
    assert!(status.contains(" 404 "), "{status}");

    let pushed = sandbox.vc(&format!("image push {name}")).ok();
    let pushed = pushed.says("pushed image");
    assert_eq!(pushed.output(), format!("{name}@{digest}"));
    let manifest = registry.get_named("/v2/team/vc/manifests/v1", &digest);
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for part in [&manifest["config"], &manifest["layers"][0]] {
        let digest = part["digest"].as_str().unwrap();
        let bytes = registry.get_named(&format!("/v2/team/vc/blobs/{digest}"), digest);
        assert_eq!(part["size"], bytes.len());
    }

    let again = sandbox.vc(&format!("image push {name}")).ok();
    let again = again.says("is there already");
    assert_eq!(again.output(), pushed.output());
    let other_tag = format!("{}/team/vc:v2", registry.address);
    let moved = sandbox.vc(&format!("image push -v {other_tag}")).ok();
    let layer = manifest["layers"][0]["digest"].as_str().unwrap();
    moved.says(&format!("`{layer}` is there already"));
    registry.get_named("/v2/team/vc/manifests/v2", &digest);
}

#[test]
fn a_registry_with_passwords_lets_in_whom_dockers_configuration_says() {
    let sandbox = Sandbox::new("push-auth");
    let htpasswd = sandbox.file("htpasswd");
    fs::write(&htpasswd, HTPASSWD).unwrap();
    let auth = json!({"htpasswd": {"realm": "test", "path": htpasswd}});
    let registry = Registry::start(&sandbox, &auth);
    let name = format!("{}/team/vc:v1", registry.address);
    let docker = sandbox.file("docker");
    fs::create_dir_all(&docker).unwrap();
    let push = || {
        let line = format!("image push {name}");
        sandbox.vc(&line).env("DOCKER_CONFIG", &docker)
    };
    let log_in = |password: &str| {
        let auth = data_encoding::BASE64.encode(format!("me:{password}").as_bytes());
        let config = json!({"auths": {(registry.address.clone()): {"auth": auth}}});
        fs::write(docker.join("config.json"), config.to_string()).unwrap();
        auth
    };
    let hint = format!("docker login {}", registry.address);

    push()
        .exits(4)
        .says("wants a name and a password")
        .says(&hint);
    let wrong = log_in("wr0ng-Word");
    let refused = push().exits(4).says("does not let you in").says(&hint);
    for secret in ["wr0ng-Word", &wrong] {
        assert!(!refused.stderr.contains(secret), "{refused}");
    }
    let right = log_in(PASSWORD);
    let pushed = push().arg("-vv").ok();
    for secret in [PASSWORD, &right] {
        assert!(!pushed.stderr.contains(secret), "a secret is in the log");
    }
    let (status, _) = registry.get("/v2/team/vc/manifests/v1");
    assert!(status.contains(" 401 "), "{status}");
    push().ok().says("is there already");
}

#[test]
fn a_registry_with_tls_has_to_be_one_that_this_machine_trusts() {
    let sandbox = Sandbox::new("push-tls");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (sandbox.file("registry.crt"), sandbox.file("registry.key"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = json!({"certificate": certificate, "key": key});
    let http = json!({"addr": "127.0.0.1:0", "tls": tls});
    let registry = Registry::with(&sandbox, &http, &json!({}));
    let name = format!("{}/team/vc:v1", registry.address);
    let push = || sandbox.vc(&format!("image push {name}"));
    push()
        .exits(8)
        .says("invalid peer certificate")
        .says("SSL_CERT_FILE");
    let trusting = || push().env("SSL_CERT_FILE", &certificate);
    trusting().ok().says("pushed image");
    trusting().ok().says("is there already");
    // What is plain is wanted in vain.
    let plain = sandbox.vc(&format!("image push --plain-http {name}"));
    plain.exits(1).says("400 Bad Request");
}

/// Containerd takes a registry on the node's loopback address without TLS, as docker does.
#[test]
fn a_cluster_is_made_with_the_image_that_was_pushed() {
    let sandbox = Sandbox::new("push-pull");
    let namespace = sandbox.namespace("push-pull");
    let node = node_address(&sandbox);
    let port = free_port();
    let config = json!({
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": "/data"}},
        "http": {"addr": format!(":{port}")},
    });
    let data = json!({"config.json": config.to_string()});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "registry"}, "spec": {
        "hostNetwork": true,
        "terminationGracePeriodSeconds": 0,
        "containers": [{
            "name": "registry", "image": REGISTRY,
            "command": ["/bin/registry", "serve", "/config/config.json"],
            "env": [{"name": "OTEL_TRACES_EXPORTER", "value": "none"}],
            "volumeMounts": [
                {"name": "config", "mountPath": "/config"},
                {"name": "data", "mountPath": "/data"},
            ],
        }],
        "volumes": [
            {"name": "config", "configMap": {"name": "registry"}},
            {"name": "data", "emptyDir": {}},
        ],
    }});
    let configmap = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "registry"}, "data": data});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [configmap, pod]});
    sandbox
        .host(&format!("-n {namespace} create -f -"))
        .stdin(&list.to_string())
        .ok();
    until("the registry answers", || {
        TcpStream::connect(format!("{node}:{port}")).is_ok()
    });

    let program = other_program(&sandbox);
    let line = format!("image push --plain-http {node}:{port}/team/vc:v1 --binary");
    let pushed = sandbox.vc(&line).arg(&program.display().to_string()).ok();
    let image = pushed.output().replace(&node, "127.0.0.1");
    let name = sandbox.name("pushed");
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --image {image}"
        ))
        .ok();
    sandbox.kubectl("get namespaces").ok();
    sandbox.vc(&format!("delete {name} -n {namespace}")).ok();
}

/// The same program, of which the image is another: a kubelet that has pulled an image itself no longer lets pods
/// have it under a name by which it was brought to the node, as the other tests' is.
/// <https://kubernetes.io/docs/concepts/containers/images/#ensureimagepullcredentialverification>
fn other_program(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.file("vc");
    let mut program = fs::read(sandbox.vc_path()).unwrap();
    program.push(0);
    fs::write(&path, program).unwrap();
    path
}

/// The address of the one node.
fn node_address(sandbox: &Sandbox) -> String {
    let path = "{.items[0].status.addresses[?(@.type==\"InternalIP\")].address}";
    let nodes = sandbox
        .host("get nodes -o")
        .arg(&format!("jsonpath={path}"));
    nodes.ok().output().to_owned()
}

/// A port that nobody on this machine listens on; the node has ports of its own.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
