//! Pristine by default: after any sequence of hostile neighbours in a pool so small that its slots are used again, a
//! probe ends the same, costs the same and finds the same memory as in a sandbox that never ran anything.
#![allow(clippy::expect_used, clippy::panic, reason = "tests may")]

mod guests;

use std::sync::OnceLock;
use std::time::Duration;

use guests::{guest_with, is_quiet, sandbox_with, wasm};
use proptest::prelude::*;
use wardian_sandbox::{
    Binding, Call, CallHandle, Contract, Cpu, Host, HostError, Imports, Linked, Sandbox, Source,
    Value,
};

/// What spoils everything it has, and what looks at all of it. `$fail` is the host's, or nothing in a component.
const BODY: &str = r#"
    (type $ret (func (result i32)))
    (memory $m (export "memory") 2 20)
    (memory $n 1 4)
    (data (memory $m) (i32.const 100) "once upon a time")
    (data (memory $m) (i32.const 65530) "across two pages")
    (data (memory $n) (i32.const 7) "another memory")
    (data $spare_bytes "bytes for later")
    (table $t 10 60 funcref)
    (table $u 4 funcref)
    (elem (table $t) (i32.const 1) func $one $two)
    (elem (table $u) (i32.const 0) func $two)
    (elem $spare func $two $one)
    (global $g (mut i32) (i32.const 11))
    (global $h (mut i64) (i64.const -5))
    (global $f (mut f64) (f64.const 1.5))
    (func $one (result i32) (i32.const 1))
    (func $two (result i32) (i32.const 2))
    (func $deep (result i32) (i32.add (i32.const 1) (call $deep)))
    (func $pages_m (result i32) (i32.mul (memory.size $m) (i32.const 65536)))
    (func $pages_n (result i32) (i32.mul (memory.size $n) (i32.const 65536)))
    (func $is (param i32 i32) (result i32)
        (i32.or (i32.eq (local.get 0) (local.get 1)) (i32.eq (local.get 0) (i32.const 9))))
    (func (export "spoil") (param $how i32) (param $a i32) (param $end i32)
        (if (call $is (local.get $how) (i32.const 0))
            (then (memory.fill $m (i32.const 0) (local.get $a) (call $pages_m))))
        (if (call $is (local.get $how) (i32.const 1))
            (then (i32.store8 $m (i32.rem_u (local.get $a) (call $pages_m)) (i32.const 0xEE))))
        (if (call $is (local.get $how) (i32.const 2))
            (then (drop (memory.grow $m (i32.rem_u (local.get $a) (i32.const 20))))
                (memory.fill $m (i32.sub (call $pages_m) (i32.const 65536)) (i32.const 0xDD) (i32.const 65536))))
        (if (call $is (local.get $how) (i32.const 3))
            (then (drop (memory.grow $n (i32.const 2)))
                (memory.fill $n (i32.const 0) (i32.const 0xCC) (call $pages_n))))
        (if (call $is (local.get $how) (i32.const 4))
            (then (table.fill $t (i32.const 0) (ref.null func) (table.size $t))
                (table.set $u (i32.const 0) (ref.null func))))
        (if (call $is (local.get $how) (i32.const 5))
            (then (drop (table.grow $t (ref.func $two) (i32.rem_u (local.get $a) (i32.const 30))))))
        (if (call $is (local.get $how) (i32.const 6))
            (then (elem.drop $spare) (data.drop $spare_bytes)))
        (if (call $is (local.get $how) (i32.const 7))
            (then (global.set $g (local.get $a)) (global.set $h (i64.const 99)) (global.set $f (f64.const 0))))
        (if (call $is (local.get $how) (i32.const 8))
            (then (table.set $t (i32.rem_u (local.get $a) (i32.const 10)) (ref.func $two))
                (table.copy $u $t (i32.const 1) (i32.const 1) (i32.const 2))
                (memory.copy $m $n (i32.const 3000) (i32.const 0) (i32.const 1000))))
        (if (i32.eq (local.get $end) (i32.const 1)) (then unreachable))
        (if (i32.eq (local.get $end) (i32.const 2)) (then (loop $l (br $l))))
        (if (i32.eq (local.get $end) (i32.const 3)) (then (drop (call $deep))))
        (if (i32.eq (local.get $end) (i32.const 4)) (then (call $fail)))
        (if (i32.eq (local.get $end) (i32.const 5)) (then (drop (call_indirect $t (type $ret) (i32.const 0)))))
        (if (i32.eq (local.get $end) (i32.const 6)) (then (drop (i32.load $m (i32.const -1))))))
    (global $sum (mut i64) (i64.const 0))
    (func $mix (param i64)
        (global.set $sum (i64.add (i64.mul (global.get $sum) (i64.const 1099511628211)) (local.get 0))))
    (func $mix_table_t (local $i i32)
        (loop $l
            (call $mix (if (result i64) (ref.is_null (table.get $t (local.get $i)))
                (then (i64.const 77))
                (else (i64.extend_i32_u (call_indirect $t (type $ret) (local.get $i))))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (table.size $t)))))
    (func $mix_table_u (local $i i32)
        (loop $l
            (call $mix (if (result i64) (ref.is_null (table.get $u (local.get $i)))
                (then (i64.const 77))
                (else (i64.extend_i32_u (call_indirect $u (type $ret) (local.get $i))))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (table.size $u)))))
    (func $mix_memories (local $i i32)
        (loop $l
            (call $mix (i64.load $m (local.get $i)))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (call $pages_m))))
        (local.set $i (i32.const 0))
        (loop $l
            (call $mix (i64.load $n (local.get $i)))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (call $pages_n)))))
    (func (export "probe") (result i64)
        (call $mix (i64.extend_i32_u (global.get $g)))
        (call $mix (global.get $h))
        (call $mix (i64.reinterpret_f64 (global.get $f)))
        (call $mix (i64.extend_i32_u (memory.size $m)))
        (call $mix (i64.extend_i32_u (memory.size $n)))
        (call $mix_memories)
        (call $mix_table_t)
        (call $mix_table_u)
        (table.init $u $spare (i32.const 2) (i32.const 0) (i32.const 2))
        (memory.init $m $spare_bytes (i32.const 5000) (i32.const 0) (i32.const 15))
        (call $mix_table_u)
        (drop (memory.grow $m (i32.const 1)))
        (drop (table.grow $t (ref.null func) (i32.const 2)))
        (call $mix_memories)
        (call $mix_table_t)
        (global.get $sum))"#;

