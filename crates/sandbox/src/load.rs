//! From bytes to a module: static caps, the cache in memory, the cache on disk, what was compiled ahead, and last of all
//! the compiler.

mod ahead;
mod artifact;
mod keep;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::call::Control;
use crate::caps::{self, Scanned};
use crate::compiling::{Compilation, Observed};
use crate::config::{Compiler, SandboxConfig};
use crate::cpu::TargetCpu;
use crate::disk::{DiskCache, EntryKey, Kind, StoreMeta};
use crate::engine::{Metering, compatibility, compile};
use crate::error::{LoadError, SandboxError};
use crate::helper::{self, CancelFlag, Helper, HelperError};
use crate::limits::{Cpu, Limit};
use crate::metered::{Stop, Watch};
use crate::module::{Code, Compiled, Module, Source, check_declared};
use crate::refusal::{helper_error, invalid, static_caps, too_large, too_many};
use crate::sandbox::{Core, Sandbox};
use ahead::Ahead;
use artifact::{from_memory, open};

pub use keep::Warmed;

/// Modules up to this size are hashed and looked at where the load was asked for.
const INLINE_BYTES_MAX: usize = 64 * 1024;
/// Machine code is at most this many times as large as the module.
const ARTIFACT_FACTOR: u64 = 64;
/// An artifact of a tiny module is larger than the factor says.
const ARTIFACT_BYTES_MIN: u64 = 4 << 20;

/// What finds compiled code in memory.
type CacheKey = (blake3::Hash, Metering);

/// The caches and the compiler's queue.
pub(crate) struct Loader {
    memory: Cache<CacheKey, Arc<Code>>,
    pub(crate) disk: Option<Arc<DiskCache>>,
    ahead: Option<Ahead>,
    compiles: Arc<Semaphore>,
    /// How many have begun.
    compilations: AtomicU64,
}

impl Loader {
    pub(crate) fn new(config: &SandboxConfig) -> Result<Loader, SandboxError> {
        let cache = &config.cache;
        // One number bounds both: a module weighs at least its share of the count.
        let share = (cache.bytes_max / cache.modules_max.max(1)).max(1);
        let weigh = move |_: &CacheKey, code: &Arc<Code>| {
            u32::try_from(code.bytes.max(share) / 1024)
                .unwrap_or(u32::MAX)
                .max(1)
        };
        let memory = Cache::builder()
            .max_capacity((cache.bytes_max / 1024).max(1))
            .weigher(weigh)
            // What was loaded last stays; the default policy may refuse a newcomer, which then compiles every time.
            .eviction_policy(moka::policy::EvictionPolicy::lru())
            .time_to_idle(cache.ttl)
            .build();
        let open = |disk| {
            DiskCache::open(disk, wasmtime_version()).map_err(|e| SandboxError::Disk(e.to_string()))
        };
        let disk = cache.disk.as_ref().map(open).transpose()?.map(Arc::new);
        Ok(Loader {
            memory,
            disk,
            ahead: cache.ahead.clone().map(Ahead::new),
            compiles: Arc::new(Semaphore::new(config.load.compiles_max)),
            compilations: AtomicU64::new(0),
        })
    }

    pub(crate) fn modules(&self) -> u64 {
        self.memory.entry_count()
    }
}

/// The engine's line: entries of another one are swept when the cache is opened. The exact version is part of each
/// entry's key, so an artifact of another patch release is never found, and goes when it is unused for long.
fn wasmtime_version() -> &'static str {
    "48"
}

impl Sandbox {
    /// Loads a module: from memory, from disk, or by compiling it. A hundred loads of the same bytes compile once.
    /// Dropping the future ends its wait, and the compile helper if nobody else waits for it.
    pub async fn load(&self, source: Source) -> Result<Module, LoadError> {
        let cpu = source.cpu;
        let work = self.work(source).await?;
        let (core, name) = (work.core.clone(), work.name.clone());
        let key = (work.digest, work.metering);
        let made = make(work, Work::look, Work::compile);
        let code = core.loader.memory.try_get_with(key, made).await;
        let code = code.map_err(|shared| (*shared).clone())?;
        crate::metrics::loaded(&name);
        Ok(Module {
            core,
            name: name.into(),
            cpu,
            code,
        })
    }

