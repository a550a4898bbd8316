//! Loading: in this process and in a helper that can be killed, what a compile bomb costs, and what is refused with
//! which words.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use guests::{
    PATIENCE, TOOLS, Worker, call, ending, guest_on, int, no_deadlock, sandbox, sandbox_with, wasm,
};
use wardian_sandbox::{
    Binding, Blame, Call, Compiler, Contract, Cpu, LoadError, ModuleKind, Problem, Source,
    Strategy, Value,
};

fn main() -> ExitCode {
    guests::main_with_worker(&[
        (
            "the_helper_compiles_what_this_process_would",
            the_helper_compiles_what_this_process_would,
        ),
        (
            "a_compile_bomb_costs_its_own_deadline",
            a_compile_bomb_costs_its_own_deadline,
        ),
        (
            "a_compile_bomb_costs_its_own_memory",
            a_compile_bomb_costs_its_own_memory,
        ),
        (
            "a_helper_that_is_not_there_is_the_hosts_fault",
            a_helper_that_is_not_there_is_the_hosts_fault,
        ),
        (
            "a_helper_that_answers_nonsense_is_the_hosts_fault",
            a_helper_that_answers_nonsense_is_the_hosts_fault,
        ),
        (
            "what_is_off_is_refused_in_words",
            what_is_off_is_refused_in_words,
        ),
        ("what_is_on_is_loaded", what_is_on_is_loaded),
        ("what_is_no_module_is_refused", what_is_no_module_is_refused),
        (
            "all_that_is_too_large_is_told_at_once",
            all_that_is_too_large_is_told_at_once,
        ),
        (
            "all_that_cannot_be_linked_is_told_at_once",
            all_that_cannot_be_linked_is_told_at_once,
        ),
        (
            "what_makes_linking_expensive_is_bounded",
            what_makes_linking_expensive_is_bounded,
        ),
    ])
}

const COMPONENT: &str = r#"(component
    (core module $m (func (export "seven") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func (export "seven") (result s32) (canon lift (core func $i "seven"))))"#;

fn the_helper_compiles_what_this_process_would() {
    let worker = Worker::new();
    let sandbox = sandbox_with(|c| c.compiler = worker.compiler());
    for cpu in [Cpu::default(), Cpu::Time] {
        let tools = guest_on(&sandbox, TOOLS, cpu);
        assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
        let outcome = tools.call_blocking(Call::bytes("echo", "hello"));
        assert_eq!(outcome.result.expect("answers").bytes(), b"hello");
        let component = guest_on(&sandbox, COMPONENT, cpu);
        assert_eq!(component.module().kind(), ModuleKind::Component);
        let outcome = component.call_blocking(Call::values("seven", []));
        assert_eq!(outcome.result.expect("answers").values(), [Value::S32(7)]);
    }
    assert_eq!(worker.starts(), 4);
    // The same settings make the same code: it costs the same.
    let here = guest_on(&guests::sandbox(), TOOLS, Cpu::default());
    let there = guest_on(&sandbox, TOOLS, Cpu::default());
    let fuel = |l: &wardian_sandbox::Linked<()>| l.call_blocking(call("count", &[999])).usage.fuel;
    assert_eq!(fuel(&here), fuel(&there));
}

/// Takes far longer to compile than the deadline of whoever loads it.
fn bomb(functions: usize) -> Vec<u8> {
    let body =
        "(local.set 0 (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.load (local.get 0))))";
    let function = format!(
        "(func (param i32) (result i32) {} (local.get 0))",
        body.repeat(30)
    );
    wasm(&format!(
        "(module (memory 1) {})",
        function.repeat(functions)
    ))
}

fn a_compile_bomb_costs_its_own_deadline() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.load.compile_time_max = Duration::from_millis(1500);
        });
        let bomb = bomb(8000);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let loader = sandbox.clone();
        let begun = Instant::now();
        let bombed =
            runtime.spawn(async move { loader.load(Source::new("bomb", bomb)).await.map(|_| ()) });
        let neighbour = guest_on(&sandbox, TOOLS, Cpu::default());
        assert_eq!(int(neighbour.call_blocking(call("seven", &[]))), 7);
        let error = runtime
            .block_on(bombed)
            .expect("no panic")
            .expect_err("it takes too long");
        assert_eq!(error.code(), "limit.compile_time", "{error}");
        assert!(begun.elapsed() >= Duration::from_millis(1500) && begun.elapsed() < PATIENCE / 2);
        assert_eq!(
            error.to_string(),
            "module passes its compile time limit: asked 1501 ms, allowed 1500 ms"
        );
    });
}

