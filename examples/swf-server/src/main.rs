//! The server: arguments, start, graceful end.

use std::error::Error;
use std::future::{Future, IntoFuture};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use clap::Parser;
use swf_server::args::Args;
use swf_server::clock::Clock;
use swf_server::host::Host;
use swf_server::http::{router, Server};
use swf_server::policy::Policies;
use swf_server::state::State;
use swf_server::{random, snapshot};
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

/// Connections that are not done by then are cut.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("swf-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_new(&args.log).map_err(|error| format!("--log: {error}"))?;
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();

    let (host, policies) = load(&args)?;
    let host = Arc::new(host);
    let listener = TcpListener::bind(&args.listen)
        .await
        .map_err(|error| format!("--listen {}: {error}", args.listen))?;
    let address = listener.local_addr()?;
    let server = Arc::new(Server::new(Arc::clone(&host), policies, random::salt()?));
    let signal = stop_signal()?;

    match &host.clock {
        Clock::System => {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.keep_time().await });
        }
        Clock::Manual(_) => {}
    }
    let unwritten = |error| format!("--snapshot: {error}");
    if let Some(file) = &args.snapshot {
        // With the keys of all tokens to come. After `bind`: the file may be that of who has the port.
        snapshot::write(&host, file).map_err(unwritten)?;
        tokio::spawn(snapshot::keep(Arc::clone(&host), file.clone()));
    }
    println!("listening on http://{address}");
    std::io::stdout().flush()?;
    tracing::info!(%address, clock = ?host.clock.kind(), "listening; no signatures are checked");

    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    // Small answers go out at once, also those to requests that did not wait for the one before.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "answers may be delayed");
        }
    });
    let serving = axum::serve(listener, router(server))
        .with_graceful_shutdown(async move { drop(stopping.await) })
        .into_future();
    let closer = Arc::clone(&host);
    let stopped = async move {
        signal.await;
        tracing::info!("stopping");
        closer.close();
        drop(stop);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served?,
        () = stopped => tracing::warn!("some connections were cut"),
    }
    if let Some(file) = &args.snapshot {
        snapshot::write_last(&host, file).map_err(unwritten)?;
    }
    Ok(())
}

/// What the files of the command line say.
fn load(args: &Args) -> Result<(Host, Policies), Box<dyn Error>> {
    let policies = match &args.policy {
        Some(file) => {
            Policies::load(file).map_err(|error| format!("--policy {}: {error}", file.display()))?
        }
        None => Policies::default(),
    };
    let boot = random::boot()?;
    let stored = match &args.snapshot {
        Some(file) => snapshot::load(file, args.place(), boot)
            .map_err(|error| format!("--snapshot {}: {error}", file.display()))?,
        None => None,
    };
    let state = match stored {
        Some(state) => state,
        None => State::new(args.place(), random::seed()?, boot)?,
    };
    let clock = Clock::new(args.clock, state.now());
    if clock.now() < state.now() {
        tracing::warn!(seen = %state.now(), "the snapshot has seen later times: time stands still until then");
    }
    Ok((Host::new(state, clock, args.long_poll()), policies))
}

/// Done at the first SIGINT or SIGTERM.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
