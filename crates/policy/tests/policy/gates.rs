//! Capabilities behind gates: a denied call does nothing, and says so.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::header::{AUTHORIZATION, HOST, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::Url;
use wardian_policy::gate::{
    Asker, EnvVars, Fetch, FetchRequest, FetchResponse, Gated, HttpGateError, KeyValue,
    REDIRECTS_MAX, Sql,
};
use wardian_policy::{Actor, DecisionPoint, LocalChecker, PointConfig};

fn point(document: &str) -> DecisionPoint {
    let checker = LocalChecker::from_json(document.as_bytes()).unwrap();
    DecisionPoint::new(checker, PointConfig::default())
}

fn block<T>(future: impl Future<Output = T>) -> T {
    futures_lite::future::block_on(future)
}

/// All that a host has; it notes what was done.
#[derive(Clone, Default)]
struct Host {
    done: Arc<Mutex<Vec<String>>>,
    /// Where a URL is redirected to, and how.
    redirects: BTreeMap<String, (u16, String)>,
}

impl Host {
    fn note(&self, what: String) {
        self.done.lock().unwrap().push(what);
    }

    fn done(&self) -> Vec<String> {
        std::mem::take(&mut *self.done.lock().unwrap())
    }
}

impl EnvVars for Host {
    fn read(&self, name: &str) -> Option<String> {
        self.note(format!("read {name}"));
        Some("value".into())
    }
}

impl KeyValue for Host {
    type Error = Infallible;

    async fn read(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>, Infallible> {
        self.note(format!("read {namespace} {key}"));
        Ok(None)
    }

    async fn write(&self, namespace: &str, key: &str, _: Vec<u8>) -> Result<(), Infallible> {
        self.note(format!("write {namespace} {key}"));
        Ok(())
    }
}

impl Sql for Host {
    type Parameters = ();
    type Rows = u8;
    type Error = Infallible;

    async fn query(&self, name: &str, (): ()) -> Result<u8, Infallible> {
        self.note(format!("query {name}"));
        Ok(1)
    }

    async fn execute(&self, name: &str, (): ()) -> Result<u64, Infallible> {
        self.note(format!("execute {name}"));
        Ok(1)
    }
}

impl Fetch for Host {
    type Error = Infallible;

    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, Infallible> {
        assert!(
            !request.headers.contains_key(HOST),
            "another host than was asked for"
        );
        let proof = match request.headers.contains_key(AUTHORIZATION) {
            true => " with a secret",
            false => "",
        };
        let length = request.body.len();
        self.note(format!(
            "{} {} {length}{proof}",
            request.method, request.url
        ));
        let mut headers = HeaderMap::new();
        let mut status = 200;
        if let Some((code, place)) = self.redirects.get(request.url.as_str()) {
            status = *code;
            headers.insert(LOCATION, HeaderValue::from_str(place).unwrap());
        }
        Ok(FetchResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Vec::new(),
        })
    }
}

#[test]
fn what_is_denied_is_not_done() {
    let host = Host::default();
    let point = point(
        r#"{"env": ["HOME"], "cache": ["a"], "sql": ["put", {"query": "get", "read_only": true}]}"#,
    );
    let gated = Gated::new(host.clone(), &point, Asker::default());
    block(async {
        assert_eq!(gated.var("HOME").await.unwrap().unwrap(), "value");
        assert!(gated.read("a", "k").await.is_ok());
        assert!(gated.write("a", "k", vec![1]).await.is_ok());
        assert!(gated.query("get", ()).await.is_ok());
        assert!(gated.execute("put", ()).await.is_ok());
        let allowed = [
            "read HOME",
            "read a k",
            "write a k",
            "query get",
            "execute put",
        ];
        assert_eq!(host.done(), allowed);

        assert!(gated.var("PATH").await.is_err());
        assert!(gated.read("b", "k").await.is_err());
        let denied = gated.write("b\u{202e}", "k", vec![1]).await.unwrap_err();
        assert_eq!(denied.denied().unwrap().reason.code(), "not_in_allowlist");
        assert!(!denied.to_string().contains('\u{202e}'), "{denied}");
        assert!(gated.query("other", ()).await.is_err());
        assert!(gated.execute("get", ()).await.is_err(), "it is for reading");
        assert!(host.done().is_empty());
    });
}