    /// The same on the caller's own thread, which it blocks.
    pub fn load_blocking(&self, source: Source) -> Result<Module, LoadError> {
        futures_lite::future::block_on(self.load(source))
    }

    /// What has to be known of a module before it is looked for.
    async fn work(&self, source: Source) -> Result<Work, LoadError> {
        let core = self.core.clone();
        if core.is_closed() {
            return Err(LoadError::Cancelled);
        }
        let Source { name, bytes, cpu } = source;
        let max = core.config.load.module_bytes_max;
        if bytes.len() as u64 > max {
            return Err(LoadError::Limits {
                problems: vec![(Limit::ModuleBytes, bytes.len() as u64, max)],
            });
        }
        let digest = digest(&bytes).await;
        let metering = match cpu {
            Cpu::Fuel(_) => Metering::Fuel,
            Cpu::Time => Metering::Time,
        };
        Ok(Work {
            core,
            name,
            bytes,
            digest,
            metering,
        })
    }

    /// The disk cache, if there is one: for listing, clearing and its counters.
    pub fn disk_cache(&self) -> Option<&crate::disk::DiskCache> {
        self.core.loader.disk.as_deref()
    }
}

async fn digest(bytes: &Bytes) -> blake3::Hash {
    if bytes.len() <= INLINE_BYTES_MAX {
        return blake3::hash(bytes);
    }
    let bytes = bytes.clone();
    blocking::unblock(move || blake3::hash(&bytes)).await
}

/// Looks, and compiles where nothing is found; each on a thread for blocking, all of it within the time that compiling
/// may take.
async fn make<T: Send + 'static>(
    work: Work,
    look: impl FnOnce(&Work) -> Result<Looked<T>, LoadError> + Send + 'static,
    compile: impl FnOnce(&Work, Scanned, &CancelFlag) -> Result<T, LoadError> + Send + 'static,
) -> Result<T, LoadError> {
    let core = work.core.clone();
    let limits = &core.config.load;
    let begun = Instant::now();
    let watch = Watch {
        core: core.clone(),
        control: Arc::<Control>::default(),
        begun,
        deadline: crate::run::after(begun, limits.compile_time_max),
        depth: 0,
        held: 0,
        weight: 0,
        hosts: false,
        runtime: None,
    };
    let late = |stop| match stop {
        Stop::Cancelled => LoadError::Cancelled,
        Stop::Deadline | Stop::Panicked => {
            let max = u64::try_from(limits.compile_time_max.as_millis()).unwrap_or(u64::MAX);
            LoadError::Limits {
                problems: vec![(Limit::CompileTime, max.saturating_add(1), max)],
            }
        }
    };
    let looking = {
        let work = work.clone();
        blocking::unblock(move || look(&work))
    };
    let seen = match watch.wait(looking).await.map_err(late)?? {
        Looked::Found(found) => return Ok(found),
        Looked::Missing(seen) => seen,
    };
    let queue = core.loader.compiles.clone().acquire_owned();
    let permit = watch
        .wait(queue)
        .await
        .map_err(late)?
        .map_err(|_| LoadError::Cancelled)?;
    let cancel = CancelFlag::new();
    let cancelled_with_us = cancel.on_drop();
    let compiling = blocking::unblock(move || {
        // An abandoned compilation in this process keeps its place until it is over.
        let _permit = permit;
        compile(&work, seen, &cancel)
    });
    let made = watch.wait(compiling).await.map_err(late)?;
    cancelled_with_us.disarm();
    made
}

/// One load, on a thread for blocking.
#[derive(Clone)]
struct Work {
    core: Arc<Core>,
    name: String,
    bytes: Bytes,
    digest: blake3::Hash,
    metering: Metering,
}

