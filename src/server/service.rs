//! What all requests share.

use std::sync::Arc;

use super::catalogue::Catalogue;
use super::events::Hub;
use super::facts::Facts;
use super::feeds::Feeds;
use super::figures::Figures;
use super::hydrate::Hydration;
use super::limits::Limits;
use super::pages::PageCache;
use super::presign::Presign;
use super::redis::Redis;
use super::tokens::Tokens;
use super::{ServerConfig, ServerError, follow};

/// A service that runs, or is about to.
pub(super) struct Service {
    pub config: ServerConfig,
    pub catalogue: Catalogue,
    pub feeds: Feeds,
    pub facts: Facts,
    pub pages: Arc<PageCache>,
    pub hub: Hub,
    /// The one that replicas share, where there are several.
    pub redis: Option<Arc<Redis>>,
    pub tokens: Tokens,
    pub limits: Option<Limits>,
    pub figures: Figures,
    pub hydration: Hydration,
    /// Where media lie elsewhere.
    pub presign: Option<Presign>,
}

impl Service {
    /// Puts it together. Must be called within a runtime.
    ///
    /// # Errors
    /// [`ServerError`] when what `config` names cannot be used.
    pub fn start(config: ServerConfig) -> Result<Arc<Self>, ServerError> {
        let redis = config.redis.as_deref().map(Redis::start).transpose()?;
        let pages = PageCache::start(redis.clone());
        let presign = Presign::start(&config.presign, redis.as_ref());
        let service = Arc::new(Self {
            catalogue: Catalogue::start(&config),
            feeds: Feeds::new(config.cursor_lifetime, redis.clone()),
            facts: Facts::start(config.state.as_deref(), redis.clone()),
            hub: Hub::new(Arc::clone(&pages), redis.clone(), config.watching),
            figures: Figures::new(|registry| {
                pages.register(registry);
                if let Some(presign) = &presign {
                    presign.origins.register(registry);
                }
            }),
            pages,
            presign,
            redis,
            tokens: Tokens::new(config.service_token.as_deref(), config.admin_token.as_deref()),
            limits: config.rate_limit.map(|per_minute| Limits::new(per_minute, config.behind_proxy)),
            hydration: Hydration::new(),
            config,
        });
        tokio::spawn(follow::follow(Arc::downgrade(&service), service.catalogue.changes(), service.facts.late()));
        Ok(service)
    }
}