fn a_compile_bomb_costs_its_own_memory() {
    no_deadlock(|| {
        let worker = Worker::new();
        let sandbox = sandbox_with(|c| {
            c.compiler = worker.compiler();
            c.load.compile_memory_bytes_max = 32 << 20;
        });
        let error = sandbox
            .load_blocking(Source::new("bomb", bomb(8000)))
            .expect_err("too much");
        assert_eq!(error.code(), "limit.compile_memory", "{error}");
        let neighbour = guest_on(&sandbox, TOOLS, Cpu::default());
        assert_eq!(int(neighbour.call_blocking(call("seven", &[]))), 7);
    });
}

fn a_helper_that_is_not_there_is_the_hosts_fault() {
    let sandbox = sandbox_with(|c| {
        c.compiler = Compiler::Helper {
            path: "/nonexistent/compiler".into(),
            args: vec![],
        };
    });
    let error = sandbox
        .load_blocking(Source::new("test", wasm(TOOLS)))
        .expect_err("no compiler");
    assert_eq!(
        (error.code(), error.blame()),
        ("load.compiler", Blame::Host)
    );
    assert!(
        error.to_string().contains("/nonexistent/compiler"),
        "{error}"
    );
}

fn a_helper_that_answers_nonsense_is_the_hosts_fault() {
    for script in [
        "exit 3",
        "cat > /dev/null; echo WRDNREP1",
        "cat > /dev/null; cat /dev/zero",
    ] {
        let sandbox = sandbox_with(|c| {
            c.compiler = Compiler::Helper {
                path: "/bin/sh".into(),
                args: vec!["-c".into(), format!("PATH=/bin:/usr/bin; {script}").into()],
            };
        });
        let error = sandbox
            .load_blocking(Source::new("test", wasm(TOOLS)))
            .expect_err("nonsense");
        assert_eq!(error.code(), "load.compiler", "{script}: {error}");
    }
}

/// A proposal that is off, a module that uses it, and a word of the refusal.
const OFF: [(&str, &str, &str); 15] = [
    ("memory64", "(module (memory i64 1))", "memory64"),
    ("threads", "(module (memory 1 1 shared))", "threads"),
    (
        "atomics",
        "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))",
        "threads",
    ),
    ("gc", "(module (type (struct (field i32))))", "gc"),
    // Reference types are on for functions; host references would need the engine's collector.
    ("host references", "(module (table 1 externref))", "gc"),
    (
        "function references",
        "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))",
        "function references",
    ),
    (
        "exceptions",
        "(module (tag $e) (func (throw $e)))",
        "exceptions",
    ),
    (
        "legacy exceptions",
        "(module (func try catch_all end))",
        "exceptions",
    ),
    (
        "stack switching",
        "(module (type $f (func)) (type (cont $f)))",
        "stack switching",
    ),
    (
        "custom page sizes",
        "(module (memory 1 (pagesize 1)))",
        "custom page sizes",
    ),
    (
        "wide arithmetic",
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))",
        "wide arithmetic",
    ),
    (
        "interface types",
        "(module (@custom \"wasm-interface-types\" \"\"))",
        "interface types",
    ),
    (
        "interface types in a part",
        "(component (core module (@custom \"webidl-bindings\" \"\")))",
        "interface types",
    ),
    (
        "component model async",
        "(component (type (future u8)) (import \"f\" (func (param \"x\" (future u8)))))",
        "async",
    ),
    (
        "component model values",
        "(component (import \"v\" (value u8)))",
        "`value`s",
    ),
];

fn what_is_off_is_refused_in_words() {
    let worker = Worker::new();
    for compiler in [Compiler::InProcess, worker.compiler()] {
        let sandbox = sandbox_with(|c| c.compiler = compiler);
        for (name, wat, word) in OFF {
            let error = sandbox.load_blocking(Source::new(name, wasm(wat))).err();
            let error = error.unwrap_or_else(|| panic!("{name} was loaded"));
            assert_eq!(error.blame(), Blame::Guest, "{name}: {error}");
            assert!(
                matches!(error.code(), "load.proposal" | "load.invalid"),
                "{name}: {error}"
            );
            let text = error.to_string();
            let spelled = text.to_lowercase().replace(['-', '_'], " ");
            assert!(spelled.contains(word), "{name}: {text}");
            assert!(text.len() < 1200 && !text.contains('\n'), "{name}: {text}");
        }
    }
}

