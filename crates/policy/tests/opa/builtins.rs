//! Builtins of the host against OPA 1.20.2, which wrote `fixtures/builtins.json`.

use wardian_policy::opa::{Fault, Term, call};

#[test]
fn builtins_answer_as_opa() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/opa/fixtures/builtins.json"
    );
    let cases: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let (name, text) = (
            case["call"].as_str().unwrap(),
            case["args"].as_str().unwrap(),
        );
        let Ok(Term::Array(args)) = Term::read(text.as_bytes()) else {
            panic!("{text}");
        };
        let said = call(name, &args, 0).unwrap_or_else(|fault| panic!("{name} {text}: {fault}"));
        let expected = case.get("is").cloned().map(Term::from);
        let same = match (&said, &expected) {
            (Some(said), Some(expected)) => equal(said, expected),
            (None, None) => true,
            _ => false,
        };
        if !same {
            wrong.push(format!(
                "{name}{text}\n  is   {said:?}\n  want {expected:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    assert!(cases.len() > 1000);
}

fn equal(a: &Term, b: &Term) -> bool {
    match (a, b) {
        (Term::Object(a), Term::Object(b)) => {
            a.len() == b.len() && a.iter().all(|member| b.contains(member))
        }
        (Term::Number(a), Term::Number(b)) => a.parse::<f64>() == b.parse::<f64>(),
        _ => a == b,
    }
}

#[test]
fn what_passes_a_bound_is_a_fault() {
    let read = |text: &str| match Term::read(text.as_bytes()) {
        Ok(Term::Array(args)) => args,
        other => panic!("{other:?}"),
    };
    for (name, args) in [
        ("sprintf", r#"["%99999999999d",[1]]"#.to_owned()),
        ("sprintf", r#"["%.99999999f",[1.5]]"#.to_owned()),
        ("sprintf", r#"["%*d",[9000000,1]]"#.to_owned()),
        ("sprintf", r#"["%010001d",[1]]"#.to_owned()),
        ("sprintf", r#"["%.10001f",[1.5]]"#.to_owned()),
        (
            "sprintf",
            r#"["%9999s%9999s%9999s%9999s%9999s%9999s%9999s",["","","","","","",""]]"#.to_owned(),
        ),
        ("numbers.range_step", "[0,10001,1]".to_owned()),
        (
            "numbers.range_step",
            "[-9223372036854775808,9223372036854775807,1]".to_owned(),
        ),
        ("regex.split", format!(r#"["{}","x"]"#, "a".repeat(1025))),
        ("regex.split", format!(r#"["a","{}"]"#, "x".repeat(8193))),
    ] {
        let fault = call(name, &read(&args), 0).unwrap_err();
        assert!(matches!(fault, Fault::TooLong { .. }), "{name}: {fault}");
    }
    for (name, args) in [
        ("numbers.range_step", "[0,10000,1]".to_owned()),
        ("sprintf", r#"["%010000d",[1]]"#.to_owned()),
        (
            "sprintf",
            r#"["%-10000s|%.10000f|%.10000e|%.10000g",["x",1.5,1.5,1.5]]"#.to_owned(),
        ),
        (
            "sprintf",
            format!(r#"["%v %g",[{0},{0}.5]]"#, "9".repeat(400)),
        ),
        (
            "regex.split",
            format!(r#"["{}","{}"]"#, "a".repeat(1024), "x".repeat(8192)),
        ),
    ] {
        call(name, &read(&args), 0).unwrap().unwrap();
    }
    assert_eq!(call("http.send", &[], 0), Err(Fault::NotProvided));
    assert_eq!(call("time.now_ns", &[], 5), Ok(Some(Term::from(5))));
}
