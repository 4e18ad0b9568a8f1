//! The distribution API of OCI registries: what it takes to push an image.
//!
//! In: an image's name, its parts, a credential. Out: the image in the registry. Never: sends a credential
//! anywhere but to the registry and to where the registry has tokens made, says one in an error, sends what
//! the registry has.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

mod answer;
mod challenge;
pub mod credentials;
pub mod docker_config;
mod login;

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use reqwest::{Client, RequestBuilder, Response, Url};

use crate::error::{Failure, Kind};
use crate::image::{Content, MANIFEST_TYPE, Reference};

use answer::{Trouble, refused, unreachable};
use docker_config::Credential;

/// How often something is tried in all: a registry that is being restarted is back within seconds, and one
/// that is away for longer is better told about than waited for.
const ATTEMPTS: u32 = 4;

/// Delay before the second attempt; it doubles with each: 0.5 s, 1 s, 2 s.
const FIRST_DELAY: Duration = Duration::from_millis(500);

/// The longest delay that a registry may ask for (`Retry-After`).
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// The header by which registries tell a manifest's digest.
const DIGEST_HEADER: &str = "docker-content-digest";

/// Name that `docker.io` answers this API under. <https://docs.docker.com/reference/api/registry/latest/>
const DOCKER_HUB: &str = "registry-1.docker.io";

/// What a registry does with a credential that it does not know.
const NOT_LET_IN: &str = "does not let you in";

/// What goes by HTTP without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// What is reached by this machine's loopback address, if it speaks no TLS: as docker does.
    Loopback,
    /// Everything.
    Always,
}

/// A registry that is spoken to about one repository.
#[derive(Debug)]
pub struct Session {
    client: Client,
    /// `https://registry.example.com`.
    base: Url,
    /// The registry's name, for people.
    host: String,
    repository: String,
    tag: String,
    credential: Option<Credential>,
    /// What the registry took last.
    authorization: Option<HeaderValue>,
    /// Deadline of a request that carries next to nothing.
    request_timeout: Duration,
}

impl Session {
    /// Finds out how the registry is spoken to, and logs in.
    ///
    /// # Errors
    /// When it does not answer, or does not let us in.
    pub async fn connect(
        reference: &Reference,
        credential: Option<Credential>,
        plain: Plain,
        request_timeout: Duration,
    ) -> Result<Self, Failure> {
        let host = reference.host();
        let address = match host {
            "docker.io" | "index.docker.io" => DOCKER_HUB,
            host => host,
        };
        let is_loopback = is_loopback(host);
        // Asked without any credential.
        let is_plain = match plain {
            Plain::Always => true,
            Plain::Loopback => {
                let probe = client(request_timeout, is_loopback, false)?;
                is_loopback && speaks_plain_http(&probe, address, request_timeout).await
            }
        };
        let scheme = if is_plain { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{address}/")).map_err(|_| malformed(host))?;
        let client = client(request_timeout, is_loopback, !is_plain)?;
        let mut session = Self {
            client,
            base,
            host: host.to_owned(),
            repository: reference.repository().to_owned(),
            tag: reference.tag().to_owned(),
            credential,
            authorization: None,
            request_timeout,
        };
        session.retried(Self::ping).await?;
        Ok(session)
    }

    /// Whether the name leads to this image already.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn has_manifest(&mut self, manifest: &Content) -> Result<bool, Failure> {
        let url = self.url(&["manifests", &self.tag])?;
        self.retried(async |session: &mut Self| {
            let request = session.client.head(url.clone());
            let request = request.header("accept", MANIFEST_TYPE);
            let request = request.timeout(session.request_timeout);
            let response = session.send(request).await?;
            match response.status() {
                StatusCode::OK => Ok(digest_of(&response) == Some(&manifest.digest)),
                StatusCode::NOT_FOUND => Ok(false),
                _ => Err(refused(&session.host, "does not say what it has", response).await),
            }
        })
        .await
    }

