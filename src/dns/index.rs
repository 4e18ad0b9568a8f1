//! What there is in a virtual cluster that has a name, ready to be asked.
//!
//! In: Services, EndpointSlices and namespaces, one at a time, as they come, change and go. Out: an
//! [`Index`] from names to addresses and back. Never: JSON; a change costs what the changed object has,
//! however many others there are.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::Name;
use serde::Deserialize;
use serde_json::Value;

use super::pods::PodNames;

/// Label of an EndpointSlice that says whose it is.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Everything that is known by name.
#[derive(Debug)]
pub struct Index {
    /// `cluster.local`.
    pub(super) domain: Box<str>,
    /// Namespace, then name.
    services: HashMap<Box<str>, HashMap<Box<str>, Entry>>,
    /// Whose each slice is: its label can change.
    slices: HashMap<(Box<str>, Box<str>), Box<str>>,
    /// Who has an address: as often as it has it.
    reverse: HashMap<IpAddr, Vec<Arc<Owner>>>,
    namespaces: HashSet<Box<str>>,
    /// Whole names that are no object's.
    fixed: HashMap<Box<str>, Vec<IpAddr>>,
    /// What pods call themselves.
    pub(super) pods: PodNames,
    /// Grows with every change.
    pub(super) serial: u32,
}

/// A Service by its key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) namespace: Box<str>,
    pub(super) name: Box<str>,
}

/// What is known of one Service. Slices may come before it and stay after it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) service: Option<Service>,
    slices: BTreeMap<Box<str>, Slice>,
}

#[derive(Debug)]
pub(super) enum Service {
    /// With addresses of its own.
    Addresses {
        addresses: Vec<IpAddr>,
        ports: Vec<Port>,
    },
    /// Its endpoints are its addresses.
    Headless,
    /// Another name; none when it is not one.
    External(Option<Name>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// Lower case; empty for an unnamed one.
    pub(super) name: Box<str>,
    /// `tcp`.
    pub(super) protocol: Box<str>,
    pub(super) number: u16,
}

/// The endpoints of one EndpointSlice that are ready.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) ports: Vec<Port>,
}

#[derive(Debug)]
pub(super) struct Endpoint {
    hostname: Option<Box<str>>,
    pub(super) address: IpAddr,
}

impl Endpoint {
    /// The name below its Service's: its own, or its address with dashes, as with CoreDNS.
    pub(super) fn hostname(&self) -> Cow<'_, str> {
        match &self.hostname {
            Some(hostname) => Cow::Borrowed(hostname),
            None => Cow::Owned(self.address.to_string().replace(['.', ':'], "-")),
        }
    }

    pub(super) fn has_name(&self) -> bool {
        self.hostname.is_some()
    }

    pub(super) fn is_called(&self, hostname: &str) -> bool {
        match &self.hostname {
            Some(own) => **own == *hostname,
            None => self.hostname() == hostname,
        }
    }
}

impl Entry {
    /// The ready endpoints, with the ports of their slice.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = (&Endpoint, &[Port])> {
        let slices = self.slices.values();
        slices.flat_map(|slice| slice.endpoints.iter().map(|one| (one, &*slice.ports)))
    }

    /// Every address that leads back to it.
    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let own = match &self.service {
            Some(Service::Addresses { addresses, .. }) => addresses.as_slice(),
            _ => &[],
        };
        let endpoints = self.endpoints().map(|(endpoint, _)| endpoint.address);
        own.iter().copied().chain(endpoints)
    }

    fn is_empty(&self) -> bool {
        self.service.is_none() && self.slices.is_empty()
    }
}

