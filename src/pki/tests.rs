//! Certificates are checked by the library that `vc` itself connects with, not by their issuer.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore};

use super::*;

/// 2026-11-23T12:00:00Z.
const NOW: u64 = 1_795_435_200;
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// What a [`PkiRequest`] borrows.
struct Wanted {
    name: ClusterName,
    namespace: Namespace,
    service_cidrs: Vec<String>,
    server_names: Vec<String>,
    now: Timestamp,
}

impl Wanted {
    fn request(&self) -> PkiRequest<'_> {
        PkiRequest {
            name: &self.name,
            namespace: &self.namespace,
            service_cidrs: &self.service_cidrs,
            server_names: &self.server_names,
            leaf_life: LEAF_LIFE,
            now: self.now,
        }
    }
}

fn wanted() -> Wanted {
    Wanted {
        name: "dev".parse().unwrap(),
        namespace: "team-a".parse().unwrap(),
        service_cidrs: vec!["10.96.0.0/16".to_owned(), "fd00:10:96::/112".to_owned()],
        server_names: vec!["203.0.113.7".to_owned(), "dev.example.org".to_owned()],
        now: "2026-11-23T12:00:00Z".parse().unwrap(),
    }
}

fn generate() -> Pki {
    Pki::generate(&wanted().request(), &mut RandomKeys).unwrap()
}

fn roots(authority: &Identity) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(der(&authority.certificate)).unwrap();
    Arc::new(roots)
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// What a client that dialled by `name` has against a server.
fn against_server(
    authority: &Identity,
    server: &Identity,
    name: &str,
    seconds: u64,
) -> Option<rustls::Error> {
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(authority), provider())
        .build()
        .unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    verifier
        .verify_server_cert(&der(&server.certificate), &[], &name, &[], at(seconds))
        .err()
}

/// What a server has against a client.
fn against_client(authority: &Identity, client: &Identity) -> Option<rustls::Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(authority), provider())
        .build()
        .unwrap();
    verifier
        .verify_client_cert(&der(&client.certificate), &[], at(NOW))
        .err()
}

/// Whether a certificate's subject (or any other text in it) says this.
fn says(identity: &Identity, text: &str) -> bool {
    der(&identity.certificate)
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn the_api_server_is_trusted_by_every_name_it_is_dialled_by() {
    let pki = generate();
    for name in [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
        "vc-dev",
        "vc-dev.team-a",
        "vc-dev.team-a.svc",
        "vc-dev.team-a.svc.cluster.local",
        "127.0.0.1",
        "::1",
        "10.96.0.1",
        "fd00:10:96::1",
        "203.0.113.7",
        "dev.example.org",
    ] {
        assert_eq!(
            against_server(&pki.ca, &pki.apiserver, name, NOW),
            None,
            "{name}"
        );
    }
    for name in ["vc-dev.team-b.svc", "10.96.0.2", "example.org"] {
        assert!(
            against_server(&pki.ca, &pki.apiserver, name, NOW).is_some(),
            "{name}"
        );
    }
}

#[test]
fn etcd_is_trusted_on_loopback_and_by_its_own_authority_only() {
    let pki = generate();
    for name in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(
            against_server(&pki.etcd_ca, &pki.etcd_server, name, NOW),
            None
        );
    }
    assert!(against_server(&pki.ca, &pki.etcd_server, "localhost", NOW).is_some());
    assert!(against_server(&pki.etcd_ca, &pki.etcd_server, "vc-dev", NOW).is_some());
}

#[test]
fn leaves_live_for_a_year_and_start_five_minutes_ago() {
    let pki = generate();
    let check = |seconds| against_server(&pki.ca, &pki.apiserver, "localhost", seconds);
    assert_eq!(check(NOW - 5 * MINUTE), None);
    assert_eq!(check(NOW + 365 * DAY), None);
    assert!(matches!(
        check(NOW - 5 * MINUTE - 1),
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidYetContext { .. }
        ))
    ));
    assert!(matches!(
        check(NOW + 365 * DAY + 1),
        Some(rustls::Error::InvalidCertificate(
            CertificateError::ExpiredContext { .. }
        ))
    ));
}

