//! Keys and certificates of a virtual cluster's control plane.
//!
//! In: who the cluster is, a source of keys, the present time; or the data of the Secrets that an
//! earlier `vc create` stored. Out: a [`Pki`], and the data of those Secrets. Never: talks to a
//! cluster, reads a clock, a file or the environment, shows a private key.
//!
//! The set is that of kubeadm, because it is the one that kube-apiserver's documentation explains:
//! three authorities that do not trust one another (cluster, aggregation layer, etcd).
//! <https://kubernetes.io/docs/setup/best-practices/certificates/>

mod address;
mod admin;
mod expiry;
mod issue;
mod kubeconfig;
mod read;
mod renew;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::names::{ClusterName, Namespace};

pub use address::covers;
pub use admin::AdminCredential;
pub use expiry::expires;
pub use issue::{
    AUTHORITY_LIFE, FRONT_PROXY_CLIENT, KUBELET_CLIENT, KeySource, LEAF_LIFE, RandomKeys, SYNCER,
};
pub(crate) use kubeconfig::{ClientFiles, Endpoint, kubeconfig_of_files};
pub use renew::{is_due, renew_at};

/// The `data` of a Secret.
pub type SecretData = BTreeMap<String, ByteString>;

/// Why there is no [`Pki`].
#[derive(Debug, Error)]
pub enum PkiError {
    /// A key or certificate could not be made.
    #[error("cannot make the {what}")]
    Issue {
        /// Which one.
        what: &'static str,
        /// What the library says.
        source: rcgen::Error,
    },
    /// The present time is out of range.
    #[error("the clock shows a time that no certificate can carry")]
    Clock,
    /// A service range is not a network.
    #[error("`{cidr}` is not a service range such as `10.96.0.0/16`")]
    ServiceCidr {
        /// The range as given.
        cidr: String,
    },
    /// A name of the API server is neither an address nor a DNS name.
    #[error("`{name}` is neither an address nor a DNS name")]
    ServerName {
        /// The name as given.
        name: String,
    },
    /// A stored Secret lacks one of its entries.
    #[error("the stored keys and certificates lack `{key}`")]
    Missing {
        /// The absent entry of the Secret's data.
        key: String,
    },
    /// An entry of a stored Secret is not PEM.
    #[error("`{key}` of the stored keys and certificates is not PEM")]
    NotPem {
        /// The entry of the Secret's data.
        key: String,
    },
    /// A stored certificate cannot be read.
    #[error("the stored certificate `{what}` cannot be read")]
    Stored {
        /// Which one.
        what: &'static str,
    },
    /// A kubeconfig could not be written as YAML.
    #[error("cannot write a kubeconfig")]
    Kubeconfig(#[source] serde_saphyr::SerializeError),
}

/// A private key as PEM. Prints as redacted; whoever wants the text has to ask for it by name.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(String);

impl PrivateKey {
    /// The key's PEM text, to be stored or sent where it belongs, and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(redacted)")
    }
}

/// A certificate and its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: PrivateKey,
}

/// The pair that signs and verifies ServiceAccount tokens. It has no certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What verifies a token.
    pub public: String,
    /// What signs it.
    pub private: PrivateKey,
}

/// What [`Pki::generate`] has to know.
#[derive(Debug, Clone, Copy)]
pub struct PkiRequest<'a> {
    /// The virtual cluster's name.
    pub name: &'a ClusterName,
    /// Its host namespace: the API server is called `vc-NAME.NAMESPACE.svc` on the host.
    pub namespace: &'a Namespace,
    /// The service ranges; the API server's own Service takes the first address.
    pub service_cidrs: &'a [String],
    /// Further names and addresses that clients will dial, as given to `--server`.
    pub server_names: &'a [String],
    /// For how long every certificate but the authorities' is good.
    pub leaf_life: Duration,
    /// The present time.
    pub now: Timestamp,
}

/// Every key and certificate of one virtual cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pki {
    /// Signs every client and server of the cluster.
    pub ca: Identity,
    /// What the API server shows to its clients.
    pub apiserver: Identity,
    /// What the API server shows to kubelets, that is to the syncer.
    pub apiserver_kubelet_client: Identity,
    /// What the controller manager shows to the API server.
    pub controller_manager: Identity,
    /// What the syncer shows to the API server.
    pub syncer: Identity,
    /// What the syncer shows to the API server when it is dialled as the kubelet.
    pub kubelet: Identity,
    /// What the administrator shows to the API server.
    pub admin: Identity,
    /// Signs the client certificate below, and nothing else: whoever has one can claim any name.
    pub front_proxy_ca: Identity,
    /// What the API server shows to extension API servers.
    pub front_proxy_client: Identity,
    /// Signs what members of the store show one another.
    pub etcd_ca: Identity,
    /// What etcd shows to its peers.
    pub etcd_server: Identity,
    /// Signs and verifies ServiceAccount tokens.
    pub service_account: SigningKey,
}

impl Pki {
    /// Makes everything anew.
    ///
    /// # Errors
    ///
    /// When a service range or server name cannot be put into a certificate, or `keys` fails.
    pub fn generate(request: &PkiRequest<'_>, keys: &mut impl KeySource) -> Result<Self, PkiError> {
        issue::issue(request, keys)
    }

