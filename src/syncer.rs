//! The syncer: makes a virtual cluster's pods exist on the host, and brings their status back.

pub mod translate;
