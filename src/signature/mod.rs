//! Signatures: what products look like, and the rules that speak of them.

pub mod audience;
mod check;
pub mod export;
mod fact;
mod lint;
pub mod literal;
mod load;
mod locate;
mod maker;
pub mod model;
pub mod normalise;
pub mod rules;
pub mod signing;
pub mod version;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

pub use audience::{Audience, Audiences};
pub use load::{Problem, Trust, check, lint, load, load_trusting, nearest, parse_file, suggested};
pub use locate::{Step, position, repeated_keys};
pub use model::{
    Condition, Conditions, Indicator, Maker, Password, PasswordForm, Product, RemovalStep, SignatureFile,
    Status, Strength, Vendor,
};
pub use rules::{Effect, Milestone, NamedVendor, Rule};

/// Checked signatures and rules: every name in them exists, every pattern compiles.
#[derive(Debug, Clone, Default)]
pub struct SignatureSet {
    /// One entry per vendor file.
    pub files: Vec<LoadedFile>,
    /// The rules by id.
    pub rules: BTreeMap<String, Rule>,
    /// Vendors that rules name and that have no signature file of their own, by id.
    pub named: BTreeMap<String, NamedVendor>,
    /// Version and date of the rules file.
    pub rules_version: String,
    /// Products that are restricted only for audiences that were not named, as `vendor/product`.
    pub unbound: BTreeSet<String>,
}

/// A signature file and where it came from.
#[derive(Debug, Clone)]
pub struct LoadedFile {
    /// What it says.
    pub file: SignatureFile,
    /// `built in`, or the path it was read from.
    pub origin: String,
    /// Id of the trusted key that signed it; `None` for built-in and for unsigned files.
    pub signed_by: Option<String>,
}

impl SignatureSet {
    /// A set of one vendor with these products, without rules.
    #[cfg(test)]
    pub(crate) fn of_products(products: &serde_json::Value) -> Self {
        let file = serde_json::json!({"format": 1, "vendor": {"id": "v", "name": "V"}, "version": "1",
            "date": "2026-01-01", "sources": {"s": "made up"}, "rules": [], "products": products});
        let loaded = LoadedFile {
            file: serde_json::from_value(file).unwrap(),
            origin: "test".to_owned(),
            signed_by: None,
        };
        SignatureSet { files: vec![loaded], ..SignatureSet::default() }
    }

    /// Has the rules of this file, and no others.
    fn take_rules(&mut self, file: rules::RulesFile) {
        self.rules_version = file.version;
        self.named = file.vendors.into_iter().map(|vendor| (vendor.id.clone(), vendor)).collect();
        self.rules = file.rules.into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    }

    /// Whether a vendor that a rule names is the one of this signature file, or one whose products that file lists.
    pub fn is_vendor(&self, named: &str, file: &str) -> bool {
        named == file || self.named.get(named).is_some_and(|vendor| vendor.file.as_deref() == Some(file))
    }

    /// The vendors of these rules that cannot be checked for: no software of theirs for computers is known.
    pub fn without_software(&self, rules: &BTreeSet<String>) -> Vec<&NamedVendor> {
        let is_named = |vendor: &&NamedVendor| {
            let mut chosen = rules.iter().filter_map(|id| self.rules.get(id));
            let has_file = self.files.iter().any(|loaded| loaded.file.vendor.id == vendor.id);
            vendor.no_software.is_some() && !has_file && chosen.any(|rule| rule.vendors.contains(&vendor.id))
        };
        self.named.values().filter(is_named).collect()
    }

    /// The ids of the rules that matter for one of these audiences.
    pub fn rules_for(&self, audiences: &[Audience]) -> BTreeSet<String> {
        let matters = |rule: &&Rule| rule.audiences.iter().any(|audience| audiences.contains(audience));
        self.rules.values().filter(matters).map(|rule| rule.id.clone()).collect()
    }

    /// Decides which products bind: all of files that are for everybody, and of the others those that one of the chosen
    /// rules names.
    pub fn bind(&mut self, chosen: Option<&BTreeSet<String>>) {
        let named = |ids: &[String]| chosen.is_some_and(|chosen| ids.iter().any(|id| chosen.contains(id)));
        self.unbound.clear();
        for file in self.files.iter().map(|loaded| &loaded.file).filter(|file| file.on_request) {
            let others = file.products.iter().filter(|it| !named(it.rules.as_ref().unwrap_or(&file.rules)));
            self.unbound.extend(others.map(|product| format!("{}/{}", file.vendor.id, product.id)));
        }
    }

    /// Whether a product counts for the audience of the scan.
    pub fn binds(&self, vendor: &str, product: &str) -> bool {
        self.unbound.is_empty() || !self.unbound.contains(&format!("{vendor}/{product}"))
    }

    /// Drops every product that does not bind.
    pub fn drop_unbound(&mut self) {
        let unbound = std::mem::take(&mut self.unbound);
        for file in self.files.iter_mut().map(|loaded| &mut loaded.file) {
            let vendor = &file.vendor.id;
            file.products.retain(|product| !unbound.contains(&format!("{vendor}/{}", product.id)));
        }
        self.files.retain(|loaded| !loaded.file.products.is_empty());
    }
}
