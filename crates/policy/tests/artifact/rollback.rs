//! Rolling back: steps, digests, and sequences against a model.

use proptest::prelude::*;
use wardian_policy::artifact::{Digest, HISTORY_MAX, Lock, Proof, To, VersionChange};

use crate::{artifact, digest, moment, name};

fn pinned(versions: &[&str]) -> Lock {
    let mut lock = Lock::default();
    for version in versions {
        let artifact = artifact(version);
        lock.pin(&name("a"), &artifact, Proof::Unsigned, moment(0))
            .unwrap();
    }
    lock
}

fn versions(lock: &Lock) -> Vec<String> {
    let (_, policy) = lock.list().next().unwrap();
    let pins = std::iter::once(policy.active()).chain(policy.history());
    pins.map(|pin| pin.version.to_string()).collect()
}

#[test]
fn steps_go_back_and_never_forth() {
    let mut lock = pinned(&["1", "2", "3", "4"]);
    let policy = name("a");
    let back = |lock: &mut Lock, steps: usize| {
        lock.rollback(&policy, &To::Steps(steps))
            .map(|change| change.version())
            .map_err(|error| error.code())
    };
    assert_eq!(versions(&lock), ["4", "3", "2", "1"]);
    assert_eq!(back(&mut lock, 0), Err("artifact.history_too_short"));
    assert_eq!(back(&mut lock, 4), Err("artifact.history_too_short"));
    assert_eq!(
        back(&mut lock, usize::MAX),
        Err("artifact.history_too_short")
    );
    assert_eq!(versions(&lock), ["4", "3", "2", "1"]);
    assert_eq!(back(&mut lock, 1), Ok(VersionChange::Downgrade));
    assert_eq!(versions(&lock), ["3", "2", "1"]);
    assert_eq!(back(&mut lock, 2), Ok(VersionChange::Downgrade));
    assert_eq!(versions(&lock), ["1"]);
    assert_eq!(back(&mut lock, 1), Err("artifact.history_too_short"));
    let error = lock.rollback(&name("b"), &To::Steps(1)).unwrap_err();
    assert_eq!(error.code(), "artifact.not_pinned");
}

#[test]
fn a_digest_goes_back_to_its_newest_pin() {
    let mut lock = pinned(&["1", "2", "1", "3"]);
    let to = |version: &str| To::Digest(*artifact(version).digest());
    let policy = name("a");
    let candidate = lock.candidate(&policy, &to("1")).unwrap();
    assert_eq!(candidate.version.as_str(), "1");
    for elsewhere in [to("3"), To::Digest(digest("nothing"))] {
        let error = lock.rollback(&policy, &elsewhere).unwrap_err();
        assert_eq!(error.code(), "artifact.not_in_history");
    }
    lock.rollback(&policy, &to("1")).unwrap();
    assert_eq!(versions(&lock), ["1", "2", "1"]);
    lock.rollback(&policy, &to("2")).unwrap();
    assert_eq!(versions(&lock), ["2", "1"]);
}

#[derive(Clone, Debug)]
enum Step {
    Pin(u8),
    Back(usize),
    BackTo(u8),
    Reread,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_u8).prop_map(Step::Pin),
        2 => (0..5_usize).prop_map(Step::Back),
        2 => (0..6_u8).prop_map(Step::BackTo),
        1 => Just(Step::Reread),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_sequence_is_as_a_stack_has_it(steps in proptest::collection::vec(step(), 1..300)) {
        let digests: Vec<Digest> = (0..6).map(|n| *artifact(&n.to_string()).digest()).collect();
        let mut lock = pinned(&["0"]);
        // The newest last.
        let mut model = vec![0_u8];
        let policy = name("a");
        for step in steps {
            match step {
                Step::Pin(n) => {
                    let artifact = artifact(&n.to_string());
                    let change = lock.pin(&policy, &artifact, Proof::Unsigned, moment(1)).unwrap();
                    prop_assert_eq!(change.is_change(), model.last() != Some(&n));
                    if change.is_change() {
                        model.push(n);
                        model.drain(..model.len().saturating_sub(HISTORY_MAX + 1));
                    }
                }
                Step::Back(steps) => {
                    let is_possible = steps > 0 && steps < model.len();
                    let done = lock.rollback(&policy, &To::Steps(steps));
                    prop_assert_eq!(done.is_ok(), is_possible);
                    if is_possible {
                        model.truncate(model.len() - steps);
                    }
                }
                Step::BackTo(n) => {
                    let before = &model[..model.len() - 1];
                    let found = before.iter().rposition(|pin| *pin == n);
                    let to = To::Digest(digests[usize::from(n)]);
                    prop_assert_eq!(lock.rollback(&policy, &to).is_ok(), found.is_some());
                    model.truncate(found.map_or(model.len(), |at| at + 1));
                }
                Step::Reread => {
                    lock = Lock::from_json(lock.to_json().unwrap().as_bytes()).unwrap();
                }
            }
            let expected: Vec<String> = model.iter().rev().map(ToString::to_string).collect();
            prop_assert_eq!(versions(&lock), expected);
        }
    }
}
