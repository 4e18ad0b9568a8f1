//! Issues the certificates of a [`Pki`].
//!
//! In: a [`PkiRequest`] and a source of keys. Out: a [`Pki`]. Never: reads a clock; the one
//! randomness that is not the caller's is the nonce inside each ECDSA signature.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration as Life;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::GeneralName;

use super::read::read;
use super::{Identity, Pki, PkiError, PkiRequest, PrivateKey, SigningKey, is_due};

/// Life of an authority: the longest that a cluster made for work lives untouched.
pub const AUTHORITY_LIFE: Life = Life::from_hours(3650 * 24);

/// Life of every other certificate, unless somebody asks for another: what kubeadm gives them. They are renewed
/// long before.
pub const LEAF_LIFE: Life = Life::from_hours(365 * 24);

/// How much longer the controller manager's certificate lives. Its client looks for a new one every five minutes,
/// and until then goes on with connections that show the old one, whose date the API server looks at with each
/// request.
/// <https://github.com/kubernetes/client-go/blob/v0.34.0/transport/cert_rotation.go>
const CLIENT_GO_REREADS: Duration = Duration::minutes(10);

/// Certificates are valid from a little before now, for hosts whose clock lags behind ours.
pub(super) const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Members of this group may do anything, whatever RBAC says.
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>
const ADMINISTRATORS: &str = "system:masters";

/// Common name of the certificate by which the API server is known to kubelets.
pub const KUBELET_CLIENT: &str = "kube-apiserver-kubelet-client";

/// Common name of the certificate by which the API server is known to what it hands requests on to.
pub const FRONT_PROXY_CLIENT: &str = "front-proxy-client";

/// Common name of the syncer's certificate: its user name in the virtual cluster.
pub const SYNCER: &str = "vc-syncer";

/// Where private keys come from.
pub trait KeySource {
    /// A new ECDSA P-256 key.
    ///
    /// # Errors
    ///
    /// When the source of randomness fails.
    fn next_key(&mut self) -> Result<KeyPair, rcgen::Error>;
}

/// Keys from the operating system's random numbers.
#[derive(Debug, Default, Clone, Copy)]
pub struct RandomKeys;

impl KeySource for RandomKeys {
    fn next_key(&mut self) -> Result<KeyPair, rcgen::Error> {
        // P-256 rather than RSA: made in microseconds, a tenth of the size, and every TLS library
        // and token verifier in use knows it.
        KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
    }
}

/// Makes everything.
pub(super) fn issue(request: &PkiRequest<'_>, keys: &mut impl KeySource) -> Result<Pki, PkiError> {
    let mut mint = Mint::new(request.leaf_life, request.now, keys)?;
    let ca = mint.authority("kubernetes CA", "kubernetes-ca")?;
    let front_proxy_ca = mint.authority("front proxy CA", "front-proxy-ca")?;
    let etcd_ca = mint.authority("etcd CA", "etcd-ca")?;
    Ok(Pki {
        apiserver: mint.leaf(&ca, apiserver(apiserver_names(request)?))?,
        apiserver_kubelet_client: mint.leaf(&ca, apiserver_kubelet_client())?,
        controller_manager: mint.leaf(&ca, controller_manager())?,
        syncer: mint.leaf(&ca, syncer())?,
        kubelet: mint.leaf(&ca, kubelet(vec![subject_name("localhost")?]))?,
        admin: mint.leaf(&ca, admin())?,
        front_proxy_client: mint.leaf(&front_proxy_ca, client(FRONT_PROXY_CLIENT))?,
        etcd_server: mint.leaf(&etcd_ca, etcd_server(loopback()?))?,
        service_account: mint.signing_key()?,
        ca: ca.identity,
        front_proxy_ca: front_proxy_ca.identity,
        etcd_ca: etcd_ca.identity,
    })
}

