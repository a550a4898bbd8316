//! Numbers and foreign text as people read them.

use std::path::Path;
use std::time::Duration;

use wardian_sandbox::Usage;
use wardian_sandbox::text::clean;

/// Characters of a path or argument that are shown.
const SHOWN_CHARS_MAX: usize = 300;

/// A path, fit for a terminal.
pub(crate) fn path(path: &Path) -> String {
    clean(path.as_os_str().as_encoded_bytes(), SHOWN_CHARS_MAX)
}

/// A path in quotes.
pub(crate) fn quoted_path(of: &Path) -> String {
    format!("`{}`", path(of))
}

/// Some paths in quotes: `a`, `b` and 7 more.
pub(crate) fn listed(paths: &[&Path]) -> String {
    const SHOWN_MAX: usize = 10;
    let shown: Vec<String> = paths
        .iter()
        .take(SHOWN_MAX)
        .map(|p| quoted_path(p))
        .collect();
    match (shown.as_slice(), paths.len().saturating_sub(SHOWN_MAX)) {
        ([rest @ .., last], 0) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {} more", shown.join(", "), count(more as u64)),
    }
}

/// Text from outside in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", clean(text.as_bytes(), SHOWN_CHARS_MAX))
}

/// `1,234,567`
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 value`, `2 values`
pub(crate) fn values(n: usize) -> String {
    if n == 1 {
        "1 value".into()
    } else {
        format!("{n} values")
    }
}

/// `512 B`, `1.5 KiB`, `83.2 MiB`
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64;
    let mut unit = "B";
    for next in UNITS {
        // 1023.95 would show as 1024.0.
        if value < 1023.95 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// `3.4 µs`, `12.0 ms`, `1.25 s`
pub(crate) fn duration(d: Duration) -> String {
    let ns = d.as_nanos();
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{:.1} µs", ns as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", ns as f64 / 1e6),
        _ => format!("{:.2} s", d.as_secs_f64()),
    }
}

/// How long ago, roughly: `now`, `5 min ago`, `3 days ago`.
pub(crate) fn ago(d: Duration) -> String {
    let seconds = d.as_secs();
    let (n, unit) = match seconds {
        0..60 => return "now".into(),
        60..3_600 => (seconds / 60, "min"),
        3_600..172_800 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{n} {unit} ago")
}

/// One call's bill on one line.
pub(crate) fn bill(usage: &Usage) -> String {
    let fuel = usage
        .fuel
        .map(|fuel| format!("{} fuel, ", count(fuel)))
        .unwrap_or_default();
    format!(
        "{}, {fuel}{} peak, {} in, {} out",
        duration(usage.wall),
        bytes(usage.memory_peak_bytes),
        bytes(usage.bytes_in),
        bytes(usage.bytes_out)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let shown: Vec<_> = [0, 7, 999, 1_000, 123_456, 1_234_567].map(count).into();
        assert_eq!(shown, ["0", "7", "999", "1,000", "123,456", "1,234,567"]);
    }

    #[test]
    fn lists_are_cut() {
        let names: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        let paths: Vec<&Path> = names.iter().map(Path::new).collect();
        let shown = |n| listed(paths.get(..n).expect("so many"));
        assert_eq!(
            [shown(0), shown(1), shown(2), shown(3)],
            ["", "`0`", "`0` and `1`", "`0`, `1` and `2`"]
        );
        assert!(shown(10).ends_with("`8` and `9`"), "{}", shown(10));
        assert!(shown(11).ends_with("`9` and 1 more"), "{}", shown(11));
    }

    #[test]
    fn sizes_change_their_unit_at_its_edge() {
        let shown: Vec<_> = [0, 1_023, 1_024, 1_535, 1_048_570, 1_048_576, u64::MAX]
            .map(bytes)
            .into();
        let wanted = [
            "0 B",
            "1023 B",
            "1.0 KiB",
            "1.5 KiB",
            "1.0 MiB",
            "1.0 MiB",
            "16777216.0 TiB",
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn times_change_their_unit_at_its_edge() {
        let shown: Vec<_> = [999, 1_000, 999_900, 1_000_000, 2_500_000_000]
            .map(|ns| duration(Duration::from_nanos(ns)))
            .into();
        assert_eq!(shown, ["999 ns", "1.0 µs", "999.9 µs", "1.0 ms", "2.50 s"]);
    }
}
