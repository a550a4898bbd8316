//! Outbound requests behind a gate. Each host is asked for, that of a redirect too: an allowlist that a redirect walks
//! around is none.

use std::future::Future;

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, PROXY_AUTHORIZATION,
};
use http::{HeaderMap, Method, StatusCode};
use url::{Host, Url};

use super::{Denied, Gated};

/// Redirects that are followed.
pub const REDIRECTS_MAX: usize = 5;

/// What is to be fetched.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// How.
    pub method: Method,
    /// Where; of `http` or `https`.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl FetchRequest {
    /// A `GET` without headers.
    #[must_use]
    pub fn get(url: Url) -> FetchRequest {
        FetchRequest {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }
}

/// What was fetched.
#[derive(Clone, Debug)]
pub struct FetchResponse {
    /// The status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A client of the host's. It must not follow redirects itself, nor take its host from anything but the URL: the gate
/// asks for the hosts that it sees.
pub trait Fetch: Send + Sync {
    /// Why it failed.
    type Error: Send;

    /// Sends one request and gives its response, a redirect as it is.
    fn send(
        &self,
        request: FetchRequest,
    ) -> impl Future<Output = Result<FetchResponse, Self::Error>> + Send;
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum HttpGateError<E> {
    /// The host, or that of a redirect, is not allowed; it was not connected to.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The URL is neither `http` nor `https`, or has no host.
    #[error("not a URL that can be fetched: {0}")]
    Url(String),
    /// A redirect says nothing that is a URL.
    #[error("redirect without a place to go to")]
    Redirect,
    /// There are too many redirects.
    #[error("passes the limit of redirects: allowed {REDIRECTS_MAX}")]
    Redirects,
    /// It was allowed and tried, and failed.
    #[error(transparent)]
    Failed(E),
}

impl<T: Fetch> Gated<T> {
    /// Fetches: action `http.outbound` on `host`, for the URL's host and for that of every redirect. An id is the host
    /// alone, in lower case: `api.example.com`, `192.0.2.1`, `[2001:db8::1]`; a dot at its end is not taken off.
    ///
    /// A header `Host` of the request's own is taken out. A redirect to another origin loses what proves who asks: `Authorization`, `Proxy-Authorization` and `Cookie`.
    ///
    /// # Errors
    /// [`HttpGateError`]; where it is a denial, the host in question was not connected to.
    pub async fn fetch(
        &self,
        mut request: FetchRequest,
    ) -> Result<FetchResponse, HttpGateError<T::Error>> {
        // It would name another host than the one that is asked for.
        request.headers.remove(HOST);
        for _ in 0..=REDIRECTS_MAX {
            let host = host(&request.url).map_err(HttpGateError::Url)?;
            self.ask("http.outbound", "host", &host).await?;
            let sent = self.inner.send(request.clone()).await;
            let response = sent.map_err(HttpGateError::Failed)?;
            if !is_redirect(response.status) {
                return Ok(response);
            }
            let Some(location) = response.headers.get(LOCATION) else {
                return Ok(response);
            };
            let text = location.to_str().ok();
            let next = text.and_then(|text| request.url.join(text).ok());
            request = redirected(
                request,
                next.ok_or(HttpGateError::Redirect)?,
                response.status,
            );
        }
        Err(HttpGateError::Redirects)
    }
}

/// The host as a policy names it.
fn host(url: &Url) -> Result<String, String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its scheme is {:?}", url.scheme()));
    }
    match url.host() {
        None => Err("it has no host".into()),
        Some(Host::Ipv6(address)) => Ok(format!("[{address}]")),
        Some(host) => Ok(host.to_string()),
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// What is asked of the place that a redirect names.
fn redirected(mut request: FetchRequest, next: Url, status: StatusCode) -> FetchRequest {
    let becomes_get = match status.as_u16() {
        301 | 302 => request.method == Method::POST,
        303 => request.method != Method::HEAD,
        _ => false,
    };
    if becomes_get {
        request.method = Method::GET;
        request.body = Vec::new();
        request.headers.remove(CONTENT_TYPE);
        request.headers.remove(CONTENT_LENGTH);
    }
    if next.origin() != request.url.origin() {
        for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
            request.headers.remove(name);
        }
    }
    request.url = next;
    request
}