/// Makes leaves anew, with the names that they have; the one that lives longest only when it is due itself.
pub(super) fn renew(
    old: &Pki,
    life: Life,
    now: Timestamp,
    keys: &mut impl KeySource,
) -> Result<Pki, PkiError> {
    let mut mint = Mint::new(life, now, keys)?;
    let ca = Authority::stored("kubernetes CA", &old.ca)?;
    let front_proxy_ca = Authority::stored("front proxy CA", &old.front_proxy_ca)?;
    let etcd_ca = Authority::stored("etcd CA", &old.etcd_ca)?;
    let of_kubelets = &old.apiserver_kubelet_client;
    let apiserver_kubelet_client = if is_due(of_kubelets.certificate.as_bytes(), now) {
        mint.leaf(&ca, apiserver_kubelet_client())?
    } else {
        of_kubelets.clone()
    };
    Ok(Pki {
        apiserver: mint.leaf(&ca, apiserver(names_of("kube-apiserver", &old.apiserver)?))?,
        apiserver_kubelet_client,
        controller_manager: mint.leaf(&ca, controller_manager())?,
        syncer: mint.leaf(&ca, syncer())?,
        kubelet: mint.leaf(&ca, kubelet(names_of("vc-kubelet", &old.kubelet)?))?,
        admin: mint.leaf(&ca, admin())?,
        front_proxy_client: mint.leaf(&front_proxy_ca, client(FRONT_PROXY_CLIENT))?,
        etcd_server: mint.leaf(
            &etcd_ca,
            etcd_server(names_of("etcd-server", &old.etcd_server)?),
        )?,
        ..old.clone()
    })
}

/// The names and addresses that a certificate is good for.
fn names_of(what: &'static str, identity: &Identity) -> Result<Vec<SanType>, PkiError> {
    let unreadable = || PkiError::Stored { what };
    let names = read(identity.certificate.as_bytes(), |certificate, _| {
        let names = certificate
            .subject_alternative_name()
            .map_err(|_twice| unreadable())?;
        let names = names.iter().flat_map(|names| &names.value.general_names);
        names
            .map(|name| match name {
                GeneralName::DNSName(name) => subject_name(name),
                GeneralName::IPAddress(bytes) => address(bytes).ok_or_else(unreadable),
                _ => Err(unreadable()),
            })
            .collect()
    });
    names.ok_or_else(unreadable)?
}

fn address(bytes: &[u8]) -> Option<SanType> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let address = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
    address.ok().map(SanType::IpAddress)
}

/// What one certificate says, but for its key and its dates.
struct Leaf {
    common_name: &'static str,
    organization: Option<&'static str>,
    usages: Vec<ExtendedKeyUsagePurpose>,
    names: Vec<SanType>,
    lives: Lives,
}

/// How long a leaf lives.
enum Lives {
    /// As long as was asked for.
    AsAsked,
    /// So much longer.
    Longer(Duration),
    /// As long as an authority.
    AsAnAuthority,
}

fn client(common_name: &'static str) -> Leaf {
    Leaf {
        common_name,
        organization: None,
        usages: vec![ExtendedKeyUsagePurpose::ClientAuth],
        names: Vec::new(),
        lives: Lives::AsAsked,
    }
}

fn apiserver(names: Vec<SanType>) -> Leaf {
    Leaf {
        usages: vec![ExtendedKeyUsagePurpose::ServerAuth],
        names,
        ..client("kube-apiserver")
    }
}

/// The syncer's kubelet endpoint takes this name alone, so it needs no group: it is never
/// shown to an API server.
///
/// It lives as long as its authority. When client-go meets a changed certificate in a handshake, it closes every
/// connection of that client, the new one among them: open logs and execs would be cut, and the first request
/// after a renewal fail, be it a log or a Service that the webhook is asked about. Nobody outside of the pod takes
/// it, and its key is in one Secret with that of the authority.
fn apiserver_kubelet_client() -> Leaf {
    Leaf {
        lives: Lives::AsAnAuthority,
        ..client(KUBELET_CLIENT)
    }
}

