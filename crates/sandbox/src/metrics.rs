//! Metrics through the `metrics` facade.
//!
//! Handles are made when a sandbox is made and when a module is linked, so that a call costs no look-up: install the
//! recorder before that. Labels are the operator's module names and, up to [`FUNCTIONS_MAX`], the module's exports.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::error::CallError;
use crate::outcome::Usage;
use crate::text::clean;

/// Functions of one module that have a label of their own; the others share `other`.
pub(crate) const FUNCTIONS_MAX: usize = 64;

/// The `type` labels of `wasm_errors_total`.
const ERROR_TYPES: [&str; 11] = [
    "timeout",
    "panic",
    "oom",
    "fuel",
    "stack",
    "trap",
    "contract",
    "refused",
    "busy",
    "cancelled",
    "host",
];

/// The metrics of one linked module.
pub(crate) struct ModuleMetrics {
    durations: Vec<Histogram>,
    other: Histogram,
    fuel: Counter,
    memory: Gauge,
    errors: Vec<Counter>,
}

impl ModuleMetrics {
    /// `functions` in the order of their numbers.
    pub(crate) fn new<'a>(module: &str, functions: impl Iterator<Item = &'a str>) -> ModuleMetrics {
        let duration = |function: String| histogram!("wasm_call_duration_seconds", "module" => module.to_owned(), "function" => function);
        ModuleMetrics {
            durations: functions.take(FUNCTIONS_MAX).map(|f| duration(clean(f.as_bytes(), 128))).collect(),
            other: duration("other".into()),
            fuel: counter!("wasm_fuel_consumed_total", "module" => module.to_owned()),
            memory: gauge!("wasm_memory_bytes", "module" => module.to_owned()),
            errors: ERROR_TYPES
                .iter()
                .map(|kind| counter!("wasm_errors_total", "module" => module.to_owned(), "type" => *kind))
                .collect(),
        }
    }

    /// One call's end. The gauge of memory shows the last call's peak.
    pub(crate) fn record(&self, usage: &Usage, function: Option<usize>, error: Option<&CallError>) {
        let duration = function
            .and_then(|n| self.durations.get(n))
            .unwrap_or(&self.other);
        duration.record(usage.wall.as_secs_f64());
        self.fuel.increment(usage.fuel.unwrap_or(0));
        #[allow(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; memory is far below 2^53"
        )]
        self.memory.set(usage.memory_peak_bytes as f64);
        if let Some(error) = error {
            let at = ERROR_TYPES
                .iter()
                .position(|kind| *kind == error.metric_type());
            at.and_then(|at| self.errors.get(at))
                .into_iter()
                .for_each(|c| c.increment(1));
        }
    }
}

/// Counts a load of `module`.
pub(crate) fn loaded(module: &str) {
    counter!("wasm_module_loads_total", "module" => module.to_owned()).increment(1);
}

/// The metrics of a sandbox's pool.
pub(crate) struct PoolMetrics {
    pub(crate) checkouts: Counter,
    pub(crate) waits: Counter,
    pub(crate) in_use: Gauge,
    pub(crate) size: Gauge,
    pub(crate) recycles: [Counter; 5],
}

impl PoolMetrics {
    pub(crate) fn new(reasons: [&'static str; 5]) -> PoolMetrics {
        PoolMetrics {
            checkouts: counter!("wasm_pool_checkouts_total"),
            waits: counter!("wasm_pool_waits_total"),
            in_use: gauge!("wasm_pool_in_use"),
            size: gauge!("wasm_pool_size"),
            recycles: reasons
                .map(|reason| counter!("wasm_pool_recycles_total", "reason" => reason)),
        }
    }
}
