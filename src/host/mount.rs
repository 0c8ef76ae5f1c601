//! Mounts below the root of a target.

/// A mount below the root of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where, from the target's root, without a leading slash.
    pub path: Vec<u8>,
    /// Type of its file system, e.g. `ext4`.
    pub file_system: String,
    /// Whether a program of a user answers for it, and to that user alone (mount.fuse3(8)).
    pub is_private: bool,
}

/// File systems that hold no files of the system's own.
pub(super) const PSEUDO: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "tracefs",
];

/// Of these, single files are read by name on a running system.
pub(super) const READ_BY_NAME: &[&str] = &["proc", "sysfs"];

/// File systems whose bytes lie on another machine: not this machine's software, and they hang.
pub(super) const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb3",
    "smbfs",
    "virtiofs",
];
