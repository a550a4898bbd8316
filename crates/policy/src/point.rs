//! Where a host asks: what is declared safe, what is remembered, the policy that decides now, and the log.
//!
//! in: a question; out: a decision; never: another policy's decision, or a yes because something failed.

use std::sync::Arc;

use arc_swap::ArcSwap;
use wardian_rules::Input;

use crate::cache::{CacheConfig, DecisionCache};
use crate::checker::{PolicyChecker, PolicyId};
use crate::denials::{Allow, Denial, DenialLog, DeniedResource, now_ns};
use crate::fixture::{Fixture, Refused, try_fixtures, try_fixtures_blocking};
use crate::statics::StaticRule;
use crate::{Decision, Reason};

/// What a host decides beside the policy.
#[derive(Clone, Debug, Default)]
pub struct PointConfig {
    /// Operations that are allowed whatever the policy says, and counted and logged as `allow.static`.
    pub statics: Vec<StaticRule>,
    /// How much is remembered of policies that say that they are pure; nothing where there is none.
    pub cache: Option<CacheConfig>,
    /// Where denials are written, and some of the allows. Without one denials go to `tracing` alone.
    pub log: Option<Arc<DenialLog>>,
}

/// Asks the policy that is active. Cloning shares it.
///
/// ```
/// use wardian_policy::{Decision, DecisionPoint, Input, LocalChecker, PointConfig, Reason};
///
/// let point = DecisionPoint::new(LocalChecker::from_json(br#"{"env": ["HOME"]}"#)?, PointConfig::default());
/// let home = Input::new("env.read", "env_var", "HOME");
/// assert_eq!(point.check_blocking(&home), Decision::Allow);
///
/// point.replace(LocalChecker::from_json(br#"{"env": []}"#)?);
/// assert_eq!(point.check_blocking(&home), Decision::Deny(Reason::NOT_IN_ALLOWLIST));
/// # Ok::<(), wardian_policy::Problems>(())
/// ```
#[derive(Clone, Debug)]
pub struct DecisionPoint(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: PointConfig,
    active: ArcSwap<Active>,
}

/// The policy that decides, and what is remembered of it: they go together.
#[derive(Debug)]
struct Active {
    checker: Option<Arc<dyn PolicyChecker>>,
    cache: Option<DecisionCache>,
    id: PolicyId,
}

impl Active {
    fn new(checker: Arc<dyn PolicyChecker>, config: &PointConfig) -> Active {
        let id = checker.policy().clone();
        let cache = config.cache.filter(|_| checker.is_pure());
        Active {
            cache: cache.map(|cache| DecisionCache::new(cache, &id)),
            checker: Some(checker),
            id,
        }
    }

    fn statics(&self) -> &[StaticRule] {
        self.checker
            .as_deref()
            .map_or(&[], |checker| checker.statics())
    }

    /// What is known without asking: a decision, or what it will be kept under.
    fn remembered(&self, input: &Input<'_>) -> Result<Decision, Option<[u8; 32]>> {
        let Some(cache) = &self.cache else {
            return Err(None);
        };
        let Some(key) = cache.key(input) else {
            return Err(None);
        };
        cache.find(&key).ok_or(Some(key))
    }

    fn keep(&self, key: Option<[u8; 32]>, decision: &Decision) {
        if let (Some(cache), Some(key)) = (&self.cache, key) {
            cache.keep(key, decision);
        }
    }
}

impl DecisionPoint {
    /// Asks this checker.
    #[must_use]
    pub fn new(checker: impl PolicyChecker + 'static, config: PointConfig) -> DecisionPoint {
        DecisionPoint::shared(Arc::new(checker), config)
    }

    /// The same with a checker that others have too.
    #[must_use]
    pub fn shared(checker: Arc<dyn PolicyChecker>, config: PointConfig) -> DecisionPoint {
        let active = ArcSwap::from_pointee(Active::new(checker, &config));
        DecisionPoint(Arc::new(Inner { config, active }))
    }

    /// Has no policy: everything that is not declared safe is denied as `policy_unavailable`, until there is one.
    #[must_use]
    pub fn unavailable(config: PointConfig) -> DecisionPoint {
        let active = ArcSwap::from_pointee(Active {
            checker: None,
            cache: None,
            id: PolicyId {
                version: "".into(),
                digest: "".into(),
            },
        });
        DecisionPoint(Arc::new(Inner { config, active }))
    }

    /// Decides. What is declared safe, remembered, or decided natively takes no allocation. A denied caller may wait until
    /// its denial is written, as long as the log says.
    pub async fn check(&self, input: &Input<'_>) -> Decision {
        let active = self.0.active.load_full();
        if self.is_static(input, &active) {
            return self.allowed_statically(input, &active.id);
        }
        let decision = match active.remembered(input) {
            Ok(decision) => decision,
            Err(key) => {
                let decision = match &active.checker {
                    Some(checker) => checker.check(input).await,
                    None => Decision::Deny(Reason::POLICY_UNAVAILABLE),
                };
                active.keep(key, &decision);
                decision
            }
        };
        match &decision {
            Decision::Allow => self.log_allow(input, &active.id),
            Decision::Deny(reason) => self.log_denial(input, reason, &active.id).await,
        }
        decision
    }

