//! Guests in the place of the sheet guest that answer every request with bytes of the test's choice, and honest answers
//! to change.
#![allow(dead_code)] // Each test binary uses a part of it.

use futures_lite::future::block_on;
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::{Blame, Sandbox, SandboxConfig, Source};
use wardian_service::ServiceError;
use wardian_service::sheet::Sheets;

/// Two columns, three rows.
pub const FILE: &[u8] = b"name,value\nfirst,1.5\nsecond,2024-02-29\n";

/// A guest that answers every request with these bytes.
pub fn answering(sandbox: &Sandbox, answer: &[u8]) -> Sheets {
    let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let packed = (65_536_u64 << 32) | answer.len() as u64;
    let text = format!(
        "(module (memory (export \"memory\") 4) (data (i32.const 65536) \"{data}\")
           (func (export \"alloc\") (param i32) (result i32) (i32.const 1024))
           (func (export \"list\") (export \"parse\") (param i32 i32) (result i64) (i64.const {packed})))"
    );
    let source = Source::new("liar", wat::parse_str(text).unwrap());
    block_on(Sheets::load_from(sandbox, source)).unwrap()
}

pub fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// What the real guest answers.
pub fn honest(function: &str, arguments: Arguments<'_>) -> Value<'static> {
    let request = arguments.with("file", FILE).encode().unwrap();
    let answer = wardian_guest_sheet::call(function, &request);
    match Response::decode(&answer, &DecodeLimits::default()).unwrap() {
        Response::Ok(value) => value.into_owned(),
        Response::Err(error) => panic!("{error:?}"),
    }
}

pub fn field<'v>(value: &'v mut Value<'static>, name: &str) -> &'v mut Value<'static> {
    let Value::Map(entries) = value else { panic!() };
    let entry = entries.iter_mut().find(|(key, _)| key == name);
    &mut entry.unwrap_or_else(|| panic!("no `{name}`")).1
}

pub fn first_sheet<'v>(value: &'v mut Value<'static>) -> &'v mut Value<'static> {
    let Value::Array(sheets) = field(value, "sheets") else {
        panic!()
    };
    &mut sheets[0]
}

pub fn set(value: &mut Value<'static>, name: &str, to: impl Into<Value<'static>>) {
    *field(value, name) = to.into();
}

pub fn body<'v>(value: &'v mut Value<'static>) -> &'v mut Vec<u8> {
    match field(value, "body") {
        Value::Bin(bytes) => bytes.to_mut(),
        _ => panic!(),
    }
}

/// The answer is refused as a broken contract of the guest, and says why.
pub fn refused<T>(name: &str, answer: Result<T, ServiceError>, why: &str) {
    let Err(error) = answer else {
        panic!("{name} was believed")
    };
    assert_eq!(
        (error.code(), error.blame()),
        ("contract", Blame::Guest),
        "{name}: {error}"
    );
    let said = error.to_string();
    assert!(said.contains(why), "{name}: {said}");
}
