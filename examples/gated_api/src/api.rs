//! What customers reach. A handler is given a [`Caller`], and that has nothing but gated capabilities: it cannot forget to ask.

use axum::extract::{DefaultBodyLimit, FromRequestParts, Query};
use axum::http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts};
use axum::{Json, Router, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use wardian::policy::gate::{Asker, Denied, FetchRequest, GateError, Gated, HttpGateError};
use wardian::policy::{Actor, DecisionPoint, Env};

use crate::orders::Orders;
use crate::outbound::Outbound;

/// Bytes of an order.
const ORDER_BYTES_MAX: usize = 16 << 10;

/// The capabilities, for nobody yet.
#[derive(Clone)]
struct Gates {
    orders: Gated<Orders>,
    outbound: Gated<Outbound>,
}

pub fn router(point: &DecisionPoint) -> anyhow::Result<Router> {
    let gates = Gates {
        orders: Gated::new(Orders::in_memory()?, point, Asker::default()),
        outbound: Gated::new(Outbound::new(), point, Asker::default()),
    };
    Ok(Router::new()
        .route("/orders", get(list).post(create))
        .layer(DefaultBodyLimit::max(ORDER_BYTES_MAX))
        .with_state(gates))
}

/// The capabilities of whoever sent a request.
struct Caller(Gates);

impl FromRequestParts<Gates> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, gates: &Gates) -> Result<Caller, StatusCode> {
        let actor = match parts.headers.get("x-user").map(HeaderValue::to_str) {
            None => Actor::Anonymous,
            Some(Ok(name)) => Actor::User(name.to_owned().into()),
            Some(Err(_)) => return Err(StatusCode::BAD_REQUEST),
        };
        let env = Env {
            service: "gated_api".into(),
            ..Env::default()
        };
        let asker = Asker { actor, env };
        Ok(Caller(Gates {
            orders: gates.orders.for_asker(asker.clone()),
            outbound: gates.outbound.for_asker(asker),
        }))
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: i64,
}

async fn list(Caller(gates): Caller, Query(page): Query<Page>) -> Result<Json<Value>, Refused> {
    let parameters = vec![page.after.into()];
    let orders = gates.orders.query("orders.list", parameters).await;
    let orders = orders.map_err(refused)?;
    Ok(Json(json!({ "orders": orders })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
    quantity: u32,
    notify: Option<Url>,
}

async fn create(
    Caller(gates): Caller,
    Json(new): Json<NewOrder>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let told = json!({"item": new.item, "quantity": new.quantity});
    let parameters = vec![new.item.into(), new.quantity.into()];
    let created = gates.orders.execute("orders.create", parameters).await;
    created.map_err(refused)?;
    // The order is there, whatever becomes of the notice: so it is 201, and the answer says both.
    let notified = match new.notify {
        None => Value::Null,
        Some(url) => notify(&gates.outbound, url, &told).await,
    };
    Ok((StatusCode::CREATED, Json(json!({ "notified": notified }))))
}

async fn notify(outbound: &Gated<Outbound>, url: Url, order: &Value) -> Value {
    let mut request = FetchRequest::get(url);
    request.method = Method::POST;
    request.body = order.to_string().into();
    let json = HeaderValue::from_static("application/json");
    request.headers.insert(CONTENT_TYPE, json);
    match outbound.fetch(request).await {
        Ok(response) => json!({"status": response.status.as_u16()}),
        Err(HttpGateError::Denied(denied)) => denial(&denied),
        Err(error) => {
            tracing::warn!("a notice failed: {error:?}");
            json!({"failed": "it could not be delivered"})
        }
    }
}

fn denial(denied: &Denied) -> Value {
    json!({"denied": {"action": denied.action, "reason": denied.reason.code()}})
}

type Refused = (StatusCode, Json<Value>);

fn refused(error: GateError<anyhow::Error>) -> Refused {
    match error {
        GateError::Denied(denied) => (StatusCode::FORBIDDEN, Json(denial(&denied))),
        GateError::Failed(error) => {
            tracing::error!("a query failed: {error:?}");
            let body = json!({"error": "the database failed"});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(body))
        }
    }
}
