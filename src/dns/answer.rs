//! What the virtual cluster's own names stand for.
//!
//! In: an [`Index`] and a question. Out: [`Found`]: the records, or that it is not ours to say. Never:
//! a name of the cluster's domain that is left for somebody else to answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, PTR, SOA, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::index::{Entry, Index, Port, Service};

/// How long an answer may be kept, in seconds: CoreDNS's default. Endpoints come and go.
const TTL: u32 = 5;

/// How many names are followed from one to the next, as in CoreDNS; two Services may point to each other.
const HOPS_MAX: usize = 8;

/// Version of the specification that is followed.
const SPECIFICATION: &str = "1.1.0";

/// What is found for a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// It is no name of the virtual cluster's.
    Elsewhere,
    Answer(Answer),
}

/// What the virtual cluster says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) code: ResponseCode,
    pub(super) answers: Vec<Record>,
    /// The zone's own record, when there is nothing: it says for how long that holds (RFC 2308).
    pub(super) authorities: Vec<Record>,
    pub(super) additionals: Vec<Record>,
    /// The name outside of the cluster at which the answer goes on.
    pub(super) follow: Option<Name>,
}

impl Answer {
    fn records(answers: Vec<Record>) -> Self {
        Self {
            code: ResponseCode::NoError,
            answers,
            authorities: Vec::new(),
            additionals: Vec::new(),
            follow: None,
        }
    }
}

