//! The words of `flickreel-server serve`.

use std::path::PathBuf;

use clap::Args;
use flickreel::server::{ServerConfig, ServerError};

use crate::Place;
use crate::media::MediaWords;

#[derive(Args)]
pub(crate) struct ServeWords {
    #[command(flatten)]
    pub(crate) place: Place,
    /// A JSON file of feature flags to tell clients of at /feed/flags: {"flags": {"NAME": {"percent": 25}}}
    #[arg(long, value_name = "FILE")]
    flags: Option<PathBuf>,
    /// The Redis that replicas of this service share
    #[arg(long, value_name = "redis://HOST:PORT", env = "FEED_REDIS_ENDPOINT", hide_env_values = true)]
    redis: Option<String>,
    /// The token of those who may change what the feeds show
    #[arg(long, value_name = "TOKEN", env = "SERVICE_TOKEN", hide_env_values = true)]
    service_token: Option<String>,
    /// The token of those who may do everything
    #[arg(long, value_name = "TOKEN", env = "ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// Requests a minute that each client may make; 0: as many as they like
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    rate_limit: u32,
    /// A proxy stands before this service and writes who asks into X-Forwarded-For
    #[arg(long)]
    behind_proxy: bool,
    /// Let web pages of this origin read the feed; may be given more than once. Without it: none
    #[arg(long = "cors", value_name = "ORIGIN")]
    cors: Vec<String>,
    /// Where to keep what was seen in the videos, and their posters [default: a folder of its own below ~/.local/state]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Do not look into the videos: sizes and lengths are what MP4 files say of themselves, and there are no posters
    #[arg(long)]
    no_probe: bool,
    #[command(flatten)]
    media: MediaWords,
}

impl ServeWords {
    /// The service that these words ask for.
    pub(crate) fn config(&self) -> Result<ServerConfig, ServerError> {
        let mut config = ServerConfig::new(&self.place.dir)?.with_rate_limit(self.rate_limit);
        if self.behind_proxy {
            config = config.behind_proxy();
        }
        for origin in &self.cors {
            config = config.with_cors(origin)?;
        }
        if let Some(path) = &self.flags {
            config = config.with_flags(path)?;
        }
        if let Some(address) = &self.redis {
            config = config.with_redis(address);
        }
        if let Some(token) = &self.service_token {
            config = config.with_service_token(token);
        }
        if let Some(token) = &self.admin_token {
            config = config.with_admin_token(token);
        }
        config = match &self.state {
            Some(folder) => config.with_state(folder),
            None => config.with_usual_state(),
        };
        if cfg!(feature = "probe") && !self.no_probe {
            match std::env::current_exe() {
                Ok(program) => config = config.with_probe(&program),
                Err(err) => tracing::warn!(%err, "the videos are not looked into"),
            }
        }
        Ok(config.with_presign(self.media.options()?))
    }
}
