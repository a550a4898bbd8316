//! `gated_api --listen 127.0.0.1:8080` serves orders until it is told to stop, with the administrator's token from `ADMIN_TOKEN`;
//! without an address a short day is played against a server of its own.

mod day;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use gated_api::{App, Settings};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use wardian::policy::{CHECK_DEADLINE, Fixture};

#[derive(Parser)]
struct Arguments {
    /// Where to serve
    #[arg(long)]
    listen: Option<String>,
    /// The first policy: WebAssembly, or a document that it is made of
    #[arg(long, default_value = "examples/gated_api/policies/open.json")]
    policy: PathBuf,
    /// Questions and answers that every policy is tried with
    #[arg(long, default_value = "examples/gated_api/fixtures")]
    fixtures: PathBuf,
    /// The file that denials are appended to
    #[arg(long, default_value = "denials.jsonl")]
    denials: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr);
    log.init();
    let arguments = Arguments::parse();
    let Some(listen) = arguments.listen else {
        return day::day().await;
    };
    let policy = std::fs::read(&arguments.policy).context("cannot read the policy")?;
    let token = std::env::var("ADMIN_TOKEN").context("ADMIN_TOKEN is not set")?;
    let settings = Settings {
        fixtures: Fixture::read_folder(&arguments.fixtures)?,
        check_deadline: CHECK_DEADLINE,
        denials: arguments.denials,
    };
    let app = App::new(policy.into(), &token, settings).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    let listener = TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    let closing = app.serve(listener, stop).await?;
    anyhow::ensure!(closing.lost == 0, "{} denials are lost", closing.lost);
    Ok(())
}
