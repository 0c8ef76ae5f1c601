//! JSON as Go's `encoding/json` reads it, because every container engine is written in Go.
//!
//! Names of fields compare without case, the last of several fields with one name counts, and `null` is the same as
//! an absent field. A field that occurs again with another value is reported: other readers take another of them.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Error;
use serde_json::value::RawValue;

/// Elements of lists and entries of maps in one document; real ones have some thousands.
const MAX_ELEMENTS: usize = 200_000;
/// Repeated fields that are listed by name.
const MAX_REPEATED: usize = 10;

/// A document and the fields that occur more than once in it with different values.
#[derive(Debug)]
pub(super) struct Document<T> {
    pub(super) value: T,
    pub(super) repeated: Vec<String>,
}

/// Reads a document.
///
/// # Errors
/// When it is no JSON, of another shape, or has too many elements.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Document<T>, Error> {
    let notes = Notes::default();
    let mut inner = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Go { inner: &mut inner, notes: &notes })?;
    inner.end()?;
    Ok(Document { value, repeated: notes.repeated.into_inner() })
}

/// What was noticed while reading.
#[derive(Default)]
struct Notes {
    repeated: RefCell<Vec<String>>,
    elements: Cell<usize>,
}

impl Notes {
    fn element(&self) -> Result<(), Error> {
        self.elements.set(self.elements.get() + 1);
        if self.elements.get() > MAX_ELEMENTS {
            return Err(Error::custom(format!("it has more than {MAX_ELEMENTS} elements")));
        }
        Ok(())
    }

    fn repeats(&self, name: &str) {
        let mut repeated = self.repeated.borrow_mut();
        if repeated.len() < MAX_REPEATED && !repeated.iter().any(|known| known == name) {
            repeated.push(name.to_owned());
        }
    }
}

/// Whether Go takes a name for that of a field: it folds case as Unicode does, where two more letters fold to ASCII.
fn is_named(name: &str, field: &str) -> bool {
    let fold = |char: char| match char {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        char => char.to_ascii_lowercase(),
    };
    name == field || name.chars().map(fold).eq(field.chars().map(fold))
}

/// A deserializer that reads as Go does.
struct Go<'n, D> {
    inner: D,
    notes: &'n Notes,
}

impl<'de, D: Deserializer<'de, Error = Error>> Go<'_, D> {
    fn expecting<V: Visitor<'de>>(self, visitor: V, absent: Absent) -> Result<V::Value, Error> {
        self.inner.deserialize_any(OrAbsent { visitor, absent, notes: self.notes })
    }
}

macro_rules! absent {
    ($($method:ident $absent:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.expecting(visitor, Absent::$absent)
        })*
    };
}

impl<'de, D: Deserializer<'de, Error = Error>> Deserializer<'de> for Go<'_, D> {
    type Error = Error;

    absent! {
        deserialize_any Unit, deserialize_bool Bool, deserialize_unit Unit,
        deserialize_i8 Number, deserialize_i16 Number, deserialize_i32 Number, deserialize_i64 Number,
        deserialize_u8 Number, deserialize_u16 Number, deserialize_u32 Number, deserialize_u64 Number,
        deserialize_f32 Number, deserialize_f64 Number,
        deserialize_char Text, deserialize_str Text, deserialize_string Text, deserialize_identifier Text,
        deserialize_bytes Text, deserialize_byte_buf Text,
        deserialize_seq List, deserialize_map Map,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.inner.deserialize_option(OrAbsent { visitor, absent: Absent::Unit, notes: self.notes })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.expecting(visitor, Absent::Unit)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.expecting(visitor, Absent::List)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.expecting(visitor, Absent::List)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.inner.deserialize_ignored_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let notes = self.notes;
        let values = self.inner.deserialize_any(Struct { fields, notes })?;
        let present = fields.iter().zip(values).filter_map(|(field, raw)| Some((*field, raw?)));
        let present = present.filter(|(_, raw)| raw.get() != "null").collect::<Vec<_>>().into_iter();
        visitor.visit_map(Fields { present, next: None, notes })
    }
}

/// What `null` stands for where something of a type is expected.
#[derive(Clone, Copy)]
enum Absent {
    Unit,
    Bool,
    Number,
    Text,
    List,
    Map,
}

