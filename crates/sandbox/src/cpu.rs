//! Which processor code is made for: this one, or a named baseline that every machine of a fleet has.
//!
//! A baseline is a list of features, each by the engine's name and by the name that is asked of the processor. The
//! engine has presets of the same names; they are not used, because its `x86-64-v3` leaves out AVX itself, without
//! which it uses none of the AVX2 and FMA that the preset turns on, and its `x86-64-v4` AVX-512 F.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

/// The processor that code is made for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub enum TargetCpu {
    /// This machine's, with all that it has: the fastest code, which runs nowhere that lacks any of it.
    #[default]
    Native,
    /// Any that has at least this.
    Baseline(Baseline),
}

/// A set of processor features with a name. What is made for it runs on every processor that has them, and uses no
/// other.
///
/// | name | features beyond the architecture's first | since |
/// |---|---|---|
/// | `x86-64-v2` | SSE3, SSSE3, SSE4.1, SSE4.2, POPCNT, CMPXCHG16B | Intel Nehalem (2008), AMD Bulldozer (2011) |
/// | `x86-64-v3` | those, and AVX, AVX2, BMI1, BMI2, FMA, LZCNT | Intel Haswell (2013), AMD Excavator (2015) |
/// | `x86-64-v4` | those, and AVX-512 F, DQ and VL | Intel Skylake server (2017), AMD Zen 4 (2022) |
/// | `aarch64` | none: NEON is part of ARMv8.0 | every 64-bit ARM |
///
/// The names are those of the x86-64 psABI. It counts a few more features to some (F16C and MOVBE to v3, AVX-512 BW and
/// CD to v4), which the compiler makes no use of; they are not asked for. Winch refuses guests with vectors where there
/// is no AVX, so with `x86-64-v2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Baseline {
    /// `x86-64-v2`.
    X86_64V2,
    /// `x86-64-v3`.
    X86_64V3,
    /// `x86-64-v4`.
    X86_64V4,
    /// `aarch64`.
    Aarch64,
}

/// A text that names no processor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{asked:?} is no processor that is known by name; there are {}", known.join(", "))]
pub struct UnknownCpu {
    asked: String,
    known: Vec<&'static str>,
}

/// The engine's flag, and the name by which [`has`] knows it.
type Feature = (&'static str, &'static str);

const V2: &[Feature] = &[
    ("has_cmpxchg16b", "cmpxchg16b"),
    ("has_sse3", "sse3"),
    ("has_ssse3", "ssse3"),
    ("has_sse41", "sse4.1"),
    ("has_sse42", "sse4.2"),
    ("has_popcnt", "popcnt"),
];

const V3_ADDS: &[Feature] = &[
    ("has_avx", "avx"),
    ("has_avx2", "avx2"),
    ("has_bmi1", "bmi1"),
    ("has_bmi2", "bmi2"),
    ("has_fma", "fma"),
    ("has_lzcnt", "lzcnt"),
];

const V4_ADDS: &[Feature] = &[
    ("has_avx512f", "avx512f"),
    ("has_avx512dq", "avx512dq"),
    ("has_avx512vl", "avx512vl"),
];

impl Baseline {
    /// All of them, for one architecture the one with most features first.
    pub const ALL: [Baseline; 4] = [
        Baseline::X86_64V4,
        Baseline::X86_64V3,
        Baseline::X86_64V2,
        Baseline::Aarch64,
    ];

