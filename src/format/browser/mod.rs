//! Extensions and policies of browsers.

pub mod browser_policy;
pub mod chrome_preferences;
pub mod mozilla_extensions;
pub mod native_messaging_host;
pub mod webextension;
