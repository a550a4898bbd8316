//! Helpers that misbehave in every way we could think of.

mod worker;

use std::fs;
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use serde_json::json;

use super::parent::STDERR_BYTES_MAX;
use super::wire::{self, Reply, TEXT_BYTES_MAX, WireError};
use super::*;

const MIB: u64 = 1 << 20;
const LONG: Duration = Duration::from_secs(60);

fn job(time_max: Duration) -> Job {
    Job {
        engine: json!({"mode": "reverse"}),
        metering: Metering::Fuel,
        kind: Kind::Core,
        time_max,
        memory_bytes_max: 128 * MIB,
        module_bytes_max: 64 * MIB,
        artifact_bytes_max: 1000,
    }
}

/// A helper that is a shell script; `$1` is a directory of its own.
fn script(text: &str, dir: &Path) -> Helper {
    let args = ["-c".into(), text.into(), "helper".into(), dir.into()];
    Helper {
        program: "/bin/sh".into(),
        args: args.into(),
    }
}

fn run_script(text: &str, job: &Job) -> Result<Vec<u8>, HelperError> {
    let dir = tempfile::tempdir().unwrap();
    run(
        &script(text, dir.path()),
        job,
        Bytes::from_static(b"module"),
        &CancelFlag::new(),
    )
}

fn reply(status: u8, announced: u64) -> String {
    let octal: String = announced
        .to_le_bytes()
        .iter()
        .map(|byte| format!("\\{byte:03o}"))
        .collect();
    format!("cat >/dev/null; printf 'WRDNREP1\\{status:03o}{octal}'; ")
}

/// Ended; whether something has reaped it is not ours to say once its parent is gone.
fn gone(pid_file: &Path) -> bool {
    let pid = fs::read_to_string(pid_file).unwrap();
    match fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat")) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    }
}

fn until(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LONG, "it never happened");
        std::thread::yield_now();
    }
}

#[test]
fn an_artifact_and_a_refusal_come_back() {
    let job = job(LONG);
    assert_eq!(
        run_script(&format!("{} printf abc", reply(0, 3)), &job).unwrap(),
        b"abc"
    );
    assert_eq!(run_script(&reply(0, 0), &job).unwrap(), b"");
    let refused = run_script(&format!("{} printf 'bad opcode'", reply(1, 10)), &job);
    assert!(matches!(refused, Err(HelperError::Compile(text)) if text == "bad opcode"));
    let failed = run_script(
        &format!("{} printf 'no memory'; echo why >&2", reply(2, 9)),
        &job,
    );
    assert!(
        matches!(failed, Err(HelperError::Failed { how, stderr }) if how == "no memory" && stderr == "why\n")
    );
}

