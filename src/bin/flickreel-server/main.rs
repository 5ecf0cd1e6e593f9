//! `flickreel-server`: serves a folder of videos as a feed.

mod media;
mod prefetch;
mod presign;
mod serve;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use flickreel::server::faults::{self, Fault, FaultOptions, ITEMS_MAX};
use flickreel::server::{self, ServerConfig, ServerError};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use prefetch::PrefetchWords;
use serve::ServeWords;

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
    Serve(Box<ServeWords>),
    /// Send the videos below a folder to a bucket, as far as they are not there
    Upload(media::UploadWords),
    /// Tend the signed addresses of media
    Presign {
        #[command(subcommand)]
        question: presign::PresignWords,
    },
    /// Serve them over and over as a feed in which some items are faulty; /faults tells which
    Faults {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        faults: FaultWords,
    },
    /// Warm the edge of a CDN with what is trending, and keep manifests for clients that start
    Prefetch(PrefetchWords),
    /// Look into one video; the server calls this itself
    #[cfg(feature = "probe")]
    #[command(hide = true)]
    Probe {
        /// The video
        file: PathBuf,
        /// Where to write its poster
        #[arg(long, value_name = "FILE")]
        poster: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Place {
    /// The folder
    dir: PathBuf,
    /// Where to listen; port 0 takes a free one, which the first line printed tells
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

#[derive(Args)]
struct FaultWords {
    /// How many items the feed has
    #[arg(long, value_name = "COUNT", default_value_t = FaultOptions::default().items, value_parser = items)]
    items: usize,
    /// Which share of the items is faulty, from 0 to 1
    #[arg(long, default_value_t = FaultOptions::default().share, value_parser = share)]
    share: f64,
    /// A fault that items have; may be given more than once. Without it: each of them in turn
    #[arg(long = "fault", value_name = "NAME", value_parser = fault_names())]
    faults: Vec<Fault>,
    /// Another number makes other items faulty
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn fault_names() -> impl TypedValueParser<Value = Fault> {
    let names = Fault::ALL.map(|fault| PossibleValue::new(fault.name()).help(fault.about()));
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn items(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|items| (1..=ITEMS_MAX).contains(items)).ok_or_else(|| format!("a number from 1 to {ITEMS_MAX} is needed"))
}

fn share(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "a number from 0 to 1 is needed".to_owned())
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let filter = EnvFilter::try_from_env("FLICKREEL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let (config, listen, faults) = match command {
        Command::Prefetch(words) => return prefetch::run(&words),
        Command::Upload(words) => return media::upload(&words),
        Command::Presign { question } => return presign::run(&question),
        Command::Serve(words) => (words.config(), words.place.listen, None),
        Command::Faults { place, faults: FaultWords { items, share, faults, seed } } => {
            (ServerConfig::new(&place.dir), place.listen, Some(FaultOptions { items, share, faults, seed, ..FaultOptions::default() }))
        }
        #[cfg(feature = "probe")]
        Command::Probe { file, poster } => {
            println!("{}", server::probe::look_into(&file, poster.as_deref()));
            return ExitCode::SUCCESS;
        }
    };
    let config = match config {
        Ok(config) => config,
        Err(err) => {
            eprintln!("flickreel-server: {err}");
            return ExitCode::from(USAGE);
        }
    };
    match serve(config, faults, listen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("flickreel-server: {err:#}");
            let is_usage = matches!(err.downcast_ref(), Some(ServerError::NoVideos(_) | ServerError::Redis(_)));
            if is_usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}

fn serve(config: ServerConfig, faults: Option<FaultOptions>, listen: SocketAddr) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("server").build().context("no threads to work with")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("can’t listen on {listen}"))?;
        let address = listener.local_addr().context("the listening address is not known")?;
        // Whoever started us waits for this line; that nobody reads it is no reason to end.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
        drop(out);
        match faults {
            None => server::serve(config, listener, asked_to_end()).await?,
            Some(options) => faults::serve(config, options, listener, asked_to_end()).await?,
        }
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
