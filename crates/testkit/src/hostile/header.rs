//! The header of a hostile file: directives, one a line, until the first line that is not a `;;` comment.

use super::words::{Parsed, SyntaxError, Words, bytes, count, fail, milliseconds};
use super::{Bound, Case, CaseCall, CaseInput, CaseLimits, CaseValue, Expect, Relation, Room};

const LOAD: &[&str] = &[
    "invalid",
    "proposal",
    "limit.memory",
    "limit.table",
    "limit.parts",
    "limit.functions",
];
const LINK: &[&str] = &["missing", "mistyped", "refused"];
const CALL: &[&str] = &[
    "ok",
    "trap",
    "panic",
    "contract",
    "guest",
    "host",
    "limit.memory",
    "limit.table",
    "limit.fuel",
    "limit.deadline",
    "limit.stack",
    "limit.input",
    "limit.output",
    "limit.host_calls",
    "limit.depth",
];
const NAMED: &[&str] = &["proposal", "missing", "mistyped", "refused", "trap"];
const USAGE: &[&str] = &[
    "fuel",
    "memory_peak_bytes",
    "refusals",
    "host_calls",
    "log_bytes",
    "bytes_in",
    "bytes_out",
];

/// Reads a header into a case that has neither name nor code yet; a mistake comes with its line, counted from 1.
pub(super) fn parse(text: &str) -> Result<Case, (usize, SyntaxError)> {
    let mut lines = text
        .lines()
        .map_while(|line| line.strip_prefix(";;"))
        .zip(1..);
    let expect = match lines
        .next()
        .and_then(|(line, _)| line.strip_prefix(" expect: "))
    {
        Some(rest) => expectation(&mut Words::new(rest)).map_err(|error| (1, error))?,
        None => {
            return Err((
                1,
                SyntaxError("the first line has to be `;; expect: …`".to_owned()),
            ));
        }
    };
    let mut case = Case {
        name: String::new(),
        expect,
        calls: Vec::new(),
        limits: CaseLimits::default(),
        cpu_time: false,
        twice: false,
        usage: Vec::new(),
        image: Vec::new(),
        text: String::new(),
        wasm: Vec::new(),
    };
    for (line, number) in lines {
        directive(line.trim(), &mut case).map_err(|error| (number, error))?;
    }
    Ok(case)
}

fn directive(line: &str, case: &mut Case) -> Parsed<()> {
    let once = |is_first: bool| {
        if is_first {
            Ok(())
        } else {
            fail(format!("`{line}` comes twice"))
        }
    };
    match line.split_once(": ").unwrap_or((line, "")) {
        ("call", rest) => case.calls.push(call(rest)?),
        ("image", rest) => {
            let mut words = Words::new(rest);
            let function = words.word(&[])?;
            once(case.image.iter().all(|(known, _)| known != function))?;
            let expect = expectation(&mut words)?;
            case.image.push((function.to_owned(), expect));
        }
        ("limits", rest) => {
            once(case.limits == CaseLimits::default())?;
            case.limits = limits(rest)?;
        }
        ("cpu", "time") => {
            once(!case.cpu_time)?;
            case.cpu_time = true;
        }
        ("twice", "") => {
            once(!case.twice)?;
            case.twice = true;
        }
        ("usage", rest) => {
            once(case.usage.is_empty())?;
            case.usage = rest.split_whitespace().map(bound).collect::<Parsed<_>>()?;
        }
        _ => return fail(format!("`{line}` is no directive")),
    }
    Ok(())
}

fn expectation(words: &mut Words<'_>) -> Parsed<Expect> {
    let word = words.word(&[])?;
    let (room, ending, known) = match word.split_once('.') {
        Some(("load", ending)) => (Room::Load, ending, LOAD),
        Some(("link", ending)) => (Room::Link, ending, LINK),
        _ => (Room::Call, word, CALL),
    };
    if !known.contains(&ending) {
        return fail(format!("`{word}` is no ending"));
    }
    let name = match NAMED.contains(&ending) && !words.is_empty() && !words.starts_with("contains ")
    {
        true => Some(words.word(&[])?.to_owned()),
        false => None,
    };
    let contains = if words.take("contains") {
        Some(words.text()?)
    } else {
        None
    };
    words.end()?;
    if ending == "ok" && contains.is_some() {
        return fail("`ok` has no text that could contain anything");
    }
    Ok(Expect {
        room,
        ending: ending.to_owned(),
        name,
        contains,
    })
}

