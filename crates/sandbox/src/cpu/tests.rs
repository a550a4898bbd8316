//! Names are read as they are written, and a ceiling never says more than the processor has.

use super::*;

#[test]
fn names_parse_and_print() {
    for baseline in Baseline::ALL {
        let cpu = TargetCpu::Baseline(baseline);
        assert_eq!(baseline.to_string().parse(), Ok(baseline));
        assert_eq!(cpu.to_string().parse(), Ok(cpu));
        let json = serde_json::to_string(&cpu).unwrap();
        assert_eq!(json, format!("\"{}\"", baseline.name()));
        assert_eq!(serde_json::from_str::<TargetCpu>(&json).unwrap(), cpu);
        assert_eq!(serde_json::from_str::<Baseline>(&json).unwrap(), baseline);
    }
    assert_eq!("native".parse(), Ok(TargetCpu::Native));
    assert_eq!(format!("[{:>11}]", Baseline::X86_64V2), "[  x86-64-v2]");
    for wrong in ["", "x86_64-v2", "X86-64-V2", "x86-64-v5", " aarch64"] {
        assert!(wrong.parse::<TargetCpu>().is_err(), "{wrong:?}");
        assert!(serde_json::from_value::<TargetCpu>(wrong.into()).is_err());
    }
    assert_eq!(
        "skylake".parse::<TargetCpu>().unwrap_err().to_string(),
        r#""skylake" is no processor that is known by name; there are native, x86-64-v4, x86-64-v3, x86-64-v2, aarch64"#
    );
    assert!("native".parse::<Baseline>().is_err());
    let long = "x".repeat(10_000).parse::<Baseline>().unwrap_err();
    assert!(long.to_string().len() < 200, "{long}");
}

#[test]
fn a_richer_baseline_has_all_of_the_poorer_one() {
    let of = |baseline: Baseline| baseline.features().collect::<Vec<_>>();
    let levels = [Baseline::X86_64V2, Baseline::X86_64V3, Baseline::X86_64V4].map(of);
    for pair in levels.windows(2) {
        assert!(pair[0].iter().all(|feature| pair[1].contains(feature)));
        assert!(pair[1].len() > pair[0].len());
    }
    assert!(of(Baseline::Aarch64).is_empty());
    let here: Vec<Baseline> = Baseline::of_this_architecture().collect();
    assert!(here.is_sorted_by_key(|b| std::cmp::Reverse(of(*b).len())));
}

/// Each feature that a baseline names is one that the processor can be asked for: else it could never be had.
#[cfg(target_arch = "x86_64")]
#[test]
fn every_feature_can_be_asked_for() {
    for (flag, name) in Baseline::X86_64V4.features() {
        assert!(has(name).is_some(), "{flag}: {name}");
    }
    assert_eq!((has("avx512vnni"), has("")), (None, None));
    assert_eq!(Baseline::Aarch64.lacking(), None);
}

#[test]
fn a_ceiling_only_takes_away() {
    let names = [
        "sse4.2",
        "avx",
        "avx2",
        "fma",
        "avx512f",
        "avx512vnni",
        "lse",
        "nonsense",
    ];
    for max in Baseline::ALL {
        let told = max.detector();
        for name in names
            .into_iter()
            .chain(max.features().map(|(_, name)| name))
        {
            let allowed = max.features().any(|(_, own)| own == name);
            let expected = allowed && has(name) == Some(true);
            assert_eq!(told(name), Some(expected), "{name} under {max}");
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn what_a_ceiling_hides_is_lacking() {
    let [v2, v3] = [Baseline::X86_64V2, Baseline::X86_64V3];
    let hidden = v3.lacking_under(Some(v2)).unwrap();
    assert_eq!(hidden, ["avx", "avx2", "bmi1", "bmi2", "fma", "lzcnt"]);
    assert_eq!(v3.lacking_under(Some(v3)), v3.lacking());
    assert_eq!(v2.lacking_under(Some(v2)), v2.lacking());
}
