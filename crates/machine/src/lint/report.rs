//! Reports as text, as JSON, and as SARIF 2.1.0 for those who show findings beside a document.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Finding, Report, Rule, Severity};
use crate::problem::Quoted;

impl Rule {
    /// All, in the order of their numbers in SARIF.
    pub const ALL: [Rule; 8] = [
        Rule::Invalid,
        Rule::UndefinedTarget,
        Rule::UnreachableState,
        Rule::DeadTransition,
        Rule::Nondeterminism,
        Rule::DeadEnd,
        Rule::NoWayToFinal,
        Rule::Unsearched,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::Invalid => "invalid",
            Rule::UndefinedTarget => "undefined-target",
            Rule::UnreachableState => "unreachable-state",
            Rule::DeadTransition => "dead-transition",
            Rule::Nondeterminism => "nondeterminism",
            Rule::DeadEnd => "dead-end",
            Rule::NoWayToFinal => "no-way-to-final",
            Rule::Unsearched => "unsearched",
        }
    }

    /// What it looks for.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Rule::Invalid => "the document is no machine",
            Rule::UndefinedTarget => "a target leads to no state",
            Rule::UnreachableState => "a state can never be active, or a history is never asked",
            Rule::DeadTransition => "a transition can never be taken",
            Rule::Nondeterminism => {
                "several transitions can pass, and the order of the document decides"
            }
            Rule::DeadEnd => "nothing leads out of a state that is not final",
            Rule::NoWayToFinal => "no final state of the machine can be reached from a state",
            Rule::Unsearched => "the guards are too many to be searched through",
        }
    }

    /// The severity that its findings have unless they say otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Rule::Invalid | Rule::UndefinedTarget => Severity::Error,
            Rule::Nondeterminism | Rule::Unsearched => Severity::Note,
            _ => Severity::Warning,
        }
    }
}

impl Severity {
    /// Its name in reports, and its level in SARIF.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (severity, rule) = (self.severity.name(), self.rule.name());
        let place = match &*self.pointer {
            "" => "the machine",
            pointer => pointer,
        };
        write!(f, "{severity}[{rule}] {}: {}", Quoted(place), self.message)
    }
}

impl Report {
    /// The worst there is; nothing where there are no findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings.filter(|one| one.severity == severity).count()
    }

    /// A line for each finding, and one that counts them.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{finding}");
        }
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        let counts = severities.iter().filter_map(|severity| {
            match (self.count(*severity), severity.name()) {
                (0, _) => None,
                (1, name) => Some(format!("1 {name}")),
                (count, name) => Some(format!("{count} {name}s")),
            }
        });
        let counts: Vec<String> = counts.collect();
        match counts.is_empty() {
            true => text.push_str("no findings"),
            false => text.push_str(&counts.join(", ")),
        }
        text.push('\n');
        text
    }

    /// `{findings: [{rule, severity, pointer, message}], errors, warnings, notes}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            json!({
                "rule": finding.rule.name(),
                "severity": finding.severity.name(),
                "pointer": finding.pointer,
                "message": finding.message,
            })
        });
        json!({
            "findings": findings.collect::<Vec<Value>>(),
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "notes": self.count(Severity::Note),
        })
    }

    /// A log of SARIF 2.1.0 with one run. `document_uri` says where the document is; the places in it are JSON pointers,
    /// as names of logical locations.
    #[must_use]
    pub fn to_sarif(&self, document_uri: &str) -> Value {
        let rules = Rule::ALL.iter().map(|rule| {
            json!({
                "id": rule.name(),
                "shortDescription": {"text": rule.description()},
                "defaultConfiguration": {"level": rule.severity().name()},
            })
        });
        let results = self.findings.iter().map(|one| result(one, document_uri));
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "wardian",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules.collect::<Vec<Value>>(),
                }},
                "results": results.collect::<Vec<Value>>(),
            }],
        })
    }
}

fn result(finding: &Finding, document_uri: &str) -> Value {
    json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": finding.severity.name(),
        "message": {"text": plain(&finding.message)},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": document_uri}},
            "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
        }],
    })
}

/// In SARIF, braces are placeholders and brackets begin links: a name in a document must make neither.
fn plain(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        match character {
            '{' => text.push_str("{{"),
            '}' => text.push_str("}}"),
            '[' => text.push_str("\\["),
            ']' => text.push_str("\\]"),
            other => text.push(other),
        }
    }
    text
}
