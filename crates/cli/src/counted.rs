//! The sandbox of one command: made from the settings, ended by an interrupt, its loads and calls added to the counters
//! beside the disk cache when the command ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wardian_sandbox::disk::{AheadConfig, Counters, Delta, DiskConfig, DiskKey};
use wardian_sandbox::{
    CacheConfig, Call, CallError, Cpu, Limits, Linked, LoadLimits, Module, Outcome, Sandbox,
    SandboxConfig, SandboxError, Source, Usage as Bill,
};
use wardian_service::ServiceError;

use crate::compiling;
use crate::exit::{Called, Unloaded};
use crate::interrupt::Interrupt;
use crate::kept::Kept;
use crate::modules::Found;
use crate::paths::{self, CachePaths};
use crate::settings::Settings;

/// Bytes of compiled modules on disk.
const DISK_BYTES_MAX: u64 = 1 << 30;

/// A sandbox that counts, on any number of threads.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) sandbox: Sandbox,
    cache: Option<CachePaths>,
    tally: Mutex<BTreeMap<String, Delta>>,
    interrupt: Interrupt,
}

/// What the disk cache of these settings is.
pub(crate) fn disk_config(cache: &CachePaths) -> DiskConfig {
    DiskConfig {
        dir: cache.compiled(),
        key: DiskKey::Own,
        bytes_max: DISK_BYTES_MAX,
    }
}

/// A directory of modules compiled ahead, with the key that lies in it.
pub(crate) fn ahead_config(dir: &Path) -> AheadConfig {
    AheadConfig {
        dir: dir.to_owned(),
        key: DiskKey::Own,
    }
}

/// What a sandbox of these settings is made from.
pub(crate) fn config(settings: &Settings, limits: &Limits) -> anyhow::Result<SandboxConfig> {
    let default = SandboxConfig::default();
    Ok(SandboxConfig {
        engine: settings.engine(),
        compiler: settings.compiler()?,
        instances_max: settings.pool,
        // Who types a limit is the operator, so it is the ceiling too.
        memory_bytes_ceiling: default.memory_bytes_ceiling.max(limits.memory_bytes_max),
        limits: limits.clone(),
        load: LoadLimits {
            compile_time_max: settings.compile_time,
            ..LoadLimits::default()
        },
        cache: CacheConfig {
            disk: paths::cache(settings).as_ref().map(disk_config),
            ahead: settings.ahead_dir.as_deref().map(ahead_config),
            ..CacheConfig::default()
        },
        compiling: (!settings.quiet).then(compiling::observer),
        ..default
    })
}

impl Counted {
    /// Makes the sandbox. A user's cache directory that cannot be used is a warning; one that was asked for is an error.
    pub(crate) fn open(
        settings: &Settings,
        limits: &Limits,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Counted> {
        let mut config = config(settings, limits)?;
        let mut cache = paths::cache(settings);
        let sandbox = match Sandbox::new(config.clone()) {
            Err(SandboxError::Disk(problem)) if settings.cache_dir.is_none() => {
                tracing::warn!(problem, "going on without a disk cache");
                config.cache.disk = None;
                cache = None;
                Sandbox::new(config)?
            }
            made => made?,
        };
        interrupt.guard(&sandbox);
        Ok(Counted {
            sandbox,
            cache,
            tally: Mutex::default(),
            interrupt: interrupt.clone(),
        })
    }

    /// Loads a module, and keeps its source so that it can be named next time.
    pub(crate) fn load(&self, found: &Found, cpu: Cpu) -> anyhow::Result<Module> {
        let source = Source::new(found.name.clone(), found.wasm.clone()).cpu(cpu);
        let module = self
            .sandbox
            .load_blocking(source)
            .map_err(|error| Unloaded {
                module: found.name.clone(),
                error,
            })?;
        self.count(&found.name, |delta| delta.loads += 1);
        if let Some(cache) = self.cache.as_ref().filter(|_| found.is_to_be_kept()) {
            Kept::of(cache).keep(&found.name, &found.wasm);
        }
        Ok(module)
    }

    /// Calls and counts.
    pub(crate) fn call<S: Send + 'static>(&self, linked: &Linked<S>, call: Call<S>) -> Outcome {
        let outcome = linked.call_blocking(call);
        self.count_call(
            linked.module().name(),
            outcome.usage.fuel,
            outcome.result.as_ref().err(),
        );
        outcome
    }

    /// Counts a load that was made elsewhere.
    pub(crate) fn count_load(&self, module: &str) {
        self.count(module, |delta| delta.loads += 1);
    }

    /// Counts a call that was made elsewhere.
    pub(crate) fn count_call(&self, module: &str, fuel: Option<u64>, error: Option<&CallError>) {
        self.count(module, |delta| {
            delta.calls += 1;
            delta.fuel = delta.fuel.saturating_add(fuel.unwrap_or(0));
            if let Some(error) = error {
                delta.errors.push((error.metric_type().into(), 1));
            }
        });
    }

    /// Counts a call of a service, however it ended.
    pub(crate) fn count_service(&self, module: &str, result: Result<Bill, &ServiceError>) {
        match result {
            Ok(usage) => self.count_call(module, usage.fuel, None),
            Err(ServiceError::Call { source, usage }) => {
                self.count_call(module, usage.fuel, Some(source));
            }
            Err(error) => {
                if let Some(usage) = error.usage() {
                    self.count_call(module, usage.fuel, None);
                }
            }
        }
    }

    fn count(&self, module: &str, change: impl FnOnce(&mut Delta)) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        change(tally.entry(module.to_owned()).or_default());
    }
}

/// The error of a call, with its names.
pub(crate) fn called<S>(
    linked: &Linked<S>,
    function: &str,
    outcome: Outcome,
) -> Result<wardian_sandbox::Answer, Called> {
    let clean = |text: &str| wardian_sandbox::text::clean(text.as_bytes(), 200);
    outcome.result.map_err(|error| Called {
        module: clean(linked.module().name()),
        function: clean(function),
        error,
        bill: Box::new(outcome.usage),
    })
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.interrupt.release();
        let tally = self.tally.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(cache) = self.cache.as_ref().filter(|_| !tally.is_empty()) else {
            return;
        };
        let deltas = tally.iter().map(|(name, delta)| (name.as_str(), delta));
        let added = Counters::open(&cache.compiled()).and_then(|counters| counters.add_all(deltas));
        if let Err(error) = added {
            tracing::warn!(%error, hint = error.hint(), "the counters are not kept");
        }
    }
}
