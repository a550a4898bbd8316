//! What only happens where somebody else holds what a command needs.

use std::time::Duration;

use clap::Parser as _;
use wardian_sandbox::Call;

use super::*;
use crate::guest::Ready;
use crate::settings::{Command, Line};

/// A command makes no more calls at once than its pool has room for. Here somebody else has its only slot.
#[test]
fn exit_13_is_no_room() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let module = folder.path().join("quiet.wat");
    std::fs::write(&module, r#"(module (func (export "run")))"#).expect("a file of our own");
    let module = module.to_str().expect("a plain name");
    let line =
        "wardian --no-cache --compiler in-process --pool 1 call MODULE run --limit deadline=5ms";
    let line = line.split(' ').map(|word| word.replace("MODULE", module));
    let line = Line::parse_from(line);
    let Command::Call(args) = &line.command else {
        panic!("it is a call");
    };
    let (settings, interrupt) = (&line.settings, Interrupt::default());
    let (counted, ready) = Ready::open(&args.module, "run", &args.how, false, settings, &interrupt)
        .expect("a good module");
    let long = || Call::values("run", []).deadline(Duration::from_secs(60));
    let mut held = ready.linked.session();
    held.call_blocking(long()).result.expect("the only slot");

    let request = ready.request(&[], &[]).expect("nothing to give");
    let error = ready.call(&counted, request).expect_err("no slot is left");
    let verdict = Verdict::of(&error, false);
    assert_eq!(
        (verdict.exit, verdict.code.as_str(), verdict.blame),
        (13, "busy", Blame::Operator)
    );
    insta::assert_snapshot!(verdict.text(&error), @r"
    error: `run` of `quiet`: sandbox is busy
    hint: raise `--pool`, give it more time by `--limit deadline=…`, or call again later
    ");

    drop(held);
    let free = ready.linked.call_blocking(long());
    free.result.expect("the slot is back");
}