#[test]
fn an_artifact_has_two_sides() {
    let job = job(LONG);
    for len in [999, 1000] {
        let text = format!("{} head -c {len} /dev/zero", reply(0, len));
        assert_eq!(run_script(&text, &job).unwrap().len() as u64, len);
    }
    let text = format!("{} head -c 1001 /dev/zero", reply(0, 1001));
    let error = run_script(&text, &job).unwrap_err();
    let expected =
        "the compiler process gave no valid answer: artifact of 1001 bytes, allowed 1000 bytes";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_module_has_two_sides() {
    let dir = tempfile::tempdir().unwrap();
    let helper = script(&format!("{} printf abc", reply(0, 3)), dir.path());
    let job = Job {
        module_bytes_max: 6,
        ..job(LONG)
    };
    for (module, allowed) in [("12345", true), ("123456", true), ("1234567", false)] {
        let outcome = run(
            &helper,
            &job,
            Bytes::from_static(module.as_bytes()),
            &CancelFlag::new(),
        );
        assert_eq!(outcome.is_ok(), allowed);
        assert!(
            allowed
                || matches!(
                    outcome,
                    Err(HelperError::ModuleTooLarge { bytes: 7, max: 6 })
                )
        );
    }
}

#[test]
fn garbage_too_much_and_too_little_are_no_answer() {
    let job = job(LONG);
    let protocol = |text: &str| match run_script(text, &job) {
        Err(HelperError::Protocol { problem, .. }) => problem,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(
        protocol("echo this is no reply at all"),
        "it does not begin with \"WRDNREP1\""
    );
    assert_eq!(
        protocol("cat /dev/zero"),
        "it does not begin with \"WRDNREP1\""
    );
    assert_eq!(protocol(&reply(7, 0)), "unknown status 7");
    assert_eq!(
        protocol(&format!("{} printf abcd", reply(0, 3))),
        "bytes after the end of the reply"
    );
    assert_eq!(
        protocol(&format!("{} cat /dev/zero", reply(0, 3))),
        "bytes after the end of the reply"
    );
    let long = protocol(&format!("{} cat /dev/zero", reply(0, u64::MAX)));
    assert_eq!(
        long,
        format!("artifact of {} bytes, allowed 1000 bytes", u64::MAX)
    );
    let text = protocol(&format!(
        "{} cat /dev/zero",
        reply(1, TEXT_BYTES_MAX as u64 + 1)
    ));
    assert_eq!(text, "message of 65537 bytes, allowed 65536 bytes");
    let short = run_script(&format!("{} printf ab", reply(0, 3)), &job);
    assert!(matches!(short, Err(HelperError::Failed { how, .. }) if how == "exit status: 0"));
}

#[test]
fn endings_are_told_apart() {
    let job = job(LONG);
    let ends = |text: &str| run_script(text, &job).unwrap_err();
    let failed = ends("echo the reason >&2; exit 3");
    assert!(
        matches!(failed, HelperError::Failed { how, stderr } if how == "exit status: 3" && stderr == "the reason\n")
    );
    assert!(
        matches!(ends("kill -SEGV $$"), HelperError::Failed { how, .. } if how.contains("SIGSEGV"))
    );
    assert!(matches!(ends("kill -XCPU $$"), HelperError::Time { max } if max == LONG));
    assert!(matches!(ends("kill -KILL $$"), HelperError::Memory { max } if max == 128 * MIB));
    let aborted = ends("echo 'memory allocation of 5 bytes failed' >&2; kill -ABRT $$");
    assert!(matches!(aborted, HelperError::Memory { .. }));
    assert!(matches!(ends("kill -ABRT $$"), HelperError::Failed { .. }));
}

#[test]
fn a_program_that_is_missing_cannot_be_started() {
    let helper = Helper {
        program: "/nowhere/wardian".into(),
        args: Vec::new(),
    };
    let outcome = run(&helper, &job(LONG), Bytes::new(), &CancelFlag::new());
    assert!(matches!(outcome, Err(HelperError::Spawn { .. })));
}

#[test]
fn standard_error_is_kept_to_its_end_and_cleaned() {
    let text = "yes filler | head -c 3000000 >&2; printf '\\033[31mlast\\377 words\\n' >&2; exit 1";
    let Err(HelperError::Failed { stderr, .. }) = run_script(text, &job(LONG)) else {
        panic!("it passed");
    };
    assert!(
        stderr.ends_with("\u{fffd}[31mlast\u{fffd} words\n"),
        "{:?}",
        &stderr[stderr.len() - 40..]
    );
    assert!(stderr.chars().count() <= STDERR_BYTES_MAX);
}

/// Spins, sleeps, does not read a module that fills the pipe, hides behind a child: dead at the deadline, all of it.
#[test]
fn the_deadline_kills_the_whole_group() {
    let helpers = [
        "echo $$ > $1/pid; while :; do :; done",
        "echo $$ > $1/pid; exec sleep 1000",
        "sleep 1000 & echo $! > $1/pid; wait",
        "sleep 1000 & echo $! > $1/pid; cat > /dev/null; while :; do :; done",
    ];
    for text in helpers {
        let dir = tempfile::tempdir().unwrap();
        let time_max = Duration::from_millis(300);
        let start = Instant::now();
        let module = Bytes::from(vec![0; 4 << 20]);
        let outcome = run(
            &script(text, dir.path()),
            &job(time_max),
            module,
            &CancelFlag::new(),
        );
        assert!(
            matches!(outcome, Err(HelperError::Time { max }) if max == time_max),
            "{text}: {outcome:?}"
        );
        assert!(start.elapsed() >= time_max && start.elapsed() < Duration::from_secs(10));
        until(|| gone(&dir.path().join("pid")));
    }
}

#[test]
fn a_child_left_behind_by_a_helper_that_answered_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "sleep 1000 >/dev/null 2>&1 & echo $! > $1/pid; {} printf abc",
        reply(0, 3)
    );
    let artifact = run(
        &script(&text, dir.path()),
        &job(LONG),
        Bytes::new(),
        &CancelFlag::new(),
    );
    assert_eq!(artifact.unwrap(), b"abc");
    until(|| gone(&dir.path().join("pid")));
}

