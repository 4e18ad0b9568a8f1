//! The endpoint over real sockets: a client that speaks TLS and bytes, and a host that speaks bytes.

use std::io;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::pki::{Identity, Pki, PkiRequest, RandomKeys};

/// Deadline of everything that must happen at once.
const SOON: Duration = Duration::from_secs(5);

fn pki() -> Pki {
    let request = PkiRequest {
        name: &"dev".parse().unwrap(),
        namespace: &"team-a".parse().unwrap(),
        service_cidrs: &["10.96.0.0/16".to_owned()],
        server_names: &[],
        leaf_life: crate::pki::LEAF_LIFE,
        now: jiff::Timestamp::now(),
    };
    Pki::generate(&request, &mut RandomKeys).unwrap()
}

fn config_of(pki: &Pki, server: &Identity) -> ServerConfig {
    let (certificate, key) = (&server.certificate, server.key.reveal());
    server_config(
        &pki.ca.certificate,
        certificate,
        key,
        crate::pki::KUBELET_CLIENT,
    )
    .unwrap()
}

/// A client of whatever listens there.
pub(super) fn client_of(listener: &TcpListener) -> kube::Client {
    let address = listener.local_addr().unwrap();
    let uri = format!("http://{address}").parse().unwrap();
    kube::Client::try_from(kube::Config::new(uri)).unwrap()
}

struct OnePod;

impl Pods for OnePod {
    fn host_pod(&self, namespace: &str, name: &str, _uid: Option<&str>) -> Option<HostPodRef> {
        (namespace == "shop" && name == "web").then(|| HostPodRef {
            name: "web-twin-0123456789".to_owned(),
            virtual_uid: "uid-1".to_owned(),
            containers: vec!["app".to_owned()],
        })
    }

    fn all(&self) -> Vec<PodPair> {
        vec![PodPair {
            virtual_pod: Arc::new(json!({
                "metadata": { "namespace": "shop", "name": "web", "uid": "uid-1" },
                "spec": { "nodeName": "node-a", "containers": [{ "name": "app" }] },
            })),
            host_pod: Arc::new(json!({ "metadata": { "name": "web-twin-0123456789" } })),
        }]
    }
}

/// A running endpoint and the host behind it. Dropping it ends both.
struct Setup {
    pki: Pki,
    host: TcpListener,
    address: std::net::SocketAddr,
    certificates: watch::Sender<Arc<ServerConfig>>,
    _serving: JoinSet<anyhow::Result<()>>,
}

async fn setup() -> Setup {
    let pki = pki();
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let certificates = watch::Sender::new(Arc::new(config_of(&pki, &pki.apiserver)));
    let endpoint = Endpoint {
        listener,
        tls: certificates.subscribe(),
        host: client_of(&host),
        host_namespace: "team-a".parse().unwrap(),
        cluster: "dev".parse().unwrap(),
        pods: Arc::new(OnePod),
    };
    let mut serving = JoinSet::new();
    serving.spawn(serve(endpoint, std::future::pending()));
    Setup {
        pki,
        host,
        address,
        certificates,
        _serving: serving,
    }
}