fn call(line: &str) -> Parsed<CaseCall> {
    let mut words = Words::new(line);
    let function = words.word(&['('])?.to_owned();
    let input = if words.take("(") {
        CaseInput::Values(values(&mut words)?)
    } else {
        match words.word(&[])? {
            "bytes" => CaseInput::Bytes(words.quoted()?),
            "service" => CaseInput::Service(words.quoted()?),
            other => {
                return fail(format!(
                    "`{other}` is no way to call; `bytes` and `service` are"
                ));
            }
        }
    };
    words.end()?;
    Ok(CaseCall { function, input })
}

fn values(words: &mut Words<'_>) -> Parsed<Vec<CaseValue>> {
    let mut values = Vec::new();
    while !words.take(")") {
        if !values.is_empty() && !words.take(",") {
            return fail("values are parted by commas");
        }
        values.push(value(words)?);
    }
    Ok(values)
}

fn value(words: &mut Words<'_>) -> Parsed<CaseValue> {
    let kind = words.word(&[])?;
    if kind == "string" {
        return Ok(CaseValue::String(words.text()?));
    }
    let word = words.word(&[',', ')'])?;
    let value = match kind {
        "i32" => word.parse().ok().map(CaseValue::I32),
        "i64" => word.parse().ok().map(CaseValue::I64),
        "f32" => word.parse().ok().map(CaseValue::F32),
        "f64" => word.parse().ok().map(CaseValue::F64),
        _ => return fail(format!("`{kind}` is no type of a value")),
    };
    value.map_or_else(|| fail(format!("`{word}` is no {kind}")), Ok)
}

fn limits(line: &str) -> Parsed<CaseLimits> {
    let mut limits = CaseLimits::default();
    for word in line.split_whitespace() {
        let Some((key, value)) = word.split_once('=') else {
            return fail(format!("`{word}` is not `key=value`"));
        };
        let (field, value) = match key {
            "memory" => (&mut limits.memory_bytes_max, bytes(value)?),
            "table" => (&mut limits.table_elements_max, count(value)?),
            "fuel" => (&mut limits.fuel, count(value)?),
            "deadline" => (&mut limits.deadline_ms, milliseconds(value)?),
            "input" => (&mut limits.input_bytes_max, bytes(value)?),
            "output" => (&mut limits.output_bytes_max, bytes(value)?),
            "host_calls" => (&mut limits.host_calls_max, count(value)?),
            "log" => (&mut limits.log_bytes_max, bytes(value)?),
            _ => return fail(format!("`{key}` is no limit")),
        };
        if field.replace(value).is_some() {
            return fail(format!("`{key}` comes twice"));
        }
    }
    if limits == CaseLimits::default() {
        fail("no limits are given")
    } else {
        Ok(limits)
    }
}