#[test]
fn each_client_is_known_to_its_own_authority_and_to_no_other() {
    let pki = generate();
    let authorities = [&pki.ca, &pki.front_proxy_ca, &pki.etcd_ca];
    for (client, own) in [
        (&pki.admin, &pki.ca),
        (&pki.controller_manager, &pki.ca),
        (&pki.syncer, &pki.ca),
        (&pki.apiserver_kubelet_client, &pki.ca),
        (&pki.front_proxy_client, &pki.front_proxy_ca),
        (&pki.etcd_server, &pki.etcd_ca),
    ] {
        for authority in authorities {
            assert_eq!(
                against_client(authority, client).is_none(),
                authority == own
            );
        }
    }
    assert!(against_client(&pki.ca, &pki.apiserver).is_some());
    assert!(against_client(&pki.ca, &pki.kubelet).is_some());
}

#[test]
fn only_the_administrator_the_controller_manager_and_the_syncer_may_do_anything() {
    let pki = generate();
    assert!(says(&pki.admin, "vc-admin") && says(&pki.admin, "system:masters"));
    assert!(says(
        &pki.controller_manager,
        "system:kube-controller-manager"
    ));
    assert!(says(&pki.controller_manager, "system:masters"));
    assert!(says(&pki.syncer, "vc-syncer") && says(&pki.syncer, "system:masters"));
    assert!(says(&pki.front_proxy_client, "front-proxy-client"));
    for other in [
        &pki.apiserver,
        &pki.apiserver_kubelet_client,
        &pki.kubelet,
        &pki.front_proxy_client,
        &pki.etcd_server,
    ] {
        assert!(!says(other, "system:masters"));
    }
}

#[test]
fn every_key_is_another() {
    let pki = generate();
    let keys = [
        &pki.ca.key,
        &pki.apiserver.key,
        &pki.apiserver_kubelet_client.key,
        &pki.controller_manager.key,
        &pki.syncer.key,
        &pki.kubelet.key,
        &pki.admin.key,
        &pki.front_proxy_ca.key,
        &pki.front_proxy_client.key,
        &pki.etcd_ca.key,
        &pki.etcd_server.key,
        &pki.service_account.private,
    ];
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{index}");
    }
}

#[test]
fn what_was_stored_reads_back_as_it_was() {
    let pki = generate();
    let admin = pki.admin_credential();
    let stored = admin
        .secret_data("vc-dev", "https://vc-dev.team-a.svc")
        .unwrap();
    assert_eq!(
        stored.keys().collect::<Vec<_>>(),
        ["ca.crt", "client.crt", "client.key", "config"]
    );
    assert_eq!(AdminCredential::from_secret(&stored).unwrap(), admin);
    assert_eq!(Pki::from_secrets(&pki.secret_data(), &stored).unwrap(), pki);
}

#[test]
fn an_incomplete_secret_is_refused_by_the_name_of_what_it_lacks() {
    let pki = generate();
    let complete = pki.secret_data();
    let admin = pki.admin_credential();
    let kubeconfig = admin.secret_data("vc-dev", "https://vc-dev").unwrap();
    assert_eq!(complete.len(), 22);
    for entry in complete.keys() {
        let mut lacking = complete.clone();
        lacking.remove(entry);
        let error = Pki::from_secrets(&lacking, &kubeconfig).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the stored keys and certificates lack `{entry}`")
        );
        let mut emptied = complete.clone();
        emptied.insert(entry.clone(), ByteString(Vec::new()));
        assert!(matches!(
            Pki::from_secrets(&emptied, &kubeconfig),
            Err(PkiError::NotPem { key }) if key == *entry
        ));
    }
    assert!(matches!(
        Pki::from_secrets(&complete, &SecretData::new()),
        Err(PkiError::Missing { key }) if key == "client.crt"
    ));
}

