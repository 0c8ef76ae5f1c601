//! Files that hold other files: archives, compound files, compressed streams.

pub mod asar;
pub mod cabinet;
pub mod compound_file;
pub mod decompress;
pub mod inflating;
pub mod iso9660;
pub mod system_image;
pub mod tar;
pub mod unopened;
pub mod zip;
