//! The sandbox: owns engines, guest threads, the timer, the ticker, the module cache and the budgets.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::budget::{Budget, Reserved};
use crate::config::SandboxConfig;
use crate::cpu::{Baseline, TargetCpu};
use crate::engine::{Made, Metering, make};
use crate::error::SandboxError;
use crate::link::Inner;
use crate::load::Loader;
use crate::pool::{Gate, PoolCounts};
use crate::state::State;
use crate::threads::Queue;
use crate::timer::Timer;

/// How long closing waits for guests that cannot be interrupted.
const CLOSE_MAX: Duration = Duration::from_millis(90);
/// How often the guests of modules that are metered by time are looked at.
const TICK: Duration = Duration::from_millis(1);

/// Runs guests. Cloning shares it; it ends when the last clone, module and call are gone, or by [`Sandbox::close`].
///
/// Costs four threads that sleep (a guest thread for each core, a timer, and a ticker once a module is metered by time)
/// and, for each kind of metering that is used, 4.3 TiB of address space for 1,000 instances, of which nothing is
/// backed by memory until an instance writes to it.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) core: Arc<Core>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// What all parts of a sandbox share.
pub(crate) struct Core {
    pub(crate) config: SandboxConfig,
    fuel: OnceLock<Result<Made, SandboxError>>,
    time: OnceLock<Result<Made, SandboxError>>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) timer: Arc<Timer>,
    pub(crate) ticker: Arc<Ticker>,
    pub(crate) gate: Gate,
    pub(crate) budget: Arc<Budget>,
    pub(crate) counts: PoolCounts,
    pub(crate) loader: Loader,
    closed: AtomicBool,
    /// Links that keep instances.
    keepers: Mutex<Vec<Weak<Inner>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What a sandbox is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Live instances, kept ones included.
    pub in_use: u32,
    /// Instances there is room for.
    pub size: u32,
    /// Calls that wait: for a place of their module, for a slot, for memory.
    pub waiting: u32,
    /// Instances handed to calls so far.
    pub checkouts: u64,
    /// Calls that had to wait so far.
    pub waits: u64,
    /// Instances dropped so far because their one call, or their session, was over.
    pub recycled_pristine: u64,
    /// … because their call did not end well, or was dropped.
    pub recycled_failed: u64,
    /// … because they had served as many calls as they may.
    pub recycled_worn_out: u64,
    /// … because nobody called for too long.
    pub recycled_idle: u64,
    /// … to make room for others.
    pub recycled_evicted: u64,
    /// Bytes of linear memory of live and kept instances.
    pub memory_bytes: u64,
    /// Modules in the cache.
    pub modules: u64,
}

impl Sandbox {
    /// Makes a sandbox and starts its threads. The first engine is made here, so that a machine without the address
    /// space for it is told at once.
    pub fn new(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
        check(&config)?;
        let made = make(&config, Metering::Fuel)?;
        let slots = made.slots;
        let queue = Arc::new(Queue::default());
        let timer = Arc::new(Timer::default());
        let mut threads =
            crate::threads::start(&queue, config.guest_threads).map_err(threads_error)?;
        let clock = timer.clone();
        let spawned = std::thread::Builder::new()
            .name("wardian-timer".into())
            .spawn(move || clock.run());
        threads.push(spawned.map_err(threads_error)?);
        let loader = Loader::new(&config)?;
        let core = Core {
            budget: Budget::new(config.memory_total_bytes_max),
            gate: Gate::new(slots, config.waiters_max),
            config,
            fuel: OnceLock::from(Ok(made)),
            time: OnceLock::new(),
            queue,
            timer,
            ticker: Arc::default(),
            counts: PoolCounts::new(slots),
            loader,
            closed: AtomicBool::new(false),
            keepers: Mutex::default(),
            threads: Mutex::new(threads),
        };
        Ok(Sandbox {
            core: Arc::new(core),
        })
    }

    /// What the sandbox was made from.
    pub fn config(&self) -> &SandboxConfig {
        &self.core.config
    }

    /// What it is doing.
    pub fn stats(&self) -> Stats {
        let core = &self.core;
        let (checkouts, waits, [pristine, failed, worn_out, idle, evicted]) = core.counts.read();
        Stats {
            in_use: core.gate.in_use(),
            size: core.gate.capacity(),
            waiting: core.counts.waiting(),
            checkouts,
            waits,
            recycled_pristine: pristine,
            recycled_failed: failed,
            recycled_worn_out: worn_out,
            recycled_idle: idle,
            recycled_evicted: evicted,
            memory_bytes: core.budget.used(),
            modules: core.loader.modules(),
        }
    }

    /// Ends every call as cancelled, refuses new ones, and waits until all slots are back, at most 100 ms: a guest in
    /// something that cannot be interrupted is left behind on its thread.
    pub async fn close(&self) {
        let core = &self.core;
        core.begin_close();
        let late = Late {
            timer: core.timer.clone(),
            when: Instant::now() + CLOSE_MAX,
            armed: None,
        };
        futures_lite::future::or(core.gate.empty(), late).await;
        core.end_close();
    }

    /// The same for callers without a runtime.
    pub fn close_blocking(&self) {
        futures_lite::future::block_on(self.close());
    }
}

fn threads_error(error: std::io::Error) -> SandboxError {
    SandboxError::Threads(error.to_string())
}

