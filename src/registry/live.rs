//! The registry of the running Windows.
//!
//! Keys are opened by name each time and closed at once, so nothing is held while other programs change it. The
//! 64-bit view is asked for by name; 32-bit programs' keys are below `WOW6432Node` there, as in hive files.

use std::io;
use std::sync::Arc;

use winreg::RegKey;
use winreg::enums::{HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_READ, KEY_WOW64_64KEY};

use super::{Node, Trouble, Value};
use crate::model::GapKind;

/// A key of the running system.
struct LiveNode {
    of_users: bool,
    path: String,
    name: String,
}

/// `HKLM` and `HKU` of the running system, with the names that they are mounted at.
pub(super) fn registry() -> Vec<(&'static str, Arc<dyn Node>)> {
    let top = |of_users, name: &'static str| {
        let node: Arc<dyn Node> = Arc::new(LiveNode { of_users, path: String::new(), name: name.to_owned() });
        (name, node)
    };
    vec![top(false, "HKLM"), top(true, "HKU")]
}

fn trouble(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::PermissionDenied => (
            GapKind::Denied,
            "Windows refused to open the key; run debar as administrator or SYSTEM".to_owned(),
        ),
        _ => (GapKind::Unreadable, error.to_string()),
    }
}

impl LiveNode {
    fn open(&self) -> io::Result<RegKey> {
        let top = RegKey::predef(if self.of_users { HKEY_USERS } else { HKEY_LOCAL_MACHINE });
        top.open_subkey_with_flags(&self.path, KEY_READ | KEY_WOW64_64KEY)
    }

    fn below(&self, name: String) -> LiveNode {
        let path = if self.path.is_empty() { name.clone() } else { format!("{}\\{name}", self.path) };
        LiveNode { of_users: self.of_users, path, name }
    }
}

impl Node for LiveNode {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn subkey(&self, name: &str) -> Result<Option<Arc<dyn Node>>, Trouble> {
        // A name is one component; a separator in it would lead elsewhere.
        if name.contains('\\') {
            return Ok(None);
        }
        let child = self.below(name.to_owned());
        match child.open() {
            Ok(_) => Ok(Some(Arc::new(child))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(trouble(&error)),
        }
    }

    fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>) {
        let key = match self.open() {
            Ok(key) => key,
            Err(error) => return (Vec::new(), vec![trouble(&error)]),
        };
        let (mut keys, mut troubles) = (Vec::new(), Vec::new());
        for name in key.enum_keys() {
            match name {
                Ok(name) => keys.push(Arc::new(self.below(name)) as Arc<dyn Node>),
                Err(error) => {
                    troubles.push(trouble(&error));
                    break;
                }
            }
        }
        (keys, troubles)
    }

    fn values(&self) -> (Vec<Value>, Vec<Trouble>) {
        let key = match self.open() {
            Ok(key) => key,
            Err(error) => return (Vec::new(), vec![trouble(&error)]),
        };
        let (mut values, mut troubles) = (Vec::new(), Vec::new());
        for value in key.enum_values() {
            match value {
                Ok((name, value)) => {
                    let kind = value.vtype as u32;
                    values.push(Value::new(name, kind, value.bytes.to_vec()));
                }
                Err(error) => {
                    troubles.push(trouble(&error));
                    break;
                }
            }
        }
        (values, troubles)
    }
}