/// A visitor that also takes `null`, and reads what is inside as Go does.
struct OrAbsent<'n, V> {
    visitor: V,
    absent: Absent,
    notes: &'n Notes,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for OrAbsent<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        match self.absent {
            Absent::Unit => self.visitor.visit_unit(),
            Absent::Bool => self.visitor.visit_bool(false),
            Absent::Number => self.visitor.visit_u64(0),
            Absent::Text => self.visitor.visit_str(""),
            Absent::List => {
                let nothing = std::iter::empty::<()>();
                self.visitor.visit_seq(serde::de::value::SeqDeserializer::new(nothing))
            }
            Absent::Map => {
                let nothing = std::iter::empty::<((), ())>();
                self.visitor.visit_map(serde::de::value::MapDeserializer::new(nothing))
            }
        }
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        // serde_json gives its own deserializer; through raw text its error type is known here.
        let raw = <&'de RawValue as serde::Deserialize>::deserialize(inner)?;
        let notes = self.notes;
        let mut inner = serde_json::Deserializer::from_str(raw.get());
        self.visitor.visit_some(Go { inner: &mut inner, notes }).map_err(serde::de::Error::custom)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<V::Value, E> {
        self.visitor.visit_bool(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<V::Value, E> {
        self.visitor.visit_i64(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<V::Value, E> {
        self.visitor.visit_u64(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<V::Value, E> {
        self.visitor.visit_f64(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.visitor.visit_str(value)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.visitor.visit_borrowed_str(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(Elements { inner, notes: self.notes })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Elements { inner, notes: self.notes })
    }
}

/// A list or map whose elements are counted and read as Go does.
struct Elements<'n, A> {
    inner: A,
    notes: &'n Notes,
}

/// Reads one element from its text.
fn element<'de, T: DeserializeSeed<'de>>(
    raw: &'de RawValue,
    seed: T,
    notes: &Notes,
) -> Result<T::Value, Error> {
    let mut inner = serde_json::Deserializer::from_str(raw.get());
    seed.deserialize(Go { inner: &mut inner, notes })
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let Some(raw) = self.inner.next_element::<&'de RawValue>()? else { return Ok(None) };
        self.notes.element().map_err(serde::de::Error::custom)?;
        element(raw, seed, self.notes).map(Some).map_err(serde::de::Error::custom)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.notes.element().map_err(serde::de::Error::custom)?;
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let raw = self.inner.next_value::<&'de RawValue>()?;
        element(raw, seed, self.notes).map_err(serde::de::Error::custom)
    }
}

/// Collects the text of each field of a struct.
struct Struct<'n> {
    fields: &'static [&'static str],
    notes: &'n Notes,
}

impl<'de> Visitor<'de> for Struct<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Self::Value = vec![None; self.fields.len()];
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let field = self.fields.iter().position(|field| is_named(&name, field));
            let Some(slot) = field.and_then(|field| values.get_mut(field)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let raw = map.next_value::<&'de RawValue>()?;
            if slot.replace(raw).is_some_and(|earlier| earlier.get() != raw.get()) {
                self.notes.repeats(field.and_then(|field| self.fields.get(field)).unwrap_or(&""));
            }
        }
        Ok(values)
    }
}

/// The fields of a struct that are there.
struct Fields<'n, 'de> {
    present: std::vec::IntoIter<(&'static str, &'de RawValue)>,
    next: Option<&'de RawValue>,
    notes: &'n Notes,
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, raw)) = self.present.next() else { return Ok(None) };
        self.next = Some(raw);
        seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let raw = self.next.take().ok_or_else(|| Error::custom("a value without a name"))?;
        element(raw, seed, self.notes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Outer {
        layers: Vec<Inner>,
        media_type: String,
        size: u64,
        only: Option<Inner>,
        annotations: BTreeMap<String, String>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        digest: String,
    }

    fn inner(digest: &str) -> Inner {
        Inner { digest: digest.to_owned() }
    }

    fn of(text: &str) -> (Outer, Vec<String>) {
        let document = read::<Outer>(text.as_bytes()).unwrap();
        (document.value, document.repeated)
    }

    #[test]
    fn names_of_fields_compare_without_case_and_the_last_counts() {
        let text = r#"{"layers":[{"digest":"a"}],"Layers":[{"DIGEST":"b"},{"dige\u017Ft":"c"}]}"#;
        let (outer, repeated) = of(text);
        assert_eq!(outer.layers, [inner("b"), inner("c")]);
        assert_eq!(repeated, ["layers"]);
        // The same value twice is the same for every reader.
        assert_eq!(of(r#"{"size":1,"Size":1,"mediatype":"x"}"#).1, [""; 0]);
        assert_eq!(of(r#"{"MEDIATYPE":"x"}"#).0.media_type, "x");
    }

    #[test]
    fn repeats_are_found_at_every_depth() {
        let text = r#"{"only":{"digest":"a","digest":"b"},"layers":[{"digest":"c","Digest":"d"}]}"#;
        let (outer, repeated) = of(text);
        assert_eq!((outer.only, repeated.as_slice()), (Some(inner("b")), ["digest".to_owned()].as_slice()));
        assert_eq!(outer.layers, [inner("d")]);
    }

    #[test]
    fn null_is_absent() {
        let text = r#"{"layers":null,"mediaType":null,"size":null,"only":null,"annotations":null}"#;
        assert_eq!(of(text), (Outer::default(), Vec::new()));
        assert_eq!(of(r#"{"layers":[null],"annotations":{"a":null}}"#).0.layers, [Inner::default()]);
        assert_eq!(of("null").0, Outer::default());
        let lists = read::<Vec<String>>(b"null").unwrap().value;
        assert_eq!(lists, [""; 0]);
        assert_eq!(
            read::<BTreeMap<String, BTreeMap<String, String>>>(br#"{"a":null}"#).unwrap().value.len(),
            1
        );
    }

    #[test]
    fn names_in_maps_stay_as_they_are() {
        let (outer, repeated) = of(r#"{"annotations":{"Size":"1","size":"2"}}"#);
        assert_eq!((outer.annotations.len(), repeated.len()), (2, 0));
    }

    #[test]
    fn other_shapes_and_too_much_are_refused() {
        for text in ["", "[]", "1", "{", r#"{"layers":{}}"#, r#"{"size":"1"}"#, "{} {}"] {
            assert!(read::<Outer>(text.as_bytes()).is_err(), "{text}");
        }
        let many = format!(r#"{{"layers":[{}{{}}]}}"#, "{},".repeat(MAX_ELEMENTS));
        assert!(read::<Outer>(many.as_bytes()).unwrap_err().to_string().contains("more than"));
        // What nobody asks for is not counted.
        let many = format!(r#"{{"other":[{}0]}}"#, "0,".repeat(MAX_ELEMENTS));
        assert!(read::<Outer>(many.as_bytes()).is_ok());
    }
}