/// Contradictions, all at once.
fn check(config: &SandboxConfig) -> Result<(), SandboxError> {
    let mut wrong = Vec::new();
    let mut wrong_if = |is: bool, text: &str| {
        if is {
            wrong.push(text.to_owned());
        }
    };
    wrong_if(config.instances_max == 0, "`instances_max` is 0");
    wrong_if(
        config.module_instances_max == 0,
        "`module_instances_max` is 0",
    );
    wrong_if(config.cache.modules_max == 0, "`cache.modules_max` is 0");
    wrong_if(config.load.compiles_max == 0, "`load.compiles_max` is 0");
    wrong_if(
        config.memory_bytes_ceiling > 4 << 30,
        "`memory_bytes_ceiling` is above 4 GiB, which no slot has room for",
    );
    wrong_if(
        config.engine.stack_bytes_max > 8 << 20,
        "`engine.stack_bytes_max` is above 8 MiB",
    );
    wrong_if(
        config.engine.stack_bytes_max < 64 << 10,
        "`engine.stack_bytes_max` is below 64 KiB",
    );
    wrong_if(
        config.limits.memory_bytes_max > config.memory_bytes_ceiling,
        "`limits.memory_bytes_max` is above `memory_bytes_ceiling`",
    );
    wrong_if(
        config.limits.table_elements_max > u64::from(config.table_elements_ceiling),
        "`limits.table_elements_max` is above `table_elements_ceiling`",
    );
    let elsewhere = |baseline: &Baseline| baseline.lacking().is_none();
    if let TargetCpu::Baseline(baseline) = config.engine.target_cpu {
        wrong_if(
            elsewhere(&baseline),
            "`engine.target_cpu` is of another architecture than this program compiles for",
        );
    }
    wrong_if(
        config.engine.cpu_max.is_some_and(|max| elsewhere(&max)),
        "`engine.cpu_max` is of another architecture than this machine",
    );
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(SandboxError::Config(wrong.join("; ")))
    }
}

impl Core {
    /// The engine for a kind of metering; the second one is made on first use.
    pub(crate) fn engine(&self, metering: Metering) -> Result<&wasmtime::Engine, SandboxError> {
        let cell = match metering {
            Metering::Fuel => &self.fuel,
            Metering::Time => &self.time,
        };
        let made = cell.get_or_init(|| {
            let made = make(&self.config, metering)?;
            if metering == Metering::Time {
                let thread = self
                    .ticker
                    .start(made.engine.clone())
                    .map_err(threads_error)?;
                self.threads
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(thread);
            }
            Ok(made)
        });
        made.as_ref().map(|made| &made.engine).map_err(Clone::clone)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// State for looking at types, where no guest runs.
    pub(crate) fn scratch_state(&self) -> State {
        State::new(
            "".into(),
            Reserved::nothing(&self.budget),
            self.config.engine.stack_bytes_max,
        )
    }

    /// Lets instances that `inner` keeps be dropped when others need the room.
    pub(crate) fn remember(&self, inner: &Arc<Inner>) {
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.retain(|k| k.strong_count() > 0);
        keepers.push(Arc::downgrade(inner));
    }

    fn keepers(&self) -> Vec<Arc<Inner>> {
        let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.iter().filter_map(Weak::upgrade).collect()
    }

    /// Drops one kept instance, wherever there is one.
    pub(crate) fn evict_kept(&self) -> bool {
        self.keepers().iter().any(|inner| inner.kept.evict())
    }

    /// How many slots an instance takes. One that has more parts than a small sandbox has slots takes all of them:
    /// the engine's pool has room for one such instance.
    pub(crate) fn weight(&self, inner: &Inner) -> u32 {
        inner.module.code.weight.min(self.gate.capacity())
    }

    fn begin_close(&self) {
        self.closed.store(true, Ordering::Release);
        self.timer.wake_all();
        self.keepers().iter().for_each(|inner| inner.kept.clear());
    }

    fn end_close(&self) {
        self.queue.close();
        self.timer.close();
        self.ticker.close();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // The last handle may be dropped on a guest thread itself.
        let me = std::thread::current().id();
        let until = Instant::now() + Duration::from_millis(5);
        for thread in threads.into_iter().filter(|t| t.thread().id() != me) {
            while !thread.is_finished() && Instant::now() < until {
                std::thread::yield_now();
            }
            if thread.is_finished() {
                // A guest thread catches what panics; its result says nothing.
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.queue.close();
        self.timer.close();
        self.ticker.close();
    }
}

/// Resolves at a time.
struct Late {
    timer: Arc<Timer>,
    when: Instant,
    armed: Option<crate::timer::Armed>,
}

impl Future for Late {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if Instant::now() >= self.when {
            return std::task::Poll::Ready(());
        }
        self.armed = Some(self.timer.arm(self.when, cx.waker().clone()));
        std::task::Poll::Pending
    }
}

/// Advances the epoch while guests run that are metered by it; asleep otherwise.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    running: AtomicUsize,
    closed: AtomicBool,
    gate: Mutex<()>,
    changed: Condvar,
}

/// A guest that wants ticks.
pub(crate) struct Ticking(Arc<Ticker>);

impl Ticker {
    pub(crate) fn enter(self: &Arc<Self>) -> Ticking {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            drop(self.gate.lock().unwrap_or_else(PoisonError::into_inner));
            self.changed.notify_one();
        }
        Ticking(self.clone())
    }

    fn start(self: &Arc<Self>, engine: wasmtime::Engine) -> std::io::Result<JoinHandle<()>> {
        let ticker = self.clone();
        std::thread::Builder::new()
            .name("wardian-ticker".into())
            .spawn(move || ticker.run(&engine))
    }

    fn run(&self, engine: &wasmtime::Engine) {
        while !self.closed.load(Ordering::Acquire) {
            if self.running.load(Ordering::Acquire) > 0 {
                std::thread::sleep(TICK);
                engine.increment_epoch();
                continue;
            }
            let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = |_: &mut ()| {
                self.running.load(Ordering::Acquire) == 0 && !self.closed.load(Ordering::Acquire)
            };
            drop(
                self.changed
                    .wait_while(gate, idle)
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(self.gate.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
