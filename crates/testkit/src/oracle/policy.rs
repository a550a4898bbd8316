//! Questions, policies' documents and what belongs to artifacts, of any bytes: refused in fit words, or read, written again and
//! read as the same; a decision is that of the contract's second statement.

use serde_json::Value;
use wardian_policy::artifact::{Lock, Signature, read_section, write_section};
use wardian_policy::opa::{BuiltinTable, Options, adapt, read_answer};
use wardian_policy::{Decision, Fixture, Input, LocalChecker, PolicyChecker, REASON_BYTES_MAX};

use super::said;
use crate::policy::judge;

/// Characters of a problem: a pointer and a text of the document, each cut, each character escaped at the worst.
const PROBLEM_CHARS_MAX: usize = 8_000;
/// What an error says of a lock file, all problems of it.
const LOCK_CHARS_MAX: usize = 2_000_000;

/// The first byte says what the rest is: a question and a document, a module, a lock file or a signature, an answer.
pub fn policy(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    match kind % 4 {
        0 => decided(rest),
        1 => artifact(rest),
        2 => written(rest),
        _ => answered(rest),
    }
}

/// The bytes up to the first zero are a question, the others a document.
fn decided(data: &[u8]) {
    let (question, document) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (data.get(..at), data.get(at + 1..)),
        None => (Some(data), Some(&b"{}"[..])),
    };
    let (question, document) = (question.unwrap_or_default(), document.unwrap_or_default());
    let input = Input::from_json(question);
    if let Err(problems) = &input {
        for problem in &problems.0 {
            said::is_fit(&problem.to_string(), PROBLEM_CHARS_MAX);
        }
    }
    let checker = match LocalChecker::from_json(document) {
        Ok(checker) => checker,
        Err(problems) => {
            assert!(!problems.0.is_empty(), "no problem, and no policy");
            for problem in &problems.0 {
                said::is_fit(&problem.to_string(), PROBLEM_CHARS_MAX);
            }
            return;
        }
    };
    let Ok(input) = input else {
        return;
    };
    let decision = checker.check_blocking(&input).to_json();
    // Without a member twice, of which a value knows nothing.
    let values = (
        serde_json::from_slice::<Value>(question),
        serde_json::from_slice::<Value>(document),
    );
    if let (Ok(question), Ok(document)) = values {
        assert_eq!(decision, judge(&question, &document));
    }
}

fn artifact(module: &[u8]) {
    if let Ok(meta) = read_section(module) {
        match write_section(module, &meta) {
            Ok(again) => {
                let found = read_section(&again);
                assert!(found.is_ok_and(|found| found == meta), "another section");
            }
            Err(error) => said::is_fit(&error.to_string(), PROBLEM_CHARS_MAX),
        }
    }
    match adapt(module, &Options::default()) {
        Ok(adapted) => assert!(adapt(&adapted, &Options::default()).is_ok() || !adapted.is_empty()),
        Err(problem) => lines_are_fit(&problem.to_string()),
    }
}

/// What says several things says each on a line.
fn lines_are_fit(text: &str) {
    for line in text.lines() {
        said::is_fit(line, LOCK_CHARS_MAX);
    }
}

fn written(text: &[u8]) {
    match Lock::from_json(text) {
        Ok(lock) => {
            let again = lock.to_json();
            let read = again.map(|again| Lock::from_json(again.as_bytes()));
            assert!(
                read.is_ok_and(|read| read.is_ok_and(|read| read == lock)),
                "another lock"
            );
        }
        Err(error) => lines_are_fit(&error.to_string()),
    }
    match Signature::from_json(text) {
        Ok(signature) => {
            let again = Signature::from_json(signature.to_json().as_bytes());
            assert!(again.is_ok(), "a signature is not read again");
        }
        Err(error) => said::is_fit(&error.to_string(), PROBLEM_CHARS_MAX),
    }
}

fn answered(text: &[u8]) {
    if let Some(reason) = read_answer(text).reason() {
        assert!((1..=REASON_BYTES_MAX).contains(&reason.len()), "{reason}");
    }
    if let Err(problem) = BuiltinTable::read(text) {
        lines_are_fit(&problem.to_string());
    }
    match Fixture::from_json("fixture", text) {
        Ok(fixture) => {
            let allows =
                LocalChecker::from_json(b"{}").map(|checker| fixture.ask_blocking(&checker));
            assert!(allows.is_ok_and(|said| matches!(said, Decision::Allow | Decision::Deny(_))));
        }
        Err(error) => said::is_fit(&error.to_string(), PROBLEM_CHARS_MAX),
    }
}
