//! From bytes to a module: static caps, the cache in memory, the cache on disk, and last of all the compiler.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::call::Control;
use crate::caps;
use crate::config::{Compiler, SandboxConfig};
use crate::disk::{DiskCache, EntryKey, Kind, StoreMeta};
use crate::engine::{Metering, compatibility, compile};
use crate::error::{LoadError, SandboxError};
use crate::helper::{self, CancelFlag, Helper, HelperError};
use crate::limits::{Cpu, Limit};
use crate::metered::{Stop, Watch};
use crate::module::{Code, Compiled, Module, Source, check_declared};
use crate::refusal::{helper_error, invalid, static_caps, too_large, too_many};
use crate::sandbox::{Core, Sandbox};

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
    compiles: Arc<Semaphore>,
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
            compiles: Arc::new(Semaphore::new(config.load.compiles_max)),
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
        let made = find_or_make(core.clone(), name.clone(), bytes, digest, metering);
        let code = core
            .loader
            .memory
            .try_get_with((digest, metering), made)
            .await;
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

async fn find_or_make(
    core: Arc<Core>,
    name: String,
    bytes: Bytes,
    digest: blake3::Hash,
    metering: Metering,
) -> Result<Arc<Code>, LoadError> {
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
    let work = Work {
        core: core.clone(),
        name,
        bytes,
        digest,
        metering,
    };
    let look = {
        let work = work.clone();
        blocking::unblock(move || work.look())
    };
    let (kind, has_start) = match watch.wait(look).await.map_err(late)?? {
        Looked::Found(code) => return Ok(code),
        Looked::Missing { kind, has_start } => (kind, has_start),
    };
    let queue = core.loader.compiles.clone().acquire_owned();
    let permit = watch
        .wait(queue)
        .await
        .map_err(late)?
        .map_err(|_| LoadError::Cancelled)?;
    let cancel = CancelFlag::new();
    let cancelled_with_us = cancel.on_drop();
    let compile = blocking::unblock(move || {
        // An abandoned compilation in this process keeps its place until it is over.
        let _permit = permit;
        work.compile(kind, has_start, &cancel)
    });
    let code = watch.wait(compile).await.map_err(late)?;
    cancelled_with_us.disarm();
    code
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

enum Looked {
    Found(Arc<Code>),
    Missing { kind: Kind, has_start: bool },
}

impl Work {
    /// Checks the caps and looks on the disk.
    fn look(&self) -> Result<Looked, LoadError> {
        let kind =
            caps::check(&self.bytes, &static_caps(&self.core.config.load)).map_err(too_large)?;
        let has_start = kind == Kind::Core && has_start(&self.bytes);
        self.check_tables()?;
        let engine = self.engine()?;
        let found = self
            .core
            .loader
            .disk
            .as_ref()
            .and_then(|disk| disk.lookup(&self.key(kind, engine)));
        let Some(entry) = found else {
            return Ok(Looked::Missing { kind, has_start });
        };
        match open(engine, kind, entry) {
            Ok(compiled) => Ok(Looked::Found(self.code(compiled, has_start)?)),
            Err(error) => {
                tracing::warn!(module = self.name, error = %format!("{error:#}"), "cached module is of no use, compiling");
                Ok(Looked::Missing { kind, has_start })
            }
        }
    }

    /// A table that no slot has room for is the engine's error without a type, so it is looked for here.
    fn check_tables(&self) -> Result<(), LoadError> {
        let max = u64::from(self.core.config.table_elements_ceiling);
        let sections = wasmparser::Parser::new(0).parse_all(&self.bytes);
        for payload in sections.flatten() {
            let wasmparser::Payload::TableSection(tables) = payload else {
                continue;
            };
            let largest = tables.into_iter().flatten().map(|t| t.ty.initial).max();
            if let Some(asked) = largest.filter(|n| *n > max) {
                return Err(LoadError::Declared {
                    which: Limit::Table,
                    asked,
                    max,
                });
            }
        }
        Ok(())
    }

    fn engine(&self) -> Result<&wasmtime::Engine, LoadError> {
        self.core
            .engine(self.metering)
            .map_err(|e| LoadError::Compiler(e.to_string()))
    }

    fn key(&self, kind: Kind, engine: &wasmtime::Engine) -> EntryKey {
        EntryKey {
            digest: *self.digest.as_bytes(),
            kind,
            compat: compatibility(engine),
        }
    }

    /// Compiles, keeps the artifact on disk, and maps it.
    fn compile(
        &self,
        kind: Kind,
        has_start: bool,
        cancel: &CancelFlag,
    ) -> Result<Arc<Code>, LoadError> {
        let engine = self.engine()?;
        let artifact = self.artifact(kind, cancel)?;
        let key = self.key(kind, engine);
        if let Some(disk) = &self.core.loader.disk {
            let meta = StoreMeta {
                name: &self.name,
                record: &[],
            };
            match disk.store(&key, meta, &artifact) {
                Ok(()) => {
                    if let Some(compiled) = disk
                        .lookup(&key)
                        .and_then(|entry| open(engine, kind, entry).ok())
                    {
                        return self.code(compiled, has_start);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, hint = error.hint(), "module is not kept on disk")
                }
            }
        }
        // The compiler made it and the engine cannot hold it: the module asks for more than a slot has.
        let compiled =
            from_memory(engine, kind, &artifact).map_err(|e| too_many(&format!("{e:#}")));
        self.code(compiled?, has_start)
    }

    fn artifact(&self, kind: Kind, cancel: &CancelFlag) -> Result<Vec<u8>, LoadError> {
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
    fn code(&self, compiled: Compiled, has_start: bool) -> Result<Arc<Code>, LoadError> {
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
            has_start,
            weight,
            bytes,
        }))
    }
}