fn what_is_on_is_loaded() {
    let on = [
        (
            "multi-value",
            "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
        ),
        (
            "bulk memory",
            "(module (memory 1) (data \"x\") (func (data.drop 0)))",
        ),
        (
            "reference types",
            "(module (table 1 funcref) (func (param funcref) (table.set (i32.const 0) (local.get 0))))",
        ),
        (
            "simd",
            "(module (func (result v128) (v128.const i64x2 1 2)))",
        ),
        (
            "sign extension",
            "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))",
        ),
        ("multi-memory", "(module (memory 1) (memory 1))"),
        (
            "extended const",
            "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
        ),
        ("tail calls", "(module (func $f (return_call $f)))"),
        (
            "relaxed simd",
            "(module (func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))",
        ),
    ];
    for strategy in [Strategy::Cranelift, Strategy::Winch] {
        let sandbox = sandbox_with(|c| c.engine.strategy = strategy);
        for (name, wat) in on {
            let loaded = sandbox.load_blocking(Source::new(name, wasm(wat)));
            // Winch has neither of the two, and says so.
            let missing =
                strategy == Strategy::Winch && matches!(name, "tail calls" | "relaxed simd");
            match loaded {
                Ok(_) => assert!(!missing, "{name}"),
                Err(error) => assert!(missing && error.code() == "load.invalid", "{name}: {error}"),
            }
        }
    }
}

fn what_is_no_module_is_refused() {
    let sandbox = sandbox();
    let good = wasm(TOOLS);
    let mut many: Vec<Vec<u8>> = vec![vec![], b"\0asm".to_vec(), b"MZ, this is a program".to_vec()];
    many.extend((1..good.len()).step_by(37).map(|n| good[..n].to_vec()));
    many.push(wasm("(module)")[..7].to_vec());
    for bytes in many {
        let error = sandbox
            .load_blocking(Source::new("test", bytes.clone()))
            .expect_err("no module");
        assert_eq!(
            error.code(),
            "load.invalid",
            "{} bytes: {error}",
            bytes.len()
        );
    }
    // Valid parts in an invalid whole.
    for wat in ["(module (func (result i32)))", "(module (func (i32.add)))"] {
        let error = sandbox
            .load_blocking(Source::new("test", wasm(wat)))
            .expect_err("invalid");
        assert_eq!(error.code(), "load.invalid", "{error}");
    }
}

fn all_that_is_too_large_is_told_at_once() {
    let sandbox = sandbox_with(|c| {
        c.load.functions_max = 2;
        c.load.body_bytes_max = 10;
    });
    let wat = format!("(module (func) (func) (func {}))", "nop ".repeat(20));
    match sandbox.load_blocking(Source::new("test", wasm(&wat))) {
        Err(LoadError::Limits { problems }) => assert_eq!(problems.len(), 2),
        other => panic!("{other:?}"),
    }
}

fn all_that_cannot_be_linked_is_told_at_once() {
    let sandbox = sandbox();
    let module = guests::load(
        &sandbox,
        r#"(module (import "a" "b" (func (param i32))) (import "c" "d" (memory 1)) (func (export "eval")))"#,
        Cpu::default(),
    );
    let error = module
        .link(&Binding::new(Contract::guard()))
        .expect_err("much is missing");
    let text: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        text,
        [
            "export `memory` is missing, wanted memory",
            "export `alloc` is missing, wanted (i32) -> i32",
            "export `eval` is () -> (), wanted (i32, i32) -> i64",
            "import `a.b` of type (i32) -> () is unknown",
            "import `c.d` of type memory is unknown",
        ]
    );
}

fn what_makes_linking_expensive_is_bounded() {
    let sandbox = sandbox();
    let parameters = "i32 ".repeat(100);
    // Nine thousand unknown functions of a hundred parameters: a hundred are named, in few words each.
    let imports: String = (0..9_000)
        .map(|n| format!(r#"(import "m" "f{n}" (func (type $t)))"#))
        .collect();
    let wat = format!("(module (type $t (func (param {parameters}))) {imports})");
    let module = guests::load(&sandbox, &wat, Cpu::default());
    let error = module
        .link(&Binding::new(Contract::raw()))
        .expect_err("unknown imports");
    assert_eq!(error.problems.len(), 101);
    assert_eq!(error.problems[100], Problem::Other("and 8900 more".into()));
    assert!(
        error.to_string().len() < 64 << 10,
        "{}",
        error.to_string().len()
    );
    // And as many exports of such functions cost no more than others.
    let exports: String = (0..9_000)
        .map(|n| format!(r#"(export "f{n}" (func 0))"#))
        .collect();
    let wat = format!(
        "(module (func (param {parameters})) {exports} (func (export \"seven\") (result i32) (i32.const 7)))"
    );
    let begun = Instant::now();
    let linked = guest_on(&sandbox, &wat, Cpu::default());
    let outcome = linked.call_blocking(call("seven", &[]));
    assert_eq!(ending(&outcome), "ok");
    println!(
        "loading and linking 9,000 exports took {:?}",
        begun.elapsed()
    );
    assert!(begun.elapsed() < PATIENCE / 4);
}
