//! What an event looks like, in the sink, in `tracing` and in metrics.

use std::fs;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use tempfile::TempDir;
use wardian_policy::denials::{
    Allow, Denial, DenialLog, DenialLogConfig, DenialLogError, DeniedResource, Kept, WAIT_MAX,
};

use crate::puppet::{
    ALLOW, LONG, Puppet, counted, denial, eventually, full, spool_in, spooled, tight, traced,
    with_spool,
};

#[test]
fn an_event_is_exactly_so() {
    let whole = r#"{"event":"policy_denied","ts":"2024-02-29T12:34:56.000000007Z","service":"shop","action":"env.read","resource":{"kind":"env_var","id":"PATH"},"reason":"not_in_allowlist","policy":{"version":"3","digest":"b3:9f"}}"#;
    assert_eq!(denial("PATH").to_json(), whole);
    let mut bare = denial("");
    bare.resource = None;
    bare.ts_ns = 0;
    let expected = r#"{"event":"policy_denied","ts":"1970-01-01T00:00:00.000000000Z","service":"shop","action":"env.read","resource":null,"reason":"not_in_allowlist","policy":{"version":"3","digest":"b3:9f"}}"#;
    assert_eq!(bare.to_json(), expected);
    bare.resource = Some(DeniedResource {
        kind: "host".into(),
        id: None,
    });
    bare.ts_ns = u64::MAX;
    assert!(
        bare.to_json()
            .contains(r#""resource":{"kind":"host","id":null},"#)
    );
    assert!(
        bare.to_json()
            .contains(r#""ts":"2554-07-21T23:34:33.709551615Z""#)
    );
}

#[test]
fn both_sides_of_the_cut() {
    for (bytes, kept) in [
        (4_095, 4_095),
        (4_096, 4_096),
        (4_097, 4_096),
        (1 << 20, 4_096),
    ] {
        let event: Value = serde_json::from_str(&denial(&"x".repeat(bytes)).to_json()).unwrap();
        assert_eq!(event["resource"]["id"].as_str().unwrap().len(), kept);
        let cut = (bytes > kept).then_some(bytes);
        assert_eq!(
            event["cut"]["resource.id"].as_u64(),
            cut.map(|bytes| bytes as u64)
        );
        assert_eq!(event.get("cut").is_some(), cut.is_some());
    }
    let line = denial(&"x".repeat(1 << 20)).to_json();
    assert!(
        line.ends_with(
            r#""policy":{"version":"3","digest":"b3:9f"},"cut":{"resource.id":1048576}}"#
        )
    );
    // Three bytes each: 4,095 are kept, and no half of one.
    let event: Value = serde_json::from_str(&denial(&"世".repeat(1_366)).to_json()).unwrap();
    assert_eq!(
        event["resource"]["id"].as_str().unwrap(),
        "世".repeat(1_365)
    );
    assert_eq!(event["cut"]["resource.id"], 4_098);
}

#[test]
fn every_field_is_cut_and_says_so() {
    let long = "\u{1}".repeat(1 << 20);
    let denial = Denial {
        ts_ns: 0,
        service: long.clone(),
        action: long.clone(),
        resource: Some(DeniedResource {
            kind: long.clone(),
            id: Some(long.clone()),
        }),
        reason: long.clone(),
        policy_version: long.as_str().into(),
        policy_digest: long.as_str().into(),
    };
    let line = denial.to_json();
    assert!(line.len() <= 173 << 10, "{}", line.len());
    let event: Value = serde_json::from_str(&line).unwrap();
    let fields = "service action resource.kind resource.id reason policy.version policy.digest";
    for field in fields.split(' ') {
        assert_eq!(event["cut"][field], 1 << 20, "{field}");
    }
}

const HOSTILE: &str =
    "a\n\r\t\0\x1b[31m\u{7f}\u{9b}\u{202e}\u{2028}\u{2029}\u{feff}\"\\\u{e9}\u{1f980}</script>";

#[test]
fn what_misleads_is_escaped_and_comes_back() {
    let mut denial = denial(HOSTILE);
    denial.service = HOSTILE.into();
    let line = denial.to_json();
    assert!(
        line.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{line}"
    );
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["resource"]["id"], HOSTILE);
    assert_eq!(event["service"], HOSTILE);
    assert!(
        line.contains(
            r#"\u0000\u001b[31m\u007f\u009b\u202e\u2028\u2029\ufeff\"\\\u00e9\ud83e\udd80<"#
        ),
        "{line}"
    );
}

#[test]
fn tracing_hears_every_denial_and_no_control_characters() {
    let log = DenialLog::new(tight(), Puppet::taking()).unwrap();
    let text = traced(|| {
        for _ in 0..10 {
            log.denied_blocking(denial(HOSTILE));
        }
        log.denied_blocking(denial(&"x".repeat(5_000)));
    });
    assert_eq!(text.lines().count(), 11);
    assert!(
        text.bytes()
            .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
        "{text}"
    );
    let first = text.lines().next().unwrap();
    let fields = [
        " WARN ",
        r#"event="policy_denied" ts=2024-02-29T12:34:56.000000007Z service=shop action=env.read resource.kind=env_var"#,
        r"resource.id=a\n\r\t\u0000",
        r#"reason=not_in_allowlist policy.version=3 policy.digest=b3:9f"#,
    ];
    for field in fields {
        assert!(first.contains(field), "{first}");
    }
    assert!(
        text.lines()
            .last()
            .unwrap()
            .contains(r#""resource.id\":5000"#),
        "{text}"
    );
}

#[test]
fn one_allow_in_n_is_an_event() {
    for (one_in, allows, expected) in [
        (0, 20, 0),
        (1, 20, 20),
        (10, 10, 1),
        (10, 11, 2),
        (7, 21, 3),
        (7, 22, 4),
    ] {
        let recorder = PrometheusBuilder::new().build_recorder();
        let puppet = Puppet::taking();
        let config = DenialLogConfig {
            allow_one_in: one_in,
            ..DenialLogConfig::default()
        };
        let log =
            metrics::with_local_recorder(&recorder, || DenialLog::new(config, puppet.clone()))
                .unwrap();
        let text = traced(|| (0..allows).for_each(|_| log.allowed(&ALLOW)));
        assert_eq!(text.matches("event=\"policy_allowed\"").count(), expected);
        log.close(LONG);
        // One may find the lock taken, and is dropped then.
        let dropped = counted(&recorder.handle(), "wardian_policy_allows_dropped_total");
        assert_eq!(puppet.lines().len() + dropped, expected);
        let fields = format!(
            r#"Z","service":"shop","action":"env.read","resource":{{"kind":"env_var","id":"HOME"}},"one_in":{one_in},"policy":{{"version":"3","digest":"b3:9f"}}}}"#
        );
        for line in puppet.lines() {
            assert!(
                line.starts_with(r#"{"event":"policy_allowed","ts":"20"#)
                    && line.ends_with(&fields),
                "{line}"
            );
        }
    }
}

#[test]
fn what_is_allowed_statically_is_told_and_counted_as_such() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let puppet = Puppet::taking();
    let config = DenialLogConfig {
        allow_one_in: 1,
        ..DenialLogConfig::default()
    };
    let log = metrics::with_local_recorder(&recorder, || DenialLog::new(config, puppet.clone()));
    let log = log.unwrap();
    let safe = Allow {
        is_static: true,
        ..ALLOW
    };
    let text = traced(|| log.allowed(&safe));
    assert!(text.contains("reason=\"allow.static\""), "{text}");
    log.close(LONG);
    for line in puppet.lines() {
        assert!(line.contains(r#""reason":"allow.static""#), "{line}");
    }
    let counted = r#"wardian_policy_decisions_total{decision="allow",action="env.read",reason="allow.static"} 1"#;
    let text = recorder.handle().render();
    assert!(text.contains(counted), "{text}");
}

#[test]
fn metrics_count_what_happened_and_no_name_that_a_guest_chose() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let dir = TempDir::new().unwrap();
    let path = spool_in(&dir);
    spooled(&path, &["0"]);
    let one = fs::metadata(&path).unwrap().len();
    fs::remove_file(&path).unwrap();
    let mut config = with_spool(
        DenialLogConfig {
            allow_one_in: 2,
            ..tight()
        },
        &path,
    );
    config.spool.as_mut().unwrap().bytes_max = one;
    let (log, released) = metrics::with_local_recorder(&recorder, || full(config));
    let odd = Denial {
        action: "mine".into(),
        reason: "whim".into(),
        ..denial("2")
    };
    assert_eq!(log.denied_blocking(denial("2")), Kept::Spool);
    eventually(|| {
        handle
            .render()
            .contains("wardian_policy_denials_spooled_total 1")
    });
    assert_eq!(log.denied_blocking(odd), Kept::Spool);
    for _ in 0..3 {
        log.allowed(&ALLOW);
        log.allowed(&Allow {
            action: "mine",
            ..ALLOW
        });
    }
    let expected = [
        r#"wardian_policy_decisions_total{decision="deny",action="env.read",reason="not_in_allowlist"} 3"#,
        r#"wardian_policy_decisions_total{decision="deny",action="other",reason="other"} 1"#,
        r#"wardian_policy_decisions_total{decision="allow",action="env.read"} 3"#,
        r#"wardian_policy_decisions_total{decision="allow",action="other"} 3"#,
        r#"wardian_policy_denials_lost_total{action="other"} 1"#,
        r#"wardian_policy_denials_lost_total{action="env.read"} 0"#,
        "wardian_policy_denials_spooled_total 1",
        "wardian_policy_allows_dropped_total 3",
        "wardian_policy_sink_errors_total 0",
    ];
    eventually(|| handle.render().contains(r#"lost_total{action="other"} 1"#));
    let text = handle.render();
    for line in expected {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("mine") && !text.contains("whim"));
    drop(released);

    let (puppet, handle) = (Puppet::failing(), recorder.handle());
    let log = metrics::with_local_recorder(&recorder, || DenialLog::new(tight(), puppet.clone()))
        .unwrap();
    log.denied_blocking(denial("0"));
    puppet.until(|p| p.attempts == 3);
    assert!(
        !handle
            .render()
            .contains("wardian_policy_sink_errors_total 0")
    );
    puppet.release();
}

#[test]
fn both_sides_of_each_setting() {
    type Set = fn(&mut DenialLogConfig);
    let good: [Set; 4] = [
        |c| c.capacity = 1,
        |c| c.wait = Duration::ZERO,
        |c| c.wait = WAIT_MAX,
        |c| c.actions_max = 256,
    ];
    let bad: [Set; 4] = [
        |c| c.capacity = 0,
        |c| c.wait = WAIT_MAX + Duration::from_millis(1),
        |c| c.actions_max = 257,
        |c| c.reasons = vec![String::new(); 65],
    ];
    let log = |set: Set| {
        let mut config = DenialLogConfig::default();
        set(&mut config);
        DenialLog::new(config, Puppet::taking())
    };
    for set in good {
        log(set).unwrap();
    }
    for set in bad {
        let error = log(set).unwrap_err();
        assert!(matches!(error, DenialLogError::Range { .. }), "{error:?}");
    }
    assert_eq!(
        log(|c| c.capacity = 0).unwrap_err().to_string(),
        "`capacity` of the denial log is out of range: asked 0, allowed 1 to 1048576"
    );
}
