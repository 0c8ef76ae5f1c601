//! Databases and the Windows registry: records found by offset, checked against their own structure.

pub mod bolt;
pub mod regf;
pub mod rpmdb;
pub mod sqlite;
