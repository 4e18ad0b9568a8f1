//! DNS of a virtual cluster.
//!
//! In: virtual Services, EndpointSlices, namespaces and whole names of pods as they change; questions on a UDP and a TCP
//! port. Out: what Kubernetes' DNS specification 1.1.0 asks for, and for every other name what the
//! host's resolver says. Never: a name of the host's own cluster, a guess while it is not known yet
//! what there is.
//!
//! <https://github.com/kubernetes/dns/blob/master/docs/specification.md>
//!
//! ```text
//! packet -message-> Request -answer (index)-> Response -message-> packet
//!                           `-upstream (recent)-> Response
//! ```

mod answer;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod index;
mod message;
mod pods;
mod recent;
mod seats;
mod serve;
#[cfg(test)]
mod tests;
mod upstream;

pub use index::Index;
pub use pods::PodNames;
pub use serve::{Names, Server, Sockets};
pub use upstream::Upstream;
