//! The guests, and the bytes they are given.

use std::sync::LazyLock;

pub static SMALL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/small.wasm"));
pub static BIG: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/big.wasm"));
pub static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/image.wasm"));
pub static GUARD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guard.wasm"));
#[cfg(feature = "extism")]
pub static SMALL_EXTISM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/small_extism.wasm"));
#[cfg(feature = "extism")]
pub static BIG_EXTISM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/big_extism.wasm"));

pub static TINY: LazyLock<Vec<u8>> = LazyLock::new(|| text(include_str!("../guests/tiny.wat")));
pub static OVERRUN: LazyLock<Vec<u8>> =
    LazyLock::new(|| text(include_str!("../guests/overrun.wat")));
pub static HOSTILE: LazyLock<Vec<u8>> =
    LazyLock::new(|| text(include_str!("../guests/hostile.wat")));

/// A 12-megapixel photograph, and one a fifth its size.
pub static PHOTO: &[u8] = include_bytes!("../../../examples/data/lake.jpg");
pub static SMALL_PHOTO: &[u8] = include_bytes!("../../../examples/data/dunes-progressive.jpg");

fn text(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the guests in this package are well-formed")
}

/// A JSON document of about `bytes` bytes, as requests look: nested, with text, numbers and lists.
pub fn json(bytes: usize) -> Vec<u8> {
    let entry = |n: usize| {
        format!(
            r#"{{"id":{n},"name":"visitor {n}","email":"v{n}@example.org","score":{}.25,"tags":["a","b{}"],"active":{}}}"#,
            n * 37 % 1000,
            n % 7,
            n.is_multiple_of(2)
        )
    };
    let mut text = String::from(r#"{"context":["#);
    let mut n = 0;
    while text.len() + 130 < bytes {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&entry(n));
        n += 1;
    }
    text.push_str(r#"],"fill":""#);
    while text.len() + 2 < bytes {
        text.push('x');
    }
    text.push_str("\"}");
    text.into_bytes()
}