impl Setup {
    async fn connect(&self, identity: Option<&Identity>) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(self.pki.ca.certificate.as_bytes()).unwrap();
        roots.add(ca).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let pem = identity.certificate.as_bytes();
                let chain = vec![CertificateDer::from_pem_slice(pem).unwrap()];
                let key = identity.key.reveal().as_bytes();
                let key = PrivateKeyDer::from_pem_slice(key).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let socket = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
    }

    /// Says something as the API server.
    async fn say(&self, text: &str) -> TlsStream<TcpStream> {
        let client = &self.pki.apiserver_kubelet_client;
        let mut stream = self.connect(Some(client)).await.unwrap();
        // Who is refused in the middle cannot say the rest.
        drop(stream.write_all(text.as_bytes()).await);
        drop(stream.flush().await);
        stream
    }

    /// The whole answer to a request after which the connection is closed.
    async fn ask(&self, text: &str) -> String {
        rest(&mut self.say(text).await).await
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        ))
        .await
    }

    /// The next request to the host: its connection and head.
    async fn host_request(&self) -> (TcpStream, String) {
        let (mut socket, _) = timeout(SOON, self.host.accept()).await.unwrap().unwrap();
        let head = head(&mut socket).await;
        (socket, head)
    }

    /// Asks while the host answers this.
    async fn relayed(&self, asked: &str, answer: &str) -> (String, String) {
        let host = async {
            let (mut socket, head) = self.host_request().await;
            socket.write_all(answer.as_bytes()).await.unwrap();
            (head, socket)
        };
        let ((head, _open), answer) = tokio::join!(host, self.ask(asked));
        (head, answer)
    }
}

/// Reads until the text is there, and returns all that was read.
async fn until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let byte = timeout(SOON, stream.read_u8()).await;
        let byte = byte.unwrap_or_else(|_| panic!("only {:?}", String::from_utf8_lossy(&read)));
        read.push(byte.unwrap());
    }
    String::from_utf8(read).unwrap()
}

/// Head of a request or an answer.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    until(stream, "\r\n\r\n").await
}

/// All that comes until the end.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    // A peer that closes without TLS's goodbye is an end, too.
    drop(timeout(SOON, stream.read_to_end(&mut read)).await.unwrap());
    String::from_utf8(read).unwrap()
}

const EXEC: &str = "POST /exec/shop/web/app?command=sh&input=1&output=1 HTTP/1.1\r\n\
    host: localhost\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\
    x-stream-protocol-version: v4.channel.k8s.io\r\nx-stream-protocol-version: channel.k8s.io\r\n\
    authorization: Bearer secret\r\ncookie: secret\r\ncontent-length: 0\r\n\r\n";

/// What became of a request with this certificate.
async fn healthz(setup: &Setup, identity: Option<&Identity>) -> io::Result<String> {
    let mut stream = setup.connect(identity).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn the_api_server_alone_is_let_in() {
    let setup = setup().await;
    let answer = healthz(&setup, Some(&setup.pki.apiserver_kubelet_client))
        .await
        .unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("ok"),
        "{answer}"
    );
    let other = pki();
    for refused in [
        None,
        Some(&setup.pki.admin),
        Some(&setup.pki.controller_manager),
        Some(&setup.pki.apiserver),
        Some(&setup.pki.front_proxy_client),
        Some(&other.apiserver_kubelet_client),
    ] {
        let answer = healthz(&setup, refused).await;
        assert!(answer.is_err(), "{answer:?}");
    }
}