    /// The same on the caller's thread.
    pub fn check_blocking(&self, input: &Input<'_>) -> Decision {
        let active = self.0.active.load_full();
        if self.is_static(input, &active) {
            return self.allowed_statically(input, &active.id);
        }
        let decision = match active.remembered(input) {
            Ok(decision) => decision,
            Err(key) => {
                let decision = match &active.checker {
                    Some(checker) => checker.check_blocking(input),
                    None => Decision::Deny(Reason::POLICY_UNAVAILABLE),
                };
                active.keep(key, &decision);
                decision
            }
        };
        match &decision {
            Decision::Allow => self.log_allow(input, &active.id),
            Decision::Deny(reason) => {
                futures_lite::future::block_on(self.log_denial(input, reason, &active.id));
            }
        }
        decision
    }

    /// Decides a question in JSON. A text that is none is denied as `malformed_input`, and logged as a question without an
    /// action.
    pub async fn check_json(&self, text: &[u8]) -> Decision {
        match Input::from_json(text) {
            Ok(input) => self.check(&input).await,
            Err(_) => {
                let active = self.0.active.load_full();
                let input = Input {
                    resource: None,
                    ..Input::new("", "", "")
                };
                let reason = Reason::MALFORMED_INPUT;
                self.log_denial(&input, &reason, &active.id).await;
                Decision::Deny(reason)
            }
        }
    }

    /// From now on this one decides. A check that has begun ends with the policy that it began with.
    pub fn replace(&self, checker: impl PolicyChecker + 'static) {
        self.replace_shared(Arc::new(checker));
    }

    /// The same with a checker that others have too.
    pub fn replace_shared(&self, checker: Arc<dyn PolicyChecker>) {
        let active = Active::new(checker, &self.0.config);
        tracing::info!(
            version = %wardian_sandbox::text::clean(active.id.version.as_bytes(), 100),
            digest = &*active.id.digest,
            "policy replaced"
        );
        self.0.active.store(Arc::new(active));
    }

    /// The same, if it answers these fixtures as they say; otherwise the policy stays that is active.
    ///
    /// # Errors
    /// [`Refused`] with all that it answers otherwise, or because there are no fixtures.
    pub async fn replace_tried(
        &self,
        checker: Arc<dyn PolicyChecker>,
        fixtures: &[Fixture],
    ) -> Result<(), Refused> {
        try_fixtures(&*checker, fixtures).await?;
        self.replace_shared(checker);
        Ok(())
    }

    /// The same on the caller's thread.
    ///
    /// # Errors
    /// As [`DecisionPoint::replace_tried`].
    pub fn replace_tried_blocking(
        &self,
        checker: Arc<dyn PolicyChecker>,
        fixtures: &[Fixture],
    ) -> Result<(), Refused> {
        try_fixtures_blocking(&*checker, fixtures)?;
        self.replace_shared(checker);
        Ok(())
    }

    /// Which policy decides now.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.0.active.load().id.clone()
    }

    /// What is declared safe now, here and by the policy.
    #[must_use]
    pub fn statics(&self) -> Vec<StaticRule> {
        let active = self.0.active.load();
        let ours = self.0.config.statics.iter();
        ours.chain(active.statics()).cloned().collect()
    }

    fn is_static(&self, input: &Input<'_>, active: &Active) -> bool {
        let mut rules = self.0.config.statics.iter().chain(active.statics());
        rules.any(|rule| rule.covers(input))
    }

    fn allowed_statically(&self, input: &Input<'_>, policy: &PolicyId) -> Decision {
        if let Some(log) = &self.0.config.log {
            log.allowed(&Allow {
                is_static: true,
                ..allow(input, policy)
            });
        }
        Decision::Allow
    }

    fn log_allow(&self, input: &Input<'_>, policy: &PolicyId) {
        if let Some(log) = &self.0.config.log {
            log.allowed(&allow(input, policy));
        }
    }

    async fn log_denial(&self, input: &Input<'_>, reason: &Reason, policy: &PolicyId) {
        let denial = denial(input, reason, policy);
        match &self.0.config.log {
            Some(log) => {
                log.denied(denial).await;
            }
            None => denial.trace(),
        }
    }
}

fn denial(input: &Input<'_>, reason: &Reason, policy: &PolicyId) -> Denial {
    Denial {
        ts_ns: now_ns(),
        service: input.env.service.clone().into_owned(),
        action: input.action.clone().into_owned(),
        resource: input.resource.as_ref().map(|resource| DeniedResource {
            kind: resource.kind.clone().into_owned(),
            id: resource.id.clone().map(Into::into),
        }),
        reason: reason.code().to_owned(),
        policy_version: policy.version.clone(),
        policy_digest: policy.digest.clone(),
    }
}

fn allow<'a>(input: &'a Input<'_>, policy: &'a PolicyId) -> Allow<'a> {
    let resource = input.resource.as_ref();
    Allow {
        service: &input.env.service,
        action: &input.action,
        resource: resource.map(|resource| (&*resource.kind, resource.id.as_deref())),
        is_static: false,
        policy_version: &policy.version,
        policy_digest: &policy.digest,
    }
}