#[test]
fn a_helper_that_closes_its_output_and_stays_is_not_waited_for() {
    let start = Instant::now();
    let outcome = run_script("exec >&-; exec sleep 1000", &job(LONG));
    assert!(
        matches!(outcome, Err(HelperError::Protocol { problem, .. }) if problem.contains("closed its output"))
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn cancelling_kills_from_another_thread_and_by_dropping_a_guard() {
    for by_guard in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let helper = script(
            "echo $$ > $1/pid.new; mv $1/pid.new $1/pid; while :; do :; done",
            dir.path(),
        );
        let flag = CancelFlag::new();
        let runs = std::thread::spawn({
            let flag = flag.clone();
            move || run(&helper, &job(LONG), Bytes::new(), &flag)
        });
        until(|| dir.path().join("pid").exists());
        let start = Instant::now();
        if by_guard {
            drop(flag.on_drop())
        } else {
            flag.cancel()
        }
        assert!(matches!(runs.join().unwrap(), Err(HelperError::Cancelled)));
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(gone(&dir.path().join("pid")));
    }
}

#[test]
fn a_flag_that_is_set_starts_nothing_and_a_disarmed_guard_sets_none() {
    let dir = tempfile::tempdir().unwrap();
    let helper = script(&format!("touch $1/ran; {}", reply(0, 0)), dir.path());
    let flag = CancelFlag::new();
    flag.on_drop().disarm();
    assert!(!flag.is_cancelled());
    flag.cancel();
    let outcome = run(&helper, &job(LONG), Bytes::new(), &flag);
    assert!(matches!(outcome, Err(HelperError::Cancelled)));
    assert!(!dir.path().join("ran").exists());
}

#[test]
fn frames_come_back_as_they_were_and_end_where_they_are_cut() {
    let job = job(LONG);
    let mut request = Vec::new();
    wire::write_request(&mut request, &serde_json::to_vec(&job).unwrap(), b"module").unwrap();
    let read = |mut bytes: &[u8], max| -> Result<(Job, Vec<u8>), WireError> {
        let job = wire::read_job(&mut bytes)?;
        Ok((job, wire::read_module(&mut bytes, max)?))
    };
    assert_eq!(read(&request, 6).unwrap(), (job, b"module".to_vec()));
    assert!(matches!(
        read(&request, 5),
        Err(WireError::TooLong {
            bytes: 6,
            max: 5,
            ..
        })
    ));
    for len in 0..request.len() {
        assert!(
            matches!(read(&request[..len], 6), Err(WireError::Early)),
            "cut at {len}"
        );
    }
    for sent in [
        Reply::Artifact(b"abc".to_vec()),
        Reply::Refused("é".repeat(9)),
        Reply::Failed(String::new()),
    ] {
        let mut bytes = Vec::new();
        wire::write_reply(&mut bytes, &sent).unwrap();
        assert_eq!(wire::read_reply(bytes.as_slice(), 3).unwrap(), sent);
        for len in 0..bytes.len() {
            assert!(
                matches!(wire::read_reply(&bytes[..len], 3), Err(WireError::Early)),
                "cut at {len}"
            );
        }
    }
    let mut long = Vec::new();
    wire::write_reply(&mut long, &Reply::Refused("é".repeat(TEXT_BYTES_MAX))).unwrap();
    assert!(
        matches!(wire::read_reply(long.as_slice(), 3), Ok(Reply::Refused(text)) if text.len() == TEXT_BYTES_MAX)
    );
}

#[test]
fn a_job_has_two_sides() {
    let frame = |json: &[u8]| {
        let mut bytes = Vec::new();
        wire::write_request(&mut bytes, json, b"").unwrap();
        wire::read_job(bytes.as_slice())
    };
    let mut json = serde_json::to_vec(&job(LONG)).unwrap();
    json.resize(wire::JOB_BYTES_MAX, b' ');
    assert!(frame(&json).is_ok());
    json.push(b' ');
    assert!(matches!(
        frame(&json),
        Err(WireError::TooLong {
            bytes: 65537,
            max: 65536,
            ..
        })
    ));
    assert!(matches!(frame(b"{}"), Err(WireError::Job(_))));
    let huge = Job {
        engine: json!("x".repeat(wire::JOB_BYTES_MAX)),
        ..job(LONG)
    };
    let outcome = run(
        &script("exit 0", Path::new("/")),
        &huge,
        Bytes::new(),
        &CancelFlag::new(),
    );
    assert!(
        matches!(outcome, Err(HelperError::Protocol { problem, .. }) if problem.starts_with("job of"))
    );
}