/// As the endpoint of `metrics.k8s.io` takes it.
#[tokio::test]
async fn the_aggregation_layers_certificate_is_told_from_all_others() {
    let setup = setup().await;
    let pki = &setup.pki;
    let config = server_config(
        &pki.front_proxy_ca.certificate,
        &pki.apiserver.certificate,
        pki.apiserver.key.reveal(),
        crate::pki::FRONT_PROXY_CLIENT,
    );
    setup.certificates.send_replace(Arc::new(config.unwrap()));
    let answer = healthz(&setup, Some(&pki.front_proxy_client)).await;
    assert!(answer.unwrap().starts_with("HTTP/1.1 200 OK\r\n"));
    let other = super::tests::pki();
    for refused in [
        None,
        Some(&pki.admin),
        Some(&pki.apiserver_kubelet_client),
        Some(&pki.front_proxy_ca),
        Some(&other.front_proxy_client),
    ] {
        let answer = healthz(&setup, refused).await;
        assert!(answer.is_err(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_the_next_connection() {
    let setup = setup().await;
    let shown = async || {
        let stream = setup
            .connect(Some(&setup.pki.apiserver_kubelet_client))
            .await
            .unwrap();
        stream.get_ref().1.peer_certificates().unwrap().to_vec()
    };
    let before = shown().await;
    assert_eq!(before, shown().await);
    let renewed = pki();
    setup
        .certificates
        .send_replace(Arc::new(config_of(&renewed, &renewed.apiserver)));
    assert!(
        setup
            .connect(Some(&setup.pki.apiserver_kubelet_client))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_log_arrives_in_the_pieces_in_which_it_is_written() {
    let setup = setup().await;
    let mut client = setup
        .say("GET /containerLogs/shop/web/app?follow=true&stream=All HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    let (mut host, asked) = setup.host_request().await;
    let line = "GET /api/v1/namespaces/team-a/pods/web-twin-0123456789/log?container=app&follow=true HTTP/1.1";
    assert_eq!(asked.lines().next(), Some(line));
    host.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n")
        .await
        .unwrap();
    let answer = head(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain\r\n"), "{answer}");
    assert_eq!(until(&mut client, "one\n\r\n").await, "4\r\none\n\r\n");
    host.write_all(b"4\r\ntwo\n\r\n").await.unwrap();
    assert_eq!(until(&mut client, "two\n\r\n").await, "4\r\ntwo\n\r\n");
    host.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(until(&mut client, "0\r\n\r\n").await, "0\r\n\r\n");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_request_to_the_host() {
    let setup = setup().await;
    for has_begun in [false, true] {
        let mut client = setup
            .say("GET /containerLogs/shop/web/app?follow=true HTTP/1.1\r\nhost: a\r\n\r\n")
            .await;
        let (mut host, _) = setup.host_request().await;
        if has_begun {
            host.write_all(b"HTTP/1.1 200 OK\r\n\r\none\n")
                .await
                .unwrap();
            until(&mut client, "one\n").await;
        }
        drop(client);
        assert_eq!(rest(&mut host).await, "");
    }
}

#[tokio::test]
async fn what_the_host_has_against_a_log_is_told_in_plain_text_and_virtual_names() {
    let setup = setup().await;
    let status = json!({
        "kind": "Status",
        "message": "container \"app\" in pod \"web-twin-0123456789\" is waiting to start: ContainerCreating",
        "code": 400,
    })
    .to_string();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{status}",
        status.len()
    );
    let asked = "GET /containerLogs/shop/web/app HTTP/1.1\r\nhost: a\r\n\r\n";
    let (_, told) = setup.relayed(asked, &answer).await;
    assert!(told.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{told}");
    let body = "\r\n\r\ncontainer \"app\" in pod \"web\" is waiting to start: ContainerCreating";
    assert!(told.ends_with(body), "{told}");
    // The syncer's credential is not the user's.
    let answer = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    let (_, told) = setup.relayed(asked, answer).await;
    assert!(told.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{told}");
}

#[tokio::test]
async fn an_upgraded_connection_carries_bytes_both_ways_and_the_end_of_each() {
    let setup = setup().await;
    let mut client = setup.say(EXEC).await;
    let (mut host, asked) = setup.host_request().await;
    let line = "POST /api/v1/namespaces/team-a/pods/web-twin-0123456789/exec?container=app\
        &command=sh&stdin=true&stdout=true&stderr=false&tty=false HTTP/1.1";
    assert_eq!(asked.lines().next(), Some(line));
    let asked = asked.to_ascii_lowercase();
    for header in [
        "connection: upgrade\r\n",
        "upgrade: spdy/3.1\r\n",
        "x-stream-protocol-version: v4.channel.k8s.io\r\nx-stream-protocol-version: channel.k8s.io\r\n",
    ] {
        assert!(asked.contains(header), "{asked}");
    }
    assert!(!asked.contains("secret"), "{asked}");
    host.write_all(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\
          X-Stream-Protocol-Version: v4.channel.k8s.io\r\nServer: secret\r\n\r\nhello",
    )
    .await
    .unwrap();
    let answer = head(&mut client).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    assert!(
        answer.contains("x-stream-protocol-version: v4.channel.k8s.io\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nupgrade: spdy/3.1\r\n"), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    assert_eq!(until(&mut client, "hello").await, "hello");
    client.write_all(b"\0ping").await.unwrap();
    assert_eq!(until(&mut host, "ping").await, "\0ping");
    // A client that says no more still hears what the host has to say.
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut host).await, "");
    host.write_all(b"late").await.unwrap();
    drop(host);
    assert_eq!(rest(&mut client).await, "late");
}

#[tokio::test]
async fn a_websocket_is_negotiated_by_its_own_headers() {
    let setup = setup().await;
    let mut client = setup
        .say(
            "GET /portForward/shop/web?port=80 HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-key: a2V5\r\nsec-websocket-version: 13\r\n\
             sec-websocket-protocol: v4.channel.k8s.io\r\n\
             sec-websocket-protocol: base64.channel.k8s.io\r\n\r\n",
        )
        .await;
    let (mut host, asked) = setup.host_request().await;
    let line =
        "GET /api/v1/namespaces/team-a/pods/web-twin-0123456789/portforward?ports=80 HTTP/1.1";
    assert_eq!(asked.lines().next(), Some(line));
    for header in [
        "upgrade: websocket\r\n",
        "sec-websocket-key: a2V5\r\n",
        "sec-websocket-version: 13\r\n",
        "sec-websocket-protocol: v4.channel.k8s.io\r\nsec-websocket-protocol: base64.channel.k8s.io\r\n",
    ] {
        assert!(asked.contains(header), "{asked}");
    }
    host.write_all(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Accept: YWNjZXB0\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n",
    )
    .await
    .unwrap();
    let answer = head(&mut client).await;
    assert!(
        answer.contains("sec-websocket-accept: YWNjZXB0\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("sec-websocket-protocol: v4.channel.k8s.io\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn the_end_of_the_host_is_the_end_of_the_client() {
    let setup = setup().await;
    let mut client = setup.say(EXEC).await;
    let (mut host, _) = setup.host_request().await;
    let answer =
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n";
    host.write_all(answer).await.unwrap();
    head(&mut client).await;
    drop(host);
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn a_refused_upgrade_is_told_as_the_host_did_and_ends_the_connection() {
    let setup = setup().await;
    let status =
        "{\"kind\":\"Status\",\"message\":\"pods \\\"web-twin-0123456789\\\" in \\\"team-a\\\"\"}";
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{status}",
        status.len()
    );
    let smuggled = format!("{EXEC}GET /pods HTTP/1.1\r\nhost: a\r\n\r\n");
    let (_, told) = setup.relayed(&smuggled, &answer).await;
    assert!(told.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{told}");
    assert!(told.contains("connection: close\r\n"), "{told}");
    assert!(
        told.contains("content-type: application/json\r\n"),
        "{told}"
    );
    let body = "\r\n\r\n{\"kind\":\"Status\",\"message\":\"pods \\\"web\\\" in \\\"shop\\\"\"}";
    assert!(told.ends_with(body), "{told}");
}

#[tokio::test]
async fn what_is_not_ours_never_reaches_the_host() {
    let setup = setup().await;
    for (path, status) in [
        ("/containerLogs/shop/other/app", "404"),
        ("/containerLogs/team-a/vc-dev-0/syncer", "404"),
        ("/containerLogs/shop/web/injected", "404"),
        ("/exec/shop/web/uid-2/app?command=a&output=1", "404"),
        ("/containerLogs/shop/web%2f..%2fother/app", "404"),
        ("/run/shop/web/app?cmd=a", "404"),
        ("/containerLogs/shop/web/app?tailLines=many", "400"),
        // No upgrade is asked for.
        ("/exec/shop/web/uid-1/app?command=a&output=1", "400"),
    ] {
        let answer = setup.get(path).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
    }
    let accepted = timeout(Duration::from_millis(50), setup.host.accept()).await;
    assert!(accepted.is_err(), "{accepted:?}");
}

#[tokio::test]
async fn what_is_not_plain_http_is_refused() {
    let setup = setup().await;
    let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
    let long = "a".repeat(2 * MAX_HEAD_BYTES);
    let h2c = EXEC.replace("SPDY/3.1", "h2c");
    let two = EXEC.replace(
        "upgrade: SPDY/3.1\r\n",
        "upgrade: SPDY/3.1\r\nupgrade: websocket\r\n",
    );
    let body = EXEC.replace("content-length: 0\r\n\r\n", "content-length: 4\r\n\r\nbody");
    let lengths = EXEC.replace(
        "content-length: 0\r\n",
        "content-length: 0\r\ncontent-length: 4\r\n",
    );
    for (asked, status) in [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
        (h2c.as_str(), "400"),
        (two.as_str(), "400"),
        (body.as_str(), "400"),
        (lengths.as_str(), "400"),
        (&format!("GET /healthz HTTP/1.1\r\n{many}\r\n"), "431"),
        (
            &format!("GET /healthz HTTP/1.1\r\na: {long}\r\n\r\n"),
            "431",
        ),
        (
            "POST /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "405",
        ),
        ("GET /health\nz HTTP/1.1\r\n\r\n", "400"),
    ] {
        let answer = setup.ask(asked).await;
        let first = asked.lines().next();
        assert!(!answer.contains("HTTP/1.1 200"), "{first:?}: {answer}");
        assert!(
            answer.is_empty() || answer.contains(status),
            "{first:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_host_that_is_down_is_said_to_be() {
    let mut setup = setup().await;
    // The endpoint still dials the listener that was there before.
    setup.host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for asked in [
        EXEC,
        "GET /containerLogs/shop/web/app HTTP/1.1\r\nconnection: close\r\n\r\n",
    ] {
        let answer = setup.ask(asked).await;
        assert!(
            answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("the host cluster's API cannot be reached"),
            "{answer}"
        );
    }
    let answer = setup.get("/metrics/resource").await;
    assert!(answer.contains("\nresource_scrape_error 1\n"), "{answer}");
}

#[tokio::test]
async fn a_node_tells_of_its_pods_and_what_they_use() {
    let setup = setup().await;
    let answer = setup.get("/pods").await;
    assert!(
        answer.contains("content-type: application/json\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("\"kind\":\"PodList\"") && answer.contains("\"uid\":\"uid-1\""),
        "{answer}"
    );
    assert!(!answer.contains("twin"), "{answer}");
    let list = json!({ "items": [{
        "metadata": { "name": "web-twin-0123456789" },
        "timestamp": "2026-11-24T10:00:00Z",
        "window": "10s",
        "containers": [{ "name": "app", "usage": { "cpu": "1", "memory": "1Ki" } }],
    }] })
    .to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{list}",
        list.len()
    );
    let ask = "GET /metrics/resource HTTP/1.1\r\nconnection: close\r\n\r\n";
    let (asked, told) = setup.relayed(ask, &answer).await;
    let line = "GET /apis/metrics.k8s.io/v1beta1/namespaces/team-a/pods?labelSelector=vc.internal%2Fcluster%3Ddev HTTP/1.1";
    assert_eq!(asked.lines().next(), Some(line));
    let sample = "container_memory_working_set_bytes{container=\"app\",namespace=\"shop\",pod=\"web\"} 1024 1795514400000\n";
    assert!(told.contains(sample), "{told}");
    let missing = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    let ask = "GET /stats/summary HTTP/1.1\r\nconnection: close\r\n\r\n";
    let (_, told) = setup.relayed(ask, missing).await;
    assert!(
        told.contains("\"nodeName\":\"node-a\"") && !told.contains("\"cpu\""),
        "{told}"
    );
}