#[test]
fn private_keys_are_never_printed() {
    let pki = generate();
    let printed = format!("{pki:?} {:?}", pki.admin_credential());
    assert!(printed.contains("PrivateKey(redacted)"));
    assert!(!printed.contains("PRIVATE KEY"));
}

#[test]
fn a_renewed_leaf_leaves_the_hash_alone_and_a_new_authority_does_not() {
    let first = generate();
    let second = generate();
    let renewed = Pki {
        apiserver: second.apiserver.clone(),
        admin: second.admin.clone(),
        ..first.clone()
    };
    assert_eq!(first.hash(), renewed.hash());
    assert_eq!(first.hash().len(), 64);
    let replaced = Pki {
        etcd_ca: second.etcd_ca.clone(),
        ..first.clone()
    };
    assert_ne!(first.hash(), replaced.hash());
}

#[test]
fn the_api_server_has_the_first_address_of_its_service_range() {
    for (cidr, first) in [
        ("10.96.0.0/16", "10.96.0.1"),
        ("10.155.128.0/17", "10.155.128.1"),
        ("10.96.5.9/16", "10.96.0.1"),
        ("10.43.0.0/24", "10.43.0.1"),
        ("fd00:10:96::/112", "fd00:10:96::1"),
        ("2001:db8:42:1::ff/108", "2001:db8:42:1::1"),
    ] {
        assert_eq!(
            issue::first_address(cidr).unwrap().to_string(),
            first,
            "{cidr}"
        );
    }
    for wrong in [
        "",
        "10.96.0.0",
        "10.96.0.0/",
        "10.96.0.0/32",
        "10.96.0/16",
        "fd00::/128",
        "x/16",
    ] {
        assert!(
            matches!(
                issue::first_address(wrong),
                Err(PkiError::ServiceCidr { .. })
            ),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_server_name_that_no_certificate_can_carry_is_refused() {
    for wrong in ["", "dév.example.org"] {
        let wanted = Wanted {
            server_names: vec![wrong.to_owned()],
            ..wanted()
        };
        let error = Pki::generate(&wanted.request(), &mut RandomKeys).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{wrong}` is neither an address nor a DNS name")
        );
    }
}

#[test]
fn a_source_of_keys_that_fails_is_told_with_what_was_to_be_made() {
    struct Dry(u8);
    impl KeySource for Dry {
        fn next_key(&mut self) -> Result<rcgen::KeyPair, rcgen::Error> {
            self.0 = self.0.checked_sub(1).ok_or(rcgen::Error::RingUnspecified)?;
            RandomKeys.next_key()
        }
    }
    let wanted = wanted();
    let error = Pki::generate(&wanted.request(), &mut Dry(2)).unwrap_err();
    assert_eq!(error.to_string(), "cannot make the etcd CA");
}

#[test]
fn a_time_beyond_the_calendar_is_an_error_and_no_panic() {
    let wanted = Wanted {
        now: "9999-12-30T00:00:00Z".parse().unwrap(),
        ..wanted()
    };
    assert!(matches!(
        Pki::generate(&wanted.request(), &mut RandomKeys),
        Err(PkiError::Clock)
    ));
}

#[test]
fn a_kubeconfig_holds_all_that_a_client_needs() {
    let credential = AdminCredential {
        ca: "CA".to_owned(),
        certificate: "CERTIFICATE".to_owned(),
        key: PrivateKey("KEY".to_owned()),
    };
    let text = credential
        .kubeconfig("vc-dev", "https://1.2.3.4:6443", Some("vc-dev.team-a.svc"))
        .unwrap();
    assert_eq!(
        text,
        "apiVersion: v1
kind: Config
clusters:
- name: vc-dev
  cluster:
    server: https://1.2.3.4:6443
    tls-server-name: vc-dev.team-a.svc
    certificate-authority-data: Q0E=
users:
- name: vc-dev
  user:
    client-certificate-data: Q0VSVElGSUNBVEU=
    client-key-data: S0VZ
contexts:
- name: vc-dev
  context:
    cluster: vc-dev
    user: vc-dev
current-context: vc-dev
"
    );
}

#[test]
fn a_kubeconfig_of_files_holds_no_secret() {
    let endpoint = Endpoint {
        context: "default",
        server: "https://127.0.0.1:6443",
        tls_server_name: None,
    };
    let files = ClientFiles {
        ca: "/pki/ca.crt",
        certificate: "/pki/client.crt",
        key: "/pki/client.key",
    };
    assert_eq!(
        kubeconfig_of_files(endpoint, files).unwrap(),
        "apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority: /pki/ca.crt
users:
- name: default
  user:
    client-certificate: /pki/client.crt
    client-key: /pki/client.key
contexts:
- name: default
  context:
    cluster: default
    user: default
current-context: default
"
    );
}

#[test]
fn the_api_servers_certificate_says_for_which_addresses_it_is_good() {
    let pki = generate();
    for (address, is_good) in [
        ("10.96.0.1", true),
        ("203.0.113.7", true),
        ("fd00:10:96::1", true),
        ("203.0.113.8", false),
        ("dev.example.org", false),
    ] {
        assert_eq!(
            covers(&pki.apiserver.certificate, address),
            is_good,
            "{address}"
        );
    }
    assert!(!covers("", "10.96.0.1"));
}

/// A year after [`NOW`], when what was made then has expired.
const LATER: &str = "2027-12-01T12:00:00Z";
const LATER_SECONDS: u64 = 1_827_662_400;

#[test]
fn a_renewed_leaf_has_the_same_names_another_key_and_the_same_authority() {
    let old = generate();
    let later = LATER.parse().unwrap();
    let new = old.renewed(Duration::from_hours(1), later, &mut RandomKeys);
    let new = new.unwrap();
    for same in [
        (&old.ca, &new.ca),
        (&old.front_proxy_ca, &new.front_proxy_ca),
        (&old.etcd_ca, &new.etcd_ca),
    ] {
        assert_eq!(same.0, same.1);
    }
    assert_eq!(old.service_account, new.service_account);
    assert_eq!(old.hash(), new.hash());
    for name in [
        "kubernetes.default.svc",
        "vc-dev.team-a.svc",
        "127.0.0.1",
        "fd00:10:96::1",
        "203.0.113.7",
        "dev.example.org",
    ] {
        let fault = |pki: &Pki| against_server(&old.ca, &pki.apiserver, name, LATER_SECONDS);
        assert!(fault(&old).is_some(), "{name}");
        assert_eq!(fault(&new), None, "{name}");
    }
    let kubelet = against_server(&old.ca, &new.kubelet, "localhost", LATER_SECONDS);
    assert_eq!(kubelet, None);
    let etcd = against_server(&old.etcd_ca, &new.etcd_server, "::1", LATER_SECONDS);
    assert_eq!(etcd, None);
    let server_of = |authority| {
        WebPkiClientVerifier::builder_with_provider(roots(authority), provider())
            .build()
            .unwrap()
    };
    for (authority, old, new, subject) in [
        (&old.ca, &old.admin, &new.admin, "vc-admin"),
        (&old.ca, &old.syncer, &new.syncer, SYNCER),
        (
            &old.ca,
            &old.controller_manager,
            &new.controller_manager,
            "system:kube-controller-manager",
        ),
        (
            &old.front_proxy_ca,
            &old.front_proxy_client,
            &new.front_proxy_client,
            FRONT_PROXY_CLIENT,
        ),
    ] {
        let verified =
            server_of(authority).verify_client_cert(&der(&new.certificate), &[], at(LATER_SECONDS));
        assert!(verified.is_ok(), "{subject}");
        assert!(says(new, subject), "{subject}");
        assert_eq!(says(old, "system:masters"), says(new, "system:masters"));
        assert_ne!(old.key, new.key, "{subject}");
    }
}

#[test]
fn two_certificates_live_longer_than_was_asked_for() {
    let pki = Pki::generate(
        &PkiRequest {
            leaf_life: Duration::from_mins(2),
            ..wanted().request()
        },
        &mut RandomKeys,
    )
    .unwrap();
    let expiry = |leaf: &Identity| expires(leaf.certificate.as_bytes()).unwrap();
    let ends: Timestamp = "2026-11-23T12:02:00Z".parse().unwrap();
    for leaf in [
        &pki.apiserver,
        &pki.syncer,
        &pki.kubelet,
        &pki.admin,
        &pki.front_proxy_client,
        &pki.etcd_server,
    ] {
        assert_eq!(expiry(leaf), ends);
    }
    let of_manager: Timestamp = "2026-11-23T12:12:00Z".parse().unwrap();
    assert_eq!(expiry(&pki.controller_manager), of_manager);
    let of_authority: Timestamp = "2036-11-20T12:00:00Z".parse().unwrap();
    assert_eq!(expiry(&pki.ca), of_authority);
    assert_eq!(expiry(&pki.apiserver_kubelet_client), of_authority);
    let renewed = |at: &str| {
        let pki = pki.renewed(LEAF_LIFE, at.parse().unwrap(), &mut RandomKeys);
        pki.unwrap().apiserver_kubelet_client
    };
    assert_eq!(
        renewed("2026-11-23T12:02:00Z"),
        pki.apiserver_kubelet_client
    );
    assert_ne!(
        renewed("2033-12-01T00:00:00Z"),
        pki.apiserver_kubelet_client
    );
}

#[test]
fn a_leaf_is_due_when_two_thirds_of_its_life_are_over_or_a_little_before() {
    for (life, earliest, latest) in [
        (
            Duration::from_mins(2),
            "2026-11-23T12:01:16Z",
            "2026-11-23T12:01:20Z",
        ),
        (
            Duration::from_hours(300),
            "2026-12-01T10:00:00Z",
            "2026-12-01T20:00:00Z",
        ),
    ] {
        let wanted = wanted();
        let request = PkiRequest {
            leaf_life: life,
            ..wanted.request()
        };
        let pki = Pki::generate(&request, &mut RandomKeys).unwrap();
        let certificate = pki.apiserver.certificate.as_bytes();
        let at = renew_at(certificate).unwrap();
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(time(earliest) <= at && at <= time(latest), "{at}");
        assert_eq!(renew_at(certificate), Some(at));
        assert!(!is_due(certificate, time("2026-11-23T12:00:00Z")));
        assert!(is_due(certificate, time(latest)));
        assert!(is_due(certificate, time("2036-01-01T00:00:00Z")));
        // A clock that was set back by less than the skew does not matter, one by more does.
        assert!(!is_due(certificate, time("2026-11-23T11:55:00Z")));
        assert!(is_due(certificate, time("2026-11-23T11:54:59Z")));
    }
    assert!(is_due(b"no certificate", Timestamp::UNIX_EPOCH));
    assert_eq!(renew_at(b"no certificate"), None);
}

#[test]
fn what_cannot_be_renewed_is_told_by_name() {
    let pki = generate();
    let renewed = |pki: &Pki| {
        let now = LATER.parse().unwrap();
        let error = pki.renewed(LEAF_LIFE, now, &mut RandomKeys).unwrap_err();
        error.to_string()
    };
    let mut keyless = pki.clone();
    keyless.etcd_ca.key = PrivateKey("-----BEGIN NOTHING".to_owned());
    assert_eq!(renewed(&keyless), "cannot make the etcd CA");
    let mut nameless = pki;
    nameless.kubelet.certificate = "-----BEGIN NOTHING".to_owned();
    assert_eq!(
        renewed(&nameless),
        "the stored certificate `vc-kubelet` cannot be read"
    );
}
