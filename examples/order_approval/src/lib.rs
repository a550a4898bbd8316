//! Orders as state machines behind HTTP. Who may approve one is decided by a WebAssembly module that is replaced while the
//! server runs: `PUT /guard`.
//!
//! - `POST /orders` with `{"total": 50}` opens one.
//! - `POST /orders/{id}/events` with `{"type": "pay", "by": "ann"}` gives it an event: 200 if it was taken, 409 with every
//!   refusal if not. A guard that breaks is a 409 too, and the order stays where it was.
//! - `GET /orders/{id}` says where it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock};
use wardian::guard::{GuardError, GuardModule, GuardSlot};
use wardian::machine::{
    Effect, Ending, Event, Machine, Provided, Refusal, Registry, State, Step, StepError, StepLimits,
};
use wardian::{Sandbox, SandboxConfig};

/// Orders that are kept at once.
pub const ORDERS_MAX: usize = 10_000;
/// Bytes of an event: what comes with it may stay in the order.
pub const EVENT_BYTES_MAX: usize = 16 << 10;
/// Bytes of a guard's module.
pub const GUARD_BYTES_MAX: usize = 8 << 20;

/// One order: events wait for each other, other orders do not.
type Order = Arc<Mutex<State<Value>>>;

/// The server's state.
#[derive(Debug)]
pub struct App {
    sandbox: Sandbox,
    deadline: Duration,
    machine: Provided<Value>,
    guard: Arc<GuardSlot>,
    orders: RwLock<HashMap<u64, Order>>,
    next: AtomicU64,
}

impl App {
    /// Orders as `order.json` has them; nobody approves any yet. Guards have this long for an answer.
    pub async fn new(deadline: Duration) -> anyhow::Result<Arc<App>> {
        let sandbox = Sandbox::new(SandboxConfig::default())?;
        let nobody = wat::parse_str(include_str!("../nobody.wat"))?;
        let nobody = loaded(&sandbox, nobody, deadline).await?;
        let guard = Arc::new(GuardSlot::new(nobody));
        let mut registry = Registry::<Value>::new();
        registry
            .foreign_guard("approved", guard.clone())?
            .effect("ship")?
            .effect("give_back")?;
        let machine = Machine::from_json(include_bytes!("../order.json"))?;
        let machine = machine.provide(&registry)?;
        let limits = StepLimits {
            foreign_time_max: deadline * 5,
            ..*machine.limits()
        };
        Ok(Arc::new(App {
            machine: machine.with_limits(limits),
            deadline,
            sandbox,
            guard,
            orders: RwLock::default(),
            next: AtomicU64::new(1),
        }))
    }

    /// The routes.
    pub fn router(self: Arc<App>) -> Router {
        Router::new()
            .route("/orders", post(open))
            .route("/orders/{id}", get(show))
            .route("/orders/{id}/events", post(event))
            .layer(DefaultBodyLimit::max(EVENT_BYTES_MAX))
            .route(
                "/guard",
                put(replace).layer(DefaultBodyLimit::max(GUARD_BYTES_MAX)),
            )
            .with_state(self)
    }
}

#[derive(Deserialize)]
struct NewOrder {
    total: f64,
}

async fn open(Shared(app): Shared<Arc<App>>, Json(new): Json<NewOrder>) -> Answer {
    let context = json!({"status": "open", "total": new.total});
    let step = app.machine.start_async(context).await?;
    let mut orders = app.orders.write().await;
    if orders.len() >= ORDERS_MAX {
        let why = format!("at most {ORDERS_MAX} orders are kept");
        return Err(Refused(
            StatusCode::INSUFFICIENT_STORAGE,
            json!({ "error": why }),
        ));
    }
    let id = app.next.fetch_add(1, Ordering::Relaxed);
    let mut body = told(&step);
    body["id"] = id.into();
    orders.insert(id, Arc::new(Mutex::new(step.state)));
    Ok((StatusCode::CREATED, Json(body)))
}

async fn order(app: &App, id: u64) -> Result<Order, Refused> {
    let found = app.orders.read().await.get(&id).cloned();
    found.ok_or_else(|| Refused(StatusCode::NOT_FOUND, json!({"error": "no such order"})))
}

async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<u64>) -> Answer {
    let order = order(&app, id).await?;
    let state = order.lock().await;
    let body = json!({"id": id, "state": state.value(), "context": state.context()});
    Ok((StatusCode::OK, Json(body)))
}

async fn event(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<u64>,
    Json(event): Json<Value>,
) -> Answer {
    let event = Event::from_json(event)
        .map_err(|error| Refused(StatusCode::BAD_REQUEST, json!({"error": error.to_string()})))?;
    let order = order(&app, id).await?;
    let mut state = order.lock().await;
    // Whatever the guard does, the order has its last good state until this line has ended well.
    let step = app.machine.step_async(&state, &event).await?;
    let body = told(&step);
    if step.outcome.ending != Ending::Taken {
        return Err(Refused(StatusCode::CONFLICT, body));
    }
    *state = step.state;
    Ok((StatusCode::OK, Json(body)))
}

/// Compiled before it is put in place: orders go on with the guard they have.
async fn replace(Shared(app): Shared<Arc<App>>, module: axum::body::Bytes) -> Answer {
    let module = loaded(&app.sandbox, module, app.deadline).await?;
    app.guard.replace(module);
    Ok((StatusCode::OK, Json(json!({"guard": "replaced"}))))
}

async fn loaded(
    sandbox: &Sandbox,
    module: impl Into<axum::body::Bytes>,
    deadline: Duration,
) -> Result<GuardModule, GuardError> {
    let guard = GuardModule::load_from(sandbox, "approved", module).await?;
    let limits = guard.limits().clone().with_deadline(deadline);
    Ok(guard.with_limits(limits))
}

fn told(step: &Step<Value>) -> Value {
    let ending = match step.outcome.ending {
        Ending::Taken => "taken",
        Ending::Ignored => "ignored",
        Ending::Blocked => "blocked",
        Ending::Broken => "broken",
    };
    let effects = step.effects.iter().filter_map(|effect| match effect {
        Effect::Action { name, .. } => Some(json!({ "do": name })),
        Effect::Schedule { event, delay, .. } => {
            Some(json!({"send": event.name(), "after_s": delay.as_secs()}))
        }
        _ => None,
    });
    json!({
        "outcome": ending,
        "state": step.state.value(),
        "effects": effects.collect::<Vec<Value>>(),
        "refusals": step.outcome.refusals.iter().map(refusal).collect::<Vec<Value>>(),
    })
}

fn refusal(refusal: &Refusal) -> Value {
    json!({
        "guard": refusal.guard,
        "reason": refusal.reason,
        "error": refusal.failure.as_ref().map(|failure| &failure.code),
    })
}

type Answer = Result<(StatusCode, Json<Value>), Refused>;

/// A status and why.
struct Refused(StatusCode, Value);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl From<StepError> for Refused {
    fn from(error: StepError) -> Refused {
        Refused(
            StatusCode::CONFLICT,
            json!({"outcome": "failed", "error": error.to_string()}),
        )
    }
}

/// Whoever brings a module learns everything that is wrong with it.
impl From<GuardError> for Refused {
    fn from(error: GuardError) -> Refused {
        let mut why = vec![error.to_string()];
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            why.push(cause.to_string());
            source = cause.source();
        }
        Refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            json!({"error": error.code(), "why": why}),
        )
    }
}
