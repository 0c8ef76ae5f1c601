//! A vendor's facts, stated once: what each is asked of in which source, and the indicators that follow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::model::{Condition, Conditions, Indicator, Maker, Product, SignatureFile, Strength, Texts};
use super::normalise::normalise;
use crate::collector;
use crate::model::{Field, FieldKind, State};

/// A kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    /// A firm, and a brand that is all of the field.
    Firm,
    /// The same where an address of mail may follow, whose domain may be anybody's.
    Person,
    /// A firm among other words.
    Named,
    /// A firm as the value of a label that names makers.
    Labelled,
    Team,
    Bundle,
    /// A folder or settings file that is called after a bundle.
    Data,
    Site,
    /// A place of its own at a host of source code: libraries of its employees lie there, too.
    Code,
    Mail,
    Repository,
    Image,
}

/// The facts that a field can hold.
const FIELDS: &[(Field, &[Fact])] = &[
    (Field::Publisher, &[Fact::Firm]),
    (Field::Vendor, &[Fact::Firm]),
    (Field::Company, &[Fact::Firm]),
    (Field::Signer, &[Fact::Firm]),
    (Field::Maintainer, &[Fact::Person, Fact::Mail]),
    (Field::Packager, &[Fact::Person, Fact::Mail]),
    (Field::Author, &[Fact::Person, Fact::Mail]),
    (Field::SignerChain, &[Fact::Named]),
    (Field::Subject, &[Fact::Named]),
    (Field::Copyright, &[Fact::Named]),
    (Field::TeamIdentifier, &[Fact::Team]),
    (Field::BundleIdentifier, &[Fact::Bundle]),
    (Field::Homepage, &[Fact::Site]),
    (Field::UpdateUrl, &[Fact::Site]),
    (Field::Reference, &[Fact::Image]),
];
/// The same of fields that hold a fact in some sources only.
const FIELDS_OF_SOME: &[(Field, Fact, &[&str])] = &[
    (Field::Label, Fact::Labelled, &["image"]),
    (Field::Label, Fact::Bundle, &["launchd"]),
    (
        Field::Identifier,
        Fact::Bundle,
        &[
            "package_receipts",
            "install_history",
            "flatpak_packages",
            "safari_extensions",
            "jetbrains_plugins",
            "polkit_actions",
            "setup_packages",
            "login_items",
            "configuration_profiles",
            "tcc_grants",
        ],
    ),
    (
        Field::Name,
        Fact::Bundle,
        &["deb_packages", "rpm_packages", "pacman_packages", "portage_packages", "apk_packages"],
    ),
    (Field::Path, Fact::Data, &["program_folders"]),
    (Field::Source, Fact::Repository, &["apt_sources", "yum_sources"]),
    (Field::Source, Fact::Site, &["image", "mcp_servers"]),
    (Field::Homepage, Fact::Code, &["scoop_packages"]),
];

/// What a fact shows in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shows {
    /// Software of the maker.
    Software,
    /// The same, if another field has one of these texts.
    SoftwareIf(Field, &'static [&'static str]),
    /// What software of the maker left or put there.
    Leftover,
    /// That software of the maker may be there: anyone may write it.
    Trace,
    /// What may be left of software of the maker.
    OldTrace,
}

/// Where many firms keep source code.
const CODE_HOSTS: &[&str] = &["github.com/", "gitlab.com/", "gitee.com/", "bitbucket.org/"];
/// Packages for programmers: who wrote a library that a program carries is another question.
const LIBRARIES: &[&str] =
    &["python_packages", "npm_packages", "ruby_gems", "library_packages", "java_archives", "dotnet_packages"];
/// Anyone publishes an extension under any name.
const EXTENSIONS: &[&str] =
    &["chrome_extensions", "firefox_addons", "vscode_extensions", "jetbrains_plugins", "mcp_servers"];
/// Records of what programs were allowed or asked to do, and of what was installed once.
const RECORDS: &[&str] = &["configuration_profiles", "tcc_grants", "kext_policy", "install_history"];
/// Sources whose home pages are written by those who package a program, from its own.
const PROGRAMS_OF_MANAGERS: &[&str] = &[
    "deb_packages",
    "rpm_packages",
    "apk_packages",
    "pacman_packages",
    "portage_packages",
    "opkg_packages",
    "xbps_packages",
    "eopkg_packages",
    "scoop_packages",
    "setup_packages",
];

