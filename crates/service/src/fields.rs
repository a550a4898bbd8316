//! Fields of a guest's answer: looked for by name, of the type that is due, within the range that is due.

use std::ops::RangeInclusive;

use wardian_abi::Value;

/// What an answer says, or what is wrong with it: about the guest, in our words.
pub(crate) type Read<T> = Result<T, String>;

pub(crate) fn field<'v, 'a>(value: &'v Value<'a>, name: &str) -> Read<&'v Value<'a>> {
    value
        .get(name)
        .ok_or_else(|| format!("`{name}` is missing"))
}

pub(crate) fn wrong(value: &Value<'_>, name: &str, due: &str) -> String {
    let found = value.get(name).map_or("missing", Value::kind);
    format!("`{name}` is of type {found}, {due} is due")
}

pub(crate) fn text<'v>(value: &'v Value<'_>, name: &str) -> Read<&'v str> {
    let found = field(value, name)?.as_str();
    found.ok_or_else(|| wrong(value, name, "str"))
}

/// A truth value that may be left out.
#[cfg(any(feature = "image", feature = "pdf"))]
pub(crate) fn flag(value: &Value<'_>, name: &str, absent: bool) -> Read<bool> {
    let found = value.get(name).map_or(Some(absent), Value::as_bool);
    found.ok_or_else(|| wrong(value, name, "bool"))
}

/// A whole number within a range.
pub(crate) fn whole(value: &Value<'_>, name: &str, allowed: RangeInclusive<u32>) -> Read<u32> {
    let found = field(value, name)?.as_int();
    let found = found.ok_or_else(|| wrong(value, name, "int"))?;
    match u32::try_from(found) {
        Ok(number) if allowed.contains(&number) => Ok(number),
        _ if allowed.start() == allowed.end() => {
            Err(format!("`{name}` is {found}, asked {}", allowed.start()))
        }
        _ => Err(format!(
            "`{name}` is {found}, allowed {} to {}",
            allowed.start(),
            allowed.end()
        )),
    }
}