fn core() -> Vec<u8> {
    wasm(&format!(
        r#"(module (import "host" "fail" (func $fail)) {BODY})"#
    ))
}

fn component() -> Vec<u8> {
    wasm(&format!(
        r#"(component
            (core module $m (func $fail unreachable) {BODY})
            (core instance $i (instantiate $m))
            (func (export "spoil") (param "how" s32) (param "a" s32) (param "end" s32)
                (canon lift (core func $i "spoil")))
            (func (export "probe") (result s64) (canon lift (core func $i "probe"))))"#
    ))
}

/// Larger than the probe in every respect, and dirty to its edges.
const LARGE: &str = r#"(module (memory 1 60) (table $t 100 5000 funcref) (func $f)
    (elem declare func $f)
    (func (export "dirty")
        (drop (memory.grow (i32.const 50)))
        (memory.fill (i32.const 0) (i32.const 0xAA) (i32.mul (memory.size) (i32.const 65536)))
        (drop (table.grow $t (ref.func $f) (i32.const 4000)))
        (table.fill $t (i32.const 0) (ref.func $f) (table.size $t))))"#;

/// One neighbour: which module, what it spoils, and how it ends.
#[derive(Clone, Copy, Debug)]
struct Neighbour {
    who: u8,
    how: u8,
    value: u32,
    end: u8,
    cancelled: bool,
}

fn neighbours() -> impl Strategy<Value = Vec<Neighbour>> {
    let one = (0u8..3, 0u8..=9, any::<u32>(), 0u8..=6, any::<bool>()).prop_map(
        |(who, how, value, end, cancelled)| Neighbour {
            who,
            how,
            value,
            end,
            cancelled,
        },
    );
    proptest::collection::vec(one, 1..14)
}

/// The guests in one sandbox. Two slots of three parts each, so that each is used again and again.
struct House {
    sandbox: Sandbox,
    core: Linked<()>,
    component: Linked<()>,
    large: Linked<()>,
}

fn house(cpu: Cpu) -> House {
    let sandbox = sandbox_with(|c| c.instances_max = 4);
    let fail =
        Imports::<()>::new().define_sync("host", "fail", None, |_: &mut Host<'_, ()>, (): ()| {
            Err::<(), _>(HostError::failed(std::io::Error::other("no")))
        });
    let load = |bytes: Vec<u8>, imports: Imports<()>| {
        let module = sandbox
            .load_blocking(Source::new("test", bytes).cpu(cpu))
            .expect("loads");
        module
            .link(&Binding::with_imports(Contract::raw(), imports))
            .expect("links")
    };
    House {
        core: load(core(), fail),
        component: load(component(), Imports::new()),
        large: guest_with(&sandbox, LARGE, cpu, Imports::new()),
        sandbox,
    }
}

