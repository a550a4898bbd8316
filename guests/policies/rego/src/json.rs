//! JSON as the engine's values, strictly: an object that names a member twice is no JSON here, since two readers of it
//! could see two questions.

use std::collections::BTreeMap;
use std::fmt;

use regorus::Value;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Reads a text as a value; nothing may follow it.
pub(crate) fn read(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = entries.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(Value::from(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(key) = members.next_key_seed(Strict)? {
            let value = members.next_value_seed(Strict)?;
            if values.insert(key, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(Value::from(values))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_strictly_json_is_the_same_value() {
        for json in [
            "null",
            "[1,-2,2.5,true]",
            r#"{"a":{"b":["\u0041"]}}"#,
            "18446744073709551615",
            "1e300",
        ] {
            let known = regorus::Value::from_json_str(json).unwrap();
            assert_eq!(read(json.as_bytes()).unwrap(), known, "{json}");
        }
    }

    #[test]
    fn what_is_not_is_refused() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for json in [
            "",
            "{} {}",
            "{",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            "nan",
            "1e999",
            "\u{feff}{}",
            &deep,
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
        assert!(read(b"\"\xff\"").is_err());
    }
}
