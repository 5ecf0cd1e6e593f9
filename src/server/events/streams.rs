//! The streams of the service: the videos that are told to be some, and whether they run.

use crate::server::refusal::Refusal;
use crate::server::service::Service;
use crate::server::status::StreamStatus;

impl Service {
    /// Whether there is a stream called `id`.
    ///
    /// # Errors
    /// A [`Refusal`] when that cannot be told now.
    pub(super) async fn has_stream(&self, id: &str) -> Result<bool, Refusal> {
        Ok(self.feeds.stream(self, id).await?.is_some())
    }

    /// Sets whether a stream runs; what it was before. `None`: there is no such stream.
    ///
    /// # Errors
    /// A [`Refusal`] when the streams cannot be told now.
    pub(super) async fn set_status(&self, id: &str, status: StreamStatus) -> Result<Option<StreamStatus>, Refusal> {
        let Some(told) = self.feeds.stream(self, id).await? else {
            return Ok(None);
        };
        // Until it was ever set, it is what stands beside the video.
        Ok(Some(self.facts.set_stream(id, status).await.unwrap_or(told)))
    }
}
