//! Keyed archives: objects that `NSKeyedArchiver` wrote into a property list, each once, referring to each other by
//! number.
//!
//! References are followed where the caller asks, never all at once: objects that refer to each other in a circle
//! or unfold to any size cost nothing. Format: `NSKeyedArchiver` of Foundation, as `plutil -p` shows it.

use super::plist::Value;

/// References that lead to a reference, at most.
const MAX_HOPS: usize = 8;

/// An archive in a property list.
#[derive(Debug, Clone, Copy)]
pub struct Archive<'a> {
    objects: &'a [Value],
    top: &'a Value,
}

impl<'a> Archive<'a> {
    /// The archive, if the list is one.
    pub fn of(list: &'a Value) -> Option<Self> {
        let objects = list.get("$objects")?.items();
        let top = list.get("$top")?;
        (!objects.is_empty()).then_some(Archive { objects, top })
    }

    /// The object that was archived under a name.
    pub fn top(&self, name: &str) -> Option<&'a Value> {
        self.follow(self.top.get(name)?)
    }

    /// What a value refers to; the value itself if it is no reference. `None` for "nothing" and for a reference
    /// that leads nowhere.
    pub fn follow(&self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..MAX_HOPS {
            match (reference(value), value) {
                (Some(number), _) => value = self.objects.get(usize::try_from(number).ok()?)?,
                (None, Value::Text(text)) if text == "$null" => return None,
                (None, value) => return Some(value),
            }
        }
        None
    }

    /// What a field of an object refers to, or the value of a key if the object is an `NSDictionary`.
    pub fn field(&self, object: &'a Value, name: &str) -> Option<&'a Value> {
        match object.get(name) {
            Some(value) => self.follow(value),
            None => self.entries(object).find(|(key, _)| *key == name).map(|(_, value)| value),
        }
    }

    /// The text of a field: plain, an `NSString`, or the address of an `NSURL`.
    pub fn text(&self, object: &'a Value, name: &str) -> Option<&'a str> {
        self.as_text(self.field(object, name)?).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The text that an object is.
    pub fn as_text(&self, object: &'a Value) -> Option<&'a str> {
        let inner = || object.get("NS.string").or_else(|| object.get("NS.relative"));
        object.as_text().or_else(|| self.follow(inner()?)?.as_text())
    }

    /// The number of a field.
    pub fn integer(&self, object: &'a Value, name: &str) -> Option<i64> {
        match self.field(object, name)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The bytes of a field: plain, or an `NSData`.
    pub fn data(&self, object: &'a Value, name: &str) -> Option<&'a [u8]> {
        let value = self.field(object, name)?;
        match value.get("NS.data").and_then(|inner| self.follow(inner)).unwrap_or(value) {
            Value::Data(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The members of an `NSArray`, an `NSSet` or an `NSHashTable`.
    pub fn items(&self, object: &'a Value) -> impl Iterator<Item = &'a Value> + use<'a> {
        let archive = *self;
        let listed = object.get("NS.objects").unwrap_or(object).items();
        // A hash table has its members in $1, $2 and so on, and what kind of table it is in $0.
        let slots = object.entries().iter().filter(|(name, _)| {
            let number = name.strip_prefix('$').unwrap_or_default();
            number != "0" && !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
        });
        listed.iter().chain(slots.map(|(_, value)| value)).filter_map(move |value| archive.follow(value))
    }

    /// The entries of an `NSDictionary` whose keys are texts.
    pub fn entries(&self, object: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let archive = *self;
        let part = |name| object.get(name).map(Value::items).unwrap_or_default();
        part("NS.keys").iter().zip(part("NS.objects")).filter_map(move |(key, value)| {
            Some((archive.as_text(archive.follow(key)?)?, archive.follow(value)?))
        })
    }
}

/// The number of the object that a value refers to. XML lists write a reference as a dictionary.
fn reference(value: &Value) -> Option<u64> {
    match value {
        Value::Uid(number) => Some(*number),
        Value::Dictionary(entries) => match entries.as_slice() {
            [(key, Value::Integer(number))] if key == "CF$UID" => u64::try_from(*number).ok(),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::text::plist;

    #[test]
    fn a_circle_of_references_and_one_that_leads_nowhere_are_nothing() {
        let list = plist::read(
            b"<plist><dict><key>$top</key><dict><key>root</key><dict><key>CF$UID</key><integer>1</integer></dict>\
            <key>far</key><dict><key>CF$UID</key><integer>99</integer></dict>\
            <key>none</key><dict><key>CF$UID</key><integer>0</integer></dict></dict>\
            <key>$objects</key><array><string>$null</string>\
            <dict><key>CF$UID</key><integer>2</integer></dict><dict><key>CF$UID</key><integer>1</integer></dict>\
            </array></dict></plist>",
        );
        let archive = Archive::of(&list.value).unwrap();
        assert!(["root", "far", "none", "absent"].iter().all(|name| archive.top(name).is_none()));
    }
}
