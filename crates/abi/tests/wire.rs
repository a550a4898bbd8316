//! The codec from outside: round trips, an independent implementation, and both sides of every limit.

use std::borrow::Cow;

use proptest::prelude::*;
use wardian_abi::{
    Arguments, DecodeError, DecodeLimits, EncodeError, Response, Value, ok_value_bytes,
};

fn limits(depth_max: u32, values_max: u64) -> DecodeLimits {
    DecodeLimits {
        depth_max,
        values_max,
    }
}

fn decode(bytes: &[u8]) -> Result<Value<'_>, DecodeError> {
    Value::decode(bytes, &DecodeLimits::default())
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-70_000_i64..70_000).prop_map(Value::from),
        any::<f64>()
            .prop_filter("NaN is not equal to itself", |f| !f.is_nan())
            .prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..400).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 20, |inner| {
        let entries = prop::collection::btree_map(".{0,40}", inner.clone(), 0..20);
        prop_oneof![
            prop::collection::vec(inner, 0..20).prop_map(Value::Array),
            entries.prop_map(|map| Value::Map(
                map.into_iter().map(|(k, v)| (Cow::Owned(k), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in any_value()) {
        let bytes = value.encode().unwrap();
        prop_assert_eq!(decode(&bytes).unwrap(), value);
    }

    #[test]
    fn every_prefix_and_every_suffix_is_refused(value in any_value(), extra in any::<u8>()) {
        let mut bytes = value.encode().unwrap();
        for cut in 0..bytes.len().min(200) {
            prop_assert!(decode(&bytes[..cut]).is_err());
        }
        bytes.push(extra);
        prop_assert_eq!(decode(&bytes), Err(DecodeError::Trailing { left: 1 }));
    }

    #[test]
    fn noise_never_panics_and_what_is_read_can_be_written(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        if let Ok(value) = decode(&bytes) {
            let again = value.encode().unwrap();
            // Text form, because a NaN that was read is not equal to itself.
            prop_assert_eq!(format!("{:?}", decode(&again).unwrap()), format!("{value:?}"));
        }
        let _ = Response::decode(&bytes, &DecodeLimits::default());
        let _ = Arguments::decode(&bytes, &DecodeLimits::default());
    }

    #[test]
    fn another_implementation_writes_the_same_bytes(text in ".{0,300}", number in any::<i64>(), flag in any::<bool>()) {
        let theirs = rmp_serde::to_vec(&serde_json::json!([text, number, flag, null_after(flag)])).unwrap();
        let ours = Value::Array(vec![text.into(), number.into(), flag.into(), Value::Nil]).encode().unwrap();
        prop_assert_eq!(ours, theirs);
    }
}

fn null_after(_: bool) -> serde_json::Value {
    serde_json::Value::Null
}

#[test]
fn numbers_and_lengths_take_their_shortest_form() {
    let first_byte = |value: Value<'_>| value.encode().unwrap()[0];
    for (value, marker) in [
        (0_i64, 0x00),
        (127, 0x7f),
        (128, 0xcc),
        (255, 0xcc),
        (256, 0xcd),
        (65_535, 0xcd),
        (65_536, 0xce),
        (4_294_967_295, 0xce),
        (4_294_967_296, 0xcf),
        (-1, 0xff),
        (-32, 0xe0),
        (-33, 0xd0),
        (-128, 0xd0),
        (-129, 0xd1),
        (-32_768, 0xd1),
        (-32_769, 0xd2),
        (-2_147_483_648, 0xd2),
        (-2_147_483_649, 0xd3),
    ] {
        assert_eq!(first_byte(value.into()), marker, "{value}");
        assert_eq!(
            decode(&Value::from(value).encode().unwrap()),
            Ok(value.into())
        );
    }
    for (len, str_marker, bin_marker, array_marker) in [
        (0_usize, 0xa0, 0xc4, 0x90),
        (15, 0xaf, 0xc4, 0x9f),
        (16, 0xb0, 0xc4, 0xdc),
        (31, 0xbf, 0xc4, 0xdc),
        (32, 0xd9, 0xc4, 0xdc),
        (255, 0xd9, 0xc4, 0xdc),
        (256, 0xda, 0xc5, 0xdc),
        (65_535, 0xda, 0xc5, 0xdc),
        (65_536, 0xdb, 0xc6, 0xdd),
    ] {
        let named: Vec<_> = (0..len)
            .map(|n| (Cow::Owned(n.to_string()), Value::Nil))
            .collect();
        let map_marker = if array_marker < 0xa0 {
            array_marker - 0x10
        } else {
            array_marker + 2
        };
        for (value, marker) in [
            (Value::from("x".repeat(len)), str_marker),
            (Value::from(vec![7_u8; len]), bin_marker),
            (Value::Array(vec![Value::Nil; len]), array_marker),
            (Value::Map(named), map_marker),
        ] {
            let bytes = value.encode().unwrap();
            assert_eq!(bytes[0], marker, "{} of {len}", value.kind());
            assert_eq!(decode(&bytes), Ok(value));
        }
    }
}

#[test]
fn whole_numbers_beyond_64_bits_cannot_be_written() {
    let (low, high) = (i128::from(i64::MIN), i128::from(u64::MAX));
    assert!(Value::Int(low).encode().is_ok());
    assert!(Value::Int(high).encode().is_ok());
    assert_eq!(
        Value::Int(low - 1).encode(),
        Err(EncodeError::Integer(low - 1))
    );
    assert_eq!(
        Value::Int(high + 1).encode(),
        Err(EncodeError::Integer(high + 1))
    );
}

#[test]
fn depth_is_held_on_both_sides() {
    let nested = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
    for max in [0_u32, 1, 2, 32] {
        let exact = nested(max as usize);
        assert_eq!(Value::decode(&exact, &limits(max, 1_000)).err(), None);
        let over = nested(max as usize + 1);
        assert_eq!(
            Value::decode(&over, &limits(max, 1_000)),
            Err(DecodeError::Depth {
                at: max as usize,
                max
            })
        );
    }
    // Maps count like arrays, and a megabyte of openings costs no stack.
    assert!(matches!(
        decode(&vec![0x81; 1 << 20]),
        Err(DecodeError::KeyKind { .. })
    ));
    assert!(matches!(
        decode(&vec![0x91; 1 << 20]),
        Err(DecodeError::Depth { .. })
    ));
}

#[test]
fn the_number_of_values_is_held_on_both_sides() {
    let array = Value::Array(vec![Value::Nil; 9]).encode().unwrap();
    assert!(Value::decode(&array, &limits(8, 10)).is_ok());
    assert_eq!(
        Value::decode(&array, &limits(8, 9)),
        Err(DecodeError::Values { at: 0, max: 9 })
    );
    assert_eq!(
        Value::decode(&[0xc0], &limits(8, 0)),
        Err(DecodeError::Values { at: 0, max: 0 })
    );

    // Keys count: one map, two keys, two values.
    let map = Arguments::new().with("a", 1).with("b", 2).encode().unwrap();
    assert!(Value::decode(&map, &limits(8, 5)).is_ok());
    assert_eq!(
        Value::decode(&map, &limits(8, 4)),
        Err(DecodeError::Values { at: 0, max: 4 })
    );
}

#[test]
fn declared_lengths_are_compared_with_what_is_left_before_anything_is_allocated() {
    for header in [
        &[0xdb, 0xff, 0xff, 0xff, 0xff][..], // str 32
        &[0xc6, 0xff, 0xff, 0xff, 0xff],     // bin 32
        &[0xdd, 0xff, 0xff, 0xff, 0xff],     // array 32
        &[0xdf, 0xff, 0xff, 0xff, 0xff],     // map 32
        &[0xda, 0xff, 0xff],
        &[0xa2, b'x'],
        &[0x92, 0xc0],
        &[0x81, 0xa0],
    ] {
        assert!(
            matches!(decode(header), Err(DecodeError::Overlong { at: 0, .. })),
            "{header:02x?}"
        );
    }
    assert_eq!(decode(&[0xa2, b'x', b'y']), Ok("xy".into()));
    assert_eq!(
        decode(&[0xa1, b'x', b'y']),
        Err(DecodeError::Trailing { left: 1 })
    );
}

#[test]
fn what_the_protocol_has_no_place_for_is_refused() {
    assert_eq!(decode(&[]), Err(DecodeError::Truncated { at: 0 }));
    assert_eq!(decode(&[0xcd, 0x01]), Err(DecodeError::Truncated { at: 0 }));
    assert_eq!(
        decode(&[0xc1]),
        Err(DecodeError::Unsupported {
            at: 0,
            marker: 0xc1
        })
    );
    for extension in [0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8] {
        let bytes = [extension, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(
            decode(&bytes),
            Err(DecodeError::Unsupported {
                at: 0,
                marker: extension
            })
        );
    }
    assert_eq!(decode(&[0xa1, 0xff]), Err(DecodeError::NotUtf8 { at: 0 }));
    assert_eq!(
        decode(&[0x81, 0x01, 0x01]),
        Err(DecodeError::KeyKind { at: 1 })
    );
    assert_eq!(
        decode(&[0x81, 0x91, 0xc0, 0x01]),
        Err(DecodeError::KeyKind { at: 1 })
    );
    assert_eq!(
        decode(&[0x81, 0xc4, 0x00, 0x01]),
        Err(DecodeError::KeyKind { at: 1 })
    );
    let twice = [0x82, 0xa1, b'k', 0x01, 0xa1, b'k', 0x02];
    assert_eq!(
        decode(&twice),
        Err(DecodeError::DuplicateKey {
            at: 0,
            key: "k".into()
        })
    );
}

#[test]
fn longer_forms_of_small_numbers_are_read() {
    for bytes in [
        &[0x07][..],
        &[0xcc, 7],
        &[0xcd, 0, 7],
        &[0xd0, 7],
        &[0xd2, 0, 0, 0, 7],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 7],
    ] {
        assert_eq!(decode(bytes), Ok(7.into()));
    }
    assert_eq!(decode(&[0xca, 0x3f, 0x80, 0, 0]), Ok(1.0.into()));
}

#[test]
fn text_and_bytes_are_borrowed() {
    let bytes = Value::from(vec![5_u8; 100]).encode().unwrap();
    let Value::Bin(Cow::Borrowed(inside)) = decode(&bytes).unwrap() else {
        panic!("copied")
    };
    assert_eq!(inside.as_ptr(), bytes[2..].as_ptr());
}

#[test]
fn a_request_is_a_map() {
    let refused = |bytes: &[u8]| {
        Arguments::decode(bytes, &DecodeLimits::default())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&[0xc0]),
        "the message is no request: it is not a map"
    );
    let arguments = Arguments::new().with("a", 1).with("a", 2);
    assert_eq!(arguments.iter().count(), 1);
    assert_eq!(arguments.get("a").and_then(Value::as_int), Some(2));
}

#[test]
fn a_response_is_one_of_two_shapes() {
    let limits = DecodeLimits::default();
    let decoded = |value: Value<'_>| {
        Response::decode(&value.encode().unwrap(), &limits)
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    let map = |entries: &[(&'static str, Value<'static>)]| {
        Value::Map(
            entries
                .iter()
                .cloned()
                .map(|(k, v)| (k.into(), v))
                .collect(),
        )
    };
    let good = map(&[("code", "image.too_large".into()), ("message", "".into())]);
    assert_eq!(decoded(map(&[("ok", Value::Nil)])), Ok(()));
    assert_eq!(decoded(map(&[("err", good.clone())])), Ok(()));
    for (bad, why) in [
        (Value::Nil, "one entry"),
        (map(&[]), "one entry"),
        (map(&[("ok", Value::Nil), ("err", good)]), "one entry"),
        (map(&[("OK", Value::Nil)]), "neither"),
        (map(&[("err", "no".into())]), "not a map"),
        (map(&[("err", map(&[("code", "a".into())]))]), "lacks"),
        (
            map(&[("err", map(&[("code", 1.into()), ("message", "".into())]))]),
            "err.code",
        ),
        (
            map(&[("err", map(&[("code", "A".into()), ("message", "".into())]))]),
            "err.code",
        ),
        (
            map(&[("err", map(&[("code", "".into()), ("message", "".into())]))]),
            "err.code",
        ),
        (
            map(&[("err", map(&[("code", "a".into()), ("message", 1.into())]))]),
            "err.message",
        ),
        (
            map(&[(
                "err",
                map(&[
                    ("code", "a".into()),
                    ("message", "".into()),
                    ("x", 1.into()),
                ]),
            )]),
            "unknown key",
        ),
    ] {
        let error = decoded(bad).unwrap_err();
        assert!(error.contains(why), "{error} lacks {why}");
    }
    let code = |len: usize| Response::err("c".repeat(len), "").encode().unwrap();
    assert!(Response::decode(&code(64), &limits).is_ok());
    assert!(Response::decode(&code(65), &limits).is_err());
}

#[test]
fn the_value_of_an_answer_can_be_read_by_serde() {
    let answer = Response::ok(Value::Map(vec![("width".into(), 3.into())]))
        .encode()
        .unwrap();
    let range = ok_value_bytes(&answer, &DecodeLimits::default())
        .unwrap()
        .unwrap();
    let read: std::collections::BTreeMap<String, u32> =
        rmp_serde::from_slice(&answer[range]).unwrap();
    assert_eq!(read["width"], 3);
}