/// What a name has, of whatever type.
enum Here<'a> {
    Nothing,
    /// It exists, because something below it does.
    Empty,
    Records(Vec<RData>),
    Addresses(Vec<IpAddr>),
    Headless(&'a Entry),
    Clustered(&'a [IpAddr], &'a [Port]),
    Alias(&'a Name),
    /// Ports of one name and protocol.
    Port(Vec<Target>),
}

/// What a port of a Service leads to.
struct Target {
    port: u16,
    name: Name,
    addresses: Vec<IpAddr>,
}

impl Index {
    /// The answer to a question. Several addresses are turned by `turn`, so that each is the first in
    /// turn: most programs take the first one.
    pub(super) fn answer(&self, name: &Name, kind: RecordType, turn: usize) -> Found {
        let text = lowered(name);
        if let Some(address) = reversed(&text) {
            return self.names_of(name, address, kind);
        }
        if self.relative(&text).is_none() {
            return Found::Elsewhere;
        }
        Found::Answer(self.own(name, &text, kind, turn))
    }

    /// The answer to somebody: to a pod, its own whole name is its own address, as in the file of hosts that a
    /// kubelet writes, whether it is ready or not and a Service gives it the name or not.
    pub(super) fn answer_to(
        &self,
        asker: IpAddr,
        name: &Name,
        kind: RecordType,
        turn: usize,
    ) -> Found {
        let found = self.answer(name, kind, turn);
        match found {
            Found::Answer(answer)
                if answer.code == ResponseCode::NXDomain
                    && self.pods.is_called(asker, &lowered(name)) =>
            {
                let mut own = Answer::records(Vec::new());
                self.complete(&mut own, name, Here::Addresses(vec![asker]), kind, turn);
                Found::Answer(own)
            }
            found => found,
        }
    }

    /// What stands before the cluster's domain, with a last dot; none outside of it.
    pub(super) fn relative<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = text.strip_suffix(&*self.domain)?;
        (rest.is_empty() || rest.ends_with('.')).then_some(rest)
    }

    /// The answer for a name in the cluster's domain.
    fn own(&self, name: &Name, text: &str, kind: RecordType, turn: usize) -> Answer {
        let mut answer = Answer::records(Vec::new());
        let mut name = name.clone();
        let mut text = text.to_owned();
        for _ in 0..HOPS_MAX {
            let Some(rest) = self.relative(&text) else {
                answer.follow = Some(name);
                return answer;
            };
            let mut here = self.here(rest);
            if matches!(here, Here::Nothing)
                && let Some(addresses) = self.fixed(&text)
            {
                here = Here::Addresses(addresses.to_vec());
            }
            if let Here::Alias(target) = here {
                let alias = RData::CNAME(CNAME(target.clone()));
                answer.answers.push(record(&name, alias));
                if kind == RecordType::CNAME {
                    return answer;
                }
                name = target.clone();
                text = lowered(&name);
                continue;
            }
            self.complete(&mut answer, &name, here, kind, turn);
            return answer;
        }
        answer.code = ResponseCode::ServFail;
        answer.answers.clear();
        answer
    }

    /// What the name before the domain is.
    fn here(&self, rest: &str) -> Here<'_> {
        let mut labels = rest.trim_end_matches('.').rsplit('.');
        let labels: [Option<&str>; 6] = std::array::from_fn(|_| labels.next());
        match labels {
            [Some(""), None, ..] => Here::Records(vec![self.authority(), self.name_server()]),
            [Some("dns-version"), None, ..] => {
                Here::Records(vec![RData::TXT(TXT::new(vec![SPECIFICATION.to_owned()]))])
            }
            [Some("dns" | "svc" | "pod"), None, ..] => Here::Empty,
            [Some("dns"), Some("ns"), None, ..] => self.own_address(),
            [Some("svc" | "pod"), Some(namespace), None, ..] => {
                empty_if(self.has_namespace(namespace))
            }
            [Some("pod"), Some(namespace), Some(address), None, ..] => self.pod(namespace, address),
            [Some("svc"), Some(namespace), Some(service), below @ ..] => {
                match self.get(namespace, service) {
                    Some(entry) => self.service(entry, namespace, service, below),
                    None => Here::Nothing,
                }
            }
            _ => Here::Nothing,
        }
    }

    /// `10-1-2-3.NAMESPACE.pod`: any address, as CoreDNS's `pods insecure`, which kubeadm sets up and
    /// section 2.6 of the specification asks for. It tells nothing that was not in the question.
    fn pod(&self, namespace: &str, text: &str) -> Here<'_> {
        if !self.has_namespace(namespace) {
            return Here::Nothing;
        }
        let v4 = text.replace('-', ".").parse().map(IpAddr::V4);
        let address = v4.or_else(|_| text.replace('-', ":").parse().map(IpAddr::V6));
        address.map_or(Here::Nothing, |address| Here::Addresses(vec![address]))
    }

    /// A Service, or what is below it.
    fn service<'a>(
        &'a self,
        entry: &'a Entry,
        namespace: &str,
        name: &str,
        below: [Option<&str>; 3],
    ) -> Here<'a> {
        let Some(service) = &entry.service else {
            return Here::Nothing;
        };
        match (service, below) {
            (Service::External(Some(target)), [None, ..]) => Here::Alias(target),
            (Service::External(_), _) => Here::Nothing,
            (Service::Addresses { addresses, ports }, [None, ..]) => {
                Here::Clustered(addresses, ports)
            }
            // Without an endpoint that is ready it has no name, says the specification in 2.4.1.
            (Service::Headless, [None, ..]) => match entry.endpoints().next() {
                Some(_) => Here::Headless(entry),
                None => Here::Nothing,
            },
            (_, [Some(label), None, _]) => match label.strip_prefix('_') {
                Some(protocol) => empty_if(has_named_port(entry, protocol)),
                None => endpoint(entry, label),
            },
            (_, [Some(protocol), Some(port), None]) => {
                let (Some(protocol), Some(port)) =
                    (protocol.strip_prefix('_'), port.strip_prefix('_'))
                else {
                    return Here::Nothing;
                };
                // An unnamed port has no record by its name.
                let is_asked = |one: &Port| {
                    !port.is_empty() && *one.protocol == *protocol && *one.name == *port
                };
                let base = self.base(namespace, name);
                let targets = base.map(|base| targets(entry, &base, is_asked));
                match targets {
                    Some(targets) if !targets.is_empty() => Here::Port(targets),
                    _ => Here::Nothing,
                }
            }
            _ => Here::Nothing,
        }
    }

    /// Fills in what a name has of the asked type, or that it has nothing.
    fn complete(
        &self,
        answer: &mut Answer,
        name: &Name,
        here: Here<'_>,
        kind: RecordType,
        turn: usize,
    ) {
        let exists = !matches!(here, Here::Nothing);
        let before = answer.answers.len();
        match here {
            Here::Nothing | Here::Empty | Here::Alias(_) => {}
            Here::Records(all) => {
                let asked = all.into_iter().filter(|data| data.record_type() == kind);
                answer.answers.extend(asked.map(|data| record(name, data)));
            }
            Here::Addresses(addresses) => answer.answers.extend(hosts(name, addresses, kind, turn)),
            Here::Clustered(addresses, ports) => {
                if kind == RecordType::SRV {
                    let targets = ports.iter().map(|port| Target {
                        port: port.number,
                        name: name.clone(),
                        addresses: addresses.to_vec(),
                    });
                    services(answer, name, targets.collect());
                } else {
                    let addresses = addresses.to_vec();
                    answer.answers.extend(hosts(name, addresses, kind, turn));
                }
            }
            Here::Headless(entry) => {
                if kind == RecordType::SRV {
                    services(answer, name, targets(entry, name, |_| true));
                } else {
                    let addresses = entry.endpoints().map(|(one, _)| one.address);
                    let addresses = hosts(name, addresses.collect(), kind, turn);
                    answer.answers.extend(addresses);
                }
            }
            Here::Port(targets) => {
                if kind == RecordType::SRV {
                    services(answer, name, targets);
                }
            }
        }
        if answer.answers.len() == before {
            if !exists {
                answer.code = ResponseCode::NXDomain;
            }
            answer.authorities.extend(self.zone_authority());
        }
    }

    /// The names of an address.
    fn names_of(&self, name: &Name, address: IpAddr, kind: RecordType) -> Found {
        let mut names: Vec<(bool, Name)> = Vec::new();
        for owner in self.owners(address) {
            let (Some(entry), Some(base)) = (
                self.get(&owner.namespace, &owner.name),
                self.base(&owner.namespace, &owner.name),
            ) else {
                continue;
            };
            match &entry.service {
                Some(Service::Addresses { addresses, .. }) if addresses.contains(&address) => {
                    names.push((true, base.clone()));
                }
                None | Some(Service::External(_)) => continue,
                _ => {}
            }
            let endpoints = entry.endpoints().filter(|(one, _)| one.address == address);
            for (endpoint, _) in endpoints {
                if let Some(called) = below(&base, &endpoint.hostname()) {
                    names.push((endpoint.has_name(), called));
                }
            }
        }
        // What somebody gave a name to comes first, in an order that stays.
        names.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        names.dedup();
        if names.is_empty() {
            return Found::Elsewhere;
        }
        let mut answer = Answer::records(Vec::new());
        if kind == RecordType::PTR {
            let names = names.into_iter().map(|(_, target)| RData::PTR(PTR(target)));
            answer.answers.extend(names.map(|data| record(name, data)));
        }
        Found::Answer(answer)
    }

    /// `NAME.NAMESPACE.svc.cluster.local.`
    fn base(&self, namespace: &str, name: &str) -> Option<Name> {
        self.named(&format!("{name}.{namespace}.svc."))
    }

    fn named(&self, relative: &str) -> Option<Name> {
        Name::from_ascii(format!("{relative}{}.", self.domain)).ok()
    }

    /// `ns.dns.cluster.local`, which the zone names as its server: the Service of the cluster's DNS.
    fn own_address(&self) -> Here<'_> {
        let own = self.get("kube-system", "kube-dns");
        match own.and_then(|entry| entry.service.as_ref()) {
            Some(Service::Addresses { addresses, .. }) => Here::Addresses(addresses.clone()),
            _ => Here::Empty,
        }
    }

    fn name_server(&self) -> RData {
        RData::NS(NS(self.named("ns.dns.").unwrap_or_default()))
    }

    fn authority(&self) -> RData {
        let named = |relative| self.named(relative).unwrap_or_default();
        // Times as CoreDNS has them; nobody transfers this zone. The last is how long "no" holds.
        let times = (7200, 1800, 86400, TTL);
        let (server, mail) = (named("ns.dns."), named("hostmaster."));
        let (refresh, retry, expire, negative) = times;
        RData::SOA(SOA::new(
            server,
            mail,
            self.serial,
            refresh,
            retry,
            expire,
            negative,
        ))
    }

    fn zone_authority(&self) -> Option<Record> {
        Some(record(&self.named("")?, self.authority()))
    }
}

