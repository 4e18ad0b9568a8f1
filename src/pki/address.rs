//! Whether a certificate is good for an address.
//!
//! In: a certificate, PEM, and an address. Out: yes or no. Never: whether it is to be trusted.

use std::net::IpAddr;

use x509_parser::prelude::GeneralName;

use super::read::read;

/// Whether a certificate, PEM, is good for this address.
pub fn covers(certificate: &str, address: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let wanted: Vec<u8> = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let is_good = read(certificate.as_bytes(), |certificate, _| {
        let names = certificate.subject_alternative_name().ok().flatten();
        let mut names = names.iter().flat_map(|names| &names.value.general_names);
        names.any(|name| matches!(name, GeneralName::IPAddress(bytes) if **bytes == *wanted))
    });
    is_good == Some(true)
}
