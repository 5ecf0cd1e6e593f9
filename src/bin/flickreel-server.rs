//! `flickreel-server`: serves a folder of videos as a feed.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use flickreel::server::{self, ServerConfig};
use tracing_subscriber::EnvFilter;

/// The exit status for words on the command line that cannot be followed.
const USAGE: u8 = 2;

#[derive(Parser)]
#[command(
    version,
    about = "Serves videos as a feed for Flickreel",
    after_help = "Example:\n  flickreel-server serve ~/Videos --listen 127.0.0.1:8080"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the videos below a folder: the feed at /feed/videos, the files at /media/
    Serve {
        /// The folder
        dir: PathBuf,
        /// Where to listen; port 0 takes a free one, which the first line printed tells
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
}

fn main() -> ExitCode {
    let Command::Serve { dir, listen } = Arguments::parse().command;
    let filter = EnvFilter::try_from_env("FLICKREEL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = match ServerConfig::new(&dir) {
        Ok(config) => config,
        Err(err) => {
            eprintln!("flickreel-server: {err}");
            return ExitCode::from(USAGE);
        }
    };
    match serve(config, listen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("flickreel-server: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(config: ServerConfig, listen: SocketAddr) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("server").build().context("no threads to work with")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| format!("can’t listen on {listen}"))?;
        let address = listener.local_addr().context("the listening address is not known")?;
        // Whoever started us waits for this line; that nobody reads it is no reason to end.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
        drop(out);
        server::serve(config, listener, asked_to_end()).await?;
        Ok(())
    })
}

/// Done when Ctrl-C is pressed or the system asks the program to end.
async fn asked_to_end() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system ends the program by itself.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { () = interrupted => (), _ = terminate.recv() => () }
            return;
        }
    }
    interrupted.await;
}