    /// The same authorities and ServiceAccount key, with new certificates and keys below them that are good for
    /// `leaf_life`. Each has the names of the one that it takes the place of. What the API server shows to kubelets
    /// lives as long as an authority, and is made anew only when it is due itself.
    ///
    /// # Errors
    ///
    /// When a stored certificate or the key of an authority cannot be read, or `keys` fails.
    pub fn renewed(
        &self,
        leaf_life: Duration,
        now: Timestamp,
        keys: &mut impl KeySource,
    ) -> Result<Self, PkiError> {
        issue::renew(self, leaf_life, now, keys)
    }

    /// Reads back what [`Self::secret_data`] and [`AdminCredential::secret_data`] stored.
    ///
    /// A cluster keeps its keys for life: a second `vc create` must not cut off its first users.
    ///
    /// # Errors
    ///
    /// [`PkiError::Missing`] or [`PkiError::NotPem`] name the first entry that is not as stored.
    pub fn from_secrets(pki: &SecretData, kubeconfig: &SecretData) -> Result<Self, PkiError> {
        Ok(Self {
            ca: read_identity(pki, "ca")?,
            apiserver: read_identity(pki, "apiserver")?,
            apiserver_kubelet_client: read_identity(pki, "apiserver-kubelet-client")?,
            controller_manager: read_identity(pki, "controller-manager")?,
            syncer: read_identity(pki, "syncer")?,
            kubelet: read_identity(pki, "kubelet")?,
            front_proxy_ca: read_identity(pki, "front-proxy-ca")?,
            front_proxy_client: read_identity(pki, "front-proxy-client")?,
            etcd_ca: read_identity(pki, "etcd-ca")?,
            etcd_server: read_identity(pki, "etcd-server")?,
            service_account: SigningKey {
                public: read_pem(pki, "sa.pub")?,
                private: PrivateKey(read_pem(pki, "sa.key")?),
            },
            admin: read_identity(kubeconfig, "client")?,
        })
    }

    /// Data of Secret `vc-NAME-pki`: everything but the administrator's certificate.
    ///
    /// That one has a Secret of its own, because whoever may read a kubeconfig need not be able to
    /// sign certificates.
    pub fn secret_data(&self) -> SecretData {
        let identities = [
            ("ca", &self.ca),
            ("apiserver", &self.apiserver),
            ("apiserver-kubelet-client", &self.apiserver_kubelet_client),
            ("controller-manager", &self.controller_manager),
            ("syncer", &self.syncer),
            ("kubelet", &self.kubelet),
            ("front-proxy-ca", &self.front_proxy_ca),
            ("front-proxy-client", &self.front_proxy_client),
            ("etcd-ca", &self.etcd_ca),
            ("etcd-server", &self.etcd_server),
        ];
        let mut data = SecretData::new();
        for (stem, identity) in identities {
            data.insert(format!("{stem}.crt"), bytes(&identity.certificate));
            data.insert(format!("{stem}.key"), bytes(identity.key.reveal()));
        }
        data.insert("sa.pub".to_owned(), bytes(&self.service_account.public));
        data.insert(
            "sa.key".to_owned(),
            bytes(self.service_account.private.reveal()),
        );
        data
    }

    /// What the administrator's clients need.
    pub fn admin_credential(&self) -> AdminCredential {
        AdminCredential {
            ca: self.ca.certificate.clone(),
            certificate: self.admin.certificate.clone(),
            key: self.admin.key.clone(),
        }
    }

    /// A hash of what the control plane reads only when it starts, for the pod's annotation.
    ///
    /// These are the roots and the ServiceAccount key. Leaf certificates are left out: their files
    /// are read again when they change, and renewing one must not restart the control plane.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [
            &self.ca.certificate,
            &self.front_proxy_ca.certificate,
            &self.etcd_ca.certificate,
            &self.service_account.public,
        ] {
            hasher.update(text.len().to_be_bytes());
            hasher.update(text);
        }
        data_encoding::HEXLOWER.encode(&hasher.finalize())
    }
}

fn bytes(text: &str) -> ByteString {
    ByteString(text.as_bytes().to_vec())
}

/// `STEM.crt` and `STEM.key` of a Secret's data.
fn read_identity(data: &SecretData, stem: &str) -> Result<Identity, PkiError> {
    Ok(Identity {
        certificate: read_pem(data, &format!("{stem}.crt"))?,
        key: PrivateKey(read_pem(data, &format!("{stem}.key"))?),
    })
}

/// One entry of a Secret's data. That it is PEM is all that is checked: the API server that the
/// Secret came from is trusted, a person who edited it by hand may have left it empty.
fn read_pem(data: &SecretData, key: &str) -> Result<String, PkiError> {
    let Some(ByteString(bytes)) = data.get(key) else {
        return Err(PkiError::Missing {
            key: key.to_owned(),
        });
    };
    match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with("-----BEGIN ") => Ok(text.to_owned()),
        _ => Err(PkiError::NotPem {
            key: key.to_owned(),
        }),
    }
}