fn gated_fetch(document: &str, redirects: &[(&str, u16, &str)]) -> (Host, Gated<Host>) {
    let host = Host {
        redirects: redirects
            .iter()
            .map(|(from, code, to)| ((*from).into(), (*code, (*to).into())))
            .collect(),
        ..Host::default()
    };
    let gated = Gated::new(host.clone(), &point(document), Asker::default());
    (host, gated)
}

fn get(url: &str) -> FetchRequest {
    FetchRequest::get(Url::parse(url).unwrap())
}

#[test]
fn hosts_are_what_the_url_says_however_it_is_written() {
    let (host, gated) = gated_fetch(
        r#"{"hosts": ["api.example.com", "[2001:db8::1]", "127.0.0.1", "xn--mnchen-3ya.example"]}"#,
        &[],
    );
    for url in [
        "https://api.example.com/",
        "https://API.Example.COM:8443/x",
        "https://evil.com:pass@api.example.com/",
        "https://[2001:DB8:0::1]/",
        "http://0x7f.1/",
        "http://münchen.example/",
    ] {
        assert!(block(gated.fetch(get(url))).is_ok(), "{url}");
    }
    host.done();
    for url in [
        "https://api.example.com.evil.com/",
        "https://api.example.com@evil.com/",
        "https://api.example.com%2eevil.com/",
        "https://evil.com/api.example.com",
        "https://evil.com\\@api.example.com/",
        "https://api.example.com./",
        "http://localhost/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        let failed = block(gated.fetch(get(url))).unwrap_err();
        assert!(
            matches!(failed, HttpGateError::Denied(_)),
            "{url}: {failed}"
        );
    }
    for url in [
        "file:///etc/passwd",
        "data:text/plain,x",
        "ftp://api.example.com/",
    ] {
        let failed = block(gated.fetch(get(url))).unwrap_err();
        assert!(matches!(failed, HttpGateError::Url(_)), "{url}");
    }
    assert!(host.done().is_empty());
}

#[test]
fn a_redirect_is_asked_for_too() {
    let redirects = [
        ("https://a.example/", 302, "https://b.example/x"),
        ("https://b.example/x", 302, "http://169.254.169.254/latest"),
        ("https://a.example/same", 307, "/there"),
        ("https://a.example/nowhere", 302, "http://["),
        ("https://a.example/round", 302, "/round"),
    ];
    let (host, gated) = gated_fetch(r#"{"hosts": ["a.example", "b.example"]}"#, &redirects);
    let mut request = get("https://a.example/");
    request.method = Method::POST;
    request.body = b"form".to_vec();
    let secret = HeaderValue::from_static("Bearer x");
    request.headers.insert(AUTHORIZATION, secret);
    let other = HeaderValue::from_static("internal.example");
    request.headers.insert(HOST, other);
    let failed = block(gated.fetch(request.clone())).unwrap_err();
    let HttpGateError::Denied(denied) = failed else {
        panic!("{failed}");
    };
    assert_eq!(denied.id, "169.254.169.254");
    assert_eq!(
        host.done(),
        [
            "POST https://a.example/ 4 with a secret",
            "GET https://b.example/x 0"
        ]
    );
    request.url = Url::parse("https://a.example/same").unwrap();
    assert!(block(gated.fetch(request)).is_ok());
    assert_eq!(
        host.done(),
        [
            "POST https://a.example/same 4 with a secret",
            "POST https://a.example/there 4 with a secret"
        ]
    );
    let failed = block(gated.fetch(get("https://a.example/nowhere"))).unwrap_err();
    assert!(matches!(failed, HttpGateError::Redirect));
    host.done();
    let failed = block(gated.fetch(get("https://a.example/round"))).unwrap_err();
    assert!(matches!(failed, HttpGateError::Redirects));
    assert_eq!(host.done().len(), REDIRECTS_MAX + 1);
}

#[test]
fn a_gate_asks_in_the_name_of_its_asker() {
    let host = Host::default();
    let gated = Gated::new(host, &point(r#"{"env": []}"#), Asker::default());
    let named = gated.for_asker(Asker {
        actor: Actor::User("ada".into()),
        ..Asker::default()
    });
    assert!(format!("{named:?}").contains("ada"));
    assert!(block(named.var("HOME")).is_err());
}
