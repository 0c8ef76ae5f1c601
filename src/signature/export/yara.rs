//! YARA: rules on what version resources and signers of PE files say, by the module `pe`.
//! <https://virustotal.github.io/yara-x/docs/modules/pe/>

use super::{Exported, Expressions, Op, Selected, heading, identifier};
use crate::model::Field;

struct Pe;

impl Expressions for Pe {
    const AND: &'static str = "and";
    const OR: &'static str = "or";
    const NOT: &'static str = "not";

    fn fact(&self, _: &str, field: Field) -> Option<String> {
        let name = match field {
            Field::Company => "CompanyName",
            Field::Product => "ProductName",
            Field::FileDescription => "FileDescription",
            Field::OriginalFilename => "OriginalFilename",
            Field::InternalName => "InternalName",
            Field::Copyright => "LegalCopyright",
            Field::Signer => return Some("signer".to_owned()),
            _ => return None,
        };
        Some(format!("pe.version_info[\"{name}\"]"))
    }

    fn test(&self, fact: &str, field: Field, op: Op, text: &str) -> Option<String> {
        let verb = match op {
            Op::Equals => "iequals",
            Op::Prefix => "istartswith",
            Op::Suffix => "iendswith",
            Op::Contains => "icontains",
            Op::Glob | Op::Regex | Op::Version => return None,
        };
        if field == Field::Signer {
            // The field holds a name, the module the whole subject: the name stands somewhere in it.
            return Some(format!("for any s in pe.signatures : (s.subject icontains {})", quoted(text)));
        }
        Some(format!("{fact} {verb} {}", quoted(text)))
    }
}

/// A string of YARA; what is not plain ASCII as bytes.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// One rule for each product.
pub(super) fn rules(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let mut text = format!("// {}\nimport \"pe\"\n", heading(selected));
    for one in selected {
        let (mut conditions, mut sources) = (Vec::new(), Vec::new());
        for indicator in one.indicators() {
            if !indicator.collectors.iter().any(|name| name == "program_files") {
                out.leave_out(one, indicator, "YARA looks at files alone");
                continue;
            }
            match Pe.indicator("program_files", indicator) {
                Ok(condition) => {
                    conditions.push(format!("({condition})"));
                    sources.extend(one.sources(indicator));
                }
                Err(why) => out.leave_out(one, indicator, &why),
            }
        }
        conditions.dedup();
        sources.sort();
        sources.dedup();
        if conditions.is_empty() {
            continue;
        }
        text.push_str(&format!("\nrule debar_{}\n{{\n    meta:\n", identifier(&one.id())));
        let meta = [
            ("description", &one.product.name),
            ("vendor", &one.file.vendor.name),
            ("product", &one.id()),
            ("date", &one.file.date),
        ];
        for (name, value) in meta.into_iter().chain(sources.iter().map(|source| ("reference", source))) {
            text.push_str(&format!("        {name} = {}\n", quoted(value)));
        }
        text.push_str(&format!(
            "    condition:\n        pe.is_pe and (\n            {}\n        )\n}}\n",
            conditions.join(" or\n            ")
        ));
    }
    out.text = text;
    out
}