/// Whether instantiating a core module runs a function of it.
fn has_start(wasm: &[u8]) -> bool {
    let sections = wasmparser::Parser::new(0).parse_all(wasm);
    sections
        .flatten()
        .any(|p| matches!(p, wasmparser::Payload::StartSection { .. }))
}

/// Maps an artifact whose descriptor has been authenticated.
#[allow(
    unsafe_code,
    reason = "mapping machine code is what the engine calls unsafe"
)]
fn open(
    engine: &wasmtime::Engine,
    kind: Kind,
    entry: crate::disk::Entry,
) -> wasmtime::Result<Compiled> {
    match kind {
        // SAFETY: the descriptor's whole contents were authenticated with a key that only we and the operator have, so
        // it is an artifact that our compiler made; entries are never rewritten in place, and the directory admits no
        // other user. Tests: `disk::tests`, `tests/cache.rs`.
        Kind::Core => unsafe { wasmtime::Module::deserialize_open_file(engine, entry.file) }
            .map(Compiled::Core),
        Kind::Component => {
            let path = entry.descriptor_path();
            // SAFETY: as above; the path names the very descriptor that was authenticated, which is open until after
            // the mapping is made.
            let component =
                unsafe { wasmtime::component::Component::deserialize_file(engine, path) };
            drop(entry);
            component.map(Compiled::Component)
        }
    }
}

/// Loads an artifact that our own compiler, here or in its helper process, has just made.
#[allow(
    unsafe_code,
    reason = "loading machine code is what the engine calls unsafe"
)]
fn from_memory(
    engine: &wasmtime::Engine,
    kind: Kind,
    artifact: &[u8],
) -> wasmtime::Result<Compiled> {
    // SAFETY: the bytes come from `Engine::precompile_*` with this engine's settings, in this process or in a child that
    // we started from the operator's path and whose output nobody else can write to. Tests: `tests/load.rs`.
    match kind {
        Kind::Core => {
            unsafe { wasmtime::Module::deserialize(engine, artifact) }.map(Compiled::Core)
        }
        Kind::Component => unsafe { wasmtime::component::Component::deserialize(engine, artifact) }
            .map(Compiled::Component),
    }
}

/// What a helper process does: compiles one module for whoever started it.
pub fn compile_worker() -> std::process::ExitCode {
    helper::worker_main(|job, wasm| {
        let settings = serde_json::from_value(job.engine.clone()).map_err(|e| e.to_string())?;
        compile(&settings, job.metering, job.kind == Kind::Component, wasm)
    })
}