impl Index {
    /// An empty one for a cluster domain.
    pub fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_ascii_lowercase().into(),
            services: HashMap::new(),
            slices: HashMap::new(),
            reverse: HashMap::new(),
            namespaces: HashSet::new(),
            fixed: HashMap::new(),
            pods: PodNames::default(),
            serial: 1,
        }
    }

    /// A Service is there, or is now this.
    pub fn set_service(&mut self, namespace: &str, name: &str, service: &Value) {
        // One that cannot be read has no names.
        let service = ServiceObject::deserialize(service).ok();
        let service = service.map(|object| Service::from(object.spec));
        self.change(namespace, name, |entry| entry.service = service);
    }

    /// A Service is gone.
    pub fn remove_service(&mut self, namespace: &str, name: &str) {
        self.change(namespace, name, |entry| entry.service = None);
    }

    /// An EndpointSlice is there, or is now this.
    pub fn set_slice(&mut self, namespace: &str, name: &str, slice: &Value) {
        let slice = SliceObject::deserialize(slice).unwrap_or_default();
        let labels = slice.metadata.labels.unwrap_or_default();
        let service = labels.get(SERVICE_NAME).map(ToString::to_string);
        let key = (Box::from(namespace), Box::from(name));
        if self.slices.get(&key).map(|owner| &**owner) != service.as_deref() {
            self.remove_slice(namespace, name);
        }
        let Some(service) = service else {
            return;
        };
        let slice = Slice {
            endpoints: endpoints(slice.endpoints.unwrap_or_default()),
            ports: ports(slice.ports.unwrap_or_default()),
        };
        self.slices.insert(key, service.as_str().into());
        self.change(namespace, &service, |entry| {
            entry.slices.insert(name.into(), slice);
        });
    }

    /// An EndpointSlice is gone.
    pub fn remove_slice(&mut self, namespace: &str, name: &str) {
        let key = (Box::from(namespace), Box::from(name));
        if let Some(service) = self.slices.remove(&key) {
            self.change(namespace, &service, |entry| {
                entry.slices.remove(name);
            });
        }
    }

    /// A namespace is there or not.
    pub fn set_namespace(&mut self, namespace: &str, is_there: bool) {
        self.serial = self.serial.wrapping_add(1);
        if is_there {
            self.namespaces.insert(namespace.into());
        } else {
            self.namespaces.remove(namespace);
        }
    }

    /// A whole name that stands for these addresses unless an object has it.
    pub fn set_fixed(&mut self, name: &str, addresses: Vec<IpAddr>) {
        self.fixed
            .insert(name.to_ascii_lowercase().into(), addresses);
    }

    /// What pods call themselves, to be changed.
    pub fn pods(&mut self) -> &mut PodNames {
        &mut self.pods
    }

    pub(super) fn fixed(&self, name: &str) -> Option<&[IpAddr]> {
        self.fixed.get(name).map(Vec::as_slice)
    }

    pub(super) fn has_namespace(&self, namespace: &str) -> bool {
        self.namespaces.contains(namespace)
    }

    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Entry> {
        self.services.get(namespace)?.get(name)
    }

    /// Who has an address: each once.
    pub(super) fn owners(&self, address: IpAddr) -> Vec<Arc<Owner>> {
        let mut owners: Vec<Arc<Owner>> = Vec::new();
        for owner in self.reverse.get(&address).into_iter().flatten() {
            if !owners.contains(owner) {
                owners.push(Arc::clone(owner));
            }
        }
        owners
    }

    /// Changes what is known of one Service, and the way back from its addresses.
    fn change(&mut self, namespace: &str, name: &str, change: impl FnOnce(&mut Entry)) {
        self.serial = self.serial.wrapping_add(1);
        let of_namespace = self.services.entry(namespace.into()).or_default();
        let entry = of_namespace.entry(name.into()).or_default();
        let owner = Arc::new(Owner {
            namespace: namespace.into(),
            name: name.into(),
        });
        for address in entry.addresses() {
            if let Some(owners) = self.reverse.get_mut(&address) {
                if let Some(place) = owners.iter().position(|known| *known == owner) {
                    owners.swap_remove(place);
                }
                if owners.is_empty() {
                    self.reverse.remove(&address);
                }
            }
        }
        change(entry);
        for address in entry.addresses() {
            let owners = self.reverse.entry(address).or_default();
            owners.push(Arc::clone(&owner));
        }
        if entry.is_empty() {
            of_namespace.remove(name);
            if of_namespace.is_empty() {
                self.services.remove(namespace);
            }
        }
    }
}

/// What is read of a Service.
#[derive(Deserialize)]
struct ServiceObject<'a> {
    #[serde(borrow, default)]
    spec: ServiceSpec<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ServiceSpec<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "clusterIP")]
    cluster_ip: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "clusterIPs")]
    cluster_ips: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow)]
    external_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ports: Option<Vec<PortObject<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PortObject<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    protocol: Option<Cow<'a, str>>,
    port: Option<u16>,
}

/// What is read of an EndpointSlice.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SliceObject<'a> {
    #[serde(borrow)]
    metadata: SliceMetadata<'a>,
    #[serde(borrow)]
    endpoints: Option<Vec<EndpointObject<'a>>>,
    #[serde(borrow)]
    ports: Option<Vec<PortObject<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SliceMetadata<'a> {
    #[serde(borrow)]
    labels: Option<HashMap<Cow<'a, str>, Cow<'a, str>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EndpointObject<'a> {
    #[serde(borrow)]
    addresses: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow)]
    hostname: Option<Cow<'a, str>>,
    conditions: Option<Conditions>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Conditions {
    ready: Option<bool>,
}

impl From<ServiceSpec<'_>> for Service {
    fn from(spec: ServiceSpec<'_>) -> Self {
        if spec.kind.as_deref() == Some("ExternalName") {
            return Self::External(external(&spec.external_name.unwrap_or_default()));
        }
        let first = spec.cluster_ip.unwrap_or_default();
        let all = spec.cluster_ips.unwrap_or_default();
        if first == "None" || all.iter().any(|one| one == "None") {
            return Self::Headless;
        }
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in std::iter::once(&first).chain(&all) {
            if let Ok(address) = address.parse()
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
        Self::Addresses {
            addresses,
            ports: ports(spec.ports.unwrap_or_default()),
        }
    }
}

/// The name that an `ExternalName` stands for. What is an address is no name, as with CoreDNS.
fn external(text: &str) -> Option<Name> {
    if text.is_empty() || text.parse::<IpAddr>().is_ok() {
        return None;
    }
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn ports(ports: Vec<PortObject<'_>>) -> Vec<Port> {
    let read = |port: PortObject<'_>| {
        Some(Port {
            name: port.name.unwrap_or_default().to_ascii_lowercase().into(),
            protocol: port
                .protocol
                .map_or_else(|| "tcp".into(), |text| text.to_ascii_lowercase().into()),
            number: port.port?,
        })
    };
    ports.into_iter().filter_map(read).collect()
}

/// The ready ones; no word about it means ready.
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions>
/// Those of a Service with `publishNotReadyAddresses` are all told as ready by their controller.
fn endpoints(objects: Vec<EndpointObject<'_>>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for object in objects {
        let ready = object.conditions.and_then(|conditions| conditions.ready);
        if ready == Some(false) {
            continue;
        }
        let hostname = object.hostname.filter(|hostname| !hostname.is_empty());
        for address in object.addresses.unwrap_or_default() {
            // Slices of type FQDN have none.
            let Ok(address) = address.parse() else {
                continue;
            };
            endpoints.push(Endpoint {
                hostname: hostname.as_ref().map(|one| one.to_ascii_lowercase().into()),
                address,
            });
        }
    }
    endpoints
}
