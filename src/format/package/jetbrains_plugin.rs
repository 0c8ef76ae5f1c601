//! `META-INF/plugin.xml`: what a plugin of an IDE made from the IntelliJ Platform is. Format: "Plugin Configuration File"
//! of the platform's SDK documentation.

use crate::bytes::Salvaged;
use crate::format::text::xml::{self, is_path};

/// A plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plugin {
    /// Its id.
    pub id: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// The vendor's page or address.
    pub vendor_contact: Vec<String>,
    /// Its own page.
    pub homepage: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Ids of the plugins and modules that it needs.
    pub depends: Vec<String>,
}

impl Plugin {
    /// Whether it says what it is called: parts of a plugin do not.
    pub fn is_named(&self) -> bool {
        self.id.is_some() || self.name.is_some()
    }
}

/// Reads a `plugin.xml`. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Plugin> {
    let mut plugin = Plugin::default();
    let damage = xml::read(bytes, &mut |around, element| {
        if around.is_empty() {
            plugin.homepage = element.attribute("url").map(str::to_owned);
        }
        if !is_path(around, &["idea-plugin"]) {
            return;
        }
        let text = || Some(element.text.clone()).filter(|text| !text.is_empty());
        match element.name.as_str() {
            "id" => plugin.id = text(),
            "name" => plugin.name = text(),
            "version" => plugin.version = text(),
            "vendor" => {
                plugin.vendor = text();
                let contact = ["url", "email"].iter().filter_map(|key| element.attribute(key));
                plugin.vendor_contact = contact.map(str::to_owned).collect();
            }
            "description" => plugin.description = text(),
            "depends" => plugin.depends.extend(text()),
            _ => {}
        }
    });
    Salvaged { value: plugin, damage }
}

/// The ids in `disabled_plugins.txt`, one a line.
pub fn disabled(bytes: &[u8]) -> impl Iterator<Item = String> {
    let lines = bytes.split(|&byte| byte == b'\n').map(|line| line.trim_ascii());
    lines.filter(|line| !line.is_empty()).map(|line| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plugin_and_a_part_of_one() {
        let plugin = parse(
            b"<idea-plugin url=\"https://example.com/tool\"><id>com.example.tool</id><name>Tool</name><version>1.2</version>\
              <vendor email=\"a@example.com\" url=\"https://example.com\">Example Ltd</vendor>\
              <description><![CDATA[<p>What it is</p>]]></description><depends>com.intellij.modules.platform</depends>\
              <extensions><name>no</name></extensions></idea-plugin>",
        );
        assert_eq!(plugin.damage, []);
        let plugin = plugin.value;
        assert_eq!((plugin.id.as_deref(), plugin.name.as_deref()), (Some("com.example.tool"), Some("Tool")));
        assert_eq!((plugin.version.as_deref(), plugin.vendor.as_deref()), (Some("1.2"), Some("Example Ltd")));
        assert_eq!(plugin.vendor_contact, ["https://example.com", "a@example.com"]);
        assert_eq!(plugin.homepage.as_deref(), Some("https://example.com/tool"));
        assert_eq!(plugin.depends, ["com.intellij.modules.platform"]);
        assert!(!parse(b"<idea-plugin package=\"x\"><content/></idea-plugin>").value.is_named());
        assert_eq!(parse(b"<idea-plugin><id>a</id>").damage.len(), 1);
        assert!(disabled(b"a.b\r\n\n c \n").eq(["a.b", "c"]));
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"<idea-plugin/>nm&;\"= \xff".to_vec()), 0..80)) {
            parse(&bytes);
            disabled(&bytes).count();
        }
    }
}
