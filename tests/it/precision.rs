//! Precision: whatever other vendors call themselves and their products, in whichever source it is seen, the built-in
//! signatures find none of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use debar::collector;
use debar::finding::matcher::Matcher;
use debar::finding::{Grouping, Match, group};
use debar::format::container::decompress::{Compression, bounded};
use debar::model::{Artifact, Field, Location};
use debar::signature::{self, SignatureSet, Status, Strength};

/// Kind, publisher and product of each line.
fn pairs() -> Vec<[&'static str; 3]> {
    let lines = include_str!("../fixtures/windows/other-vendors.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

/// What a field of an artifact of this vendor's product holds.
fn text(field: Field, publisher: &str, product: &str) -> Option<String> {
    Some(match field {
        Field::Publisher
        | Field::Vendor
        | Field::Company
        | Field::Signer
        | Field::SignerChain
        | Field::Author
        | Field::Maintainer
        | Field::Packager
        | Field::Subject
        | Field::Issuer
        | Field::Copyright => publisher.to_owned(),
        Field::Name
        | Field::DisplayName
        | Field::Product
        | Field::FileDescription
        | Field::OriginalFilename
        | Field::InternalName
        | Field::Service
        | Field::Description => product.to_owned(),
        Field::Path | Field::Program | Field::InstallLocation | Field::Cmdline | Field::UninstallString => {
            format!("C:\\Program Files\\{publisher}\\{product}\\{product}.exe")
        }
        _ => return None,
    })
}

/// The findings on a target where every source reports this product.
fn found(set: &SignatureSet, matcher: &Matcher<'_>, publisher: &str, product: &str) -> BTreeSet<String> {
    let artifacts = collector::all().map(|collector| {
        let mut artifact = Artifact::new(collector.name, Location::default());
        for field in collector.yields {
            artifact = artifact.with_some(*field, text(*field, publisher, product));
        }
        artifact
    });
    let matches: Vec<Match> = artifacts
        .map(|artifact| Match { hits: matcher.hits(&artifact), artifact })
        .filter(|matched| !matched.hits.is_empty())
        .collect();
    let how = Grouping { as_of: jiff::civil::Date::MAX, rules: None, os: None, is_image: false };
    let findings = group(matcher, set, &matches, &how).findings.into_iter();
    // Antivirus products of others are reported beside a banned one, as information.
    findings.filter(|finding| finding.status != Status::Informational).map(|finding| finding.id).collect()
}

#[test]
fn no_product_of_another_vendor_is_found() {
    // As a scan does: vendors that are only looked for on request are not.
    let (pairs, mut set) = (pairs(), signature::load(&[]).unwrap());
    set.bind(None);
    let matcher = Matcher::new(&set);
    assert!(pairs.len() >= 200, "{} pairs", pairs.len());
    let distinct: BTreeSet<_> = pairs.iter().collect();
    assert_eq!(distinct.len(), pairs.len(), "a pair stands there twice");
    let wrong: Vec<_> = pairs
        .iter()
        .map(|[_, publisher, product]| (publisher, product, found(&set, &matcher, publisher, product)))
        .filter(|(.., findings)| !findings.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Otherwise the test above would prove nothing.
#[test]
fn a_product_of_the_banned_vendor_is_found() {
    let set = signature::load(&[]).unwrap();
    assert!(!found(&set, &Matcher::new(&set), "AO Kaspersky Lab", "anything").is_empty());
}

/// The artifacts of a list as in `signatures/precision`: its first line names the collectors and the fields of its
/// columns.
fn listed(bytes: &[u8]) -> Vec<Artifact> {
    let text = if bytes.starts_with(b"\xfd7zXZ") {
        bounded(bytes, Compression::Xz, 64 << 20).value
    } else {
        bytes.to_vec()
    };
    let text = String::from_utf8(text).unwrap();
    let mut lines = text.lines();
    let mut head = lines.next().unwrap().split('\t');
    let collectors: Vec<&str> =
        head.next().unwrap().split(',').map(|name| collector::named(name).unwrap().name).collect();
    let fields: Vec<Field> =
        head.map(|name| *Field::ALL.iter().find(|field| field.name() == name).unwrap()).collect();
    let of_line = |line: &str, collector: &'static str| {
        let filled = fields.iter().zip(line.split('\t')).filter(|(_, text)| !text.is_empty());
        filled.fold(Artifact::new(collector, Location::default()), |artifact, (field, text)| {
            artifact.with(*field, text)
        })
    };
    let collectors: Vec<&'static str> =
        collectors.iter().map(|name| collector::named(name).unwrap().name).collect();
    lines
        .flat_map(|line| collectors.iter().map(move |name| (line, *name)))
        .map(|(line, name)| of_line(line, name))
        .collect()
}

/// The names of a list that a banned product's conclusive indicator meets, with the product.
fn flagged(set: &SignatureSet, artifacts: &[Artifact]) -> Vec<String> {
    let matcher = Matcher::new(set);
    let of = |artifact: &Artifact| -> Option<String> {
        let product = matcher.hits(artifact).into_iter().find_map(|hit| {
            let candidate = matcher.product(hit.product)?;
            let decides = matcher.indicator(hit)?.strength == Strength::Conclusive;
            (decides && candidate.product.status == Status::Banned)
                .then(|| format!("{}/{}", candidate.vendor.id, candidate.product.id))
        })?;
        Some(format!("{} {:?} is taken for {product}", artifact.collector, artifact.fields))
    };
    artifacts.iter().filter_map(of).collect()
}

/// Packages of Python and npm that are called nearly as a vendor, a product or an SDK is: anyone who is asked about, none
/// is found. What the vendors publish themselves is not in these lists.
#[test]
fn no_package_with_a_name_near_a_vendors_is_found() {
    let set = signature::load(&[]).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/precision");
    let mut seen = 0;
    for name in ["python-packages.tsv.xz", "npm-packages.tsv.xz"] {
        let artifacts = listed(&std::fs::read(folder.join(name)).unwrap());
        seen += artifacts.len();
        let wrong = flagged(&set, &artifacts);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
    assert!(seen >= 55_000, "{seen} names");
}

/// Packages that people other than a vendor publish about its products and services.
#[test]
fn no_package_about_a_vendor_is_found() {
    let set = signature::load(&[]).unwrap();
    let of = |collector: &str, names: &[&str]| -> Vec<Artifact> {
        let collector = collector::named(collector).unwrap().name;
        let artifact = |name: &&str| Artifact::new(collector, Location::default()).with(Field::Name, *name);
        names.iter().map(artifact).collect()
    };
    let python = of(
        "python_packages",
        &[
            "langchain-deepseek",
            "deepseek",
            "deepseek-ai",
            "paddlepaddle-stubs",
            "hikconnect",
            "webull",
            "vk-api",
            "huawei-lte-api",
            "huaweicloudsdkcore-helper",
            "python-kasa",
            "tplinkrouterc6u",
            "yandex-music",
            "python-alipay-sdk",
            "wechatpy",
            "itchat",
            "qwen-api",
            "kimi",
            "tiktok-api",
            "coze",
            "hikcentral-openapi",
        ],
    );
    let npm = of(
        "npm_packages",
        &[
            "@ai-sdk/deepseek",
            "@langchain/deepseek",
            "@llamaindex/deepseek",
            "zhipuai",
            "zhipuai-sdk-nodejs-v4",
            "kimi-code",
            "wechat-api",
            "alipay-sdk-wrapper",
            "huawei-router-api",
            "tplink-smarthome-api",
            "dashscope",
            "deepseek",
            "trae",
            "@zilvestu/hikconnect",
        ],
    );
    for artifacts in [python, npm] {
        let wrong = flagged(&set, &artifacts);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    // Otherwise the lists above would prove nothing.
    for (collector, names) in [
        (
            "python_packages",
            &["aliyun-python-sdk-ecs", "huaweicloudsdkcore", "oss2", "webull-python-sdk-core"],
        ),
        (
            "npm_packages",
            &["@alicloud/ecs20140526", "@larksuiteoapi/node-sdk", "ali-oss", "cos-nodejs-sdk-v5"],
        ),
    ] {
        assert_eq!(flagged(&set, &of(collector, names)).len(), names.len(), "{collector}");
    }
}

/// Whole lists, named by `DEBAR_NAMES` with `:` between them: without an audience none of their names is found.
#[test]
fn no_name_of_a_whole_list_is_found() {
    let Some(paths) = std::env::var_os("DEBAR_NAMES") else { return };
    let mut set = signature::load(&[]).unwrap();
    set.bind(None);
    set.drop_unbound();
    for path in std::env::split_paths(&paths) {
        let artifacts = listed(&std::fs::read(&path).unwrap());
        let wrong = flagged(&set, &artifacts);
        assert!(wrong.is_empty(), "{} of {} in {}: {wrong:#?}", wrong.len(), artifacts.len(), path.display());
    }
}
