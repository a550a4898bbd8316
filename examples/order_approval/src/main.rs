//! `order_approval --listen 127.0.0.1:8080` serves; without arguments a short day is played against a server of its own.

use order_approval::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wardian::guard::EVAL_DEADLINE;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = App::new(EVAL_DEADLINE).await?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [] => day(app).await,
        [listen, address] if listen == "--listen" => {
            let listener = TcpListener::bind(address).await?;
            println!("http://{}", listener.local_addr()?);
            Ok(axum::serve(listener, app.router()).await?)
        }
        _ => anyhow::bail!("usage: order_approval [--listen ADDRESS]"),
    }
}

async fn day(app: std::sync::Arc<App>) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(axum::serve(listener, app.router()).into_future());
    let everybody = wat::parse_str(include_str!("../everybody.wat"))?;
    let requests: [(&str, &str, &[u8]); 7] = [
        ("POST", "/orders", br#"{"total": 50}"#),
        (
            "POST",
            "/orders/1/events",
            br#"{"type": "pay", "by": "ann"}"#,
        ),
        ("POST", "/orders/1/events", br#"{"type": "approve"}"#),
        ("PUT", "/guard", b"not a module"),
        ("PUT", "/guard", &everybody),
        ("POST", "/orders/1/events", br#"{"type": "approve"}"#),
        ("GET", "/orders/1", b""),
    ];
    for (method, path, body) in requests {
        println!(
            "{method} {path}\n  {}",
            send(&address, method, path, body).await?
        );
    }
    Ok(())
}

/// Status and body.
async fn send(address: &str, method: &str, path: &str, body: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.lines().next().unwrap_or_default().to_owned();
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    Ok(format!("{status} {body}"))
}
