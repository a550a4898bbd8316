//! The server over real sockets, with policies that are replaced while it is written to.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use gated_api::{App, Settings};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wardian::policy::denials::Closing;
use wardian::policy::{Fixture, make};
use wardian::{Sandbox, SandboxConfig};

const OPEN: &[u8] = include_bytes!("../policies/open.json");
const CLOSED: &[u8] = include_bytes!("../policies/closed.json");
const TOKEN: &str = "authorization: Bearer of-the-test";

struct Server {
    address: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<anyhow::Result<Closing>>,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl Server {
    fn new(policy: &'static [u8]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let settings = Settings {
            fixtures: Fixture::read_folder(&fixtures).unwrap(),
            // A machine that is busy with other tests is no reason for a denial.
            check_deadline: Duration::from_secs(30),
            denials: folder.path().join("denials.jsonl"),
        };
        let runtime = Runtime::new().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = runtime.block_on(async {
            let app = App::new(policy.into(), "of-the-test", settings)
                .await
                .unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let stop = async { stopped.await.unwrap() };
            (address, tokio::spawn(app.serve(listener, stop)))
        });
        Server {
            address,
            stop,
            serving,
            runtime,
            folder,
        }
    }

    fn order(&self, order: &Value) -> (u16, Value) {
        let order = order.to_string();
        send(&self.address, "POST", "/orders", "x-user: ann", &order)
    }

    fn replace(&self, policy: impl AsRef<[u8]>) -> (u16, Value) {
        send(&self.address, "PUT", "/policy", TOKEN, policy)
    }

    /// All orders, page by page.
    fn orders(&self) -> Vec<Value> {
        let mut orders = Vec::new();
        loop {
            let after = orders
                .last()
                .map_or(0, |last: &Value| last["id"].as_i64().unwrap());
            let path = format!("/orders?after={after}");
            let (status, mut page) = send(&self.address, "GET", &path, "x-user: ann", "");
            assert_eq!(status, 200, "{page}");
            match page["orders"].as_array_mut().unwrap() {
                page if page.is_empty() => return orders,
                page => orders.append(page),
            }
        }
    }

    /// Stops it, and gives what its log has.
    fn stop(self) -> Vec<Value> {
        self.stop.send(()).unwrap();
        let closing = self.runtime.block_on(self.serving).unwrap().unwrap();
        assert_eq!((closing.sink_ended, closing.lost), (true, 0));
        let lines = std::fs::read_to_string(self.folder.path().join("denials.jsonl")).unwrap();
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

/// Status and body; a body that is no JSON is null.
fn send(
    address: &str,
    method: &str,
    path: &str,
    header: &str,
    body: impl AsRef<[u8]>,
) -> (u16, Value) {
    let body = body.as_ref();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{header}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let (head, body) = read(&stream);
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// Head and body of one message.
fn read(stream: &TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head.make_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

/// Somebody else's server: where it is and what was sent to it. It answers everything alike.
fn somebody(answer: String) -> (u16, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if sender.send(read(&stream)).is_err() {
                return;
            }
            let rest = "connection: close\r\ncontent-length: 0\r\n\r\n";
            write!(stream, "HTTP/1.1 {answer}\r\n{rest}").unwrap();
        }
    });
    (port, received)
}

fn denied(action: &str) -> Value {
    json!({"denied": {"action": action, "reason": "not_in_allowlist"}})
}

#[test]
fn what_is_allowed_is_done_and_what_is_denied_is_not() {
    let server = Server::new(OPEN);
    let tea = json!({"item": "tea", "quantity": 2});
    assert_eq!(server.order(&tea), (201, json!({"notified": null})));
    assert_eq!(server.replace(CLOSED).0, 200);
    assert_eq!(server.order(&tea), (403, denied("db.write")));
    let kept = json!([{"id": 1, "item": "tea", "quantity": 2}]);
    assert_eq!(json!(server.orders()), kept);

    let nothing = br#"{"sql": []}"#;
    let (status, body) = server.replace(nothing);
    assert_eq!(
        (status, &body["error"]),
        (422, &json!("the policy is refused"))
    );
    let path = "/orders";
    assert_eq!(send(&server.address, "GET", path, "x-user: ann", "").0, 200);

    let log = server.stop();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["event"], "policy_denied");
    assert_eq!(log[0]["service"], "gated_api");
    assert_eq!(log[0]["action"], "db.write");
    let resource = json!({"kind": "sql_query", "id": "orders.create"});
    assert_eq!(log[0]["resource"], resource);
}