enum Looked<T> {
    Found(T),
    Missing(Scanned),
}

impl Work {
    /// Looks on the disk: in this machine's cache, then among what was compiled ahead.
    fn look(&self) -> Result<Looked<Arc<Code>>, LoadError> {
        let seen = self.scan()?;
        self.check_target()?;
        let engine = self.engine()?;
        if let Some(disk) = &self.core.loader.disk
            && let Some(entry) = disk.lookup(&self.key(seen.kind)?)
        {
            match open(engine, seen.kind, entry) {
                Ok(compiled) => return Ok(Looked::Found(self.code(compiled, seen)?)),
                Err(error) => {
                    tracing::warn!(module = self.name, error = %format!("{error:#}"), "cached module is of no use, compiling");
                }
            }
        }
        if let Some(ahead) = &self.core.loader.ahead
            && let Some(compiled) = ahead.find(self, seen.kind, engine)?
        {
            return Ok(Looked::Found(self.code(compiled, seen)?));
        }
        Ok(Looked::Missing(seen))
    }

    /// Checks the caps, and what no slot has room for: an error of the engine's without a type.
    fn scan(&self) -> Result<Scanned, LoadError> {
        let config = &self.core.config;
        let scanned = caps::check(&self.bytes, &static_caps(&config.load)).map_err(too_large)?;
        let max = u64::from(config.table_elements_ceiling);
        if scanned.table_elements > max {
            return Err(LoadError::Declared {
                which: Limit::Table,
                asked: scanned.table_elements,
                max,
            });
        }
        Ok(scanned)
    }

    /// Code that this processor cannot run is not compiled to be run here.
    fn check_target(&self) -> Result<(), LoadError> {
        let settings = &self.core.config.engine;
        let TargetCpu::Baseline(baseline) = settings.target_cpu else {
            return Ok(());
        };
        match baseline.lacking_under(settings.cpu_max).as_deref() {
            Some([]) => Ok(()),
            lacking => Err(LoadError::Compiler(format!(
                "code is to be made for `{baseline}`, and this processor lacks {}",
                lacking.unwrap_or_default().join(", ")
            ))),
        }
    }

    fn engine(&self) -> Result<&wasmtime::Engine, LoadError> {
        self.core
            .engine(self.metering)
            .map_err(|e| LoadError::Compiler(e.to_string()))
    }

    /// What finds the module's code for the processor that the settings name.
    fn key(&self, kind: Kind) -> Result<EntryKey, LoadError> {
        self.key_for(kind, self.core.config.engine.target_cpu)
    }

    fn key_for(&self, kind: Kind, cpu: TargetCpu) -> Result<EntryKey, LoadError> {
        let settings = &self.core.config.engine;
        let compat = compatibility(self.engine()?, settings, self.metering, cpu)
            .map_err(|e| LoadError::Compiler(e.to_string()))?;
        Ok(EntryKey {
            digest: *self.digest.as_bytes(),
            kind,
            compat,
        })
    }

    /// Compiles, keeps the artifact on disk, and maps it.
    fn compile(&self, seen: Scanned, cancel: &CancelFlag) -> Result<Arc<Code>, LoadError> {
        let engine = self.engine()?;
        let disk = self.core.loader.disk.as_ref();
        let artifact = self.artifact(seen.kind, disk.is_some(), cancel)?;
        if let Some(disk) = disk {
            let key = self.key(seen.kind)?;
            match disk.store(&key, self.meta(), &artifact) {
                Ok(()) => {
                    if let Some(compiled) = disk
                        .lookup(&key)
                        .and_then(|entry| open(engine, seen.kind, entry).ok())
                    {
                        return self.code(compiled, seen);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, hint = error.hint(), "module is not kept on disk")
                }
            }
        }
        // The compiler made it and the engine cannot hold it: the module asks for more than a slot has.
        let compiled =
            from_memory(engine, seen.kind, &artifact).map_err(|e| too_many(&format!("{e:#}")));
        self.code(compiled?, seen)
    }

