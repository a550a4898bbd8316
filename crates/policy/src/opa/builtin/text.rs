//! `strings.*`, `indexof_n`, `sprintf`, `numbers.range_step`.

use super::{Builtin, Said, format, within};
use crate::opa::term::Term;

/// Numbers that a range may have.
const RANGE_MAX: usize = 10_000;
/// Pairs of texts that may be compared.
const PAIRS_MAX: usize = 1_000_000;

pub(super) fn known(name: &str) -> Option<Builtin> {
    Some(match name {
        "sprintf" => format::sprintf,
        "strings.any_prefix_match" => |args, _| any(args, |of, with| of.starts_with(with)),
        "strings.any_suffix_match" => |args, _| any(args, |of, with| of.ends_with(with)),
        "strings.count" => count,
        "indexof_n" => indexof_n,
        "numbers.range_step" => range_step,
        _ => return None,
    })
}

fn any(args: &[Term], is: fn(&str, &str) -> bool) -> Said {
    let [of, with] = args else {
        return Ok(None);
    };
    Ok(match (texts(of), texts(with)) {
        (Some(of), Some(with)) => {
            within("list", of.len() * with.len(), PAIRS_MAX)?;
            let found = of.iter().any(|of| with.iter().any(|with| is(of, with)));
            Some(found.into())
        }
        _ => None,
    })
}

/// One text, or those of a list or a set.
fn texts(term: &Term) -> Option<Vec<&str>> {
    match term {
        Term::String(text) => Some(vec![text]),
        other => other.as_items()?.iter().map(Term::as_str).collect(),
    }
}

fn count(args: &[Term], _: u64) -> Said {
    let [Term::String(text), Term::String(part)] = args else {
        return Ok(None);
    };
    let count = match part.as_str() {
        "" => text.chars().count() + 1,
        part => text.matches(part).count(),
    };
    Ok(Some(number(count)))
}

/// Where a text is in another, in characters, overlapping.
fn indexof_n(args: &[Term], _: u64) -> Said {
    let [Term::String(text), Term::String(part)] = args else {
        return Ok(None);
    };
    if part.is_empty() {
        return Ok(None);
    }
    let found = text
        .char_indices()
        .enumerate()
        .filter(|(_, (byte, _))| text.get(*byte..).is_some_and(|rest| rest.starts_with(part)))
        .map(|(index, _)| number(index));
    Ok(Some(Term::Array(found.collect())))
}

fn range_step(args: &[Term], _: u64) -> Said {
    let numbers: Option<Vec<i64>> = args.iter().map(Term::as_i64).collect();
    let Some([from, to, step]) = numbers
        .as_deref()
        .and_then(|n| <[i64; 3]>::try_from(n).ok())
    else {
        return Ok(None);
    };
    if step <= 0 {
        return Ok(None);
    }
    let length = usize::try_from(from.abs_diff(to) / step.unsigned_abs()).unwrap_or(usize::MAX);
    within("range", length, RANGE_MAX)?;
    let step = if from <= to { step } else { -step };
    let next = |n: &i64| {
        n.checked_add(step)
            .filter(|n| (*n <= to) == (from <= to) || *n == to)
    };
    let numbers = std::iter::successors(Some(from), next);
    Ok(Some(Term::Array(numbers.map(Term::from).collect())))
}

fn number(count: usize) -> Term {
    Term::Number(count.to_string())
}
