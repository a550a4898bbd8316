//! Values that cross the wall without a contract of bytes: core values and component values.

use bytes::Bytes;
use wasmtime::component::Val as ComponentVal;

/// A core value, or a value of the component model.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    missing_docs,
    reason = "the variants are the component model's own types"
)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    Bool(bool),
    S8(i8),
    U8(u8),
    S16(i16),
    U16(u16),
    S32(i32),
    U32(u32),
    S64(i64),
    U64(u64),
    Char(char),
    String(String),
    /// `list<u8>`
    Bytes(Bytes),
    List(Vec<Value>),
    Record(Vec<(String, Value)>),
    Tuple(Vec<Value>),
    Variant(String, Option<Box<Value>>),
    Enum(String),
    Option(Option<Box<Value>>),
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    Flags(Vec<String>),
}

impl Value {
    /// The core value, if it is one.
    pub(crate) fn to_core(&self) -> Option<wasmtime::Val> {
        Some(match *self {
            Value::I32(v) => wasmtime::Val::I32(v),
            Value::I64(v) => wasmtime::Val::I64(v),
            Value::F32(v) => wasmtime::Val::F32(v.to_bits()),
            Value::F64(v) => wasmtime::Val::F64(v.to_bits()),
            _ => return None,
        })
    }

    /// From a core value; references and vectors have no value here.
    pub(crate) fn from_core(val: &wasmtime::Val) -> Option<Value> {
        Some(match *val {
            wasmtime::Val::I32(v) => Value::I32(v),
            wasmtime::Val::I64(v) => Value::I64(v),
            wasmtime::Val::F32(v) => Value::F32(f32::from_bits(v)),
            wasmtime::Val::F64(v) => Value::F64(f64::from_bits(v)),
            _ => return None,
        })
    }

    /// The component value of the same shape. Core integers are taken as `s32` and `s64`.
    pub(crate) fn to_component(&self) -> ComponentVal {
        let boxed = |v: &Option<Box<Value>>| v.as_ref().map(|v| Box::new(v.to_component()));
        match self {
            Value::I32(v) | Value::S32(v) => ComponentVal::S32(*v),
            Value::I64(v) | Value::S64(v) => ComponentVal::S64(*v),
            Value::F32(v) => ComponentVal::Float32(*v),
            Value::F64(v) => ComponentVal::Float64(*v),
            Value::Bool(v) => ComponentVal::Bool(*v),
            Value::S8(v) => ComponentVal::S8(*v),
            Value::U8(v) => ComponentVal::U8(*v),
            Value::S16(v) => ComponentVal::S16(*v),
            Value::U16(v) => ComponentVal::U16(*v),
            Value::U32(v) => ComponentVal::U32(*v),
            Value::U64(v) => ComponentVal::U64(*v),
            Value::Char(v) => ComponentVal::Char(*v),
            Value::String(v) => ComponentVal::String(v.clone()),
            Value::Bytes(v) => ComponentVal::List(v.iter().map(|b| ComponentVal::U8(*b)).collect()),
            Value::List(v) => ComponentVal::List(v.iter().map(Value::to_component).collect()),
            Value::Record(v) => ComponentVal::Record(
                v.iter()
                    .map(|(k, v)| (k.clone(), v.to_component()))
                    .collect(),
            ),
            Value::Tuple(v) => ComponentVal::Tuple(v.iter().map(Value::to_component).collect()),
            Value::Variant(name, v) => ComponentVal::Variant(name.clone(), boxed(v)),
            Value::Enum(name) => ComponentVal::Enum(name.clone()),
            Value::Option(v) => ComponentVal::Option(boxed(v)),
            Value::Result(Ok(v)) => ComponentVal::Result(Ok(boxed(v))),
            Value::Result(Err(v)) => ComponentVal::Result(Err(boxed(v))),
            Value::Flags(v) => ComponentVal::Flags(v.clone()),
        }
    }

    /// From a component value; resources, futures, streams and maps have no value here.
    pub(crate) fn from_component(val: ComponentVal) -> Option<Value> {
        let boxed = |v: Option<Box<ComponentVal>>| match v {
            None => Some(None),
            Some(v) => Value::from_component(*v).map(|v| Some(Box::new(v))),
        };
        let all = |v: Vec<ComponentVal>| {
            v.into_iter()
                .map(Value::from_component)
                .collect::<Option<Vec<_>>>()
        };
        Some(match val {
            ComponentVal::Bool(v) => Value::Bool(v),
            ComponentVal::S8(v) => Value::S8(v),
            ComponentVal::U8(v) => Value::U8(v),
            ComponentVal::S16(v) => Value::S16(v),
            ComponentVal::U16(v) => Value::U16(v),
            ComponentVal::S32(v) => Value::S32(v),
            ComponentVal::U32(v) => Value::U32(v),
            ComponentVal::S64(v) => Value::S64(v),
            ComponentVal::U64(v) => Value::U64(v),
            ComponentVal::Float32(v) => Value::F32(v),
            ComponentVal::Float64(v) => Value::F64(v),
            ComponentVal::Char(v) => Value::Char(v),
            ComponentVal::String(v) => Value::String(v),
            ComponentVal::List(v) => list(v)?,
            ComponentVal::Record(v) => Value::Record(
                v.into_iter()
                    .map(|(k, v)| Value::from_component(v).map(|v| (k, v)))
                    .collect::<Option<Vec<_>>>()?,
            ),
            ComponentVal::Tuple(v) => Value::Tuple(all(v)?),
            ComponentVal::Variant(name, v) => Value::Variant(name, boxed(v)?),
            ComponentVal::Enum(name) => Value::Enum(name),
            ComponentVal::Option(v) => Value::Option(boxed(v)?),
            ComponentVal::Result(Ok(v)) => Value::Result(Ok(boxed(v)?)),
            ComponentVal::Result(Err(v)) => Value::Result(Err(boxed(v)?)),
            ComponentVal::Flags(v) => Value::Flags(v),
            _ => return None,
        })
    }
}

/// A list of bytes is `Bytes`; an empty list of anything is an empty `Bytes` too, for its type is not in the value.
fn list(vals: Vec<ComponentVal>) -> Option<Value> {
    let bytes: Option<Vec<u8>> = vals
        .iter()
        .map(|v| {
            if let ComponentVal::U8(b) = v {
                Some(*b)
            } else {
                None
            }
        })
        .collect();
    if let Some(bytes) = bytes {
        return Some(Value::Bytes(bytes.into()));
    }
    vals.into_iter()
        .map(Value::from_component)
        .collect::<Option<Vec<_>>>()
        .map(Value::List)
}
