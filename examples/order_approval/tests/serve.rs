//! The server over a real socket, with guards that were written in other languages and brought while it serves.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use order_approval::App;
use serde_json::{Value, json};

struct Server {
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn new() -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let address = runtime.block_on(async {
            let app = App::new(Duration::from_secs(5)).await.unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(axum::serve(listener, app.router()).into_future());
            address.to_string()
        });
        Server {
            address,
            _runtime: runtime,
        }
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn event(&self, order: u64, event: &Value) -> (u16, Value) {
        let path = format!("/orders/{order}/events");
        self.send("POST", &path, event.to_string().as_bytes())
    }

    fn paid(&self, total: f64) -> u64 {
        let (status, body) = self.send(
            "POST",
            "/orders",
            json!({"total": total}).to_string().as_bytes(),
        );
        assert_eq!(status, 201, "{body}");
        let id = body["id"].as_u64().unwrap();
        let (status, body) = self.event(id, &json!({"type": "pay", "by": "ann"}));
        assert_eq!(status, 200, "{body}");
        id
    }
}

#[test]
fn a_guard_of_any_language_is_replaced_while_it_serves() {
    let server = Server::new();
    let (large, small) = (server.paid(50.0), server.paid(39.0));
    let (status, body) = server.event(large, &json!({"type": "approve"}));
    assert_eq!((status, &body["outcome"]), (409, &json!("blocked")));
    assert_eq!(body["refusals"][0]["reason"], "nobody has looked at it yet");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    for guard in wardian_testkit::guests::guards::guards(target).unwrap() {
        let module = std::fs::read(&guard.path).unwrap();
        let (status, body) = server.send("PUT", "/guard", &module);
        assert_eq!(status, 200, "{}: {body}", guard.language);
        let (status, body) = server.event(small, &json!({"type": "approve"}));
        assert_eq!(status, 409, "{}: {body}", guard.language);
        assert_eq!(body["outcome"], "blocked", "{}: {body}", guard.language);
        let order = server.paid(40.0);
        let (status, body) = server.event(order, &json!({"type": "approve"}));
        assert_eq!(status, 200, "{}: {body}", guard.language);
        assert_eq!(body["effects"], json!([{"do": "ship"}]));
    }
    assert_eq!(server.event(large, &json!({"type": "approve"})).0, 200);
    let (_, body) = server.send("GET", "/orders/1", b"");
    assert_eq!(body["state"], "approved");
}

/// Under the negation, too: a refund that must not be approved stays where it is.
#[test]
fn a_broken_guard_changes_nothing() {
    let server = Server::new();
    let order = server.paid(50.0);
    let broken = wat::parse_str(
        r#"(module (memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) i32.const 64)
            (func (export "eval") (param i32 i32) (result i64) unreachable))"#,
    );
    assert_eq!(server.send("PUT", "/guard", &broken.unwrap()).0, 200);
    for event in ["approve", "refund"] {
        let (status, body) = server.event(order, &json!({ "type": event }));
        assert_eq!(
            (status, &body["outcome"]),
            (409, &json!("broken")),
            "{event}"
        );
        assert_eq!(body["refusals"][0]["error"], "trap", "{event}");
    }
    let (_, body) = server.send("GET", &format!("/orders/{order}"), b"");
    assert_eq!(body["state"], "paid");
    // A module that is none is refused, and the guard before it stays.
    let (status, body) = server.send("PUT", "/guard", b"garbage");
    assert_eq!((status, &body["error"]), (422, &json!("guard.load")));
    let (_, body) = server.event(order, &json!({"type": "approve"}));
    assert_eq!(body["refusals"][0]["error"], "trap");
}

#[test]
fn bodies_have_a_limit() {
    let server = Server::new();
    let padded = |bytes: usize, text: &str| format!("{text:<bytes$}").into_bytes();
    let order = padded(order_approval::EVENT_BYTES_MAX, r#"{"total": 1}"#);
    assert_eq!(server.send("POST", "/orders", &order).0, 201);
    let order = padded(order_approval::EVENT_BYTES_MAX + 1, r#"{"total": 1}"#);
    assert_eq!(server.send("POST", "/orders", &order).0, 413);
    // No module, but one that was read.
    let module = vec![0; order_approval::GUARD_BYTES_MAX];
    assert_eq!(server.send("PUT", "/guard", &module).0, 422);
}

#[test]
fn what_is_no_event_and_no_order_is_said() {
    let server = Server::new();
    assert_eq!(server.event(7, &json!({"type": "pay"})).0, 404);
    let order = server.paid(1.0);
    assert_eq!(server.event(order, &json!({"kind": "pay"})).0, 400);
    assert_eq!(server.event(order, &json!({"type": "sing"})).0, 409);
    assert_eq!(server.send("POST", "/orders", b"{}").0, 422);
}
