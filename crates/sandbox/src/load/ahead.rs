//! The loader's look among modules compiled ahead: the richest baseline first that this processor has, and one notice
//! for each reason why there is nothing.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use super::{Work, open, wasmtime_version};
use crate::cpu::{Baseline, TargetCpu};
use crate::disk::{AheadCache, AheadConfig, AheadError, BadEntry, Kind};
use crate::error::LoadError;
use crate::module::Compiled;

/// A directory of modules compiled ahead; opened when the first module is looked for.
pub(super) struct Ahead {
    config: AheadConfig,
    opened: OnceLock<Result<AheadCache, AheadError>>,
    /// The reasons that were told, a bit each.
    told: AtomicU8,
}

/// Why a module is not to be had.
enum Miss<'a> {
    Directory(&'a AheadError),
    Processor {
        baseline: Baseline,
        lacking: Vec<&'static str>,
    },
    Settings,
    Absent,
}

impl Ahead {
    pub(super) fn new(config: AheadConfig) -> Ahead {
        Ahead {
            config,
            opened: OnceLock::new(),
            told: AtomicU8::new(0),
        }
    }

    /// The module's code for the best baseline that is there and that this processor has. Where there is none, whoever
    /// reads the log is told why: the module is about to be compiled, which is what the directory was to save.
    pub(super) fn find(
        &self,
        work: &Work,
        kind: Kind,
        engine: &wasmtime::Engine,
    ) -> Result<Option<Compiled>, LoadError> {
        let opened = self
            .opened
            .get_or_init(|| AheadCache::open(&self.config, wasmtime_version()));
        let cache = match opened {
            Ok(cache) => cache,
            Err(error) => {
                self.tell(work, &Miss::Directory(error));
                return Ok(None);
            }
        };
        let cpu_max = work.core.config.engine.cpu_max;
        let (mut beyond, mut is_told) = (None, false);
        for baseline in Baseline::of_this_architecture() {
            let key = work.key_for(kind, TargetCpu::Baseline(baseline))?;
            let lacking = baseline.lacking_under(cpu_max).unwrap_or_default();
            if !lacking.is_empty() {
                if cache.has(&key) {
                    beyond.get_or_insert(Miss::Processor { baseline, lacking });
                }
                continue;
            }
            match cache.lookup(&key) {
                Ok(None) => {}
                Err(BadEntry) => is_told = true,
                Ok(Some(entry)) => match open(engine, kind, entry) {
                    Ok(compiled) => return Ok(Some(compiled)),
                    Err(error) => {
                        tracing::warn!(module = work.name, error = %format!("{error:#}"), "module compiled ahead is of no use");
                        is_told = true;
                    }
                },
            }
        }
        if is_told {
            return Ok(None);
        }
        let elsewhere = || match cache.has_module(work.digest.as_bytes()) {
            true => Miss::Settings,
            false => Miss::Absent,
        };
        self.tell(work, &beyond.unwrap_or_else(elsewhere));
        Ok(None)
    }

    /// Tells each reason once: what is true of one module is mostly true of all.
    fn tell(&self, work: &Work, miss: &Miss<'_>) {
        let bit = miss.bit();
        if self.told.fetch_or(bit, Ordering::Relaxed) & bit != 0 {
            return;
        }
        tracing::warn!(
            module = work.name,
            dir = %self.config.dir.display(),
            reason = %miss,
            hint = miss.hint(),
            "nothing compiled ahead is used, going on without"
        );
    }
}

impl Miss<'_> {
    fn bit(&self) -> u8 {
        match self {
            Miss::Directory(_) => 1,
            Miss::Processor { .. } => 2,
            Miss::Settings => 4,
            Miss::Absent => 8,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Miss::Directory(error) => error.hint(),
            Miss::Processor { .. } => "compile ahead for the oldest processor there is as well",
            Miss::Settings => {
                "compile ahead with this version of the program and the settings it runs with"
            }
            Miss::Absent => "compile this module ahead too",
        }
    }
}

impl fmt::Display for Miss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Miss::Directory(error) => error.fmt(f),
            Miss::Processor { baseline, lacking } => {
                let lacking = lacking.join(", ");
                write!(
                    f,
                    "it is for `{baseline}`, and this processor lacks {lacking}"
                )
            }
            Miss::Settings => f.write_str("it is for another engine version or other settings"),
            Miss::Absent => f.write_str("the module is not there"),
        }
    }
}
