//! `flickreel-server presign`: what is done about signed addresses from outside a service that runs.

use std::process::ExitCode;

use clap::Subcommand;
use flickreel::server::presign;

use crate::media;

#[derive(Subcommand)]
pub(crate) enum PresignWords {
    /// Make all replicas forget the addresses that were signed so far; for when credentials were rotated
    Flush {
        /// The Redis that the replicas share
        #[arg(long, value_name = "redis://HOST:PORT", env = "FEED_REDIS_ENDPOINT", hide_env_values = true)]
        redis: String,
    },
}

pub(crate) fn run(question: &PresignWords) -> ExitCode {
    let PresignWords::Flush { redis } = question;
    media::finish(media::wait_for(presign::flush(redis)).map(|cleared| {
        println!("{cleared} signed addresses are forgotten");
        true
    }))
}
