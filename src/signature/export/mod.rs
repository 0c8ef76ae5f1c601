//! Signatures in the languages of other tools, so that a fleet can look for the same products with what it already
//! runs. Only conclusive indicators go out: the other tools do not weigh evidence. What a language cannot express is
//! left out and named, never weakened.

mod expression;
mod jamf;
mod osquery;
mod powershell;
mod sigma;
mod yara;

pub use expression::{Exported, Selected};
use expression::{Expressions, Op, asked, comment, heading, identifier};

/// A language to write in.
pub struct Language {
    /// Name for the command line.
    pub name: &'static str,
    /// What reads it.
    pub about: &'static str,
    /// Writes products.
    pub write: fn(&[Selected<'_>]) -> Exported,
}

/// Every language.
pub static LANGUAGES: &[Language] = &[
    Language { name: "osquery", about: "osquery pack (JSON)", write: osquery::pack },
    Language { name: "sql", about: "osquery queries (SQL), to run in osqueryi", write: osquery::sql },
    Language {
        name: "yara",
        about: "YARA rules on version resources and signers of programs",
        write: yara::rules,
    },
    Language { name: "sigma", about: "Sigma rules on started programs", write: sigma::rules },
    Language {
        name: "powershell",
        about: "PowerShell detection script for Intune (exit code 1 when found)",
        write: powershell::script,
    },
    Language { name: "jamf", about: "Jamf extension attribute (shell script)", write: jamf::script },
];