/// What a fact in a field of a source shows; `None` where it says something else.
fn shows(source: &str, field: Field, fact: Fact) -> Option<Shows> {
    let is = |sources: &[&str]| sources.contains(&source);
    Some(match (source, field, fact) {
        // Who published a model, who packed software of others, and keys, whose names programs choose.
        ("ai_models", ..) | ("chocolatey_packages", Field::Packager, _) | ("registry_roots", ..) => {
            return None;
        }
        ("program_files", Field::Author, _) => Shows::SoftwareIf(Field::Format, &["msi"]),
        // What was trusted, or bound to a device, may stay behind.
        ("certificates" | "driver_bindings", ..) => Shows::Leftover,
        (_, _, Fact::Data | Fact::Repository) => Shows::Leftover,
        (_, _, Fact::Mail) => Shows::Trace,
        (_, Field::Copyright, _) => Shows::Trace,
        (_, _, Fact::Firm | Fact::Person | Fact::Bundle)
            if is(EXTENSIONS) && field != Field::BundleIdentifier =>
        {
            Shows::Trace
        }
        _ if is(LIBRARIES) => Shows::Trace,
        _ if is(RECORDS) => Shows::OldTrace,
        ("system_extensions", Field::TeamIdentifier | Field::BundleIdentifier, _) => {
            Shows::SoftwareIf(Field::Type, &["activation", "bundle"])
        }
        ("login_items", ..) => Shows::SoftwareIf(Field::OnDisk, &["yes"]),
        ("launchd", Field::Label, _) => Shows::SoftwareIf(Field::Type, &["daemon", "agent"]),
        (_, Field::Homepage | Field::Source, Fact::Site) if !is(PROGRAMS_OF_MANAGERS) => Shows::Trace,
        // The kernel has drivers that firms wrote for it; an image may be made of theirs.
        ("kernel_modules" | "image", Field::Author, _) => Shows::Trace,
        ("pacman_packages" | "eopkg_packages", Field::Packager, _) => Shows::Trace,
        _ => Shows::Software,
    })
}

impl Maker {
    /// The conditions that a fact asks for, each enough by itself.
    fn asks(&self, fact: Fact) -> Vec<Condition> {
        match fact {
            Fact::Firm => {
                let firms = containing(&self.firms, Some(words(&self.firms)));
                [firms, self.whole_brands("^")].into_iter().flatten().collect()
            }
            Fact::Person => {
                let firms = containing(&self.firms, Some(format!("^(?:[^<@]*?)(?:{})", words(&self.firms))));
                [firms, self.whole_brands("^")].into_iter().flatten().collect()
            }
            Fact::Named => containing(&self.firms, Some(words(&self.firms))).into_iter().collect(),
            Fact::Labelled => {
                let key = r"^[a-z0-9._-]*(?:vendor|maintainer|authors?|company|manufacturer)=\W*";
                let firms = containing(&self.firms, Some(format!("{key}(?:.*\\W)?(?:{})", any(&self.firms))));
                [firms, self.whole_brands(key)].into_iter().flatten().collect()
            }
            Fact::Team => {
                listed(&self.teams, |texts| Condition { any_of: Some(texts), ..Condition::default() })
            }
            Fact::Bundle => listed(&self.bundles, |texts| Condition {
                prefix: Some(Texts::Many(texts)),
                ..Condition::default()
            }),
            Fact::Data => listed(&self.bundles, |texts| {
                let globs = texts.iter().flat_map(|bundle| {
                    // Beside a team's ten characters, too.
                    ["", "??????????."].map(|team| format!("**/library/*/{team}{bundle}*"))
                });
                Condition { glob: Some(Texts::Many(globs.collect())), ..Condition::default() }
            }),
            Fact::Site => addresses(&self.sites_of(false)),
            Fact::Code => addresses(&self.sites_of(true)),
            Fact::Mail => {
                let pattern = format!(r"@(?:[a-z0-9-]+\.)*(?:{})\W*$", any(&self.mail));
                containing(&self.mail, Some(pattern)).into_iter().collect()
            }
            Fact::Repository => {
                let pattern =
                    format!(r"://(?:[^/@]*@)?(?:[a-z0-9-]+\.)*(?:{})(?:[/:]|$)", any(&self.repositories));
                containing(&self.repositories, Some(pattern)).into_iter().collect()
            }
            Fact::Image => self.images.iter().map(|image| image_of(image)).collect(),
        }
    }

    /// What the maker's libraries leave, which programs of others carry.
    fn of_libraries(&self, field: Field, fact: Fact) -> Conditions {
        if self.libraries.is_empty() {
            return Conditions::new();
        }
        let condition = match fact {
            Fact::Bundle => {
                Condition { prefix: Some(Texts::Many(self.libraries.clone())), ..Condition::default() }
            }
            Fact::Data => {
                let names = self.libraries.iter().map(|name| format!("/{name}")).collect();
                Condition { contains: Some(Texts::Many(names)), ..Condition::default() }
            }
            _ => return Conditions::new(),
        };
        Conditions::from([(field, Box::new(condition))])
    }

    /// The sites that lie at a host of source code, or the others.
    fn sites_of(&self, code: bool) -> Vec<String> {
        let is_code = |site: &str| CODE_HOSTS.iter().any(|host| site.starts_with(host));
        self.sites.iter().filter(|site| is_code(site) == code).cloned().collect()
    }

