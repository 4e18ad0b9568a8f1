//! How the syncer reaches an API server.
//!
//! In: where it is and who we are. Out: two clients. Over one, many requests share one connection (HTTP/2, RFC
//! 9113): a connection takes both ends about 1 ms of processor to begin and tens of KiB to keep, and a burst
//! would have dozens. The other is HTTP/1.1 for what takes a connection over, such as `exec`.

use std::time::Duration;

use anyhow::Context as _;
use hyper_util::client::legacy::Client as Connections;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder};

/// How long an API server may take to take a connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// While something is asked and nothing has come for this long, the other end is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(10);

/// A connection whose other end gives no sign of life for this long is given up, with all that is on it: the
/// next request goes by another one.
const LIFE_SIGN: Duration = Duration::from_secs(5);

/// Both clients of one API server.
#[derive(Clone)]
pub(crate) struct Clients {
    /// For requests and watches.
    pub(super) shared: Client,
    /// For what takes a connection over, and what a shared one has no room for.
    pub(super) single: Client,
}

impl Clients {
    /// # Errors
    /// When the keys cannot be used.
    pub(crate) fn new(mut config: Config) -> anyhow::Result<Self> {
        config.connect_timeout = Some(CONNECT_DEADLINE);
        // Deadlines and repetition are the queue's and the watches' own.
        config.default_retry = false;
        Ok(Self {
            shared: shared(&config)?,
            single: Client::try_from(config)?,
        })
    }

    /// The same for both.
    #[cfg(test)]
    pub(super) fn of(client: Client) -> Self {
        Self {
            shared: client.clone(),
            single: client,
        }
    }
}

fn shared(config: &Config) -> anyhow::Result<Client> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(config.connect_timeout);
    let tls = config.rustls_client_config()?;
    let mut builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = name
            .clone()
            .try_into()
            .context("the API server's name is none")?;
        builder =
            builder.with_server_name_resolver(hyper_rustls::FixedServerNameResolver::new(name));
    }
    // What stands before an API server may know HTTP/1.1 alone.
    let connector = builder.enable_all_versions().wrap_connector(connector);
    let connections: Connections<_, Body> = Connections::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_keep_alive_interval(SILENCE)
        .http2_keep_alive_timeout(LIFE_SIGN)
        .build(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .map_err(BoxError::from)
        .service(connections);
    Ok(Client::new(service, config.default_namespace.clone()))
}
