//! The events: what a denial and a sampled allow look like in JSON and in `tracing`.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::denials::counters::STATIC;
use crate::denials::text::{Escaped, FIELD_BYTES_MAX, Quoted, Timestamp};

/// A denial. Its texts may come from a guest, and may have any length: what is kept is cut to
/// [`FIELD_BYTES_MAX`] each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// When, in nanoseconds since 1970.
    pub ts_ns: u64,
    /// Which service asked.
    pub service: String,
    /// What it wanted to do.
    pub action: String,
    /// To what, where it said so.
    pub resource: Option<DeniedResource>,
    /// The code of the reason.
    pub reason: String,
    /// The version of the policy that decided.
    pub policy_version: Arc<str>,
    /// Its digest.
    pub policy_digest: Arc<str>,
}

/// What an action was to be done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedResource {
    /// What it is.
    pub kind: String,
    /// Which one.
    pub id: Option<String>,
}

/// An allow, borrowed: most are only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allow<'a> {
    /// Which service asked.
    pub service: &'a str,
    /// What it may do.
    pub action: &'a str,
    /// Kind and id of what it does it to, where it said so.
    pub resource: Option<(&'a str, Option<&'a str>)>,
    /// Whether it is declared safe, so that the policy was not asked: its reason is then `allow.static`.
    pub is_static: bool,
    /// The version of the policy that decided.
    pub policy_version: &'a str,
    /// Its digest.
    pub policy_digest: &'a str,
}

impl Denial {
    /// The event, on one line, in ASCII.
    ///
    /// ```
    /// use wardian_policy::denials::Denial;
    ///
    /// let denial = Denial {
    ///     ts_ns: 1_709_210_096_000_000_007,
    ///     service: "shop".into(),
    ///     action: "db.drop".into(),
    ///     resource: None,
    ///     reason: "unknown_action".into(),
    ///     policy_version: "3".into(),
    ///     policy_digest: "b3:9f".into(),
    /// };
    /// let json = r#"{"event":"policy_denied","ts":"2024-02-29T12:34:56.000000007Z","service":"shop","action":"db.drop","#;
    /// let rest = r#""resource":null,"reason":"unknown_action","policy":{"version":"3","digest":"b3:9f"}}"#;
    /// assert_eq!(denial.to_json(), [json, rest].concat());
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.fields().to_json()
    }

    fn fields(&self) -> Fields<'_> {
        let resource = self.resource.as_ref();
        Fields {
            event: "policy_denied",
            ts_ns: self.ts_ns,
            service: &self.service,
            action: &self.action,
            resource: resource.map(|resource| (&*resource.kind, resource.id.as_deref())),
            reason: Some(&self.reason),
            one_in: None,
            version: &self.policy_version,
            digest: &self.policy_digest,
        }
    }

    pub(crate) fn trace(&self) {
        let fields = self.fields();
        tracing::warn!(
            event = fields.event,
            ts = %Timestamp(self.ts_ns),
            service = %Escaped(fields.service),
            action = %Escaped(fields.action),
            resource.kind = fields.kind().map(Escaped).map(tracing::field::display),
            resource.id = fields.id().map(Escaped).map(tracing::field::display),
            reason = %Escaped(&self.reason),
            policy.version = %Escaped(fields.version),
            policy.digest = %Escaped(fields.digest),
            cut = fields.cut(),
            "denied by policy"
        );
    }
}

impl Allow<'_> {
    pub(super) fn to_json(self, ts_ns: u64, one_in: u64) -> String {
        self.fields(ts_ns, one_in).to_json()
    }

    fn fields(&self, ts_ns: u64, one_in: u64) -> Fields<'_> {
        Fields {
            event: "policy_allowed",
            ts_ns,
            service: self.service,
            action: self.action,
            resource: self.resource,
            reason: self.is_static.then_some(STATIC),
            one_in: Some(one_in),
            version: self.policy_version,
            digest: self.policy_digest,
        }
    }

    pub(super) fn trace(&self, ts_ns: u64, one_in: u64) {
        let fields = self.fields(ts_ns, one_in);
        tracing::info!(
            event = fields.event,
            ts = %Timestamp(ts_ns),
            service = %Escaped(fields.service),
            action = %Escaped(fields.action),
            resource.kind = fields.kind().map(Escaped).map(tracing::field::display),
            resource.id = fields.id().map(Escaped).map(tracing::field::display),
            reason = fields.reason,
            one_in,
            policy.version = %Escaped(fields.version),
            policy.digest = %Escaped(fields.digest),
            cut = fields.cut(),
            "allowed by policy"
        );
    }
}

/// What both events are written from.
struct Fields<'a> {
    event: &'static str,
    ts_ns: u64,
    service: &'a str,
    action: &'a str,
    resource: Option<(&'a str, Option<&'a str>)>,
    reason: Option<&'a str>,
    one_in: Option<u64>,
    version: &'a str,
    digest: &'a str,
}

impl<'a> Fields<'a> {
    fn kind(&self) -> Option<&'a str> {
        self.resource.map(|(kind, _)| kind)
    }

    fn id(&self) -> Option<&'a str> {
        self.resource.and_then(|(_, id)| id)
    }

    fn to_json(&self) -> String {
        let mut out = String::with_capacity(320);
        // Writing into a String does not fail.
        let _ = write!(
            out,
            r#"{{"event":"{}","ts":"{}","service":{},"action":{},"resource":"#,
            self.event,
            Timestamp(self.ts_ns),
            Quoted(self.service),
            Quoted(self.action),
        );
        let _ = match self.resource {
            None => write!(out, "null"),
            Some((kind, None)) => write!(out, r#"{{"kind":{},"id":null}}"#, Quoted(kind)),
            Some((kind, Some(id))) => {
                write!(out, r#"{{"kind":{},"id":{}}}"#, Quoted(kind), Quoted(id))
            }
        };
        if let Some(reason) = self.reason {
            let _ = write!(out, r#","reason":{}"#, Quoted(reason));
        }
        if let Some(one_in) = self.one_in {
            let _ = write!(out, r#","one_in":{one_in}"#);
        }
        let (version, digest) = (Quoted(self.version), Quoted(self.digest));
        let _ = write!(
            out,
            r#","policy":{{"version":{version},"digest":{digest}}}"#
        );
        if let Some(cut) = self.cut() {
            let _ = write!(out, r#","cut":{cut}"#);
        }
        out.push('}');
        out
    }

    /// The fields that are longer than what is kept of them, with their lengths in bytes, as JSON.
    fn cut(&self) -> Option<String> {
        let fields = [
            ("service", Some(self.service)),
            ("action", Some(self.action)),
            ("resource.kind", self.kind()),
            ("resource.id", self.id()),
            ("reason", self.reason),
            ("policy.version", Some(self.version)),
            ("policy.digest", Some(self.digest)),
        ];
        let long = fields.into_iter().filter_map(|(name, text)| {
            let bytes = text?.len();
            (bytes > FIELD_BYTES_MAX).then(|| format!(r#""{name}":{bytes}"#))
        });
        let long: Vec<String> = long.collect();
        (!long.is_empty()).then(|| format!("{{{}}}", long.join(",")))
    }
}
