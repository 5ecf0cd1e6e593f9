//! `flickreel-server prefetch`: warms the edge with what is trending, on a schedule or once.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use flickreel::server::prefetch::{Ending, Outcome, PrefetchConfig, PrefetchError, Prefetcher, Report, Schedule};

use crate::{USAGE, asked_to_end};

#[derive(Args)]
pub(crate) struct PrefetchWords {
    /// Run now, once, and end; without it: at every tick of the schedule, until asked to end
    #[arg(long)]
    once: bool,
    /// Read the pages, show what would be asked for at the edge, and end
    #[arg(long)]
    dry_run: bool,
    /// Print each run as one line of JSON instead of a table
    #[arg(long)]
    json: bool,
    /// The feed service whose pages are read
    #[arg(long, value_name = "URL", env = "FEED_API_URL")]
    api: String,
    /// The edge that is to be warm. Nothing else is asked for media
    #[arg(long, value_name = "URL", env = "FEED_CDN_BASE_URL")]
    cdn: String,
    /// The Redis that keeps manifests for clients that start, and by which one replica runs each tick
    #[arg(long, value_name = "redis://HOST:PORT", env = "FEED_REDIS_ENDPOINT", hide_env_values = true)]
    redis: Option<String>,
    /// The token that lets the service's pages be read
    #[arg(long, value_name = "TOKEN", env = "SERVICE_TOKEN", hide_env_values = true)]
    service_token: Option<String>,
    /// When to run, in UTC: rate(1 hour), rate(5 minutes), rate(2 days), or five fields of cron
    #[arg(long, value_name = "SCHEDULE", env = "FEED_PREFETCH_CRON_EXPRESSION", default_value = "rate(1 hour)")]
    schedule: Schedule,
    /// The bucket behind the edge; needed only where the feed names files by their address in it
    #[arg(long, value_name = "NAME", env = "FEED_S3_BUCKET", requires = "region")]
    bucket: Option<String>,
    /// The region of the bucket
    #[arg(long, value_name = "REGION", env = "AWS_REGION")]
    region: Option<String>,
}

impl PrefetchWords {
    fn config(&self) -> Result<PrefetchConfig, PrefetchError> {
        let mut config = PrefetchConfig::new(&self.api, &self.cdn)?;
        if let Some(token) = &self.service_token {
            config = config.with_token(token);
        }
        if let Some(redis) = &self.redis {
            config = config.with_redis(redis);
        }
        if let (Some(bucket), Some(region)) = (&self.bucket, &self.region) {
            config = config.with_bucket(bucket, region);
        }
        Ok(config)
    }
}

/// Runs the worker. Fails with 1 when nothing could be read.
pub(crate) fn run(words: &PrefetchWords) -> ExitCode {
    match work(words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("flickreel-server: {err:#}");
            if err.is::<PrefetchError>() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether anything could be read, or nothing had to be.
fn work(words: &PrefetchWords) -> anyhow::Result<bool> {
    let config = words.config()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("prefetch").build().context("no threads to work with")?;
    runtime.block_on(async {
        let worker = Prefetcher::new(config)?;
        let ending = Ending::when(asked_to_end());
        if words.dry_run {
            let report = worker.dry_run(&ending).await;
            print(words, &report);
            return Ok(report.has_read());
        }
        if !words.once {
            worker.run_on(&words.schedule, &ending, |report| print(words, report)).await;
            return Ok(true);
        }
        match worker.run(None, &ending).await {
            Outcome::Done(report) => {
                print(words, &report);
                Ok(report.has_read())
            }
            Outcome::Elsewhere => {
                eprintln!("flickreel-server: another worker is at it already.");
                Ok(true)
            }
        }
    })
}

fn print(words: &PrefetchWords, report: &Report) {
    let mut out = std::io::stdout().lock();
    let text = if words.json { report.json() + "\n" } else { report.table() };
    // That nobody reads it is no reason to end.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
