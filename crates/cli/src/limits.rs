//! `--limit fuel=…,memory=…,deadline=…`: text to limits.

use std::time::Duration;

use wardian_sandbox::Limits;

use crate::exit::Usage;
use crate::show::quoted;

/// The keys, with what each takes, for messages.
const KEYS: &str = "fuel=1000000, memory=64MiB, deadline=10s, table=20000, input=64MiB, output=64MiB, host-calls=100000, \
                    log=64KiB";

/// One `key=value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    Fuel(u64),
    Memory(u64),
    Deadline(Duration),
    Table(u64),
    Input(u64),
    Output(u64),
    HostCalls(u64),
    Log(u64),
}

/// Reads one `key=value`; clap splits at commas.
pub(crate) fn parse(text: &str) -> Result<Setting, String> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(format!("not of the form key=value; there are {KEYS}"));
    };
    let in_words = |error: String| format!("`{key}`: {error}");
    Ok(match key {
        "fuel" => Setting::Fuel(parse_count(value).map_err(in_words)?),
        "memory" => Setting::Memory(parse_bytes(value).map_err(in_words)?),
        "deadline" => Setting::Deadline(parse_duration(value).map_err(in_words)?),
        "table" => Setting::Table(parse_count(value).map_err(in_words)?),
        "input" => Setting::Input(parse_bytes(value).map_err(in_words)?),
        "output" => Setting::Output(parse_bytes(value).map_err(in_words)?),
        "host-calls" => Setting::HostCalls(parse_count(value).map_err(in_words)?),
        "log" => Setting::Log(parse_bytes(value).map_err(in_words)?),
        _ => return Err(format!("unknown limit; there are {KEYS}")),
    })
}

/// `limits` with the settings put in; the last of two of one key counts.
pub(crate) fn apply(mut limits: Limits, settings: &[Setting]) -> anyhow::Result<Limits> {
    for setting in settings {
        match *setting {
            Setting::Fuel(n) => limits.fuel = Some(n),
            Setting::Memory(n) => limits.memory_bytes_max = n,
            Setting::Deadline(d) => limits = limits.with_deadline(d),
            Setting::Table(n) => limits.table_elements_max = n,
            Setting::Input(n) => limits.input_bytes_max = n,
            Setting::Output(n) => limits.output_bytes_max = n,
            Setting::HostCalls(n) => limits.host_calls_max = n,
            Setting::Log(n) => limits.log_bytes_max = n,
        }
    }
    const MEMORY_MAX: u64 = 4 << 30;
    if limits.memory_bytes_max > MEMORY_MAX {
        return Err(Usage::new(format!(
            "{} of memory are more than a guest can have: 4 GiB",
            crate::show::bytes(limits.memory_bytes_max)
        ))
        .into());
    }
    Ok(limits)
}

/// `1000`, `1_000`, `10k`, `5M`, `2G`: powers of ten.
pub(crate) fn parse_count(text: &str) -> Result<u64, String> {
    const UNITS: &[(&str, u64)] = &[
        ("", 1),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
    ];
    with_unit(text, UNITS, "a number such as 1000000, 500k or 10M")
}

/// `65536`, `64KiB`, `64k`, `64MiB`, `1GiB`: powers of two.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    const UNITS: &[(&str, u64)] = &[
        ("", 1),
        ("B", 1),
        ("k", 1 << 10),
        ("K", 1 << 10),
        ("KiB", 1 << 10),
        ("M", 1 << 20),
        ("MiB", 1 << 20),
        ("G", 1 << 30),
        ("GiB", 1 << 30),
    ];
    with_unit(text, UNITS, "a size such as 65536, 64KiB or 16MiB")
}

/// `250ms`, `2s`, `1m`, `800us`. A day at the most: what runs longer is not a call.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&str, u64)] = &[
        ("us", 1),
        ("µs", 1),
        ("ms", 1_000),
        ("s", 1_000_000),
        ("m", 60_000_000),
        ("h", 3_600_000_000),
    ];
    const WANTED: &str = "a time with its unit, from 1us to 24h, such as 250ms or 2s";
    let micros = with_unit(text, UNITS, WANTED)?;
    if micros == 0 || micros > 86_400_000_000 {
        return Err(format!("{} is not {WANTED}", quoted(text)));
    }
    Ok(Duration::from_micros(micros))
}

fn with_unit(text: &str, units: &[(&str, u64)], wanted: &str) -> Result<u64, String> {
    let refused = || format!("{} is not {wanted}", quoted(text));
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: u64 = digits.replace('_', "").parse().map_err(|_| refused())?;
    let (_, factor) = units
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .ok_or_else(refused)?;
    number.checked_mul(*factor).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_counts_and_times() {
        assert_eq!(parse_bytes("64KiB"), Ok(65_536));
        assert_eq!(parse_bytes("1 GiB"), Ok(1 << 30));
        assert_eq!(parse_count("1_000"), Ok(1_000));
        assert_eq!(parse_count("10M"), Ok(10_000_000));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("24h"), Ok(Duration::from_secs(86_400)));
        for bad in [
            "",
            "x",
            "-1",
            "1.5s",
            "0ms",
            "25h",
            "99999999999999999999s",
            "5",
            "1sec",
        ] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        for bad in [
            "",
            "KiB",
            "1TB",
            "18446744073709551616",
            "18446744073709551615k",
        ] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_name_their_key() {
        assert_eq!(parse("fuel=5"), Ok(Setting::Fuel(5)));
        assert!(parse("fuel").is_err_and(|e| e.contains("key=value")));
        assert!(parse("fuels=5").is_err_and(|e| e.contains("host-calls")));
        assert!(parse("memory=much").is_err_and(|e| e.starts_with("`memory`")));
    }

    #[test]
    fn the_deadline_moves_the_hard_one_along() {
        let limits = apply(
            Limits::default(),
            &[Setting::Deadline(Duration::from_secs(30))],
        )
        .expect("fine");
        assert_eq!(limits.deadline_hard, Duration::from_secs(32));
        assert!(apply(Limits::default(), &[Setting::Memory(4 << 30)]).is_ok());
        assert!(apply(Limits::default(), &[Setting::Memory((4 << 30) + 1)]).is_err());
    }
}