fn bound(word: &str) -> Parsed<Bound> {
    let parts = [(">=", Relation::AtLeast), ("<=", Relation::AtMost)];
    let parts = parts
        .iter()
        .find_map(|&(sign, relation)| word.split_once(sign).map(|(f, v)| (f, relation, v)));
    let Some((field, relation, value)) = parts else {
        return fail(format!(
            "`{word}` is neither `field>=number` nor `field<=number`"
        ));
    };
    if !USAGE.contains(&field) {
        return fail(format!("`{field}` is no field of the usage"));
    }
    Ok(Bound {
        field: field.to_owned(),
        relation,
        value: count(value)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let (line, error) = parse(text).unwrap_err();
        format!("{line}: {error}")
    }

    #[test]
    fn a_full_header() {
        let case = parse(concat!(
            ";; expect: trap unreachable contains \"a \\\"b\\\\\"\n",
            ";; call: run()\n",
            ";; call: run(i32 -1, i64 2, f64 1.5, string \"x, y\")\n",
            ";; call: eval bytes \"\\80a\"\n",
            ";; call: eval service \"\"\n",
            ";; limits: memory=1MiB input=2KiB output=3 table=4 fuel=5 deadline=2s host_calls=6 log=7\n",
            ";; cpu: time\n",
            ";; twice\n",
            ";; usage: fuel>=1 log_bytes<=7\n",
            ";; image: resize ok\n",
            ";; image: info contract contains \"bytes\"\n",
            "\n;; expect: prose, not a header\n(module)",
        ))
        .unwrap();
        let trap = Expect {
            room: Room::Call,
            ending: "trap".into(),
            name: Some("unreachable".into()),
            contains: Some(r#"a "b\"#.into()),
        };
        assert_eq!(case.expect, trap);
        let values = vec![
            CaseValue::I32(-1),
            CaseValue::I64(2),
            CaseValue::F64(1.5),
            CaseValue::String("x, y".into()),
        ];
        let inputs = [
            CaseInput::Values(vec![]),
            CaseInput::Values(values),
            CaseInput::Bytes(vec![0x80, b'a']),
            CaseInput::Service(vec![]),
        ];
        assert_eq!(
            case.calls
                .into_iter()
                .map(|call| call.input)
                .collect::<Vec<_>>(),
            inputs
        );
        let limits = CaseLimits {
            memory_bytes_max: Some(1 << 20),
            table_elements_max: Some(4),
            fuel: Some(5),
            deadline_ms: Some(2000),
            input_bytes_max: Some(2048),
            output_bytes_max: Some(3),
            host_calls_max: Some(6),
            log_bytes_max: Some(7),
        };
        assert_eq!(case.limits, limits);
        assert!(case.cpu_time && case.twice);
        assert_eq!(case.image[0].0, "resize");
        assert_eq!(case.image[1].1.contains.as_deref(), Some("bytes"));
        assert!(case.usage[0].holds(1) && !case.usage[0].holds(0));
        assert!(case.usage[1].holds(7) && !case.usage[1].holds(8));
    }

    #[test]
    fn endings() {
        let read = |line: &str| parse(&format!(";; expect: {line}")).unwrap().expect;
        let expect = |room, ending: &str, name: Option<&str>| Expect {
            room,
            ending: ending.into(),
            name: name.map(Into::into),
            contains: None,
        };
        assert_eq!(
            read("load.proposal gc"),
            expect(Room::Load, "proposal", Some("gc"))
        );
        assert_eq!(
            read("load.limit.memory"),
            expect(Room::Load, "limit.memory", None)
        );
        assert_eq!(
            read("link.missing env.f"),
            expect(Room::Link, "missing", Some("env.f"))
        );
        assert_eq!(read("limit.fuel"), expect(Room::Call, "limit.fuel", None));
        assert_eq!(read("trap contains \"x\"").contains.as_deref(), Some("x"));
        assert_eq!(read("trap contains \"x\"").name, None);
    }

    #[test]
    fn mistakes_in_words() {
        assert_eq!(
            error("(module)"),
            "1: the first line has to be `;; expect: …`"
        );
        assert_eq!(
            error(";; expect: limit.patience"),
            "1: `limit.patience` is no ending"
        );
        assert_eq!(error(";; expect: load.trap"), "1: `load.trap` is no ending");
        assert_eq!(
            error(";; expect: limit.fuel soon"),
            "1: `soon` is more than was expected"
        );
        assert_eq!(
            error(";; expect: ok contains \"x\""),
            "1: `ok` has no text that could contain anything"
        );
        assert_eq!(
            error(";; expect: panic contains \"x"),
            "1: quoted text does not end"
        );
        assert_eq!(
            error(";; expect: panic contains \"\\x\""),
            r#"1: an escape is `\hh`, `\"` or `\\`"#
        );
        assert_eq!(
            error(";; expect: panic contains \"\\ff\""),
            "1: text that is not UTF-8"
        );
        assert_eq!(
            error(";; expect: ok\n;; limts: fuel=1"),
            "2: `limts: fuel=1` is no directive"
        );
        assert_eq!(
            error(";; expect: ok\n;; twice\n;; twice"),
            "3: `twice` comes twice"
        );
        assert_eq!(
            error(";; expect: ok\n;; image: info ok\n;; image: info trap"),
            "3: `image: info trap` comes twice"
        );
    }

    #[test]
    fn mistakes_in_values() {
        assert_eq!(
            error(";; expect: ok\n;; limits: fuel=1 fuel=2"),
            "2: `fuel` comes twice"
        );
        assert_eq!(
            error(";; expect: ok\n;; limits: fuel=many"),
            "2: `many` is no such number"
        );
        assert_eq!(
            error(";; expect: ok\n;; limits: deadline=2"),
            "2: `2` is no such number"
        );
        assert_eq!(
            error(";; expect: ok\n;; limits: memory=18446744073709551615MiB")
                .split(' ')
                .count(),
            6
        );
        assert_eq!(
            error(";; expect: ok\n;; usage: luck>=1"),
            "2: `luck` is no field of the usage"
        );
        assert_eq!(
            error(";; expect: ok\n;; call: run(i32 x)"),
            "2: `x` is no i32"
        );
        assert_eq!(
            error(";; expect: ok\n;; call: run(i32 1 i32 2)"),
            "2: values are parted by commas"
        );
        assert_eq!(
            error(";; expect: ok\n;; call: run"),
            "2: a word was expected before ``"
        );
        assert_eq!(
            error(";; expect: ok\n;; call: eval \"\""),
            "2: `\"\"` is no way to call; `bytes` and `service` are"
        );
    }
}