impl House {
    fn has(&self, neighbour: Neighbour) {
        let Neighbour {
            who,
            how,
            value,
            end,
            cancelled,
        } = neighbour;
        let number = |n: u32| {
            let n = n.cast_signed();
            if who == 1 {
                Value::S32(n)
            } else {
                Value::I32(n)
            }
        };
        let arguments = [number(how.into()), number(value), number(end.into())];
        let (linked, call) = match who {
            0 => (&self.core, Call::values("spoil", arguments)),
            1 => (&self.component, Call::values("spoil", arguments)),
            _ => (&self.large, Call::values("dirty", [])),
        };
        // What spins ends by its fuel, its deadline, or its caller.
        let handle = CallHandle::new();
        let mut call = call.deadline(Duration::from_millis(5)).handle(&handle);
        if value % 3 == 0 && linked.module().cpu() != Cpu::Time {
            call = call.fuel(u64::from(value % 300_000));
        }
        if cancelled {
            let mut calling = Box::pin(linked.call(call));
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            // Dropped after its first slice.
            let _ = calling.as_mut().poll(&mut context);
        } else {
            let _ = linked.call_blocking(call);
        }
    }

    /// How the probe ends, what it costs, and all of its first memory afterwards.
    fn probe(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for linked in [&self.core, &self.component] {
            let mut session = linked.session();
            let outcome = session.call_blocking(Call::values("probe", []));
            let memory = session.read_bytes(0, 3 * 65536).map(|m| places(&m));
            let usage = outcome.usage;
            seen.push(format!(
                "{:?} fuel {:?} memory {} refusals {} host calls {} log {}; {memory:?}",
                outcome.result,
                usage.fuel,
                usage.memory_peak_bytes,
                usage.refusals,
                usage.host_calls,
                usage.log_bytes
            ));
            let again = linked.call_blocking(Call::values("probe", []));
            seen.push(format!("{:?} fuel {:?}", again.result, again.usage.fuel));
        }
        seen
    }
}

/// All bytes that differ from zero, with their places: shorter to read than a dump, and no less exact.
fn places(memory: &[u8]) -> String {
    let set = memory.iter().enumerate().filter(|(_, b)| **b != 0);
    set.map(|(at, b)| format!("{at}:{b} ")).collect()
}

fn expected(cpu: Cpu) -> &'static [String] {
    static FUEL: OnceLock<Vec<String>> = OnceLock::new();
    static TIME: OnceLock<Vec<String>> = OnceLock::new();
    let cell = if cpu == Cpu::Time { &TIME } else { &FUEL };
    cell.get_or_init(|| house(cpu).probe())
}

#[test]
fn the_probe_sees_what_it_is_made_to_see() {
    // Each way of spoiling is one that the probe would notice.
    let house = house(Cpu::default());
    let clean = expected(Cpu::default());
    assert_eq!(house.probe(), clean);
    assert!(
        clean.iter().all(|line| line.starts_with("Ok(")),
        "{clean:?}"
    );
    assert!(clean[0].contains("100:111 "), "the data segment is read");
    for linked in [&house.core, &house.component] {
        for how in 0..=9 {
            let mut session = linked.session();
            let argument = |n: i32| match linked.module().kind() {
                wardian_sandbox::ModuleKind::Core => Value::I32(n),
                wardian_sandbox::ModuleKind::Component => Value::S32(n),
            };
            let spoil = Call::values("spoil", [argument(how), argument(3), argument(0)]);
            session.call_blocking(spoil).result.expect("spoils");
            let after = session.call_blocking(Call::values("probe", []));
            let untouched = linked.call_blocking(Call::values("probe", []));
            let same = format!("{:?}", after.result) == format!("{:?}", untouched.result);
            assert!(!same, "what `{how}` does goes unnoticed");
        }
    }
    is_quiet(&house.sandbox);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_of_hostile_neighbours(neighbours in neighbours(), by_time: bool) {
        static HOUSES: OnceLock<[House; 2]> = OnceLock::new();
        let houses = HOUSES.get_or_init(|| [house(Cpu::Fuel(1_000_000_000)), house(Cpu::Time)]);
        let house = &houses[usize::from(by_time)];
        for neighbour in &neighbours {
            house.has(*neighbour);
        }
        is_quiet(&house.sandbox);
        let cpu = if by_time { Cpu::Time } else { Cpu::default() };
        prop_assert_eq!(&house.probe()[..], expected(cpu));
        is_quiet(&house.sandbox);
    }
}
