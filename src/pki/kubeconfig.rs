//! A kubeconfig with one cluster, one user and one context.
//!
//! In: an endpoint and a client certificate, as text or as the names of files. Out: YAML. Never:
//! reads, merges or writes a kubeconfig of the user's (see [`crate::kubeconfig`] for that).
//!
//! The fields are those of
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>.

use data_encoding::BASE64;
use serde::Serialize;

use super::{PkiError, PrivateKey};

/// Where an API server is, and what its entries are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint<'a> {
    /// Name of the context, the cluster and the user.
    pub(crate) context: &'a str,
    /// `https://HOST:PORT`.
    pub(crate) server: &'a str,
    /// The name that the server's certificate is checked for, if not `server`'s own.
    pub(crate) tls_server_name: Option<&'a str>,
}

/// Paths of a client's files. Clients read such files again when they change, so a renewed
/// certificate needs neither a new kubeconfig nor a restart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientFiles<'a> {
    /// The cluster's CA.
    pub(crate) ca: &'a str,
    /// The client certificate.
    pub(crate) certificate: &'a str,
    /// Its key.
    pub(crate) key: &'a str,
}

/// A kubeconfig that holds no secret itself but names the files that do.
pub(crate) fn kubeconfig_of_files(
    endpoint: Endpoint<'_>,
    files: ClientFiles<'_>,
) -> Result<String, PkiError> {
    let trust = Trust {
        certificate_authority: Some(files.ca.to_owned()),
        ..Trust::default()
    };
    let client = Client {
        certificate: Some(files.certificate.to_owned()),
        key: Some(files.key.to_owned()),
        ..Client::default()
    };
    kubeconfig(endpoint, trust, client)
}

/// The whole text.
pub(super) fn kubeconfig(
    endpoint: Endpoint<'_>,
    trust: Trust,
    client: Client,
) -> Result<String, PkiError> {
    let name = endpoint.context;
    let config = Config {
        api_version: "v1",
        kind: "Config",
        clusters: [NamedCluster {
            name,
            cluster: Cluster {
                server: endpoint.server,
                tls_server_name: endpoint.tls_server_name,
                trust,
            },
        }],
        users: [NamedUser { name, user: client }],
        contexts: [NamedContext {
            name,
            context: Context {
                cluster: name,
                user: name,
            },
        }],
        current_context: name,
    };
    serde_saphyr::to_string(&config).map_err(PkiError::Kubeconfig)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Config<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'a str,
    kind: &'a str,
    clusters: [NamedCluster<'a>; 1],
    users: [NamedUser<'a>; 1],
    contexts: [NamedContext<'a>; 1],
    current_context: &'a str,
}

#[derive(Serialize)]
struct NamedCluster<'a> {
    name: &'a str,
    cluster: Cluster<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster<'a> {
    server: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_server_name: Option<&'a str>,
    #[serde(flatten)]
    trust: Trust,
}

/// The CA: its text in base64, or its file.
#[derive(Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Trust {
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_authority_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_authority: Option<String>,
}

impl Trust {
    pub(super) fn embedded(ca: &str) -> Self {
        Self {
            certificate_authority_data: Some(BASE64.encode(ca.as_bytes())),
            ..Self::default()
        }
    }
}

#[derive(Serialize)]
struct NamedUser<'a> {
    name: &'a str,
    user: Client,
}

/// The client's certificate and key: their text in base64, or their files.
#[derive(Serialize, Default)]
pub(super) struct Client {
    #[serde(
        rename = "client-certificate-data",
        skip_serializing_if = "Option::is_none"
    )]
    certificate_data: Option<String>,
    #[serde(rename = "client-key-data", skip_serializing_if = "Option::is_none")]
    key_data: Option<String>,
    #[serde(rename = "client-certificate", skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(rename = "client-key", skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Client {
    pub(super) fn embedded(certificate: &str, key: &PrivateKey) -> Self {
        Self {
            certificate_data: Some(BASE64.encode(certificate.as_bytes())),
            key_data: Some(BASE64.encode(key.reveal().as_bytes())),
            ..Self::default()
        }
    }
}

#[derive(Serialize)]
struct NamedContext<'a> {
    name: &'a str,
    context: Context<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    cluster: &'a str,
    user: &'a str,
}