/// The controller manager runs every controller as itself rather than as one ServiceAccount each
/// (see `render`), so it needs the rights of all of them together. It already holds the CA's key,
/// so being an administrator gives it nothing that it could not take.
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles>
fn controller_manager() -> Leaf {
    Leaf {
        organization: Some(ADMINISTRATORS),
        lives: Lives::Longer(CLIENT_GO_REREADS),
        ..client("system:kube-controller-manager")
    }
}

/// The syncer binds pods, writes their status and asks for any ServiceAccount's tokens. It is in this
/// group rather than in a role, because the cluster's user may delete every role, and the syncer has
/// to go on.
fn syncer() -> Leaf {
    Leaf {
        organization: Some(ADMINISTRATORS),
        ..client(SYNCER)
    }
}

/// The API server dials the kubelet of every virtual node by this name: they all are the syncer, in
/// the same pod.
fn kubelet(names: Vec<SanType>) -> Leaf {
    Leaf {
        usages: vec![ExtendedKeyUsagePurpose::ServerAuth],
        names,
        ..client("vc-kubelet")
    }
}

fn admin() -> Leaf {
    Leaf {
        organization: Some(ADMINISTRATORS),
        ..client("vc-admin")
    }
}

/// What members of a store show one another; each is server and client. The API server comes by a
/// socket file and shows nothing.
fn etcd_server(names: Vec<SanType>) -> Leaf {
    Leaf {
        usages: vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ],
        names,
        ..client("etcd-server")
    }
}

/// Every name that somebody dials the API server by.
fn apiserver_names(request: &PkiRequest<'_>) -> Result<Vec<SanType>, PkiError> {
    let object = request.name.object();
    let namespace = request.namespace;
    let inside = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ]
    .map(str::to_owned);
    let on_the_host = [
        object.clone(),
        format!("{object}.{namespace}"),
        format!("{object}.{namespace}.svc"),
        format!("{object}.{namespace}.svc.cluster.local"),
    ];
    let mut names = loopback()?;
    for name in inside
        .iter()
        .chain(&on_the_host)
        .chain(request.server_names)
    {
        names.push(subject_name(name)?);
    }
    for cidr in request.service_cidrs {
        names.push(SanType::IpAddress(first_address(cidr)?));
    }
    Ok(names)
}

fn loopback() -> Result<Vec<SanType>, PkiError> {
    Ok(vec![
        subject_name("localhost")?,
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ])
}

fn subject_name(name: &str) -> Result<SanType, PkiError> {
    if let Ok(address) = name.parse() {
        return Ok(SanType::IpAddress(address));
    }
    match name.try_into() {
        Ok(dns_name) if !name.is_empty() => Ok(SanType::DnsName(dns_name)),
        _ => Err(PkiError::ServerName {
            name: name.to_owned(),
        }),
    }
}

/// The first address of a service range, which Service `default/kubernetes` always gets.
/// <https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects>
pub(super) fn first_address(cidr: &str) -> Result<IpAddr, PkiError> {
    let wrong = || PkiError::ServiceCidr {
        cidr: cidr.to_owned(),
    };
    let (address, prefix) = cidr.split_once('/').ok_or_else(wrong)?;
    let prefix: u32 = prefix.parse().map_err(|_not_a_number| wrong())?;
    // The last bit of a network is 0 (its prefix is at least one shorter than the address), so
    // setting it adds one.
    match address.parse().map_err(|_not_an_address| wrong())? {
        IpAddr::V4(address) if prefix < u32::BITS => {
            let mask = !(u32::MAX >> prefix);
            Ok(IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask | 1)))
        }
        IpAddr::V6(address) if prefix < u128::BITS => {
            let mask = !(u128::MAX >> prefix);
            Ok(IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask | 1)))
        }
        _ => Err(wrong()),
    }
}

