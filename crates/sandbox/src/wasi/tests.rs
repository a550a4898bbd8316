//! The interface from the guest's side: text modules that call each function, and a program of std.

mod polling;
mod streams;

use proptest::prelude::*;
use wardian_testkit::guests::rust;
use wasmtime::{Config, Engine, Error, Instance, Linker, Module, Result, Store, Trap, Val};

use super::abi::Errno;
use super::descriptors::WRITE_BYTES_MAX;
use super::process::RANDOM_BYTES_MAX;
use super::{Stream, WasiHost, WasiState, link};

/// Every function of the interface, from its specification: name, parameters, whether it answers an errno.
const ALL: &[(&str, &str, bool)] = &[
    ("args_get", "ii", true),
    ("args_sizes_get", "ii", true),
    ("environ_get", "ii", true),
    ("environ_sizes_get", "ii", true),
    ("clock_res_get", "ii", true),
    ("clock_time_get", "iIi", true),
    ("fd_advise", "iIIi", true),
    ("fd_allocate", "iII", true),
    ("fd_close", "i", true),
    ("fd_datasync", "i", true),
    ("fd_fdstat_get", "ii", true),
    ("fd_fdstat_set_flags", "ii", true),
    ("fd_fdstat_set_rights", "iII", true),
    ("fd_filestat_get", "ii", true),
    ("fd_filestat_set_size", "iI", true),
    ("fd_filestat_set_times", "iIIi", true),
    ("fd_pread", "iiiIi", true),
    ("fd_prestat_get", "ii", true),
    ("fd_prestat_dir_name", "iii", true),
    ("fd_pwrite", "iiiIi", true),
    ("fd_read", "iiii", true),
    ("fd_readdir", "iiiIi", true),
    ("fd_renumber", "ii", true),
    ("fd_seek", "iIii", true),
    ("fd_sync", "i", true),
    ("fd_tell", "ii", true),
    ("fd_write", "iiii", true),
    ("path_create_directory", "iii", true),
    ("path_filestat_get", "iiiii", true),
    ("path_filestat_set_times", "iiiiIIi", true),
    ("path_link", "iiiiiii", true),
    ("path_open", "iiiiiIIii", true),
    ("path_readlink", "iiiiii", true),
    ("path_remove_directory", "iii", true),
    ("path_rename", "iiiiii", true),
    ("path_symlink", "iiiii", true),
    ("path_unlink_file", "iii", true),
    ("poll_oneoff", "iiii", true),
    ("proc_exit", "i", false),
    ("proc_raise", "i", true),
    ("sched_yield", "", true),
    ("random_get", "ii", true),
    ("sock_accept", "iii", true),
    ("sock_recv", "iiiiii", true),
    ("sock_send", "iiiii", true),
    ("sock_shutdown", "ii", true),
];

struct Host {
    wasi: WasiState,
    out: Vec<u8>,
    err: Vec<u8>,
    calls: u32,
    calls_max: u32,
    debt: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ended(String);

impl WasiHost for Host {
    fn wasi(&mut self) -> &mut WasiState {
        &mut self.wasi
    }
    fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<()> {
        match stream {
            Stream::Out => self.out.extend_from_slice(bytes),
            Stream::Err => self.err.extend_from_slice(bytes),
        }
        Ok(())
    }
    fn count_call(&mut self) -> Result<()> {
        self.calls += 1;
        if self.calls > self.calls_max {
            Err(Error::new(Ended("host calls".into())))
        } else {
            Ok(())
        }
    }
    fn charge(&mut self, fuel: u64, left: u64) -> Result<()> {
        self.debt += fuel;
        if self.debt > left {
            Err(wasmtime::Trap::OutOfFuel.into())
        } else {
            Ok(())
        }
    }
    fn exit(&mut self, code: u32) -> Error {
        Error::new(Ended(format!("exit {code}")))
    }
}

struct Guest {
    store: Store<Host>,
    instance: Instance,
}

const FUEL: u64 = 100_000_000;

impl Guest {
    fn new(wasm: &[u8]) -> Self {
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        let module = Module::new(&engine, wasm).unwrap();
        let mut linker = Linker::new(&engine);
        link(&mut linker).unwrap();
        let host = Host {
            wasi: WasiState::new([7; 32]),
            out: vec![],
            err: vec![],
            calls: 0,
            calls_max: 10_000,
            debt: 0,
        };
        let mut store = Store::new(&engine, host);
        store.set_fuel(FUEL).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        Self { store, instance }
    }

    /// A guest that exports every function of the interface as a call of it, over `pages` of memory.
    fn forwarding(pages: u32, memory_name: &str) -> Self {
        let (mut imports, mut functions) = (String::new(), String::new());
        for &(name, parameters, answers) in ALL {
            let types: Vec<_> = parameters
                .chars()
                .map(|c| if c == 'I' { "i64" } else { "i32" })
                .collect();
            let types = types.join(" ");
            let result = if answers { "(result i32)" } else { "" };
            let arguments: String = (0..parameters.len())
                .map(|i| format!("local.get {i} "))
                .collect();
            imports += &format!(
                "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {types}) {result}))\n"
            );
            functions += &format!(
                "(func (export \"{name}\") (param {types}) {result} {arguments} call ${name})\n"
            );
        }
        let text =
            format!("(module {imports} (memory (export \"{memory_name}\") {pages}) {functions})");
        Self::new(&wat::parse_str(text).unwrap())
    }