    /// As in the table above.
    pub fn name(self) -> &'static str {
        match self {
            Baseline::X86_64V2 => "x86-64-v2",
            Baseline::X86_64V3 => "x86-64-v3",
            Baseline::X86_64V4 => "x86-64-v4",
            Baseline::Aarch64 => "aarch64",
        }
    }

    /// The architecture, as Rust names it.
    pub fn architecture(self) -> &'static str {
        match self {
            Baseline::X86_64V2 | Baseline::X86_64V3 | Baseline::X86_64V4 => "x86_64",
            Baseline::Aarch64 => "aarch64",
        }
    }

    /// Those that this program can compile for, the one with most features first.
    pub fn of_this_architecture() -> impl Iterator<Item = Baseline> {
        Self::ALL
            .into_iter()
            .filter(|baseline| baseline.architecture() == std::env::consts::ARCH)
    }

    /// The features that this machine's processor lacks; `None` where it is of another architecture altogether. Code
    /// that was made for the baseline runs here where the list is empty.
    pub fn lacking(self) -> Option<Vec<&'static str>> {
        self.lacking_under(None)
    }

    /// The same where the processor counts for no more than `cpu_max`.
    pub(crate) fn lacking_under(self, cpu_max: Option<Baseline>) -> Option<Vec<&'static str>> {
        if self.architecture() != std::env::consts::ARCH {
            return None;
        }
        let names = self.features().map(|(_, name)| name);
        let lacks = |name: &&str| match cpu_max {
            Some(max) => !max.allows(name),
            None => has(name) != Some(true),
        };
        Some(names.filter(lacks).collect())
    }

    fn features(self) -> impl Iterator<Item = Feature> {
        let parts: &[&[Feature]] = match self {
            Baseline::X86_64V2 => &[V2],
            Baseline::X86_64V3 => &[V2, V3_ADDS],
            Baseline::X86_64V4 => &[V2, V3_ADDS, V4_ADDS],
            Baseline::Aarch64 => &[],
        };
        parts.iter().copied().flatten().copied()
    }

    /// The engine's flags, all of them.
    pub(crate) fn flags(self) -> impl Iterator<Item = &'static str> {
        self.features().map(|(flag, _)| flag)
    }

    /// The engine's flags for those features that the processor has: the most that code may use which runs here and
    /// now under this ceiling.
    pub(crate) fn flags_here(self) -> impl Iterator<Item = &'static str> {
        let here = self.features().filter(|(_, name)| has(name) == Some(true));
        here.map(|(flag, _)| flag)
    }

    /// Whether the processor has a feature and this ceiling lets it count.
    fn allows(self, name: &str) -> bool {
        self.features().any(|(_, own)| own == name) && has(name) == Some(true)
    }

    /// What the engine is told of the processor's features under this ceiling. It only ever takes away from what the
    /// processor has.
    pub(crate) fn detector(self) -> fn(&str) -> Option<bool> {
        match self {
            Baseline::X86_64V2 => |name| Some(Baseline::X86_64V2.allows(name)),
            Baseline::X86_64V3 => |name| Some(Baseline::X86_64V3.allows(name)),
            Baseline::X86_64V4 => |name| Some(Baseline::X86_64V4.allows(name)),
            Baseline::Aarch64 => |name| Some(Baseline::Aarch64.allows(name)),
        }
    }
}

/// Whether this machine's processor has a feature; `None` for a name that stands in no baseline.
#[cfg(target_arch = "x86_64")]
fn has(name: &str) -> Option<bool> {
    use std::arch::is_x86_feature_detected as detected;
    Some(match name {
        "cmpxchg16b" => detected!("cmpxchg16b"),
        "sse3" => detected!("sse3"),
        "ssse3" => detected!("ssse3"),
        "sse4.1" => detected!("sse4.1"),
        "sse4.2" => detected!("sse4.2"),
        "popcnt" => detected!("popcnt"),
        "avx" => detected!("avx"),
        "avx2" => detected!("avx2"),
        "bmi1" => detected!("bmi1"),
        "bmi2" => detected!("bmi2"),
        "fma" => detected!("fma"),
        "lzcnt" => detected!("lzcnt"),
        "avx512f" => detected!("avx512f"),
        "avx512dq" => detected!("avx512dq"),
        "avx512vl" => detected!("avx512vl"),
        _ => return None,
    })
}

/// No other architecture has a baseline with features of its own.
#[cfg(not(target_arch = "x86_64"))]
fn has(_: &str) -> Option<bool> {
    None
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for TargetCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetCpu::Native => f.pad("native"),
            TargetCpu::Baseline(baseline) => baseline.fmt(f),
        }
    }
}

impl FromStr for Baseline {
    type Err = UnknownCpu;

    fn from_str(text: &str) -> Result<Baseline, UnknownCpu> {
        let found = Self::ALL.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| UnknownCpu {
            asked: text.chars().take(64).collect(),
            known: Self::ALL.map(Baseline::name).into(),
        })
    }
}

impl FromStr for TargetCpu {
    type Err = UnknownCpu;

    fn from_str(text: &str) -> Result<TargetCpu, UnknownCpu> {
        if text == "native" {
            return Ok(TargetCpu::Native);
        }
        text.parse()
            .map(TargetCpu::Baseline)
            .map_err(|mut error: UnknownCpu| {
                error.known.insert(0, "native");
                error
            })
    }
}

impl TryFrom<String> for Baseline {
    type Error = UnknownCpu;

    fn try_from(text: String) -> Result<Baseline, UnknownCpu> {
        text.parse()
    }
}

impl From<Baseline> for String {
    fn from(baseline: Baseline) -> String {
        baseline.name().into()
    }
}

impl TryFrom<String> for TargetCpu {
    type Error = UnknownCpu;

    fn try_from(text: String) -> Result<TargetCpu, UnknownCpu> {
        text.parse()
    }
}

impl From<TargetCpu> for String {
    fn from(cpu: TargetCpu) -> String {
        cpu.to_string()
    }
}