fn whole_seconds(life: Life) -> Result<Duration, PkiError> {
    let seconds = i64::try_from(life.as_secs()).map_err(|_too_long| PkiError::Clock)?;
    Ok(Duration::seconds(seconds))
}

/// An authority that can still sign.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    identity: Identity,
}

impl Authority {
    /// One that was made before.
    fn stored(what: &'static str, identity: &Identity) -> Result<Self, PkiError> {
        let issue = |source| PkiError::Issue { what, source };
        let key = KeyPair::from_pem(identity.key.reveal()).map_err(issue)?;
        let issuer = Issuer::from_ca_cert_pem(&identity.certificate, key).map_err(issue)?;
        Ok(Self {
            issuer,
            identity: identity.clone(),
        })
    }
}

/// Keys and the time, which every certificate needs.
struct Mint<'a, K> {
    keys: &'a mut K,
    now: OffsetDateTime,
    /// Life of a leaf.
    life: Duration,
}

impl<'a, K: KeySource> Mint<'a, K> {
    fn new(life: Life, now: Timestamp, keys: &'a mut K) -> Result<Self, PkiError> {
        let now = OffsetDateTime::from_unix_timestamp(now.as_second())
            .map_err(|_out_of_range| PkiError::Clock)?;
        let life = whole_seconds(life)?;
        Ok(Self { keys, now, life })
    }

    fn authority(
        &mut self,
        what: &'static str,
        common_name: &'static str,
    ) -> Result<Authority, PkiError> {
        let key = self.key(what)?;
        let mut params = self.params(common_name, None, whole_seconds(AUTHORITY_LIFE)?)?;
        // No authority below these: they sign leaves only.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params
            .self_signed(&key)
            .map_err(|source| PkiError::Issue { what, source })?;
        Ok(Authority {
            identity: Identity {
                certificate: certificate.pem(),
                key: PrivateKey(key.serialize_pem()),
            },
            issuer: Issuer::new(params, key),
        })
    }

    fn leaf(&mut self, authority: &Authority, leaf: Leaf) -> Result<Identity, PkiError> {
        let what = leaf.common_name;
        let life = match leaf.lives {
            Lives::AsAsked => self.life,
            Lives::Longer(more) => self.life + more,
            Lives::AsAnAuthority => whole_seconds(AUTHORITY_LIFE)?,
        };
        let key = self.key(what)?;
        let mut params = self.params(leaf.common_name, leaf.organization, life)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = leaf.usages;
        params.subject_alt_names = leaf.names;
        let certificate = params
            .signed_by(&key, &authority.issuer)
            .map_err(|source| PkiError::Issue { what, source })?;
        Ok(Identity {
            certificate: certificate.pem(),
            key: PrivateKey(key.serialize_pem()),
        })
    }

    fn signing_key(&mut self) -> Result<SigningKey, PkiError> {
        let key = self.key("ServiceAccount key")?;
        Ok(SigningKey {
            public: key.public_key_pem(),
            private: PrivateKey(key.serialize_pem()),
        })
    }

    fn key(&mut self, what: &'static str) -> Result<KeyPair, PkiError> {
        self.keys
            .next_key()
            .map_err(|source| PkiError::Issue { what, source })
    }

    fn params(
        &self,
        common_name: &str,
        organization: Option<&str>,
        life: Duration,
    ) -> Result<CertificateParams, PkiError> {
        let mut subject = DistinguishedName::new();
        if let Some(organization) = organization {
            subject.push(DnType::OrganizationName, organization);
        }
        subject.push(DnType::CommonName, common_name);
        let mut params = CertificateParams::default();
        params.distinguished_name = subject;
        params.not_before = self.moment(-CLOCK_SKEW)?;
        params.not_after = self.moment(life)?;
        Ok(params)
    }

    /// Now, or so much later or earlier.
    fn moment(&self, distance: Duration) -> Result<OffsetDateTime, PkiError> {
        self.now.checked_add(distance).ok_or(PkiError::Clock)
    }
}
