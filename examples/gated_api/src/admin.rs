//! How the policy is replaced: the new one is loaded and tried beside the one that decides, and only then takes its place.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::{StatusCode, header::AUTHORIZATION, request::Parts};
use axum::{Json, Router, routing::put};
use serde_json::{Value, json};
use tokio::{sync::Mutex, task::spawn_blocking};
use wardian::policy::artifact::Artifact;
use wardian::policy::{DecisionPoint, PolicyId, Prepared, WasmChecker, make};
use wardian::{Sandbox, SandboxConfig};

use crate::Settings;

/// Bytes of a policy.
const POLICY_BYTES_MAX: usize = 8 << 20;

#[derive(Debug)]
pub struct Admin {
    sandbox: Sandbox,
    point: DecisionPoint,
    settings: Settings,
    /// Of the whole header: hashes are compared in constant time, and may be shown.
    token: blake3::Hash,
    /// One policy at a time is compiled, and the last one that came decides.
    turn: Arc<Mutex<()>>,
}

impl Admin {
    pub fn new(point: DecisionPoint, token: &str, settings: Settings) -> anyhow::Result<Admin> {
        anyhow::ensure!(!token.is_empty(), "the administrator's token is empty");
        Ok(Admin {
            sandbox: Sandbox::new(SandboxConfig::default())?,
            point,
            settings,
            token: blake3::hash(format!("Bearer {token}").as_bytes()),
            turn: Arc::default(),
        })
    }

    pub fn router(self: Arc<Admin>) -> Router {
        Router::new()
            .route("/policy", put(replace))
            .layer(DefaultBodyLimit::max(POLICY_BYTES_MAX))
            .with_state(self)
    }

    /// Puts a policy in place, or says why not; goes on when nobody waits for it any more.
    pub async fn install(self: Arc<Admin>, policy: Bytes) -> anyhow::Result<PolicyId> {
        let turn = self.turn.clone().lock_owned().await;
        spawn_blocking(move || {
            let _turn = turn;
            self.install_blocking(policy)
        })
        .await?
    }

    fn install_blocking(&self, policy: Bytes) -> anyhow::Result<PolicyId> {
        let wasm = match policy.starts_with(b"\0asm") {
            true => policy,
            false => make::from_document(&self.sandbox, &policy)?,
        };
        let artifact = Artifact::from_bytes(wasm.into())?;
        let mut prepared = Prepared::of(&artifact);
        prepared.limits = prepared.limits.with_deadline(self.settings.check_deadline);
        let id = prepared.id.clone();
        let checker = WasmChecker::load_blocking(&self.sandbox, &artifact, prepared)?;
        let fixtures = &self.settings.fixtures;
        self.point
            .replace_tried_blocking(Arc::new(checker), fixtures)?;
        Ok(id)
    }
}

/// The token was right. It stands before the body among the arguments, so that nobody else's body is read.
struct Admitted;

impl FromRequestParts<Arc<Admin>> for Admitted {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        admin: &Arc<Admin>,
    ) -> Result<Admitted, StatusCode> {
        let given = parts.headers.get(AUTHORIZATION);
        let is_right = given.is_some_and(|given| blake3::hash(given.as_bytes()) == admin.token);
        is_right.then_some(Admitted).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn replace(
    State(admin): State<Arc<Admin>>,
    _: Admitted,
    policy: Bytes,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let installed = admin.install(policy).await;
    let installed = installed.map(|id| Json(json!({"policy": &*id.digest})));
    installed.map_err(|error| {
        let why: Vec<String> = error.chain().map(ToString::to_string).collect();
        let body = json!({"error": "the policy is refused", "why": why});
        (StatusCode::UNPROCESSABLE_ENTITY, Json(body))
    })
}