    fn try_call(&mut self, name: &str, arguments: &[i64]) -> Result<i32> {
        let (_, parameters, answers) = ALL.iter().find(|function| function.0 == name).unwrap();
        assert_eq!(parameters.len(), arguments.len(), "{name}");
        let values: Vec<Val> = parameters
            .chars()
            .zip(arguments)
            .map(|(c, &value)| {
                if c == 'I' {
                    Val::I64(value)
                } else {
                    Val::I32(value as i32)
                }
            })
            .collect();
        let mut results = vec![Val::I32(0); usize::from(*answers)];
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        function.call(&mut self.store, &values, &mut results)?;
        Ok(results.first().map_or(0, Val::unwrap_i32))
    }

    fn call(&mut self, name: &str, arguments: &[i64]) -> i32 {
        self.try_call(name, arguments).unwrap()
    }

    fn memory(&mut self) -> &mut [u8] {
        self.instance
            .get_memory(&mut self.store, "memory")
            .unwrap()
            .data_mut(&mut self.store)
    }

    fn u32(&mut self, at: usize) -> u32 {
        u32::from_le_bytes(self.memory()[at..at + 4].try_into().unwrap())
    }

    fn u64(&mut self, at: usize) -> u64 {
        u64::from_le_bytes(self.memory()[at..at + 8].try_into().unwrap())
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.memory()[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn fuel_used(&self) -> u64 {
        FUEL - self.store.get_fuel().unwrap() + self.store.data().debt
    }
}

fn errno(errno: Errno) -> i32 {
    i32::from(errno.code())
}

/// One page, with the memory under its usual name.
fn guest() -> Guest {
    Guest::forwarding(1, "memory")
}

const PAGE: i64 = 65536;

#[test]
fn every_function_links_and_survives_wild_pointers() {
    assert_eq!(ALL.len(), 46);
    let mut guest = guest();
    for wild in [-1, PAGE, PAGE - 3, i64::from(i32::MIN)] {
        for (name, parameters, answers) in ALL {
            for fd in [0, 1, 3, wild] {
                let mut arguments = vec![wild; parameters.len()];
                if let Some(first) = arguments.first_mut() {
                    *first = fd;
                }
                let result = guest.try_call(name, &arguments);
                assert_eq!(result.is_ok(), *answers, "{name}");
            }
        }
        guest = self::guest();
    }
}

#[test]
fn pointers_outside_of_memory_are_faults() {
    let fault = errno(Errno::Fault);
    let mut guest = guest();
    for wild in [PAGE, PAGE - 3, -1, -4] {
        assert_eq!(guest.call("args_sizes_get", &[wild, 0]), fault);
        assert_eq!(guest.call("environ_sizes_get", &[0, wild]), fault);
        assert_eq!(guest.call("clock_res_get", &[0, wild]), fault);
        assert_eq!(guest.call("clock_time_get", &[0, 0, wild]), fault);
        assert_eq!(guest.call("random_get", &[wild, 4]), fault);
        assert_eq!(guest.call("fd_fdstat_get", &[1, wild]), fault);
        assert_eq!(guest.call("fd_filestat_get", &[1, wild]), fault);
        assert_eq!(guest.call("fd_read", &[0, wild, 1, 0]), fault);
        assert_eq!(guest.call("fd_read", &[0, 0, 0, wild]), fault);
        assert_eq!(guest.call("fd_write", &[1, wild, 1, 0]), fault);
        assert_eq!(guest.call("fd_write", &[1, 0, 0, wild]), fault);
        assert_eq!(guest.call("poll_oneoff", &[wild, 0, 1, 0]), fault);
        assert_eq!(guest.call("poll_oneoff", &[0, wild, 1, 0]), fault);
        assert_eq!(guest.call("poll_oneoff", &[0, 0, 1, wild]), fault);
    }
    assert_eq!(guest.call("clock_time_get", &[0, 0, PAGE - 8]), 0);
    assert_eq!(guest.call("clock_time_get", &[0, 0, PAGE - 7]), fault);
}

#[test]
fn a_module_without_a_memory_gets_faults() {
    let mut guest = Guest::forwarding(1, "other");
    assert_eq!(
        guest.call("clock_time_get", &[0, 0, 0]),
        errno(Errno::Fault)
    );
    assert_eq!(guest.call("random_get", &[0, 1]), errno(Errno::Fault));
    assert_eq!(guest.call("fd_write", &[1, 0, 1, 8]), errno(Errno::Fault));
    assert_eq!(guest.call("sched_yield", &[]), 0);
}

#[test]
fn no_arguments_no_environment() {
    let mut guest = guest();
    for name in ["args_sizes_get", "environ_sizes_get"] {
        guest.put(0, &[0xff; 8]);
        assert_eq!(guest.call(name, &[0, 4]), 0);
        assert_eq!(guest.u64(0), 0);
    }
    assert_eq!(guest.call("args_get", &[0, 4]), 0);
    assert_eq!(guest.call("environ_get", &[-1, -1]), 0);
}

#[test]
fn exit_and_the_call_limit_end_the_call() {
    let mut guest = guest();
    let error = guest.try_call("proc_exit", &[3]).unwrap_err();
    assert_eq!(error.downcast_ref::<Ended>().unwrap().0, "exit 3");
    let (last, first_refused) = (guest.store.data().calls + 1, guest.store.data().calls + 2);
    guest.store.data_mut().calls_max = last;
    assert_eq!(guest.call("sched_yield", &[]), 0);
    for (name, parameters, _) in ALL {
        let error = guest
            .try_call(name, &vec![0; parameters.len()])
            .unwrap_err();
        assert_eq!(
            error.downcast_ref::<Ended>().unwrap().0,
            "host calls",
            "{name}"
        );
    }
    assert!(guest.store.data().calls >= first_refused);
}

#[test]
fn randomness_is_seeded() {
    let random = |seed: u8| {
        let mut guest = guest();
        guest.store.data_mut().wasi = WasiState::new([seed; 32]);
        assert_eq!(guest.call("random_get", &[0, 16]), 0);
        assert_eq!(guest.call("random_get", &[16, 16]), 0);
        guest.memory()[..40].to_vec()
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
    let bytes = random(1);
    assert_ne!(bytes[..16], bytes[16..32]);
    assert_eq!(bytes[32..], [0; 8]);
}

#[test]
fn both_sides_of_the_random_limit_and_its_fuel() {
    let mut guest = Guest::forwarding(65, "memory");
    let max = i64::from(RANDOM_BYTES_MAX);
    assert_eq!(guest.call("random_get", &[0, max + 1]), errno(Errno::Inval));
    assert_eq!(guest.call("random_get", &[0, -1]), errno(Errno::Inval));
    assert!(guest.fuel_used() < 1000);
    assert_eq!(guest.call("random_get", &[0, max - 1]), 0);
    assert_eq!(guest.call("random_get", &[0, max]), 0);
    assert!(guest.fuel_used() > 2 * u64::from(RANDOM_BYTES_MAX) - 2);
    guest.store.set_fuel(1000).unwrap();
    let error = guest.try_call("random_get", &[0, max]).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
}

#[test]
fn a_program_of_std_runs_and_learns_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let wasm = rust::compile(
        dir.path(),
        "wasm32-wasip1",
        &[],
        r#"
        use std::collections::HashMap;
        fn main() {
            println!("hello {:?} {:?}", std::env::args().count(), std::env::vars().count());
            let map: HashMap<_, _> = (0..100).map(|i| (i, i * i)).collect();
            println!("{} {}", map.len(), map[&9]);
            println!("{}", std::fs::read("/etc/passwd").is_err());
            println!("{}", std::fs::write("x", "y").is_err());
            println!("{}", std::fs::read_dir(".").is_err());
            println!("{:?}", std::io::stdin().lines().count());
            let (start, wall) = (std::time::Instant::now(), std::time::SystemTime::now());
            std::thread::sleep(std::time::Duration::from_secs(3600));
            println!("{:?} {:?}", start.elapsed(), wall.elapsed().unwrap());
            eprintln!("to stderr");
            panic!("the end");
        }"#,
    )
    .unwrap();
    let mut guest = Guest::new(&wasm);
    let start = guest
        .instance
        .get_typed_func::<(), ()>(&mut guest.store, "_start")
        .unwrap();
    let error = start.call(&mut guest.store, ()).unwrap_err();
    let host = guest.store.data();
    assert_eq!(
        String::from_utf8_lossy(&host.out),
        "hello 0 0\n100 81\ntrue\ntrue\ntrue\n0\n3600s 3600s\n"
    );
    let said = String::from_utf8_lossy(&host.err);
    assert!(
        said.starts_with("to stderr\n") && said.contains("the end"),
        "{said}"
    );
    assert!(error.downcast_ref::<Trap>().is_some(), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Whatever the arguments and whatever the memory holds: an answer, and no more output than the cap.
    #[test]
    fn any_arguments_get_an_answer(
        memory in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 512),
        calls in proptest::collection::vec(
            (0..ALL.len(), proptest::collection::vec(
                prop_oneof![0i64..4, 0i64..600, 65_000i64..66_000, any::<i64>()], 9)),
            40),
    ) {
        let mut guest = guest();
        guest.put(0, &memory);
        for (index, arguments) in calls {
            let (name, parameters, answers) = ALL[index];
            let before = guest.store.data().out.len() + guest.store.data().err.len();
            let result = guest.try_call(name, &arguments[..parameters.len()]);
            prop_assert_eq!(result.is_ok(), answers, "{}", name);
            let after = guest.store.data().out.len() + guest.store.data().err.len();
            prop_assert!(after - before <= WRITE_BYTES_MAX as usize);
        }
    }
}
