//! Orders behind HTTP, whose database and outbound calls can be reached only through a policy, which is replaced while the
//! server runs.
//!
//! - `GET /orders?after=0` lists a page of orders: `db.read` of `orders.list`.
//! - `POST /orders` with `{"item": "tea", "quantity": 2, "notify": "http://…"}` writes one: `db.write` of `orders.create`;
//!   and then tells the URL, if there is one: `http.outbound` to its host.
//! - `PUT /policy` replaces the policy, if the new one answers the fixtures as they say.
//! - `GET /healthz` is for whoever watches the server.
//!
//! Who asks is what the header `x-user` says: a stand-in, for an example, for authentication.

mod admin;
mod api;
mod orders;
mod outbound;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tokio::{sync::oneshot, task::spawn_blocking};
use wardian::policy::denials::{Closing, DenialLog, DenialLogConfig, Lines, SpoolConfig};
use wardian::policy::{DecisionPoint, Fixture, PointConfig};

/// How long requests may go on after the server was told to stop, and how long the log may then take to write what it has.
pub const GRACE: Duration = Duration::from_secs(5);

/// What a server is started with.
#[derive(Debug)]
pub struct Settings {
    /// What every policy has to answer, the first one too.
    pub fixtures: Vec<Fixture>,
    /// How long a policy may take for an answer.
    pub check_deadline: Duration,
    /// The file that denials are appended to. Beside it lies the spool, which takes them while the file does not.
    pub denials: PathBuf,
}

/// A server that has not been started.
#[derive(Debug)]
pub struct App {
    router: Router,
    log: Arc<DenialLog>,
}

impl App {
    /// Everything is denied until the first policy is in place, which is put there as every later one: as WebAssembly, or as
    /// a document that it is made of. Who brings the token may replace it.
    pub async fn new(policy: Bytes, token: &str, settings: Settings) -> anyhow::Result<App> {
        let denials = settings.denials.clone();
        let log = Arc::new(spawn_blocking(move || open_log(&denials)).await??);
        let point = DecisionPoint::unavailable(PointConfig {
            log: Some(log.clone()),
            ..PointConfig::default()
        });
        let api = api::router(&point)?;
        let admin = Arc::new(admin::Admin::new(point, token, settings)?);
        admin.clone().install(policy).await?;
        let health = Router::new().route("/healthz", get(|| async { "ok\n" }));
        let router = health.merge(api).merge(admin.router());
        Ok(App { router, log })
    }

    /// Serves until `stop` is there. What has begun may end, within [`GRACE`]; the log is closed last, on a thread that may
    /// wait.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<Closing> {
        let (stopping, stopped) = oneshot::channel();
        let stop = async move {
            stop.await;
            // Nobody listens where serving has ended by itself.
            let _ = stopping.send(());
        };
        let serving = axum::serve(listener, self.router).with_graceful_shutdown(stop);
        let grace = async {
            let _ = stopped.await;
            tokio::time::sleep(GRACE).await;
        };
        let served = tokio::select! {
            served = serving.into_future() => served,
            () = grace => Ok(()),
        };
        let closing = spawn_blocking(move || self.log.close(GRACE)).await?;
        served?;
        Ok(closing)
    }
}

fn open_log(denials: &Path) -> anyhow::Result<DenialLog> {
    let lines = Lines::append(denials).context("denials cannot be written")?;
    let spool = Some(SpoolConfig::new(denials.with_extension("spool")));
    let config = DenialLogConfig {
        spool,
        ..DenialLogConfig::default()
    };
    Ok(DenialLog::new(config, lines)?)
}