#[test]
fn a_redirect_does_not_lead_around_the_policy() {
    let server = Server::new(OPEN);
    let order = |port: u16| {
        let url = format!("http://127.0.0.1:{port}/");
        server.order(&json!({"item": "tea", "quantity": 2, "notify": url}))
    };
    let (port, received) = somebody("204 No Content".into());
    assert_eq!(order(port), (201, json!({"notified": {"status": 204}})));
    let (head, body) = received.recv().unwrap();
    assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
    assert_eq!(body, br#"{"item":"tea","quantity":2}"#);

    // The same machine under another name, which nobody allowed.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let target = other.local_addr().unwrap().port();
    let redirect = format!("307 Temporary Redirect\r\nlocation: http://localhost:{target}/");
    let (port, received) = somebody(redirect);
    assert_eq!(
        order(port),
        (201, json!({"notified": denied("http.outbound")}))
    );
    received.recv().unwrap();
    assert_eq!(other.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(other);

    // Where it is allowed the redirect does lead there.
    let (target, reached) = somebody("200 OK".into());
    let redirect = format!("307 Temporary Redirect\r\nlocation: http://localhost:{target}/");
    let (port, _redirected) = somebody(redirect);
    let wider = r#"{"hosts": ["127.0.0.1", "localhost"],
        "sql": ["orders.create", {"query": "orders.list", "read_only": true}]}"#;
    assert_eq!(server.replace(wider).0, 200);
    assert_eq!(order(port), (201, json!({"notified": {"status": 200}})));
    reached.recv().unwrap();

    assert_eq!(server.orders().len(), 3);
    let log = server.stop();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(
        log[0]["resource"],
        json!({"kind": "host", "id": "localhost"})
    );
}

/// Writes until it is told to stop; how many were made, and how many denied.
fn written(server: &Server, ended: &AtomicBool) -> (usize, usize) {
    let (mut made, mut refused) = (0, 0);
    while !ended.load(Ordering::Relaxed) {
        match server.order(&json!({"item": "under load", "quantity": 1})) {
            (201, _) => made += 1,
            (403, body) if body == denied("db.write") => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    (made, refused)
}

#[test]
fn a_policy_is_replaced_under_load_and_no_answer_lies() {
    let server = Server::new(OPEN);
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let policies = [CLOSED, OPEN].map(|document| make::from_document(&sandbox, document).unwrap());
    let ended = AtomicBool::new(false);
    let (mut made, mut refused) = (0, 0);
    thread::scope(|scope| {
        let clients = [0, 1].map(|_| scope.spawn(|| written(&server, &ended)));
        for (policy, status) in policies.iter().zip([403, 201]).cycle().take(50) {
            assert_eq!(server.replace(policy).0, 200);
            // What asks after a policy was replaced is answered by the new one.
            let order = json!({"item": "after a swap", "quantity": 1});
            assert_eq!(server.order(&order).0, status);
            match status {
                201 => made += 1,
                _ => refused += 1,
            }
        }
        ended.store(true, Ordering::Relaxed);
        for client in clients {
            let counted = client.join().unwrap();
            assert!(counted.0 + counted.1 > 0);
            (made, refused) = (made + counted.0, refused + counted.1);
        }
    });
    assert!(made >= 25 && refused >= 25, "{made} {refused}");
    assert_eq!(server.orders().len(), made);
    assert_eq!(server.stop().len(), refused);
}

#[test]
fn a_policy_that_fails_its_fixtures_is_refused_and_the_old_one_stays() {
    let server = Server::new(OPEN);
    let reaches = r#"{"hosts": ["169.254.169.254"], "sql": ["orders.list"]}"#;
    let (status, body) = server.replace(reaches);
    assert_eq!(status, 422, "{body}");
    let why = body["why"][0].as_str().unwrap();
    assert!(
        why.starts_with("policy is refused: 2 of 3 fixtures"),
        "{why}"
    );
    assert!(
        why.contains("metadata-of-the-cloud-is-out-of-reach (expected"),
        "{why}"
    );
    for none in [&b"no policy"[..], b"", b"\0asm\x01\0\0\0"] {
        assert_eq!(server.replace(none).0, 422);
    }
    let closed = str::from_utf8(CLOSED).unwrap();
    for header in ["x-user: ann", "authorization: Bearer guessed"] {
        let sent = send(&server.address, "PUT", "/policy", header, closed);
        assert_eq!(sent.0, 401, "{header}");
    }
    let tea = json!({"item": "tea", "quantity": 2});
    assert_eq!(server.order(&tea).0, 201, "the first policy decides");
    assert!(server.stop().is_empty(), "fixtures are no denials");
}

#[test]
fn bodies_are_bounded() {
    let server = Server::new(OPEN);
    let order = |length| {
        server
            .order(&json!({"item": "t".repeat(length), "quantity": 1}))
            .0
    };
    let around = json!({"item": "", "quantity": 1}).to_string().len();
    assert_eq!(order((16 << 10) - around), 201);
    assert_eq!(order((16 << 10) - around + 1), 413);
    assert_eq!(
        send(&server.address, "GET", "/healthz", "x-user: ann", "").0,
        200
    );
    assert_eq!(server.orders().len(), 1);
}
