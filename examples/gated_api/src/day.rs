//! A short day, played against a server of its own.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use gated_api::{App, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use wardian::policy::Fixture;

const TOKEN: &str = "secret";
const ORDER: &[u8] = br#"{"item": "tea", "quantity": 2}"#;
const NOTIFIED: &[u8] =
    br#"{"item": "tea", "quantity": 2, "notify": "http://169.254.169.254/latest"}"#;

/// Orders, another policy, and an order that this one denies.
pub async fn day() -> anyhow::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| {
        let path = here.join("policies").join(name);
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (open, closed) = (read("open.json")?, read("closed.json")?);
    let settings = Settings {
        fixtures: Fixture::read_folder(&here.join("fixtures"))?,
        // A machine that is busy with other things must not change the story.
        check_deadline: Duration::from_secs(10),
        denials: "denials.jsonl".into(),
    };
    let app = App::new(open.into(), TOKEN, settings).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(app.serve(listener, async move {
        // The sender is dropped at the end, too.
        let _ = stopped.await;
    }));
    for (method, path, body) in [
        ("POST", "/orders", ORDER),
        ("POST", "/orders", NOTIFIED),
        ("PUT", "/policy", b"not a policy"),
        ("PUT", "/policy", &closed),
        ("POST", "/orders", ORDER),
        ("GET", "/orders", b""),
    ] {
        let said = send(&address, method, path, body).await?;
        println!("{method} {path}\n  {said}");
    }
    drop(stop);
    let closing = serving.await??;
    anyhow::ensure!(closing.lost == 0, "{} denials are lost", closing.lost);
    Ok(())
}

/// Status and body.
async fn send(address: &str, method: &str, path: &str, body: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nx-user: ann\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    Ok(format!("{status}  {body}"))
}
