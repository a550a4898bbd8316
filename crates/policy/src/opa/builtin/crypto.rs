//! `crypto.*`: digests and keyed digests as lower-case hex.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};

use super::{Builtin, Said};
use crate::opa::term::Term;

pub(super) fn known(name: &str) -> Option<Builtin> {
    Some(match name {
        "crypto.md5" => |args, _| digest::<Md5>(args),
        "crypto.sha1" => |args, _| digest::<Sha1>(args),
        "crypto.sha256" => |args, _| digest::<Sha256>(args),
        "crypto.hmac.md5" => |args, _| keyed::<Hmac<Md5>>(args),
        "crypto.hmac.sha1" => |args, _| keyed::<Hmac<Sha1>>(args),
        "crypto.hmac.sha256" => |args, _| keyed::<Hmac<Sha256>>(args),
        "crypto.hmac.sha512" => |args, _| keyed::<Hmac<Sha512>>(args),
        "crypto.hmac.equal" => equal,
        _ => return None,
    })
}

fn digest<D: Digest>(args: &[Term]) -> Said {
    let [Term::String(text)] = args else {
        return Ok(None);
    };
    Ok(Some(HEXLOWER.encode(&D::digest(text)).into()))
}

fn keyed<M: Mac + KeyInit>(args: &[Term]) -> Said {
    let [Term::String(text), Term::String(key)] = args else {
        return Ok(None);
    };
    // A key of any length is taken.
    Ok(<M as KeyInit>::new_from_slice(key.as_bytes())
        .ok()
        .map(|mut mac| {
            mac.update(text.as_bytes());
            HEXLOWER.encode(&mac.finalize().into_bytes()).into()
        }))
}

/// In a time that says nothing of where the two differ.
fn equal(args: &[Term], _: u64) -> Said {
    let [Term::String(a), Term::String(b)] = args else {
        return Ok(None);
    };
    let differing = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    Ok(Some((a.len() == b.len() && differing == 0).into()))
}
