//! `semver.compare` and `semver.is_valid`: versions by semver 2.0.

use std::cmp::Ordering;

use super::Said;
use crate::opa::term::Term;

/// Its numbers, and what comes before it is released.
struct Version<'v> {
    numbers: [u64; 3],
    before: Vec<&'v str>,
}

pub(super) fn is_valid(args: &[Term], _: u64) -> Said {
    let valid = matches!(args, [Term::String(text)] if read(text).is_some());
    Ok(Some(valid.into()))
}

pub(super) fn compare(args: &[Term], _: u64) -> Said {
    let [Term::String(a), Term::String(b)] = args else {
        return Ok(None);
    };
    let (Some(a), Some(b)) = (read(a), read(b)) else {
        return Ok(None);
    };
    Ok(Some(Term::from(match order(&a, &b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })))
}

/// As OPA reads them: a `v` before and nothing behind a sign are let pass.
fn read(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = parted(text, '+');
    let (text, before) = parted(text, '-');
    let numbers: Option<Vec<u64>> = text.split('.').map(|n| n.parse().ok()).collect();
    let of_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let before: Vec<&str> = before.map_or_else(Vec::new, |before| before.split('.').collect());
    let whole = build.is_none_or(|build| build.split('.').all(of_part));
    if !whole || !before.iter().all(|part| of_part(part)) {
        return None;
    }
    Some(Version {
        numbers: numbers?.try_into().ok()?,
        before,
    })
}

fn parted(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((text, "")) => (text, None),
        Some((text, rest)) => (text, Some(rest)),
        None => (text, None),
    }
}

/// A version before its release is less than the release.
fn order(a: &Version<'_>, b: &Version<'_>) -> Ordering {
    let numbers = a.numbers.cmp(&b.numbers);
    numbers.then_with(|| match (a.before.is_empty(), b.before.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => before(&a.before, &b.before),
    })
}

fn before(a: &[&str], b: &[&str]) -> Ordering {
    let parts = a.iter().zip(b).map(|(a, b)| part(a, b));
    let first = parts.into_iter().find(|order| order.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Numbers by value, and less than words.
fn part(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