    /// A brand that is all that follows a pattern.
    fn whole_brands(&self, before: &str) -> Option<Condition> {
        let form = r"(?:,? (?:inc|incorporated|ltd|limited|llc|corp|corporation|company|group|co\.,? ?ltd|gmbh)\.?)*";
        let brands = any(&self.brands);
        containing(&self.brands, Some(format!("{before}[\"'«]?(?:{brands})[\"'»]?{form}(?: <[^>]*>)?$")))
    }
}

/// Home pages and other addresses below one of these sites.
fn addresses(sites: &[String]) -> Vec<Condition> {
    let pattern = format!(r"^(?:git\+)?https?://(?:[a-z0-9-]+\.)*(?:{})(?:[/:?#]|\.git|$)", any(sites));
    containing(sites, Some(pattern)).into_iter().collect()
}

/// Images of a registry and all below its domain, or of one namespace in a registry.
fn image_of(registry: &str) -> Condition {
    let Some((host, owner)) = registry.split_once('/') else {
        let regex = format!(r"^(?:[a-z0-9-]+\.)*{}(?::[0-9]+)?/", regex::escape(registry));
        return Condition { regex: Some(regex), ..Condition::default() };
    };
    // The engine's own registry has several names, and needs none.
    let hosts: &[&str] = match host {
        "docker.io" => {
            &["", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/"]
        }
        host => &[&format!("{host}/")],
    };
    let prefix = Some(Texts::Many(hosts.iter().map(|host| format!("{host}{owner}/")).collect()));
    Condition { prefix, ..Condition::default() }
}

/// Texts of which one is asked for, as alternatives of an expression, written as texts of artifacts are compared.
fn any(texts: &[String]) -> String {
    let escaped = texts.iter().map(|text| regex::escape(&normalise(FieldKind::Text, text)));
    escaped.collect::<Vec<_>>().join("|")
}

/// Firms as words of their own: another firm's name may go on where this one ends, or end in it. A name of several words
/// may be cut short on purpose.
fn words(firms: &[String]) -> String {
    let begins = |firm: &str| firm.starts_with(|first: char| first.is_ascii_alphanumeric());
    let (plain, latin): (Vec<String>, Vec<String>) = firms.iter().cloned().partition(|firm| !begins(firm));
    let open = (!plain.is_empty()).then(|| any(&plain));
    let closed = (!latin.is_empty()).then(|| format!("(?:^|[^a-z0-9<@])(?:{})", forms(&latin, is_word)));
    open.into_iter().chain(closed).collect::<Vec<_>>().join("|")
}

/// Texts as alternatives, of which those that are words end where the word does. What goes on with a word for its
/// business, as in `AcmeCloud`, is the firm's still.
fn forms(texts: &[String], is_whole: impl Fn(&str) -> bool) -> String {
    const GOES_ON: &str = "s\\b|inc|corp|ltd|llc|gmbh|co\\b|group|tech|soft|cloud|digital|mobile|net\\b|network|electr|game|media|security";
    let (whole, part): (Vec<String>, Vec<String>) = texts.iter().cloned().partition(|text| is_whole(text));
    let ended = (!whole.is_empty()).then(|| format!(r"(?:{})(?:[^a-z]|$|{GOES_ON})", any(&whole)));
    ended.into_iter().chain((!part.is_empty()).then(|| any(&part))).collect::<Vec<_>>().join("|")
}

/// Whether a text is one word of Latin letters.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Contains one of the texts, in the place that an expression says.
fn containing(texts: &[String], regex: Option<String>) -> Option<Condition> {
    let contains = Some(Texts::Many(texts.to_vec()));
    (!texts.is_empty()).then(|| Condition { contains, regex, ..Condition::default() })
}

fn listed(texts: &[String], condition: impl Fn(Vec<String>) -> Condition) -> Vec<Condition> {
    if texts.is_empty() { Vec::new() } else { vec![condition(texts.to_vec())] }
}

/// Each source of a fact, by the field that holds it and what it shows there.
type Sources = BTreeMap<(Field, Fact, Shows), Vec<&'static str>>;

/// The same for every file.
static SOURCES: LazyLock<Sources> = LazyLock::new(sources);

fn sources() -> Sources {
    let mut sources = Sources::new();
    for collector in collector::all() {
        for field in collector.yields {
            let anywhere =
                FIELDS.iter().filter(|(known, _)| known == field).flat_map(|(_, facts)| facts.iter());
            let here = FIELDS_OF_SOME
                .iter()
                .filter(|(known, _, names)| known == field && names.contains(&collector.name));
            for fact in anywhere.copied().chain(here.map(|(_, fact, _)| *fact)) {
                if let Some(shows) = shows(collector.name, *field, fact) {
                    sources.entry((*field, fact, shows)).or_default().push(collector.name);
                }
            }
        }
    }
    sources
}

/// Makes the indicators of the makers that a file states.
pub(super) fn expand(file: &mut SignatureFile) {
    whole_in_other_indicators(file);
    for product in &mut file.products {
        if let Some(maker) = product.maker.take() {
            product.indicators.extend(indicators(&maker));
        }
    }
}

/// Lets the indicators of a file ask for the vendor's names as words, too, where they ask for a maker that contains one.
fn whole_in_other_indicators(file: &mut SignatureFile) {
    const SHORTEST: usize = 5;
    let makers = file.products.iter().filter_map(|product| product.maker.as_ref());
    let stated = makers.flat_map(|maker| maker.firms.iter().chain(&maker.brands)).chain([&file.vendor.name]);
    let names: BTreeSet<String> = stated
        .filter(|name| name.len() >= SHORTEST && is_word(name))
        .map(|name| name.to_ascii_lowercase())
        .collect();
    let indicators = file.products.iter_mut().flat_map(|product| product.indicators.iter_mut());
    for (field, condition) in indicators.flat_map(|indicator| indicator.conditions.iter_mut()) {
        let is_maker = matches!(field, Field::Publisher | Field::Vendor | Field::Company);
        let texts = condition.contains.as_ref().map(Texts::as_slice).unwrap_or_default();
        let is_name = |text: &str| names.contains(&text.to_ascii_lowercase());
        if is_maker && condition.regex.is_none() && texts.iter().any(|text| is_name(text)) {
            condition.regex = Some(forms(texts, is_name));
        }
    }
}

fn indicators(maker: &Maker) -> impl Iterator<Item = Indicator> {
    let asked = SOURCES.iter().flat_map(|((field, fact, shows), names)| {
        maker.asks(*fact).into_iter().map(move |condition| (*field, *fact, *shows, names, condition))
    });
    asked.enumerate().map(|(at, (field, fact, shows, names, condition))| {
        let mut conditions = BTreeMap::from([(field, Box::new(condition))]);
        if let Shows::SoftwareIf(other, texts) = shows {
            let any_of = Some(texts.iter().map(|text| (*text).to_owned()).collect());
            conditions.insert(other, Box::new(Condition { any_of, ..Condition::default() }));
        }
        Indicator {
            id: format!("maker-{}-{at}", field.name()),
            collectors: names.iter().map(|name| (*name).to_owned()).collect(),
            strength: match shows {
                Shows::Trace | Shows::OldTrace => Strength::Supporting,
                _ => Strength::Conclusive,
            },
            conditions,
            unless: maker.of_libraries(field, fact),
            state: matches!(shows, Shows::Leftover | Shows::OldTrace).then_some(State::Remnant),
            reason: None,
            source: maker.source.clone(),
        }
    })
}

/// What is wrong with the facts of a product: the list, the place in it, and why.
pub(super) fn mistakes(product: &Product) -> Vec<(&'static str, usize, String)> {
    let Some(maker) = &product.maker else { return Vec::new() };
    let mut mistakes = Vec::new();
    let mut refuse = |list: &'static str, texts: &[String], is_good: &dyn Fn(&str) -> bool, why: &str| {
        let wrong = texts.iter().enumerate().filter(|(_, text)| !is_good(text));
        mistakes.extend(wrong.map(|(at, text)| (list, at, format!("`{text}` {why}"))));
    };
    refuse(
        "firms",
        &maker.firms,
        &|text| super::fact::is_firm(text),
        "is too short to be only this firm's; make it a brand",
    );
    refuse("brands", &maker.brands, &|text| text.trim().chars().count() > 1, "is no name");
    let is_team = |text: &str| {
        text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    refuse("teams", &maker.teams, &is_team, "is no team identifier: ten capital letters and digits");
    let is_bundle = |text: &str| text.contains('.') && !text.contains(['/', '*', ' ']);
    refuse("bundles", &maker.bundles, &is_bundle, "does not begin an identifier; write it like `com.acme.`");
    let is_host = |text: &str| text.contains('.') && !text.contains([' ', ':', '@']) && !text.ends_with('/');
    refuse("libraries", &maker.libraries, &is_bundle, "is no identifier; write it like `com.acme.push`");
    refuse("sites", &maker.sites, &is_host, "is no domain; write it like `acme.com`");
    refuse("mail", &maker.mail, &is_host, "is no domain; write it like `acme.com`");
    refuse("repositories", &maker.repositories, &is_host, "is no host; write it like `packages.acme.com`");
    refuse(
        "images",
        &maker.images,
        &is_host,
        "is no registry; write it like `docker.io/acme` or `registry.acme.com`",
    );
    mistakes
}

#[cfg(test)]
mod tests;