    fn meta(&self) -> StoreMeta<'_> {
        StoreMeta {
            name: &self.name,
            record: &[],
        }
    }

    /// Compiles, and tells whoever wants to know.
    fn artifact(&self, kind: Kind, kept: bool, cancel: &CancelFlag) -> Result<Vec<u8>, LoadError> {
        let config = &self.core.config;
        let observed = Observed::begin(
            config.compiling.as_ref(),
            Compilation {
                id: self
                    .core
                    .loader
                    .compilations
                    .fetch_add(1, Ordering::Relaxed),
                module: &self.name,
                bytes: self.bytes.len() as u64,
                cpu: config.engine.target_cpu,
                kept,
            },
        );
        let artifact = self.compiled(kind, cancel)?;
        observed.succeed();
        Ok(artifact)
    }

    fn compiled(&self, kind: Kind, cancel: &CancelFlag) -> Result<Vec<u8>, LoadError> {
        let settings = &self.core.config.engine;
        match &self.core.config.compiler {
            Compiler::InProcess => compile(
                settings,
                self.metering,
                kind == Kind::Component,
                &self.bytes,
            )
            .map_err(|text| self.refused(text)),
            Compiler::Helper { path, args } => {
                let helper = Helper {
                    program: path.clone(),
                    args: args.clone(),
                };
                let job = self.job(kind)?;
                helper::run(&helper, &job, self.bytes.clone(), cancel).map_err(|e| match e {
                    HelperError::Compile(text) => self.refused(text),
                    other => helper_error(other),
                })
            }
        }
    }

    /// What the compiler refused, by the names of the proposals it would need where that is the reason.
    fn refused(&self, text: String) -> LoadError {
        match crate::proposals::needed(&self.bytes) {
            names if names.is_empty() => invalid(&text),
            names => LoadError::Proposals(names),
        }
    }

    fn job(&self, kind: Kind) -> Result<helper::Job, LoadError> {
        let limits = &self.core.config.load;
        let engine = serde_json::to_value(&self.core.config.engine);
        let most = (self.bytes.len() as u64).saturating_mul(ARTIFACT_FACTOR);
        Ok(helper::Job {
            engine: engine.map_err(|e| LoadError::Compiler(e.to_string()))?,
            metering: self.metering,
            kind,
            time_max: limits.compile_time_max,
            memory_bytes_max: limits.compile_memory_bytes_max,
            module_bytes_max: limits.module_bytes_max,
            artifact_bytes_max: most.clamp(ARTIFACT_BYTES_MIN, 2 << 30),
        })
    }

    /// Checks what the smallest instance takes.
    fn code(&self, compiled: Compiled, seen: Scanned) -> Result<Arc<Code>, LoadError> {
        let config = &self.core.config;
        let (memory, table) = (
            config.memory_bytes_ceiling,
            u64::from(config.table_elements_ceiling),
        );
        let (required, bytes) = match &compiled {
            Compiled::Core(m) => (Some(m.resources_required()), m.image_range()),
            Compiled::Component(c) => (c.resources_required(), c.image_range()),
        };
        let weight = required.map_or(Ok(1), |r| check_declared(&r, memory, table))?;
        let bytes = (bytes.end as usize).saturating_sub(bytes.start as usize) as u64;
        Ok(Arc::new(Code {
            digest: self.digest,
            metering: self.metering,
            compiled,
            has_start: seen.has_start,
            weight,
            bytes,
        }))
    }
}

/// What a helper process does: compiles one module for whoever started it.
pub fn compile_worker() -> std::process::ExitCode {
    helper::worker_main(|job, wasm| {
        let settings = serde_json::from_value(job.engine.clone()).map_err(|e| e.to_string())?;
        compile(&settings, job.metering, job.kind == Kind::Component, wasm)
    })
}
