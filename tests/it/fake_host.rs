//! Something that listens where a host should be, and gives canned answers.
//!
//! It is no Kubernetes and proves nothing about one: it shows what `vc` makes of an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What is asked: `GET /api/v1/pods`.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn ok(body: &Value) -> Self {
        Self {
            status: 200,
            body: body.to_string(),
        }
    }

    /// An error as the Kubernetes API gives it.
    pub(crate) fn status(code: u16, reason: &str, message: &str) -> Self {
        let body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code,
        });
        Self {
            status: code,
            body: body.to_string(),
        }
    }

    pub(crate) fn forbidden(request: &Request) -> Self {
        let resource = request.resource();
        let verb = if request.method == "GET" {
            "list"
        } else {
            "create"
        };
        let message = format!(
            "{resource} is forbidden: User \"me\" cannot {verb} resource \"{resource}\" in API group \"\""
        );
        Self::status(403, "Forbidden", &message)
    }
}

impl Request {
    /// The last word of the path: the plural, of a list.
    pub(crate) fn resource(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether a list is asked for across namespaces.
    pub(crate) fn is_cluster_wide(&self) -> bool {
        !self.path.contains("/namespaces/")
    }
}

/// Listens until the process ends.
pub(crate) struct FakeHost {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FakeHost {
    /// Answers every request with what `answer` says.
    pub(crate) fn answering(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let port = listen(move |stream| serve(stream, &answer, &seen));
        Self { port, requests }
    }

    /// Accepts, and never says a word.
    pub(crate) fn silent() -> Self {
        let port = listen(|mut stream| {
            // Ends when the other side gives up.
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        });
        Self {
            port,
            requests: Arc::default(),
        }
    }

    /// Speaks TLS with a certificate that nobody has signed.
    pub(crate) fn impostor() -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let port = listen(move |stream| {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            // The client is the one that breaks off.
            drop(stream.read(&mut [0; 1]));
        });
        Self {
            port,
            requests: Arc::default(),
        }
    }

    /// A kubeconfig whose context `host` leads here, as namespace `team-a`.
    pub(crate) fn kubeconfig(&self) -> String {
        kubeconfig(&format!("http://127.0.0.1:{}", self.port))
    }

    /// What was asked so far: `GET /api/v1/pods`, without the query.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A kubeconfig whose context `host` leads to this server, as namespace `team-a`.
pub(crate) fn kubeconfig(server: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
current-context: host
clusters:
- name: host
  cluster:
    server: {server}
contexts:
- name: host
  context:
    cluster: host
    user: me
    namespace: team-a
users:
- name: me
  user:
    token: a-token
"
    )
}

pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    port
}

fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(&Request) -> Answer + Send + Sync),
    seen: &Mutex<Vec<String>>,
) {
    let Some(request) = read_request(&stream) else {
        return;
    };
    let path = request.path.split('?').next().unwrap_or_default();
    seen.lock()
        .unwrap()
        .push(format!("{} {path}", request.method));
    let Answer { status, body } = answer(&request);
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} Canned\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    // A client that went away has what it wanted.
    drop(stream.write_all(text.as_bytes()));
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let request = Request {
        method: words.next()?,
        path: words.next()?,
    };
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(request)
}
