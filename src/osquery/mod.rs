//! An extension of osquery: tables that osquery's own queries join with everything else it knows.
//!
//! osquery and its extensions speak Thrift's binary protocol over sockets of this machine: an extension registers its
//! tables with the *manager* (osquery's socket) and serves calls on a socket of its own, `<socket>.<uuid>`. What is spoken:
//! <https://github.com/osquery/osquery/blob/master/osquery/extensions/thrift/osquery.thrift>; how:
//! <https://osquery.readthedocs.io/en/stable/deployment/extensions/>.
//!
//! This module knows messages, tables and how to keep answers; where the sockets are and how a scan is run is the
//! caller's.

pub mod answers;
#[cfg(unix)]
pub mod manager;
#[cfg(unix)]
pub mod serve;
pub mod tables;
pub mod thrift;
