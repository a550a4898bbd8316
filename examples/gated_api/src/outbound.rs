//! The client for outbound calls: plain HTTP, bounded in time and size. It gives a redirect as it is, because the gate has to
//! ask for the host that it names.

use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header::HOST};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use wardian::policy::gate::{Fetch, FetchRequest, FetchResponse};

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// From the first look-up of a name to the last byte of the answer.
const TIME_MAX: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Outbound(Client<HttpConnector, Body>);

impl Outbound {
    pub fn new() -> Outbound {
        Outbound(Client::builder(TokioExecutor::new()).build_http())
    }

    async fn exchange(&self, request: FetchRequest) -> anyhow::Result<FetchResponse> {
        let mut sent = Request::new(Body::from(request.body));
        *sent.method_mut() = request.method;
        *sent.uri_mut() = request.url.as_str().parse()?;
        *sent.headers_mut() = request.headers;
        // The client writes it from the address, which is what was asked for.
        sent.headers_mut().remove(HOST);
        let (head, body) = self.0.request(sent).await?.into_parts();
        Ok(FetchResponse {
            status: head.status,
            headers: head.headers,
            body: to_bytes(Body::new(body), ANSWER_BYTES_MAX).await?.into(),
        })
    }
}

impl Fetch for Outbound {
    type Error = anyhow::Error;

    async fn send(&self, request: FetchRequest) -> anyhow::Result<FetchResponse> {
        let exchanged = tokio::time::timeout(TIME_MAX, self.exchange(request)).await;
        exchanged.context("no answer in time")?
    }
}
