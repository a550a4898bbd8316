//! The real worker in a process of its own: this test binary, started again.

use super::*;

const ROLE: &str = "WARDIAN_TEST_IS_WORKER";

/// This test binary as a helper. Its runner writes to standard output, so the reply leaves through another descriptor.
fn worker(test: &str, before: &str) -> Helper {
    let exe = std::env::current_exe().unwrap();
    let text = format!(
        r#"exec 3>&1 >/dev/null; export {ROLE}=1; {before} "$0" --exact {test} --nocapture"#
    );
    Helper {
        program: "/bin/sh".into(),
        args: ["-c".into(), text.into(), exe.into()].into(),
    }
}

fn compile(job: &Job, module: &[u8]) -> Result<Vec<u8>, String> {
    let limit = |resource| rustix::process::getrlimit(resource).current;
    match job.engine["mode"].as_str().unwrap() {
        "reverse" => Ok(module.iter().rev().copied().collect()),
        "engine" => wasmtime::Engine::default()
            .precompile_module(module)
            .map_err(|error| error.to_string()),
        "refuse" => Err("no such opcode".to_owned()),
        "limits" => {
            use rustix::process::Resource;
            let limits = [
                Resource::Core,
                Resource::Nofile,
                Resource::Data,
                Resource::As,
                Resource::Cpu,
            ]
            .map(limit);
            Ok(serde_json::to_vec(&limits).unwrap())
        }
        "eat" => {
            let bytes = job.engine["bytes"].as_u64().unwrap();
            let eaten = vec![1u8; usize::try_from(bytes).unwrap()];
            Ok(eaten[eaten.len() - 1..].to_vec())
        }
        "panic" => panic!("a bug in the compiler"),
        "spin" => loop {
            std::hint::spin_loop();
        },
        other => panic!("unknown mode {other}"),
    }
}

fn serve_as_worker() -> bool {
    if std::env::var_os(ROLE).is_none() {
        return false;
    }
    let output = fs::OpenOptions::new()
        .write(true)
        .open("/dev/fd/3")
        .unwrap();
    let code = super::super::worker::serve(std::io::stdin(), output, compile);
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

#[test]
fn the_worker_limits_itself_and_compiles() {
    if serve_as_worker() {
        return;
    }
    let helper = worker(
        "helper::tests::worker::the_worker_limits_itself_and_compiles",
        "exec",
    );
    let run_mode = |engine| {
        let job = Job {
            engine,
            ..job(LONG)
        };
        run(
            &helper,
            &job,
            Bytes::from_static(b"module"),
            &CancelFlag::new(),
        )
    };
    assert_eq!(run_mode(json!({"mode": "reverse"})).unwrap(), b"eludom");
    let refused = run_mode(json!({"mode": "refuse"}));
    assert!(matches!(refused, Err(HelperError::Compile(text)) if text == "no such opcode"));

    let limits: Vec<u64> =
        serde_json::from_slice(&run_mode(json!({"mode": "limits"})).unwrap()).unwrap();
    let threads = std::thread::available_parallelism().unwrap().get() as u64;
    assert_eq!(limits, [0, 64, 128 * MIB, 1280 * MIB, 65 * threads]);

    assert_eq!(
        run_mode(json!({"mode": "eat", "bytes": 100 * MIB})).unwrap(),
        [1]
    );
    let starved = run_mode(json!({"mode": "eat", "bytes": 128 * MIB}));
    assert!(
        matches!(starved, Err(HelperError::Memory { max }) if max == 128 * MIB),
        "{starved:?}"
    );

    let panicked = run_mode(json!({"mode": "panic"}));
    let Err(HelperError::Failed { stderr, .. }) = panicked else {
        panic!("{panicked:?}");
    };
    assert!(stderr.contains("a bug in the compiler"), "{stderr}");
}

/// The worker is told to spin and its parent, a shell, is killed: the worker must go too.
#[cfg(target_os = "linux")]
#[test]
fn the_worker_dies_with_its_parent() {
    if serve_as_worker() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let pid_file = dir.path().join("pid");
    let mut helper = worker(
        "helper::tests::worker::the_worker_dies_with_its_parent",
        "exec 4<&0;",
    );
    let text = helper.args[1].to_str().unwrap().to_owned();
    helper.args[1] = format!(
        "{text} <&4 & echo $! > {}.new; mv {0}.new {0}; wait",
        pid_file.display()
    )
    .into();
    let mut parent = std::process::Command::new(&helper.program)
        .args(&helper.args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let stdin = parent.stdin.take().unwrap();
    let spinning = Job {
        engine: json!({"mode": "spin"}),
        ..job(LONG)
    };
    wire::write_request(&stdin, &serde_json::to_vec(&spinning).unwrap(), b"").unwrap();
    until(|| pid_file.exists());
    let limits = Path::new("/proc")
        .join(fs::read_to_string(&pid_file).unwrap().trim())
        .join("limits");
    // It has limited its memory, so it has long asked to die with its parent.
    until(|| fs::read_to_string(&limits).unwrap().contains("134217728"));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until(|| gone(&pid_file));
    drop(stdin);
}

/// The limits that the worker sets itself leave the real compiler, with its threads, what it needs.
#[test]
fn the_engine_compiles_within_the_workers_limits() {
    if serve_as_worker() {
        return;
    }
    let helper = worker(
        "helper::tests::worker::the_engine_compiles_within_the_workers_limits",
        "exec",
    );
    let body = "(func (export \"%\") (param i32) (result i32) local.get 0 i32.const 3 i32.mul)";
    let functions: String = (0..500)
        .map(|n| body.replace('%', &n.to_string()))
        .collect();
    let module = Bytes::from(wat::parse_str(format!("(module {functions})")).unwrap());
    let job = Job {
        engine: json!({"mode": "engine"}),
        artifact_bytes_max: 64 * MIB,
        ..job(LONG)
    };
    let artifact = run(&helper, &job, module.clone(), &CancelFlag::new()).unwrap();
    assert_eq!(
        wasmtime::Engine::detect_precompiled(&artifact),
        Some(wasmtime::Precompiled::Module)
    );
    let broken = run(
        &helper,
        &job,
        module.slice(..module.len() - 1),
        &CancelFlag::new(),
    );
    assert!(matches!(broken, Err(HelperError::Compile(_))), "{broken:?}");
}
