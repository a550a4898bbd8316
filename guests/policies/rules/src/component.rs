//! The same checker as a component: what the canonical ABI asks of a core module for the world `wardian:policy/policy`.
//!
//! Written by hand and not generated, since generated code writes to pages of its own: its result and its constructors'
//! mark. Here the question lies where the allocator puts it, and the answer beside it.

use std::alloc::{Layout, alloc as allocate, realloc as reallocate};
use std::mem::{MaybeUninit, offset_of, size_of};
use std::process::abort;
use std::ptr::{null_mut, without_provenance_mut};
use std::slice;
use std::str::{self, Utf8Error};

use wardian_rules::{Decision, Input, Resource};

use crate::exports::CHECKER;

/// `string`
#[repr(C)]
struct Text {
    ptr: *const u8,
    len: usize,
}

/// `option`, whose value is written only where there is one.
#[repr(C)]
struct Maybe<T> {
    is_some: u8,
    value: MaybeUninit<T>,
}

/// `record resource`
#[repr(C)]
struct Asked {
    kind: Text,
    id: Maybe<Text>,
    attributes: Maybe<Text>,
}

/// `record input`. The rules look at two of its members, so the others are only room here.
#[repr(C)]
pub struct Question {
    actor: [usize; 3],
    action: Text,
    resource: Maybe<Asked>,
    args_hash: [usize; 3],
    env: [usize; 4],
    timestamp_ns: u64,
}

/// `variant decision`
#[repr(C)]
pub struct Answer {
    is_deny: u8,
    reason: Text,
}

// As the canonical ABI lays out the types of `policy.wit`.
const _: () = {
    assert!(offset_of!(Question, action) == 12);
    assert!(offset_of!(Question, resource) == 20);
    assert!(offset_of!(Maybe<Asked>, value) == 4);
    assert!(offset_of!(Asked, id) == 8);
    assert!(offset_of!(Asked, attributes) == 20);
    assert!(offset_of!(Question, timestamp_ns) == 88);
    assert!(size_of::<Question>() == 96);
    assert!(offset_of!(Answer, reason) == 4);
};

/// Space for what the host brings, or more of it; a trap when there is none.
///
/// # Safety
/// Only the host calls this, as the canonical ABI says: `old` is none or what this gave for `old_size` and `align`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    size: usize,
) -> *mut u8 {
    if size == 0 {
        return without_provenance_mut(align);
    }
    let got = match Layout::from_size_align(old_size.max(size), align) {
        // SAFETY: the size is not zero.
        Ok(layout) if old_size == 0 => unsafe { allocate(layout) },
        // SAFETY: the caller's promise; both sizes are those of layouts with this alignment, and not zero.
        Ok(_) => unsafe {
            let layout = Layout::from_size_align_unchecked(old_size, align);
            reallocate(old, layout, size)
        },
        Err(_) => null_mut(),
    };
    if got.is_null() {
        abort();
    }
    got
}

/// `check: func(input: input) -> decision`
///
/// # Safety
/// Only the host calls this, with a question that it wrote as the canonical ABI says.
#[unsafe(export_name = "wardian:policy/checker@1.0.0#check")]
pub unsafe extern "C" fn check(question: &Question) -> Box<Answer> {
    // SAFETY: the caller's promise.
    let input = unsafe { input(question) };
    let reason = match (CHECKER.policy(), input) {
        (None, _) => Some("policy_unavailable"),
        (_, Err(_)) => Some("malformed_input"),
        (Some(policy), Ok(input)) => match policy.decide(&input) {
            Decision::Allow => None,
            Decision::Deny(reason) => Some(reason.code()),
        },
    };
    let text = reason.unwrap_or_default();
    Box::new(Answer {
        is_deny: u8::from(reason.is_some()),
        reason: Text {
            ptr: text.as_ptr(),
            len: text.len(),
        },
    })
}

/// # Safety
/// The question is what it says.
unsafe fn input(question: &Question) -> Result<Input<'_>, Utf8Error> {
    // SAFETY: the caller's promise.
    let (action, asked) = unsafe { (text(&question.action)?, some(&question.resource)) };
    // SAFETY: the same.
    let resource = asked.map(|asked| unsafe { resource(asked) }).transpose()?;
    Ok(Input {
        resource,
        ..Input::new(action, "", "")
    })
}

/// # Safety
/// The resource is what it says.
unsafe fn resource(asked: &Asked) -> Result<Resource<'_>, Utf8Error> {
    // SAFETY: the caller's promise.
    let (kind, id) = unsafe { (text(&asked.kind)?, some(&asked.id)) };
    // SAFETY: the same.
    let id = id.map(|id| unsafe { text(id) }).transpose()?;
    Ok(Resource {
        kind: kind.into(),
        id: id.map(Into::into),
        attributes: None,
    })
}

/// # Safety
/// Where it says so, the value was written.
unsafe fn some<T>(maybe: &Maybe<T>) -> Option<&T> {
    // SAFETY: the caller's promise.
    (maybe.is_some != 0).then(|| unsafe { maybe.value.assume_init_ref() })
}

/// # Safety
/// It has as many bytes as it says.
unsafe fn text(text: &Text) -> Result<&str, Utf8Error> {
    if text.len == 0 {
        return Ok("");
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { slice::from_raw_parts(text.ptr, text.len) };
    // The host has looked already; looking again costs less than trusting it would.
    str::from_utf8(bytes)
}