    /// Whether the registry has a part of the image.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn has_blob(&mut self, digest: &str) -> Result<bool, Failure> {
        let url = self.url(&["blobs", digest])?;
        self.retried(async |session: &mut Self| {
            let request = session.client.head(url.clone());
            let request = request.timeout(session.request_timeout);
            let response = session.send(request).await?;
            match response.status() {
                StatusCode::OK => Ok(true),
                StatusCode::NOT_FOUND => Ok(false),
                _ => Err(refused(&session.host, "does not say what it has", response).await),
            }
        })
        .await
    }

    /// Uploads a part of the image, in one piece.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn upload(&mut self, blob: &Content) -> Result<(), Failure> {
        self.retried(async |session: &mut Self| session.upload_once(blob).await)
            .await
    }

    /// Gives the image its name. All its parts have to be there.
    ///
    /// # Errors
    /// When the registry does not take it, or takes it for something else.
    pub async fn put_manifest(&mut self, manifest: &Content) -> Result<(), Failure> {
        let url = self.url(&["manifests", &self.tag])?;
        self.retried(async |session: &mut Self| {
            let request = session
                .client
                .put(url.clone())
                .header(CONTENT_TYPE, MANIFEST_TYPE)
                .timeout(session.request_timeout)
                .body(manifest.bytes.clone());
            let response = session.send(request).await?;
            if response.status() != StatusCode::CREATED {
                return Err(refused(&session.host, "does not take the manifest", response).await);
            }
            match digest_of(&response) {
                Some(digest) if digest != manifest.digest => Err(Trouble::Final(Failure::new(
                    Kind::Failed,
                    format!(
                        "registry `{}` stored `{digest}` instead of `{}`",
                        session.host, manifest.digest
                    ),
                ))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// One upload from its beginning: whatever is left of one that failed, the registry throws away.
    async fn upload_once(&mut self, blob: &Content) -> Result<(), Trouble> {
        const REFUSAL: &str = "does not take a part of the image";
        let url = self.url(&["blobs", "uploads", ""])?;
        let request = self.client.post(url).header(CONTENT_LENGTH, 0);
        let request = request.timeout(self.request_timeout);
        let response = self.send(request).await?;
        if response.status() != StatusCode::ACCEPTED {
            return Err(refused(&self.host, REFUSAL, response).await);
        }
        let mut url = self.upload_url(&response)?;
        url.query_pairs_mut().append_pair("digest", &blob.digest);
        // How long it takes is bounded by the whole push alone.
        let request = self
            .client
            .put(url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(blob.bytes.clone());
        let response = self.send(request).await?;
        if response.status() != StatusCode::CREATED {
            return Err(refused(&self.host, REFUSAL, response).await);
        }
        Ok(())
    }

    /// Where the registry wants an upload. Behind a proxy it may not know by which scheme it was asked.
    fn upload_url(&self, response: &Response) -> Result<Url, Failure> {
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| response.url().join(location).ok());
        let Some(mut url) = url else {
            let message = format!("registry `{}` does not say where to upload to", self.host);
            return Err(Failure::new(Kind::Failed, message));
        };
        if url.host() == self.base.host() && url.scheme() != self.base.scheme() {
            let mut ours = self.base.clone();
            ours.set_path(url.path());
            ours.set_query(url.query());
            url = ours;
        }
        Ok(url)
    }

    /// The API's entrance, which exists to find out whether one may come in.
    async fn ping(&mut self) -> Result<(), Trouble> {
        let url = self.base.join("v2/").map_err(|_| malformed(&self.host))?;
        let request = self.client.get(url).timeout(self.request_timeout);
        let response = self.send(request).await?;
        // Whoever has a token for one repository may not be let into the entrance.
        if response.status().is_success() || response.status() == StatusCode::FORBIDDEN {
            return Ok(());
        }
        Err(refused(&self.host, "is none that this API is spoken with", response).await)
    }

    /// Sends a request with what the registry took last, and logs in when that is not enough.
    async fn send(&mut self, request: RequestBuilder) -> Result<Response, Trouble> {
        let again = request.try_clone();
        let response = self.send_once(request).await?;
        let (StatusCode::UNAUTHORIZED, Some(again)) = (response.status(), again) else {
            return Ok(response);
        };
        self.authorization = Some(self.log_in(response).await?);
        let response = self.send_once(again).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(refused(&self.host, NOT_LET_IN, response).await);
        }
        Ok(response)
    }

    async fn send_once(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        let mut request = request.build().map_err(|_| malformed(&self.host))?;
        // An upload may lead to a store of somebody else's.
        if request.url().origin() == self.base.origin()
            && let Some(authorization) = &self.authorization
        {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let sent = self.client.execute(request).await;
        let response = sent.map_err(|error| unreachable(&self.host, error))?;
        tracing::debug!(is_read, status = %response.status(), "the registry answered");
        Ok(response)
    }

    /// Tries until it is done, or there is no use in it.
    async fn retried<T>(
        &mut self,
        mut attempt: impl AsyncFnMut(&mut Self) -> Result<T, Trouble>,
    ) -> Result<T, Failure> {
        let mut delay = FIRST_DELAY;
        let mut tried = 1;
        loop {
            match attempt(self).await {
                Ok(done) => return Ok(done),
                Err(Trouble::Final(failure)) => return Err(failure),
                Err(Trouble::Passing { failure, .. }) if tried == ATTEMPTS => {
                    return Err(failure.detail(format!("tried {ATTEMPTS} times")));
                }
                Err(Trouble::Passing { after, .. }) => {
                    tokio::time::sleep(after.map_or(delay, |it| it.min(LONGEST_DELAY))).await;
                }
            }
            delay *= 2;
            tried += 1;
        }
    }

    /// `BASE/v2/REPOSITORY/…`.
    fn url(&self, path: &[&str]) -> Result<Url, Failure> {
        let path = format!("v2/{}/{}", self.repository, path.join("/"));
        self.base.join(&path).map_err(|_| malformed(&self.host))
    }
}

/// A client that waits for no connection longer than for an answer. A proxy does not lead to this machine.
fn client(timeout: Duration, is_loopback: bool, https_only: bool) -> Result<Client, Failure> {
    let builder = if is_loopback {
        Client::builder().no_proxy()
    } else {
        Client::builder()
    };
    builder
        .connect_timeout(timeout)
        .https_only(https_only)
        .user_agent(concat!("vc/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| {
            Failure::new(Kind::Failed, "cannot set up HTTPS").because(error.without_url())
        })
}

/// Whether it is reached by this machine's loopback address, by its name alone.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A server that wants TLS answers a plain request with an error, or not at all.
async fn speaks_plain_http(client: &Client, host: &str, timeout: Duration) -> bool {
    let request = client.get(format!("http://{host}/v2/")).timeout(timeout);
    let response = request.send().await;
    response.is_ok_and(|response| response.status() != StatusCode::BAD_REQUEST)
}

fn digest_of(response: &Response) -> Option<&str> {
    response.headers().get(DIGEST_HEADER)?.to_str().ok()
}

fn malformed(host: &str) -> Failure {
    Failure::new(
        Kind::Usage,
        format!("`{host}` cannot be the name of a registry"),
    )
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_is_told_by_the_name() {
        for host in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "127.9.9.9",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "128.0.0.1:5000",
            "10.0.0.1",
            "registry:127",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