/// Something that is there only because of what is below it.
fn empty_if<'a>(is_there: bool) -> Here<'a> {
    if is_there { Here::Empty } else { Here::Nothing }
}

/// Whether a Service has a port of this protocol that has a name.
fn has_named_port(entry: &Entry, protocol: &str) -> bool {
    let is_one = |port: &Port| *port.protocol == *protocol && !port.name.is_empty();
    match &entry.service {
        Some(Service::Addresses { ports, .. }) => ports.iter().any(is_one),
        _ => entry.endpoints().any(|(_, ports)| ports.iter().any(is_one)),
    }
}

/// The addresses of the endpoints that are called so.
fn endpoint<'a>(entry: &Entry, hostname: &str) -> Here<'a> {
    let called = entry.endpoints().filter(|(one, _)| one.is_called(hostname));
    let addresses: Vec<IpAddr> = called.map(|(one, _)| one.address).collect();
    if addresses.is_empty() {
        Here::Nothing
    } else {
        Here::Addresses(addresses)
    }
}

/// Where the ports lead that are asked for.
fn targets(entry: &Entry, base: &Name, is_asked: impl Fn(&Port) -> bool) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut lead = |ports: &[Port], name: &Name, addresses: &[IpAddr]| {
        let asked = ports.iter().filter(|port| is_asked(port));
        targets.extend(asked.map(|port| Target {
            port: port.number,
            name: name.clone(),
            addresses: addresses.to_vec(),
        }));
    };
    match &entry.service {
        Some(Service::Addresses { addresses, ports }) => lead(ports, base, addresses),
        Some(Service::Headless) => {
            for (endpoint, ports) in entry.endpoints() {
                if let Some(name) = below(base, &endpoint.hostname()) {
                    lead(ports, &name, &[endpoint.address]);
                }
            }
        }
        _ => {}
    }
    targets
}

/// SRV records, and the addresses of what they name.
fn services(answer: &mut Answer, name: &Name, targets: Vec<Target>) {
    // All alike, as with CoreDNS.
    let count = u16::try_from(targets.len().clamp(1, 100)).unwrap_or(1);
    for target in targets {
        let data = RData::SRV(SRV::new(0, 100 / count, target.port, target.name.clone()));
        let srv = record(name, data);
        if !answer.answers.contains(&srv) {
            answer.answers.push(srv);
        }
        for address in target.addresses {
            let host = record(&target.name, data_of(address));
            if !answer.additionals.contains(&host) {
                answer.additionals.push(host);
            }
        }
    }
}

/// Address records of the asked type, each address once.
fn hosts(name: &Name, addresses: Vec<IpAddr>, kind: RecordType, turn: usize) -> Vec<Record> {
    let mut addresses: Vec<IpAddr> = addresses
        .into_iter()
        .filter(|address| match kind {
            RecordType::A => address.is_ipv4(),
            RecordType::AAAA => address.is_ipv6(),
            _ => false,
        })
        .collect();
    if addresses.len() > 1 {
        addresses.sort_unstable();
        addresses.dedup();
        let by = turn % addresses.len();
        addresses.rotate_left(by);
    }
    addresses
        .into_iter()
        .map(|address| record(name, data_of(address)))
        .collect()
}

fn data_of(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

fn record(name: &Name, data: RData) -> Record {
    Record::from_rdata(name.clone(), TTL, data)
}

/// `LABEL.BASE`; none when that is too long to be a name.
fn below(base: &Name, label: &str) -> Option<Name> {
    base.prepend_label(label).ok()
}

/// A name in lower case, its labels joined by dots. What no Kubernetes name has in it is told as `?`,
/// and so is a dot within a label.
pub(super) fn lowered(name: &Name) -> String {
    let mut text = String::with_capacity(name.len());
    for label in name {
        if !text.is_empty() {
            text.push('.');
        }
        text.extend(label.iter().map(|byte| match byte {
            b'.' => '?',
            byte if byte.is_ascii_graphic() => char::from(byte.to_ascii_lowercase()),
            _ => '?',
        }));
    }
    text
}

/// The address that a reverse name stands for.
fn reversed(text: &str) -> Option<IpAddr> {
    if let Some(text) = text.strip_suffix(".in-addr.arpa") {
        let mut bytes = [0_u8; 4];
        let mut labels = text.rsplit('.');
        for byte in &mut bytes {
            *byte = labels.next()?.parse().ok()?;
        }
        return labels
            .next()
            .is_none()
            .then(|| IpAddr::V4(Ipv4Addr::from(bytes)));
    }
    let text = text.strip_suffix(".ip6.arpa")?;
    let mut address: u128 = 0;
    let mut count = 0;
    for label in text.rsplit('.') {
        if label.len() != 1 || count == 32 {
            return None;
        }
        address = address << 4 | u128::from_str_radix(label, 16).ok()?;
        count += 1;
    }
    (count == 32).then(|| IpAddr::V6(Ipv6Addr::from(address)))
}
